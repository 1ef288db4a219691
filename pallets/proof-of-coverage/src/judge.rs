//! The rules of validity, the selection of the witnesses that count, and what they earn: functions from
//! values to values.

use groma_core::{
	DeviceId, EvidenceClass, NetworkId, ReasonCode, WindowIndex,
	coverage::{Scale, Units},
	payload,
	radio::{self, Reception, Transmission},
	region::RegionPlan,
	selection::{Selection, WITNESSES_JUDGED, choice},
	words::{Hash, Signature},
};
use groma_seams::{CoverageTerms, DeviceView, Place};

use crate::types::Record;

/// Why a device cannot take part, whatever its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
	Inactive,
	NotCovered,
	LocationYoung,
}

impl Unfit {
	pub(crate) fn as_beaconer(self) -> ReasonCode {
		match self {
			Self::Inactive => ReasonCode::BeaconerInactive,
			Self::NotCovered => ReasonCode::BeaconerNotCovered,
			Self::LocationYoung => ReasonCode::BeaconerLocationYoung,
		}
	}

	pub(crate) fn as_witness(self) -> ReasonCode {
		match self {
			Self::Inactive => ReasonCode::WitnessInactive,
			Self::NotCovered => ReasonCode::WitnessNotCovered,
			Self::LocationYoung => ReasonCode::WitnessLocationYoung,
		}
	}
}

/// The first window in which a device at this place may take part.
pub(crate) fn eligible_from(place: &Place, terms: &CoverageTerms) -> WindowIndex {
	place.since.saturating_add(terms.maturity_windows)
}

/// Whether a device may take part in `window`: active, at a mature place, covered by provision. Stake is
/// asked for last, since it costs a look into another ledger.
pub(crate) fn fitness<AccountId>(
	view: &DeviceView<AccountId>,
	window: WindowIndex,
	terms: &CoverageTerms,
	is_covered: impl FnOnce() -> bool,
) -> Result<Place, Unfit> {
	if !view.is_active {
		return Err(Unfit::Inactive);
	}
	let place = view.place.ok_or(Unfit::LocationYoung)?;
	if window < eligible_from(&place, terms) {
		return Err(Unfit::LocationYoung);
	}
	if !is_covered() {
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

/// A beacon, as its witnesses are judged by it.
pub(crate) struct Beacon<'a, AccountId> {
	pub(crate) window: WindowIndex,
	pub(crate) owner: &'a AccountId,
	pub(crate) network: NetworkId,
	pub(crate) place: Place,
	pub(crate) signature: &'a Signature,
	pub(crate) transmission: Transmission,
}

impl<AccountId: PartialEq> Beacon<'_, AccountId> {
	/// Whether the commitment of a record opens.
	pub(crate) fn judge_commitment(&self, record: &Record) -> Result<(), ReasonCode> {
		let observation = &record.observation;
		if payload::commitment(self.signature, observation.witness) != observation.commitment {
			return Err(ReasonCode::CommitmentMismatch);
		}
		Ok(())
	}

	/// Whether the witness of a record was where it could hear the beacon as it says it did, and yields
	/// its place. The commitment is judged apart, before the witness is even looked up.
	pub(crate) fn judge_witness(
		&self,
		record: &Record,
		view: &DeviceView<AccountId>,
		terms: &CoverageTerms,
		is_covered: impl FnOnce() -> bool,
	) -> Result<Place, ReasonCode> {
		if view.owner == *self.owner {
			return Err(ReasonCode::SameOwner);
		}
		if view.network != self.network {
			return Err(ReasonCode::OtherNetwork);
		}
		if view.place.is_some_and(|place| place.region != self.place.region) {
			return Err(ReasonCode::OtherRegion);
		}
		let place = fitness(view, self.window, terms, is_covered).map_err(Unfit::as_witness)?;
		let separation = self.place.vector.separation(place.vector);
		radio::judge_distance(separation)?;
		let reception = Reception {
			rssi_deci_dbm: record.observation.rssi_deci_dbm,
			snr_deci_db: record.observation.snr_deci_db,
		};
		radio::judge_reception(reception, self.transmission, separation)?;
		Ok(place)
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
	terms: &CoverageTerms,
) -> Units {
	let class_scale = match class {
		EvidenceClass::SelfMade => terms.self_made_scale,
		EvidenceClass::MakerAttested => Scale::ONE,
	};
	let ramp_end = eligible_from(place, terms).saturating_add(terms.ramp_windows);
	let ramp = if window < ramp_end { terms.ramp_scale } else { Scale::ONE };
	base.scaled(density).scaled(class_scale).scaled(ramp)
}
