//! The rules of validity, the selection of the witnesses that count, and what they earn: functions from
//! values to values.

use groma_core::{
	CoverageReason, DeviceId, EvidenceClass, WindowIndex, payload,
	place::Separation,
	protocol::WITNESSES_JUDGED,
	radio::{self, Reception, Transmission},
	region::RegionPlan,
	selection::{Selection, choice},
	terms::NetworkTerms,
	units::{Scale, Units},
	words::{Hash, Signature},
};
use groma_traits::{DeviceView, Place};

use crate::types::Record;

/// Why a device cannot take part, whatever its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
	Inactive,
	NotCovered,
	LocationYoung,
}

impl Unfit {
	pub(crate) fn as_beaconer(self) -> CoverageReason {
		match self {
			Self::Inactive => CoverageReason::BeaconerInactive,
			Self::NotCovered => CoverageReason::BeaconerNotCovered,
			Self::LocationYoung => CoverageReason::BeaconerLocationYoung,
		}
	}

	pub(crate) fn as_witness(self) -> CoverageReason {
		match self {
			Self::Inactive => CoverageReason::WitnessInactive,
			Self::NotCovered => CoverageReason::WitnessNotCovered,
			Self::LocationYoung => CoverageReason::WitnessLocationYoung,
		}
	}
}

/// The first window in which a device at this place may take part.
pub(crate) fn eligible_from(place: &Place, terms: &NetworkTerms) -> WindowIndex {
	place.since.saturating_add(terms.place.maturity_windows())
}

/// Whether a device may take part in `window`: active, at a mature place, covered by provision. Stake is
/// asked for last, since it costs a look into another ledger.
fn fitness<AccountId>(
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

/// How a challenged device had to transmit under a plan; `None` if the plan lists no channel or rate.
pub(crate) fn transmission(
	seed: &Hash,
	device: DeviceId,
	plan: &RegionPlan,
) -> Option<Transmission> {
	// Channel and data rate do not depend on the length of the window, the moment alone does.
	let slot = Selection::new(seed, device).beacon_slot(plan, 0)?;
	Some(Transmission {
		eirp: plan.eirp_centi_dbm.into(),
		frequency_hz: slot.frequency_hz,
		data_rate: slot.data_rate,
	})
}

/// A device that may beacon in a window, as witnesses are judged by it. Who may be its witness is judged
/// by the same rules when a statement asks for a place and when the beacon is revealed.
pub(crate) struct Beaconer<AccountId> {
	pub(crate) view: DeviceView<AccountId>,
	pub(crate) window: WindowIndex,
	pub(crate) place: Place,
	pub(crate) terms: NetworkTerms,
}

/// Where a witness stands, and how far from the beaconer.
pub(crate) struct Standpoint {
	pub(crate) place: Place,
	pub(crate) separation: Separation,
}

impl<AccountId: PartialEq> Beaconer<AccountId> {
	/// The device of this view, if it may take part.
	pub(crate) fn admit(
		view: DeviceView<AccountId>,
		window: WindowIndex,
		terms: NetworkTerms,
		is_covered: impl FnOnce(&DeviceView<AccountId>) -> bool,
	) -> Result<Self, Unfit> {
		let place = fitness(&view, window, &terms, is_covered)?;
		Ok(Self { view, window, place, terms })
	}

	/// Whether a device may be its witness, whatever it says it heard.
	pub(crate) fn judge_witness(
		&self,
		witness: &DeviceView<AccountId>,
		is_covered: impl FnOnce(&DeviceView<AccountId>) -> bool,
	) -> Result<Standpoint, CoverageReason> {
		if witness.owner == self.view.owner {
			return Err(CoverageReason::SameOwner);
		}
		if witness.network != self.view.network {
			return Err(CoverageReason::OtherNetwork);
		}
		if witness.place.is_some_and(|place| place.region != self.place.region) {
			return Err(CoverageReason::OtherRegion);
		}
		let place =
			fitness(witness, self.window, &self.terms, is_covered).map_err(Unfit::as_witness)?;
		let separation = self.place.vector.separation(place.vector);
		radio::judge_distance(separation)?;
		Ok(Standpoint { place, separation })
	}
}

/// A revealed beacon, as what was heard of it is judged.
pub(crate) struct Beacon<'a> {
	pub(crate) signature: &'a Signature,
	pub(crate) transmission: Transmission,
}

impl Beacon<'_> {
	/// Whether the commitment of a record opens.
	pub(crate) fn judge_commitment(&self, record: &Record) -> Result<(), CoverageReason> {
		let observation = &record.observation;
		if payload::commitment(self.signature, observation.witness) != observation.commitment {
			return Err(CoverageReason::CommitmentMismatch);
		}
		Ok(())
	}

	/// Whether a witness so far away can have received the beacon as its record says.
	pub(crate) fn judge_reception(
		&self,
		record: &Record,
		separation: Separation,
	) -> Result<(), CoverageReason> {
		let reception = Reception {
			rssi_deci_dbm: record.observation.rssi_deci_dbm,
			snr_deci_db: record.observation.snr_deci_db,
		};
		radio::judge_reception(reception, self.transmission, separation)
	}
}

/// Puts the witnesses that the later seed picks first and says how many count: all, or eight.
pub(crate) fn choose<W>(
	witnesses: &mut [W],
	later_seed: &Hash,
	beaconer: DeviceId,
	device_of: impl Fn(&W) -> DeviceId,
) -> usize {
	if witnesses.len() > WITNESSES_JUDGED {
		witnesses.sort_by_cached_key(|witness| {
			let device = device_of(witness);
			(choice(later_seed, beaconer, device), device)
		});
	}
	witnesses.len().min(WITNESSES_JUDGED)
}

/// What a device earns of `base`: times the density scale of the beaconer's place, the weight of its
/// own evidence class and the ramp of its own location, in this order, each product rounded down.
pub(crate) fn earned(
	base: Units,
	density: Scale,
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
	base.scaled(density).scaled(class_scale).scaled(ramp)
}
