//! Phase 2: a revealed beacon signature opens all commitments, judges all records and settles the
//! challenge at once.
//!
//! The life of a challenge of window *w*; this file has the row in bold.
//!
//! | window | who | call | checks and effects |
//! |---|---|---|---|
//! | *w* | the beaconer, by radio | - | nothing: the chain does not hear beacons |
//! | *w*, *w+1* | a collector; the witness without an account | `submit_statements`; `submit_own_statement` | `admit`: window and beaconer; `seat`: the witness, but for its signature; `verify`: that; `take`: keeps the record |
//! | **w+2** | a collector; anyone without an account | `submit_reveals`; `submit_own_reveal` | `open`: there is a challenge, and the beaconer signed; `settle`: removes it; `judge`: the rules, units and reasons |
//! | from *w+3* on | a hook, with weight that is left | - | `prune`: removes what was not revealed, and counts that for its witnesses |

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};

use core::marker::PhantomData;

use frame_support::{defensive, weights::Weight};
use groma_core::{
	CollectorIndex, CoverageReason, DeviceId, EpochIndex, EvidenceClass, NetworkId, RegionId,
	WindowIndex,
	api::Refusal,
	coverage::{beaconer_units, witness_units},
	payload,
	protocol::{CREDIT_PARTS, RECORDS_MAX, REVEAL_DELAY, WITNESSES_JUDGED},
	region::RegionPlan,
	selection,
	statement::Reveal,
	terms::NetworkTerms,
	units::{Scale, Units},
	words::Hash,
};
use groma_traits::{
	Collectors, DeviceLookup, DeviceView, SupplyRewards, Window, Windows, standing,
};

use crate::{
	Challenges, Config, Event, Pallet, WeightInfo,
	activity::{self, ActivitiesRead, Bookkeeping, Participant},
	density,
	judge::{self, Beacon, Beaconer, unfit_beaconer},
	standing::{Cover, LookupOf, TermsOnce, say_if_unreadable},
	statements::{genesis_hash, is_signed, stored_challenge},
	types::{Challenge, Counted, Record, Tally},
};

/// The index that names no collector.
const NO_COLLECTOR: CollectorIndex = 0;

/// What settling really took: the refund is computed from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effort {
	reveals: u32,
	records: u32,
	/// Devices whose work of an epoch was handed over or begun, where earlier work had waited or
	/// another account is paid from now on.
	folds: u32,
	/// All other devices whose work of an epoch was handed over or begun.
	usual_folds: u32,
	/// Reasons that were counted: at most one per participant.
	reasons: u32,
	recounts: u32,
	/// Collectors that were credited, beyond the first: each once, for all that it brought.
	further_collectors: u32,
}

impl Effort {
	/// The most that `reveals` reveals can take.
	pub(crate) fn worst(reveals: u32) -> Self {
		let participants = reveals.saturating_mul(RECORDS_MAX.saturating_add(1));
		Self {
			reveals,
			records: reveals.saturating_mul(RECORDS_MAX),
			folds: participants,
			usual_folds: 0,
			reasons: participants,
			recounts: reveals,
			further_collectors: reveals.saturating_mul(WITNESSES_JUDGED as u32).saturating_sub(1),
		}
	}

	/// What `reveals` reveals with so many records each take if no device has work to hand over.
	pub(crate) fn settling(reveals: u32, records_each: u32) -> Self {
		Self { reveals, records: reveals.saturating_mul(records_each), ..Self::default() }
	}

	/// As weight, in a bundle of a collector. Each reveal is weighed with one record, whether it
	/// settled one or not.
	pub(crate) fn bundle_weight<T: Config>(&self) -> Weight {
		let further = match self.records.saturating_sub(self.reveals) {
			0 => Weight::zero(),
			further => T::WeightInfo::settle_records(further),
		};
		T::WeightInfo::submit_reveals(self.reveals)
			.saturating_add(further)
			.saturating_add(self.extra_weight::<T>())
	}

	/// As weight, in a separate call.
	pub(crate) fn own_weight<T: Config>(&self) -> Weight {
		T::WeightInfo::submit_own_reveal(self.records).saturating_add(self.extra_weight::<T>())
	}

