//! How the work of devices reaches its reward. Work is counted by each kind of proof and paid where
//! epochs are closed: the two meet once per device and epoch.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::{DeviceId, EpochIndex, NetworkId, units::Units};
use scale_info::TypeInfo;
use sp_runtime::Weight;

/// The units of a device in one epoch. Each kind of proof keeps it in a value of the device that it
/// writes anyway; who is paid for it is kept where it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OpenWork {
	/// The epoch of the blocks that settled them.
	pub epoch: EpochIndex,
	/// The units in billionths: compact, since a day's are few.
	#[codec(compact)]
	billionths: u64,
}

impl OpenWork {
	/// The first units of an epoch.
	pub fn new(epoch: EpochIndex, units: Units) -> Self {
		Self { epoch, billionths: units.0 }
	}

	/// The units so far.
	pub fn units(&self) -> Units {
		Units(self.billionths)
	}

	/// Adds units.
	pub fn add(&mut self, units: Units) {
		self.billionths = self.units().saturating_add(units).0;
	}
}

/// What settled work is reported to.
pub trait SupplyRewards<AccountId> {
	/// The epoch of the present block by its timestamp; `None` before the first timestamp.
	fn epoch() -> Option<EpochIndex>;

	/// Adds units that devices of a network earned in the present block to the total of the epoch.
	/// Every unit is reported here exactly once, when it is earned.
	fn note_units(network: NetworkId, units: Units);

	/// Says that the work of an epoch begins. `owner`, who has the device since before the epoch,
	/// is paid for all of it: after a transfer no one earns with the device until the next one, see
	/// [`crate::standing::earns_in`]. So the yield limit holds per slot and epoch. Returns whether
	/// that is another account than before.
	fn begin(device: DeviceId, network: NetworkId, owner: &AccountId) -> bool;

	/// Takes over the finished work of a device, whose epoch lies before the present one. Returns
	/// whether earlier work of the device had waited, and was taken over as well.
	fn fold(device: DeviceId, work: OpenWork) -> bool;

	/// The most that [`Self::fold`] and [`Self::begin`] weigh together.
	fn fold_weight() -> Weight;

	/// What the two weigh together if both return false.
	fn usual_fold_weight() -> Weight;
}

/// Where rewards find work that was not handed over yet. Each network is asked by its kind of
/// proof.
pub trait SupplyWork {
	/// The work of a device of the network as it stands, of whatever epoch.
	fn peek(network: NetworkId, device: DeviceId) -> Option<OpenWork>;

	/// Removes and returns the work of a device of the network if its epoch lies before `current`.
	fn take_before(network: NetworkId, device: DeviceId, current: EpochIndex) -> Option<OpenWork>;
}

/// What benchmarks of kinds of proof need of rewards.
#[cfg(feature = "runtime-benchmarks")]
pub trait SupplyRewardsBenchmarkHelper {
	/// Gives the present block a timestamp, in an epoch that is not closed.
	fn open_epoch();

	/// The units of a network that were reported in that epoch.
	fn noted_units(network: NetworkId) -> Units;
}

/// What benchmarks need of a kind of proof.
#[cfg(feature = "runtime-benchmarks")]
pub trait SupplyWorkBenchmarkHelper {
	/// Leaves work with a device, as settlements do, and with all other devices that share a value
	/// with it: the worst case of taking it.
	fn leave_work(network: NetworkId, device: DeviceId, work: OpenWork);
}
