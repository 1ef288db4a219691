//! Turns beacons that gateways hear into statements: parses the frame, checks the signature against the
//! chain, looks whether the witness is drawn, signs, and keeps the statement before it is handed on.

use std::{
	collections::{HashMap, HashSet, VecDeque},
	sync::Arc,
};

use ed25519_dalek::VerifyingKey;
use groma_core::{
	DeviceId, WindowIndex,
	frame::{BEACON_LENGTH, Beacon},
	payload::{self, Observation},
	words::{Hash, Signature},
};
use tokio::sync::mpsc;
use tracing::{debug, info, trace, warn};

use crate::{
	chain::{AccountId, Chain, ChainError},
	delivery,
	fleet::{Gateway, Registration},
	follower::{View, ViewReceiver},
	metrics::Metrics,
	parcel::{Parcel, Statement},
	radio::{Mac, Reception},
	shutdown::Shutdown,
	store::{Store, StoreError},
};

/// Beacons that may wait for their window to be finalized, or for the chain to answer.
const PARKED_MAX: usize = 512;
/// Of those, how many may come from one gateway in the name of one device.
const PARKED_PER_DEVICE_MAX: usize = 4;
/// Devices whose key is remembered in a window.
const BEACONERS_MAX: usize = 1_024;

/// A beacon as one gateway heard it.
#[derive(Clone, Debug)]
struct Heard {
	gateway: usize,
	beacon: Beacon,
	rssi_deci_dbm: i16,
	snr_deci_db: i16,
}

/// What the chain knows about whoever beaconed.
#[derive(Clone, Copy)]
struct Beaconer {
	key: Hash,
	owner: AccountId,
}

/// What became of a heard beacon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
	/// It was stated, or need not be.
	Done,
	/// Its window is not finalized yet.
	TooEarly,
}

#[derive(Debug, thiserror::Error)]
enum WitnessError {
	#[error(transparent)]
	Chain(#[from] ChainError),
	#[error(transparent)]
	Store(#[from] StoreError),
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
	parked: VecDeque<Heard>,
	known: Known,
}

/// What was learnt in the present window.
#[derive(Default)]
struct Known {
	window: WindowIndex,
	beaconers: HashMap<DeviceId, Option<Beaconer>>,
	/// Signatures that were found genuine.
	genuine: HashMap<(DeviceId, WindowIndex), Signature>,
	/// Beacons about which a gateway has stated, or need not.
	done: HashSet<(usize, DeviceId, WindowIndex)>,
}

impl Known {
	/// Makes room for one more beaconer, at the expense of one that was never heard for certain: forged
	/// frames drive out nothing but each other. `false` if there is none.
	fn makes_room(&mut self) -> bool {
		if self.beaconers.len() < BEACONERS_MAX {
			return true;
		}
		let genuine: HashSet<DeviceId> = self.genuine.keys().map(|(device, _)| *device).collect();
		let doubtful = self.beaconers.keys().copied().find(|device| !genuine.contains(device));
		doubtful.is_some_and(|device| self.beaconers.remove(&device).is_some())
	}
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
			parked: VecDeque::new(),
			known: Known::default(),
		}
	}

