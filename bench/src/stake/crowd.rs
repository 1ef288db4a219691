//! What operations read, write and take, of an operator with one delegator and of one with many,
//! and of an owner with one device and one with many. All of them are on one chain, so that the
//! size of the state is the same for both.

use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use cpu_time::ThreadTime;
use frame_support::BoundedVec;
use groma_core::{
	DeviceId, EraIndex,
	money::{Balance, GRM},
	place::{Cell, LOCATION_RESOLUTION},
	protocol::{FIRST_NETWORK, THAW_ERAS},
	words::SessionKey,
};
use groma_runtime::{
	AccountId, DeviceRegistry, Emission, Networks, Runtime, RuntimeEvent, Stake, System, Validators,
};
use groma_traits::{
	Backing, DeviceOffences, Devices, DevicesBenchmarkHelper, ErasBenchmarkHelper, Offence,
	Provisions,
};
use pallet_stake::{Event, Purpose};
use sp_io::storage;
use sp_state_machine::BasicExternalities;

use super::chain::{EPOCH, account, bytes, delegate, done, endow, found_operator, genesis, signed};
use crate::{
	hooks::counting::{Counting, Counts},
	report::Report,
};

/// Kinds of accounts. Those of delegators begin with the last.
const OPERATORS: u8 = 1;
const OWNERS: u8 = 2;
const OTHERS: u8 = 3;
const SESSION_KEYS: u8 = 4;
const DELEGATORS: u8 = 5;
/// Eras in each of which everyone lets some stake go, from the first.
const FIRST_ERA: EraIndex = 100;
const THAWED_ERAS: EraIndex = 3;
/// The era in which what thaws is due.
const DUE_ERA: EraIndex = FIRST_ERA + THAWED_ERAS + THAW_ERAS;
const OWN: Balance = 10_000 * GRM;
const DELEGATED: Balance = 1_000 * GRM;
/// What a slash takes of what is delegated, and what a reward is.
const PART: Balance = 100 * GRM;

/// An operator with one of its delegators, and an owner with the last of its devices.
struct Party {
	operator: AccountId,
	delegator: AccountId,
	owner: AccountId,
	device: DeviceId,
}

impl Party {
	/// Founds a party with so many delegators and devices.
	fn found(number: u8, size: u32) -> anyhow::Result<Self> {
		let operator = account(OPERATORS, number.into());
		found_operator(&operator, OWN)?;
		let delegators = (0..size).map(|n| account(DELEGATORS + number, n));
		for delegator in delegators.clone() {
			endow(&delegator, GRM)?;
			delegate(&delegator, &operator, DELEGATED)?;
		}
		for era in FIRST_ERA..FIRST_ERA + THAWED_ERAS {
			set_era(era);
			let thawed = Stake::thaw(signed(&operator), Purpose::Validating, GRM);
			done(thawed, "thawing")?;
			for delegator in delegators.clone() {
				undelegate(&delegator, &operator, Some(10 * GRM))?;
			}
		}
		let (owner, device) = found_fleet(number, size)?;
		Ok(Self { operator, delegator: account(DELEGATORS + number, 0), owner, device })
	}

	fn slash(&self, delegated: Balance) -> anyhow::Result<()> {
		let record = Stake::operator_of(&self.operator).context("the operator decodes")?;
		let amount = record.own.on_hold().saturating_add(delegated);
		let reporter = reporter();
		let slashed =
			<Stake as Backing<_>>::slash(&self.operator, FIRST_ERA, amount, Some(&reporter));
		ensure!(slashed.own > 0 && slashed.delegated > 0, "a slash took {slashed:?}");
		Ok(())
	}

	fn reward(&self) -> anyhow::Result<()> {
		let taken = <Stake as Backing<_>>::reward(&self.operator, EPOCH, PART);
		ensure!(taken == PART, "{taken} were taken of a reward");
		Ok(())
	}

	fn settle(&self) -> anyhow::Result<()> {
		let accounts = BoundedVec::truncate_from(vec![self.delegator.clone()]);
		done(Stake::settle(signed(&reporter()), self.operator.clone(), accounts), "settling")
	}

	fn claim(&self, account: &AccountId) -> anyhow::Result<()> {
		let claimed = Stake::claim(signed(&reporter()), self.operator.clone(), account.clone());
		done(claimed, "claiming")
	}

	fn withdraw(&self) -> anyhow::Result<()> {
		let operator = self.operator.clone();
		done(Stake::withdraw_delegated(signed(&self.delegator), operator), "withdrawing")
	}

	/// Looks the device up, and whether stake covers it.
	fn look_at_device(&self) -> anyhow::Result<()> {
		let view = <DeviceRegistry as Devices<AccountId>>::at(self.device, 0);
		let view = view.context("the device is registered")?;
		let terms = <Networks as groma_traits::Networks>::terms(view.network);
		let stake = terms.context("the network is known")?.stake_per_device;
		let (owner, network, slot) = (&view.owner, view.network, view.slot);
		let is_covered = <Stake as Provisions<AccountId>>::covers(owner, network, slot, stake);
		ensure!(is_covered && view.owner == self.owner, "device {} is not covered", self.device);
		Ok(())
	}

