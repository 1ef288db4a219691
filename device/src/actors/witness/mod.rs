//! Turns beacons that gateways hear into statements: parses the frame, checks the signature against
//! the chain, looks whether the witness is drawn, signs, and keeps the statement before it is
//! handed on.

mod heard;
mod known;

use std::{
	collections::{HashMap, VecDeque},
	sync::Arc,
};

use groma_client::{
	chain::{Chain, ChainError},
	delivery,
	evidence::{self, DoubleBeacon},
	follower::{View, ViewReceiver, next_view},
	registration::Registration,
	shutdown::Shutdown,
	store::{Store, StoreError},
};
use groma_core::{
	DeviceId, WindowIndex,
	api::DeviceStatus,
	frame::{BEACON_LENGTH, Beacon},
	payload::{self, Observation},
	protocol::DRAW_RESOLUTION,
	radio::SNR_MAX,
	selection::{draw, is_drawn},
	statement::Statement,
	words::{Hash, SessionKey},
};
use groma_lora::radio::{Mac, Reception};
use tokio::{sync::mpsc, time::Instant};
use tracing::{debug, error, info, trace, warn};

use self::{
	heard::{Gathering, Heard, Signal},
	known::{Beaconer, Known},
};
use super::error::ActorError;
use crate::{fleet::Gateway, metrics::Metrics};

/// Beacons that may wait for their window to be finalized, or for the chain to answer.
const PARKED_MAX: usize = 512;
/// Of those, how many may come from one gateway in the name of one device.
const PARKED_PER_DEVICE_MAX: usize = 4;

/// The highest signal-to-noise ratio that is stated, in tenths of a dB.
const SNR_DECI_DB_MAX: i16 = (SNR_MAX / 10) as i16;

/// What became of a heard beacon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
	/// It was stated, or need not be.
	Done,
	/// Its window is not finalized yet.
	TooEarly,
}

/// The witness of all gateways of the process.
pub struct Witness {
	chain: Arc<dyn Chain>,
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	delivery: delivery::Sender,
	receptions: mpsc::Receiver<Reception>,
	views: ViewReceiver,
	gateways: Arc<[Gateway]>,
	by_mac: HashMap<Mac, usize>,
	/// Beacons whose further receptions are awaited.
	gathering: Gathering,
	parked: VecDeque<Heard>,
	known: Known,
}

impl Witness {
	/// A witness of what arrives in `receptions`.
	pub fn new(
		chain: Arc<dyn Chain>,
		store: Arc<Store>,
		metrics: Arc<Metrics>,
		delivery: delivery::Sender,
		receptions: mpsc::Receiver<Reception>,
		gateways: Arc<[Gateway]>,
		views: ViewReceiver,
	) -> Self {
		let by_mac = gateways.iter().enumerate().map(|(index, it)| (it.mac, index)).collect();
		Self {
			chain,
			store,
			metrics,
			delivery,
			receptions,
			views,
			gateways,
			by_mac,
			gathering: Gathering::default(),
			parked: VecDeque::new(),
			known: Known::default(),
		}
	}

	/// Whether a frame can be a beacon. The witness looks at no others.
	pub(crate) fn can_be_beacon(reception: &Reception) -> bool {
		reception.payload.len() == BEACON_LENGTH
	}

