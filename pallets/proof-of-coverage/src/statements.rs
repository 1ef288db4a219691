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

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};

use core::marker::PhantomData;

use frame_support::weights::Weight;
use frame_system::pallet_prelude::BlockNumberFor;
use groma_core::{
	DeviceId, WindowIndex,
	api::{Refusal, StatementRank},
	payload::{self, Observation},
	protocol::STATEMENT_DELAY_MAX,
	selection::{draw, is_drawn},
	statement::{SignedObservation, Statement, StatementGroup},
	words::{Hash, SessionKey, Signature},
};
use groma_stored::Stored;
use groma_traits::{DeviceLookup, DeviceView, Window, Windows};
use sp_core::ed25519;

use crate::{
	Challenges, Config, Pallet, WeightInfo,
	activity::{self, ActivitiesRead},
	density,
	judge::Beaconer,
	own_statements,
	standing::{LookupOf, TermsOnce, challenged, is_covered, say_if_unreadable},
	types::{Challenge, Record, Tally},
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

/// What the statements of a bundle take, or really took: the refund is computed from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taking {
	groups: u32,
	/// Statements whose signatures are verified.
	verified: u32,
	/// Statements that are refused before that.
	refused: u32,
	/// Challenges that are full, so that their records are ranked.
	ranked: u32,
	/// Witnesses that were not heard, so that the stake behind them is looked at.
	looks: u32,
}

impl Taking {
	/// The most that so many statements in so many groups can take.
	pub(crate) fn worst(groups: u32, statements: u32) -> Self {
		Self { groups, verified: statements, refused: 0, ranked: groups, looks: statements }
	}

	/// What statements of witnesses that were heard take while there are free places.
	pub(crate) fn usual(groups: u32, statements: u32) -> Self {
		Self { groups, verified: statements, ..Self::default() }
	}

	/// As weight, in a bundle of a collector. Each group is weighed with one statement, whether it
	/// has one that is verified or not.
	pub(crate) fn weight<T: Config>(&self) -> Weight {
		let further = match self.verified.saturating_sub(self.groups) {
			0 => Weight::zero(),
			further => T::WeightInfo::take_statements(further),
		};
		let refused = match self.refused {
			0 => Weight::zero(),
			refused => T::WeightInfo::refuse_statements(refused),
		};
		T::WeightInfo::submit_statements(self.groups)
			.saturating_add(further)
			.saturating_add(refused)
			.saturating_add(T::WeightInfo::rank_records().saturating_mul(self.ranked.into()))
			.saturating_add(T::WeightInfo::look_at_stake().saturating_mul(self.looks.into()))
	}
}

/// A beaconer about whom statements are taken now.
pub(crate) struct Admitted<T: Config> {
	beaconer: Beaconer<T::AccountId>,
	/// The seed of the window of its beacon.
	seed: Hash,
	/// The span of reciprocity in that window.
	span: WindowIndex,
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

	/// The device as a beaconer about whom statements are taken now.
	pub(crate) fn admit<T: Config>(
		&mut self,
		window: WindowIndex,
		beaconer: DeviceId,
		devices: &mut LookupOf<T>,
	) -> Result<Admitted<T>, Refusal> {
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
		let beaconer = challenged::<T>(record, beaconer, devices, &mut self.terms)?;
		let span = activity::reciprocity_span(record, beaconer.view.network);
		Ok(Admitted { beaconer, seed: record.seed, span })
	}

