//! What those who settle epochs and pay from the pot ask.

use frame_support::{
	pallet_prelude::Get,
	traits::{fungible::Mutate, tokens::Preservation},
};
use groma_core::{EpochIndex, emission, money::Balance};
use groma_traits::{Emission, Epochs, Payment};
use sp_runtime::DispatchResult;

use crate::{Config, Pallet};

impl<T: Config> Emission<T::AccountId> for Pallet<T> {
	fn present_epoch() -> Option<EpochIndex> {
		Self::epoch_now()
	}

	fn first_open_epoch() -> Option<EpochIndex> {
		Self::clock().value().map(|clock| clock.open)
	}

	fn began_ms(epoch: EpochIndex) -> Option<u64> {
		Self::clock().value().map(|clock| emission::began_ms(epoch, clock.epoch_length_ms))
	}

	fn mint(amount: Balance) -> Balance {
		Self::mint_to(&Self::pot(), amount)
	}

	fn unmint(amount: Balance) {
		Self::unmint_from_pot(amount);
	}

	fn remint(epoch: EpochIndex, payment: &Payment) -> bool {
		Self::remint_to_pot(epoch, payment)
	}

	fn remint_for_validators(amount: Balance) -> Balance {
		if amount > 0 && Self::remint_covered(amount, |_| ()) { amount } else { 0 }
	}

	fn unremint(amount: Balance) {
		Self::unremint_from_pot(amount);
	}

	fn are_books_readable() -> bool {
		Self::has_readable_books()
	}

	fn note_burned(amount: Balance) {
		Pallet::<T>::note_burned(amount);
	}

	fn pay(to: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		T::Currency::transfer(&Self::pot(), to, amount, Preservation::Preserve).map(drop)
	}
}

impl<T: Config> Epochs for Pallet<T> {
	fn present() -> Option<EpochIndex> {
		Self::epoch_by_time()
	}

	fn length_ms() -> u64 {
		T::EpochLength::get()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config> groma_traits::EmissionBenchmarkHelper for Pallet<T> {
	fn pass_to(epoch: EpochIndex) {
		use frame_support::traits::fungible::Inspect;
		use groma_core::{emission::DAY_MS, money::GRM};

		let clock = crate::EmissionClock { open: epoch, ..crate::EmissionClock::start(1, DAY_MS) };
		crate::Clock::<T>::put(clock);
		let balance = T::Currency::minimum_balance().saturating_add(1_000_000 * GRM);
		T::Currency::set_balance(&Self::pot(), balance);
	}
}
