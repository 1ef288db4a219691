//! A chain, radios and clocks that do what a test says.

use std::{
	collections::{HashMap, HashSet, VecDeque},
	sync::{
		Arc, Mutex, MutexGuard,
		atomic::{AtomicBool, Ordering},
	},
	time::Duration,
};

use async_trait::async_trait;
use groma_core::{
	DeviceId, EvidenceClass, NetworkId, RegionId, WindowIndex,
	api::{ChallengeInfo, DeviceInfo, DeviceStatus, LocationInfo, Refusal, WindowInfo},
	frame::Beacon,
	payload,
	place::{Cell, LOCATION_RESOLUTION},
	region::{DataRate, RegionPlan},
	words::Hash,
};
use groma_device::{
	chain::{AccountId, Agreement, At, BlockRef, Chain, ChainError, Heads},
	clock::{Clock, SystemClock},
	fleet::{Gateway, Registration},
	follower::{View, ViewReceiver},
	keys::{SessionKey, SoftKey},
	metrics::Metrics,
	parcel::{Parcel, ParcelKey},
	radio::{Mac, Radio, RadioError, Reception, Transmission},
	store::Store,
};
use tokio::sync::{mpsc, watch};

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
	SoftKey::from_secret(&[device as u8 + 1; 32])
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
fn hash(block: u32) -> Hash {
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

/// What a [`FakeChain`] knows and does.
pub(crate) struct Script {
	pub(crate) devices: HashSet<DeviceId>,
	pub(crate) challenged: HashMap<(DeviceId, WindowIndex), u64>,
	/// Challenge ids that do not follow from the seed.
	pub(crate) lies: bool,
	pub(crate) draws: bool,
	pub(crate) is_offline: bool,
	pub(crate) agreement: Agreement,
	/// Endpoints whose statement pool works: what it gets is on chain at once.
	pub(crate) collecting: HashSet<usize>,
	/// Endpoints that take parcels and keep them back.
	pub(crate) withholding: HashSet<usize>,
	pub(crate) takes_own: bool,
	pub(crate) refusal: Option<Refusal>,
	pub(crate) on_chain: HashSet<ParcelKey>,
	pub(crate) handed_in: Vec<(usize, Parcel)>,
	pub(crate) own: Vec<Parcel>,
}

/// A chain that does what a test says.
pub(crate) struct FakeChain {
	script: Mutex<Script>,
	heads: watch::Sender<Heads>,
	seen: tokio::sync::Mutex<watch::Receiver<Heads>>,
	/// Called when something is handed in.
	store: Mutex<Option<Arc<Store>>>,
	/// Whether everything that was handed in was in the store before.
	pub(crate) kept_first: AtomicBool,
}

impl FakeChain {
	/// A chain at `block` with these devices, where endpoint 0 collects.
	pub(crate) fn new(devices: &[DeviceId], block: u32) -> Arc<Self> {
		let (heads, mut seen) = watch::channel(heads(block));
		seen.mark_changed();
		Arc::new(Self {
			script: Mutex::new(Script {
				devices: devices.iter().copied().collect(),
				challenged: HashMap::new(),
				lies: false,
				draws: true,
				is_offline: false,
				agreement: Agreement::Reached,
				collecting: HashSet::from([0]),
				withholding: HashSet::new(),
				takes_own: true,
				refusal: None,
				on_chain: HashSet::new(),
				handed_in: Vec::new(),
				own: Vec::new(),
			}),
			heads,
			seen: tokio::sync::Mutex::new(seen),
			store: Mutex::default(),
			kept_first: AtomicBool::new(true),
		})
	}

	pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
		self.script.lock().expect("no test panics here")
	}

	/// Checks from now on that what is handed in is in the store.
	pub(crate) fn watch_store(&self, store: &Arc<Store>) {
		*self.store.lock().expect("no test panics here") = Some(store.clone());
	}

	pub(crate) fn go_to(&self, block: u32) {
		self.heads.send_replace(heads(block));
	}

	fn answer(&self) -> Result<MutexGuard<'_, Script>, ChainError> {
		let script = self.script();
		match script.is_offline {
			true => Err(ChainError::Unreachable { endpoint: "fake".into(), reason: "test".into() }),
			false => Ok(script),
		}
	}

	fn index(&self, at: At) -> WindowIndex {
		let block = match at {
			At::Best => self.heads.borrow().best,
			At::Block(hash) => u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]),
		};
		block / BLOCKS
	}

	fn note(&self, parcel: &Parcel) {
		if let Some(store) = &*self.store.lock().expect("no test panics here")
			&& !store.open_parcels().expect("readable").contains(parcel)
		{
			self.kept_first.store(false, Ordering::Relaxed);
		}
	}
}

