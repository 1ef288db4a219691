//! What every kind of proof asks of a device before it looks at evidence: whether the device may
//! take part in a window, and what its work is multiplied by. Functions from values to values.

use groma_core::{
	EpochIndex, EvidenceClass, WindowIndex,
	money::Balance,
	terms::{NetworkTerms, PlaceTerms},
	units::{Scale, Units},
};

use crate::DeviceView;

/// Why a device cannot take part, whatever its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
	/// It is paused, in maintenance or banned.
	Inactive,
	/// Its place, or the device itself in a network without places, is not mature, or it has no
	/// place where its network asks for one.
	Young,
	/// No stake covers it.
	NotCovered,
}

/// The first window in which a device may take part whose place, or which itself in a network
/// without places, is there since window `since`: see [`DeviceView::since`].
pub fn eligible_from(since: WindowIndex, terms: &NetworkTerms) -> WindowIndex {
	since.saturating_add(terms.place.maturity_windows())
}

/// Whether a device may take part in `window`: active, placed if its network asks for it, mature,
/// covered by provision. Stake is asked for last, since it costs a look into another ledger: of a
/// device and the plancks of stake that its network asks for.
pub fn fitness<AccountId>(
	view: &DeviceView<AccountId>,
	window: WindowIndex,
	terms: &NetworkTerms,
	is_covered: impl FnOnce(&DeviceView<AccountId>, Balance) -> bool,
) -> Result<(), Unfit> {
	if !view.is_active {
		return Err(Unfit::Inactive);
	}
	let is_placed = view.place.is_some() || terms.place == PlaceTerms::Anywhere;
	if !is_placed || window < eligible_from(view.since, terms) {
		return Err(Unfit::Young);
	}
	if !is_covered(view, terms.stake_per_device) {
		return Err(Unfit::NotCovered);
	}
	Ok(())
}

/// Whether what a device does earns units in an epoch, which is the present one: one slot, one
/// earner. Its owner has it since before the epoch began, and of the `covered_slots` of the owner
/// it has one now and had one then. So the devices that earn for an owner in an epoch had as many
/// slots at once, however they take turns.
pub fn earns_in<AccountId>(
	epoch: EpochIndex,
	view: &DeviceView<AccountId>,
	covered_slots: u32,
) -> bool {
	let is_covered = |slot: u32| slot < covered_slots;
	is_covered(view.slot) && view.slot_at_start(epoch).is_some_and(is_covered)
}

/// What a device earns of `base`: times the weight of its evidence class and the ramp of its place,
/// or its own, in this order, each product rounded down.
pub fn earned(
	base: Units,
	class: EvidenceClass,
	since: WindowIndex,
	window: WindowIndex,
	terms: &NetworkTerms,
) -> Units {
	let class_scale = match class {
		EvidenceClass::SelfMade => terms.supply.self_made_scale,
		EvidenceClass::MakerAttested => Scale::ONE,
	};
	let ramp_end = eligible_from(since, terms).saturating_add(terms.supply.ramp_windows);
	let ramp = if window < ramp_end { terms.supply.ramp_scale } else { Scale::ONE };
	base.scaled(class_scale).scaled(ramp)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::FirstSlot;
	use groma_core::{units::ONE, words::SessionKey};

	fn view() -> DeviceView<u64> {
		DeviceView {
			network: 0,
			owner: 1,
			session_key: SessionKey([1; 32]),
			class: EvidenceClass::SelfMade,
			is_active: true,
			slot: 0,
			first_slot: None,
			place: None,
			since: 100,
		}
	}

	fn anywhere() -> NetworkTerms {
		NetworkTerms { place: PlaceTerms::Anywhere, ..Default::default() }
	}

	#[test]
	fn device_without_a_place_may_take_part_where_none_is_asked_for() {
		assert_eq!(fitness(&view(), 100, &anywhere(), |_, _| true), Ok(()));
		assert_eq!(fitness(&view(), 99, &anywhere(), |_, _| true), Err(Unfit::Young));
		assert_eq!(
			fitness(&view(), 1_000_000, &NetworkTerms::default(), |_, _| true),
			Err(Unfit::Young)
		);
	}

	#[test]
	fn device_is_unfit_when_it_is_inactive_or_not_covered() {
		let paused = DeviceView { is_active: false, ..view() };
		assert_eq!(fitness(&paused, 100, &anywhere(), |_, _| true), Err(Unfit::Inactive));
		assert_eq!(fitness(&view(), 100, &anywhere(), |_, _| false), Err(Unfit::NotCovered));
	}

	#[test]
	fn device_earns_in_an_epoch_with_two_covered_slots_of_one_owner() {
		let at = |slot, first_slot| DeviceView { slot, first_slot, ..view() };
		let moved = |epoch, slot| Some(FirstSlot::Moved { epoch, slot });
		let joined = |epoch| Some(FirstSlot::Joined { epoch });
		for (view, earns) in [
			(at(1, None), true),
			(at(2, None), false),
			(at(0, moved(7, 1)), true),
			(at(0, moved(7, 2)), false),
			(at(2, moved(7, 1)), false),
			// It moved in an epoch before.
			(at(0, moved(6, 2)), true),
			(at(0, joined(6)), true),
			(at(0, joined(7)), false),
			(at(0, joined(EpochIndex::MAX)), false),
		] {
			assert_eq!(earns_in(7, &view, 2), earns, "{view:?}");
		}
	}

	#[test]
	fn class_and_ramp_scale_what_is_earned() {
		let mut terms = anywhere();
		terms.supply.ramp_windows = 10;
		terms.supply.ramp_scale = Scale::from_percent(10);
		terms.supply.self_made_scale = Scale::from_percent(50);
		let earned_in = |class, window| earned(Units(ONE), class, 100, window, &terms);
		assert_eq!(earned_in(EvidenceClass::SelfMade, 109), Units(ONE / 20));
		assert_eq!(earned_in(EvidenceClass::SelfMade, 110), Units(ONE / 2));
		assert_eq!(earned_in(EvidenceClass::MakerAttested, 110), Units(ONE));
	}

	#[test]
	fn maturity_is_counted_from_the_place() {
		assert_eq!(eligible_from(100, &NetworkTerms::default()), 676);
		assert_eq!(eligible_from(100, &anywhere()), 100);
	}
}
