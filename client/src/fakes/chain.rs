//! A chain that does what a test says.

use std::{
	collections::{HashMap, HashSet},
	sync::{
		Arc, Mutex, MutexGuard,
		atomic::{AtomicBool, Ordering},
	},
	time::Duration,
};

use crate::{
	chain::{AccountId, Agreed, At, Chain, ChainError, Heads},
	evidence::is_beacon_signed,
	keys::DeviceKey,
	report::EncodedReport,
	store::Store,
};
use async_trait::async_trait;
use groma_core::{
	CollectorIndex, CoverageReason, DeviceId, EvidenceClass, NetworkId, RegionId, WindowIndex,
	api::ReasonCount,
	api::{
		ActivityInfo, ChallengeInfo, Code, DeviceInfo, DeviceStatus, LocationInfo, Refusal,
		WindowInfo,
	},
	place::{Cell, LOCATION_RESOLUTION},
	protocol::REVEAL_DELAY,
	region::RegionPlan,
	statement::{REVEALS, ReportKey},
	units::{Scale, Units},
	words::{Hash, SessionKey, Signature},
};
use tokio::sync::watch;

use super::world::{BLOCKS, GENESIS, challenge, challenge_id, hash, heads, key, window};

/// After so long without a block an endpoint is left, as by the real client.
const SILENCE_MAX: Duration = Duration::from_secs(90);

/// What a [`FakeChain`] knows and does.
pub struct Script {
	/// Devices that exist.
	pub devices: HashSet<DeviceId>,
	/// By device and window, challenges of devices that can answer them.
	pub challenged: HashSet<(DeviceId, WindowIndex)>,
	/// Challenge ids that do not follow from the seed.
	pub lies: bool,
	/// Whether every witness is drawn.
	pub draws: bool,
	/// No endpoint answers.
	pub is_offline: bool,
	/// No blocks are made: endpoints are left in turn for their silence.
	pub is_halted: bool,
	/// Endpoints whose pool works: what it gets is on chain at once.
	pub collecting: HashSet<usize>,
	/// Endpoints that take reports and keep them back.
	pub withholding: HashSet<usize>,
	/// The index of the collector of each endpoint that has one.
	pub collectors: HashMap<usize, CollectorIndex>,
	/// Whether a device's own transaction gets on chain.
	pub takes_own: bool,
	/// Why the chain refuses every report, if it does.
	pub refusal: Option<Code<Refusal>>,
	/// What is on chain.
	pub on_chain: HashSet<ReportKey>,
	/// What was handed in, and at which endpoint.
	pub handed_in: Vec<(usize, EncodedReport)>,
	/// What was submitted as an own transaction.
	pub own: Vec<EncodedReport>,
	/// Devices that are banned.
	pub banned: HashSet<DeviceId>,
	/// Windows about which the chain takes no evidence, although it would by their age.
	pub forgotten: HashSet<WindowIndex>,
	/// By window and device, the block in which a challenge with statements was settled.
	pub settled: HashMap<(WindowIndex, DeviceId), u32>,
	/// By witness, the block in which a commitment of its did not open.
	pub mismatched: HashMap<DeviceId, u32>,
	/// By block, the extrinsics.
	pub extrinsics: HashMap<u32, Vec<Vec<u8>>>,
	/// Blocks whose extrinsics were asked for.
	pub read: Vec<u32>,
}

/// A chain that does what a test says.
pub struct FakeChain {
	script: Mutex<Script>,
	heads: watch::Sender<Heads>,
	seen: tokio::sync::Mutex<watch::Receiver<Heads>>,
	/// Called when something is handed in.
	store: Mutex<Option<Arc<Store>>>,
	/// Whether everything that was handed in was in the store before.
	pub kept_first: AtomicBool,
}