	fn extra_weight<T: Config>(&self) -> Weight {
		T::Rewards::fold_weight()
			.saturating_mul(self.folds.into())
			.saturating_add(T::Rewards::usual_fold_weight().saturating_mul(self.usual_folds.into()))
			.saturating_add(T::WeightInfo::count_reason().saturating_mul(self.reasons.into()))
			.saturating_add(T::WeightInfo::recount().saturating_mul(self.recounts.into()))
			.saturating_add(
				T::WeightInfo::credit_collector().saturating_mul(self.further_collectors.into()),
			)
	}

	fn add(&mut self, bookkeeping: Bookkeeping) {
		let is_usual = bookkeeping.is_folded && !bookkeeping.is_unusual;
		self.folds = self.folds.saturating_add(bookkeeping.is_unusual.into());
		self.usual_folds = self.usual_folds.saturating_add(is_usual.into());
		self.reasons = self.reasons.saturating_add(bookkeeping.reasons);
	}
}

/// A reveal that was found genuine, with what it settles.
pub(crate) struct Opened<T: Config> {
	reveal: Reveal,
	beaconer: DeviceView<T::AccountId>,
	challenge: Challenge,
	devices: LookupOf<T>,
}

/// Who earns in a settled challenge: the beaconer, or a witness whose record passed the rules.
struct Earner<AccountId> {
	device: DeviceId,
	owner: AccountId,
	class: EvidenceClass,
	/// The window in which the place took effect.
	since: WindowIndex,
	/// Whether it had a covered slot of its owner when the epoch began, too.
	had_slot: bool,
}

/// A witness whose record is valid, with the collector that it names.
struct Witness<AccountId> {
	earner: Earner<AccountId>,
	collector: CollectorIndex,
}

/// The settlement of a bundle's challenges: reads what they share once, and hands the sums over
/// when it is closed.
pub(crate) struct Settlement<T: Config> {
	genesis: Hash,
	epoch: EpochIndex,
	judged: Option<Window>,
	later_seed: Hash,
	terms: TermsOnce,
	plans: BTreeMap<(NetworkId, RegionId), Option<RegionPlan>>,
	units: BTreeMap<NetworkId, Units>,
	/// Fifths of reports by collector.
	credits: BTreeMap<CollectorIndex, u32>,
	effort: Effort,
	_config: PhantomData<T>,
}

impl<T: Config> Settlement<T> {
	/// A settlement in a block of window `now`.
	pub(crate) fn new(now: WindowIndex) -> Self {
		// Calls run after the timestamp of their block, so there is an epoch, unless epochs are
		// stopped: then nothing is judged.
		let epoch = T::Rewards::epoch();
		let judged = now.checked_sub(REVEAL_DELAY).filter(|_| epoch.is_some());
		Self {
			genesis: genesis_hash::<T>(),
			epoch: epoch.unwrap_or_default(),
			judged: judged.and_then(T::Windows::window),
			later_seed: T::Windows::window(now).map(|record| record.seed).unwrap_or_default(),
			terms: TermsOnce::default(),
			plans: BTreeMap::new(),
			units: BTreeMap::new(),
			credits: BTreeMap::new(),
			effort: Effort::default(),
			_config: PhantomData,
		}
	}

	/// Opens a reveal: its window has come, there is something to settle, and the device signed it.
	pub(crate) fn open(&self, reveal: &Reveal) -> Result<Opened<T>, Refusal> {
		let opened = self.look_up(reveal)?;
		let seed = self.judged.as_ref().map(|record| record.seed).unwrap_or_default();
		let id = payload::challenge_id(&self.genesis, &seed, reveal.beaconer);
		let message = payload::beacon(&id);
		if !is_signed(&opened.beaconer.session_key, &message, &reveal.signature) {
			return Err(Refusal::BadSignature);
		}
		Ok(opened)
	}