	/// Witnesses until the process is to stop.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		loop {
			let due = self.gathering.next_due();
			tokio::select! {
				() = shutdown.requested() => return self.finish().await,
				view = next_view(&mut self.views) => match view {
					Some(view) => self.on_view(&view).await,
					None => return,
				},
				() = sleep_until(due) => self.on_gathered().await,
				reception = self.receptions.recv() => match reception {
					Some(reception) => self.on_reception(&reception).await,
					None => return,
				},
			}
		}
	}

	/// Looks again at what had to wait.
	async fn on_view(&mut self, view: &View) {
		self.known.enter(view.window.index);
		for heard in std::mem::take(&mut self.parked) {
			self.consider(heard, view).await;
		}
	}

	async fn on_reception(&mut self, reception: &Reception) {
		if !Self::can_be_beacon(reception) {
			return;
		}
		let Some(beacon) = Beacon::from_bytes(&reception.payload) else { return };
		let Some(gateway) = self.by_mac.get(&reception.gateway).copied() else { return };
		self.metrics.beacons_heard.increment();
		let heard = Heard::new(gateway, beacon, Signal::of(reception));
		if let Some(heard) = self.gathering.add(heard, Instant::now()) {
			self.look_at(heard).await;
		}
	}

	/// Deals with the beacons that were gathered.
	async fn on_gathered(&mut self) {
		while let Some(heard) = self.gathering.take_due(Instant::now()) {
			self.look_at(heard).await;
		}
	}

	/// Waits for nothing more of what was heard.
	async fn finish(&mut self) {
		while let Some(heard) = self.gathering.take() {
			self.look_at(heard).await;
		}
	}

	async fn look_at(&mut self, heard: Heard) {
		let view = self.views.borrow().clone();
		match view {
			Some(view) => self.consider(heard, &view).await,
			None => self.park(heard),
		}
	}

	async fn consider(&mut self, heard: Heard, view: &View) {
		match self.state(&heard, view).await {
			Ok(Outcome::Done) => {}
			Ok(Outcome::TooEarly) => self.park(heard),
			Err(error) => {
				debug!(target: "device::witness", beaconer = heard.beacon.device, %error, "put off");
				self.park(heard);
			}
		}
	}

	fn park(&mut self, heard: Heard) {
		if let Some(parked) = self.parked.iter_mut().find(|parked| parked.is_same(&heard)) {
			parked.merge(heard);
			return;
		}
		let is_same = |other: &&Heard| {
			(other.gateway, other.beacon.device) == (heard.gateway, heard.beacon.device)
		};
		if self.parked.iter().filter(is_same).count() >= PARKED_PER_DEVICE_MAX {
			self.metrics.receptions_dropped.increment();
			return;
		}
		if self.parked.len() == PARKED_MAX {
			self.parked.pop_front();
			self.metrics.receptions_dropped.increment();
		}
		self.parked.push_back(heard);
	}

	/// Makes the statement about a beacon, if there is one to make.
	async fn state(&mut self, heard: &Heard, view: &View) -> Result<Outcome, ActorError> {
		let beaconer = heard.beacon.device;
		let window = heard.beacon.window(view.window.index);
		let registration = view.registrations.get(heard.gateway).and_then(Option::as_ref);
		let Some(registration) = registration.filter(|it| it.takes_part_in(window)) else {
			return Ok(Outcome::Done);
		};
		if registration.device == beaconer {
			return Ok(Outcome::Done);
		}
		let is_done = self.known.done.contains(&(heard.gateway, beaconer, window));
		if is_done && self.known.genuine.get(&(beaconer, window)) == Some(&heard.beacon.signature) {
			return Ok(Outcome::Done);
		}
		let Some(seed) = view.seed(window) else {
			let is_next = view.window.index.checked_add(1) == Some(window);
			return Ok(if is_next { Outcome::TooEarly } else { Outcome::Done });
		};
		let challenge = payload::challenge_id(&view.genesis, &seed, beaconer);
		let Some(other) = self.beaconer(beaconer, view).await? else { return Ok(Outcome::Done) };
		let is_own = other.owner == registration.owner;
		if !self.is_genuine(&heard.beacon, window, &challenge, &other.key) {
			self.metrics.beacons_forged.increment();
			trace!(target: "device::witness", device = beaconer, window, "forged beacon");
			return Ok(Outcome::Done);
		}
		self.record_genuine(&heard.beacon, window, &challenge, &other.key, is_own)?;
		if is_done {
			return Ok(Outcome::Done);
		}
		// A witness of the same owner earns nothing, so the honest spare the chain the trouble.
		let is_drawn = !is_own && {
			let draw = draw(&seed, beaconer, registration.device);
			is_drawn(draw, self.members_around(&other, view).await?)
		};
		if is_drawn {
			let signal = self.signal(heard, window, &challenge, view).await?;
			self.sign(heard, signal, window, &challenge, registration).await?;
		}
		self.known.done.insert((heard.gateway, beaconer, window));
		Ok(Outcome::Done)
	}

	/// How many devices are counted around a beaconer, of which some are drawn to witness it.
	/// Without a location it has no witnesses: as good as among the most.
	async fn members_around(
		&mut self,
		beaconer: &Beaconer,
		view: &View,
	) -> Result<u32, ChainError> {
		let Some(around) = beaconer.around else { return Ok(u32::MAX) };
		let place = (beaconer.network, around);
		if let Some(members) = self.known.members.get(&place) {
			return Ok(*members);
		}
		let members = self.chain.members(beaconer.network, around, view.agreed()).await?;
		self.known.members.insert(place, members);
		Ok(members)
	}

	/// The reception to state. Only where there are several channels, the chain is asked for the
	/// right one; a node that knows another challenge is not believed about that either.
	async fn signal(
		&self,
		heard: &Heard,
		window: WindowIndex,
		challenge: &Hash,
		view: &View,
	) -> Result<Signal, ChainError> {
		if !heard.is_ambiguous() {
			return Ok(heard.best(None));
		}
		let beaconer = heard.beacon.device;
		let said = self.chain.challenge(beaconer, window, view.agreed()).await?;
		let said = said.filter(|said| said.id == *challenge);
		Ok(heard.best(said.map(|said| said.frequency_hz)))
	}

	async fn beaconer(
		&mut self,
		device: DeviceId,
		view: &View,
	) -> Result<Option<Beaconer>, ChainError> {
		if let Some(known) = self.known.beaconers.get(&device) {
			return Ok(*known);
		}
		if !self.known.makes_room() {
			self.metrics.receptions_dropped.increment();
			return Ok(None);
		}
		let found = self
			.chain
			.device(device, view.agreed())
			.await?
			.filter(|info| info.status != DeviceStatus::Banned)
			.map(|info| Beaconer {
				key: info.session_key,
				owner: info.owner,
				network: info.network,
				around: info.location.and_then(|location| location.cell.parent(DRAW_RESOLUTION)),
			});
		self.known.beaconers.insert(device, found);
		Ok(found)
	}

	/// Whether the beacon is signed by the device's key. What is recorded as genuine is not
	/// verified again.
	fn is_genuine(
		&self,
		beacon: &Beacon,
		window: WindowIndex,
		challenge: &Hash,
		key: &SessionKey,
	) -> bool {
		let recorded = self.known.genuine.get(&(beacon.device, window));
		recorded == Some(&beacon.signature)
			|| evidence::is_beacon_signed(key, challenge, &beacon.signature)
	}

	/// Records a genuine beacon. If another one of the challenge is recorded already, the two are
	/// evidence, and the first stays.
	fn record_genuine(
		&mut self,
		beacon: &Beacon,
		window: WindowIndex,
		challenge: &Hash,
		key: &SessionKey,
		is_own: bool,
	) -> Result<(), StoreError> {
		let Beacon { device, signature, .. } = *beacon;
		let recorded = self.known.genuine.get(&(device, window)).copied();
		if recorded == Some(signature) {
			return Ok(());
		}
		// Another one may have been heard before a restart, and either under a former key.
		let kept = match recorded {
			Some(recorded) => Some(recorded),
			None => self.store.beacon_signature(device, window)?,
		};
		let first = kept
			.filter(|first| evidence::is_beacon_signed(key, challenge, first))
			.unwrap_or(signature);
		if first != signature {
			let evidence = DoubleBeacon { window, device, signatures: [first, signature] };
			self.accuse(&evidence, is_own)?;
		}
		self.known.genuine.insert((device, window), first);
		Ok(())
	}

	/// Keeps evidence for the reporter, unless it is against a device of the same owner.
	fn accuse(&self, evidence: &DoubleBeacon, is_own: bool) -> Result<(), StoreError> {
		let DoubleBeacon { window, device, .. } = *evidence;
		if is_own {
			error!(
				target: "device::evidence", device, window,
				"a device of yours signed two beacons for one challenge: its key is used elsewhere; rotate \
				 it before someone reports that"
			);
		} else if self.store.keep_evidence(evidence)? {
			self.metrics.evidence_found.increment();
			warn!(
				target: "device::evidence", device, window,
				"a device signed two beacons for one challenge: the evidence is kept"
			);
		}
		Ok(())
	}

	async fn sign(
		&self,
		heard: &Heard,
		signal: Signal,
		window: WindowIndex,
		challenge: &Hash,
		registration: &Registration,
	) -> Result<(), StoreError> {
		let observation = Observation {
			witness: registration.device,
			// The delivery names the collector of the node that gets it.
			collector: 0,
			rssi_deci_dbm: signal.rssi_deci_dbm,
			// Some concentrators report more than the chain takes for plausible, of links that are
			// good.
			snr_deci_db: signal.snr_deci_db.min(SNR_DECI_DB_MAX),
			commitment: payload::commitment(&heard.beacon.signature, registration.device),
		};
		let signature =
			self.gateways[heard.gateway].key.sign(&observation.to_signed_bytes(challenge));
		let beaconer = heard.beacon.device;
		let statement = Statement { window, beaconer, observation, signature };
		if !self.store.keep_statement(&statement, &heard.beacon.signature)? {
			return Ok(());
		}
		self.metrics.statements.increment();
		info!(
			target: "device::witness", witness = registration.device, beaconer, window,
			rssi_dbm = f64::from(signal.rssi_deci_dbm) / 10.0,
			snr_db = f64::from(signal.snr_deci_db) / 10.0, "heard a beacon"
		);
		self.delivery.deliver(statement.into(), 0).await;
		Ok(())
	}
}

async fn sleep_until(moment: Option<Instant>) {
	match moment {
		Some(moment) => tokio::time::sleep_until(moment).await,
		None => std::future::pending().await,
	}
}
