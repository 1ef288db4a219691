//! A runtime of balances and devices, with a clock and networks that tests set.

use alloc::{boxed::Box, vec, vec::Vec};

use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{Hooks, fungible::Mutate},
	weights::{Weight, WeightMeter},
};
use frame_system::EnsureRoot;
use groma_core::{
	DeviceId, MakerId, NetworkId, RegionId, WindowIndex,
	money::{Balance, GRM},
	payload,
	place::Cell,
	protocol::{EFFECT_DELAY_WINDOWS, MEMORY_WINDOWS, WINDOWS_KEPT},
	region::EU868,
	terms::{NetworkStatus, NetworkTerms, PlaceTerms},
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use p256::ecdsa::{SigningKey, signature::Signer};
use sp_core::{Pair, ed25519};
use sp_runtime::{AccountId32, BuildStorage, DispatchResult, traits::IdentityLookup};

use crate::{Attestation, DeviceRecord, Devices, LocationClaim, OnboardingNonces, PublicKey};

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Registry = crate::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId32;
	type Lookup = IdentityLookup<AccountId32>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type AccountStore = System;
}

parameter_types! {
	/// The window of the present block.
	pub static CurrentWindow: WindowIndex = START;
	pub const Deposit: Balance = GRM;
	/// Whether followers let go of devices.
	pub static MayLetGo: bool = true;
	/// The devices that they let go.
	pub static LetGo: Vec<DeviceId> = Vec::new();
}

/// The window in which tests start.
pub(crate) const START: WindowIndex = 100;
/// Windows from a call until what was changed is folded.
pub(crate) const FOLDED: WindowIndex = EFFECT_DELAY_WINDOWS + MEMORY_WINDOWS;
/// Windows from a call until the former holder is forgotten, and a retired device removed.
pub(crate) const FORGOTTEN: WindowIndex = EFFECT_DELAY_WINDOWS + WINDOWS_KEPT;
/// What every account has.
pub(crate) const FUNDS: Balance = 1_000 * GRM;
/// The network that is open.
pub(crate) const LORAWAN: NetworkId = 0;
/// Another one that is open.
pub(crate) const SENSORS: NetworkId = 1;
/// One that is closed.
pub(crate) const CLOSED: NetworkId = 2;
/// One that is open and whose devices stand anywhere.
pub(crate) const STORAGE: NetworkId = 7;

pub struct TestWindows;

impl groma_traits::Windows for TestWindows {
	fn current() -> WindowIndex {
		CurrentWindow::get()
	}

	fn of_call() -> WindowIndex {
		Self::current()
	}

	fn of_next_block() -> WindowIndex {
		Self::current()
	}

	fn window(_: WindowIndex) -> Option<groma_traits::Window> {
		None
	}

	fn blocks_left(_: WindowIndex) -> u64 {
		1
	}

	fn duration_ms() -> u64 {
		0
	}

	fn is_ripe(_: u32) -> bool {
		false
	}
}

pub struct TestNetworks;

impl groma_traits::Networks for TestNetworks {
	fn terms(network: NetworkId) -> Option<NetworkTerms> {
		match network {
			..=CLOSED => Some(NetworkTerms::default()),
			STORAGE => Some(NetworkTerms { place: PlaceTerms::Anywhere, ..Default::default() }),
			_ => None,
		}
	}

	fn status(network: NetworkId) -> Option<NetworkStatus> {
		match network {
			..CLOSED | STORAGE => Some(NetworkStatus::Open),
			CLOSED => Some(NetworkStatus::Closed),
			_ => None,
		}
	}

	fn founded_ms(network: NetworkId) -> Option<u64> {
		Self::ids().contains(&network).then_some(0)
	}

	fn ids() -> Vec<NetworkId> {
		vec![LORAWAN, SENSORS, CLOSED, STORAGE]
	}
}

/// Every network serves one region.
pub struct TestRegions;

impl groma_traits::Regions for TestRegions {
	fn has(_: NetworkId, region: RegionId) -> bool {
		region == EU868
	}
}

/// Other pallets that keep something of devices.
pub struct TestFollowers;

