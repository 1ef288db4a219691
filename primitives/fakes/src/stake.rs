//! A ledger of stake that covers all devices but those of some owners.

use std::collections::BTreeSet;

use frame_support::{pallet_prelude::ValueQuery, parameter_types, storage_alias};
use frame_system::Config;
use groma_core::{
	DeviceId, NetworkId,
	money::{Balance, GRM},
};
use groma_traits::{DeviceOffences, Offence, Provisions};
use sp_runtime::Weight;

use crate::Fakes;

parameter_types! {
	/// How many devices of each network stake stands behind.
	pub storage CoveredDevices: u32 = u32::MAX;
}

/// Owners whose devices no stake covers.
#[storage_alias]
pub type Uncovered<A> = StorageValue<Fakes, BTreeSet<A>, ValueQuery>;
/// Offences that were proven: the device, its owner, and who reported it.
#[storage_alias]
pub type Offences<A> = StorageValue<Fakes, Vec<(DeviceId, A, A)>, ValueQuery>;

impl<T: Config, C> Provisions<T::AccountId> for Fakes<T, C> {
	fn covered_slots(owner: &T::AccountId, _: NetworkId, _: Balance) -> u32 {
		if Uncovered::<T::AccountId>::get().contains(owner) { 0 } else { u32::MAX }
	}

	fn covered_devices(_: NetworkId) -> u32 {
		CoveredDevices::get()
	}

	/// As if each device had a stake of 50 GRM.
	fn total(_: NetworkId) -> Option<Balance> {
		Some(Balance::from(CoveredDevices::get()).saturating_mul(50 * GRM))
	}
}

impl<T: Config, C> DeviceOffences<T::AccountId> for Fakes<T, C> {
	fn on_offence(
		device: DeviceId,
		_: NetworkId,
		owner: &T::AccountId,
		reporter: &T::AccountId,
		_: Offence,
	) {
		Offences::<T::AccountId>::append((device, owner.clone(), reporter.clone()));
	}

	fn offence_weight() -> Weight {
		Weight::zero()
	}
}
