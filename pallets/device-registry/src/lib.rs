#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod bans;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod changes;
mod devices_impl;
mod fold;
mod holders;
mod indices;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod keys;
mod makers;
pub mod migrations;
#[cfg(test)]
mod mock;
mod public_key;
mod queries;
mod registration;
mod roster;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use public_key::PublicKey;
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{pallet_prelude::*, traits::fungible, weights::WeightMeter};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		DeviceId, MakerId, NetworkId, WindowIndex,
		api::DeviceStatus,
		money::Balance,
		place::Cell,
		words::{SessionKey, Signature},
	};
	use groma_paged_map::{Page, PageId, PagedMap};

	use crate::{
		keys::NewSessionKey,
		types::{
			Attestation, DeviceRecord, FormerHoldersOf, HardwareKey, HeldKey, LocationClaim,
			MakerKeys, MakerName, MakerRecord, Roster, RosterPage,
		},
		weights::WeightInfo,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// Folding changes takes at most a tenth of the remaining weight of a block.
	const FOLD_SHARE: u64 = 10;

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>, AccountId: Into<[u8; 32]>>
	{
		/// The runtime's sum of hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// The token, of which a deposit is held for each device.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<
				Self::AccountId,
				Balance = Balance,
				Reason = Self::RuntimeHoldReason,
			>;

		/// Who registers and revokes makers: a referendum's origin. A maker doubles the rewards of
		/// what it attests.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The clock. Changes take effect four windows later.
		type Windows: groma_traits::Windows;

		/// The clock of epochs: a device that changes its owner earns from the next one on, and one
		/// that moves in the list of its owner is remembered where it stood when an epoch began.
		type Epochs: groma_traits::Epochs;

		/// Whether the chain stands still: then no change is folded.
		type Standstill: groma_traits::Standstill;

		/// Which networks there are, whether they are open, and whether their devices have places.
		type Networks: groma_traits::Networks;

		/// Which regions a network serves. A location in another one is refused.
		type Regions: groma_traits::Regions;

		/// The credits of owners, from which the fees of onboarding and of later locations are
		/// taken.
		type Credits: groma_traits::CreditAccounts<Self::AccountId>;

		/// Who keeps state of devices that goes when a retired one is removed.
		type Followers: groma_traits::DeviceFollowers;

		/// Plancks held from the owner of a device until it is removed. It pays for some 330 bytes
		/// of state: too low and the state fills with devices that no one runs, too high and no one
		/// tries the network. A changed value applies to devices registered from then on.
		/// Suggested: 1 GRM.
		type RegistrationDeposit: Get<Balance>;

		/// Weights of calls, signature checks and folding, measured on the reference machine.
		type WeightInfo: WeightInfo;
	}

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Who attests hardware keys.
	// Ids are handed out in sequence by governance.
	#[pallet::storage]
	pub(crate) type Makers<T> = StorageMap<_, Twox64Concat, MakerId, MakerRecord, OptionQuery>;

	/// The id of the next maker.
	#[pallet::storage]
	pub(crate) type NextMaker<T> = StorageValue<_, MakerId>;

	/// Every device that is not removed.
	pub(crate) type Devices<T> = PagedMap<DevicePages<T>, RecordOf<T>>;

	/// Every device that is not removed, sixteen to a value. The key is the id without its last
	/// four bits, the highest byte first; these bits stand before each entry.
	// Owners choose places, but no id beyond the next; every entry is paid for by a deposit.
	#[pallet::storage]
	pub(crate) type DevicePages<T: Config> = StorageMap<_, Identity, PageId, Page<RecordOf<T>>>;

	/// A device as it is stored.
	pub(crate) type RecordOf<T> = DeviceRecord<<T as frame_system::Config>::AccountId>;

	/// The first id of the next allotment.
	#[pallet::storage]
	pub(crate) type NextAllotment<T> = StorageValue<_, DeviceId>;

	// Owners choose cells, but there are no more than 288,122 of them, and none makes the trie
	// deeper than the four bytes of its key. One more entry is for devices that have no place when
	// they register.
	/// The next id of the allotment that is open around a place, by the upper half of the index of
	/// the cell of resolution 4 there, or by 0xFFFFFFFF for devices without a place.
	#[pallet::storage]
	pub(crate) type Allotments<T> = StorageMap<_, Identity, u32, DeviceId>;

	/// Which device holds a session key, one on its way, a former one, or a hardware key in its
	/// network.
	// Users choose keys. A device holds at most four; those that are banned stay permanently.
	#[pallet::storage]
	pub(crate) type KeyHolders<T> = StorageMap<_, Blake2_128Concat, HeldKey, DeviceId, OptionQuery>;

	/// The hardware keys of attested devices.
	// At most one per device.
	#[pallet::storage]
	pub(crate) type HardwareKeys<T> = StorageMap<_, Identity, DeviceId, HardwareKey, OptionQuery>;

	/// Who held devices before: what evidence about former windows is held against.
	// At most one per device, with three holders. Each goes 288 windows after the change that it
	// remembers.
	#[pallet::storage]
	pub(crate) type FormerHolders<T: Config> =
		StorageMap<_, Identity, DeviceId, FormerHoldersOf<T::AccountId>, OptionQuery>;

	/// How many devices an account has ever registered.
	// Users choose accounts. Entries stay permanently, or an onboarding signature would serve
	// twice; each was paid for by the fee of a registration.
	#[pallet::storage]
	pub(crate) type OnboardingNonces<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, u32>;

	/// The lists of devices by owner, by cell and by the window in which something is due, page by
	/// page.
	// Users choose owners and cells. A device stands in at most two lists of owners, one of a cell,
	// one of changes and one of former holders.
	#[pallet::storage]
	pub(crate) type Rosters<T: Config> =
		StorageMap<_, Blake2_128Concat, (Roster<T::AccountId>, u32), RosterPage>;

	/// How many devices of a network are active and, if the network has places, have a location.
	// One entry per network.
	#[pallet::storage]
	pub(crate) type ActiveCounts<T> = StorageMap<_, Twox64Concat, NetworkId, u32>;

	/// How many devices of each founded network are not removed.
	// One entry per founded network that has devices, each of which is paid for by a deposit.
	#[pallet::storage]
	pub(crate) type Populations<T> = StorageMap<_, Twox64Concat, NetworkId, u32>;

	/// To whom devices are offered.
	// At most one per device.
	#[pallet::storage]
	pub(crate) type TransferOffers<T: Config> =
		StorageMap<_, Identity, DeviceId, T::AccountId, OptionQuery>;

	/// The first window whose changes are not all folded.
	#[pallet::storage]
	pub(crate) type FoldCursor<T> = StorageValue<_, WindowIndex>;

	/// Why the pallet holds tokens.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the state that a device takes, until it is removed.
		#[codec(index = 0)]
		Registration,
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A maker was registered.
		#[codec(index = 0)]
		MakerRegistered {
			/// Its id.
			maker: MakerId,
			/// Its name as UTF-8.
			name: MakerName,
		},
		/// A maker's keys were replaced.
		#[codec(index = 1)]
		MakerKeysSet {
			/// The maker.
			maker: MakerId,
		},
		/// A maker was revoked.
		#[codec(index = 2)]
		MakerRevoked {
			/// The maker.
			maker: MakerId,
		},
		/// A device was registered.
		#[codec(index = 3)]
		DeviceRegistered {
			/// Its id.
			device: DeviceId,
			/// Its owner.
			owner: T::AccountId,
			/// The network it serves.
			network: NetworkId,
		},
		/// A location was asserted. At the cell and region where the device stands already, only
		/// what is information changes, at once, and the place keeps its age.
		#[codec(index = 4)]
		LocationAsserted {
			/// The device.
			device: DeviceId,
			/// The cell.
			cell: Cell,
			/// The first window that sees a new place.
			since: WindowIndex,
		},
		/// A device was offered, or its offer withdrawn.
		#[codec(index = 5)]
		TransferOffered {
			/// The device.
			device: DeviceId,
			/// To whom; none if the offer was withdrawn.
			next_owner: Option<T::AccountId>,
		},
		/// An offer was accepted.
		#[codec(index = 6)]
		TransferAccepted {
			/// The device.
			device: DeviceId,
			/// Its next owner.
			owner: T::AccountId,
			/// The first window that sees it.
			effective: WindowIndex,
		},
		/// A session key is to be replaced.
		#[codec(index = 7)]
		SessionKeyRotated {
			/// The device.
			device: DeviceId,
			/// Its next session key.
			session_key: SessionKey,
			/// The first window that sees it.
			effective: WindowIndex,
		},
		/// A status is to change; `Retired` withdraws the device permanently.
		#[codec(index = 8)]
		StatusSet {
			/// The device.
			device: DeviceId,
			/// Its next status.
			status: DeviceStatus,
			/// The first window that sees it.
			effective: WindowIndex,
		},
		/// A change is older than anything that is still judged; the device is free for the next
		/// one.
		#[codec(index = 9)]
		ChangeFolded {
			/// The device.
			device: DeviceId,
		},
		/// A retired device was removed, its keys are free and its deposit is released.
		#[codec(index = 10)]
		DeviceRetired {
			/// The device.
			device: DeviceId,
		},
		/// A device was proven to cheat. Its keys are banned and its deposit stays on hold for
		/// ever.
		#[codec(index = 11)]
		DeviceBanned {
			/// The device.
			device: DeviceId,
		},
		/// The former owner of a device was proven to have cheated with it. The session key of that
		/// time is banned; the device, which is another's, is not.
		#[codec(index = 12)]
		FormerKeyBanned {
			/// The device.
			device: DeviceId,
		},
		/// What was due in a window is passed over, since a list of it does not decode: changes of
		/// devices that are not folded, or former holders that are not forgotten. The runtime
		/// upgrade that mends the list has to set the cursor back to this window.
		#[codec(index = 13)]
		ChangesUnreadable {
			/// The window.
			window: WindowIndex,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No maker has this id.
		#[codec(index = 0)]
		UnknownMaker,
		/// The maker is revoked. Register the device as self-made.
		#[codec(index = 1)]
		MakerIsRevoked,
		/// Every maker id is given away.
		#[codec(index = 2)]
		TooManyMakers,
		/// The name is empty or not UTF-8.
		#[codec(index = 3)]
		InvalidName,
		/// The key is no point of its curve, of small order, or not in its one canonical encoding.
		#[codec(index = 4)]
		InvalidKey,
		/// The maker has no such key (any more).
		#[codec(index = 5)]
		UnknownMakerKey,
		/// The maker's key did not sign this hardware key.
		#[codec(index = 6)]
		BadMakerSignature,
		/// The hardware key did not sign this session key.
		#[codec(index = 7)]
		BadHardwareSignature,
		/// There is no such network, or it takes no new devices.
		#[codec(index = 8)]
		NetworkNotOpen,
		/// The session key names a device, or did when it was banned: make another key. Or the
		/// hardware key names a device of this network.
		#[codec(index = 9)]
		KeyTaken,
		/// The new session key did not sign this onboarding or rotation: look at genesis hash,
		/// owner, network or device, and the onboarding nonce.
		#[codec(index = 10)]
		BadProof,
		/// A location is an H3 cell of resolution 12.
		#[codec(index = 11)]
		WrongResolution,
		/// The network does not serve the region.
		#[codec(index = 12)]
		UnknownRegion,
		/// No device has this id, or it is retired.
		#[codec(index = 13)]
		UnknownDevice,
		/// Another account owns the device.
		#[codec(index = 14)]
		NotOwner,
		/// The device is banned; nothing about it changes any more.
		#[codec(index = 15)]
		DeviceIsBanned,
		/// A change is on its way. Wait until it is folded, seven windows after it was made.
		#[codec(index = 16)]
		ChangePending,
		/// The device is not offered to this account.
		#[codec(index = 17)]
		NotOffered,
		/// The device belongs to that account already.
		#[codec(index = 18)]
		OfferToOwner,
		/// The device has a hardware key, which has to authorise the next session key.
		#[codec(index = 19)]
		AuthorizationMissing,
		/// The device has no hardware key that could authorise anything.
		#[codec(index = 20)]
		NoHardwareKey,
		/// An owner sets `Active`, `Paused` or `Maintenance`; there is a separate call to retire.
		#[codec(index = 21)]
		StatusNotSettable,
		/// The device has this status already.
		#[codec(index = 22)]
		StatusUnchanged,
		/// Every device id, or every onboarding nonce of the owner, is given away.
		#[codec(index = 23)]
		TooManyDevices,
		/// The last window is too near.
		#[codec(index = 24)]
		EndOfTime,
		/// The device is retired and cannot change. Its keys are free when it is removed, 288
		/// windows after its retirement.
		#[codec(index = 25)]
		DeviceIsRetired,
		/// The devices of the network stand anywhere: they have no location. Leave it out.
		#[codec(index = 26)]
		NetworkHasNoPlaces,
		/// Something that the call depends on does not decode: the next id, the onboarding nonce of
		/// the owner, the count of the network's devices, the former holders of the device, a list
		/// that it would enter, the maker, the hardware key, or the offer. It stays as it is: try
		/// again after the upgrade that mends it. A list of changes concerns the present window
		/// alone: try again in the next one.
		#[codec(index = 27)]
		StateUnreadable,
		/// Two holders before the present one are remembered: key and owner change again when the
		/// earlier one is forgotten, 288 windows after it ceased to be one. If the key was stolen,
		/// pause the device until then.
		#[codec(index = 28)]
		HoldersRemembered,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_poll(_: BlockNumberFor<T>, meter: &mut WeightMeter) {
			let mut share = WeightMeter::with_limit(meter.remaining().saturating_div(FOLD_SHARE));
			Self::fold_due(&mut share);
			meter.consume(share.consumed());
		}

		fn integrity_test() {
			assert!(Page::<RecordOf<T>>::holds_every_entry(), "a device is too long for a page");
			let needed = T::WeightInfo::fold_base().saturating_add(Self::fold_step_weight());
			let block = T::BlockWeights::get().max_block.saturating_div(FOLD_SHARE);
			assert!(
				needed.all_lte(block),
				"a fold takes {needed}, its share of a block is {block}"
			);
			let deposit = T::RegistrationDeposit::get();
			let least = <T::Currency as fungible::Inspect<T::AccountId>>::minimum_balance();
			assert!(
				deposit >= least,
				"RegistrationDeposit is {deposit}, so that a device takes less than an account: {least}"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Registers a maker whose keys attest hardware keys. For governance.
		#[pallet::call_index(0)]
		pub fn register_maker(
			origin: OriginFor<T>,
			name: MakerName,
			keys: MakerKeys,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_register_maker(name, keys)
		}

		/// Replaces all keys of a maker: how one is added, and how a leaked one is dropped. For
		/// governance.
		#[pallet::call_index(1)]
		pub fn set_maker_keys(
			origin: OriginFor<T>,
			maker: MakerId,
			keys: MakerKeys,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_maker_keys(maker, keys)
		}

		/// Ends a maker's attesting permanently. Devices that it attested keep their class, since
		/// anything else would let a vote take from owners what they bought. For governance.
		#[pallet::call_index(2)]
		pub fn revoke_maker(origin: OriginFor<T>, maker: MakerId) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_revoke_maker(maker)
		}

		/// Registers a device of the caller. `proof` is the session key's signature over
		/// `payload::onboarding` with the caller's onboarding nonce. A deposit is held, and the
		/// caller pays the fee of onboarding that the network's terms set: in credits, or as GRM at
		/// the last good price if it has too few of them.
		#[pallet::call_index(3)]
		#[pallet::weight({
			let base = T::WeightInfo::register_device();
			match attestation {
				Some(_) => base.saturating_add(T::WeightInfo::attest()),
				None => base,
			}
		})]
		pub fn register_device(
			origin: OriginFor<T>,
			network: NetworkId,
			session_key: SessionKey,
			proof: Signature,
			location: Option<LocationClaim>,
			attestation: Option<Attestation>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_register_device(owner, network, session_key, &proof, location, attestation)
		}

		/// Asserts where a device stands. Refused in a network whose devices stand anywhere. The
		/// first location is part of onboarding. For each other place the caller pays the fee that
		/// the network's terms set, in credits or as GRM.
		#[pallet::call_index(4)]
		#[pallet::weight(
			T::WeightInfo::assert_location().max(T::WeightInfo::assert_later_location())
		)]
		pub fn assert_location(
			origin: OriginFor<T>,
			device: DeviceId,
			location: LocationClaim,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_assert_location(&owner, device, &location)
		}

		/// Offers a device to another account, or withdraws the offer with `None`.
		#[pallet::call_index(5)]
		pub fn offer_transfer(
			origin: OriginFor<T>,
			device: DeviceId,
			next_owner: Option<T::AccountId>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_offer_transfer(&owner, device, next_owner)
		}

		/// Takes over a device that was offered to the caller. The former owner knows the present
		/// session key, so there has to be a new one: `proof` is its signature over
		/// `payload::rotation` with the caller as owner, `authorization` that of the hardware key,
		/// if the device has one, over `payload::hardware_rotation` with the same owner. A deposit
		/// is held from the caller, and the former owner's released when the change is folded.
		#[pallet::call_index(6)]
		#[pallet::weight(with_authorization::<T>(
			T::WeightInfo::accept_transfer(),
			authorization,
		))]
		pub fn accept_transfer(
			origin: OriginFor<T>,
			device: DeviceId,
			session_key: SessionKey,
			proof: Signature,
			authorization: Option<Signature>,
		) -> DispatchResult {
			let next_owner = ensure_signed(origin)?;
			let new_key = NewSessionKey { key: session_key, proof, authorization };
			Self::do_accept_transfer(next_owner, device, &new_key)
		}

		/// Gives a device another session key, proven and authorised as in a transfer.
		#[pallet::call_index(7)]
		#[pallet::weight(with_authorization::<T>(
			T::WeightInfo::rotate_session_key(),
			authorization,
		))]
		pub fn rotate_session_key(
			origin: OriginFor<T>,
			device: DeviceId,
			session_key: SessionKey,
			proof: Signature,
			authorization: Option<Signature>,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			let new_key = NewSessionKey { key: session_key, proof, authorization };
			Self::do_rotate_session_key(&owner, device, &new_key)
		}

		/// Pauses a device, puts it into maintenance or lets it take part again. It keeps its slot.
		#[pallet::call_index(8)]
		pub fn set_status(
			origin: OriginFor<T>,
			device: DeviceId,
			status: DeviceStatus,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			let is_settable = !matches!(status, DeviceStatus::Retired | DeviceStatus::Banned);
			ensure!(is_settable, Error::<T>::StatusNotSettable);
			Self::do_set_status(&owner, device, status)
		}

		/// Withdraws a device permanently. Once the change is folded it has no slot any more; once
		/// evidence about it is no longer taken, 288 windows after the effect, it is removed: its
		/// deposit is released, its keys are free and its id is never used again.
		#[pallet::call_index(9)]
		pub fn retire(origin: OriginFor<T>, device: DeviceId) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_set_status(&owner, device, DeviceStatus::Retired)
		}
	}

	/// The weight of a call that may carry a hardware key's signature.
	fn with_authorization<T: Config>(base: Weight, authorization: &Option<Signature>) -> Weight {
		match authorization {
			Some(_) => base.saturating_add(T::WeightInfo::authorize()),
			None => base,
		}
	}
}
