//! A season: the devices of a field live on a chain, everyone as it is used to, and are paid for
//! it.

use std::collections::{BTreeMap, VecDeque};

use groma_core::{
	CoverageReason, DeviceId, WindowIndex,
	api::DeviceStatus,
	money::Balance,
	protocol::{CREDIT_PARTS, EFFECT_DELAY_WINDOWS, REVEAL_DELAY, WITNESSES_JUDGED},
	radio::Transmission,
};
use groma_runtime::{
	AccountId, Balances, DeviceRegistry, Emission, ProofOfCoverage, Rewards, Runtime, RuntimeCall,
};
use groma_simulator::{
	behaviour::Behaviour,
	field::{Field, Member},
	testimony::{Beaconing, Moment, Testimony},
};
use indicatif::ProgressBar;

use pallet_collector::Call as CollectorCall;
use pallet_rewards::Call as RewardsCall;

use super::{
	books::Books,
	chain::{Chain, EPOCH_WINDOWS, RECIPROCITY_WINDOWS},
	collectors::Collector,
	crowd::{self, Crowd},
	outcome::{Earned, Outcome},
	owners::{self, NETWORK},
	trials::{Copies, Trial},
};

/// Windows before the first one that is measured: whole epochs, in which the grace of new devices
/// ends.
pub(crate) const WARM_UP_WINDOWS: u32 =
	(EFFECT_DELAY_WINDOWS + RECIPROCITY_WINDOWS).next_multiple_of(EPOCH_WINDOWS);

/// Lets the field of a trial live for so many windows after the warm-up, whole epochs, and says
/// what came of it. Advances `progress` by every window, those of the warm-up included.
pub(crate) fn live(
	trial: &Trial,
	field: &Field,
	seed: u64,
	windows: u32,
	progress: &ProgressBar,
) -> anyhow::Result<Outcome> {
	let mut season = Season::begin(trial, field, seed)?;
	let end = WARM_UP_WINDOWS + windows;
	for window in 1..end {
		if window == WARM_UP_WINDOWS {
			season.reasons_before = season.reasons();
		}
		season.live_window(window)?;
		progress.inc(1);
	}
	season.chain.reach_window(end);
	season.claim(end);
	progress.inc(1);
	Ok(season.end(windows / EPOCH_WINDOWS))
}

/// The beacons of a window, and what is held back until they are revealed.
struct Round {
	beacons: Vec<Beaconing>,
	late: Vec<Testimony>,
	/// For how many fifths of reports its reveals can credit the collector of the cheats.
	fifths_at_most: u64,
}

struct Season<'a> {
	trial: &'a Trial,
	field: &'a Field,
	chain: Chain,
	/// The members' names on chain.
	names: Vec<Option<DeviceId>>,
	/// Windows whose beacons are not revealed yet, oldest first.
	rounds: VecDeque<Round>,
	/// The last revealed beacon of each device.
	public: BTreeMap<DeviceId, Beaconing>,
	/// Devices of no member, which never beacon.
	crowd: Crowd,
	/// What each member got in measured epochs.
	earned: Vec<Earned>,
	/// How often each reason had applied to cheats when the measurement began.
	reasons_before: BTreeMap<CoverageReason, u64>,
	outcome: Outcome,
}

impl<'a> Season<'a> {
	/// Founds a chain and registers every device of the field.
	fn begin(trial: &'a Trial, field: &'a Field, seed: u64) -> anyhow::Result<Self> {
		let honest = field.members().iter().filter(|member| is_honest(member)).count();
		let mut chain = Chain::found(seed, honest)?;
		for collector in Collector::ALL {
			chain.endow(&collector.account(), owners::FUNDS)?;
			collector.register(&mut chain)?;
		}
		Ok(Self {
			trial,
			field,
			names: owners::register(&mut chain, field)?,
			crowd: Crowd::register(&mut chain, field, trial.dormant)?,
			chain,
			rounds: VecDeque::new(),
			public: BTreeMap::new(),
			earned: vec![Earned::default(); field.members().len()],
			reasons_before: BTreeMap::new(),
			outcome: Outcome::default(),
		})
	}

