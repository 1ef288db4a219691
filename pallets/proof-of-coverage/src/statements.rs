//! Phase 1: statements are checked and kept until the reveal.
//!
//! The life of a challenge of window *w*; this file has the row in bold.
//!
//! | window | who | call | checks and effects |
//! |---|---|---|---|
//! | *w* | the beaconer, by radio | - | nothing: the chain does not hear beacons |
//! | **w, w+1** | a collector; the witness without an account | `submit_statements`; `submit_own_statement` | `admit`: window and beaconer; `seat`: the witness, but for its signature; `verify`: that; `take`: keeps the record |
//! | *w+2* | a collector; anyone without an account | `submit_reveals`; `submit_own_reveal` | `open`: there is a challenge, and the beaconer signed; `settle`: removes it; `judge`: the rules, units and reasons |
//! | from *w+3* on | a hook, with weight that is left | - | `prune`: removes what was not revealed, and counts that for its witnesses |

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::weights::Weight;
use frame_system::pallet_prelude::BlockNumberFor;
use groma_core::{
	DeviceId, WindowIndex,
	api::Refusal,
	payload::{self, Observation},
	protocol::{RECORDS_MAX, STATEMENT_DELAY_MAX},
	selection::{draw, is_drawn},
	statement::{SignedObservation, Statement, StatementGroup},
	words::{Hash, SessionKey, Signature},
};
use groma_traits::{DeviceLookup, Window, Windows};
use sp_core::ed25519;

use crate::{
	Challenges, Config, Pallet, WeightInfo, density,
	judge::Beaconer,
	standing::{LookupOf, TermsOnce, challenged, is_covered},
	types::{Challenge, Tally},
};

/// Whether a signature is that of an ed25519 key.
pub(crate) fn is_signed(key: &SessionKey, message: &[u8], signature: &Signature) -> bool {
	sp_io::crypto::ed25519_verify(
		&ed25519::Signature::from_raw(signature.0),
		message,
		&ed25519::Public::from_raw(key.0),
	)
}

/// The genesis hash, which every signed payload of coverage carries.
pub(crate) fn genesis_hash<T: Config>() -> Hash {
	let hash = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::from(0u32));
	hash.as_ref().try_into().unwrap_or_default()
}

/// The weight of a bundle of `groups` groups of which `statements` statements are verified. One
/// statement of each group is weighed twice: that covers the draws of challenges that are full,
/// each computed once.
pub(crate) fn taking_weight<T: Config>(groups: u32, statements: u32) -> Weight {
	T::WeightInfo::submit_statements(groups)
		.saturating_add(T::WeightInfo::take_statements(statements))
}

/// What all groups of a bundle share, read once.
pub(crate) struct Intake {
	now: WindowIndex,
	genesis: Hash,
	windows: BTreeMap<WindowIndex, Option<Window>>,
	terms: TermsOnce,
}

impl Intake {
	/// An intake for a block of window `now`.
	pub(crate) fn new<T: Config>(now: WindowIndex) -> Self {
		Self {
			now,
			genesis: genesis_hash::<T>(),
			windows: BTreeMap::new(),
			terms: TermsOnce::default(),
		}
	}

	/// The device as a beaconer about whom statements are taken now, and the seed of its window.
	pub(crate) fn admit<T: Config>(
		&mut self,
		window: WindowIndex,
		beaconer: DeviceId,
		devices: &mut LookupOf<T>,
	) -> Result<(Beaconer<T::AccountId>, Hash), Refusal> {
		let age = self.now.checked_sub(window);
		if age.is_none_or(|age| age > STATEMENT_DELAY_MAX) {
			return Err(Refusal::WindowClosed);
		}
		let record = self
			.windows
			.entry(window)
			.or_insert_with(|| T::Windows::window(window))
			.as_ref()
			.ok_or(Refusal::WindowClosed)?;
		let admitted = challenged::<T>(record, beaconer, devices, &mut self.terms)?;
		Ok((admitted, record.seed))
	}

	/// Opens the challenge of a beaconer for statements.
	pub(crate) fn open<T: Config>(
		&mut self,
		window: WindowIndex,
		device: DeviceId,
	) -> Result<OpenChallenge<T>, Refusal> {
		let mut devices = LookupOf::<T>::default();
		let (beaconer, seed) = self.admit::<T>(window, device, &mut devices)?;
		let challenge = Challenges::<T>::get(window, device).unwrap_or_else(|| {
			let (network, cell) = (beaconer.view.network, beaconer.place.cell);
			Challenge::new(density::members_around::<T>(network, cell))
		});
		Ok(OpenChallenge {
			id: payload::challenge_id(&self.genesis, &seed, device),
			device,
			devices,
			beaconer,
			seed,
			challenge,
			draws: Vec::new(),
			is_changed: false,
		})
	}
}

/// A place in a challenge for a statement that lacks nothing but the check of its signature.
pub(crate) struct Seat {
	/// The draw of the witness.
	draw: u64,
	/// The record that gives way, if the challenge is full.
	instead_of: Option<usize>,
	/// The key that has to have signed.
	session_key: SessionKey,
}