#[async_trait]
impl Chain for FakeChain {
	async fn genesis(&self) -> Result<Hash, ChainError> {
		self.answer().map(|_| GENESIS)
	}

	async fn next_heads(&self) -> Result<Heads, ChainError> {
		let mut seen = self.seen.lock().await;
		seen.changed().await.expect("the chain outlives its followers");
		drop(self.answer()?);
		Ok(*seen.borrow_and_update())
	}

	async fn window(&self, at: At) -> Result<WindowInfo, ChainError> {
		self.answer().map(|_| window(self.index(at)))
	}

	async fn device_by_key(&self, wanted: Hash, _at: At) -> Result<Option<DeviceId>, ChainError> {
		let script = self.answer()?;
		Ok(script.devices.iter().copied().find(|device| key(*device).public() == wanted))
	}

	async fn device(
		&self,
		id: DeviceId,
		_at: At,
	) -> Result<Option<DeviceInfo<AccountId>>, ChainError> {
		let cell = Cell::from_degrees(48.0, 11.0, LOCATION_RESOLUTION).expect("a place");
		Ok(self.answer()?.devices.contains(&id).then(|| DeviceInfo {
			id,
			network: 0,
			owner: [id as u8; 32],
			session_key: key(id).public(),
			class: EvidenceClass::SelfMade,
			maker: None,
			status: DeviceStatus::Active,
			slot: 0,
			location: Some(LocationInfo {
				cell,
				region: 0,
				since: 0,
				eligible_from: 0,
				gain_deci_dbi: 0,
				elevation_m: 0,
			}),
			change_effective_at: None,
		}))
	}

	async fn region_plan(
		&self,
		_network: NetworkId,
		_region: RegionId,
		_at: At,
	) -> Result<Option<RegionPlan>, ChainError> {
		self.answer().map(|_| Some(RegionPlan::eu868()))
	}

	async fn challenge(
		&self,
		device: DeviceId,
		index: WindowIndex,
		_at: At,
	) -> Result<Option<ChallengeInfo>, ChainError> {
		let script = self.answer()?;
		let lies = script.lies;
		Ok(script.challenged.get(&(device, index)).map(|offset_ms| ChallengeInfo {
			id: if lies { [0; 32] } else { challenge_id(device, index) },
			frequency_hz: 868_100_000,
			data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
			eirp_centi_dbm: 1_615,
			offset_ms: *offset_ms,
		}))
	}

	async fn is_drawn(
		&self,
		_window: WindowIndex,
		_beaconer: DeviceId,
		_witness: DeviceId,
		_at: At,
	) -> Result<bool, ChainError> {
		self.answer().map(|script| script.draws)
	}

	async fn check(&self, parcel: &Parcel, at: At) -> Result<Result<(), Refusal>, ChainError> {
		let script = self.answer()?;
		let first = match parcel {
			Parcel::Statement(statement) => statement.window,
			Parcel::Reveal(reveal) => reveal.window + 2,
		};
		if !(first..=parcel.last_window()).contains(&self.index(at)) {
			return Ok(Err(Refusal::WindowClosed));
		}
		if let Some(refusal) = script.refusal {
			return Ok(Err(refusal));
		}
		Ok(match script.on_chain.contains(&parcel.key()) {
			true => Err(Refusal::AlreadyKnown),
			false => Ok(()),
		})
	}

	async fn agreement(
		&self,
		_window: WindowIndex,
		_last_block: u32,
	) -> Result<Agreement, ChainError> {
		self.answer().map(|script| script.agreement)
	}

	fn endpoints(&self) -> usize {
		2
	}

	async fn hand_in(&self, parcel: &Parcel, endpoint: usize) -> Result<(), ChainError> {
		self.note(parcel);
		let mut script = self.answer()?;
		if script.collecting.contains(&endpoint) {
			script.on_chain.insert(parcel.key());
		} else if !script.withholding.contains(&endpoint) {
			return Err(ChainError::NotReady { endpoint: "fake".into(), reason: "test".into() });
		}
		script.handed_in.push((endpoint, *parcel));
		Ok(())
	}

	async fn submit_own(&self, parcel: &Parcel) -> Result<(), ChainError> {
		self.note(parcel);
		let mut script = self.answer()?;
		if script.takes_own {
			script.on_chain.insert(parcel.key());
		}
		script.own.push(*parcel);
		Ok(())
	}
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

/// The clocks of a machine whose wall clock is wrong.
pub(crate) struct SkewedClock {
	pub(crate) monotonic: SystemClock,
	pub(crate) unix_ms: u64,
}

#[async_trait]
impl Clock for SkewedClock {
	fn now(&self) -> Duration {
		self.monotonic.now()
	}

	fn unix_ms(&self) -> u64 {
		self.unix_ms
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
