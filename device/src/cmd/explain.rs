//! `groma-device explain`.

use clap::Args;
use groma_client::chain::{AccountId, At, Chain, RpcChain};
use groma_core::{
	CoverageReason, DeviceId, WindowIndex,
	api::{ActivityInfo, DeviceInfo, DeviceStatus},
	units::{self, Scale},
};

use super::{
	arguments::{DeviceArgument, EndpointArgument, SettingsArgument},
	error::CommandError,
};

/// Says why a device earns nothing, or less than it might, and what to do about it.
#[derive(Debug, Args)]
pub(super) struct ExplainCommand {
	#[command(flatten)]
	device: DeviceArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

impl ExplainCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let chain = self.endpoint.chain(&self.settings)?;
		for device in self.device.devices(&self.settings, &chain).await? {
			for line in explain(&chain, device).await? {
				println!("{line}");
			}
		}
		Ok(())
	}
}

async fn explain(chain: &RpcChain, id: DeviceId) -> Result<Vec<String>, CommandError> {
	let at = At::Block(chain.finalized().await?.hash);
	let Some(device) = chain.device(id, at).await? else {
		return Ok(vec![format!("device {id} does not exist")]);
	};
	let window = chain.window(at).await?.index;
	let activity: Option<ActivityInfo> = chain.call("CoverageApi_activity", id, at).await?;
	let mut lines = vec![format!("device {id} in window {window}")];
	lines.extend(standing(&device, window));
	lines.extend(match &activity {
		Some(activity) => performance(activity, window),
		None => vec!["  it has not taken part in a settled challenge yet".to_owned()],
	});
	if lines.len() == 1 {
		lines.push("  nothing stands in its way".to_owned());
	}
	Ok(lines)
}

/// What stands in the way of a device whatever it does.
fn standing(device: &DeviceInfo<AccountId>, window: WindowIndex) -> Vec<String> {
	let mut lines = Vec::new();
	let status = match device.status {
		DeviceStatus::Active => None,
		DeviceStatus::Paused | DeviceStatus::Maintenance => {
			Some("its owner has paused it: set it active again")
		}
		DeviceStatus::Retired => Some("its owner has withdrawn it for good"),
		DeviceStatus::Banned => Some("it was proven to cheat, and its key is banned"),
	};
	lines.extend(status.map(|text| format!("  {text}")));
	match &device.location {
		None => lines.push("  it has no location in effect: assert one".to_owned()),
		Some(location) if location.eligible_from > window => lines.push(format!(
			"  its location is young: it may earn from window {}, in {} windows",
			location.eligible_from,
			location.eligible_from - window
		)),
		Some(_) => {}
	}
	if let Some(effective) = device.change_effective_at {
		lines.push(format!("  a change takes effect in window {effective}"));
	}
	lines
}

/// What its work tells.
fn performance(activity: &ActivityInfo, window: WindowIndex) -> Vec<String> {
	let mut lines = Vec::new();
	let is_lately = |at: Option<WindowIndex>| {
		at.is_some_and(|at| window.saturating_sub(at) <= activity.reciprocity_span)
	};
	if !is_lately(activity.last_heard) {
		lines.push(format!(
			"  no valid witness heard it within {} windows: check antenna, power and packet forwarder",
			activity.reciprocity_span
		));
	}
	if !is_lately(activity.last_witnessed) {
		lines.push(format!(
			"  it was no valid witness within {} windows: is there a neighbour within reach? does stake \
			 cover it? `groma-device status` counts what the chain refused",
			activity.reciprocity_span
		));
	}
	if activity.density_scale < Scale::ONE {
		let percent = f64::from(activity.density_scale.billionths()) * 100.0 / units::ONE as f64;
		lines.push(format!("  its place is crowded: beacons there are worth {percent:.1} %"));
	}
	let mut reasons = activity.reasons.clone();
	reasons.sort_by_key(|it| std::cmp::Reverse(it.count));
	for it in reasons.iter().filter(|it| it.count > 0) {
		let count = it.count;
		let Some(reason) = it.reason() else {
			lines.push(format!(
				"  {count:>5} x reason {}, which this client does not know",
				it.code
			));
			continue;
		};
		lines.push(format!("  {count:>5} x {}: {}", reason.name(), reason.explanation()));
		lines.extend(advice(reason).map(|text| format!("          {text}")));
	}
	lines
}

/// What an owner can do about a reason, if anything.
fn advice(reason: CoverageReason) -> Option<&'static str> {
	match reason {
		CoverageReason::BeaconerNotCovered | CoverageReason::WitnessNotCovered => {
			Some("provision stake for every device in the network")
		}
		CoverageReason::NoValidWitness => {
			Some("look at what its witnesses were told, and at antenna and place")
		}
		CoverageReason::CommitmentMismatch => {
			Some("it stated a beacon that it cannot have heard: is its key used elsewhere?")
		}
		CoverageReason::TooClose | CoverageReason::TooFar | CoverageReason::SignalTooStrong => {
			Some("is the asserted location right?")
		}
		CoverageReason::SnrImplausible
		| CoverageReason::NoiseFloorImplausible
		| CoverageReason::RssiImplausible => {
			Some("check `rssi_offset` in the packet forwarder's settings")
		}
		CoverageReason::NotReciprocal => Some("a device has to be heard and to hear"),
		CoverageReason::NeverRevealed => {
			Some("the beaconer and all other hearers were offline two windows later")
		}
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use groma_core::{api::ReasonCount, units::Units};

	fn activity() -> ActivityInfo {
		ActivityInfo {
			last_heard: Some(95),
			last_witnessed: Some(99),
			reciprocity_span: 8,
			is_counted: true,
			density_scale: Scale::ONE,
			units: Units::ZERO,
			epoch: 0,
			reasons: vec![
				ReasonCount { code: CoverageReason::TooClose.number(), count: 2 },
				ReasonCount { code: CoverageReason::SameOwner.number(), count: 0 },
			],
		}
	}

	#[test]
	fn reasons_are_shown_with_their_count_and_advice() {
		let lines = performance(&activity(), 100);
		assert_eq!(lines.len(), 2);
		assert!(lines[0].contains("2 x TooClose"));
		assert!(lines[0].contains("less than 300 m apart"));
		assert!(lines[1].contains("location"));
	}

	#[test]
	fn reason_that_is_unknown_is_shown_by_its_number() {
		let reasons = vec![ReasonCount { code: 200, count: 3 }];
		let lines = performance(&ActivityInfo { reasons, ..activity() }, 100);
		assert_eq!(lines.len(), 1);
		assert!(lines[0].contains("3 x reason 200"), "{}", lines[0]);
	}

	#[test]
	fn silence_is_explained_when_the_span_has_passed() {
		let lines = performance(&activity(), 104);
		assert!(lines[0].contains("no valid witness heard it"));
		assert_eq!(lines.len(), 3);
	}
}