	fn live_window(&mut self, window: WindowIndex) -> anyhow::Result<()> {
		self.chain.reach_window(window);
		if window.is_multiple_of(EPOCH_WINDOWS) {
			self.claim(window);
		}
		self.settle(window)?;
		self.testify(window)?;
		if (window + 1).is_multiple_of(EPOCH_WINDOWS) && is_measured(window) {
			self.count_units();
		}
		Ok(())
	}

	/// Pays everyone for the epoch before `window`.
	fn claim(&mut self, window: WindowIndex) {
		let is_measured = is_measured(window - 1);
		for (member, about) in self.field.members().iter().enumerate() {
			let Some(device) = self.names.get(member).copied().flatten() else { continue };
			let paid =
				self.paid(&owners::account(about.owner), RewardsCall::<Runtime>::claim { device });
			if is_measured && let Some(earned) = self.earned.get_mut(member) {
				earned.plancks += paid;
			}
		}
		let [for_honest, for_cheats, for_copying, for_redundant] =
			Collector::ALL.map(|collector| {
				let collector = collector.account();
				let claim =
					CollectorCall::<Runtime>::claim_collected { collector: collector.clone() };
				self.paid(&collector, claim)
			});
		let pool = self.chain.with(|| {
			let epoch = Emission::epoch_info()?.last_closed?;
			Some(Rewards::network_epoch(NETWORK, epoch)?.pool)
		});
		if is_measured {
			self.outcome.collected_for_honest += for_honest;
			self.outcome.collected_for_cheats += for_cheats;
			self.outcome.collected_by_others += for_copying + for_redundant;
			self.outcome.pool += pool.unwrap_or_default();
		}
	}

	/// What an account gets by a claim. One that finds nothing to claim brings nothing.
	fn paid(&mut self, account: &AccountId, claim: impl Into<RuntimeCall>) -> Balance {
		let before = self.chain.with(|| Balances::free_balance(account));
		let _nothing_owed = self.chain.call(&Collector::Honest.account(), claim);
		self.chain.with(|| Balances::free_balance(account)).saturating_sub(before)
	}

	/// How often each reason has applied to a cheat so far.
	fn reasons(&mut self) -> BTreeMap<CoverageReason, u64> {
		let mut reasons = BTreeMap::new();
		let cheats = self.field.members().iter().zip(&self.names).filter(|it| !is_honest(it.0));
		for device in cheats.filter_map(|(_, name)| *name) {
			let activity = self.chain.with(|| ProofOfCoverage::activity_info(device));
			for it in activity.into_iter().flat_map(|activity| activity.reasons) {
				if let Some(reason) = it.reason() {
					*reasons.entry(reason).or_default() += u64::from(it.count);
				}
			}
		}
		reasons
	}

	/// Reveals the beacons whose time has come, and lets those state who waited for that.
	fn settle(&mut self, window: WindowIndex) -> anyhow::Result<()> {
		if self.rounds.len() < REVEAL_DELAY as usize {
			return Ok(());
		}
		let Some(round) = self.rounds.pop_front() else { return Ok(()) };
		let Round { beacons, late, fifths_at_most } = round;
		if is_measured(window) {
			self.outcome.fifths_at_most += fifths_at_most;
		}
		for (collector, mut books) in self.collectors() {
			collector.reveal(&mut self.chain, &beacons, &mut books)?;
			self.close(window, collector, books);
		}
		self.cheat(window, &beacons, late)?;
		self.public.extend(beacons.into_iter().map(|beacon| (beacon.device, beacon)));
		Ok(())
	}

