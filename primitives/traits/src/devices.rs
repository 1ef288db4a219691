//! Which devices exist, and what was true of them in a window.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use groma_core::{
	DeviceId, EpochIndex, EvidenceClass, NetworkId, RegionId, WindowIndex,
	place::{Cell, UnitVector},
	words::SessionKey,
};
use impl_trait_for_tuples::impl_for_tuples;
use scale_info::TypeInfo;
use sp_runtime::Weight;

/// Where a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Place {
	/// H3 cell of resolution 12.
	pub cell: Cell,
	/// The centre of the cell, computed once at assertion.
	pub vector: UnitVector,
	/// Region: see [`crate::Regions`].
	pub region: RegionId,
}

/// Where a device stood in its owner's list when an epoch began in which that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum FirstSlot {
	/// In another slot: it moved.
	#[codec(index = 0)]
	Moved {
		/// The epoch.
		epoch: EpochIndex,
		/// The slot that it had before its first move.
		#[codec(compact)]
		slot: u32,
	},
	/// Nowhere: the owner has it since that epoch.
	#[codec(index = 1)]
	Joined {
		/// The last epoch in which it earns nothing for the owner.
		epoch: EpochIndex,
	},
}

impl FirstSlot {
	/// The epoch in which that changed.
	pub fn epoch(&self) -> EpochIndex {
		match self {
			Self::Moved { epoch, .. } | Self::Joined { epoch } => *epoch,
		}
	}
}

/// A device as it was in a window.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct DeviceView<AccountId> {
	/// The network it serves.
	pub network: NetworkId,
	/// Who owned it.
	pub owner: AccountId,
	/// Its ed25519 session key.
	pub session_key: SessionKey,
	/// How it is attested.
	pub class: EvidenceClass,
	/// Whether it took part: neither paused, in maintenance, retired nor banned.
	pub is_active: bool,
	/// Its number in its owner's list for this network.
	pub slot: u32,
	/// Where it stood in that list when the last epoch began in which it moved.
	pub first_slot: Option<FirstSlot>,
	/// Where it stood, once asserted; none in a network without places.
	pub place: Option<Place>,
	/// The window in which that place took effect; without a place, the one in which its
	/// registration did. It takes part from then on, and maturity and ramp are counted from it.
	pub since: WindowIndex,
}

impl<AccountId> DeviceView<AccountId> {
	/// The slot that the device had in the owner's list when an epoch began, which is the present
	/// one; `None` if the owner did not have it yet.
	pub fn slot_at_start(&self, epoch: EpochIndex) -> Option<u32> {
		match self.first_slot {
			Some(FirstSlot::Moved { epoch: moved, slot }) if moved == epoch => Some(slot),
			Some(FirstSlot::Joined { epoch: joined }) if joined >= epoch => None,
			_ => Some(self.slot),
		}
	}
}

/// Whose a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner<AccountId> {
	/// The account.
	pub account: AccountId,
	/// The network that the device serves.
	pub network: NetworkId,
}

/// Whose key a device signed with in a window: what evidence is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer<AccountId> {
	/// The network that the device serves.
	pub network: NetworkId,
	/// Who owned it.
	pub owner: AccountId,
	/// Its ed25519 session key.
	pub session_key: SessionKey,
	/// Whether that key is banned already.
	pub is_banned: bool,
}

/// Looks devices up and remembers what it read next to them, for as long as no device changes.
pub trait DeviceLookup<AccountId>: Default {
	/// The same as [`Devices::at`].
	fn at(&mut self, device: DeviceId, window: WindowIndex) -> Option<DeviceView<AccountId>>;

	/// The same as [`Devices::owner`].
	fn owner(&mut self, device: DeviceId) -> Option<Owner<AccountId>>;

	/// Whether there is something about the device that does not decode, so that the other answers
	/// are `None`.
	fn is_unreadable(&mut self, device: DeviceId) -> bool;
}

/// The devices.
pub trait Devices<AccountId> {
	/// How several devices are looked up that may be neighbours.
	type Lookup: DeviceLookup<AccountId>;

	/// The device as it was in `window`, which is at most two windows before the current one;
	/// `None` before its registration and from its retirement on. A change takes effect at its own
	/// window, so what was signed before it stays valid.
	fn at(device: DeviceId, window: WindowIndex) -> Option<DeviceView<AccountId>> {
		Self::Lookup::default().at(device, window)
	}

	/// Whose a device is now, whether it is active, paused, retired or banned; `None` if there is
	/// no such device or it was removed.
	fn owner(device: DeviceId) -> Option<Owner<AccountId>> {
		Self::Lookup::default().owner(device)
	}

	/// Who signed for the device in `window`, one of the last 288; `None` if no one did. Holders
	/// before the present one are remembered as long, and no device has more of them.
	fn signer(device: DeviceId, window: WindowIndex) -> Option<Signer<AccountId>>;

	/// Bans the key with which the device signed in `window`, at once and permanently, and the
	/// device with it if it still belongs to who owned it then. Returns whether the device is
	/// banned by it.
	fn ban(device: DeviceId, window: WindowIndex) -> bool;

	/// The most that [`Self::ban`] weighs.
	fn ban_weight() -> Weight;
}

/// Whether founded networks have devices. Of other networks no one counts them.
pub trait NetworkDevices {
	/// Whether a device of this founded network is not removed yet, active or not.
	fn has_devices(network: NetworkId) -> bool;
}

/// What benchmarks need of the registry.
#[cfg(feature = "runtime-benchmarks")]
pub trait DevicesBenchmarkHelper<AccountId> {
	/// Adds an active device at a mature place, without any signature, and returns it.
	fn add_device(
		owner: AccountId,
		network: NetworkId,
		session_key: SessionKey,
		cell: Cell,
		region: RegionId,
	) -> DeviceId;

	/// Fills the page of the device that was added last with entries that no lookup shows: the
	/// worst case of looking it up.
	fn fill_device_page(device: DeviceId);
}

/// How many devices share what a network may bring on chain.
pub trait ActiveDevices {
	/// How many devices of the network are active and, if it asks for places, have one. `u32::MAX`
	/// if no one knows: then none is challenged, whatever stake stands behind them.
	fn active_count(network: NetworkId) -> u32;
}

/// Pallets that drop what they keep of a device when it is removed.
pub trait DeviceFollowers {
	/// Removes what is kept of a device that was retired and is about to be removed permanently;
	/// what payees are owed stays. `false` if something is still open: then the device stays for
	/// another window, and is asked about again.
	fn let_go(device: DeviceId) -> bool;

	/// The most that [`Self::let_go`] weighs.
	fn let_go_weight() -> Weight;
}

/// Asked in this order, as one may hand something to those after it.
#[impl_for_tuples(1, 8)]
impl DeviceFollowers for Tuple {
	fn let_go(device: DeviceId) -> bool {
		for_tuples!( #( if !Tuple::let_go(device) { return false } )* );
		true
	}

	fn let_go_weight() -> Weight {
		let mut weight = Weight::zero();
		for_tuples!( #( weight = weight.saturating_add(Tuple::let_go_weight()); )* );
		weight
	}
}
