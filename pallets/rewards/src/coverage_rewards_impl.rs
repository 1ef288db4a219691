//! What proof of coverage reports to.

use frame_support::defensive;
#[cfg(feature = "runtime-benchmarks")]
use groma_core::money::Balance;
use groma_core::{DeviceId, EpochIndex, NetworkId, units::Units};
use groma_traits::{CoverageRewards, Work};

use crate::{Config, Pallet};

impl<T: Config> CoverageRewards<T::AccountId> for Pallet<T> {
	fn epoch() -> Option<EpochIndex> {
		Self::present_epoch()
	}

	fn note_units(network: NetworkId, units: Units) {
		match Self::present_epoch() {
			Some(epoch) => Self::add_units(epoch, network, units),
			None => {
				defensive!("work is settled in blocks with a timestamp");
			}
		}
	}

	fn fold(device: DeviceId, work: Work<T::AccountId>) {
		Self::fold_work(device, work);
	}

	fn note_collected(collector: &T::AccountId, statements: u32) {
		match Self::present_epoch() {
			Some(epoch) => Self::add_statements(epoch, collector, statements),
			None => {
				defensive!("work is settled in blocks with a timestamp");
			}
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn prepare_fold(
		device: DeviceId,
		payee: T::AccountId,
		network: NetworkId,
	) -> Work<T::AccountId> {
		crate::benchmarking::prepare_fold::<T>(device, payee, network)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn folded(device: DeviceId, payee: &T::AccountId) -> Balance {
		crate::Owed::<T>::get(device, payee)
	}
}