/// A challenge that takes statements. What it took is written by [`Self::close`].
pub(crate) struct OpenChallenge<T: Config> {
	device: DeviceId,
	devices: LookupOf<T>,
	beaconer: Beaconer<T::AccountId>,
	seed: Hash,
	id: Hash,
	challenge: Challenge<T::AccountId>,
	/// The draws of the records, in their order; computed when the challenge is found full.
	draws: Vec<u64>,
	is_changed: bool,
}

impl<T: Config> OpenChallenge<T> {
	/// Everything about a statement but its signature, cheap checks first. A place is given only to
	/// a witness that could count: others must not take the places of those.
	pub(crate) fn seat(&mut self, observation: &Observation) -> Result<Seat, Refusal> {
		let witness = observation.witness;
		if witness == self.device {
			return Err(Refusal::OwnBeacon);
		}
		if self.challenge.is_stated_by(witness) {
			return Err(Refusal::AlreadyKnown);
		}
		let draw = draw(&self.seed, self.device, witness);
		if !is_drawn(draw, self.challenge.cell_devices) {
			return Err(Refusal::NotDrawn);
		}
		let instead_of = self.room_for(draw)?;
		let view = self
			.devices
			.at(witness, self.beaconer.window)
			.filter(|view| view.place.is_some())
			.ok_or(Refusal::UnknownDevice)?;
		self.beaconer.judge_witness(&view, is_covered::<T>).map_err(Refusal::NotEligible)?;
		Ok(Seat { draw, instead_of, session_key: view.session_key })
	}

	/// Whether the witness signed the statement: the expensive part of the check.
	pub(crate) fn verify(&self, entry: &SignedObservation, seat: &Seat) -> Result<(), Refusal> {
		let message = entry.observation.to_signed_bytes(&self.id);
		if !is_signed(&seat.session_key, &message, &entry.signature) {
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
		if let Some(draw) = seat.instead_of.and_then(|place| self.draws.get_mut(place)) {
			*draw = seat.draw;
		}
		self.is_changed = true;
	}

	/// Writes what was taken.
	pub(crate) fn close(self) {
		if self.is_changed {
			Challenges::<T>::insert(self.beaconer.window, self.device, self.challenge);
		}
	}

	/// Which record gives way to a statement with this draw: none while there are free places, else
	/// the one with the highest draw, if that is higher.
	fn room_for(&mut self, draw: u64) -> Result<Option<usize>, Refusal> {
		if self.challenge.records.len() < RECORDS_MAX as usize {
			return Ok(None);
		}
		let (worst, place) = self.worst().ok_or(Refusal::Full)?;
		if draw >= worst {
			return Err(Refusal::Full);
		}
		Ok(Some(place))
	}

	/// The highest draw among the records of the full challenge, and whose place it is.
	fn worst(&mut self) -> Option<(u64, usize)> {
		if self.draws.is_empty() {
			let witnesses = self.challenge.records.iter().map(|record| record.observation.witness);
			self.draws = witnesses.map(|witness| draw(&self.seed, self.device, witness)).collect();
		}
		self.draws.iter().copied().zip(0..).max()
	}
}

/// The statements of a bundle, and what checking them cost.
pub(crate) struct StatementIntake<'a, T: Config> {
	collector: &'a T::AccountId,
	intake: Intake,
	tally: Tally,
	groups: u32,
	/// Statements about challenges that take any.
	examined: u32,
	/// Those of them whose signatures were verified.
	verified: u32,
}

impl<'a, T: Config> StatementIntake<'a, T> {
	pub(crate) fn new(collector: &'a T::AccountId) -> Self {
		Self {
			collector,
			intake: Intake::new::<T>(T::Windows::of_call()),
			tally: Tally::default(),
			groups: 0,
			examined: 0,
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
		let weight = taking_weight::<T>(self.groups, self.verified).saturating_add(
			match self.examined.saturating_sub(self.verified) {
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
		self.examined = self.examined.saturating_add(1);
		let seat = challenge.seat(&statement.observation)?;
		self.verified = self.verified.saturating_add(1);
		challenge.verify(statement, &seat)?;
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
	pub(crate) fn do_submit_own_statement(statement: &Statement) -> Result<(), Refusal> {
		let mut challenge = Intake::new::<T>(T::Windows::of_call())
			.open::<T>(statement.window, statement.beaconer)?;
		let seat = challenge.seat(&statement.observation)?;
		challenge.take(statement.observation, None, seat);
		challenge.close();
		Ok(())
	}

	/// Whether a statement would be taken in a block of window `now`.
	pub(crate) fn examine_statement(
		now: WindowIndex,
		statement: &Statement,
	) -> Result<(), Refusal> {
		let mut challenge =
			Intake::new::<T>(now).open::<T>(statement.window, statement.beaconer)?;
		let seat = challenge.seat(&statement.observation)?;
		challenge.verify(&statement.signed(), &seat)
	}
}
