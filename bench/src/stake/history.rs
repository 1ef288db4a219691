//! Random histories of delegators, on the runtime's own pallets, compared with the exact model.

use anyhow::{Context, anyhow, ensure};
use frame_support::{
	Blake2_128Concat, BoundedVec, Twox64Concat, storage_alias, traits::fungible::InspectHold,
};
use groma_core::{
	EraIndex,
	money::{Balance, DELEGATION_MIN, GRM},
	protocol::{SETTLED_MAX, THAW_ERAS, THAWS_MAX},
};
use groma_runtime::{AccountId, Balances, Emission, RuntimeHoldReason, Stake, System, Validators};
use groma_traits::{Backing, ErasBenchmarkHelper};
use pallet_stake::{Delegation, HoldReason, Operator, Tranche};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
	chain::{EPOCH, account, back, delegate, done, endow, found_operator, genesis, signed},
	exact::{self, Exact},
};
use crate::report::Report;

/// Kinds of accounts.
const OPERATOR: u8 = 1;
const DELEGATORS: u8 = 2;
const FIRST_ERA: EraIndex = 100;
/// The own stake of an operator at first, and what it adds.
const OWN: Balance = 10_000 * GRM;
const OWN_MORE: Balance = 100 * GRM;
/// The least that an account lets go unless it is all.
const LEAVE_MIN: Balance = GRM;
/// How often a history is compared as a whole.
const CHECKS: u32 = 10;

/// What thaws, by operator and era.
#[storage_alias]
type Tranches =
	StorageDoubleMap<Stake, Blake2_128Concat, AccountId, Twox64Concat, EraIndex, Tranche>;

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
	/// Operations that were done.
	pub(super) operations: u64,
	/// Slashes, and those of them that took all, or all but some plancks.
	pub(super) slashes: u64,
	pub(super) full_slashes: u64,
	/// The most plancks by which an account differs from the model, for each operation before it.
	pub(super) most_off: f64,
	/// The most plancks by which what is on hold differs from what the pool and all that thaws
	/// hold, beyond a planck for each part; and by which what was credited exceeds what was earned.
	pub(super) totals_off: Balance,
}

impl Found {
	fn add(&mut self, other: Self) {
		self.operations += other.operations;
		self.slashes += other.slashes;
		self.full_slashes += other.full_slashes;
		self.most_off = self.most_off.max(other.most_off);
		self.totals_off = self.totals_off.max(other.totals_off);
	}
}

/// Plays a history with each of these numbers of delegators, and reports.
pub(super) fn run(
	sizes: &[u32],
	operations: u32,
	seed: u64,
	report: &mut Report,
) -> anyhow::Result<()> {
	let mut all = Found::default();
	for size in sizes {
		let found = genesis()?.execute_with(|| play(*size, operations, seed));
		let found = found.with_context(|| format!("{size} delegators, seed {seed}"))?;
		report.figure(&format!("most_off_per_operation_of_{size}"), found.most_off, "plancks");
		all.add(found);
	}
	report.figure("histories", sizes.len() as f64, "");
	report.figure("operations", all.operations as f64, "");
	report.figure("slashes", all.slashes as f64, "");
	report.figure("full_slashes", all.full_slashes as f64, "");
	report.figure("most_off_per_operation", all.most_off, "plancks");
	report.figure("totals_off", all.totals_off as f64, "plancks");
	Ok(())
}

/// Plays one history.
fn play(size: u32, operations: u32, seed: u64) -> anyhow::Result<Found> {
	System::set_block_number(1);
	let mut history = History::found(size, seed)?;
	// Everyone is there before anyone leaves.
	for index in 0..history.accounts.len() {
		history.join(index)?;
	}
	let interval = (operations / CHECKS).max(1);
	for operation in 1..=operations {
		history.step()?;
		if operation.is_multiple_of(interval) {
			history.check()?;
		}
		System::reset_events();
	}
	history.check()?;
	Ok(history.found)
}

/// An operator and those who delegate to it.
struct History {
	random: ChaCha8Rng,
	operator: AccountId,
	ids: Vec<AccountId>,
	accounts: Vec<exact::Account>,
	era: EraIndex,
	/// Plancks of rewards that the pool got, and that delegators were paid.
	rewarded: Balance,
	paid: Balance,
	found: Found,
}

impl History {
	fn found(size: u32, seed: u64) -> anyhow::Result<Self> {
		let operator = account(OPERATOR, 0);
		let ids: Vec<AccountId> = (0..size).map(|n| account(DELEGATORS, n)).collect();
		ids.iter().try_for_each(|id| endow(id, GRM))?;
		set_era(FIRST_ERA);
		found_operator(&operator, OWN)?;
		Ok(Self {
			random: ChaCha8Rng::seed_from_u64(seed),
			operator,
			accounts: vec![exact::Account::default(); ids.len()],
			ids,
			era: FIRST_ERA,
			rewarded: 0,
			paid: 0,
			found: Found::default(),
		})
	}

