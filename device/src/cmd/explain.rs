//! `groma-device explain`.

use std::fmt;

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, Chain, RpcChain},
};
use groma_core::{
	CoverageReason, DeviceId, WindowIndex,
	api::{ActivityInfo, Code, DeviceInfo, DeviceStatus, ProvisionInfo, ReasonCount},
	units::{self, Scale},
};
use serde::Serialize;

use super::{
	arguments::{DeviceArgument, EndpointArgument, OutputArgument, SettingsArgument, Unregistered},
	error::CommandError,
};

/// Says why a device earns nothing, or less than it might, and what to do about it.
#[derive(Debug, Args)]
pub(super) struct ExplainCommand {
	#[command(flatten)]
	device: DeviceArgument,
	#[command(flatten)]
	output: OutputArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

/// What `--json` prints.
#[derive(Clone, Debug, Serialize)]
struct Explanations {
	/// One for each device.
	devices: Vec<Explanation>,
	/// Gateways of the settings that are no devices yet.
	unregistered: Vec<Unregistered>,
}

/// What keeps a device from earning.
#[derive(Clone, Debug, Serialize)]
struct Explanation {
	/// The device.
	device: DeviceId,
	/// The finalized window.
	window: WindowIndex,
	/// What stands in its way; empty if nothing does.
	findings: Vec<Finding>,
	/// Why what it did earned nothing, most frequent first.
	reasons: Vec<AdvisedReason>,
}

/// Something that keeps a device from earning, or from earning more.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Finding {
	/// There is no device with this id.
	NoSuchDevice,
	/// Its owner has paused it.
	Paused,
	/// Its owner has retired it.
	Retired,
	/// Its key is banned.
	Banned,
	/// Its status is of a later version than this program.
	UnknownStatus {
		/// The number of the status.
		number: u8,
	},
	/// It has no location in effect.
	NoLocation,
	/// Its location is too young.
	YoungLocation {
		/// The first window in which it may earn.
		eligible_from: WindowIndex,
	},
	/// Its owner's stake does not cover it.
	NotCovered {
		/// What is missing in the owner's provision.
		missing: Amount,
	},
	/// A change of it is pending.
	PendingChange {
		/// The window in which it takes effect.
		effective_at: WindowIndex,
	},
	/// It has not taken part in a settled challenge.
	NotTakenPart,
	/// No valid witness heard it recently.
	NotHeard {
		/// Within how many windows.
		windows: WindowIndex,
	},
	/// It was no valid witness recently.
	NotWitnessed {
		/// Within how many windows.
		windows: WindowIndex,
	},
	/// Other devices stand close to it.
	Crowded {
		/// What beacons are worth there, as a part of one in billionths.
		scale: Scale,
	},
}

/// A reason, and how often it applied.
#[derive(Clone, Debug, Serialize)]
struct AdvisedReason {
	/// Its number, its name, what it means, and how often it applied.
	#[serde(flatten)]
	count: ReasonCount,
	/// What the owner can do about it, if anything.
	advice: Option<&'static str>,
}

impl ExplainCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let chain = self.endpoint.chain(&self.settings)?;
		let found = self.device.devices(&self.settings, &chain).await?;
		let mut devices = Vec::new();
		for device in found.ids {
			devices.push(explain(&chain, device).await?);
		}
		self.output.print(&Explanations { devices, unregistered: found.unregistered })
	}
}

async fn explain(chain: &RpcChain, id: DeviceId) -> Result<Explanation, CommandError> {
	let at = At::Block(chain.finalized().await?.hash);
	let window = chain.window(at).await?.index;
	let Some(device) = chain.device(id, at).await? else {
		let findings = vec![Finding::NoSuchDevice];
		return Ok(Explanation { device: id, window, findings, reasons: Vec::new() });
	};
	let activity = chain.activity(id, at).await?;
	let provision = chain.provision(device.owner, device.network, at).await?;
	let mut findings = standing(&device, window);
	findings.extend(provision.and_then(|provision| coverage(&device, &provision)));
	findings.extend(match &activity {
		Some(activity) => performance(activity, window),
		None => vec![Finding::NotTakenPart],
	});
	let reasons = activity.map(|activity| reasons(activity.reasons)).unwrap_or_default();
	Ok(Explanation { device: id, window, findings, reasons })
}

/// What stands in the way of a device whatever it does.
fn standing(device: &DeviceInfo<AccountId>, window: WindowIndex) -> Vec<Finding> {
	let status = match device.status {
		Code::Known(DeviceStatus::Active) => None,
		Code::Known(DeviceStatus::Paused | DeviceStatus::Maintenance) => Some(Finding::Paused),
		Code::Known(DeviceStatus::Retired) => Some(Finding::Retired),
		Code::Known(DeviceStatus::Banned) => Some(Finding::Banned),
		Code::Unknown(number) => Some(Finding::UnknownStatus { number }),
	};
	let location = match &device.location {
		None => Some(Finding::NoLocation),
		Some(location) if location.eligible_from > window => {
			Some(Finding::YoungLocation { eligible_from: location.eligible_from })
		}
		Some(_) => None,
	};
	let change =
		device.change_effective_at.map(|effective_at| Finding::PendingChange { effective_at });
	[status, location, change].into_iter().flatten().collect()
}

