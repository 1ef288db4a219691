//! A field of devices around the development chain: who beacons when, who hears it, and how that
//! comes to the chain.

use frame_support::assert_ok;
use groma_core::{
	DeviceId, EpochIndex, NetworkId, WindowIndex, payload,
	payload::Observation,
	place::Cell,
	region::EU868,
	statement::{Reveal, SignedObservation, StatementGroup},
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use groma_runtime::{Challenges, Collector, Emission, ProofOfCoverage, RuntimeCall, System};
use pallet_device_registry::LocationClaim;
use sp_core::{Pair, ed25519};
use sp_keyring::Sr25519Keyring;

use crate::chain::{Chain, account};

/// The network of every device here that names no other.
pub(crate) const LORAWAN: NetworkId = 0;
/// Blocks of a window on the development chain.
pub(crate) const WINDOW_BLOCKS: u32 = 12;
/// Windows after which what was registered may take part there: four to take effect, one to mature.
pub(crate) const ELIGIBLE_AFTER_WINDOWS: u32 = 5;

/// A device and the owner's and its own keys.
#[derive(Clone)]
pub(crate) struct Device {
	/// Its name on the chain.
	pub(crate) id: DeviceId,
	/// Who owns it.
	pub(crate) owner: Sr25519Keyring,
	/// The seed of its session key.
	pub(crate) seed: [u8; 32],
	/// Its session key.
	pub(crate) key: ed25519::Pair,
}

/// The hash of block 0.
pub(crate) fn genesis_hash() -> Hash {
	System::block_hash(0).into()
}

/// The cell of a place `north` and `east` metres from the middle of Berlin.
pub(crate) fn cell(north: f64, east: f64) -> Cell {
	Cell::from_degrees(52.52 + north / 111_200.0, 13.405 + east / 67_700.0, 12).expect("on earth")
}

impl Device {
	/// Registers a device with its own key at a place.
	pub(crate) fn onboard(chain: &mut Chain, owner: Sr25519Keyring, name: u8, place: Cell) -> Self {
		Self::onboard_in(chain, LORAWAN, owner, name, place)
	}

	/// The same in any network.
	pub(crate) fn onboard_in(
		chain: &mut Chain,
		network: NetworkId,
		owner: Sr25519Keyring,
		name: u8,
		place: Cell,
	) -> Self {
		let seed = [name; 32];
		let key = ed25519::Pair::from_seed(&seed);
		let call = chain.with(|| registration(network, owner, &key, place));
		assert_ok!(chain.submit(owner, call));
		let session_key = SessionKey(key.public().0);
		let id = chain
			.with(|| groma_runtime::DeviceRegistry::device_by_key(session_key))
			.expect("it is registered");
		Self { id, owner, seed, key }
	}

	/// Its beacon signature for a window; `None` if it is not challenged in it.
	pub(crate) fn beacon(&self, window: WindowIndex) -> Option<Signature> {
		let challenge = ProofOfCoverage::challenge_info(self.id, window)?;
		Some(Signature(self.key.sign(&payload::beacon(&challenge.id)).0))
	}

	/// Its statement that it heard a beacon as one hears a device a few kilometres away. It names
	/// `//Alice`, who brings it, if that is a collector.
	pub(crate) fn state(&self, challenge: &Hash, beacon: &Signature) -> SignedObservation {
		let observation = Observation {
			witness: self.id,
			collector: Collector::index_of(&account(Sr25519Keyring::Alice)),
			rssi_deci_dbm: -1_050,
			snr_deci_db: 60,
			commitment: payload::commitment(beacon, self.id),
		};
		let signature = Signature(self.key.sign(&observation.to_signed_bytes(challenge)).0);
		SignedObservation { observation, signature }
	}
}

fn registration(
	network: NetworkId,
	owner: Sr25519Keyring,
	key: &ed25519::Pair,
	place: Cell,
) -> RuntimeCall {
	let owner = account(owner);
	let nonce = groma_runtime::DeviceRegistry::onboarding_nonce(&owner);
	let owner = AccountBytes(owner.into());
	let message = payload::onboarding(&genesis_hash(), &owner, network, nonce);
	pallet_device_registry::Call::register_device {
		network,
		session_key: SessionKey(key.public().0),
		proof: Signature(key.sign(&message).0),
		location: Some(LocationClaim {
			cell: place,
			region: EU868,
			gain_deci_dbi: 12,
			elevation_m: 20,
		}),
		attestation: None,
	}
	.into()
}

/// The reward epoch of the latest block.
pub(crate) fn present_epoch(chain: &mut Chain) -> EpochIndex {
	chain.with(Emission::epoch_info).expect("the clock runs").current
}

/// Makes blocks until the first window that begins in a later epoch: devices that were registered
/// in the present one may earn then.
pub(crate) fn next_epoch(chain: &mut Chain) {
	let present = present_epoch(chain);
	while present_epoch(chain) == present {
		next_window(chain);
	}
}

/// Four devices of four owners, two kilometres from each other, that may take part and earn from
/// now on.
pub(crate) fn four_devices(chain: &mut Chain) -> Vec<Device> {
	use Sr25519Keyring::{Bob, Charlie, Dave, Eve};
	chain.block(vec![]);
	let places = [(0.0, 0.0), (2_000.0, 0.0), (0.0, 2_000.0), (2_000.0, 2_000.0)];
	let devices = [Bob, Charlie, Dave, Eve]
		.into_iter()
		.zip(places)
		.enumerate()
		.map(|(n, (owner, (north, east)))| {
			Device::onboard(chain, owner, n as u8 + 1, cell(north, east))
		})
		.collect();
	let eligible = chain.with(|| Challenges::window_info().index) + ELIGIBLE_AFTER_WINDOWS;
	next_epoch(chain);
	to_window(chain, eligible);
	devices
}

/// Makes blocks until the first one of a window.
pub(crate) fn to_window(chain: &mut Chain, window: WindowIndex) {
	while chain.with(|| Challenges::window_info().index) < window {
		chain.block(vec![]);
	}
}

/// Makes blocks until the first one of the next window, and returns its number.
pub(crate) fn next_window(chain: &mut Chain) -> WindowIndex {
	let next = chain.with(|| Challenges::window_info().index) + 1;
	to_window(chain, next);
	next
}

/// The statements of all others about everyone who is challenged in a window.
pub(crate) fn statements(devices: &[Device], window: WindowIndex) -> Vec<StatementGroup> {
	let heard = devices.iter().filter_map(|beaconer| {
		let beacon = beaconer.beacon(window)?;
		let challenge = ProofOfCoverage::challenge_info(beaconer.id, window)?.id;
		let statements: Vec<_> = devices
			.iter()
			.filter(|witness| witness.id != beaconer.id)
			.map(|witness| witness.state(&challenge, &beacon))
			.collect();
		let statements = statements.try_into().expect("they are few");
		Some(StatementGroup { window, beaconer: beaconer.id, statements })
	});
	heard.collect()
}

/// Makes blocks until the first window in which any device is challenged, and returns it with the
/// statements about all who are.
pub(crate) fn next_heard(
	chain: &mut Chain,
	devices: &[Device],
) -> (WindowIndex, Vec<StatementGroup>) {
	loop {
		let window = next_window(chain);
		let groups = chain.with(|| statements(devices, window));
		if !groups.is_empty() {
			return (window, groups);
		}
	}
}

/// Makes blocks until the first window in which one of the devices is challenged, and returns it
/// with the device and the id of its challenge.
pub(crate) fn next_challenged<'a>(
	chain: &mut Chain,
	devices: &'a [Device],
) -> (WindowIndex, &'a Device, Hash) {
	loop {
		let window = next_window(chain);
		let challenged = devices.iter().find_map(|device| {
			let info = chain.with(|| ProofOfCoverage::challenge_info(device.id, window))?;
			Some((window, device, info.id))
		});
		if let Some(found) = challenged {
			return found;
		}
	}
}

/// The reveals of everyone who was challenged in a window.
pub(crate) fn reveals(devices: &[Device], window: WindowIndex) -> Vec<Reveal> {
	devices
		.iter()
		.filter_map(|device| {
			let signature = device.beacon(window)?;
			Some(Reveal { window, beaconer: device.id, signature })
		})
		.collect()
}

/// A collector's bundle of statements.
pub(crate) fn statement_bundle(groups: Vec<StatementGroup>) -> RuntimeCall {
	let groups = groups.try_into().expect("they are few");
	pallet_proof_of_coverage::Call::submit_statements { groups }.into()
}

/// A collector's bundle of reveals.
pub(crate) fn reveal_bundle(reveals: Vec<Reveal>) -> RuntimeCall {
	let reveals = reveals.try_into().expect("they are few");
	pallet_proof_of_coverage::Call::submit_reveals { reveals }.into()
}
