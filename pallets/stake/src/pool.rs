//! The pool of those who delegate to an operator, and what it earns: arithmetic that knows no
//! storage. Rewards never enter the stake of the pool, so they do not lift the price of a share.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::money::Balance;
use scale_info::TypeInfo;

use crate::shares::{Shares, ceil, floor};

/// Parts of a planck in which rewards of a share are counted. No pool has as many shares: some 6 *
/// 10^20 plancks can exist, and a share is worth a millionth of a planck at least. So what is
/// carried from one reward to the next is at most a planck.
pub(crate) const REWARD_SCALE: u128 = 1_000_000_000_000_000_000_000_000_000;

/// What is delegated to an operator, and what it earns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pool {
	/// The stake.
	pub stake: Shares,
	/// What a share earned since the beginning, in 10^-27 plancks, through all generations.
	#[codec(compact)]
	pub per_share: u128,
	/// Plancks of rewards that were not divided yet.
	#[codec(compact)]
	pub carry: Balance,
}

impl Pool {
	/// Divides a reward among all shares, rounded down; the rest is carried to the next one.
	/// Returns whether it did: not, and nothing changes, if there are no shares.
	pub(crate) fn reward(&mut self, amount: Balance) -> bool {
		let divided = self.carry.checked_add(amount).and_then(|sum| {
			let each = floor(sum, REWARD_SCALE, self.stake.shares)?;
			let per_share = self.per_share.checked_add(each)?;
			let credited = ceil(each, self.stake.shares, REWARD_SCALE)?;
			Some((per_share, sum.saturating_sub(credited)))
		});
		if let Some((per_share, carry)) = divided {
			(self.per_share, self.carry) = (per_share, carry);
		}
		divided.is_some()
	}
}

/// What shares earned between two readings of [`Pool::per_share`], rounded down.
pub(crate) fn earned(shares: u128, from: u128, until: u128) -> Balance {
	floor(shares, until.saturating_sub(from), REWARD_SCALE).unwrap_or_default()
}

/// A generation of a pool that lost all, as long as records of it are not settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Ended {
	/// [`Pool::per_share`] when it ended.
	#[codec(compact)]
	pub per_share: u128,
	/// Shares of records that are not settled.
	#[codec(compact)]
	pub shares: u128,
}
