//! What is stored about makers and devices, and what owners hand in.

use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, Input, MaxEncodedLen, Output};
use frame_support::{BoundedVec, traits::ConstU32};
use groma_core::{
	DeviceId, EpochIndex, EvidenceClass, MakerId, NetworkId, RegionId, WindowIndex,
	api::DeviceStatus,
	money::Balance,
	place::Cell,
	protocol::{EFFECT_DELAY_WINDOWS, LIST_RESOLUTION, MAKER_KEYS_MAX, NAME_BYTES_MAX},
	words::{SessionKey, Signature},
};
use groma_traits::{DeviceView, FirstSlot, Place};
use scale_info::TypeInfo;

use crate::public_key::PublicKey;

/// Ids are given away in allotments of so many, each to devices that register in one cell of
/// [`ALLOTMENT_RESOLUTION`]. So neighbours, who hear each other, have ids of which all but the last
/// byte are the same.
pub const ALLOTMENT_DEVICES: DeviceId = 256;
/// The resolution of the cells that get allotments of ids.
pub const ALLOTMENT_RESOLUTION: u8 = 4;
/// What holds a banned key when no device does: an id that is never given away.
pub(crate) const NO_DEVICE: DeviceId = DeviceId::MAX;

const _: () = assert!(ALLOTMENT_RESOLUTION <= 4, "the upper half of an index says all of it");

/// A maker's name as bytes of UTF-8.
pub type MakerName = BoundedVec<u8, ConstU32<NAME_BYTES_MAX>>;
/// The keys of a maker.
pub type MakerKeys = BoundedVec<PublicKey, ConstU32<MAKER_KEYS_MAX>>;

/// The key of the allotment that is open around a cell: the upper half of the index of the cell of
/// resolution [`ALLOTMENT_RESOLUTION`] around it, which says all of it. Devices without a place
/// have their own allotment.
pub(crate) fn allotment_key(cell: Option<Cell>) -> u32 {
	let around = cell.and_then(|cell| cell.parent(ALLOTMENT_RESOLUTION));
	around.and_then(|around| u32::try_from(around.index() >> u32::BITS).ok()).unwrap_or(u32::MAX)
}

/// A manufacturer whose keys attest hardware keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct MakerRecord {
	/// What people call it: UTF-8, not empty.
	pub name: MakerName,
	/// The keys that attest.
	pub keys: MakerKeys,
	/// Whether it is revoked.
	pub is_revoked: bool,
}

/// How a maker vouches for a device.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Attestation {
	/// Who vouches.
	pub maker: MakerId,
	/// Which of the maker's keys signed.
	pub maker_key: PublicKey,
	/// The key in the device's hardware.
	pub hardware_key: PublicKey,
	/// The maker key's signature over the hardware key (`payload::attestation`).
	pub maker_signature: Signature,
	/// The hardware key's signature over the session key (`payload::hardware_onboarding`).
	pub hardware_signature: Signature,
}

/// Where an owner says that a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct LocationClaim {
	/// H3 cell of resolution 12.
	pub cell: Cell,
	/// Region of the network.
	pub region: RegionId,
	/// Antenna gain in tenths of a dBi: information only, nothing is computed from it.
	pub gain_deci_dbi: i16,
	/// Height above ground in metres: information only.
	pub elevation_m: i16,
}

/// A claimed location with what the chain judges it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Location {
	/// Cell, its centre and region.
	pub place: Place,
	/// The window in which the place took effect.
	pub since: WindowIndex,
	/// Antenna gain in tenths of a dBi: information only.
	pub gain_deci_dbi: i16,
	/// Height above ground in metres: information only.
	pub elevation_m: i16,
}

/// What is to become of a device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Change<AccountId> {
	/// Another session key.
	#[codec(index = 0)]
	Key {
		/// The next session key.
		session_key: SessionKey,
	},
	/// Another owner, and with it another session key.
	#[codec(index = 1)]
	Transfer {
		/// The next owner.
		owner: AccountId,
		/// The next session key.
		session_key: SessionKey,
		/// The slot that the device holds in the next owner's list since the acceptance.
		#[codec(compact)]
		slot: u32,
	},
	/// Another location.
	#[codec(index = 2)]
	Location(Location),
	/// Another status; after `Retired` nothing changes any more until the device is removed.
	#[codec(index = 3)]
	Status(DeviceStatus),
}

/// A change on its way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingChange<AccountId> {
	/// The first window that sees it.
	pub effective: WindowIndex,
	/// The change.
	pub change: Change<AccountId>,
}

/// What changes about a device. Mostly nothing does: that takes one byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes<AccountId> {
	/// The change on its way.
	pub pending: Option<PendingChange<AccountId>>,
	/// Where the device stood in its owner's list when the last epoch began in which it moved.
	pub first_slot: Option<FirstSlot>,
}