	fn offend(&self) -> anyhow::Result<()> {
		let (network, reporter) = (FIRST_NETWORK, reporter());
		let offence = Offence::DoubleBeacon;
		<Stake as DeviceOffences<_>>::on_offence(
			self.device,
			network,
			&self.owner,
			&reporter,
			offence,
		);
		Ok(())
	}
}

/// An owner with so many devices, all of them covered, and the last of these.
fn found_fleet(number: u8, size: u32) -> anyhow::Result<(AccountId, DeviceId)> {
	let owner = account(OWNERS, number.into());
	let terms = <Networks as groma_traits::Networks>::terms(FIRST_NETWORK);
	let each = terms.context("the preset has a network")?.stake_per_device;
	// A slash of one device leaves something of the provision, however many there are.
	let amount = each.saturating_mul(size.into()).saturating_add(GRM);
	endow(&owner, amount.saturating_add(10 * GRM))?;
	let purpose = Purpose::Devices(FIRST_NETWORK);
	done(Stake::provision(signed(&owner), purpose, amount), "stake behind devices")?;
	let mut last = None;
	for n in 0..size {
		let latitude = -60.0 + 1.2 * f64::from(n % 100);
		let longitude = -170.0 + 3.4 * f64::from(n / 100) + f64::from(number);
		let cell = Cell::from_degrees(latitude, longitude, LOCATION_RESOLUTION);
		let cell = cell.context("a place on earth")?;
		let key = SessionKey(bytes(SESSION_KEYS, 2 * n + u32::from(number)));
		let added = <DeviceRegistry as DevicesBenchmarkHelper<_>>::add_device(
			owner.clone(),
			FIRST_NETWORK,
			key,
			cell,
			0,
		);
		last = Some(added);
	}
	let last = last.context("an owner has a device at least")?;
	// Reading a device reads its page, which would hold more of the larger fleet.
	<DeviceRegistry as DevicesBenchmarkHelper<AccountId>>::fill_device_page(last);
	Ok((owner, last))
}

fn set_era(era: EraIndex) {
	<Validators as ErasBenchmarkHelper<AccountId>>::set_era(era);
}

fn undelegate(
	delegator: &AccountId,
	operator: &AccountId,
	amount: Option<Balance>,
) -> anyhow::Result<()> {
	done(Stake::undelegate(signed(delegator), operator.clone(), amount), "undelegating")
}

/// Who reports offences, and calls what anyone may call.
fn reporter() -> AccountId {
	account(OTHERS, 0)
}

/// Who delegates for the first time.
fn newcomer() -> AccountId {
	account(OTHERS, 1)
}

type Act = fn(&Party) -> anyhow::Result<()>;

/// Something that is measured.
struct Operation {
	name: &'static str,
	/// What is done before, and not measured.
	prepare: Act,
	act: Act,
	/// Fails if that did nothing, of what is never refused. It is not measured.
	check: Act,
	/// How often it is done in a measurement. More than once only if it changes nothing.
	times: u32,
}

impl Operation {
	/// Something that is done once, and that fails if it is refused.
	const fn once(name: &'static str, prepare: Act, act: Act) -> Self {
		Self { name, prepare, act, check: NOTHING, times: 1 }
	}
}

const NOTHING: Act = |_| Ok(());
const AFTER_SLASH: Act = |it| it.slash(PART);
const IS_SETTLED: Act = |_| has_happened(|event| matches!(event, Event::Settled { .. }));

/// Fails if no such event of stake was deposited.
fn has_happened(is_meant: fn(&Event<Runtime>) -> bool) -> anyhow::Result<()> {
	let has_happened = System::events().into_iter().any(|record| match record.event {
		RuntimeEvent::Stake(event) => is_meant(&event),
		_ => false,
	});
	ensure!(has_happened, "nothing happened");
	Ok(())
}

static OPERATIONS: [Operation; 12] = [
	Operation::once("slash", NOTHING, |it| it.slash(PART)),
	Operation::once("full_slash", NOTHING, |it| it.slash(Balance::MAX)),
	Operation::once("reward", NOTHING, Party::reward),
	Operation::once("join", NOTHING, |it| {
		let operator = it.operator.clone();
		done(Stake::delegate(signed(&newcomer()), operator, 10 * GRM), "delegating")
	}),
	Operation::once("leave", NOTHING, |it| undelegate(&it.delegator, &it.operator, None)),
	Operation::once("leave_in_part", AFTER_SLASH, |it| {
		undelegate(&it.delegator, &it.operator, Some(10 * GRM))
	}),
	Operation::once(
		"withdraw",
		|it| {
			it.slash(PART)?;
			set_era(DUE_ERA);
			Ok(())
		},
		Party::withdraw,
	),
	Operation { check: IS_SETTLED, ..Operation::once("settle", AFTER_SLASH, Party::settle) },
	Operation {
		check: IS_SETTLED,
		..Operation::once(
			"settle_after_full_slash",
			|it| {
				it.reward()?;
				it.slash(Balance::MAX)
			},
			Party::settle,
		)
	},
	Operation::once("claim", Party::reward, |it| it.claim(&it.delegator)),
	Operation { times: 20, ..Operation::once("coverage", NOTHING, Party::look_at_device) },
	Operation {
		check: |_| has_happened(|event| matches!(event, Event::Slashed { .. })),
		..Operation::once("slash_of_device", NOTHING, Party::offend)
	},
];