	/// Opens the challenge of a beaconer for statements.
	pub(crate) fn open<T: Config>(
		&mut self,
		window: WindowIndex,
		device: DeviceId,
	) -> Result<OpenChallenge<T>, Refusal> {
		let mut devices = LookupOf::<T>::default();
		let Admitted { beaconer, seed, span } = self.admit::<T>(window, device, &mut devices)?;
		let challenge = match stored_challenge::<T>(window, device) {
			Stored::Value(challenge) => challenge,
			Stored::Absent => {
				let (network, cell) = (beaconer.view.network, beaconer.place.cell);
				Challenge::new(density::members_around::<T>(network, cell))
			}
			// It takes no more statements than one of a closed window.
			Stored::Undecodable => return Err(Refusal::WindowClosed),
		};
		Ok(OpenChallenge {
			id: payload::challenge_id(&self.genesis, &seed, device),
			device,
			devices,
			beaconer,
			seed,
			span,
			challenge,
			activities: ActivitiesRead::<T>::default(),
			ranks: Vec::new(),
			looks: 0,
			is_changed: false,
		})
	}
}

/// The challenge of a beaconer about which statements were made.
pub(crate) fn stored_challenge<T: Config>(
	window: WindowIndex,
	beaconer: DeviceId,
) -> Stored<Challenge> {
	groma_stored::double_entry::<Challenges<T>, WindowIndex, DeviceId, Challenge>(window, beaconer)
}

/// A place among the records of a challenge.
struct Place {
	rank: StatementRank,
	/// The record that gives way, if the challenge is full.
	instead_of: Option<usize>,
	/// Whether to take it is new: nothing gives way, or an unheard witness to a heard one. So a
	/// place is given as new twice at most, whatever the order of the statements.
	is_new: bool,
}

/// A place in a challenge for a statement that lacks nothing but the check of its signature.
pub(crate) struct Seat {
	place: Place,
	/// The key that has to have signed.
	session_key: SessionKey,
}

impl Seat {
	/// How the statement ranks among those about its beacon.
	pub(crate) fn rank(&self) -> StatementRank {
		self.place.rank
	}

	/// Whether the statement counts as new: see [`Tally`].
	pub(crate) fn is_new(&self) -> bool {
		self.place.is_new
	}

	/// The same seat, if the statement counts as new.
	pub(crate) fn ensure_new(self) -> Result<Self, Refusal> {
		if !self.is_new() {
			return Err(Refusal::Full);
		}
		Ok(self)
	}
}

/// A challenge that takes statements. What it took is written by [`Self::close`].
pub(crate) struct OpenChallenge<T: Config> {
	device: DeviceId,
	devices: LookupOf<T>,
	beaconer: Beaconer<T::AccountId>,
	seed: Hash,
	span: WindowIndex,
	id: Hash,
	challenge: Challenge,
	/// Looked at for whether witnesses were heard.
	activities: ActivitiesRead<T>,
	/// The ranks of the records, in their order; computed when the challenge is found full.
	ranks: Vec<StatementRank>,
	/// How often the stake behind a witness was looked at.
	looks: u32,
	is_changed: bool,
}

/// How the records of a challenge rank, in their order.
pub(crate) fn ranks_of(
	seed: &Hash,
	beaconer: DeviceId,
	challenge: &Challenge,
) -> Vec<StatementRank> {
	let rank = |record: &Record| StatementRank {
		is_unheard: !record.is_heard,
		draw: draw(seed, beaconer, record.observation.witness),
	};
	challenge.records.iter().map(rank).collect()
}

impl<T: Config> OpenChallenge<T> {
	/// Everything about a statement but its signature, cheap checks first. A place is given only to
	/// a witness that could count: others must not take the places of those. Of one that was heard
	/// the stake is looked at in the judgement alone: it covered the device when it was heard, and
	/// takes longer to thaw than that is remembered.
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
		let place = self.place_for(witness, draw)?;
		let view = self
			.devices
			.at(witness, self.beaconer.window)
			.filter(|view| view.place.is_some())
			.ok_or(Refusal::UnknownDevice)?;
		let mut looks = 0;
		let may_count = |view: &DeviceView<T::AccountId>, stake| {
			!place.rank.is_unheard || {
				looks = 1;
				is_covered::<T>(view, stake)
			}
		};
		let judged = self.beaconer.judge_witness(&view, may_count);
		self.looks = self.looks.saturating_add(looks);
		judged.map_err(Refusal::NotEligible)?;
		Ok(Seat { place, session_key: view.session_key })
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
	pub(crate) fn take(&mut self, observation: Observation, seat: Seat) {
		let Place { rank, instead_of, .. } = seat.place;
		self.challenge.put(Record { observation, is_heard: !rank.is_unheard }, instead_of);
		if let Some(replaced) = instead_of.and_then(|place| self.ranks.get_mut(place)) {
			*replaced = rank;
		}
		self.is_changed = true;
	}