	/// Beacons, and states what is heard or made up. Cheats come first: the honest have no need to
	/// be early.
	fn testify(&mut self, window: WindowIndex) -> anyhow::Result<()> {
		let beacons = self.beacons(window);
		let public: Vec<_> = self.public.values().cloned().collect();
		let testimony = self.field.testimony(&self.names, &beacons, &public);
		let (late, in_time): (Vec<_>, Vec<_>) =
			testimony.into_iter().partition(|it| it.statement.moment == Moment::AfterReveal);
		let (honest, made_by_cheats): (Vec<_>, Vec<_>) = in_time
			.into_iter()
			.partition(|it| self.field.members().get(it.witness).is_some_and(is_honest));
		let fifths_at_most = fifths_at_most(&made_by_cheats);
		let deceived = self.deceived(window, &beacons);
		let mut of_crowd = Books::default();
		self.crowd.rush(&mut self.chain, &beacons, &mut of_crowd)?;
		self.cheat(window, &beacons, made_by_cheats)?;
		for (collector, mut books) in self.collectors() {
			collector.state(&mut self.chain, &beacons, deceived.clone(), &mut books)?;
			let brought = self.brought_by(collector, &honest);
			collector.state(&mut self.chain, &beacons, brought, &mut books)?;
			self.close(window, collector, books);
		}
		self.crowd.insist(&mut self.chain, &beacons, &mut of_crowd);
		self.close(window, Collector::Cheating, of_crowd);
		self.rounds.push_back(Round { beacons, late, fifths_at_most });
		Ok(())
	}

	/// Who brings what honest devices made, the first one first, with empty books.
	fn collectors(&self) -> Vec<(Collector, Books)> {
		let collectors: &[Collector] = match self.trial.copies {
			Copies::None => &[Collector::Honest],
			Copies::Before | Copies::AllButOne => &[Collector::Copying, Collector::Honest],
			Copies::After => &[Collector::Honest, Collector::Redundant],
		};
		collectors.iter().map(|collector| (*collector, Books::default())).collect()
	}

	/// What a collector brings of what honest devices state. A copy of all but one leaves out the
	/// last, so that all others come in the same order.
	fn brought_by(&self, collector: Collector, honest: &[Testimony]) -> Vec<Testimony> {
		let mut brought = honest.to_vec();
		if collector == Collector::Copying && self.trial.copies == Copies::AllButOne {
			brought.sort_by_key(|entry| entry.beacon);
			brought.pop();
		}
		brought
	}

	/// Adds what a collector, or devices themselves, brought in a window to the outcome.
	fn close(&mut self, window: WindowIndex, collector: Collector, books: Books) {
		if !is_measured(window) {
			return;
		}
		let Books { taken, paid, left_out, free } = books;
		match collector {
			Collector::Cheating => self.outcome.taken += taken,
			Collector::Copying => self.outcome.copied += taken,
			Collector::Honest | Collector::Redundant => {
				self.outcome.paid += paid;
				self.outcome.left_out += left_out;
			}
		}
		for (beacon, statements) in free {
			*self.outcome.free.entry(beacon).or_default() += statements;
		}
	}

	/// The beacons of everyone who is challenged in the running window and answers.
	fn beacons(&mut self, window: WindowIndex) -> Vec<Beaconing> {
		let field = self.field;
		let members = field.members().iter().zip(&self.names).enumerate();
		let chain = &mut self.chain;
		members
			.filter(|(_, (about, _))| about.behaviour.beacons())
			.filter_map(|(member, (_, name))| {
				let device = (*name)?;
				let challenge = chain.with(|| ProofOfCoverage::challenge_info(device, window))?;
				Some(Beaconing {
					member,
					device,
					window,
					challenge: challenge.id,
					signature: field.beacon_signature(member, &challenge.id),
					transmission: Transmission {
						eirp: challenge.eirp_centi_dbm.into(),
						frequency_hz: challenge.frequency_hz,
						data_rate: challenge.data_rate,
					},
				})
			})
			.collect()
	}

	/// What honest devices state about false beacons. They ask the chain first, if they are not
	/// gullible.
	fn deceived(&mut self, window: WindowIndex, beacons: &[Beaconing]) -> Vec<Testimony> {
		let false_beacons = self.field.false_beacons(beacons);
		if is_measured(window) {
			let heard = false_beacons.iter().map(|it| it.receptions.len() as u64).sum::<u64>();
			self.outcome.attempts += heard;
		}
		let (chain, is_everyone_gullible) = (&mut self.chain, self.trial.is_everyone_gullible);
		self.field.deceived(&self.names, beacons, &false_beacons, |beacon, signature| {
			is_everyone_gullible
				|| chain
					.with(|| ProofOfCoverage::is_beacon_genuine(beacon.device, window, signature))
		})
	}