impl groma_traits::DeviceFollowers for TestFollowers {
	fn let_go(device: DeviceId) -> bool {
		if MayLetGo::get() {
			LetGo::mutate(|devices| devices.push(device));
		}
		MayLetGo::get()
	}

	fn let_go_weight() -> Weight {
		Weight::from_parts(1_000_000, 0)
	}
}

impl crate::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type GovernanceOrigin = EnsureRoot<AccountId32>;
	type Windows = TestWindows;
	type Networks = TestNetworks;
	type Regions = TestRegions;
	type Followers = TestFollowers;
	type RegistrationDeposit = Deposit;
	type WeightInfo = ();
}

/// Builds a chain on which accounts 1 to 9 have [`FUNDS`].
#[derive(Default)]
pub(crate) struct ExtBuilder {
	devices: u8,
}

impl ExtBuilder {
	/// Device `n` of `n` devices is account 1's, has the session key of `session(n)` and stands at
	/// `cell(n)`.
	pub(crate) fn devices(mut self, devices: u8) -> Self {
		self.devices = devices;
		self
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let storage = RuntimeGenesisConfig::default().build_storage().expect("genesis is sound");
		let mut externalities = sp_io::TestExternalities::new(storage);
		#[cfg(feature = "runtime-benchmarks")]
		externalities.register_extension(sp_keystore::KeystoreExt::new(
			sp_keystore::testing::MemoryKeystore::new(),
		));
		externalities.execute_with(|| {
			// No events are kept in block 0.
			System::set_block_number(1);
			CurrentWindow::set(START);
			MayLetGo::set(true);
			LetGo::set(Vec::new());
			for n in 1..10 {
				Balances::mint_into(&account(n), FUNDS).expect("the supply has room");
			}
			for n in 0..self.devices {
				register(account(1), LORAWAN, session(n), Some(claim(n))).expect("it is sound");
			}
			System::reset_events();
		});
		externalities
	}

	/// Runs a test, then every invariant.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Registry::do_try_state().expect("the invariants hold");
			<Registry as Hooks<u64>>::integrity_test();
		});
	}
}

/// Goes on window by window, each with one block.
pub(crate) fn run_to(window: WindowIndex) {
	while CurrentWindow::get() < window {
		CurrentWindow::mutate(|current| *current += 1);
		poll(Weight::MAX);
	}
}

/// Lets one block pass with this much weight to spare.
pub(crate) fn poll(spare: Weight) -> Weight {
	let mut meter = WeightMeter::with_limit(spare);
	<Registry as Hooks<u64>>::on_poll(System::block_number(), &mut meter);
	meter.consumed()
}

pub(crate) fn account(n: u8) -> AccountId32 {
	AccountId32::new([n; 32])
}

pub(crate) fn signed(n: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(n))
}

pub(crate) fn session(n: u8) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[n; 32])
}

pub(crate) fn key(n: u8) -> SessionKey {
	SessionKey(session(n).public().0)
}

/// A cell of resolution 12; those of neighbouring numbers are about 11 km apart.
pub(crate) fn cell(n: u8) -> Cell {
	Cell::from_degrees(48.0 + f64::from(n) / 30.0, 9.0, 12).expect("it is on earth")
}

pub(crate) fn claim(n: u8) -> LocationClaim {
	LocationClaim { cell: cell(n), region: EU868, gain_deci_dbi: 30, elevation_m: 12 }
}

pub(crate) fn genesis() -> Hash {
	System::block_hash(0).0
}

pub(crate) fn record(device: DeviceId) -> DeviceRecord<AccountId32> {
	Devices::<Test>::get(device).expect("the device exists")
}

/// The onboarding signature that is valid now.
pub(crate) fn onboarding(
	owner: &AccountId32,
	network: NetworkId,
	key: &ed25519::Pair,
) -> Signature {
	let nonce = OnboardingNonces::<Test>::get(owner);
	let owner = AccountBytes(owner.clone().into());
	Signature(key.sign(&payload::onboarding(&genesis(), &owner, network, nonce)).0)
}

