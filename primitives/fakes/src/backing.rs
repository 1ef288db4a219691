//! Stake behind validators that tests set, and the eras by which it counts.

use std::collections::BTreeMap;

use frame_support::{pallet_prelude::ValueQuery, parameter_types, storage_alias};
use frame_system::Config;
use groma_core::{EpochIndex, EraIndex, money::Balance};
use groma_traits::{Backed, Backing, Eras, HasKeys, Slashed};
use sp_runtime::{DispatchResult, Weight};

use crate::Fakes;

parameter_types! {
	/// The era whose set validates.
	pub storage ActiveEra: EraIndex = 0;
	/// The last era whose election counted stake.
	pub storage CountedEra: EraIndex = 0;
	/// Whether the clock of eras cannot be read.
	pub storage ErasAreUnreadable: bool = false;
}

/// What stands behind each operator: its own stake, and what is delegated to it.
#[storage_alias]
pub type StakeOf<A> = StorageValue<Fakes, BTreeMap<A, (Balance, Balance)>, ValueQuery>;
/// What was slashed: the operator, the era, the amount asked for, and who reported it.
#[storage_alias]
pub type SlashCalls<A> = StorageValue<Fakes, Vec<(A, EraIndex, Balance, Option<A>)>, ValueQuery>;
/// What each operator was rewarded, in all.
#[storage_alias]
pub type Rewarded<A> = StorageValue<Fakes, BTreeMap<A, Balance>, ValueQuery>;
/// Slashes that wait: the operator and the era.
#[storage_alias]
pub type Pending<A> = StorageValue<Fakes, Vec<(A, EraIndex)>, ValueQuery>;

/// Who has no keys to validate with. Everyone else has.
#[storage_alias]
pub type WithoutKeys<A> = StorageValue<Fakes, Vec<A>, ValueQuery>;

/// Operators that cannot be read. They are only slashed by those who do not ask.
#[storage_alias]
pub type UnreadableOperators<A> = StorageValue<Fakes, Vec<A>, ValueQuery>;

/// Puts stake behind an operator: its own, and what is delegated to it.
pub fn back_operator<A: codec::FullCodec + Ord + 'static>(
	operator: A,
	own: Balance,
	delegated: Balance,
) {
	StakeOf::<A>::mutate(|stakes| stakes.insert(operator, (own, delegated)));
}

impl<T: Config, C> Backing<T::AccountId> for Fakes<T, C> {
	fn of(operator: &T::AccountId) -> Backed {
		let stakes = StakeOf::<T::AccountId>::get();
		let (own, delegated) = stakes.get(operator).copied().unwrap_or_default();
		Backed { own, total: own.saturating_add(delegated) }
	}

	fn is_readable(operator: &T::AccountId) -> bool {
		!UnreadableOperators::<T::AccountId>::get().contains(operator)
	}

	/// Nothing goes to the reporter.
	fn slash(
		operator: &T::AccountId,
		era: EraIndex,
		amount: Balance,
		reporter: Option<&T::AccountId>,
	) -> Slashed {
		SlashCalls::<T::AccountId>::append((operator.clone(), era, amount, reporter.cloned()));
		StakeOf::<T::AccountId>::mutate(|stakes| {
			let Some((own, delegated)) = stakes.get_mut(operator) else {
				return Slashed::default();
			};
			let of_own = amount.min(*own);
			let of_delegated = amount.saturating_sub(of_own).min(*delegated);
			*own = own.saturating_sub(of_own);
			*delegated = delegated.saturating_sub(of_delegated);
			Slashed { own: of_own, delegated: of_delegated, rewarded: 0 }
		})
	}

	/// All of it is taken, if anything stands behind the operator.
	fn reward(operator: &T::AccountId, _: EpochIndex, amount: Balance) -> Balance {
		if <Self as Backing<T::AccountId>>::of(operator).total == 0 {
			return 0;
		}
		Rewarded::<T::AccountId>::mutate(|rewarded| {
			let sum = rewarded.entry(operator.clone()).or_default();
			*sum = sum.saturating_add(amount);
		});
		amount
	}

	fn pend(operator: &T::AccountId, era: EraIndex) {
		Pending::<T::AccountId>::append((operator.clone(), era));
	}

	fn release(operator: &T::AccountId, era: EraIndex) {
		Pending::<T::AccountId>::mutate(|waiting| {
			let place = waiting.iter().position(|it| *it == (operator.clone(), era));
			place.map(|place| waiting.remove(place));
		});
	}

	/// Nothing is on hold for it.
	fn provision(operator: &T::AccountId, amount: Balance) -> DispatchResult {
		StakeOf::<T::AccountId>::mutate(|stakes| {
			let (own, _) = stakes.entry(operator.clone()).or_default();
			*own = own.saturating_add(amount);
		});
		Ok(())
	}

	fn owed() -> Balance {
		Rewarded::<T::AccountId>::get().into_values().fold(0, Balance::saturating_add)
	}

	fn slash_weight() -> Weight {
		Weight::from_parts(100_000, 0)
	}

	fn reward_weight() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn pend_weight() -> Weight {
		Weight::from_parts(1_000, 0)
	}
}

impl<T: Config, C> Eras for Fakes<T, C> {
	fn active() -> EraIndex {
		if ErasAreUnreadable::get() { 0 } else { ActiveEra::get() }
	}

	fn counted() -> Option<EraIndex> {
		(!ErasAreUnreadable::get()).then(CountedEra::get)
	}
}

impl<T: Config, C> HasKeys<T::AccountId> for Fakes<T, C> {
	fn has_keys(who: &T::AccountId) -> bool {
		!WithoutKeys::<T::AccountId>::get().contains(who)
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config, C> groma_traits::ErasBenchmarkHelper<T::AccountId> for Fakes<T, C> {
	fn set_era(era: EraIndex) {
		ActiveEra::set(&era);
		CountedEra::set(&era);
	}

	fn give_keys(who: &T::AccountId) {
		WithoutKeys::<T::AccountId>::mutate(|without| without.retain(|it| it != who));
	}
}