impl FakeChain {
	/// A chain at `block` with these devices, where endpoint 0 collects.
	pub fn new(devices: &[DeviceId], block: u32) -> Arc<Self> {
		let (heads, mut seen) = watch::channel(heads(block));
		seen.mark_changed();
		Arc::new(Self {
			script: Mutex::new(Script {
				devices: devices.iter().copied().collect(),
				challenged: HashSet::new(),
				lies: false,
				draws: true,
				is_offline: false,
				is_halted: false,
				collecting: HashSet::from([0]),
				withholding: HashSet::new(),
				collectors: HashMap::new(),
				takes_own: true,
				refusal: None,
				on_chain: HashSet::new(),
				handed_in: Vec::new(),
				own: Vec::new(),
				banned: HashSet::new(),
				forgotten: HashSet::new(),
				settled: HashMap::new(),
				mismatched: HashMap::new(),
				extrinsics: HashMap::new(),
				read: Vec::new(),
			}),
			heads,
			seen: tokio::sync::Mutex::new(seen),
			store: Mutex::default(),
			kept_first: AtomicBool::new(true),
		})
	}

	/// What it knows and does, to be changed.
	pub fn script(&self) -> MutexGuard<'_, Script> {
		self.script.lock().expect("no test panics here")
	}

	/// Checks from now on that what is handed in is in the store.
	pub fn watch_store(&self, store: &Arc<Store>) {
		*self.store.lock().expect("no test panics here") = Some(store.clone());
	}

	/// Makes blocks up to this one.
	pub fn go_to(&self, block: u32) {
		self.heads.send_replace(heads(block));
	}

	/// Its heads as they change.
	pub(super) fn watch_heads(&self) -> watch::Receiver<Heads> {
		self.heads.subscribe()
	}

	fn answer(&self) -> Result<MutexGuard<'_, Script>, ChainError> {
		let script = self.script();
		match script.is_offline {
			true => Err(ChainError::Unreachable { endpoint: "fake".into(), reason: "test".into() }),
			false => Ok(script),
		}
	}

	/// Has the next follower receive the heads at once, as a new connection does.
	pub async fn reconnect(&self) {
		self.seen.lock().await.mark_changed();
	}

	fn block(&self, at: At) -> u32 {
		match at {
			At::Best => self.heads.borrow().best,
			At::Block(hash) => u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]),
		}
	}

	fn index(&self, at: At) -> WindowIndex {
		self.block(at) / BLOCKS
	}

	fn note(&self, report: &EncodedReport) {
		if let Some(store) = &*self.store.lock().expect("no test panics here")
			&& !store.open_reports().expect("readable").contains(report)
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
		let asked_at = tokio::time::Instant::now();
		loop {
			if self.answer()?.is_halted && asked_at.elapsed() > SILENCE_MAX {
				// The endpoint that is asked next has the same heads.
				seen.mark_changed();
				return Err(not_ready("no new block"));
			}
			tokio::select! {
				changed = seen.changed() => {
					changed.expect("the chain outlives its followers");
					drop(self.answer()?);
					return Ok(*seen.borrow_and_update());
				},
				// Connections break also while nothing is said.
				() = tokio::time::sleep(Duration::from_secs(1)) => {},
			}
		}
	}

	async fn agreed(&self) -> Result<Agreed, ChainError> {
		let heads = *self.heads.borrow();
		self.answer().map(|_| Agreed { window: window(heads.finalized.number / BLOCKS), heads })
	}

	async fn window(&self, at: At) -> Result<WindowInfo, ChainError> {
		self.answer().map(|_| window(self.index(at)))
	}

	async fn device_by_key(
		&self,
		wanted: SessionKey,
		_at: At,
	) -> Result<Option<DeviceId>, ChainError> {
		let script = self.answer()?;
		Ok(script.devices.iter().copied().find(|device| key(*device).public() == wanted))
	}

	async fn device(
		&self,
		id: DeviceId,
		_at: At,
	) -> Result<Option<DeviceInfo<AccountId>>, ChainError> {
		let cell = Cell::from_degrees(48.0, 11.0, LOCATION_RESOLUTION).expect("a place");
		let script = self.answer()?;
		let is_banned = script.banned.contains(&id);
		Ok(script.devices.contains(&id).then(|| DeviceInfo {
			id,
			network: 0,
			owner: AccountId::from([id as u8; 32]),
			session_key: key(id).public(),
			class: EvidenceClass::SelfMade.into(),
			maker: None,
			status: if is_banned { DeviceStatus::Banned } else { DeviceStatus::Active }.into(),
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
		let truth = challenge(device, index);
		let info = if script.lies { ChallengeInfo { id: [0; 32], ..truth } } else { truth };
		Ok(script.challenged.contains(&(device, index)).then_some(info))
	}

	async fn members(&self, _network: NetworkId, _cell: Cell, _at: At) -> Result<u32, ChainError> {
		// Among so many hardly any is drawn.
		self.answer().map(|script| if script.draws { 1 } else { u32::MAX })
	}

	async fn is_beacon_genuine(
		&self,
		device: DeviceId,
		index: WindowIndex,
		signature: &Signature,
		_at: At,
	) -> Result<bool, ChainError> {
		let script = self.answer()?;
		let is_known = script.devices.contains(&device)
			&& !script.banned.contains(&device)
			&& !script.forgotten.contains(&index);
		let (public, challenge) = (key(device).public(), challenge_id(device, index));
		Ok(is_known && is_beacon_signed(&public, &challenge, signature))
	}

	async fn witnesses(
		&self,
		index: WindowIndex,
		beaconer: DeviceId,
		at: At,
	) -> Result<Vec<DeviceId>, ChainError> {
		let settled = self.answer()?.settled.get(&(index, beaconer)).copied();
		Ok(match settled {
			Some(block) if self.block(at) < block => vec![0],
			_ => Vec::new(),
		})
	}

	async fn activity(&self, device: DeviceId, at: At) -> Result<Option<ActivityInfo>, ChainError> {
		let mismatched = self.answer()?.mismatched.get(&device).copied();
		let count = mismatched.filter(|block| *block <= self.block(at)).map_or(0, |_| 1);
		Ok(Some(ActivityInfo {
			last_heard: None,
			last_witnessed: None,
			reciprocity_span: 8,
			is_counted: true,
			density_scale: Scale::ONE,
			units: Units::ZERO,
			epoch: 0,
			reasons: vec![
				ReasonCount { code: CoverageReason::TooFar.number(), count: 9 },
				ReasonCount { code: CoverageReason::CommitmentMismatch.number(), count },
			],
		}))
	}

	async fn block_hash(&self, number: u32) -> Result<Option<Hash>, ChainError> {
		let best = self.heads.borrow().best;
		self.answer().map(|_| (number <= best).then(|| hash(number)))
	}

	async fn extrinsics(&self, block: Hash) -> Result<Vec<Vec<u8>>, ChainError> {
		let number = self.block(At::Block(block));
		let mut script = self.answer()?;
		script.read.push(number);
		Ok(script.extrinsics.get(&number).cloned().unwrap_or_default())
	}

	async fn check(
		&self,
		report: &EncodedReport,
		at: At,
	) -> Result<Result<(), Code<Refusal>>, ChainError> {
		let script = self.answer()?;
		let first = match report.key.series {
			REVEALS => report.key.window + REVEAL_DELAY,
			_ => report.key.window,
		};
		if !(first..=report.last_window()).contains(&self.index(at)) {
			return Ok(Err(Refusal::WindowClosed.into()));
		}
		if let Some(refusal) = script.refusal {
			return Ok(Err(refusal));
		}
		Ok(match script.on_chain.contains(&report.key) {
			true => Err(Refusal::AlreadyKnown.into()),
			false => Ok(()),
		})
	}

	fn endpoints(&self) -> usize {
		2
	}

	async fn collector(&self, endpoint: usize) -> Result<CollectorIndex, ChainError> {
		self.answer().map(|script| script.collectors.get(&endpoint).copied().unwrap_or_default())
	}

	async fn hand_in(&self, report: &EncodedReport, endpoint: usize) -> Result<(), ChainError> {
		self.note(report);
		let mut script = self.answer()?;
		if script.collecting.contains(&endpoint) {
			script.on_chain.insert(report.key);
		} else if !script.withholding.contains(&endpoint) {
			return Err(not_ready("test"));
		}
		script.handed_in.push((endpoint, report.clone()));
		Ok(())
	}

	async fn submit_own(&self, report: &EncodedReport) -> Result<(), ChainError> {
		self.note(report);
		let mut script = self.answer()?;
		if script.takes_own {
			script.on_chain.insert(report.key);
		}
		script.own.push(report.clone());
		Ok(())
	}
}

fn not_ready(reason: &str) -> ChainError {
	ChainError::NotReady { endpoint: "fake".into(), reason: reason.into() }
}
