//! An exact model of what delegators have. It knows no shares: it multiplies what each has by what
//! a slash leaves, in 2^-48 plancks.

use std::collections::BTreeMap;

use groma_core::{EraIndex, money::Balance};
use sp_core::U256;

const FRACTION_BITS: u32 = 48;
/// Bits of a difference that are looked at after the point.
const SHOWN_BITS: u32 = 10;

/// An amount in 2^-48 plancks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exact(U256);

impl Exact {
	pub(super) fn plancks(amount: Balance) -> Self {
		Self(U256::from(amount) << FRACTION_BITS)
	}

	/// So many parts of `whole` of an amount of plancks.
	pub(super) fn portion(amount: Balance, parts: Balance, whole: Balance) -> Self {
		Self::plancks(amount).times(Self::plancks(parts), Self::plancks(whole))
	}

	/// By how many plancks an amount differs from this.
	pub(super) fn difference(self, amount: Balance) -> f64 {
		let Self(other) = Self::plancks(amount);
		let difference = self.0.max(other) - self.0.min(other);
		let shown = difference >> (FRACTION_BITS - SHOWN_BITS);
		shown.min(U256::from(u128::MAX)).as_u128() as f64 / f64::from(1u32 << SHOWN_BITS)
	}

	fn plus(self, more: Self) -> Self {
		Self(self.0 + more.0)
	}

	fn less(self, part: Self) -> Self {
		Self(self.0.saturating_sub(part.0))
	}

	/// So many parts of `whole`, rounded down; nothing of nothing.
	fn times(self, parts: Self, whole: Self) -> Self {
		Self((self.0 * parts.0).checked_div(whole.0).unwrap_or_default())
	}
}

/// What an account has.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
	/// What is active.
	pub(super) active: Exact,
	/// What thaws, by the last era that it backed.
	pub(super) thawing: BTreeMap<EraIndex, Exact>,
	/// Rewards that it was not paid yet.
	pub(super) owed: Exact,
}

impl Account {
	pub(super) fn join(&mut self, amount: Balance) {
		self.active = self.active.plus(Exact::plancks(amount));
	}

	/// Lets an amount go, or all that is active, as of an era. Without room for another entry the
	/// newest joins it.
	pub(super) fn leave(&mut self, amount: Option<Balance>, era: EraIndex, entries_max: usize) {
		let wanted = amount.map_or(self.active, Exact::plancks);
		let mut moved = wanted.min(self.active);
		self.active = self.active.less(moved);
		let is_new = !self.thawing.contains_key(&era);
		if is_new
			&& self.thawing.len() >= entries_max
			&& let Some((_, newest)) = self.thawing.pop_last()
		{
			moved = moved.plus(newest);
		}
		let entry = self.thawing.entry(era).or_default();
		*entry = entry.plus(moved);
	}

	/// Is paid an amount.
	pub(super) fn claim(&mut self, amount: Balance) {
		self.owed = self.owed.less(Exact::plancks(amount));
	}

	/// What a slash concerns for an offence of an era.
	fn concerned(&self, first: EraIndex) -> Exact {
		self.thawing.range(first..).fold(self.active, |sum, (_, part)| sum.plus(*part))
	}
}

/// Divides a reward among all by what is active.
pub(super) fn reward(accounts: &mut [Account], amount: Balance) {
	let total = accounts.iter().fold(Exact::default(), |sum, it| sum.plus(it.active));
	for account in accounts {
		let part = Exact::plancks(amount).times(account.active, total);
		account.owed = account.owed.plus(part);
	}
}

/// Takes an amount of what is active and of what thaws of eras from `first` on.
pub(super) fn slash(accounts: &mut [Account], amount: Balance, first: EraIndex) {
	let total = accounts.iter().fold(Exact::default(), |sum, it| sum.plus(it.concerned(first)));
	let left = total.less(Exact::plancks(amount));
	for account in accounts {
		account.active = account.active.times(left, total);
		for (_, part) in account.thawing.range_mut(first..) {
			*part = part.times(left, total);
		}
	}
}

/// A pool lost all.
pub(super) fn end_pool(accounts: &mut [Account]) {
	accounts.iter_mut().for_each(|it| it.active = Exact::default());
}

/// What thawed of an era lost all.
pub(super) fn end_tranche(accounts: &mut [Account], era: EraIndex) {
	let parts = accounts.iter_mut().filter_map(|it| it.thawing.get_mut(&era));
	parts.for_each(|part| *part = Exact::default());
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn slash_takes_of_everyone_by_size_and_of_no_earlier_era() {
		let mut accounts = vec![Account::default(); 2];
		accounts[0].join(300);
		accounts[1].join(100);
		accounts[0].leave(Some(200), 5, 8);
		accounts[1].leave(None, 4, 8);
		slash(&mut accounts, 30, 5);
		assert_eq!(accounts[0].active.difference(90), 0.0);
		assert_eq!(accounts[0].thawing[&5].difference(180), 0.0);
		assert_eq!(accounts[1].thawing[&4].difference(100), 0.0);
		assert_eq!(accounts[1].thawing[&4].difference(98), 2.0);
	}

	#[test]
	fn newest_entry_joins_the_next_when_there_is_no_room() {
		let mut account = Account::default();
		account.join(100);
		for era in 1..4 {
			account.leave(Some(10), era, 2);
		}
		let eras: Vec<_> = account.thawing.keys().copied().collect();
		assert_eq!(eras, [1, 3]);
		assert_eq!(account.thawing[&3].difference(20), 0.0);
	}

	#[test]
	fn reward_is_divided_by_what_is_active() {
		let mut accounts = vec![Account::default(); 3];
		accounts[0].join(300);
		accounts[1].join(100);
		reward(&mut accounts, 2);
		assert_eq!(accounts[0].owed.difference(2), 0.5);
		assert_eq!(accounts[1].owed.difference(0), 0.5);
		assert_eq!(accounts[2].owed, Exact::default());
		accounts[1].claim(1);
		assert_eq!(accounts[1].owed, Exact::default());
	}
}