	/// Opens a reveal whose signature was verified before.
	pub(crate) fn look_up(&self, reveal: &Reveal) -> Result<Opened<T>, Refusal> {
		if self.judged.as_ref().is_none_or(|record| record.index != reveal.window) {
			return Err(Refusal::WindowClosed);
		}
		let challenge = stored_challenge::<T>(reveal.window, reveal.beaconer);
		let challenge = challenge.value().ok_or(Refusal::NothingToReveal)?;
		let mut devices = LookupOf::<T>::default();
		let beaconer = devices.at(reveal.beaconer, reveal.window).ok_or(Refusal::UnknownDevice)?;
		Ok(Opened { reveal: *reveal, beaconer, challenge, devices })
	}

	/// Judges all records of a challenge and removes it.
	pub(crate) fn settle(&mut self, opened: Opened<T>) -> Result<(), Refusal> {
		let Opened { reveal, beaconer, challenge, mut devices } = opened;
		let Some(judged) = self.judged.take() else {
			defensive!("a reveal is opened for a window that is known");
			return Err(Refusal::WindowClosed);
		};
		Challenges::<T>::remove(reveal.window, reveal.beaconer);
		self.effort.records = self.effort.records.saturating_add(challenge.records.len() as u32);
		if let Err(reason) = self.judge(&judged, &reveal, beaconer, &challenge, &mut devices) {
			// The beacon itself counts for nothing, and so does what was stated about it.
			self.count(reveal.beaconer, reason);
			for record in &challenge.records {
				self.count(record.observation.witness, reason);
			}
		}
		self.judged = Some(judged);
		Ok(())
	}

	/// Hands over the sums and says what it took.
	pub(crate) fn close(mut self) -> Effort {
		for (network, units) in self.units {
			T::Rewards::note_units(network, units);
		}
		self.effort.further_collectors = (self.credits.len() as u32).saturating_sub(1);
		for (collector, fifths) in self.credits {
			T::Collectors::credit(collector, fifths);
		}
		self.effort
	}

	/// Rule 1 about the beaconer, then everything else about the witnesses. Places were given by
	/// the same rules, but stake and status may have changed since.
	fn judge(
		&mut self,
		judged: &Window,
		reveal: &Reveal,
		view: DeviceView<T::AccountId>,
		challenge: &Challenge,
		devices: &mut LookupOf<T>,
	) -> Result<(), CoverageReason> {
		let network = view.network;
		let terms = self.terms.of::<T>(network).ok_or(CoverageReason::BeaconerInactive)?;
		let mut cover = Cover::default();
		let look = |view: &DeviceView<T::AccountId>, stake| cover.look::<T>(view, stake);
		let beaconer =
			Beaconer::admit(view, reveal.window, terms.clone(), look).map_err(unfit_beaconer)?;
		let transmission = self
			.plan(network, beaconer.place.region)
			.and_then(|plan| judge::transmission(&judged.seed, reveal.beaconer, plan))
			.ok_or(CoverageReason::BeaconerInactive)?;
		let mut activities = ActivitiesRead::<T>::default();
		if !check_readable::<T>(&mut activities, reveal.beaconer) {
			return Err(CoverageReason::BeaconerInactive);
		}
		let beacon = Beacon { signature: &reveal.signature, transmission };
		let mut witnesses = self.judge_records(&beaconer, &beacon, challenge, devices);
		witnesses.retain(|witness| check_readable::<T>(&mut activities, witness.earner.device));
		if witnesses.is_empty() {
			self.count(reveal.beaconer, CoverageReason::NoValidWitness);
			return Ok(());
		}
		let counting =
			judge::choose(&mut witnesses, &self.later_seed, reveal.beaconer, |witness| {
				witness.earner.device
			});
		self.credit(reveal.beaconer, witnesses.get(..counting).unwrap_or_default());
		let reward = Reward {
			window: reveal.window,
			network,
			epoch: self.epoch,
			span: activity::reciprocity_span(judged, network),
			terms,
		};
		let counted = Counted { network, cell: beaconer.place.cell };
		let had_slot = cover.earns(&beaconer.view, self.epoch);
		let DeviceView { owner, class, since, .. } = beaconer.view;
		let beaconer = Earner { device: reveal.beaconer, owner, class, since, had_slot };
		let density =
			self.reward_beaconer(&mut activities, &reward, &beaconer, counted, counting as u32);
		self.reward_witnesses(&mut activities, &reward, density, &witnesses, counting);
		activities.write();
		Ok(())
	}

