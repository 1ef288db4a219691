//! What the chain says about the members of a field, device by device.

use std::collections::BTreeMap;

use groma_client::chain::{At, Chain, ChainError, RpcChain};
use groma_core::{CoverageReason, DeviceId, api::ReasonCount, money::Balance, units::Units};

use crate::{
	behaviour::{Behaviour, Verdict},
	field::Field,
};

/// What the chain knows about a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
	/// Its name.
	pub(crate) device: DeviceId,
	/// Whether a valid witness ever heard it.
	pub(crate) was_heard: bool,
	/// Whether it ever was a valid witness.
	pub(crate) has_witnessed: bool,
	/// Coverage units of the epoch that is not closed.
	pub(crate) open_units: Units,
	/// What a claim would pay now, in plancks.
	pub(crate) owed: Balance,
	/// Why what it did earned nothing, and how often.
	pub(crate) reasons: Vec<(CoverageReason, u16)>,
}

/// What the chain knows about every member; `None` for those that are no devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census(pub(crate) Vec<Option<Standing>>);

impl Census {
	/// Asks the chain about every device.
	pub(crate) async fn take(
		chain: &RpcChain,
		devices: &[Option<DeviceId>],
	) -> Result<Self, ChainError> {
		let mut standings = Vec::with_capacity(devices.len());
		for device in devices {
			standings.push(match device {
				Some(device) => Some(standing(chain, *device).await?),
				None => None,
			});
		}
		Ok(Self(standings))
	}

	/// The devices that a claim would pay.
	pub(crate) fn owed(&self) -> impl Iterator<Item = (DeviceId, Balance)> {
		self.0.iter().flatten().filter(|it| it.owed > 0).map(|it| (it.device, it.owed))
	}

	/// What all claims together would pay, in plancks.
	pub(crate) fn owed_total(&self) -> Balance {
		self.owed().fold(0, |sum, (_, owed)| sum.saturating_add(owed))
	}

	/// Every reason with how often it applied to any device, most frequent first.
	pub(crate) fn reasons(&self) -> Vec<(CoverageReason, u64)> {
		let mut counts = BTreeMap::<CoverageReason, u64>::new();
		for (reason, count) in self.0.iter().flatten().flat_map(|it| &it.reasons) {
			*counts.entry(*reason).or_default() += u64::from(*count);
		}
		let mut counts: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
		counts.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
		counts
	}

	/// What the members of each behaviour did and earned, `paid` being what each device was paid.
	pub(crate) fn by_behaviour(
		&self,
		field: &Field,
		paid: impl Fn(DeviceId) -> Balance,
	) -> BTreeMap<Behaviour, Group> {
		let mut groups = BTreeMap::<Behaviour, Group>::new();
		for (member, standing) in field.members().iter().zip(&self.0) {
			let group = groups.entry(member.behaviour).or_default();
			group.members += 1;
			let Some(standing) = standing else { continue };
			group.heard += u32::from(standing.was_heard);
			group.witnessed += u32::from(standing.has_witnessed);
			group.earned =
				group.earned.saturating_add(standing.owed).saturating_add(paid(standing.device));
			group.open_units = group.open_units.saturating_add(standing.open_units);
		}
		groups
	}
}

/// What the members of one behaviour did and earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
	/// How many they are.
	pub(crate) members: u32,
	/// How many a valid witness ever heard.
	pub(crate) heard: u32,
	/// How many ever were valid witnesses.
	pub(crate) witnessed: u32,
	/// What they were paid and are owed, in plancks.
	pub(crate) earned: Balance,
	/// Their coverage units of the epoch that is not closed.
	pub(crate) open_units: Units,
}

impl Group {
	/// Whether the promise about the behaviour is broken: it earns although it must not.
	pub(crate) fn breaks(&self, verdict: Verdict) -> bool {
		verdict == Verdict::EarnsNothing && (self.earned > 0 || self.open_units > Units::ZERO)
	}
}

async fn standing(chain: &RpcChain, device: DeviceId) -> Result<Standing, ChainError> {
	let activity = chain.activity(device, At::Best).await?;
	let rewards = chain.rewards(device, At::Best).await?;
	Ok(Standing {
		device,
		was_heard: activity.as_ref().is_some_and(|it| it.last_heard.is_some()),
		has_witnessed: activity.as_ref().is_some_and(|it| it.last_witnessed.is_some()),
		open_units: rewards.open_units,
		owed: rewards.owed_total(),
		reasons: activity.map(|it| known(&it.reasons)).unwrap_or_default(),
	})
}

/// The reasons that are known here, with their counts.
fn known(reasons: &[ReasonCount]) -> Vec<(CoverageReason, u16)> {
	reasons.iter().filter_map(|it| Some((it.reason()?, it.count))).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::field::FieldSpec;

	fn standing(device: DeviceId, owed: Balance, reasons: Vec<(CoverageReason, u16)>) -> Standing {
		Standing { device, owed, reasons, ..Standing::default() }
	}

	#[test]
	fn reasons_are_summed_and_sorted() {
		let census = Census(vec![
			Some(standing(0, 0, vec![(CoverageReason::TooFar, 2), (CoverageReason::SameOwner, 1)])),
			None,
			Some(standing(
				1,
				0,
				vec![(CoverageReason::SameOwner, 4), (CoverageReason::TooClose, 0)],
			)),
		]);
		assert_eq!(census.reasons(), [(CoverageReason::SameOwner, 5), (CoverageReason::TooFar, 2)]);
	}

	#[test]
	fn promise_is_broken_when_a_cheat_earns() {
		let cheats = vec![Behaviour::Guesser];
		let spec = FieldSpec { devices: 5, cheats, seed: 1, ..FieldSpec::default() };
		let field = Field::new(&spec).expect("a field");
		let census = Census((0..6).map(|device| Some(standing(device, 3, Vec::new()))).collect());
		let groups = census.by_behaviour(&field, |_| 1);
		assert_eq!(groups[&Behaviour::Honest].earned, 20);
		assert!(!groups[&Behaviour::Honest].breaks(Behaviour::Honest.verdict()));
		assert!(groups[&Behaviour::Guesser].breaks(Behaviour::Guesser.verdict()));
	}
}
