//! The arithmetic of shares against an exact model, which has no shares: it knows what each of up
//! to 10,000 accounts has, in 2^-48 plancks, and multiplies that by what a slash leaves.

use std::collections::BTreeMap;

use groma_core::{
	EraIndex,
	money::{Balance, DELEGATION_MIN, GRM},
};
use proptest::prelude::*;
use sp_core::U256;

use crate::{
	pool::{Pool, earned},
	shares::{Part, Shares, divide},
};

const FRACTION_BITS: u32 = 48;

fn fixed(amount: Balance) -> U256 {
	U256::from(amount) << FRACTION_BITS
}

/// Random numbers from a seed.
struct Numbers(u64);

impl Numbers {
	fn next(&mut self) -> u64 {
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		self.0
	}

	fn below(&mut self, bound: u128) -> u128 {
		u128::from(self.next()) % bound
	}
}

/// An account as the pallet keeps it, and as the model does.
#[derive(Clone, Copy, Default)]
struct Account {
	active: Part,
	settled_per_share: u128,
	owed: Balance,
	thawing: Option<(EraIndex, Part)>,
	exact_active: U256,
	exact_thawing: U256,
	exact_owed: U256,
}

struct World {
	numbers: Numbers,
	pool: Pool,
	/// What a share of each generation that ended had earned.
	ends: BTreeMap<u32, u128>,
	tranches: BTreeMap<EraIndex, Shares>,
	era: EraIndex,
	accounts: Vec<Account>,
	/// Plancks on hold for all.
	held: Balance,
	rewarded: Balance,
	paid: Balance,
	operations: u128,
}

impl World {
	fn new(seed: u64, accounts: usize) -> Self {
		Self {
			numbers: Numbers(seed | 1),
			pool: Pool::default(),
			ends: BTreeMap::new(),
			tranches: BTreeMap::new(),
			era: 100,
			accounts: vec![Account::default(); accounts],
			held: 0,
			rewarded: 0,
			paid: 0,
			operations: 0,
		}
	}

	fn tranche(&mut self, era: EraIndex) -> &mut Shares {
		self.tranches.entry(era).or_default()
	}

	fn settle(&mut self, index: usize) {
		let pool = self.pool;
		let mut account = self.accounts[index];
		let has_ended = account.active.generation != pool.stake.generation;
		let until = if has_ended && account.active.shares > 0 {
			self.ends[&account.active.generation]
		} else {
			pool.per_share
		};
		account.owed += earned(account.active.shares, account.settled_per_share, until);
		account.settled_per_share = pool.per_share;
		self.held -= account.active.settle(&pool.stake);
		if has_ended {
			account.active.shares = 0;
			account.active.generation = pool.stake.generation;
		}
		if let Some((era, mut part)) = account.thawing {
			self.held -= part.settle(self.tranche(era));
			account.thawing = Some((era, part));
		}
		self.accounts[index] = account;
	}

	fn join(&mut self, index: usize) {
		let amount = DELEGATION_MIN + self.numbers.below(1_000 * GRM);
		let shares = self.pool.stake.join(amount).expect("there is room");
		let account = &mut self.accounts[index];
		account.active.add(shares, amount);
		account.exact_active += fixed(amount);
		self.held += amount;
	}

	fn leave(&mut self, index: usize) {
		let standing = self.accounts[index].active.principal;
		let is_free = self.accounts[index].thawing.is_none_or(|(era, _)| era == self.era);
		if standing == 0 || !is_free {
			return;
		}
		let is_all = standing < 2 * DELEGATION_MIN || self.numbers.below(3) == 0;
		let most = standing.saturating_sub(DELEGATION_MIN).max(1);
		let amount = if is_all { standing } else { GRM + self.numbers.below(most) };
		let amount = amount.min(standing);
		let (pool, active) = (&mut self.pool.stake, self.accounts[index].active);
		let shares = if amount == standing {
			active.shares
		} else {
			pool.shares_for(amount).min(active.shares)
		};
		assert_eq!(pool.leave(shares), 0, "rounding ended a pool");
		let era = self.era;
		let tranche = self.tranche(era);
		let bought = tranche.join(amount).expect("there is room");
		let generation = tranche.generation;
		let account = &mut self.accounts[index];
		account.active.shares -= shares;
		account.active.principal -= amount;
		let mut part = account.thawing.map_or(Part { generation, ..Default::default() }, |it| it.1);
		if part.generation != generation {
			part = Part { generation, ..Default::default() };
		}
		part.add(bought, amount);
		account.thawing = Some((era, part));
		let is_all = amount == standing;
		let exact = account.exact_active;
		let moved = if is_all { exact } else { exact.min(fixed(amount)) };
		account.exact_active -= moved;
		account.exact_thawing += moved;
	}

	fn withdraw(&mut self, index: usize) {
		let Some((era, part)) = self.accounts[index].thawing.take() else { return };
		let operations = self.operations;
		let exact = std::mem::take(&mut self.accounts[index].exact_thawing);
		assert_close(part.principal, exact, operations, "withdrawn");
		self.held -= part.principal;
		let tranche = self.tranche(era);
		if part.generation == tranche.generation {
			tranche.leave(part.shares);
		}
	}

