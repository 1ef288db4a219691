//! What of the state does not decode, for those who watch over a node: nothing here changes state.
//!
//! A watch asks often, and anyone adds entries to these maps: so it looks at a bounded number of
//! each. An upgrade that changes their shape without a migration damages all of them.

use groma_core::protocol::ENTRIES_WATCHED_MAX;
use groma_stored::undecodable;

use crate::{Config, Delegations, Generations, Operators, Pallet, Provisions, Tranches};

impl<T: Config> Pallet<T> {
	/// How many provisions for devices do not decode.
	pub fn unreadable_provisions() -> u32 {
		undecodable(Provisions::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |(owner, network)| {
			Self::stored(owner, *network)
		})
	}

	/// How many operators do not decode.
	pub fn unreadable_operators() -> u32 {
		undecodable(Operators::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |operator| {
			Self::stored_operator(operator)
		})
	}

	/// How many delegations do not decode.
	pub fn unreadable_delegations() -> u32 {
		undecodable(Delegations::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |(delegator, operator)| {
			Self::stored_delegation(delegator, operator)
		})
	}

	/// How many tranches of delegated stake that thaws do not decode.
	pub fn unreadable_tranches() -> u32 {
		undecodable(Tranches::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |(operator, era)| {
			Self::stored_tranche(operator, *era)
		})
	}

	/// How many generations of pools that lost all do not decode.
	pub fn unreadable_generations() -> u32 {
		undecodable(Generations::<T>::iter_keys(), ENTRIES_WATCHED_MAX, |(operator, generation)| {
			Self::stored_end(operator, *generation)
		})
	}
}
