//! Phase 1: statements are checked and kept until the reveal.

use alloc::{collections::BTreeMap, vec::Vec};

use groma_core::{
	DeviceId, WindowIndex,
	api::Refusal,
	payload::{self, Observation},
	selection::{draw, is_drawn},
	words::{Hash, Signature},
};
use groma_seams::Devices;
use sp_core::ed25519;

use crate::{
	Challenges, Config, Pallet, WeightInfo, density,
	types::{Challenge, RECORDS_MAX, SignedObservation, StatementGroup, Tally, WindowRecord},
	windows::genesis_hash,
};
use frame_support::weights::Weight;

/// Whether a signature is that of an ed25519 key.
pub(crate) fn is_signed(key: &Hash, message: &[u8], signature: &Signature) -> bool {
	sp_io::crypto::ed25519_verify(
		&ed25519::Signature::from_raw(*signature),
		message,
		&ed25519::Public::from_raw(*key),
	)
}

/// The weight of a bundle of `groups` groups of which `statements` statements are verified.
pub(crate) fn taking_weight<T: Config>(groups: u32, statements: u32) -> Weight {
	T::WeightInfo::submit_statements(groups)
		.saturating_add(T::WeightInfo::take_statements(statements))
}

/// What all groups of a bundle share, read once.
pub(crate) struct Intake {
	now: WindowIndex,
	genesis: Hash,
	windows: BTreeMap<WindowIndex, Option<WindowRecord>>,
}

impl Intake {
	/// An intake for a block of window `now`.
	pub(crate) fn new<T: Config>(now: WindowIndex) -> Self {
		Self { now, genesis: genesis_hash::<T>(), windows: BTreeMap::new() }
	}

	/// Opens the challenge of a beaconer for statements.
	pub(crate) fn open<T: Config>(
		&mut self,
		window: WindowIndex,
		beaconer: DeviceId,
	) -> Result<OpenChallenge<T>, Refusal> {
		if window != self.now && window.checked_add(1) != Some(self.now) {
			return Err(Refusal::WindowClosed);
		}
		let record = self
			.windows
			.entry(window)
			.or_insert_with(|| Pallet::<T>::window_record(window))
			.as_ref()
			.ok_or(Refusal::WindowClosed)?;
		let challenge = match Challenges::<T>::get(window, beaconer) {
			Some(challenge) => challenge,
			None => new_challenge::<T>(record, beaconer)?,
		};
		Ok(OpenChallenge {
			window,
			beaconer,
			seed: record.seed,
			id: payload::challenge_id(&self.genesis, &record.seed, beaconer),
			challenge,
			is_changed: false,
		})
	}
}

/// The challenge of a beaconer about whom nothing was stated yet.
fn new_challenge<T: Config>(
	record: &WindowRecord,
	beaconer: DeviceId,
) -> Result<Challenge<T::AccountId>, Refusal> {
	let view = T::Devices::at(beaconer, record.index).ok_or(Refusal::UnknownDevice)?;
	let place = view.place.ok_or(Refusal::UnknownDevice)?;
	if !record.challenges(beaconer, view.network) {
		return Err(Refusal::NotChallenged);
	}
	Ok(Challenge::new(density::members_around::<T>(view.network, place.cell)))
}

/// Where a record goes that passed all checks: to the end, or in the place of one with a worse draw.
pub(crate) struct Seat {
	instead_of: Option<usize>,
}

/// A challenge that takes statements. What it took is written by [`Self::close`].
pub(crate) struct OpenChallenge<T: Config> {
	window: WindowIndex,
	beaconer: DeviceId,
	seed: Hash,
	id: Hash,
	challenge: Challenge<T::AccountId>,
	is_changed: bool,
}

impl<T: Config> OpenChallenge<T> {
	/// Everything about a statement but its signature.
	pub(crate) fn seat(&self, observation: &Observation) -> Result<Seat, Refusal> {
		let witness = observation.witness;
		if witness == self.beaconer {
			return Err(Refusal::OwnBeacon);
		}
		if self.challenge.is_stated_by(witness) {
			return Err(Refusal::AlreadyKnown);
		}
		let draw = draw(&self.seed, self.beaconer, witness);
		if !is_drawn(draw, self.challenge.cell_devices) {
			return Err(Refusal::NotDrawn);
		}
		if self.challenge.records.len() < RECORDS_MAX as usize {
			return Ok(Seat { instead_of: None });
		}
		let (worst, place) = self.worst().ok_or(Refusal::Full)?;
		if draw >= worst {
			return Err(Refusal::Full);
		}
		Ok(Seat { instead_of: Some(place) })
	}

