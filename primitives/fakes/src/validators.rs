//! Validators that tests set.

use std::collections::BTreeMap;

use frame_support::{pallet_prelude::ValueQuery, parameter_types, storage_alias};
use frame_system::Config;
use groma_traits::{FeedWork, Validators};
use sp_runtime::Weight;

use crate::Fakes;

/// For how many ms each validator fed a fresh price.
#[storage_alias]
pub type FedMs<A> = StorageValue<Fakes, BTreeMap<A, u64>, ValueQuery>;
/// The present set.
#[storage_alias]
pub type Present<A> = StorageValue<Fakes, Vec<A>, ValueQuery>;

parameter_types! {
	/// The present session.
	pub storage Session: u32 = 0;
}

/// Makes these the present set, in a new session.
pub fn set_validators<A: codec::FullCodec + 'static>(validators: Vec<A>) {
	Present::<A>::put(validators);
	Session::set(&(Session::get() + 1));
}

impl<T: Config, C> Validators<T::AccountId> for Fakes<T, C> {
	fn session() -> u32 {
		Session::get()
	}

	fn present() -> Vec<T::AccountId> {
		Present::<T::AccountId>::get()
	}
}

impl<T: Config, C> FeedWork<T::AccountId> for Fakes<T, C> {
	fn note_fed(validator: &T::AccountId, fed_ms: u64) {
		FedMs::<T::AccountId>::mutate(|all| {
			let sum = all.entry(validator.clone()).or_default();
			*sum = sum.saturating_add(fed_ms);
		});
	}

	fn note_fed_weight() -> Weight {
		Weight::from_parts(10_000, 0)
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config, C> groma_traits::ValidatorsBenchmarkHelper<T::AccountId> for Fakes<T, C> {
	fn set_present(validators: Vec<T::AccountId>) {
		set_validators(validators);
	}
}