/// What its owner's stake lacks. Nothing is to be mended where the network asks for none, being
/// gone.
fn coverage(
	device: &DeviceInfo<AccountId>,
	provision: &ProvisionInfo<AccountId>,
) -> Option<Finding> {
	let has_slot = device.slot < u32::MAX;
	let missing = Amount(provision.missing_for(device.slot));
	(has_slot && missing > Amount(0)).then_some(Finding::NotCovered { missing })
}

/// What its work shows.
fn performance(activity: &ActivityInfo, window: WindowIndex) -> Vec<Finding> {
	let windows = activity.reciprocity_span;
	let is_recent =
		|at: Option<WindowIndex>| at.is_some_and(|at| window.saturating_sub(at) <= windows);
	let mut findings = Vec::new();
	if !is_recent(activity.last_heard) {
		findings.push(Finding::NotHeard { windows });
	}
	if !is_recent(activity.last_witnessed) {
		findings.push(Finding::NotWitnessed { windows });
	}
	if activity.density_scale < Scale::ONE {
		findings.push(Finding::Crowded { scale: activity.density_scale });
	}
	findings
}

/// The reasons that applied, most frequent first.
fn reasons(mut counts: Vec<ReasonCount>) -> Vec<AdvisedReason> {
	counts.retain(|it| it.count > 0);
	counts.sort_by_key(|it| std::cmp::Reverse(it.count));
	let with_advice =
		|count: ReasonCount| AdvisedReason { count, advice: count.reason().and_then(advice) };
	counts.into_iter().map(with_advice).collect()
}

impl fmt::Display for Explanations {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let devices = self.devices.iter().map(ToString::to_string);
		let lines: Vec<_> =
			devices.chain(self.unregistered.iter().map(ToString::to_string)).collect();
		f.write_str(&lines.join("\n"))
	}
}

impl fmt::Display for Explanation {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "device {} in window {}", self.device, self.window)?;
		for finding in &self.findings {
			write!(f, "\n  {finding}")?;
		}
		for AdvisedReason { count, advice } in &self.reasons {
			let ReasonCount { code, count: times } = *count;
			match count.reason() {
				Some(reason) => {
					write!(f, "\n  {times:>5} x {}: {}", reason.name(), reason.explanation())?;
				}
				None => {
					write!(f, "\n  {times:>5} x reason {code}, which this client does not know")?
				}
			}
			if let Some(advice) = advice {
				write!(f, "\n          {advice}")?;
			}
		}
		if self.findings.is_empty() && self.reasons.is_empty() {
			write!(f, "\n  nothing keeps it from earning")?;
		}
		Ok(())
	}
}

impl fmt::Display for Finding {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::NoSuchDevice => f.write_str("it is unknown: no device has this id"),
			Self::Paused => {
				f.write_str("its owner has paused it: `groma-device resume` lets it take part")
			}
			Self::Retired => f.write_str("its owner has retired it permanently"),
			Self::Banned => f.write_str(
				"it was proven to cheat, and its key is banned: make a new key and `onboard` again",
			),
			Self::UnknownStatus { number } => write!(
				f,
				"its status is number {number}, which this version does not know: update groma-device"
			),
			Self::NoLocation => {
				f.write_str("it has no location in effect: assert one with `groma-device locate`")
			}
			Self::YoungLocation { eligible_from } => {
				write!(f, "its location is too young: it may earn from window {eligible_from}")
			}
			Self::NotCovered { missing } => write!(
				f,
				"no stake covers it, so it takes part in no proof: its owner lacks {missing}; `groma-device \
				 provision {}` covers it",
				missing.to_string().trim_end_matches(" GRM")
			),
			Self::PendingChange { effective_at } => {
				write!(f, "a change takes effect in window {effective_at}")
			}
			Self::NotTakenPart => f.write_str("it has not taken part in a settled challenge yet"),
			Self::NotHeard { windows } => write!(
				f,
				"no valid witness heard it within {windows} windows: check antenna, power and packet \
				 forwarder"
			),
			Self::NotWitnessed { windows } => write!(
				f,
				"it was no valid witness within {windows} windows: is there a neighbour within reach? does \
				 stake cover it? `groma-device status` counts what the chain refused"
			),
			Self::Crowded { scale } => {
				let percent = f64::from(scale.billionths()) * 100.0 / units::ONE as f64;
				write!(f, "other devices stand close to it: its beacons are worth {percent:.1} %")
			}
		}
	}
}