/// How [`Changes`] are stored.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum StoredChanges<AccountId> {
	/// Nothing changes.
	#[codec(index = 0)]
	Nothing,
	/// There is a change on its way.
	#[codec(index = 1)]
	Pending(PendingChange<AccountId>),
	/// The device moved in its owner's list.
	#[codec(index = 2)]
	Moved(FirstSlot),
	/// Both.
	#[codec(index = 3)]
	Both(PendingChange<AccountId>, FirstSlot),
}

impl<AccountId> Default for Changes<AccountId> {
	fn default() -> Self {
		Self { pending: None, first_slot: None }
	}
}

impl<AccountId> From<Changes<AccountId>> for StoredChanges<AccountId> {
	fn from(changes: Changes<AccountId>) -> Self {
		match (changes.pending, changes.first_slot) {
			(None, None) => Self::Nothing,
			(Some(pending), None) => Self::Pending(pending),
			(None, Some(slot)) => Self::Moved(slot),
			(Some(pending), Some(slot)) => Self::Both(pending, slot),
		}
	}
}

impl<AccountId> From<StoredChanges<AccountId>> for Changes<AccountId> {
	fn from(stored: StoredChanges<AccountId>) -> Self {
		let (pending, first_slot) = match stored {
			StoredChanges::Nothing => (None, None),
			StoredChanges::Pending(pending) => (Some(pending), None),
			StoredChanges::Moved(slot) => (None, Some(slot)),
			StoredChanges::Both(pending, slot) => (Some(pending), Some(slot)),
		};
		Self { pending, first_slot }
	}
}

impl<AccountId: Clone + Encode> Encode for Changes<AccountId> {
	fn encode_to<W: Output + ?Sized>(&self, dest: &mut W) {
		StoredChanges::<AccountId>::from(self.clone()).encode_to(dest);
	}
}

impl<AccountId: Clone + Encode> EncodeLike for Changes<AccountId> {}

impl<AccountId: Decode> Decode for Changes<AccountId> {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		StoredChanges::<AccountId>::decode(input).map(Self::from)
	}
}

impl<AccountId: Clone + MaxEncodedLen> MaxEncodedLen for Changes<AccountId> {
	fn max_encoded_len() -> usize {
		StoredChanges::<AccountId>::max_encoded_len()
	}
}

impl<AccountId: TypeInfo + 'static> TypeInfo for Changes<AccountId> {
	type Identity = StoredChanges<AccountId>;

	fn type_info() -> scale_info::Type {
		Self::Identity::type_info()
	}
}

/// A device: as it was before its pending change, and that change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct DeviceRecord<AccountId> {
	/// Its owner.
	pub owner: AccountId,
	/// Its ed25519 session key.
	pub session_key: SessionKey,
	/// The network it serves.
	#[codec(compact)]
	pub network: NetworkId,
	/// The window in which it was registered.
	pub registered_at: WindowIndex,
	/// Who attested it; a self-made device has no maker.
	pub maker: Option<MakerId>,
	/// Whether it takes part.
	pub status: DeviceStatus,
	/// Its number in its owner's list for the network; `u32::MAX` once it is retired or banned.
	#[codec(compact)]
	pub slot: u32,
	/// Its number in the list of its cell of [`LIST_RESOLUTION`]; 0 without a location.
	#[codec(compact)]
	pub position: u32,
	/// Plancks on hold from its owner.
	#[codec(compact)]
	pub deposit: Balance,
	/// Where it stands.
	pub location: Option<Location>,
	/// What changes about it.
	pub changes: Changes<AccountId>,
}

impl<AccountId: Clone> DeviceRecord<AccountId> {
	/// The record as `window` sees it.
	pub(crate) fn seen_in(mut self, window: WindowIndex) -> Self {
		let pending = self.changes.pending.clone();
		if let Some(pending) = pending.filter(|pending| pending.effective <= window) {
			self.apply(pending.change);
		}
		self
	}

	/// Makes the change true in the record itself.
	pub(crate) fn apply(&mut self, change: Change<AccountId>) {
		match change {
			Change::Key { session_key } => self.session_key = session_key,
			Change::Transfer { owner, session_key, slot } => {
				self.owner = owner;
				self.session_key = session_key;
				self.slot = slot;
				// When the fold comes, the epoch is known.
				self.join(Some(EpochIndex::MAX));
			}
			Change::Location(location) => self.location = Some(location),
			Change::Status(status) => self.status = status,
		}
	}

	/// Records that its owner has the device since an epoch, and so earns with it in later ones.
	/// Without an epoch nothing is earned, and nothing is recorded.
	pub(crate) fn join(&mut self, epoch: Option<EpochIndex>) {
		self.changes.first_slot = epoch.map(|epoch| FirstSlot::Joined { epoch });
	}

	/// Gives the device another slot in its owner's list. The first one that it leaves in an epoch
	/// is remembered until it moves in another one.
	pub(crate) fn move_to(&mut self, slot: u32, epoch: Option<EpochIndex>) {
		let known = self.changes.first_slot.map(|first| first.epoch());
		if let Some(epoch) = epoch.filter(|epoch| known != Some(*epoch)) {
			self.changes.first_slot = Some(FirstSlot::Moved { epoch, slot: self.slot });
		}
		self.slot = slot;
	}

