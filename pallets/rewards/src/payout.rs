//! How a payee has the rewards of a device divided.

use alloc::{collections::BTreeSet, vec::Vec};

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, pallet_prelude::DecodeWithMemTracking, traits::ConstU32};
use groma_core::{
	money::Balance,
	units::{ONE, Scale},
};
use scale_info::TypeInfo;

/// The most accounts among which the rewards of a device are divided.
pub const PAYOUT_SHARES_MAX: u32 = 4;

/// A part of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct PayoutShare<AccountId> {
	/// Who gets it.
	pub account: AccountId,
	/// How much of the whole.
	pub share: Scale,
}

/// The shares as a call carries them.
pub type PayoutShares<AccountId> = BoundedVec<PayoutShare<AccountId>, ConstU32<PAYOUT_SHARES_MAX>>;

/// Shares of different accounts, none of them 0, that sum to exactly 100 %.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PayoutSplit<AccountId>(PayoutShares<AccountId>);

impl<AccountId: Clone + Ord> PayoutSplit<AccountId> {
	/// The split with these shares; `None` unless they make a valid one.
	pub fn new(shares: PayoutShares<AccountId>) -> Option<Self> {
		let split = Self(shares);
		split.is_valid().then_some(split)
	}

	/// Whether the accounts differ and the shares, none of them 0, sum to exactly 100 %.
	pub fn is_valid(&self) -> bool {
		let sum: u64 = self.0.iter().map(|part| u64::from(part.share.billionths())).sum();
		let accounts: BTreeSet<_> = self.0.iter().map(|part| &part.account).collect();
		sum == ONE
			&& accounts.len() == self.0.len()
			&& self.0.iter().all(|part| part.share != Scale::ZERO)
	}

	/// Divides an amount. Each part is rounded down; the first account also gets the few plancks
	/// that rounding leaves, so that the parts sum to the amount.
	pub fn divide(&self, amount: Balance) -> Vec<(AccountId, Balance)> {
		let mut parts: Vec<(AccountId, Balance)> =
			self.0.iter().map(|part| (part.account.clone(), part.share.of(amount))).collect();
		let divided = parts.iter().fold(0, |sum: Balance, (_, part)| sum.saturating_add(*part));
		if let Some((_, first)) = parts.first_mut() {
			*first = first.saturating_add(amount.saturating_sub(divided));
		}
		parts
	}
}
