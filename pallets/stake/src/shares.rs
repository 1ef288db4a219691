//! Stake that many own together, in shares: arithmetic that knows no storage.
//!
//! A share begins at one planck. Who joins gets shares rounded down, and the tokens that these
//! are worth, rounded down, are added; who leaves gets their worth rounded down, and the tokens
//! that go are rounded up. So the price of a share only falls, and no record is ever worth more
//! than what is on hold for it.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::money::Balance;
use scale_info::TypeInfo;
use sp_runtime::{Rounding, helpers_128bit::multiply_by_rational_with_rounding};

/// The most shares for each planck: stake that a slash leaves with more is taken whole.
pub(crate) const SHARES_PER_PLANCK_MAX: u128 = 1_000_000;

/// `a * b / c`, rounded down. `None` if `c` is 0 or the quotient has no room.
pub(crate) fn floor(a: u128, b: u128, c: u128) -> Option<u128> {
	multiply_by_rational_with_rounding(a, b, c, Rounding::Down)
}

/// `a * b / c`, rounded up. `None` if `c` is 0 or the quotient has no room.
pub(crate) fn ceil(a: u128, b: u128, c: u128) -> Option<u128> {
	multiply_by_rational_with_rounding(a, b, c, Rounding::Up)
}

/// Stake and the shares of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Shares {
	/// Plancks.
	#[codec(compact)]
	pub tokens: Balance,
	/// Shares of this generation. As long as there are any, there is a planck at least.
	#[codec(compact)]
	pub shares: u128,
	/// How often all of it was lost. Shares of an earlier generation are worth nothing.
	#[codec(compact)]
	pub generation: u32,
}

/// What a slash took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
	/// Plancks.
	pub(crate) taken: Balance,
	/// Shares that are worth nothing from now on: all, or none.
	pub(crate) ended: u128,
}

impl Shares {
	/// What shares of this generation are worth, rounded down.
	pub fn worth(&self, shares: u128) -> Balance {
		floor(shares, self.tokens, self.shares).unwrap_or_default().min(self.tokens)
	}

	/// The least shares that are worth an amount.
	pub(crate) fn shares_for(&self, amount: Balance) -> u128 {
		ceil(amount, self.shares, self.tokens).unwrap_or(self.shares).min(self.shares)
	}

	/// Adds an amount and returns the shares that it buys; `None`, and nothing changes, if they
	/// have no room.
	pub(crate) fn join(&mut self, amount: Balance) -> Option<u128> {
		let (bought, tokens) = if self.shares == 0 {
			(amount, amount)
		} else {
			let bought = floor(amount, self.shares, self.tokens)?;
			(bought, floor(bought, self.tokens, self.shares)?)
		};
		let shares = self.shares.checked_add(bought)?;
		self.tokens = self.tokens.checked_add(tokens)?;
		self.shares = shares;
		Some(bought)
	}

	/// Removes shares of this generation and what they are worth, rounded up. Returns the shares of
	/// others that are worth nothing from now on: none, unless rounding took the last planck.
	pub(crate) fn leave(&mut self, shares: u128) -> u128 {
		let shares = shares.min(self.shares);
		let worth = ceil(shares, self.tokens, self.shares).unwrap_or_default();
		self.tokens = self.tokens.saturating_sub(worth);
		self.shares = self.shares.saturating_sub(shares);
		if self.tokens == 0 && self.shares > 0 { self.end() } else { 0 }
	}

	/// Takes an amount, at most what there is. What is left is taken, too, if it is less than a
	/// millionth of a planck per share.
	pub(crate) fn cut(&mut self, amount: Balance) -> Cut {
		let taken = amount.min(self.tokens);
		if taken == 0 {
			return Cut::default();
		}
		let left = self.tokens.saturating_sub(taken);
		if left.saturating_mul(SHARES_PER_PLANCK_MAX) < self.shares {
			let taken = self.tokens;
			return Cut { taken, ended: self.end() };
		}
		self.tokens = left;
		Cut { taken, ended: 0 }
	}

	/// Ends the generation; returns its shares.
	fn end(&mut self) -> u128 {
		let ended = self.shares;
		let generation = self.generation.saturating_add(1);
		*self = Self { tokens: 0, shares: 0, generation };
		ended
	}
}

/// What one account has of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Part {
	/// Shares.
	#[codec(compact)]
	pub shares: u128,
	/// The generation of the shares.
	#[codec(compact)]
	pub generation: u32,
	/// Plancks on hold for it: what the shares are worth, and what slashes took of it since it was
	/// last settled.
	#[codec(compact)]
	pub principal: Balance,
}

impl Part {
	/// What it is worth.
	pub fn worth(&self, stake: &Shares) -> Balance {
		let is_present = self.generation == stake.generation;
		let worth = if is_present { stake.worth(self.shares) } else { 0 };
		worth.min(self.principal)
	}

	/// Lowers the principal to what it is worth, and returns by how much.
	pub(crate) fn settle(&mut self, stake: &Shares) -> Balance {
		let worth = self.worth(stake);
		let lost = self.principal.saturating_sub(worth);
		self.principal = worth;
		lost
	}

	/// Adds an amount that bought shares of the present generation.
	pub(crate) fn add(&mut self, shares: u128, amount: Balance) {
		self.shares = self.shares.saturating_add(shares);
		self.principal = self.principal.saturating_add(amount);
	}
}

/// Divides an amount, at most the sum of the parts, among them by their sizes. What it takes of
/// each is within a planck of the exact part and at most all of it; together it is the amount.
pub(crate) fn divide(amount: Balance, parts: &[Balance]) -> alloc::vec::Vec<Balance> {
	let total = parts.iter().copied().fold(0, Balance::saturating_add);
	let amount = amount.min(total);
	let (mut reached, mut taken): (Balance, Balance) = (0, 0);
	let of_each = parts.iter().map(|part| {
		reached = reached.saturating_add(*part);
		let until = ceil(amount, reached, total).unwrap_or_default();
		let cut = until.saturating_sub(taken);
		taken = until;
		cut.min(*part)
	});
	of_each.collect()
}
