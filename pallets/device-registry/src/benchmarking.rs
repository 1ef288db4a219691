//! The worst case of every call and of what hooks do.
//!
//! They need a genesis with an open network that serves EU868, as the presets have.

use alloc::vec::Vec;

use codec::Encode;
use frame_benchmarking::{account, v2::*};
use frame_support::{
	BoundedVec,
	migrations::SteppedMigration,
	traits::{
		EnsureOrigin, Get,
		fungible::{Inspect, Mutate, MutateHold},
	},
	weights::WeightMeter,
};
use frame_system::RawOrigin;
use groma_core::{
	DeviceId, MakerId, NetworkId, WindowIndex,
	api::DeviceStatus,
	money::GRM,
	payload,
	place::Cell,
	protocol::{EFFECT_DELAY_WINDOWS, MAKER_KEYS_MAX, NAME_BYTES_MAX},
	region::EU868,
	terms::NetworkStatus,
	words::{AccountBytes, SessionKey, Signature},
};
use groma_traits::{
	Devices as _, DevicesBenchmarkHelper as _, Networks as _, Regions as _, Windows as _,
};
use p256::ecdsa::{SigningKey, signature::Signer};
use sp_core::{crypto::KeyTypeId, ed25519};

use crate::{
	holders::due_window,
	keys::NewSessionKey,
	migrations::v1::{PagesWithVersion, strip_versions},
	pallet::*,
	public_key::PublicKey,
	roster::Members,
	types::*,
	weights::WeightInfo as _,
};

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"bnch");

/// Devices of a list of three pages: one can leave from the second, and the last is on the third.
const CROWD: u32 = 2 * PAGE_DEVICES + 2;

/// A new ed25519 key in the keystore.
fn new_key() -> ed25519::Public {
	sp_io::crypto::ed25519_generate(KEY_TYPE, None)
}

fn sign(key: &ed25519::Public, message: &[u8]) -> Signature {
	sp_io::crypto::ed25519_sign(KEY_TYPE, key, message)
		.map(|signature| Signature(signature.0))
		.unwrap_or(Signature([0; 64]))
}

/// A key of P-256.
fn p256_key(n: u8) -> SigningKey {
	SigningKey::from_slice(&[n; 32]).expect("a small number is a scalar")
}

fn p256_public(key: &SigningKey) -> PublicKey {
	let point = key.verifying_key().to_sec1_point(true);
	PublicKey::P256(point.as_bytes().try_into().expect("a compressed point has 33 bytes"))
}

fn p256_sign(key: &SigningKey, message: &[u8]) -> Signature {
	let signature: p256::ecdsa::Signature = key.sign(message);
	Signature(signature.to_bytes().into())
}

fn longest_name() -> MakerName {
	BoundedVec::truncate_from(alloc::vec![b'm'; NAME_BYTES_MAX as usize])
}

fn most_keys() -> MakerKeys {
	(1..=MAKER_KEYS_MAX as u8)
		.map(|n| p256_public(&p256_key(n)))
		.collect::<Vec<_>>()
		.try_into()
		.expect("they are as many as may be")
}

/// An account with enough for deposits.
fn funded<T: Config>(name: &'static str) -> T::AccountId {
	let owner = account(name, 0, 0);
	let amount = T::RegistrationDeposit::get()
		.saturating_mul(4)
		.saturating_add(T::Currency::minimum_balance().saturating_mul(4))
		.max(100 * GRM);
	T::Currency::mint_into(&owner, amount).expect("the supply has room");
	owner
}

/// Where every device stands.
fn home() -> Cell {
	Cell::from_degrees(48.0, 9.0, LOCATION).expect("it is on earth")
}

const LOCATION: u8 = groma_core::place::LOCATION_RESOLUTION;

fn claim(cell: Cell) -> LocationClaim {
	LocationClaim { cell, region: EU868, gain_deci_dbi: 30, elevation_m: 10 }
}

/// The network that the genesis has.
fn network<T: Config>() -> Result<NetworkId, BenchmarkError> {
	let is_usable = |id: &NetworkId| {
		T::Networks::status(*id) == Some(NetworkStatus::Open) && T::Regions::has(*id, EU868)
	};
	T::Networks::ids()
		.into_iter()
		.find(is_usable)
		.ok_or(BenchmarkError::Stop("no network of the genesis is open and serves EU868"))
}

/// A crowd of devices of one owner in one cell; the id of one on the second page.
fn crowd<T: Config>(owner: &T::AccountId) -> Result<DeviceId, BenchmarkError> {
	let network = network::<T>()?;
	let mut of_second_page = 0;
	for n in 0..CROWD {
		let session_key = SessionKey(sp_io::hashing::blake2_256(&(owner, n).encode()));
		let device = Pallet::<T>::add_device(owner.clone(), network, session_key, home(), EU868);
		if n == PAGE_DEVICES {
			of_second_page = device;
		}
	}
	Ok(of_second_page)
}

