//! A watch over the state: what of it does not decode stands still, and operators see that it does.

use std::sync::Arc;

use groma_core::protocol::ENTRIES_WATCHED_MAX;
use groma_runtime_api::{StateApi, UnreadableInfo};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use substrate_prometheus_endpoint::{GaugeVec, Opts, PrometheusError, Registry, U64, register};

use crate::types::FullClient;

/// The target of the log lines about the state.
const LOG_TARGET: &str = "groma::state";

/// Watches what of the state cannot be read.
pub(crate) struct StateWatch {
	client: Arc<FullClient>,
	metric: Option<GaugeVec<U64>>,
	/// What was logged last, so that it is logged once.
	logged: UnreadableInfo,
}

impl StateWatch {
	/// A watch over the state of the best block.
	pub(crate) fn new(
		client: Arc<FullClient>,
		registry: Option<&Registry>,
	) -> Result<Self, PrometheusError> {
		let metric = registry.map(register_metric).transpose()?;
		Ok(Self { client, metric, logged: UnreadableInfo::default() })
	}

	/// Looks at the state of the best block. A runtime that knows no answer changes nothing.
	pub(crate) fn look(&mut self) {
		let best = self.client.info().best_hash;
		let Ok(found) = self.client.runtime_api().unreadable(best) else { return };
		if let Some(metric) = &self.metric {
			for (item, count) in items(&found) {
				metric.with_label_values(&[item]).set(count);
			}
		}
		if found != self.logged {
			if found == UnreadableInfo::default() {
				log::info!(target: LOG_TARGET, "all of the state can be read again");
			} else {
				log::error!(
					target: LOG_TARGET,
					"some of the state does not decode and stands still: {}",
					described(&found),
				);
			}
			self.logged = found;
		}
	}
}

/// How many values of each item do not decode.
fn items(found: &UnreadableInfo) -> [(&'static str, u64); 29] {
	[
		("windowClock", u64::from(found.window_clock)),
		("epochs", u64::from(found.epochs)),
		("networks", found.networks.len() as u64),
		("price", u64::from(found.price)),
		("credits", u64::from(found.credits)),
		("channels", u64::from(found.channels)),
		("raises", u64::from(found.raises)),
		("stake", found.stake.len() as u64),
		("eras", u64::from(found.eras)),
		("candidates", u64::from(found.candidates)),
		("sets", found.sets.len() as u64),
		("points", u64::from(found.points)),
		("delegated", u64::from(found.delegated)),
		("starts", found.starts.len() as u64),
		("works", u64::from(found.works)),
		("keyHistory", u64::from(found.key_history)),
		("keyUses", u64::from(found.key_uses)),
		("offences", u64::from(found.offences)),
		("offenderCounts", found.offender_counts.len() as u64),
		("slashQueue", u64::from(found.slash_queue)),
		("slashes", u64::from(found.slashes)),
		("sweep", u64::from(found.sweep)),
		("barred", u64::from(found.barred)),
		("provisions", u64::from(found.provisions)),
		("operators", u64::from(found.operators)),
		("delegations", u64::from(found.delegations)),
		("tranches", u64::from(found.tranches)),
		("generations", u64::from(found.generations)),
		("outflow", u64::from(found.outflow)),
	]
}

/// The items that do not decode, by the names that the metric and the runbook have for them.
fn described(found: &UnreadableInfo) -> String {
	let damaged = items(found).into_iter().filter(|(_, count)| *count > 0);
	let names = damaged.map(|(item, count)| match item {
		"networks" => format!("{item} {:?}", found.networks),
		"stake" => format!("{item} {:?}", found.stake),
		"sets" => format!("{item} {:?}", found.sets),
		"starts" => format!("{item} {:?}", found.starts),
		"offenderCounts" => format!("{item} {:?}", found.offender_counts),
		_ if count > 1 => format!("{item} ({count})"),
		_ => item.to_owned(),
	});
	names.collect::<Vec<_>>().join(", ")
}

fn register_metric(registry: &Registry) -> Result<GaugeVec<U64>, PrometheusError> {
	let help = format!(
		"What of the state does not decode: the clock of windows, what epochs need, networks, the \
		 price, the books of credits, what channels need, raises of the stake per device, sums of \
		 stake, the clock of eras, candidates, sets of eras, numbers of validators with points, sums \
		 of what is delegated, first sessions of eras, work of validators, the history of keys, \
		 offences, counts of offenders, the queue of slashes, who is out of an election, provisions, \
		 operators, delegations, tranches, generations and the meter of the treasury; of maps at \
		 most {ENTRIES_WATCHED_MAX} entries are looked at",
	);
	let options = Opts::new("groma_state_unreadable", help);
	register(GaugeVec::new(options, &["item"])?, registry)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn log_names_what_does_not_decode() {
		let (networks, stake, sets) = (vec![1, 5], vec![3], vec![7]);
		let found = UnreadableInfo {
			networks,
			price: true,
			stake,
			eras: true,
			sets,
			starts: vec![6, 5],
			offences: 2,
			slashes: 1,
			sweep: true,
			outflow: true,
			..Default::default()
		};
		let expected = "networks [1, 5], price, stake [3], eras, sets [7], starts [6, 5], offences \
		                (2), slashes, sweep, outflow";
		assert_eq!(described(&found), expected);
		assert_eq!(described(&UnreadableInfo::default()), "");
	}
}