	fn claim(&mut self, index: usize) {
		let account = &mut self.accounts[index];
		let amount = std::mem::take(&mut account.owed);
		account.exact_owed = account.exact_owed.saturating_sub(fixed(amount));
		self.paid += amount;
	}

	/// Rewards the pool by at most a thousandth of it.
	fn reward(&mut self) {
		let amount = self.numbers.below(self.pool.stake.tokens / 1_000 + 1);
		let total = self.exact_pool();
		if self.pool.reward(amount) {
			self.rewarded += amount;
			for account in &mut self.accounts {
				account.exact_owed += fixed(amount) * account.exact_active / total;
			}
		} else {
			assert_eq!(self.pool.stake.shares, 0);
		}
	}

	fn exact_pool(&self) -> U256 {
		self.accounts.iter().fold(U256::zero(), |sum, it| sum + it.exact_active)
	}

	/// Slashes for an offence of an era: a part of what backed it, all but a few plancks, or all.
	fn slash(&mut self) {
		let era = self.era - self.numbers.below(4) as EraIndex;
		let eras: Vec<EraIndex> = self.tranches.range(era..).map(|(era, _)| *era).collect();
		let of_tranches = eras.iter().map(|era| self.tranches[era].tokens);
		let sizes: Vec<Balance> =
			std::iter::once(self.pool.stake.tokens).chain(of_tranches).collect();
		let total: Balance = sizes.iter().sum();
		let amount = match self.numbers.below(8) {
			0 => total,
			1 => total.saturating_sub(self.numbers.below(100)),
			_ => self.numbers.below(total / 3 + 2),
		};
		let amount = amount.min(total);
		let parts = divide(amount, &sizes);
		assert_eq!(parts.iter().sum::<Balance>(), amount, "another amount was divided");
		let is_concerned = |it: &Account| it.thawing.is_some_and(|(of, _)| of >= era);
		let exact_total = self.accounts.iter().fold(U256::zero(), |sum, it| {
			let thawing = if is_concerned(it) { it.exact_thawing } else { U256::zero() };
			sum + it.exact_active + thawing
		});
		let left = exact_total.saturating_sub(fixed(amount));
		if exact_total > U256::zero() {
			for account in &mut self.accounts {
				account.exact_active = account.exact_active * left / exact_total;
				if is_concerned(account) {
					account.exact_thawing = account.exact_thawing * left / exact_total;
				}
			}
		}
		let generation = self.pool.stake.generation;
		if self.pool.stake.cut(parts[0]).ended > 0 {
			self.ends.insert(generation, self.pool.per_share);
			self.accounts.iter_mut().for_each(|it| it.exact_active = U256::zero());
		}
		for (era, part) in eras.into_iter().zip(parts.into_iter().skip(1)) {
			if self.tranche(era).cut(part).ended > 0 {
				let lost =
					self.accounts.iter_mut().filter(|it| it.thawing.is_some_and(|x| x.0 == era));
				lost.for_each(|it| it.exact_thawing = U256::zero());
			}
		}
	}

	fn step(&mut self) {
		self.operations += 1;
		let index = self.numbers.below(self.accounts.len() as u128) as usize;
		match self.numbers.below(40) {
			0 => self.slash(),
			1 | 2 => self.reward(),
			3 => self.era += 1,
			choice => {
				self.settle(index);
				match choice {
					4..=20 => self.join(index),
					21..=28 => self.leave(index),
					29..=34 => self.withdraw(index),
					_ => self.claim(index),
				}
			}
		}
	}

	/// Plancks of the pool and of all tranches.
	fn live(&self) -> Balance {
		let stakes = self.tranches.values().chain([&self.pool.stake]);
		stakes.map(|it| it.tokens).sum()
	}

	/// Every account has what the model says, within a planck for each operation; and together they
	/// have what is in the pool and the tranches, and what is on hold, within one for each part.
	fn check(&self) {
		let (mut worth, mut owed, mut principals, mut parts): (Balance, Balance, Balance, Balance) =
			Default::default();
		for account in &self.accounts {
			let active = account.active.worth(&self.pool.stake);
			assert_close(active, account.exact_active, self.operations, "active");
			assert!(active <= account.active.principal);
			let (thawing, principal) = account
				.thawing
				.map_or((0, 0), |(era, part)| (part.worth(&self.tranches[&era]), part.principal));
			assert_close(thawing, account.exact_thawing, self.operations, "thawing");
			let until = match self.ends.get(&account.active.generation) {
				Some(end) if account.active.shares > 0 => *end,
				_ => self.pool.per_share,
			};
			let reward = earned(account.active.shares, account.settled_per_share, until);
			assert_close(account.owed + reward, account.exact_owed, self.operations, "owed");
			worth += active + thawing;
			principals += account.active.principal + principal;
			owed += account.owed + reward;
			parts += 2;
		}
		let mut stakes = self.tranches.values().chain([&self.pool.stake]);
		assert!(stakes.all(|it| it.tokens <= it.shares), "a share exceeds a planck");
		let live = self.live();
		assert!(worth <= live && live <= worth + parts, "{worth} of {live}");
		assert_eq!(principals, self.held);
		assert!(live <= self.held + parts, "{live} of {}", self.held);
		let known = owed + self.paid + self.pool.carry;
		assert!(known <= self.rewarded, "{known} of {} rewarded", self.rewarded);
		assert!(self.pool.carry <= 1, "{} are carried", self.pool.carry);
	}
}