	/// The witnesses whose records are valid. The others' reasons are counted.
	fn judge_records(
		&mut self,
		beaconer: &Beaconer<T::AccountId>,
		beacon: &Beacon<'_>,
		challenge: &Challenge,
		devices: &mut LookupOf<T>,
	) -> Vec<Witness<T::AccountId>> {
		let mut witnesses = Vec::with_capacity(challenge.records.len());
		for record in &challenge.records {
			match judge_record::<T>(devices, self.epoch, beaconer, beacon, record) {
				Ok(earner) => {
					witnesses.push(Witness { earner, collector: record.observation.collector });
				}
				Err(reason) => self.count(record.observation.witness, reason),
			}
		}
		witnesses
	}

	/// Credits the collectors that the witnesses which count name: each for what its devices
	/// stated, and one of them for the reveal. Who brought what plays no part, so that there is
	/// nothing to gain by copying it.
	fn credit(&mut self, beaconer: DeviceId, counting: &[Witness<T::AccountId>]) {
		let named = counting.iter().filter(|witness| witness.collector != NO_COLLECTOR);
		for witness in named.clone() {
			self.add_credit(witness.collector, CREDIT_PARTS.saturating_sub(1));
		}
		let drawn = named.min_by_key(|witness| {
			let device = witness.earner.device;
			(selection::credit(&self.later_seed, beaconer, device), device)
		});
		if let Some(Witness { collector, .. }) = drawn {
			self.add_credit(*collector, counting.len() as u32);
		}
	}

	fn add_credit(&mut self, collector: CollectorIndex, fifths: u32) {
		let sum = self.credits.entry(collector).or_default();
		*sum = sum.saturating_add(fifths);
	}

	/// Counts the beaconer in density where it stands, pays it, and yields the density scale of its
	/// place.
	fn reward_beaconer(
		&mut self,
		activities: &mut ActivitiesRead<T>,
		reward: &Reward,
		beaconer: &Earner<T::AccountId>,
		counted: Counted,
		witnesses: u32,
	) -> Scale {
		let limits = &reward.terms.place.density_limits();
		let mut participant = Participant::open(activities, beaconer.device, reward.epoch);
		let activity = participant.activity();
		activity.was_heard(reward.window);
		let is_recounted = density::count::<T>(&mut activity.counted, counted, limits);
		self.effort.recounts = self.effort.recounts.saturating_add(is_recounted.into());
		let density = density::scale_at::<T>(counted.network, counted.cell, limits);
		let units = reward.pay(&mut participant, beaconer, density, beaconer_units(witnesses));
		self.note(reward.network, units, participant.close(activities));
		density
	}

	/// Pays the first `counting` witnesses and counts for the others that they were not selected.
	fn reward_witnesses(
		&mut self,
		activities: &mut ActivitiesRead<T>,
		reward: &Reward,
		density: Scale,
		witnesses: &[Witness<T::AccountId>],
		counting: usize,
	) {
		let base = witness_units(counting as u32);
		for (place, Witness { earner, .. }) in witnesses.iter().enumerate() {
			let mut participant = Participant::open(activities, earner.device, reward.epoch);
			participant.activity().was_witness(reward.window);
			let units = if place < counting {
				reward.pay(&mut participant, earner, density, base)
			} else {
				participant.count(CoverageReason::NotSelected);
				Units::ZERO
			};
			self.note(reward.network, units, participant.close(activities));
		}
	}

	/// Adds a participant's units to the network's, and what its books took to the effort.
	fn note(&mut self, network: NetworkId, units: Units, bookkeeping: Bookkeeping) {
		let sum = self.units.entry(network).or_default();
		*sum = sum.saturating_add(units);
		self.effort.add(bookkeeping);
	}

	fn count(&mut self, device: DeviceId, reason: CoverageReason) {
		activity::count_reason::<T>(device, reason);
		self.effort.reasons = self.effort.reasons.saturating_add(1);
	}

	fn plan(&mut self, network: NetworkId, region: RegionId) -> Option<&RegionPlan> {
		self.plans
			.entry((network, region))
			.or_insert_with(|| Pallet::<T>::stored_plan(network, region).value())
			.as_ref()
	}
}

