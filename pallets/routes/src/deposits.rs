//! What accounts pay for the state that they take, and get back with it.

use frame_support::{
	defensive,
	traits::{fungible::MutateHold, tokens::Precision},
};
use groma_core::money::Balance;
use sp_runtime::DispatchResult;

use crate::{Config, HoldReason, Pallet};

impl<T: Config> Pallet<T> {
	/// Holds plancks of an account. Fails if it has too few.
	pub(crate) fn hold(reason: HoldReason, who: &T::AccountId, deposit: Balance) -> DispatchResult {
		T::Currency::hold(&reason.into(), who, deposit)
	}

	/// Gives back what is on hold from an account.
	pub(crate) fn release(reason: HoldReason, who: &T::AccountId, deposit: Balance) {
		let released = T::Currency::release(&reason.into(), who, deposit, Precision::BestEffort);
		if released != Ok(deposit) {
			defensive!("a deposit on hold cannot be released");
		}
	}
}