	/// Something random. What is not possible is left out.
	fn step(&mut self) -> anyhow::Result<()> {
		let index = self.random.gen_range(0..self.ids.len());
		match self.random.gen_range(0..40) {
			0 => self.slash(),
			1 | 2 => self.reward(),
			3 => {
				self.era += self.random.gen_range(1..6);
				set_era(self.era);
				Ok(())
			}
			4 => back(&self.operator, OWN_MORE),
			5..=19 => self.join(index),
			20..=28 => self.leave(index),
			29..=34 => self.withdraw(index),
			_ => self.claim(index),
		}
	}

	fn record(&self) -> anyhow::Result<Operator> {
		Stake::operator_of(&self.operator).context("the operator decodes")
	}

	fn delegation(&self, index: usize) -> anyhow::Result<Delegation> {
		let delegation = Stake::delegation_of(&self.ids[index], &self.operator);
		delegation.context("a delegation decodes")
	}

	fn join(&mut self, index: usize) -> anyhow::Result<()> {
		if !self.record()?.is_open {
			// Nothing was left of the operator, so that its record went.
			back(&self.operator, OWN_MORE)?;
			done(Stake::set_open(signed(&self.operator), true), "a pool opens")?;
		}
		let amount = DELEGATION_MIN + self.random.gen_range(0..1_000 * GRM);
		delegate(&self.ids[index], &self.operator, amount)?;
		self.accounts[index].join(amount);
		self.found.operations += 1;
		Ok(())
	}

	fn leave(&mut self, index: usize) -> anyhow::Result<()> {
		self.settle(&[index])?;
		let standing = self.delegation(index)?.active.principal;
		if standing == 0 {
			return Ok(());
		}
		let is_all = standing < 2 * DELEGATION_MIN || self.random.gen_range(0..3) == 0;
		let amount = (!is_all)
			.then(|| self.random.gen_range(LEAVE_MIN..=standing.saturating_sub(DELEGATION_MIN)));
		let (id, operator) = (signed(&self.ids[index]), self.operator.clone());
		done(Stake::undelegate(id, operator, amount), "undelegating")?;
		let newest = self.accounts[index].thawing.keys().next_back().copied();
		let era = newest.map_or(self.era, |newest| newest.max(self.era));
		self.accounts[index].leave(amount, era, THAWS_MAX as usize);
		self.found.operations += 1;
		Ok(())
	}

	fn withdraw(&mut self, index: usize) -> anyhow::Result<()> {
		self.settle(&[index])?;
		let era = self.era;
		let is_due = |thawed: EraIndex| thawed.saturating_add(THAW_ERAS) <= era;
		let delegation = self.delegation(index)?;
		let due: Vec<_> = delegation.thawing.iter().filter(|it| is_due(it.era)).collect();
		if due.is_empty() {
			return Ok(());
		}
		for entry in due {
			let part = self.accounts[index].thawing.get(&entry.era).copied();
			self.note(entry.part.principal, part.context("what thaws is in the model")?);
		}
		let (id, operator) = (signed(&self.ids[index]), self.operator.clone());
		done(Stake::withdraw_delegated(id, operator), "withdrawing")?;
		self.accounts[index].thawing.retain(|thawed, _| !is_due(*thawed));
		self.found.operations += 1;
		Ok(())
	}

	fn claim(&mut self, index: usize) -> anyhow::Result<()> {
		let id = self.ids[index].clone();
		let owed = Stake::owed_to(&id, &self.operator).unwrap_or_default();
		if owed == 0 {
			return Ok(());
		}
		self.note(owed, self.accounts[index].owed);
		done(Stake::claim(signed(&id), self.operator.clone(), id), "claiming")?;
		self.accounts[index].claim(owed);
		self.paid += owed;
		self.found.operations += 1;
		Ok(())
	}

	/// Rewards the operator by at most a thousandth of what stands behind it.
	fn reward(&mut self) -> anyhow::Result<()> {
		let record = self.record()?;
		let (own, pool) = (record.own.active, record.pool.stake.tokens);
		let amount = self.random.gen_range(0..=(own + pool) / 1_000);
		if amount == 0 {
			return Ok(());
		}
		endow(&Emission::pot(), amount)?;
		let taken = <Stake as Backing<_>>::reward(&self.operator, EPOCH, amount);
		ensure!(taken == amount, "{taken} of {amount} were taken of a reward");
		let owed = self.record()?.owed.saturating_sub(record.owed);
		let of_pool = amount.saturating_sub(owed);
		let exact = Exact::portion(amount, pool, own + pool);
		self.note(of_pool, exact);
		exact::reward(&mut self.accounts, of_pool);
		self.rewarded += of_pool;
		self.found.operations += 1;
		Ok(())
	}

	/// What thaws of these eras, in the order of eras.
	fn tranches(&self, first: EraIndex) -> Vec<(EraIndex, Tranche)> {
		let eras = first..=self.era;
		eras.filter_map(|era| Some((era, Tranches::get(&self.operator, era)?))).collect()
	}