	/// Submits what cheats state, by a separate collector, and counts it.
	fn cheat(
		&mut self,
		window: WindowIndex,
		beacons: &[Beaconing],
		testimony: Vec<Testimony>,
	) -> anyhow::Result<()> {
		let (attempts, mut books) = (testimony.len() as u64, Books::default());
		Collector::Cheating.state(&mut self.chain, beacons, testimony, &mut books)?;
		if is_measured(window) {
			self.outcome.attempts += attempts;
		}
		self.close(window, Collector::Cheating, books);
		Ok(())
	}

	/// Adds the units of the running epoch to what everyone has. Nothing settles in what is left of
	/// it.
	fn count_units(&mut self) {
		for (name, earned) in self.names.iter().zip(&mut self.earned) {
			let Some(device) = *name else { continue };
			let units = self.chain.with(|| {
				let epoch = Emission::epoch_info().map(|info| info.current);
				let info = Rewards::rewards_info(device);
				(info.open_epoch.is_some() && info.open_epoch == epoch).then_some(info.open_units)
			});
			earned.units += units.map_or(0, |units| units.0);
		}
	}

	fn end(mut self, epochs: u32) -> Outcome {
		let squatters = self.active_squatters();
		let reasons = self.reasons();
		let mut outcome = self.outcome;
		outcome.epochs = epochs;
		outcome.stake = self.chain.stake_per_device();
		outcome.device_cap = self.chain.device_cap();
		outcome.fifth_cap = self.chain.fifth_cap();
		outcome.lane_percent =
			crowd::lane_percent(&mut self.chain, self.trial.dormant, outcome.free_at_most());
		outcome.attempts += squatters;
		for (reason, count) in reasons {
			let before = self.reasons_before.get(&reason).copied().unwrap_or_default();
			if count > before {
				outcome.reasons.insert(reason, count - before);
			}
		}
		for (about, earned) in self.field.members().iter().zip(self.earned) {
			if is_honest(about) {
				outcome.honest.push(earned);
			} else if about.behaviour.is_device() {
				outcome.cheats.push(earned);
			}
		}
		outcome
	}

	/// Dead devices that the chain holds for active, in the cell of an honest one.
	fn active_squatters(&mut self) -> u64 {
		let members = self.field.members();
		let squatters = members.iter().zip(&self.names).filter(|(about, _)| {
			about.behaviour == Behaviour::Squatter
				&& members.iter().any(|it| is_honest(it) && it.asserted == about.asserted)
		});
		let chain = &mut self.chain;
		squatters
			.filter_map(|(_, name)| *name)
			.filter_map(|name| chain.with(|| DeviceRegistry::device_info(name)))
			.filter(|info| info.status == DeviceStatus::Active)
			.count() as u64
	}
}

/// For how many fifths of reports the collector of those who make these statements can be credited:
/// at most eight statements about a beacon count, each for four fifths, and the fifth of each that
/// counts goes to one of the collectors that they name.
fn fifths_at_most(statements: &[Testimony]) -> u64 {
	let mut by_beacon: BTreeMap<usize, u64> = BTreeMap::new();
	for statement in statements {
		*by_beacon.entry(statement.beacon).or_default() += 1;
	}
	let counting_max = WITNESSES_JUDGED as u64;
	let of_statement = u64::from(CREDIT_PARTS) - 1;
	by_beacon.into_values().map(|count| of_statement * count.min(counting_max) + counting_max).sum()
}

/// Whether what happens in a window counts.
fn is_measured(window: WindowIndex) -> bool {
	window >= WARM_UP_WINDOWS
}

fn is_honest(member: &Member) -> bool {
	member.behaviour == Behaviour::Honest
}

#[cfg(test)]
mod tests {
	use super::*;

	const DEVICES: usize = 12;
	const SEED: u64 = 1;

	fn outcome(trial: &Trial) -> Outcome {
		let field = trial.field(DEVICES, SEED).expect("a field");
		let windows = 2 * EPOCH_WINDOWS;
		live(trial, &field, SEED, windows, &ProgressBar::hidden()).expect("a season")
	}

