//! What an owner set aside for one purpose, and how it goes: arithmetic that knows no storage.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use groma_core::{NetworkId, WindowIndex, money::Balance, protocol::THAWS_MAX};
use scale_info::TypeInfo;

/// What stake stands behind. Variants are only ever appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Purpose {
	/// The owner's devices of a network.
	#[codec(index = 0)]
	Devices(NetworkId),
	/// The owner as a validator.
	#[codec(index = 1)]
	Validating,
}

/// Stake that thaws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Thawing {
	/// The window from which on it can be withdrawn; of stake for validating, the era.
	pub due: WindowIndex,
	/// How many plancks.
	#[codec(compact)]
	pub amount: Balance,
}

/// What an owner set aside for the devices of a network, or for validating.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Provision {
	/// Plancks that cover devices, or back the owner as a validator.
	#[codec(compact)]
	pub active: Balance,
	/// Plancks that cover and back nothing any more, by when they are due.
	pub thawing: BoundedVec<Thawing, ConstU32<THAWS_MAX>>,
}

impl Provision {
	/// Plancks that thaw or have thawed.
	pub fn thawing_sum(&self) -> Balance {
		self.thawing.iter().map(|entry| entry.amount).fold(0, Balance::saturating_add)
	}

	/// All plancks that are on hold for it, and that an offence can take.
	pub fn on_hold(&self) -> Balance {
		self.active.saturating_add(self.thawing_sum())
	}

	/// Whether nothing is left of it.
	pub fn is_empty(&self) -> bool {
		self.active == 0 && self.thawing.is_empty()
	}

	/// Moves an amount, at most what is active, to what thaws, and returns when it is due: never
	/// before what thaws already. Without room for one more entry it joins the newest.
	pub(crate) fn thaw(&mut self, amount: Balance, due: WindowIndex) -> WindowIndex {
		let amount = amount.min(self.active);
		let due = self.thawing.last().map_or(due, |newest| due.max(newest.due));
		let is_full = self.thawing.len() >= THAWS_MAX as usize;
		match self.thawing.last_mut().filter(|newest| is_full || newest.due == due) {
			Some(newest) => *newest = Thawing { due, amount: newest.amount.saturating_add(amount) },
			// There is room: else it joined the newest.
			None => self.thawing.force_push(Thawing { due, amount }),
		}
		self.active = self.active.saturating_sub(amount);
		due
	}

	/// Removes what is due by a window, and returns how much that is.
	pub(crate) fn take_due(&mut self, now: WindowIndex) -> Balance {
		let before = self.thawing_sum();
		self.thawing.retain(|entry| entry.due > now);
		before.saturating_sub(self.thawing_sum())
	}

	/// Takes an amount, at most what there is: what is active first, then what thaws, the newest
	/// first. Returns what it took of the two.
	pub(crate) fn take(&mut self, amount: Balance) -> (Balance, Balance) {
		self.take_due_from(amount, 0)
	}

	/// Takes an amount as [`Self::take`] does, but of what thaws only what is due then or later.
	pub(crate) fn take_due_from(
		&mut self,
		amount: Balance,
		first_due: WindowIndex,
	) -> (Balance, Balance) {
		let of_active = amount.min(self.active);
		self.active = self.active.saturating_sub(of_active);
		let mut missing = amount.saturating_sub(of_active);
		let mut of_thawing: Balance = 0;
		for entry in self.thawing.iter_mut().rev().filter(|entry| entry.due >= first_due) {
			let part = missing.min(entry.amount);
			entry.amount = entry.amount.saturating_sub(part);
			missing = missing.saturating_sub(part);
			of_thawing = of_thawing.saturating_add(part);
		}
		self.thawing.retain(|entry| entry.amount > 0);
		(of_active, of_thawing)
	}
}
