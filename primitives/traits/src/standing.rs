//! What every kind of proof asks of a device before it looks at evidence: whether the device may
//! take part in a window, and what its work is multiplied by. Functions from values to values.

use groma_core::{
	EvidenceClass, WindowIndex,
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
/// covered by provision. Stake is asked for last, since it costs a look into another ledger.
pub fn fitness<AccountId>(
	view: &DeviceView<AccountId>,
	window: WindowIndex,
	terms: &NetworkTerms,
	is_covered: impl FnOnce(&DeviceView<AccountId>) -> bool,
) -> Result<(), Unfit> {
	if !view.is_active {
		return Err(Unfit::Inactive);
	}
	let is_placed = view.place.is_some() || terms.place == PlaceTerms::Anywhere;
	if !is_placed || window < eligible_from(view.since, terms) {
		return Err(Unfit::Young);
	}
	if !is_covered(view) {
		return Err(Unfit::NotCovered);
	}
	Ok(())
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
	use groma_core::{units::ONE, words::SessionKey};

	fn view() -> DeviceView<u64> {
		DeviceView {
			network: 0,
			owner: 1,
			session_key: SessionKey([1; 32]),
			class: EvidenceClass::SelfMade,
			is_active: true,
			slot: 0,
			place: None,
			since: 100,
		}
	}

	fn anywhere() -> NetworkTerms {
		NetworkTerms { place: PlaceTerms::Anywhere, ..Default::default() }
	}

	#[test]
	fn device_without_a_place_may_take_part_where_none_is_asked_for() {
		assert_eq!(fitness(&view(), 100, &anywhere(), |_| true), Ok(()));
		assert_eq!(fitness(&view(), 99, &anywhere(), |_| true), Err(Unfit::Young));
		assert_eq!(
			fitness(&view(), 1_000_000, &NetworkTerms::default(), |_| true),
			Err(Unfit::Young)
		);
	}

	#[test]
	fn device_is_unfit_when_it_is_inactive_or_not_covered() {
		let paused = DeviceView { is_active: false, ..view() };
		assert_eq!(fitness(&paused, 100, &anywhere(), |_| true), Err(Unfit::Inactive));
		assert_eq!(fitness(&view(), 100, &anywhere(), |_| false), Err(Unfit::NotCovered));
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
