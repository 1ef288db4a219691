//! The rules of validity and the selection of the witnesses that count: functions from values to
//! values.

use groma_core::{
	CoverageReason, DeviceId, WindowIndex,
	money::Balance,
	payload,
	place::Separation,
	protocol::WITNESSES_JUDGED,
	radio::{self, Reception, Transmission},
	region::RegionPlan,
	selection::{Selection, choice},
	terms::NetworkTerms,
	words::{Hash, Signature},
};
use groma_traits::{
	DeviceView, Place,
	standing::{self, Unfit},
};

use crate::types::Record;

/// The reason for which a beaconer is unfit.
pub(crate) fn unfit_beaconer(unfit: Unfit) -> CoverageReason {
	match unfit {
		Unfit::Inactive => CoverageReason::BeaconerInactive,
		Unfit::NotCovered => CoverageReason::BeaconerNotCovered,
		Unfit::Young => CoverageReason::BeaconerLocationYoung,
	}
}

/// The reason for which a witness is unfit.
fn unfit_witness(unfit: Unfit) -> CoverageReason {
	match unfit {
		Unfit::Inactive => CoverageReason::WitnessInactive,
		Unfit::NotCovered => CoverageReason::WitnessNotCovered,
		Unfit::Young => CoverageReason::WitnessLocationYoung,
	}
}

/// Where a device stands that may take part in `window`.
fn fit_place<AccountId>(
	view: &DeviceView<AccountId>,
	window: WindowIndex,
	terms: &NetworkTerms,
	is_covered: impl FnOnce(&DeviceView<AccountId>, Balance) -> bool,
) -> Result<Place, Unfit> {
	standing::fitness(view, window, terms, is_covered)?;
	view.place.ok_or(Unfit::Young)
}

/// How a challenged device had to transmit under a plan; `None` if the plan lists no channel or
/// rate.
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

/// A device that may beacon in a window, as witnesses are judged by it. Who may be its witness is
/// judged by the same rules when a statement asks for a place and when the beacon is revealed.
pub(crate) struct Beaconer<AccountId> {
	pub(crate) view: DeviceView<AccountId>,
	pub(crate) window: WindowIndex,
	pub(crate) place: Place,
	pub(crate) terms: NetworkTerms,
}

impl<AccountId: PartialEq> Beaconer<AccountId> {
	/// The device of this view, if it may take part.
	pub(crate) fn admit(
		view: DeviceView<AccountId>,
		window: WindowIndex,
		terms: NetworkTerms,
		is_covered: impl FnOnce(&DeviceView<AccountId>, Balance) -> bool,
	) -> Result<Self, Unfit> {
		let place = fit_place(&view, window, &terms, is_covered)?;
		Ok(Self { view, window, place, terms })
	}

	/// Whether a device may be its witness, whatever it says it heard, and how far away it stands.
	pub(crate) fn judge_witness(
		&self,
		witness: &DeviceView<AccountId>,
		is_covered: impl FnOnce(&DeviceView<AccountId>, Balance) -> bool,
	) -> Result<Separation, CoverageReason> {
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
			fit_place(witness, self.window, &self.terms, is_covered).map_err(unfit_witness)?;
		let separation = self.place.vector.separation(place.vector);
		radio::judge_distance(separation)?;
		Ok(separation)
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
