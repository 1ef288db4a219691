//! What an account delegated to an operator, and how it goes: arithmetic that knows no storage.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use groma_core::{EraIndex, money::Balance, protocol::THAWS_MAX};
use scale_info::TypeInfo;

use crate::shares::{Part, Shares};

/// Stake that was delegated and thaws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ThawingPart {
	/// The last era that it backed: which tranche it is part of.
	#[codec(compact)]
	pub era: EraIndex,
	/// The part of the tranche.
	pub part: Part,
}

/// What an account delegated to an operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Delegation {
	/// The part of the pool.
	pub active: Part,
	/// What a share had earned when the record was last settled.
	#[codec(compact)]
	pub settled_per_share: u128,
	/// Plancks in the pot for it, of rewards before that.
	#[codec(compact)]
	pub owed: Balance,
	/// What thaws, in the order of eras, each of another one.
	pub thawing: BoundedVec<ThawingPart, ConstU32<THAWS_MAX>>,
}

impl Delegation {
	/// Plancks on hold for it.
	pub fn on_hold(&self) -> Balance {
		let thawing = self.thawing.iter().map(|entry| entry.part.principal);
		thawing.fold(self.active.principal, Balance::saturating_add)
	}

	/// Whether nothing is left of it.
	pub(crate) fn is_empty(&self) -> bool {
		self.active.shares == 0 && self.owed == 0 && self.thawing.is_empty()
	}
}

/// Stake delegated to an operator that thaws, of all whose stake backed an era last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tranche {
	/// The stake.
	pub stake: Shares,
	/// Entries of delegations that are part of it, of all generations.
	#[codec(compact)]
	pub entries: u32,
}

/// Sums over everything that is delegated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Sums {
	/// Plancks on hold.
	#[codec(compact)]
	pub held: Balance,
	/// Plancks of pools and tranches.
	#[codec(compact)]
	pub live: Balance,
}

impl Sums {
	/// Plancks that slashes took and that are burned when their records are settled.
	pub fn unsettled(&self) -> Balance {
		self.held.saturating_sub(self.live)
	}
}