	/// Slashes for an offence of an era: a part of what backed it, all but some plancks, or all.
	fn slash(&mut self) -> anyhow::Result<()> {
		let era = self.era - self.random.gen_range(0..THAW_ERAS + 3);
		let first = era.max(self.era - THAW_ERAS);
		let (record, tranches) = (self.record()?, self.tranches(first));
		let own = record.own.active;
		let thawing: Balance = tranches.iter().map(|(_, it)| it.stake.tokens).sum();
		let total = record.pool.stake.tokens + thawing;
		let kind = self.random.gen_range(0..8);
		let amount = match kind {
			0 => own + total,
			1 => (own + total).saturating_sub(self.random.gen_range(0..100)),
			2 => self.random.gen_range(0..=own),
			_ => own + self.random.gen_range(0..=total / 3),
		};
		let slashed = <Stake as Backing<_>>::slash(&self.operator, era, amount, None);
		let wanted = amount.saturating_sub(own).min(total);
		ensure!(slashed.own == own.min(amount), "{slashed:?} of {own} of its own");
		ensure!(slashed.delegated >= wanted, "{slashed:?} of {wanted} delegated");
		exact::slash(&mut self.accounts, wanted, first);
		let generation = record.pool.stake.generation;
		if self.record()?.pool.stake.generation != generation {
			exact::end_pool(&mut self.accounts);
		}
		for (era, before) in tranches {
			let after = Tranches::get(&self.operator, era).context("its entries are there")?;
			if after.stake.generation != before.stake.generation {
				exact::end_tranche(&mut self.accounts, era);
			}
		}
		self.found.slashes += 1;
		self.found.full_slashes += u64::from(kind < 2);
		self.found.operations += 1;
		Ok(())
	}

	/// Settles some delegations. Entries of which nothing is left are gone then, and here too.
	fn settle(&mut self, indices: &[usize]) -> anyhow::Result<()> {
		let ids = indices.iter().map(|index| self.ids[*index].clone()).collect();
		let ids = BoundedVec::truncate_from(ids);
		done(Stake::settle(signed(&self.operator), self.operator.clone(), ids), "settling")?;
		for index in indices {
			let delegation = self.delegation(*index)?;
			let kept = |era: EraIndex| delegation.thawing.iter().any(|entry| entry.era == era);
			let mut gone = Vec::new();
			self.accounts[*index].thawing.retain(|era, part| {
				if !kept(*era) {
					gone.push(*part);
				}
				kept(*era)
			});
			gone.into_iter().for_each(|part| self.note(0, part));
		}
		Ok(())
	}

	/// Notes by how much an amount differs from that of the model.
	fn note(&mut self, amount: Balance, exact: Exact) {
		let off = exact.difference(amount) / self.found.operations.max(1) as f64;
		self.found.most_off = self.found.most_off.max(off);
	}

	/// Compares everyone with the model, and the sums with what is on hold.
	fn check(&mut self) -> anyhow::Result<()> {
		let indices: Vec<usize> = (0..self.ids.len()).collect();
		indices.chunks(SETTLED_MAX as usize).try_for_each(|some| self.settle(some))?;
		let (mut held, mut owed, mut parts): (Balance, Balance, Balance) = Default::default();
		for index in indices {
			let delegation = self.delegation(index)?;
			let exact = self.accounts[index].clone();
			self.note(delegation.active.principal, exact.active);
			for entry in &delegation.thawing {
				let part = exact.thawing.get(&entry.era);
				let part = part.with_context(|| format!("nothing thaws of era {}", entry.era))?;
				self.note(entry.part.principal, *part);
			}
			let reward = Stake::owed_to(&self.ids[index], &self.operator).unwrap_or_default();
			self.note(reward, exact.owed);
			let reason = RuntimeHoldReason::Stake(HoldReason::Delegated);
			let on_hold = Balances::balance_on_hold(&reason, &self.ids[index]);
			self.note_total(on_hold.abs_diff(delegation.on_hold()));
			held += on_hold;
			owed += reward;
			parts += 1 + delegation.thawing.len() as Balance;
		}
		let record = self.record()?;
		// However long ago it is: what is due may not be withdrawn yet.
		let thawing = Tranches::iter_prefix_values(&self.operator);
		let live: Balance =
			thawing.map(|it| it.stake.tokens).sum::<Balance>() + record.pool.stake.tokens;
		self.note_total(held.abs_diff(live).saturating_sub(parts));
		let credited = owed + self.paid + record.pool.carry;
		self.note_total(credited.saturating_sub(self.rewarded));
		Stake::do_try_state().map_err(|error| anyhow!("the ledger is unsound: {error:?}"))
	}

	fn note_total(&mut self, off: Balance) {
		self.found.totals_off = self.found.totals_off.max(off);
	}
}

fn set_era(era: EraIndex) {
	<Validators as ErasBenchmarkHelper<AccountId>>::set_era(era);
}
