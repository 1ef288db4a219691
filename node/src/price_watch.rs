//! A watch over the price for the node's operator: what the chain knows of it, and how the feeder
//! of this node fares. The feeder itself is an off-chain worker of the runtime.

use std::{sync::Arc, time::Duration};

use codec::Decode;
use groma_core::{
	api::PriceInfo,
	price::{NANO_USD, Price},
	price_layout::{Source, SourceFailure, WorkerReport, report_key},
	protocol::FEEDER_KEY_TYPE,
};
use groma_runtime_api::PriceApi;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::{
	crypto::KeyTypeId,
	offchain::{OffchainStorage as _, STORAGE_PREFIX},
};
use substrate_prometheus_endpoint::{
	Counter, CounterVec, F64, Gauge, GaugeVec, Opts, PrometheusError, Registry, U64, register,
};

use crate::types::{FullClient, OffchainStorage};

/// The target of the log lines about the price.
pub(crate) const LOG_TARGET: &str = "groma::price";
/// The type under which the keystore holds the feeder's sr25519 key.
pub(crate) const KEY_TYPE: KeyTypeId = KeyTypeId(FEEDER_KEY_TYPE);
/// The time from one look to the next.
pub(crate) const PERIOD: Duration = Duration::from_secs(5);

/// Watches the price.
pub(crate) struct PriceWatch {
	client: Arc<FullClient>,
	storage: OffchainStorage,
	/// The names of the sources in metrics, in their order.
	sources: Vec<String>,
	metrics: Metrics,
	/// What the worker reported when it was looked at last.
	seen: WorkerReport,
}

struct Metrics {
	present: Gauge<F64>,
	price: Gauge<F64>,
	age: Gauge<F64>,
	fresh: Gauge<U64>,
	own_price: GaugeVec<F64>,
	failures: CounterVec<U64>,
	feeds: Counter<U64>,
	refused: Counter<U64>,
}

impl PriceWatch {
	/// A watch over the price and over the worker that asks these sources.
	pub(crate) fn new(
		client: Arc<FullClient>,
		storage: OffchainStorage,
		sources: &[Source],
		registry: &Registry,
	) -> Result<Self, PrometheusError> {
		let metrics = Metrics::register(registry)?;
		let sources = names(sources);
		for source in &sources {
			for failure in SourceFailure::ALL {
				metrics.failures.with_label_values(&[source.as_str(), failure.name()]);
			}
		}
		Ok(Self { client, storage, sources, metrics, seen: WorkerReport::default() })
	}

	/// Looks at the best block, and at what the worker reports.
	pub(crate) fn look(&mut self) {
		let best = self.client.info().best_hash;
		match self.client.runtime_api().price(best) {
			Ok(info) => {
				if info.is_none() {
					log::debug!(target: LOG_TARGET, "the chain cannot read its price");
				}
				self.metrics.show(info.as_ref());
			}
			Err(error) => log::debug!(target: LOG_TARGET, "the runtime names no price: {error}"),
		}
		let bytes = self.storage.get(STORAGE_PREFIX, &report_key());
		if let Some(report) = bytes.and_then(|bytes| WorkerReport::decode(&mut &bytes[..]).ok()) {
			self.show(report);
		}
	}

	/// Shows what the worker reports, and counts what is new in it.
	fn show(&mut self, report: WorkerReport) {
		let metrics = &self.metrics;
		metrics.feeds.inc_by(report.feeds.saturating_sub(self.seen.feeds));
		metrics.refused.inc_by(report.refused.saturating_sub(self.seen.refused));
		for (n, (name, now)) in self.sources.iter().zip(&report.sources).enumerate() {
			let price = now.last.and_then(Result::ok).map_or(f64::NAN, in_usd);
			metrics.own_price.with_label_values(&[name.as_str()]).set(price);
			let before = self.seen.sources.get(n).map(|before| before.failures).unwrap_or_default();
			for (failure, (now, before)) in
				SourceFailure::ALL.into_iter().zip(now.failures.into_iter().zip(before))
			{
				let labels = [name.as_str(), failure.name()];
				metrics.failures.with_label_values(&labels).inc_by(now.saturating_sub(before));
			}
		}
		self.seen = report;
	}
}