	/// Witnesses until the process is to stop.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		loop {
			tokio::select! {
				() = shutdown.requested() => return,
				changed = self.views.changed() => match changed {
					Ok(()) => self.on_view().await,
					Err(_) => return,
				},
				reception = self.receptions.recv() => match reception {
					Some(reception) => self.on_reception(&reception).await,
					None => return,
				},
			}
		}
	}

	/// Looks again at what had to wait.
	async fn on_view(&mut self) {
		let Some(view) = self.views.borrow_and_update().clone() else { return };
		if self.known.window != view.window.index {
			self.known = Known { window: view.window.index, ..Known::default() };
		}
		for heard in std::mem::take(&mut self.parked) {
			self.consider(heard, &view).await;
		}
	}

	async fn on_reception(&mut self, reception: &Reception) {
		if reception.payload.len() != BEACON_LENGTH {
			return;
		}
		let Some(beacon) = Beacon::from_bytes(&reception.payload) else { return };
		let Some(gateway) = self.by_mac.get(&reception.gateway).copied() else { return };
		self.metrics.beacons_heard.increment();
		let Reception { rssi_deci_dbm, snr_deci_db, .. } = *reception;
		let heard = Heard { gateway, beacon, rssi_deci_dbm, snr_deci_db };
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
	async fn state(&mut self, heard: &Heard, view: &View) -> Result<Outcome, WitnessError> {
		let beaconer = heard.beacon.device;
		let window = heard.beacon.window(view.window.index);
		let registration = view.registrations.get(heard.gateway).and_then(Option::as_ref);
		let Some(registration) = registration.filter(|it| it.takes_part_in(window)) else {
			return Ok(Outcome::Done);
		};
		if registration.device == beaconer
			|| self.known.done.contains(&(heard.gateway, beaconer, window))
		{
			return Ok(Outcome::Done);
		}
		let Some(seed) = view.seed(window) else {
			let is_next = view.window.index.checked_add(1) == Some(window);
			return Ok(if is_next { Outcome::TooEarly } else { Outcome::Done });
		};
		let challenge = payload::challenge_id(&view.genesis, &seed, beaconer);
		let Some(other) = self.beaconer(beaconer, view).await? else { return Ok(Outcome::Done) };
		if !self.is_genuine(heard, window, &challenge, &other.key) {
			return Ok(Outcome::Done);
		}
		// A witness of the same owner earns nothing, so the honest spare the chain the trouble.
		let is_drawn = other.owner != registration.owner
			&& self.chain.is_drawn(window, beaconer, registration.device, view.finalized()).await?;
		if is_drawn {
			self.sign(heard, window, &challenge, registration).await?;
		}
		self.known.done.insert((heard.gateway, beaconer, window));
		Ok(Outcome::Done)
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
			.device(device, view.finalized())
			.await?
			.map(|info| Beaconer { key: info.session_key, owner: info.owner });
		self.known.beaconers.insert(device, found);
		Ok(found)
	}

	/// Whether the beacon is signed by the device's key. What was found genuine is not checked again.
	fn is_genuine(
		&mut self,
		heard: &Heard,
		window: WindowIndex,
		challenge: &Hash,
		key: &Hash,
	) -> bool {
		let Beacon { device, signature, .. } = heard.beacon;
		let genuine = self.known.genuine.get(&(device, window));
		if genuine == Some(&signature) {
			return true;
		}
		let is_signed = VerifyingKey::from_bytes(key).is_ok_and(|key| {
			use ed25519_dalek::Verifier;
			key.verify(&payload::beacon(challenge), &signature.into()).is_ok()
		});
		if !is_signed {
			self.metrics.beacons_forged.increment();
			trace!(target: "device::witness", device, window, "forged beacon");
		} else if let Some(other) = genuine {
			warn!(
				target: "device::witness", device, window,
				first = %hex::encode(other), second = %hex::encode(signature),
				"two different valid beacons of one challenge: evidence that the device cheats"
			);
		} else {
			self.known.genuine.insert((device, window), signature);
		}
		is_signed
	}

	async fn sign(
		&self,
		heard: &Heard,
		window: WindowIndex,
		challenge: &Hash,
		registration: &Registration,
	) -> Result<(), StoreError> {
		let observation = Observation {
			witness: registration.device,
			rssi_deci_dbm: heard.rssi_deci_dbm,
			snr_deci_db: heard.snr_deci_db,
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
			rssi_dbm = f64::from(heard.rssi_deci_dbm) / 10.0,
			snr_db = f64::from(heard.snr_deci_db) / 10.0, "heard a beacon"
		);
		self.delivery.deliver(Parcel::Statement(statement), 0).await;
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const BEACONER: Option<Beaconer> = Some(Beaconer { key: [1; 32], owner: [2; 32] });

	#[test]
	fn forged_frames_drive_out_nothing_but_each_other() {
		let mut known = Known::default();
		for device in 0..BEACONERS_MAX as u32 {
			known.beaconers.insert(device, BEACONER);
		}
		known.genuine.insert((7, 1), [0; 64]);
		for device in 0..3 * BEACONERS_MAX as u32 {
			assert!(known.makes_room());
			known.beaconers.insert(1_000_000 + device, None);
		}
		assert!(known.beaconers.contains_key(&7));
		assert_eq!(known.beaconers.len(), BEACONERS_MAX);
	}

	#[test]
	fn beaconer_is_not_remembered_when_all_others_are_genuine() {
		let mut known = Known::default();
		for device in 0..BEACONERS_MAX as u32 {
			known.beaconers.insert(device, BEACONER);
			known.genuine.insert((device, 1), [0; 64]);
		}
		assert!(!known.makes_room());
	}
}