	/// Writes what was taken.
	pub(crate) fn close(self) {
		if self.is_changed {
			Challenges::<T>::insert(self.beaconer.window, self.device, self.challenge);
		}
	}

	/// The place for a statement with this draw: a free one, or that of the record which ranks
	/// last, if the statement ranks before it.
	fn place_for(&mut self, witness: DeviceId, draw: u64) -> Result<Place, Refusal> {
		let last = self.last();
		// What would not even go before it as heard needs no look into the activity.
		if last.is_some_and(|(last, _)| StatementRank { is_unheard: false, draw } >= last) {
			return Err(Refusal::Full);
		}
		let rank = StatementRank { is_unheard: !self.was_heard(witness), draw };
		match last {
			None => Ok(Place { rank, instead_of: None, is_new: true }),
			Some((last, _)) if rank >= last => Err(Refusal::Full),
			Some((last, place)) => {
				let is_new = last.is_unheard && !rank.is_unheard;
				Ok(Place { rank, instead_of: Some(place), is_new })
			}
		}
	}

	/// The record that ranks last, with its place; `None` while there are free places.
	fn last(&mut self) -> Option<(StatementRank, usize)> {
		if !self.challenge.is_full() {
			return None;
		}
		if self.ranks.is_empty() {
			self.ranks = ranks_of(&self.seed, self.device, &self.challenge);
		}
		self.ranks.iter().copied().zip(0..).max()
	}

	/// Whether a valid witness heard the device within the span of reciprocity.
	fn was_heard(&mut self, device: DeviceId) -> bool {
		let activity = self.activities.get(device);
		activity.is_some_and(|activity| activity.was_heard_within(self.beaconer.window, self.span))
	}
}

/// The statements of a bundle, and what checking them cost.
pub(crate) struct StatementIntake<T: Config> {
	intake: Intake,
	tally: Tally,
	/// Window, beaconer, witness and signature of what the bundle held so far.
	seen: BTreeSet<(WindowIndex, DeviceId, DeviceId, [u8; 64])>,
	taking: Taking,
	_config: PhantomData<T>,
}

impl<T: Config> StatementIntake<T> {
	pub(crate) fn new() -> Self {
		Self {
			intake: Intake::new::<T>(T::Windows::of_call()),
			tally: Tally::default(),
			seen: BTreeSet::new(),
			taking: Taking::default(),
			_config: PhantomData,
		}
	}

	/// Takes what is new in a group. An empty one is malformed.
	pub(crate) fn take(&mut self, mut group: StatementGroup) {
		self.taking.groups = self.taking.groups.saturating_add(1);
		if group.statements.is_empty() {
			self.tally.note_bad(1);
			return;
		}
		self.drop_repetitions(&mut group);
		match self.intake.open::<T>(group.window, group.beaconer) {
			Ok(mut challenge) => {
				for statement in &group.statements {
					let result = self.take_one(&mut challenge, statement);
					self.tally.note(result);
				}
				let is_ranked = !challenge.ranks.is_empty();
				self.taking.ranked = self.taking.ranked.saturating_add(is_ranked.into());
				self.taking.looks = self.taking.looks.saturating_add(challenge.looks);
				challenge.close();
			}
			Err(refusal) => {
				if refusal == Refusal::UnknownDevice {
					say_if_unreadable::<T>(&mut LookupOf::<T>::default(), group.beaconer);
				}
				(0..group.statements.len()).for_each(|_| self.tally.note(Err(refusal)));
			}
		}
	}