impl Metrics {
	fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let failures = Opts::new(
			"groma_price_source_failures_total",
			"Questions to a source that gave no price, by source and failure",
		);
		let own_price = Opts::new("groma_price_source_usd", "What a source answered last, in USD");
		let present: Gauge<F64> = Gauge::new(
			"groma_price_present",
			"1 if there is a price at which credits are minted, the bootstrap price included",
		)?;
		// A node that fetches its first state knows nothing of the price: 0 would be an alarm.
		present.set(f64::NAN);
		Ok(Self {
			present: register(present, registry)?,
			price: register(
				Gauge::new("groma_price_usd", "The last good price of GRM on chain, in USD")?,
				registry,
			)?,
			age: register(
				Gauge::new("groma_price_age_seconds", "Age of the newest feed on chain")?,
				registry,
			)?,
			fresh: register(
				Gauge::new("groma_price_fresh_feeders", "Validators whose feeds are fresh")?,
				registry,
			)?,
			own_price: register(GaugeVec::new(own_price, &["source"])?, registry)?,
			failures: register(CounterVec::new(failures, &["source", "failure"])?, registry)?,
			feeds: register(
				Counter::new("groma_price_own_feeds_total", "Feeds of this node")?,
				registry,
			)?,
			refused: register(
				Counter::new(
					"groma_price_own_feeds_refused_total",
					"Feeds of this node that its transaction pool refused",
				)?,
				registry,
			)?,
		})
	}

	/// Shows what the chain knows of the price, or that it cannot read it.
	fn show(&self, info: Option<&PriceInfo>) {
		let is_present = info.is_some_and(|info| info.mint.is_some());
		self.present.set(is_present.into());
		let Some(info) = info else { return };
		self.price.set(in_usd(info.last_good));
		self.age.set(info.age_ms.map_or(f64::NAN, |age_ms| age_ms as f64 / 1_000.0));
		self.fresh.set(info.fresh_feeders.into());
	}
}

/// Names of sources: their number and their host. A URL may hold a password.
fn names(sources: &[Source]) -> Vec<String> {
	let name = |(n, source): (usize, &Source)| format!("{n}:{}", source.host());
	sources.iter().enumerate().map(name).collect()
}

/// A price in USD for display; small digits are lost.
fn in_usd(price: Price) -> f64 {
	price.nano_usd() as f64 / NANO_USD as f64
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What the chain knows when one of four validators feeds, and three did before.
	fn without_quorum() -> PriceInfo {
		let price = |nano_usd| Price::new(nano_usd).expect("it is within the bounds");
		PriceInfo {
			spot: None,
			mean: Some(price(190_000_000)),
			mint: None,
			epoch_mean: price(180_000_000),
			last_good: price(200_000_000),
			age_ms: Some(12_000),
			fresh_feeders: 1,
			quorum: 2,
			validators: 4,
			bootstrap: None,
		}
	}

	#[test]
	fn price_is_present_while_credits_can_be_minted() {
		let metrics = Metrics::register(&Registry::new()).expect("the names differ");
		assert!(metrics.present.get().is_nan(), "nothing is known yet");

		// One who goes on feeding keeps the age low.
		let lost = without_quorum();
		metrics.show(Some(&lost));
		assert_eq!((metrics.present.get(), metrics.age.get()), (0.0, 12.0));
		assert_eq!((metrics.price.get(), metrics.fresh.get()), (0.2, 1));

		let spot = Some(lost.last_good);
		let agreed = PriceInfo { spot, mint: lost.mean, fresh_feeders: 2, ..lost.clone() };
		metrics.show(Some(&agreed));
		assert_eq!((metrics.present.get(), metrics.fresh.get()), (1.0, 2));

		metrics.show(None);
		assert_eq!(metrics.present.get(), 0.0, "a price that cannot be read is none");

		// Before anyone feeds, the bootstrap price is one; without it there is none.
		let unfed = PriceInfo { mean: None, age_ms: None, fresh_feeders: 0, ..lost };
		let bootstrap = Some(unfed.last_good);
		metrics.show(Some(&PriceInfo { mint: bootstrap, bootstrap, ..unfed.clone() }));
		assert!(metrics.present.get() == 1.0 && metrics.age.get().is_nan());
		metrics.show(Some(&unfed));
		assert!(metrics.present.get() == 0.0 && metrics.age.get().is_nan());
	}
}
