//! What every kind of proof asks of a device first: whether it may take part in a window, and by
//! what its units are multiplied.

use groma_core::{
	EvidenceClass, WindowIndex,
	terms::NetworkTerms,
	units::{Scale, Units},
};

use crate::{DeviceView, Place};

/// Why a device cannot take part, whatever its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
	/// It is not active.
	Inactive,
	/// No provision covers it.
	NotCovered,
	/// Its location is younger than its network asks for, or it has none.
	LocationYoung,
}

/// The first window in which a device at this place may take part.
pub fn eligible_from(place: &Place, terms: &NetworkTerms) -> WindowIndex {
	place.since.saturating_add(terms.place.maturity_windows())
}

/// Whether a device may take part in `window`: active, at a mature place, covered by provision.
/// Stake is asked for last, since it costs a look into another ledger.
pub fn fitness<AccountId>(
	view: &DeviceView<AccountId>,
	window: WindowIndex,
	terms: &NetworkTerms,
	is_covered: impl FnOnce(&DeviceView<AccountId>) -> bool,
) -> Result<Place, Unfit> {
	if !view.is_active {
		return Err(Unfit::Inactive);
	}
	let place = view.place.ok_or(Unfit::LocationYoung)?;
	if window < eligible_from(&place, terms) {
		return Err(Unfit::LocationYoung);
	}
	if !is_covered(view) {
		return Err(Unfit::NotCovered);
	}
	Ok(place)
}

/// What a device earns of `base`: times the weight of its evidence class and the ramp of its
/// location, in this order, each product rounded down.
pub fn earned(
	base: Units,
	class: EvidenceClass,
	window: WindowIndex,
	place: &Place,
	terms: &NetworkTerms,
) -> Units {
	let class_scale = match class {
		EvidenceClass::SelfMade => terms.supply.self_made_scale,
		EvidenceClass::MakerAttested => Scale::ONE,
	};
	let ramp_end = eligible_from(place, terms).saturating_add(terms.supply.ramp_windows);
	let ramp = if window < ramp_end { terms.supply.ramp_scale } else { Scale::ONE };
	base.scaled(class_scale).scaled(ramp)
}