	/// Whether the witness is known and signed the statement: the dear part of the check.
	pub(crate) fn verify(&self, statement: &SignedObservation) -> Result<(), Refusal> {
		let view = T::Devices::at(statement.observation.witness, self.window)
			.filter(|view| view.place.is_some())
			.ok_or(Refusal::UnknownDevice)?;
		let message = statement.observation.to_signed_bytes(&self.id);
		if !is_signed(&view.session_key, &message, &statement.signature) {
			return Err(Refusal::BadSignature);
		}
		Ok(())
	}

	/// Keeps a statement that was checked.
	pub(crate) fn take(
		&mut self,
		observation: Observation,
		collector: Option<&T::AccountId>,
		seat: Seat,
	) {
		self.challenge.put(observation, collector, seat.instead_of);
		self.is_changed = true;
	}

	/// Writes what was taken.
	pub(crate) fn close(self) {
		if self.is_changed {
			Challenges::<T>::insert(self.window, self.beaconer, self.challenge);
		}
	}

	/// The highest draw among the records, and whose place it is.
	fn worst(&self) -> Option<(u64, usize)> {
		self.challenge
			.records
			.iter()
			.enumerate()
			.map(|(place, record)| {
				(draw(&self.seed, self.beaconer, record.observation.witness), place)
			})
			.max()
	}
}

/// The statements of a bundle, and what checking them cost.
pub(crate) struct StatementIntake<'a, T: Config> {
	collector: &'a T::AccountId,
	intake: Intake,
	tally: Tally,
	groups: u32,
	verified: u32,
}

impl<'a, T: Config> StatementIntake<'a, T> {
	pub(crate) fn new(collector: &'a T::AccountId) -> Self {
		Self {
			collector,
			intake: Intake::new::<T>(Pallet::<T>::window_now()),
			tally: Tally::default(),
			groups: 0,
			verified: 0,
		}
	}

	/// Takes what is new in a group. An empty one is malformed.
	pub(crate) fn take(&mut self, group: StatementGroup) {
		self.groups = self.groups.saturating_add(1);
		if group.statements.is_empty() {
			self.tally.bad = self.tally.bad.saturating_add(1);
			return;
		}
		match self.intake.open::<T>(group.window, group.beaconer) {
			Ok(mut challenge) => {
				for statement in &group.statements {
					let result = self.take_one(&mut challenge, statement);
					self.tally.note(result);
				}
				challenge.close();
			}
			Err(refusal) => {
				(0..group.statements.len()).for_each(|_| self.tally.note(Err(refusal)));
			}
		}
	}

	/// The outcome, and the weight of the work that was really done.
	pub(crate) fn finish(self) -> (Tally, Weight) {
		let Tally { new, refused, bad } = self.tally;
		let items = new.saturating_add(refused).saturating_add(bad);
		let weight = taking_weight::<T>(self.groups, self.verified).saturating_add(
			match items.saturating_sub(self.verified) {
				0 => Weight::zero(),
				others => T::WeightInfo::refuse_statements(others),
			},
		);
		(self.tally, weight)
	}

	fn take_one(
		&mut self,
		challenge: &mut OpenChallenge<T>,
		statement: &SignedObservation,
	) -> Result<(), Refusal> {
		let seat = challenge.seat(&statement.observation)?;
		self.verified = self.verified.saturating_add(1);
		challenge.verify(statement)?;
		challenge.take(statement.observation, Some(self.collector), seat);
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Takes the statements of a collector's bundle.
	pub(crate) fn do_submit_statements(
		collector: &T::AccountId,
		groups: Vec<StatementGroup>,
	) -> (Tally, Weight) {
		let mut intake = StatementIntake::<T>::new(collector);
		groups.into_iter().for_each(|group| intake.take(group));
		intake.finish()
	}

	/// Keeps a device's own statement, whose signature was verified when it was authorized.
	pub(crate) fn do_submit_own_statement(
		window: WindowIndex,
		beaconer: DeviceId,
		observation: Observation,
	) -> Result<(), Refusal> {
		let mut challenge = Intake::new::<T>(Self::window_now()).open::<T>(window, beaconer)?;
		let seat = challenge.seat(&observation)?;
		challenge.take(observation, None, seat);
		challenge.close();
		Ok(())
	}

	/// Whether a statement would be taken in a block of window `now`.
	pub(crate) fn examine_statement(
		now: WindowIndex,
		window: WindowIndex,
		beaconer: DeviceId,
		statement: &SignedObservation,
	) -> Result<(), Refusal> {
		let challenge = Intake::new::<T>(now).open::<T>(window, beaconer)?;
		challenge.seat(&statement.observation)?;
		challenge.verify(statement)
	}
}
