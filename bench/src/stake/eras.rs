//! What the largest election, the largest epoch and the largest change of era take of a block: 300
//! seats, 1,000 candidates, and a set of which no one was in the one before.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use codec::Decode;
use cpu_time::ThreadTime;
use frame_support::storage_alias;
use groma_core::{
	EpochIndex,
	emission::DAY_MS,
	money::{Balance, GRM},
	protocol::PRICE_REPEAT_MS,
};
use groma_runtime::{
	AccountId, Emission, GovernedParameters, Hash, Runtime, RuntimeOrigin, Session, SessionKeys,
	Stake, System, Validators,
	configs::parameters::{RuntimeParameters, dynamic_params::validators},
	constants::{BLOCK_COMPUTE, CANDIDATES_MAX, VALIDATOR_SEATS_MAX},
};
use groma_traits::{
	ClosedEpoch, Emission as _, EmissionBenchmarkHelper, FeedWork, OnEpochClosed, Payment, Pools,
};
use pallet_session::NextKeys;
use pallet_validators::{Config, WeightInfo};
use sp_state_machine::BasicExternalities;

use super::chain::{
	SESSION_SLOTS, account, back, bytes, delegate, done, endow, found_operator, genesis, signed,
};
use crate::{
	hooks::{
		blocks::Blocks,
		counting::{Counting, Counts},
	},
	report::Report,
};

type Weights = <Runtime as Config>::WeightInfo;
type Chain = Blocks<BasicExternalities>;

/// Kinds of accounts and keys.
const CANDIDATES: u8 = 1;
const DELEGATORS: u8 = 2;
const KEYS: [u8; 3] = [3, 4, 5];
const PS_PER_S: f64 = 1e12;
const EPOCH: EpochIndex = 20_000;
/// What a candidate has at first, what those who are elected first have more, and what those get
/// who are elected next.
const OWN: Balance = 20_000 * GRM;
const MORE: Balance = 10_000 * GRM;
const MOST: Balance = 20_000 * GRM;
/// Members of the set that author nothing: one of ten loses its candidacy at most.
const IDLE: u32 = VALIDATOR_SEATS_MAX / 10;
/// The genesis has a candidate.
const DECLARED: u32 = CANDIDATES_MAX - 1;

/// Who authored a block in the active era, by the index in the set.
#[storage_alias]
type Authored = StorageValue<Validators, Vec<bool>>;

/// What something took.
struct Measured {
	counts: Counts,
	time: Duration,
}

impl Measured {
	/// Its share of a block, in percent: the time, and the runtime's weights of what it read and
	/// wrote.
	fn share(&self) -> f64 {
		let Counts { reads, writes, .. } = self.counts;
		let weights = <Runtime as frame_system::Config>::DbWeight::get();
		let database = weights.reads_writes(reads, writes).ref_time() as f64;
		of_block(self.time.as_secs_f64() * PS_PER_S + database)
	}

	fn report(&self, name: &str, report: &mut Report) {
		report.figure(&format!("reads_of_{name}"), self.counts.reads as f64, "");
		report.figure(&format!("writes_of_{name}"), self.counts.writes as f64, "");
		report.figure(&format!("time_of_{name}"), self.time.as_secs_f64() * 1e3, "ms");
		report.figure(&format!("share_of_{name}"), self.share(), "%");
	}
}

/// Picoseconds in percent of what a block may compute.
fn of_block(picoseconds: f64) -> f64 {
	100.0 * picoseconds / BLOCK_COMPUTE.ref_time() as f64
}

/// Measures and reports.
pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
	BasicExternalities::new_empty().execute_with(|| by_weights(report));
	close_epoch()?.report("closing", report);
	let (election, change) = change_era()?;
	election.report("election", report);
	change.report("change", report);
	Ok(())
}

/// What the weights of the runtime say.
fn by_weights(report: &mut Report) {
	let election = Weights::elect(CANDIDATES_MAX);
	let closing = Weights::close_epoch(VALIDATOR_SEATS_MAX);
	let change = Weights::end_era(CANDIDATES_MAX).saturating_add(Weights::begin_era());
	for (name, weight) in [("election", election), ("closing", closing), ("change", change)] {
		report.figure(&format!("weight_of_{name}"), of_block(weight.ref_time() as f64), "%");
	}
}

