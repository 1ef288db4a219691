//! Answers for the runtime API of coverage, by the state at the end of a block. What "would be
//! taken" is asked of the next block.

use alloc::vec::Vec;

use groma_core::{
	DeviceId, NetworkId, WindowIndex,
	api::{ActivityInfo, CellInfo, ChallengeInfo, Refusal, StatementRank},
	payload,
	place::Cell,
	selection::{Selection, draw, is_drawn},
	statement::{Reveal, Statement},
	units::Scale,
	words::Signature,
};
use groma_traits::{Devices, Networks, Windows};

use crate::{
	Activities, Config, Pallet, activity, density,
	standing::{LookupOf, TermsOnce, challenged},
	statements::{genesis_hash, is_signed, stored_challenge},
};

impl<T: Config> Pallet<T> {
	/// The challenge of a device in a window; `None` if there is none, or if the device cannot take
	/// part in it as it stands now.
	pub fn challenge_info(device: DeviceId, window: WindowIndex) -> Option<ChallengeInfo> {
		let record = T::Windows::window(window)?;
		let beaconer = challenged::<T>(
			&record,
			device,
			&mut LookupOf::<T>::default(),
			&mut TermsOnce::default(),
		)
		.ok()?;
		let plan = Self::stored_plan(beaconer.view.network, beaconer.place.region).value()?;
		let duration_ms = T::Windows::duration_ms();
		let slot = Selection::new(&record.seed, device).beacon_slot(&plan, duration_ms)?;
		Some(ChallengeInfo {
			id: payload::challenge_id(&genesis_hash::<T>(), &record.seed, device),
			frequency_hz: slot.frequency_hz,
			data_rate: slot.data_rate,
			eirp_centi_dbm: plan.eirp_centi_dbm,
			offset_ms: slot.offset_ms,
		})
	}

	/// Whether a beacon signature is the device's for one of the last 288 windows, by a key that is
	/// not banned: for devices that hear it, and for clients that find a second one.
	pub fn is_beacon_genuine(device: DeviceId, window: WindowIndex, signature: &Signature) -> bool {
		let Some(record) = T::Windows::window(window) else { return false };
		let Some(signer) = T::Devices::signer(device, window) else { return false };
		let id = payload::challenge_id(&genesis_hash::<T>(), &record.seed, device);
		!signer.is_banned
			&& record.draws(device, signer.network)
			&& is_signed(&signer.session_key, &payload::beacon(&id), signature)
	}

	/// Whether the witness is drawn for the beaconer's challenge in the window.
	pub fn is_witness_drawn(window: WindowIndex, beaconer: DeviceId, witness: DeviceId) -> bool {
		let Some(record) = T::Windows::window(window) else { return false };
		let cell_devices = match stored_challenge::<T>(window, beaconer).value() {
			Some(challenge) => Some(challenge.cell_devices),
			None => T::Devices::at(beaconer, window).and_then(|view| {
				let place = view.place?;
				Some(density::members_around::<T>(view.network, place.cell))
			}),
		};
		witness != beaconer
			&& cell_devices
				.is_some_and(|devices| is_drawn(draw(&record.seed, beaconer, witness), devices))
	}

	/// Whether a statement would be taken in the next block, and how it ranks among those about its
	/// beacon.
	pub fn check_statement(statement: &Statement) -> Result<StatementRank, Refusal> {
		Self::examine_statement(T::Windows::of_next_block(), statement)
	}

	/// Whether a reveal would be taken in the next block.
	pub fn check_reveal(reveal: &Reveal) -> Result<(), Refusal> {
		Self::examine_reveal(T::Windows::of_next_block(), reveal)
	}

	/// The witnesses whose statements about a beacon are on chain and not yet settled.
	pub fn witnesses(window: WindowIndex, beaconer: DeviceId) -> Vec<DeviceId> {
		stored_challenge::<T>(window, beaconer)
			.value()
			.map(|challenge| {
				challenge.records.iter().map(|record| record.observation.witness).collect()
			})
			.unwrap_or_default()
	}

	/// What a device did; `None` if it never took part.
	pub fn activity_info(device: DeviceId) -> Option<ActivityInfo> {
		let activity = Activities::<T>::get(device);
		let reasons = activity::stored_reasons::<T>(device).value();
		if activity.is_none() && reasons.is_none() {
			return None;
		}
		let (activity, reasons) = (activity.unwrap_or_default(), reasons.unwrap_or_default());
		let now = T::Windows::current();
		let view = T::Devices::at(device, now)?;
		let limits = T::Networks::terms(view.network).map(|terms| terms.place.density_limits());
		let density_scale = match (limits, view.place) {
			(Some(limits), Some(place)) => {
				density::scale_at::<T>(view.network, place.cell, &limits)
			}
			_ => Scale::ZERO,
		};
		let record = T::Windows::window(now)?;
		let reasons = reasons.applied().collect();
		let (units, epoch) =
			activity.open_work.map(|work| (work.units(), work.epoch)).unwrap_or_default();
		Some(ActivityInfo {
			last_heard: activity.last_heard,
			last_witnessed: activity.last_witnessed,
			reciprocity_span: activity::reciprocity_span(&record, view.network),
			is_counted: activity.counted.is_some(),
			density_scale,
			units,
			epoch,
			reasons,
		})
	}

	/// A cell of one of the counted resolutions in a network.
	pub fn cell_info(network: NetworkId, cell: Cell) -> CellInfo {
		let count = density::count_of::<T>(network, cell);
		CellInfo { cell, arrived: count.arrived, admitted: count.passed, members: count.members }
	}
}