	fn trial(name: &str) -> Trial {
		let mut trials = super::super::trials::all(DEVICES).into_iter();
		trials.find(|trial| trial.name == name).expect("there is such a trial")
	}

	#[test]
	fn honest_devices_share_the_pool_when_no_one_cheats() {
		let alone = outcome(&Trial::without_cheats());
		assert_eq!((alone.honest.len(), alone.cheats.len()), (DEVICES, 0));
		assert!(alone.honest.iter().all(|earned| earned.units > 0 && earned.plancks > 0));
		assert!(alone.paid_percent() > 99.0, "{}", alone.paid_percent());
	}

	#[test]
	fn guesser_earns_nothing_though_the_chain_takes_what_it_states() {
		let guesser = outcome(&trial("guesser"));
		assert!(guesser.attempts > 0 && guesser.taken > 0);
		assert_eq!(guesser.cheats, [Earned::default()]);
		assert_eq!(guesser.collected_for_cheats, 0);
		let reasons: Vec<_> = guesser.reasons.keys().copied().collect();
		assert_eq!(reasons, [CoverageReason::CommitmentMismatch]);
	}

	#[test]
	fn fleet_earns_and_takes_from_the_honest() {
		let (fleet, alone) = (outcome(&trial("fleet_of_4")), outcome(&Trial::without_cheats()));
		assert!(fleet.cheats.iter().all(|earned| earned.plancks > 0));
		assert!(fleet.loss_percent(&alone) > 0.0);
		assert_eq!(fleet.unit_loss_percent(&alone), 0.0);
		let (profit, bound) = (fleet.cheats_profit(), fleet.cheats_profit_bound());
		assert!(profit > 0.0 && profit <= bound, "{profit} of {bound}");
		// Rho alone is 0.3 % of the stake per epoch.
		assert!(bound > 365.0 * 0.003, "{bound}");
	}

	#[test]
	fn devices_that_never_beacon_bring_little_for_nothing_and_harm_no_one() {
		let alone = outcome(&Trial::without_cheats());
		let crowded = outcome(&Trial { dormant: 60, ..Trial::without_cheats() });
		assert!(crowded.taken > 0);
		let free = crowded.free_at_most();
		assert!((1..=128).contains(&free), "{free}");
		let loss = crowded.unit_loss_percent(&alone);
		assert!(loss <= 1.0, "{loss}");
	}

	#[test]
	fn more_flooders_than_places_take_little_from_devices_that_are_heard() {
		let flooders = trial("flooder_of_64_among_16");
		let (alone, flooded) = (outcome(&flooders.alone()), outcome(&flooders));
		assert_eq!((flooded.honest.len(), flooded.cheats.len()), (16, 64));
		let worst = flooded.worst_unit_loss_percent(&alone);
		assert!(worst <= 3.0, "{worst}");
		assert_eq!(flooded.collected_for_cheats, 0);
	}

	#[test]
	fn copied_bundles_earn_their_copyist_nothing_and_cost_no_one() {
		let alone = outcome(&Trial::without_cheats());
		for copies in [Copies::Before, Copies::AllButOne, Copies::After] {
			let copied = outcome(&Trial { copies, ..Trial::without_cheats() });
			assert_eq!(copied.copied > 0, copies != Copies::After, "{copies:?}");
			assert_eq!(copied.collected_by_others, 0, "{copies:?}");
			assert!(copied.collected_for_honest > 0);
			assert_eq!(copied.collected_for_honest, alone.collected_for_honest, "{copies:?}");
			assert_eq!(copied.honest, alone.honest, "{copies:?}");
			assert_eq!(copied.paid, 0, "{copies:?}");
			assert!(copied.left_out > 0, "{copies:?}");
		}
	}

	#[test]
	fn false_beacons_harm_no_one_but_the_gullible() {
		let alone = outcome(&Trial::without_cheats());
		let checked = outcome(&trial("impostor"));
		assert!(checked.attempts > 0);
		assert_eq!(checked.honest, alone.honest);
		let unchecked = outcome(&trial("impostor_if_unchecked"));
		assert!(unchecked.unit_loss_percent(&alone) > 0.0);
	}
}
