//! Who is paid for the work of a device. One payee per device and epoch, named when the epoch's
//! work begins.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use groma_core::{DeviceId, EpochIndex, NetworkId, units::Units};
use groma_stored::Stored;
use groma_traits::{OpenWork, SupplyWork};
use scale_info::TypeInfo;

use crate::{Config, Pallet, Payees};

/// Who is paid for the open work of a device, or was for the last that it had.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Payee<AccountId> {
	/// Who owned the device when it earned the first units of the epoch.
	pub account: AccountId,
	/// The network it served.
	pub network: NetworkId,
}

/// The units of one device in one epoch, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Work<AccountId> {
	/// Who owned the device when it earned the first of these units. A transfer within an epoch
	/// leaves the whole epoch to the former owner, so that the yield limit holds per device and
	/// epoch.
	pub payee: AccountId,
	/// The network that the device served.
	pub network: NetworkId,
	/// The epoch of the blocks that settled them.
	pub epoch: EpochIndex,
	/// The units.
	pub units: Units,
}

impl<AccountId> Payee<AccountId> {
	/// The work, as this payee's.
	pub(crate) fn own(self, work: OpenWork) -> Work<AccountId> {
		let Self { account, network } = self;
		Work { payee: account, network, epoch: work.epoch, units: work.units() }
	}
}

impl<T: Config> Pallet<T> {
	/// Who is paid for the open work of a device.
	pub(crate) fn payee(device: DeviceId) -> Stored<Payee<T::AccountId>> {
		groma_stored::entry::<Payees<T>, DeviceId, Payee<T::AccountId>>(device)
	}

	/// Notes who is paid for the work that begins: mostly whom the work before was paid to. A payee
	/// that does not decode is replaced: the work that it was named for is folded. Returns whether
	/// it is another one.
	pub(crate) fn name_payee(device: DeviceId, payee: Payee<T::AccountId>) -> bool {
		let is_other = Self::payee(device).value().as_ref() != Some(&payee);
		if is_other {
			Payees::<T>::insert(device, payee);
		}
		is_other
	}

	/// Forgets whom the work of a removed device was paid to.
	pub(crate) fn forget_payee(device: DeviceId) {
		Payees::<T>::remove(device);
	}

	/// The work that was not handed over yet, with its payee.
	pub(crate) fn open_work(device: DeviceId) -> Option<Work<T::AccountId>> {
		let payee = Self::payee(device).value()?;
		let work = T::SupplyWork::peek(payee.network, device)?;
		Some(payee.own(work))
	}

	/// Takes over the work of an epoch before `current`, if it was not handed over yet. It waits
	/// while its payee does not decode.
	pub(crate) fn take_open_work(
		device: DeviceId,
		current: EpochIndex,
	) -> Option<Work<T::AccountId>> {
		let payee = Self::payee(device).value()?;
		let work = T::SupplyWork::take_before(payee.network, device, current)?;
		Some(payee.own(work))
	}
}
