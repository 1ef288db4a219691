//! What holds in every state.

use frame_support::{ensure, traits::fungible::Inspect};
use groma_core::{emission, money::Balance};
use groma_traits::OnEpochClosed;
use sp_runtime::TryRuntimeError;

use crate::{Burned, Clock, Config, GenesisIssuance, Minted, Pallet, Reserve, Unminted};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_schedule()?;
		Self::check_supply()?;
		Self::check_solvency()
	}

	/// What the pot owes: its own deposit, and what those are owed who are paid from it.
	pub fn liabilities() -> Balance {
		Reserve::<T>::get().saturating_add(T::OnEpochClosed::owed())
	}

	fn check_schedule() -> Result<(), TryRuntimeError> {
		let scheduled = Clock::<T>::get()
			.map_or(0, |clock| emission::cumulative(clock.elapsed_ms_before(clock.open)));
		let booked = Minted::<T>::get().saturating_add(Unminted::<T>::get());
		ensure!(scheduled == booked, "the schedule is not minted + unminted");
		Ok(())
	}

	/// Every token comes from genesis, the schedule, or the burn of a claim, and none is gone that
	/// was not counted.
	fn check_supply() -> Result<(), TryRuntimeError> {
		let issued = GenesisIssuance::<T>::get().saturating_add(Minted::<T>::get());
		let accounted = T::Currency::total_issuance().saturating_add(Burned::<T>::get());
		ensure!(accounted == issued, "genesis + minted + reminted is not issuance + burned");
		ensure!(minted <= bases, "claims minted more than was burned for them");
		Ok(())
	}

	/// Gifts may raise the pot above what it owes; nothing lowers it.
	fn check_solvency() -> Result<(), TryRuntimeError> {
		let balance = T::Currency::total_balance(&Self::pot());
		ensure!(balance >= Self::liabilities(), "the pot holds less than it owes");
		Ok(())
	}
}
