//! The books: where every token of genesis and of the schedule is. Only here are they written.
//!
//! Books that do not decode are never replaced, or the schedule would count again from nothing. As
//! long as they cannot be read, nothing is minted or taken back and no epoch closes.

use core::mem;

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::{EpochIndex, money::Balance};
use groma_stored::Stored;
use scale_info::TypeInfo;

use crate::{Books, Burned, Config, Pallet, Reminted};

/// What became of genesis and schedule, in plancks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EmissionBooks {
	/// What genesis issued. Nothing is computed from it but the check that no token came from
	/// elsewhere than genesis and the schedule.
	pub genesis: Balance,
	/// Of the schedule: minted and not taken back.
	pub minted: Balance,
	/// Of the schedule: for no one, permanently.
	pub unminted: Balance,
	/// What the pot holds for itself, so that it exists however little it owes.
	pub reserve: Balance,
}

/// What claims of services minted, out of what was burned for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Reminting {
	/// Plancks that were minted: for owners of devices, and for validators when epochs closed.
	pub minted: Balance,
	/// Plancks that had been burned for the credits of all claims: never less than what was minted
	/// and what is kept, together.
	pub bases: Balance,
	/// What is kept for validators, and not minted yet.
	pub kept: Kept,
}

impl Reminting {
	/// Whether more was burned for claims than they minted and keep.
	pub(crate) fn is_covered(&self) -> bool {
		self.minted.saturating_add(self.kept.total()) <= self.bases
	}
}

/// What claims left for validators in epochs that are not closed, in plancks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Kept {
	/// The last epoch with a claim.
	pub epoch: EpochIndex,
	/// By claims in it.
	pub in_epoch: Balance,
	/// By claims in epochs before it.
	pub before: Balance,
}

impl Kept {
	/// All of it.
	pub fn total(&self) -> Balance {
		self.before.saturating_add(self.in_epoch)
	}

	/// Adds what a claim in an epoch left. Epochs come in their order.
	pub(crate) fn add(&mut self, epoch: EpochIndex, amount: Balance) {
		if epoch > self.epoch {
			*self = Self { epoch, in_epoch: 0, before: self.total() };
		}
		self.in_epoch = self.in_epoch.saturating_add(amount);
	}

	/// Takes out what was left in epochs before the present one, which can have had claims already:
	/// in the one that is closed now, and in those that are passed over with it.
	pub(crate) fn take_before(&mut self, present: EpochIndex) -> Balance {
		let before = mem::take(&mut self.before);
		let last = if self.epoch < present { mem::take(&mut self.in_epoch) } else { 0 };
		before.saturating_add(last)
	}
}

impl<T: Config> Pallet<T> {
	/// The books; `None` if they do not decode.
	pub(crate) fn books() -> Option<EmissionBooks> {
		groma_stored::value::<Books<T>, EmissionBooks>().or_absent(EmissionBooks::default())
	}

	/// Whether everything that the books consist of can be read.
	pub(crate) fn has_readable_books() -> bool {
		Self::books().is_some()
			&& Self::stored_reminted().is_some()
			&& !stored_burned::<T>().is_undecodable()
	}

	/// Changes the books, if they can be read.
	pub(crate) fn change_books(change: impl FnOnce(&mut EmissionBooks)) {
		if let Some(mut books) = Self::books() {
			change(&mut books);
			Books::<T>::put(books);
		}
	}

	/// What claims of services minted; `None` if that does not decode.
	pub(crate) fn stored_reminted() -> Option<Reminting> {
		groma_stored::value::<Reminted<T>, Reminting>().or_absent(Reminting::default())
	}

	/// Takes out what claims left for validators in epochs before the present one.
	pub(crate) fn take_kept(present: EpochIndex) -> Balance {
		let Some(mut reminted) = Self::stored_reminted() else { return 0 };
		let kept = reminted.kept.take_before(present);
		if kept > 0 {
			Reminted::<T>::put(reminted);
		}
		kept
	}

	/// Books a part of the schedule that belongs to no one.
	pub(crate) fn leave_unminted(amount: Balance) {
		Self::change_books(|books| books.unminted = books.unminted.saturating_add(amount));
	}

	/// Counts tokens that the caller burns: the books do nothing else with them. A count that does
	/// not decode stays as it is.
	pub fn note_burned(amount: Balance) {
		if let Some(burned) = stored_burned::<T>().or_absent(0) {
			Burned::<T>::put(burned.saturating_add(amount));
		}
	}

	/// Plancks that were issued and are gone, as the README lists; 0 if the count does not decode.
	pub fn burned() -> Balance {
		stored_burned::<T>().value().unwrap_or_default()
	}
}

fn stored_burned<T: Config>() -> Stored<Balance> {
	groma_stored::value::<Burned<T>, Balance>()
}