/// Registers a self-made device with a valid proof.
pub(crate) fn register(
	owner: AccountId32,
	network: NetworkId,
	key: ed25519::Pair,
	location: Option<LocationClaim>,
) -> DispatchResult {
	let proof = onboarding(&owner, network, &key);
	let origin = RuntimeOrigin::signed(owner);
	Registry::register_device(origin, network, SessionKey(key.public().0), proof, location, None)
}

/// The proof with which `key` becomes the session key of a device of `owner`.
pub(crate) fn rotation(device: DeviceId, owner: u8, key: &ed25519::Pair) -> Signature {
	let (owner, session_key) = (AccountBytes([owner; 32]), SessionKey(key.public().0));
	Signature(key.sign(&payload::rotation(&genesis(), device, &owner, &session_key)).0)
}

/// Rotates the key of a self-made device with a valid proof.
pub(crate) fn rotate(owner: u8, device: DeviceId, next: u8) -> DispatchResult {
	let proof = rotation(device, owner, &session(next));
	Registry::rotate_session_key(signed(owner), device, key(next), proof, None)
}

/// Accepts a self-made device with a valid proof.
pub(crate) fn accept(owner: u8, device: DeviceId, next: u8) -> DispatchResult {
	let proof = rotation(device, owner, &session(next));
	Registry::accept_transfer(signed(owner), device, key(next), proof, None)
}

/// A signer of either kind.
pub(crate) enum Signatory {
	Ed25519(Box<ed25519::Pair>),
	P256(SigningKey),
}

impl Signatory {
	pub(crate) fn ed25519(n: u8) -> Self {
		Self::Ed25519(Box::new(session(n)))
	}

	pub(crate) fn p256(n: u8) -> Self {
		Self::P256(SigningKey::from_slice(&[n; 32]).expect("it is a scalar"))
	}

	pub(crate) fn public(&self) -> PublicKey {
		match self {
			Self::Ed25519(pair) => PublicKey::Ed25519(pair.public().0),
			Self::P256(key) => {
				let point = key.verifying_key().to_sec1_point(true);
				PublicKey::P256(point.as_bytes().try_into().expect("it is compressed"))
			}
		}
	}

	pub(crate) fn sign(&self, message: &[u8]) -> Signature {
		match self {
			Self::Ed25519(pair) => Signature(pair.sign(message).0),
			Self::P256(key) => {
				let signature: p256::ecdsa::Signature = key.sign(message);
				Signature(signature.to_bytes().into())
			}
		}
	}

	/// What this key, in a device's hardware, says about the session key of the next device that an
	/// owner registers in [`LORAWAN`].
	pub(crate) fn admit(&self, owner: u8, session_key: &SessionKey) -> Signature {
		self.admit_in(LORAWAN, owner, session_key)
	}

	/// The same of a device in another network.
	pub(crate) fn admit_in(
		&self,
		network: NetworkId,
		owner: u8,
		session_key: &SessionKey,
	) -> Signature {
		let nonce = OnboardingNonces::<Test>::get(account(owner));
		let owner = AccountBytes([owner; 32]);
		let genesis = genesis();
		self.sign(&payload::hardware_onboarding(&genesis, &owner, network, nonce, session_key))
	}

	/// What this key, in device 0, says about its next session key after so many rotations.
	pub(crate) fn authorize(
		&self,
		owner: u8,
		rotations: u32,
		session_key: &SessionKey,
	) -> Signature {
		let (genesis, owner) = (genesis(), AccountBytes([owner; 32]));
		self.sign(&payload::hardware_rotation(&genesis, 0, &owner, rotations, session_key))
	}
}

/// A valid attestation of the next device of account 1 with `session_key`.
pub(crate) fn attestation(
	maker: MakerId,
	maker_key: &Signatory,
	hardware: &Signatory,
	session_key: &SessionKey,
) -> Attestation {
	let about_hardware = payload::attestation(&genesis(), maker, &hardware.public().encode());
	Attestation {
		maker,
		maker_key: maker_key.public(),
		hardware_key: hardware.public(),
		maker_signature: maker_key.sign(&about_hardware),
		hardware_signature: hardware.admit(1, session_key),
	}
}
