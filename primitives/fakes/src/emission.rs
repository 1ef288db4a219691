//! Emission reduced to two epochs that tests set, and a pot.

use codec::{Decode, Encode};
use frame_support::{
	PalletId, parameter_types,
	traits::{
		fungible::Mutate,
		tokens::{Fortitude, Precision, Preservation},
	},
};
use frame_system::Config;
use groma_core::{EpochIndex, emission::DAY_MS, money::Balance};
use groma_traits::{Emission, Epochs, Payment};
use sp_runtime::{DispatchResult, traits::AccountIdConversion};

use crate::Fakes;

/// An hour in ms.
pub const HOUR_MS: u64 = 3_600_000;
/// The epoch in which tests begin: a day since the Unix epoch.
pub const FIRST_EPOCH: EpochIndex = 20_000;
/// Six in the morning of that day, in ms since the Unix epoch.
pub const START_MS: u64 = FIRST_EPOCH as u64 * DAY_MS + 6 * HOUR_MS;

parameter_types! {
	/// The epoch of the present block.
	pub storage Epoch: EpochIndex = FIRST_EPOCH;
	/// The first epoch that is not closed.
	pub storage FirstOpenEpoch: EpochIndex = FIRST_EPOCH;
	/// Plancks that were minted and not taken back.
	pub storage Minted: Balance = 0;
	/// Plancks that were taken back.
	pub storage Forgone: Balance = 0;
	/// Plancks that claims of services minted.
	pub storage Reminted: Balance = 0;
	/// The bases of all lots that such claims burned.
	pub storage ClaimedBases: Balance = 0;
	/// Plancks that such claims left for validators, and that were not minted or taken out by a
	/// test yet.
	pub storage ForValidators: Balance = 0;
	/// Whether the books cannot be read.
	pub storage EmissionIsUnreadable: bool = false;
	/// Whether the clock of epochs cannot be read.
	pub storage ClockIsUnreadable: bool = false;
	/// Plancks that were reported as burned.
	pub storage Burned: Balance = 0;
}

/// The account from which all is paid. Mocks endow it with the existential deposit.
pub fn pot<A: Encode + Decode>() -> A {
	PalletId(*b"fake/pot").into_account_truncating()
}

impl<T, C> Emission<T::AccountId> for Fakes<T, C>
where
	T: Config,
	C: Mutate<T::AccountId, Balance = Balance>,
{
	fn present_epoch() -> Option<EpochIndex> {
		(!ClockIsUnreadable::get()).then(Epoch::get)
	}

	fn first_open_epoch() -> Option<EpochIndex> {
		Some(FirstOpenEpoch::get())
	}

	fn began_ms(epoch: EpochIndex) -> Option<u64> {
		Some(u64::from(epoch) * DAY_MS)
	}

	fn mint(amount: Balance) -> Balance {
		C::mint_into(&pot(), amount).expect("the pot exists");
		Minted::set(&(Minted::get() + amount));
		amount
	}

	fn unmint(amount: Balance) {
		let (exact, polite) = (Precision::Exact, Fortitude::Polite);
		C::burn_from(&pot(), amount, Preservation::Preserve, exact, polite)
			.expect("the pot holds all that was minted into it");
		Minted::set(&(Minted::get() - amount));
		Forgone::set(&(Forgone::get() + amount));
	}

	fn remint(_: EpochIndex, payment: &Payment) -> bool {
		let bases = ClaimedBases::get() + payment.basis;
		let kept = ForValidators::get() + payment.for_validators;
		let is_covered = Reminted::get() + payment.paid + kept <= bases;
		if is_covered {
			C::mint_into(&pot(), payment.paid).expect("the pot exists");
			Reminted::set(&(Reminted::get() + payment.paid));
			ForValidators::set(&kept);
			ClaimedBases::set(&bases);
		}
		is_covered
	}

	/// Of whatever was left for them: tests close epochs by themselves.
	fn remint_for_validators(amount: Balance) -> Balance {
		C::mint_into(&pot(), amount).expect("the pot exists");
		Reminted::set(&(Reminted::get() + amount));
		amount
	}

	fn unremint(amount: Balance) {
		let (exact, polite) = (Precision::Exact, Fortitude::Polite);
		C::burn_from(&pot(), amount, Preservation::Preserve, exact, polite)
			.expect("the pot holds all that was minted into it");
		Reminted::set(&(Reminted::get() - amount));
	}

	fn are_books_readable() -> bool {
		!EmissionIsUnreadable::get()
	}

	fn note_burned(amount: Balance) {
		Burned::set(&(Burned::get() + amount));
	}

	fn pay(to: &T::AccountId, amount: Balance) -> DispatchResult {
		C::transfer(&pot(), to, amount, Preservation::Preserve).map(drop)
	}
}

impl<T, C> Epochs for Fakes<T, C> {
	fn present() -> Option<EpochIndex> {
		Some(Epoch::get())
	}

	fn length_ms() -> u64 {
		DAY_MS
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T, C> groma_traits::EmissionBenchmarkHelper for Fakes<T, C>
where
	T: Config,
	C: Mutate<T::AccountId, Balance = Balance>,
{
	fn pass_to(epoch: EpochIndex) {
		Epoch::set(&epoch);
		FirstOpenEpoch::set(&epoch);
		Self::mint(1_000_000 * groma_core::money::GRM);
	}
}
