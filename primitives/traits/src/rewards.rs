//! How coverage work reaches its reward. Work is counted where challenges are settled and paid where
//! epochs are closed: the two meet once per device and epoch.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
#[cfg(feature = "runtime-benchmarks")]
use groma_core::money::Balance;
use groma_core::{DeviceId, EpochIndex, NetworkId, units::Units};
use scale_info::TypeInfo;

/// The coverage units of one device in one epoch.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Work<AccountId> {
	/// Who owned the device when it earned the first of these units. A transfer within an epoch leaves
	/// the whole epoch to the former owner, so that the yield limit holds per device and epoch.
	pub payee: AccountId,
	/// The network that the device served.
	pub network: NetworkId,
	/// The epoch of the blocks that settled the challenges.
	pub epoch: EpochIndex,
	/// The units.
	pub units: Units,
}

/// What settled work is reported to.
pub trait CoverageRewards<AccountId> {
	/// The epoch of the present block by its timestamp; `None` before the first timestamp.
	fn epoch() -> Option<EpochIndex>;

	/// Adds units that devices of a network earned in the present block to the total of the epoch.
	/// Every unit is reported here exactly once, when it is earned.
	fn note_units(network: NetworkId, units: Units);

	/// Takes over the finished work of a device, whose epoch lies before the present one.
	fn fold(device: DeviceId, work: Work<AccountId>);

	/// Credits a collector for `statements` statements that it included first and that proved valid.
	fn note_collected(collector: &AccountId, statements: u32);

	/// Makes the next fold the dearest one, and returns the work for it: a benchmark's way to a closed
	/// epoch.
	#[cfg(feature = "runtime-benchmarks")]
	fn prepare_fold(device: DeviceId, payee: AccountId, network: NetworkId) -> Work<AccountId>;

	/// Plancks that folded work of a device came to for a payee, which were not paid yet: a benchmark's
	/// way to see that a fold did something.
	#[cfg(feature = "runtime-benchmarks")]
	fn folded(device: DeviceId, payee: &AccountId) -> Balance;
}

/// Where rewards find work that nobody handed over yet.
pub trait CoverageWork<AccountId> {
	/// The work of a device as it stands, of whatever epoch.
	fn peek(device: DeviceId) -> Option<Work<AccountId>>;

	/// Removes and returns the work of a device if its epoch lies before `current`.
	fn take_before(device: DeviceId, current: EpochIndex) -> Option<Work<AccountId>>;

	/// Leaves work with a device, as settlements do, and with all others of its page: a benchmark's way to a claim
	/// that finds some, at its dearest.
	#[cfg(feature = "runtime-benchmarks")]
	fn populate(device: DeviceId, work: Work<AccountId>);
}