/// Compares an amount with what the model has, within a planck for each operation.
fn assert_close(amount: Balance, exact: U256, operations: u128, what: &str) {
	let difference =
		if fixed(amount) > exact { fixed(amount) - exact } else { exact - fixed(amount) };
	assert!(
		difference <= fixed(operations + 1),
		"{what}: {amount} is not {} after {operations} operations",
		exact >> FRACTION_BITS
	);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn few_accounts_have_what_the_exact_model_says(seed: u64, accounts in 1usize..60) {
		let mut world = World::new(seed, accounts);
		for _ in 0..300 {
			world.step();
			world.check();
		}
	}

	#[test]
	fn parts_of_a_slash_are_exact_within_a_planck(
		amount in 0u128..2_000_000_000_000_000_000_000,
		parts in prop::collection::vec(0u128..100_000_000_000_000_000_000, 1..24),
	) {
		let total: Balance = parts.iter().sum();
		let cuts = divide(amount, &parts);
		prop_assert_eq!(cuts.iter().sum::<Balance>(), amount.min(total));
		for (cut, part) in cuts.iter().zip(&parts) {
			prop_assert!(cut <= part);
			let exact = U256::from(amount.min(total)) * U256::from(*part);
			let scaled = U256::from(*cut) * U256::from(total);
			let difference = if exact > scaled { exact - scaled } else { scaled - exact };
			prop_assert!(difference < U256::from(total.max(1)));
		}
	}
}

#[test]
fn ten_thousand_accounts_have_what_the_exact_model_says() {
	for seed in [3, 0x9e37_79b9_7f4a_7c15] {
		let mut world = World::new(seed, 10_000);
		// Everyone is there before anyone leaves.
		for index in 0..world.accounts.len() {
			world.operations += 1;
			world.join(index);
		}
		for _ in 0..1_500 {
			world.step();
		}
		world.check();
		for index in 0..world.accounts.len() {
			world.settle(index);
		}
		world.check();
		assert!(world.held <= world.live(), "what slashes took is on hold");
	}
}

#[test]
fn price_of_a_share_only_falls() {
	let mut stake = Shares::default();
	let mut numbers = Numbers(7);
	let mut held: Vec<u128> = Vec::new();
	for _ in 0..2_000 {
		let before = stake;
		match numbers.below(4) {
			0 if !held.is_empty() => {
				let index = numbers.below(held.len() as u128) as usize;
				stake.leave(held.swap_remove(index));
			}
			1 if stake.tokens > 1_000_000_000 => {
				stake.cut(1 + numbers.below(1_000));
			}
			_ => held.push(stake.join(GRM + numbers.below(GRM)).expect("there is room")),
		}
		let is_fresh = before.shares == 0 || stake.shares == 0;
		let (left, right) = (
			U256::from(stake.tokens) * U256::from(before.shares),
			U256::from(before.tokens) * U256::from(stake.shares),
		);
		assert!(is_fresh || left <= right, "{before:?} became {stake:?}");
	}
	assert!(!held.is_empty() && stake.tokens < stake.shares, "nothing was slashed");
}

#[test]
fn stake_below_a_millionth_of_a_planck_per_share_is_taken_whole() {
	let mut stake = Shares::default();
	let shares = stake.join(10 * GRM).expect("there is room");
	assert_eq!(stake.cut(10 * GRM - 10_000_000).ended, 0, "a millionth of a planck is left");
	assert_eq!(stake.worth(shares), 10_000_000);
	let cut = stake.cut(1);
	assert_eq!((cut.taken, cut.ended), (10_000_000, shares));
	assert_eq!(stake, Shares { tokens: 0, shares: 0, generation: 1 });
	// Who joins now has no part in what was lost.
	assert_eq!(stake.join(GRM), Some(GRM));
	assert_eq!(stake.cut(0).taken, 0, "nothing takes nothing");
}

#[test]
fn amounts_without_room_change_nothing() {
	let mut stake = Shares { tokens: 1, shares: 1_000_000, generation: 0 };
	let before = stake;
	assert_eq!(stake.join(u128::MAX), None);
	assert_eq!(stake, before);
	let mut pool = Pool { stake, ..Default::default() };
	assert!(pool.reward(GRM), "a share earns a millionth of it");
	let full = Pool { per_share: u128::MAX, ..pool };
	let mut pool = full;
	assert!(!pool.reward(GRM));
	assert_eq!(pool, full);
	let mut empty = Pool::default();
	assert!(!empty.reward(GRM));
	assert_eq!(empty, Pool::default());
}