/// What the earners of one challenge share.
struct Reward {
	window: WindowIndex,
	network: NetworkId,
	epoch: EpochIndex,
	span: WindowIndex,
	terms: NetworkTerms,
}

impl Reward {
	/// Pays a device its share of `base`, if it was recently both heard and a witness, and had a
	/// covered slot since before the epoch.
	fn pay<T: Config>(
		&self,
		participant: &mut Participant<T>,
		earner: &Earner<T::AccountId>,
		density: Scale,
		base: Units,
	) -> Units {
		let eligible_from = standing::eligible_from(earner.since, &self.terms);
		if !participant.activity().is_reciprocal(self.window, self.span, eligible_from) {
			participant.count(CoverageReason::NotReciprocal);
			return Units::ZERO;
		}
		if !earner.had_slot {
			participant.count(CoverageReason::NewInSlot);
			return Units::ZERO;
		}
		let Earner { class, since, .. } = *earner;
		let base = base.scaled(density);
		let units = standing::earned(base, class, since, self.window, &self.terms);
		participant.earn(&earner.owner, self.network, units);
		units
	}
}

/// Looks whether what is remembered of a device can be read, if there is anything. An event says if
/// not.
fn check_readable<T: Config>(activities: &mut ActivitiesRead<T>, device: DeviceId) -> bool {
	let is_readable = !activities.look(device).is_undecodable();
	if !is_readable {
		Pallet::<T>::deposit_event(Event::ActivityUnreadable { device });
	}
	is_readable
}

/// The rules of a record: its commitment first, before the witness is even looked up.
fn judge_record<T: Config>(
	devices: &mut LookupOf<T>,
	epoch: EpochIndex,
	beaconer: &Beaconer<T::AccountId>,
	beacon: &Beacon<'_>,
	record: &Record,
) -> Result<Earner<T::AccountId>, CoverageReason> {
	beacon.judge_commitment(record)?;
	let device = record.observation.witness;
	let Some(view) = devices.at(device, beaconer.window) else {
		say_if_unreadable::<T>(devices, device);
		return Err(CoverageReason::WitnessInactive);
	};
	let mut cover = Cover::default();
	let separation = beaconer.judge_witness(&view, |view, stake| cover.look::<T>(view, stake))?;
	beacon.judge_reception(record, separation)?;
	let had_slot = cover.earns(&view, epoch);
	Ok(Earner { device, owner: view.owner, class: view.class, since: view.since, had_slot })
}

impl<T: Config> Pallet<T> {
	/// Settles the challenges of a collector's bundle.
	pub(crate) fn do_submit_reveals(reveals: &[Reveal]) -> (Tally, Effort) {
		let mut settlement = Settlement::<T>::new(T::Windows::of_call());
		let mut tally = Tally::default();
		let mut seen = BTreeSet::new();
		for reveal in reveals {
			settlement.effort.reveals = settlement.effort.reveals.saturating_add(1);
			// An exact repetition within the bundle.
			if !seen.insert((reveal.window, reveal.beaconer, reveal.signature.0)) {
				tally.note_bad(1);
				continue;
			}
			let opened = settlement.open(reveal);
			if matches!(opened, Err(Refusal::UnknownDevice)) {
				say_if_unreadable::<T>(&mut LookupOf::<T>::default(), reveal.beaconer);
			}
			tally.note(opened.and_then(|opened| settlement.settle(opened)));
		}
		(tally, settlement.close())
	}

	/// Settles the challenge of a reveal whose signature was verified when it was authorized.
	pub(crate) fn do_submit_own_reveal(reveal: &Reveal) -> Result<Effort, Refusal> {
		let mut settlement = Settlement::<T>::new(T::Windows::of_call());
		let opened = settlement.look_up(reveal)?;
		settlement.settle(opened)?;
		Ok(settlement.close())
	}

	/// Whether a reveal would be taken in a block of window `now`.
	pub(crate) fn examine_reveal(now: WindowIndex, reveal: &Reveal) -> Result<(), Refusal> {
		Settlement::<T>::new(now).open(reveal).map(drop)
	}
}