/// What an owner can do about a reason, if anything.
fn advice(reason: CoverageReason) -> Option<&'static str> {
	match reason {
		CoverageReason::BeaconerNotCovered | CoverageReason::WitnessNotCovered => Some(
			"`groma-device provision` covers it; `groma-device status` says how much is missing",
		),
		CoverageReason::NoValidWitness => {
			Some("see why its witnesses were refused, and look at antenna and place")
		}
		CoverageReason::CommitmentMismatch => Some(
			"it stated a beacon that it cannot have heard: if its key is used elsewhere, `groma-device rotate`",
		),
		CoverageReason::TooClose | CoverageReason::TooFar | CoverageReason::SignalTooStrong => {
			Some("is the asserted location right? `groma-device locate` corrects it")
		}
		CoverageReason::SnrImplausible
		| CoverageReason::NoiseFloorImplausible
		| CoverageReason::RssiImplausible => {
			Some("check `rssi_offset` in the packet forwarder's settings")
		}
		CoverageReason::NotReciprocal => Some("a device has to be heard and to hear"),
		CoverageReason::NewInSlot => Some("it earns from the next epoch on"),
		CoverageReason::NeverRevealed => {
			Some("the beaconer and all other hearers were offline two windows later")
		}
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use groma_core::{EvidenceClass, money::GRM, units::Units, words::SessionKey};

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

	/// What is printed about a device that did this, and is otherwise in order.
	fn explanation(activity: ActivityInfo, window: WindowIndex) -> Explanation {
		let findings = performance(&activity, window);
		Explanation { device: 7, window, findings, reasons: reasons(activity.reasons) }
	}

	#[test]
	fn reasons_are_shown_with_their_count_and_advice() {
		let explanation = explanation(activity(), 100);
		let text = explanation.to_string();
		let lines: Vec<&str> = text.lines().collect();
		assert_eq!(lines.len(), 3, "{text}");
		assert!(lines[1].contains("2 x TooClose"));
		assert!(lines[1].contains("less than 300 m apart"));
		assert!(lines[2].contains("location"));
		let json = serde_json::to_value(&explanation).expect("JSON");
		assert_eq!(json["reasons"][0]["count"], 2);
		assert!(json["reasons"][0]["advice"].as_str().is_some_and(|it| it.contains("location")));
	}

	#[test]
	fn reason_that_is_unknown_is_shown_by_its_number() {
		let reasons = vec![ReasonCount { code: 200, count: 3 }];
		let text = explanation(ActivityInfo { reasons, ..activity() }, 100).to_string();
		assert!(text.contains("3 x reason 200"), "{text}");
	}

	#[test]
	fn status_that_is_unknown_is_shown_by_its_number() {
		let text = Finding::UnknownStatus { number: 77 }.to_string();
		assert!(text.starts_with("its status is number 77"), "{text}");
	}

	#[test]
	fn missing_stake_is_named_in_grm() {
		let at = |slot, status| DeviceInfo {
			id: 7,
			network: 0,
			owner: AccountId::from([3; 32]),
			session_key: SessionKey([4; 32]),
			class: EvidenceClass::SelfMade.into(),
			maker: None,
			status: Code::Known(status),
			slot,
			location: None,
			change_effective_at: None,
		};
		let mut provision = ProvisionInfo {
			owner: AccountId::from([3; 32]),
			network: 0,
			active: 120 * GRM,
			thawing: Vec::new(),
			withdrawable: 0,
			stake_per_device: 50 * GRM,
			covered_slots: 2,
			first_uncovered: Some(7),
			raise: None,
		};
		let active = |slot| at(slot, DeviceStatus::Active);
		assert_eq!(coverage(&active(1), &provision), None);
		let finding = coverage(&active(2), &provision).expect("it is not covered");
		let text = finding.to_string();
		assert!(text.contains("lacks 30 GRM; `groma-device provision 30`"), "{text}");
		let json = serde_json::to_value(&finding).expect("JSON");
		assert_eq!(json["missing"], "30000000000000");
		assert_eq!(coverage(&at(u32::MAX, DeviceStatus::Retired), &provision), None);
		provision.stake_per_device = 0;
		assert_eq!(coverage(&active(2), &provision), None);
	}

	#[test]
	fn silence_is_explained_when_the_span_has_passed() {
		let explanation = explanation(activity(), 104);
		assert_eq!(explanation.findings, [Finding::NotHeard { windows: 8 }]);
		let json = serde_json::to_value(&explanation).expect("JSON");
		assert_eq!(json["findings"][0]["kind"], "notHeard");
	}

	#[test]
	fn device_without_hindrance_is_answered_so() {
		let text = explanation(ActivityInfo { reasons: Vec::new(), ..activity() }, 100).to_string();
		assert!(text.contains("nothing keeps it from earning"), "{text}");
	}
}
