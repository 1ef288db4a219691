//! A runtime of balances and devices.

use alloc::boxed::Box;

use codec::Encode;
use frame_support::{
	construct_runtime, derive_impl, parameter_types,
	traits::{Hooks, fungible::Mutate},
	weights::{Weight, WeightMeter},
};
use frame_system::EnsureRoot;
use groma_core::{
	DeviceId, MakerId, NetworkId, WindowIndex,
	money::{Balance, GRM},
	payload,
	place::Cell,
	protocol::{EFFECT_DELAY_WINDOWS, FIRST_FOUNDED_NETWORK, MEMORY_WINDOWS, WINDOWS_KEPT},
	region::EU868,
	terms::{NetworkStatus, NetworkTerms, PlaceTerms, Proof},
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use groma_fakes::{Fakes, WindowBlocks, alter_network, cell_at, put_network};
use p256::ecdsa::{SigningKey, signature::Signer};
use sp_core::{Pair, ed25519};
use sp_runtime::{AccountId32, BuildStorage, DispatchResult, traits::IdentityLookup};

use crate::{
	self as pallet_device_registry, Attestation, DeviceRecord, Devices, LocationClaim,
	OnboardingNonces, PublicKey,
};

pub(crate) use groma_fakes::{
	CurrentWindow, FeesCharged, FeesInGrm, HasGrm, LetGo, MayLetGo, START, StandsStill, account,
	give_credits,
};

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Registry: pallet_device_registry,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
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
	pub const Deposit: Balance = GRM;
}

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
/// One that someone founded.
pub(crate) const MARKET: NetworkId = FIRST_FOUNDED_NETWORK;

impl pallet_device_registry::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type GovernanceOrigin = EnsureRoot<AccountId32>;
	type Windows = Fakes<Test>;
	type Epochs = Fakes<Test>;
	type Standstill = Fakes<Test>;
	type Networks = Fakes<Test>;
	type Regions = Fakes<Test>;
	type Credits = Fakes<Test>;
	type Followers = Fakes<Test>;
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
			// Of five minutes, as a chain has them.
			WindowBlocks::set(&50);
			for network in [LORAWAN, SENSORS, CLOSED] {
				put_network(network, NetworkTerms::default());
			}
			alter_network(CLOSED, |network| network.status = NetworkStatus::Closed);
			let anywhere = NetworkTerms { place: PlaceTerms::Anywhere, ..Default::default() };
			put_network(STORAGE, anywhere.clone());
			put_network(MARKET, NetworkTerms { proof: Proof::Unproven, ..anywhere });
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
		CurrentWindow::set(&(CurrentWindow::get() + 1));
		poll(Weight::MAX);
	}
}

/// Lets one block pass with this much weight to spare.
pub(crate) fn poll(spare: Weight) -> Weight {
	let mut meter = WeightMeter::with_limit(spare);
	<Registry as Hooks<u64>>::on_poll(System::block_number(), &mut meter);
	meter.consumed()
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
	cell_at(48.0 + f64::from(n) / 30.0, 9.0)
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
	let nonce = OnboardingNonces::<Test>::get(owner).unwrap_or(0);
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
		let nonce = OnboardingNonces::<Test>::get(account(owner)).unwrap_or(0);
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