/// Lets a device ask for a deposit, as if it had been registered by a call.
fn ask_deposit<T: Config>(device: DeviceId) {
	let deposit = T::RegistrationDeposit::get();
	Devices::<T>::mutate_extant(device, |record| record.deposit = deposit);
	let owner = Devices::<T>::get(device).map(|record| record.owner).expect("it was made before");
	let reason = HoldReason::Registration.into();
	T::Currency::hold(&reason, &owner, deposit).expect("the owner is funded");
}

/// Gives a device of a network a hardware key of a maker.
fn give_hardware_key<T: Config>(
	network: NetworkId,
	device: DeviceId,
	maker: MakerId,
) -> SigningKey {
	let hardware = p256_key(77);
	Pallet::<T>::claim_hardware_key(network, p256_public(&hardware), device)
		.expect("the key names no device");
	Devices::<T>::mutate_extant(device, |record| record.maker = Some(maker));
	hardware
}

/// Lets a device have a former holder, which leaves room for one more change.
fn give_former_holder<T: Config>(device: DeviceId, owner: &T::AccountId) {
	let session_key = SessionKey(sp_io::hashing::blake2_256(&device.encode()));
	let (owner, is_banned) = (owner.clone(), false);
	let holder = FormerHolder { owner, session_key, since: 0, until: 1, is_banned };
	let holders = FormerHoldersOf::truncate_from(alloc::vec![holder]);
	FormerHolders::<T>::insert(device, holders);
}

/// Fills a list, so that the next device comes to its third page.
fn crowd_of<T: Config>(members: &Members<T>) {
	(0..CROWD).for_each(|device| {
		members.push(device).expect("its pages decode");
	});
}

/// The window in which the next change takes effect.
fn effect_window<T: Config>() -> WindowIndex {
	T::Windows::current().saturating_add(EFFECT_DELAY_WINDOWS)
}

/// A crowd of changes in the window in which the next one takes effect.
fn crowd_of_changes<T: Config>() {
	crowd_of(&Members::<T>::of_changes(effect_window::<T>()));
}

/// Retires an attested device of a crowd, with an offer that goes with it, and returns it.
fn retiring<T: Config>() -> Result<DeviceId, BenchmarkError> {
	let owner = funded::<T>("owner");
	let device = crowd::<T>(&owner)?;
	ask_deposit::<T>(device);
	give_hardware_key::<T>(network::<T>()?, device, 0);
	TransferOffers::<T>::insert(device, &owner);
	Pallet::<T>::do_set_status(&owner, device, DeviceStatus::Retired)
		.expect("the device is free to change");
	Ok(device)
}

fn rotation<T: Config>(device: DeviceId, owner: &T::AccountId, key: &ed25519::Public) -> Signature {
	let (owner, session_key) = (AccountBytes(owner.clone().into()), SessionKey(key.0));
	sign(key, &payload::rotation(&Pallet::<T>::genesis_hash(), device, &owner, &session_key))
}

#[benchmarks]
mod benchmarks {
	use super::*;

