//! What kinds of proof report to.

use frame_support::{defensive, weights::Weight};
use groma_core::{DeviceId, EpochIndex, NetworkId, units::Units};
use groma_stored::Stored;
use groma_traits::{Emission, OpenWork, SupplyRewards};

use crate::{Config, Pallet, WeightInfo, payees::Payee};

impl<T: Config> SupplyRewards<T::AccountId> for Pallet<T> {
	fn epoch() -> Option<EpochIndex> {
		T::Emission::present_epoch()
	}

	fn note_units(network: NetworkId, units: Units) {
		match T::Emission::present_epoch() {
			Some(epoch) => Self::add_units(epoch, network, units),
			None => {
				defensive!("work is settled in blocks with a timestamp");
			}
		}
	}

	fn begin(device: DeviceId, network: NetworkId, owner: &T::AccountId) -> bool {
		Self::name_payee(device, Payee { account: owner.clone(), network })
	}

	fn fold(device: DeviceId, work: OpenWork) -> bool {
		match Self::payee(device) {
			Stored::Value(payee) => Self::fold_work(device, payee.own(work)),
			// No one knows whose it is: it stays in the pot.
			Stored::Undecodable => false,
			Stored::Absent => {
				defensive!("a device with work has a payee");
				false
			}
		}
	}

	fn fold_weight() -> Weight {
		T::WeightInfo::fold()
	}

	fn usual_fold_weight() -> Weight {
		T::WeightInfo::fold_one()
	}
}