/// Closes an epoch in which as many validators have points as there are seats, each of whom has a
/// pool that gets a part.
fn close_epoch() -> anyhow::Result<Measured> {
	let mut state = Counting::new(genesis()?);
	let (worked, _) = state.run(|| -> anyhow::Result<()> {
		System::set_block_number(1);
		<Emission as EmissionBenchmarkHelper>::pass_to(EPOCH);
		pallet_timestamp::Now::<Runtime>::put(u64::from(EPOCH) * DAY_MS);
		for n in 0..VALIDATOR_SEATS_MAX {
			let (validator, delegator) = (account(CANDIDATES, n), account(DELEGATORS, n));
			found_operator(&validator, OWN)?;
			endow(&delegator, GRM)?;
			delegate(&delegator, &validator, 100 * GRM)?;
			<Validators as FeedWork<AccountId>>::note_fed(&validator, PRICE_REPEAT_MS);
		}
		// So much was burned for claims, of which a part was left for validators.
		let basis = 2 * Balance::from(VALIDATOR_SEATS_MAX) * GRM;
		let claim = Payment { basis, value: basis, paid: 0, for_validators: 0 };
		ensure!(Emission::remint(EPOCH, &claim), "nothing is claimed");
		System::reset_events();
		Ok(())
	});
	worked?;
	let for_validators = Balance::from(VALIDATOR_SEATS_MAX) * GRM;
	let pools = Pools { validators: for_validators, ..Pools::default() };
	let (began_ms, chain_began_ms) = (1, 1);
	let closed = ClosedEpoch { epoch: EPOCH, began_ms, chain_began_ms, pools, for_validators };
	let (time, counts) = state.run(|| {
		let started = ThreadTime::now();
		<Validators as OnEpochClosed>::on_epoch_closed(&closed);
		started.elapsed()
	});
	let (owed, _) = state.run(|| {
		let owed = |n| Stake::operator_of(&account(CANDIDATES, n)).map(|it| it.owed);
		(0..VALIDATOR_SEATS_MAX).filter(|n| owed(*n).is_some_and(|plancks| plancks > 0)).count()
	});
	ensure!(owed == VALIDATOR_SEATS_MAX as usize, "{owed} validators are owed a reward");
	Ok(Measured { counts, time })
}

/// Makes blocks on which a set of 300 follows another one of which it has no member, and returns
/// what the block took that elects it, and the one in which its era begins. Both are whole blocks
/// without transactions, in which a session changes.
fn change_era() -> anyhow::Result<(Measured, Measured)> {
	let mut chain = Blocks::after(0, Hash::zero(), genesis()?);
	chain.make(declare_all)?;
	// The first set of 300 is elected, and its era begins.
	next_session(&mut chain)?;
	next_session(&mut chain)?;
	let before = chain.look(Session::validators);
	ensure!(
		before.len() == VALIDATOR_SEATS_MAX as usize,
		"{} validators are elected",
		before.len()
	);
	chain.make(|| {
		(VALIDATOR_SEATS_MAX..2 * VALIDATOR_SEATS_MAX).try_for_each(|n| back(&candidate(n), MOST))
	})?;
	let election = next_session(&mut chain)?;
	chain.make(|| {
		Authored::put((0..VALIDATOR_SEATS_MAX).map(|index| index >= IDLE).collect::<Vec<_>>());
		Ok(())
	})?;
	let change = next_session(&mut chain)?;
	let after = chain.look(Session::validators);
	ensure!(after.len() == VALIDATOR_SEATS_MAX as usize, "{} validators are elected", after.len());
	let stayed = after.iter().filter(|validator| before.contains(validator)).count();
	ensure!(stayed == 0, "{stayed} validators are in both sets");
	let left = chain.look(Validators::candidates).context("the candidates decode")?.len();
	let chilled = (CANDIDATES_MAX as usize).saturating_sub(left);
	ensure!(chilled + 1 >= IDLE as usize, "{chilled} idle validators lost their candidacy");
	Ok((election, change))
}

fn candidate(n: u32) -> AccountId {
	account(CANDIDATES, n)
}

/// Makes as many candidates as there can be, all of whom can be elected, and as many seats as there
/// can be.
fn declare_all() -> anyhow::Result<()> {
	let seats = validators::Parameters::Seats(validators::Seats, Some(VALIDATOR_SEATS_MAX));
	let parameter = RuntimeParameters::Validators(seats);
	let set = GovernedParameters::set_parameter(RuntimeOrigin::root(), parameter);
	ensure!(set.is_ok(), "the seats cannot be set: {set:?}");
	for n in 0..DECLARED {
		let candidate = candidate(n);
		let keys = KEYS.map(|kind| bytes(kind, n)).concat();
		let keys = SessionKeys::decode(&mut &keys[..]).context("three keys")?;
		NextKeys::<Runtime>::insert(&candidate, keys);
		endow(&candidate, 10 * GRM)?;
		back(&candidate, if n < VALIDATOR_SEATS_MAX { OWN + MORE } else { OWN })?;
		done(Validators::declare(signed(&candidate), None), "becoming a candidate")?;
	}
	Ok(())
}

/// Makes blocks until a session begins, and returns what the first one of it took.
fn next_session(chain: &mut Chain) -> anyhow::Result<Measured> {
	let before = chain.look(Session::current_index);
	for _ in 0..2 * SESSION_SLOTS {
		let started = ThreadTime::now();
		let counts = chain.make(|| Ok(()))?;
		let time = started.elapsed();
		if chain.look(Session::current_index) > before {
			return Ok(Measured { counts, time });
		}
	}
	bail!("session {before} does not end")
}
