//! A chain, radios, clocks and logs that do what a test says.

mod actors;
mod chain;
mod log;

use std::{
	collections::VecDeque,
	sync::{
		Arc, Mutex,
		atomic::{AtomicU64, Ordering},
	},
	time::Duration,
};

use async_trait::async_trait;
use ed25519_dalek::SigningKey;
use groma_core::{
	DeviceId, WindowIndex,
	api::{DeviceStatus, WindowInfo},
	frame::Beacon,
	payload,
	words::Hash,
};
use groma_device::{
	chain::{BlockRef, Heads},
	clock::{Clock, SystemClock},
	fleet::{Gateway, Registration},
	follower::{View, ViewReceiver},
	keys::{SessionKey, SoftKey},
	metrics::Metrics,
	radio::{Mac, Radio, RadioError, Reception, Transmission},
	simulator::doubler::second_signature,
	store::Store,
};
use tokio::sync::{mpsc, watch};

pub(crate) use actors::{start_delivery, start_witness};
pub(crate) use chain::FakeChain;
pub(crate) use log::Log;

pub(crate) const GENESIS: Hash = [7; 32];
pub(crate) const BLOCKS: u32 = 50;
pub(crate) const WINDOW_MS: u64 = 300_000;

/// The window of a test: window w starts at block 50 w.
pub(crate) fn window(index: WindowIndex) -> WindowInfo {
	WindowInfo {
		index,
		first_block: index * BLOCKS,
		blocks: BLOCKS,
		duration_ms: WINDOW_MS,
		started_at_ms: 0,
		seed: [index as u8; 32],
	}
}

/// The id of a challenge of the test's chain.
pub(crate) fn challenge_id(device: DeviceId, index: WindowIndex) -> Hash {
	payload::challenge_id(&GENESIS, &window(index).seed, device)
}

pub(crate) fn key(device: DeviceId) -> SoftKey {
	SoftKey::from_secret(&secret(device))
}

fn secret(device: DeviceId) -> [u8; 32] {
	[device as u8 + 1; 32]
}

pub(crate) fn mac(device: DeviceId) -> Mac {
	Mac([0, 0, 0, 0, 0, 0, 0, device as u8])
}

pub(crate) fn gateways(devices: &[DeviceId]) -> Arc<[Gateway]> {
	devices
		.iter()
		.map(|device| Gateway {
			mac: mac(*device),
			key: Arc::new(key(*device)),
			antenna_gain_deci_db: 0,
			power_dbm_max: 27,
		})
		.collect()
}

/// The beacon of a device.
pub(crate) fn beacon(device: DeviceId, index: WindowIndex) -> Beacon {
	let signature = key(device).sign(&payload::beacon(&challenge_id(device, index)));
	Beacon::new(device, index, signature)
}

/// A second beacon of a device for the same challenge, as valid as [`beacon`], which no honest client makes.
pub(crate) fn second_beacon(device: DeviceId, index: WindowIndex) -> Beacon {
	let key = SigningKey::from_bytes(&secret(device));
	Beacon::new(device, index, second_signature(&key, &challenge_id(device, index)))
}

pub(crate) fn reception(gateway: DeviceId, beacon: &Beacon) -> Reception {
	Reception {
		gateway: mac(gateway),
		payload: beacon.to_bytes().to_vec(),
		frequency_hz: 868_100_000,
		rssi_deci_dbm: -1_030,
		snr_deci_db: -25,
	}
}

/// A view of window `index` at its block `offset`, in which `devices` are registered gateways.
pub(crate) fn view(index: WindowIndex, offset: u32, devices: &[DeviceId], now: Duration) -> View {
	let block = index * BLOCKS + offset;
	let info = window(index);
	View {
		genesis: GENESIS,
		heads: heads(block),
		previous: index.checked_sub(1).map(window),
		began_at: now.saturating_sub(Duration::from_millis(WINDOW_MS) / BLOCKS * offset),
		registrations: devices.iter().map(|device| Some(registration(*device))).collect(),
		window: info,
	}
}

pub(crate) fn registration(device: DeviceId) -> Registration {
	Registration {
		device,
		network: 0,
		owner: [device as u8; 32],
		session_key: key(device).public(),
		status: DeviceStatus::Active,
		eligible_from: Some(0),
		duty_cycle_ppm: 10_000,
	}
}

pub(crate) fn heads(block: u32) -> Heads {
	Heads { best: block, finalized: BlockRef { number: block, hash: hash(block) } }
}

/// The hash of a block of the test's chain names its number.
pub(crate) fn hash(block: u32) -> Hash {
	let mut hash = [0; 32];
	hash[..4].copy_from_slice(&block.to_le_bytes());
	hash
}

/// Shows views to actors.
pub(crate) fn views(first: View) -> (watch::Sender<Option<Arc<View>>>, ViewReceiver) {
	let (sender, mut receiver) = watch::channel(Some(Arc::new(first)));
	receiver.mark_changed();
	(sender, receiver)
}

/// What a [`FakeRadio`] was asked to transmit, and when.
pub(crate) type Sent = (Duration, Mac, Transmission);

/// A radio that answers as a test says, and accepts everything after that.
pub(crate) struct FakeRadio {
	clock: Arc<dyn Clock>,
	outcomes: Mutex<VecDeque<RadioError>>,
	sent: mpsc::UnboundedSender<Sent>,
}

impl FakeRadio {
	pub(crate) fn new(
		clock: Arc<dyn Clock>,
		outcomes: impl IntoIterator<Item = RadioError>,
	) -> (Arc<Self>, mpsc::UnboundedReceiver<Sent>) {
		let (sent, receiver) = mpsc::unbounded_channel();
		let outcomes = Mutex::new(outcomes.into_iter().collect());
		(Arc::new(Self { clock, outcomes, sent }), receiver)
	}
}

#[async_trait]
impl Radio for FakeRadio {
	async fn transmit(&self, gateway: Mac, transmission: &Transmission) -> Result<(), RadioError> {
		let _ = self.sent.send((self.clock.now(), gateway, transmission.clone()));
		match self.outcomes.lock().expect("no test panics here").pop_front() {
			Some(error) => Err(error),
			None => Ok(()),
		}
	}
}

/// The clocks of a machine whose wall clock is wrong, and stands still unless the test moves it.
pub(crate) struct SkewedClock {
	pub(crate) monotonic: SystemClock,
	pub(crate) unix_ms: AtomicU64,
}

impl SkewedClock {
	pub(crate) fn new(unix_ms: u64) -> Arc<Self> {
		Arc::new(Self { monotonic: SystemClock::new(), unix_ms: unix_ms.into() })
	}
}

#[async_trait]
impl Clock for SkewedClock {
	fn now(&self) -> Duration {
		self.monotonic.now()
	}

	fn unix_ms(&self) -> u64 {
		self.unix_ms.load(Ordering::Relaxed)
	}

	async fn sleep_until(&self, moment: Duration) {
		self.monotonic.sleep_until(moment).await;
	}
}

pub(crate) fn metrics() -> Arc<Metrics> {
	Arc::default()
}

pub(crate) fn store() -> Arc<Store> {
	Arc::new(Store::in_memory().expect("a store in memory"))
}

/// Waits until a condition holds; panics after ten seconds.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
	let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
	while !condition() {
		assert!(tokio::time::Instant::now() < deadline, "never: {what}");
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
}