	/// Counts what the bundle held before as bad, and leaves the rest in the group. It is looked
	/// for by signature: with another statement before it, a signature is a wrong one.
	fn drop_repetitions(&mut self, group: &mut StatementGroup) {
		let (window, beaconer) = (group.window, group.beaconer);
		let (before, seen) = (group.statements.len(), &mut self.seen);
		group.statements.retain(|entry| {
			seen.insert((window, beaconer, entry.observation.witness, entry.signature.0))
		});
		let repeated = before.saturating_sub(group.statements.len());
		self.tally.note_bad(repeated as u32);
	}

	/// The outcome, and the weight of the work that was really done.
	pub(crate) fn finish(self) -> (Tally, Weight) {
		(self.tally, self.taking.weight::<T>())
	}

	fn take_one(
		&mut self,
		challenge: &mut OpenChallenge<T>,
		statement: &SignedObservation,
	) -> Result<(), Refusal> {
		let seat = challenge.seat(&statement.observation).inspect_err(|refusal| {
			self.taking.refused = self.taking.refused.saturating_add(1);
			if *refusal == Refusal::UnknownDevice {
				say_if_unreadable::<T>(&mut challenge.devices, statement.observation.witness);
			}
		})?;
		self.taking.verified = self.taking.verified.saturating_add(1);
		challenge.verify(statement, &seat)?;
		let is_new = seat.is_new();
		challenge.take(statement.observation, seat);
		// One that took another's place by its draw alone has it, but makes nothing free.
		if is_new { Ok(()) } else { Err(Refusal::Full) }
	}
}

impl<T: Config> Pallet<T> {
	/// Takes the statements of a collector's bundle.
	pub(crate) fn do_submit_statements(groups: Vec<StatementGroup>) -> (Tally, Weight) {
		let mut intake = StatementIntake::<T>::new();
		groups.into_iter().for_each(|group| intake.take(group));
		intake.finish()
	}

	/// Keeps a device's own statement, whose signature was verified when it was authorized.
	pub(crate) fn do_submit_own_statement(statement: &Statement) -> Result<(), Refusal> {
		let (mut challenge, seat) = Self::seat_own(T::Windows::of_call(), statement)?;
		challenge.take(statement.observation, seat);
		challenge.close();
		own_statements::spend::<T>(statement.window, statement.observation.witness);
		Ok(())
	}

	/// Whether a device's own statement would be taken in a block of window `now`, and how it
	/// ranks.
	pub(crate) fn examine_own_statement(
		now: WindowIndex,
		statement: &Statement,
	) -> Result<StatementRank, Refusal> {
		let (challenge, seat) = Self::seat_own(now, statement)?;
		challenge.verify(&statement.signed(), &seat)?;
		Ok(seat.rank())
	}

	/// Everything about a device's own statement but its signature. No one pays for it, so the
	/// device has a budget, and only what is new is taken.
	fn seat_own(
		now: WindowIndex,
		statement: &Statement,
	) -> Result<(OpenChallenge<T>, Seat), Refusal> {
		let Statement { window, beaconer, observation, .. } = statement;
		let mut challenge = Intake::new::<T>(now).open::<T>(*window, *beaconer)?;
		own_statements::ensure_left::<T>(*window, observation.witness)?;
		let seat = challenge.seat(observation)?.ensure_new()?;
		Ok((challenge, seat))
	}

	/// Whether a statement would be taken in a block of window `now` if a collector brought it, and
	/// how it ranks.
	pub(crate) fn examine_statement(
		now: WindowIndex,
		statement: &Statement,
	) -> Result<StatementRank, Refusal> {
		let mut challenge =
			Intake::new::<T>(now).open::<T>(statement.window, statement.beaconer)?;
		let seat = challenge.seat(&statement.observation)?;
		challenge.verify(&statement.signed(), &seat)?;
		Ok(seat.rank())
	}
}
