//! How stake is taken: burned, or given to who proved the offence.

use frame_support::{
	defensive,
	pallet_prelude::Get,
	traits::{
		Imbalance as _, OnUnbalanced,
		fungible::{Balanced, BalancedHold},
	},
};
use groma_core::money::Balance;

use crate::{Config, HoldReason, Pallet};

/// What became of stake that was taken, in plancks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
	pub(crate) burned: Balance,
	pub(crate) rewarded: Balance,
}

impl<T: Config> Pallet<T> {
	/// Takes an amount of what an account has on hold. The reporter's share is rounded down; it is
	/// burned if there is no reporter, or if the account cannot take it.
	pub(crate) fn take_held(
		reason: HoldReason,
		owner: &T::AccountId,
		amount: Balance,
		reporter: Option<&T::AccountId>,
	) -> Taken {
		let (credit, missing) = T::Currency::slash(&reason.into(), owner, amount);
		if missing > 0 {
			defensive!("all that is recorded is on hold");
		}
		let taken = credit.peek();
		let Some(reporter) = reporter else {
			T::Burn::on_unbalanced(credit);
			return Taken { burned: taken, rewarded: 0 };
		};
		let (part, rest) = credit.split(T::ReporterShare::get().of(taken));
		let part_size = part.peek();
		let rewarded = match T::Currency::resolve(reporter, part) {
			Ok(()) => part_size,
			Err(part) => {
				T::Burn::on_unbalanced(part);
				0
			}
		};
		T::Burn::on_unbalanced(rest);
		Taken { burned: taken.saturating_sub(rewarded), rewarded }
	}
}