/// The names of all that is measured.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
	OPERATIONS.iter().map(|operation| operation.name)
}

/// What an operation took.
struct Measured {
	counts: Counts,
	time: Duration,
}

/// A chain with a small and a large party.
struct World {
	state: Counting<BasicExternalities>,
	alone: Party,
	crowd: Party,
}

impl World {
	fn found(crowd: u32) -> anyhow::Result<Self> {
		let mut state = Counting::new(genesis()?);
		let (parties, _) = state.run(|| -> anyhow::Result<[Party; 2]> {
			System::set_block_number(1);
			endow(&reporter(), 10 * GRM)?;
			endow(&newcomer(), 100 * GRM)?;
			// Claims are paid out of it.
			endow(&Emission::pot(), 1_000 * GRM)?;
			set_era(FIRST_ERA);
			let alone = Party::found(0, 1)?;
			set_era(FIRST_ERA);
			let crowd = Party::found(1, crowd)?;
			set_era(FIRST_ERA + THAWED_ERAS);
			System::reset_events();
			Ok([alone, crowd])
		});
		let [alone, crowd] = parties?;
		Ok(Self { state, alone, crowd })
	}

	fn measure(&mut self, operation: &Operation, is_crowd: bool) -> anyhow::Result<Measured> {
		let Self { state, alone, crowd } = self;
		let party: &Party = if is_crowd { crowd } else { alone };
		// What happens is undone, so that each measurement begins with the same state.
		let (prepared, _) = state.run(|| {
			storage::start_transaction();
			(operation.prepare)(party)
		});
		prepared.with_context(|| format!("what comes before {}", operation.name))?;
		let ((acted, time), counts) = state.run(|| {
			let started = ThreadTime::now();
			let acted = (0..operation.times).try_for_each(|_| (operation.act)(party));
			(acted, started.elapsed())
		});
		let (checked, _) = state.run(|| {
			let checked = (operation.check)(party);
			storage::rollback_transaction();
			checked
		});
		acted.and(checked).with_context(|| operation.name)?;
		Ok(Measured { counts, time })
	}
}

/// Measures every operation, and reports.
pub(super) fn run(crowd: u32, rounds: u32, report: &mut Report) -> anyhow::Result<()> {
	let mut world = World::found(crowd)?;
	let mut differences = 0;
	for operation in &OPERATIONS {
		let (mut alone, mut many) = (Vec::new(), Vec::new());
		for round in 0..rounds {
			// What is measured second finds warm caches: they take turns.
			let is_odd = !round.is_multiple_of(2);
			for is_crowd in [is_odd, !is_odd] {
				let measured = world.measure(operation, is_crowd)?;
				let of_party = if is_crowd { &mut many } else { &mut alone };
				of_party.push(measured);
			}
		}
		differences += compare(operation.name, &alone, &many, report)?;
	}
	report.figure("difference_of_operations", differences as f64, "");
	Ok(())
}

/// Reports what an operation takes of the two, and returns by how many storage operations they
/// differ.
fn compare(
	name: &str,
	alone: &[Measured],
	crowd: &[Measured],
	report: &mut Report,
) -> anyhow::Result<u64> {
	let nothing = || anyhow!("{name} was not measured");
	let (few, many) = (alone.first(), crowd.first());
	let (few, many) = (few.ok_or_else(nothing)?.counts, many.ok_or_else(nothing)?.counts);
	let differences = few.reads.abs_diff(many.reads) + few.writes.abs_diff(many.writes);
	report.figure(&format!("reads_of_{name}"), many.reads as f64, "");
	report.figure(&format!("writes_of_{name}"), many.writes as f64, "");
	report.figure(&format!("difference_of_{name}"), differences as f64, "");
	let (alone, crowd) = (median_us(alone), median_us(crowd));
	report.figure(&format!("time_of_{name}"), crowd, "us");
	report.figure(&format!("time_ratio_of_{name}"), crowd / alone, "");
	Ok(differences)
}

/// The median of the times, in microseconds.
fn median_us(measured: &[Measured]) -> f64 {
	let mut times: Vec<Duration> = measured.iter().map(|it| it.time).collect();
	times.sort();
	let median = times.get(times.len() / 2).copied().unwrap_or_default();
	median.as_secs_f64() * 1e6
}