	/// Records that the device left every list permanently.
	pub(crate) fn unlist(&mut self, status: DeviceStatus) {
		self.status = status;
		self.slot = u32::MAX;
		self.position = 0;
		self.location = None;
		self.changes.first_slot = None;
	}

	/// Whether the device stands in lists.
	pub(crate) fn is_listed(&self) -> bool {
		!matches!(self.status, DeviceStatus::Retired | DeviceStatus::Banned)
	}

	/// What the seam says about the device in `window`.
	pub(crate) fn view(self, window: WindowIndex) -> Option<DeviceView<AccountId>> {
		if window < self.registered_at {
			return None;
		}
		let device = self.seen_in(window);
		if device.status == DeviceStatus::Retired {
			return None;
		}
		let location = device.location.filter(|location| location.since <= window);
		Some(DeviceView {
			network: device.network,
			class: device.class(),
			is_active: device.status == DeviceStatus::Active,
			slot: device.slot,
			first_slot: device.changes.first_slot,
			place: location.map(|location| location.place),
			since: location.map_or_else(|| device.effective_at(), |location| location.since),
			owner: device.owner,
			session_key: device.session_key,
		})
	}

	/// The window in which its registration takes effect: no earlier than a change of it would, so
	/// that no one registers for a window whose seed is known.
	fn effective_at(&self) -> WindowIndex {
		self.registered_at.saturating_add(EFFECT_DELAY_WINDOWS)
	}

	/// How the device is attested.
	pub(crate) fn class(&self) -> EvidenceClass {
		match self.maker {
			Some(_) => EvidenceClass::MakerAttested,
			None => EvidenceClass::SelfMade,
		}
	}

	/// The cell in whose list the device stands.
	pub(crate) fn index_cell(&self) -> Option<Cell> {
		self.location.and_then(|location| location.place.cell.parent(LIST_RESOLUTION))
	}

	/// The owner and slot that a pending transfer brings.
	pub(crate) fn incoming(&self) -> Option<(&AccountId, u32)> {
		match &self.changes.pending.as_ref()?.change {
			Change::Transfer { owner, slot, .. } => Some((owner, *slot)),
			_ => None,
		}
	}

	/// The session key that a pending change brings.
	pub(crate) fn next_session_key(&self) -> Option<SessionKey> {
		match self.changes.pending.as_ref()?.change {
			Change::Key { session_key } | Change::Transfer { session_key, .. } => Some(session_key),
			_ => None,
		}
	}
}

/// A key that names a device. A session key names one device of the chain, a hardware key one in
/// each network, so that one secure element can serve several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum HeldKey {
	/// A session key.
	#[codec(index = 0)]
	Session(SessionKey),
	/// A hardware key in a network.
	#[codec(index = 1)]
	Hardware(NetworkId, PublicKey),
}

/// A device's key in its hardware, which authorises session keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct HardwareKey {
	/// The key.
	pub key: PublicKey,
	/// How many session keys it authorised since the registration of the device.
	#[codec(compact)]
	pub rotations: u32,
}

/// Who held a device, and with which session key, until a change of either or until its retirement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct FormerHolder<AccountId> {
	/// Its owner.
	pub owner: AccountId,
	/// Its session key.
	pub session_key: SessionKey,
	/// The first window in which they held it.
	pub since: WindowIndex,
	/// The first window in which they no longer did so.
	pub until: WindowIndex,
	/// Whether the key was proven to have signed two beacons for one challenge.
	pub is_banned: bool,
}

/// Holders before the present one while which no key or owner changes.
pub const HOLDERS_REMEMBERED: usize = 2;
/// The most holders that are remembered of a device: those, and the one who retired it.
pub const HOLDERS_MAX: u32 = HOLDERS_REMEMBERED as u32 + 1;

/// Who held a device before, the earliest first.
pub type FormerHoldersOf<AccountId> = BoundedVec<FormerHolder<AccountId>, ConstU32<HOLDERS_MAX>>;

/// A list of devices without gaps: see the module `roster`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Roster<AccountId> {
	/// The devices of an owner in a network, by slot.
	#[codec(index = 0)]
	Owner(AccountId, NetworkId),
	/// The devices with a location in a cell of [`LIST_RESOLUTION`].
	#[codec(index = 1)]
	Cell(Cell),
	/// The devices with a change that takes effect in a window.
	#[codec(index = 2)]
	Changes(WindowIndex),
	/// The devices of which a former holder may be forgotten when the changes of a window are
	/// folded.
	#[codec(index = 3)]
	Holders(WindowIndex),
}

/// Devices on a page of a [`Roster`].
pub const PAGE_DEVICES: u32 = 64;

/// A page of a roster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RosterPage {
	/// Length of the whole roster: kept on its first page, 0 on the others.
	#[codec(compact)]
	pub total: u32,
	/// The devices on this page.
	pub devices: BoundedVec<DeviceId, ConstU32<PAGE_DEVICES>>,
}