	fn governance<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
		T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
	}

	fn maker<T: Config>() -> MakerId {
		Pallet::<T>::do_register_maker(longest_name(), most_keys()).expect("the maker is sound");
		NextMaker::<T>::get().expect("there is one") - 1
	}

	#[benchmark]
	fn register_maker() -> Result<(), BenchmarkError> {
		let origin = governance::<T>()?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, longest_name(), most_keys());
		let last = NextMaker::<T>::get().expect("there is one") - 1;
		assert!(Makers::<T>::contains_key(last));
		Ok(())
	}

	#[benchmark]
	fn set_maker_keys() -> Result<(), BenchmarkError> {
		let (origin, maker) = (governance::<T>()?, maker::<T>());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, maker, most_keys());
		assert_eq!(Makers::<T>::get(maker).map(|record| record.keys), Some(most_keys()));
		Ok(())
	}

	#[benchmark]
	fn revoke_maker() -> Result<(), BenchmarkError> {
		let (origin, maker) = (governance::<T>()?, maker::<T>());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, maker);
		assert!(Makers::<T>::get(maker).is_some_and(|record| record.is_revoked));
		Ok(())
	}

	#[benchmark]
	fn register_device() -> Result<(), BenchmarkError> {
		let (owner, network, key) = (funded::<T>("owner"), network::<T>()?, new_key());
		crowd::<T>(&owner)?;
		// The first device around its place opens an allotment of ids.
		let _ = Allotments::<T>::clear(u32::MAX, None);
		let account = AccountBytes(owner.clone().into());
		let genesis = Pallet::<T>::genesis_hash();
		let proof = sign(&key, &payload::onboarding(&genesis, &account, network, 0));
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), network, SessionKey(key.0), proof, Some(claim(home())), None);
		assert!(KeyHolders::<T>::contains_key(HeldKey::Session(SessionKey(key.0))));
		Ok(())
	}

	/// With a hardware key of P-256, whose signatures cost more than the look for a session key
	/// that is left out.
	#[benchmark]
	fn attest() -> Result<(), BenchmarkError> {
		let (maker, session_key) = (maker::<T>(), SessionKey(new_key().0));
		let (maker_key, hardware) = (p256_key(MAKER_KEYS_MAX as u8), p256_key(77));
		let genesis = Pallet::<T>::genesis_hash();
		let subject = p256_public(&hardware).encode();
		let onboarding =
			payload::hardware_onboarding(&genesis, &AccountBytes([1; 32]), 0, 0, &session_key);
		let attestation = Attestation {
			maker,
			maker_key: p256_public(&maker_key),
			hardware_key: p256_public(&hardware),
			maker_signature: p256_sign(
				&maker_key,
				&payload::attestation(&genesis, maker, &subject),
			),
			hardware_signature: p256_sign(&hardware, &onboarding),
		};
		let attested;
		#[block]
		{
			attested = Pallet::<T>::attest(0, 7, &onboarding, &attestation);
		}
		assert_eq!(attested, Ok(maker));
		assert!(HardwareKeys::<T>::contains_key(7));
		Ok(())
	}

	/// The first location, which is written at once: a later one touches a list and a count less.
	#[benchmark]
	fn assert_location() -> Result<(), BenchmarkError> {
		let owner = funded::<T>("owner");
		let device = crowd::<T>(&owner)?;
		Devices::<T>::mutate_extant(device, |record| {
			Pallet::<T>::leave_cell(device, record.index_cell(), record.position);
			record.location = None;
			record.position = 0;
		});
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, claim(home()));
		let record = Devices::<T>::get(device).expect("it exists");
		assert_eq!(record.location.map(|location| location.place.cell), Some(home()));
		assert_eq!(record.position, CROWD - 1);
		Ok(())
	}

	/// Of an owner without credits: a fee that is paid in credits touches less.
	#[benchmark]
	fn assert_later_location() -> Result<(), BenchmarkError> {
		let owner = funded::<T>("owner");
		let device = crowd::<T>(&owner)?;
		crowd_of_changes::<T>();
		let there = Cell::from_degrees(49.0, 9.0, LOCATION).expect("it is on earth");
		#[extrinsic_call]
		assert_location(RawOrigin::Signed(owner), device, claim(there));
		assert!(Devices::<T>::get(device).is_some_and(|record| record.changes.pending.is_some()));
		Ok(())
	}

	#[benchmark]
	fn offer_transfer() -> Result<(), BenchmarkError> {
		let owner = funded::<T>("owner");
		let device = crowd::<T>(&owner)?;
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, Some(account("next", 0, 0)));
		assert!(TransferOffers::<T>::contains_key(device));
		Ok(())
	}

	#[benchmark]
	fn accept_transfer() -> Result<(), BenchmarkError> {
		let (owner, next, key) = (funded::<T>("owner"), funded::<T>("next"), new_key());
		let device = crowd::<T>(&owner)?;
		crowd::<T>(&next)?;
		crowd_of_changes::<T>();
		ask_deposit::<T>(device);
		give_former_holder::<T>(device, &owner);
		TransferOffers::<T>::insert(device, &next);
		let proof = rotation::<T>(device, &next, &key);
		#[extrinsic_call]
		_(RawOrigin::Signed(next), device, SessionKey(key.0), proof, None);
		assert!(!TransferOffers::<T>::contains_key(device));
		assert!(Devices::<T>::get(device).is_some_and(|record| record.incoming().is_some()));
		Ok(())
	}

	#[benchmark]
	fn rotate_session_key() -> Result<(), BenchmarkError> {
		let (owner, key) = (funded::<T>("owner"), new_key());
		let device = crowd::<T>(&owner)?;
		crowd_of_changes::<T>();
		give_former_holder::<T>(device, &owner);
		let proof = rotation::<T>(device, &owner, &key);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, SessionKey(key.0), proof, None);
		assert_eq!(KeyHolders::<T>::get(HeldKey::Session(SessionKey(key.0))), Some(device));
		Ok(())
	}

	#[benchmark]
	fn authorize() -> Result<(), BenchmarkError> {
		let (owner, session_key) = (AccountBytes([1; 32]), SessionKey(new_key().0));
		let hardware = give_hardware_key::<T>(0, 7, 0);
		let genesis = Pallet::<T>::genesis_hash();
		let message = payload::hardware_rotation(&genesis, 7, &owner, 0, &session_key);
		let signature = p256_sign(&hardware, &message);
		let authorized;
		#[block]
		{
			authorized = Pallet::<T>::spend_authorization(7, &owner, &session_key, &signature);
		}
		assert_eq!(authorized, Ok(()));
		assert_eq!(HardwareKeys::<T>::get(7).map(|hardware| hardware.rotations), Some(1));
		Ok(())
	}

	#[benchmark]
	fn set_status() -> Result<(), BenchmarkError> {
		let owner = funded::<T>("owner");
		let device = crowd::<T>(&owner)?;
		crowd_of_changes::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, DeviceStatus::Paused);
		assert!(Devices::<T>::get(device).is_some_and(|record| record.changes.pending.is_some()));
		Ok(())
	}

	#[benchmark]
	fn retire() -> Result<(), BenchmarkError> {
		let owner = funded::<T>("owner");
		let device = crowd::<T>(&owner)?;
		crowd_of_changes::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device);
		assert!(Devices::<T>::get(device).is_some_and(|record| record.changes.pending.is_some()));
		Ok(())
	}

	#[benchmark]
	fn fold_base() -> Result<(), BenchmarkError> {
		let cursor = T::Windows::current().saturating_add(1);
		FoldCursor::<T>::put(cursor);
		let mut meter = WeightMeter::new();
		#[block]
		{
			Pallet::<T>::fold_due(&mut meter);
		}
		assert_eq!(meter.consumed(), T::WeightInfo::fold_base());
		assert_eq!(FoldCursor::<T>::get(), Some(cursor));
		Ok(())
	}

	#[benchmark]
	fn fold_change() -> Result<(), BenchmarkError> {
		let device = retiring::<T>()?;
		let effective = effect_window::<T>();
		let changes = Members::<T>::of_changes(effective);
		assert_eq!(changes.pop(), Ok(Some(device)));
		crowd_of(&changes);
		changes.push(device).expect("its pages decode");
		crowd_of(&Members::<T>::of_holders(due_window(effective)));
		#[block]
		{
			if let Ok(Some(device)) = changes.pop() {
				Pallet::<T>::fold(device, effective);
			}
		}
		assert!(FormerHolders::<T>::contains_key(device));
		assert!(Devices::<T>::get(device).is_some_and(|record| !record.is_listed()));
		Ok(())
	}

	#[benchmark]
	fn forget_holder() -> Result<(), BenchmarkError> {
		let device = retiring::<T>()?;
		let effective = effect_window::<T>();
		let due = due_window(effective);
		let holders = Members::<T>::of_holders(due);
		crowd_of(&holders);
		Pallet::<T>::fold(device, effective);
		#[block]
		{
			if let Ok(Some(device)) = holders.pop() {
				Pallet::<T>::forget_holder(device, due);
			}
		}
		assert!(!Devices::<T>::contains_key(device));
		assert!(!FormerHolders::<T>::contains_key(device));
		Ok(())
	}

	#[benchmark]
	fn ban() -> Result<(), BenchmarkError> {
		let (owner, next, key) = (funded::<T>("owner"), funded::<T>("next"), new_key());
		let device = crowd::<T>(&owner)?;
		crowd::<T>(&next)?;
		ask_deposit::<T>(device);
		TransferOffers::<T>::insert(device, &next);
		let proof = rotation::<T>(device, &next, &key);
		let new_key = NewSessionKey { key: SessionKey(key.0), proof, authorization: None };
		Pallet::<T>::do_accept_transfer(next.clone(), device, &new_key)
			.expect("the device is offered");
		// The device is in the middle of its next owner's list too.
		crowd::<T>(&next)?;
		let now = T::Windows::current();
		Devices::<T>::mutate_extant(device, |record| {
			record.changes.pending.iter_mut().for_each(|pending| pending.effective = now);
		});
		crowd_of(&Members::<T>::of_holders(due_window(now)));
		let is_banned;
		#[block]
		{
			is_banned = Pallet::<T>::ban(device, now);
		}
		assert!(is_banned);
		let record = Devices::<T>::get(device).expect("its record stays");
		assert_eq!((record.status, record.owner), (DeviceStatus::Banned, next));
		assert!(FormerHolders::<T>::contains_key(device));
		Ok(())
	}

	#[benchmark]
	fn migrate_page() -> Result<(), BenchmarkError> {
		crowd::<T>(&funded::<T>("owner"))?;
		assert!(strip_versions::<T>() > 1, "there are several pages");
		let mut meter = WeightMeter::with_limit(T::WeightInfo::migrate_page());
		let cursor;
		#[block]
		{
			cursor = PagesWithVersion::<T>::step(None, &mut meter);
		}
		assert!(matches!(cursor, Ok(Some(_))));
		assert_eq!(Devices::<T>::iter().count(), 16, "one page has its version");
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
