//! Radios that do what a test says, and the actors of the client among them and a chain of the same
//! kind.

use std::{
	collections::VecDeque,
	sync::{Arc, Mutex},
	time::Duration,
};

use async_trait::async_trait;
use ed25519_dalek::{
	Sha512, SigningKey,
	hazmat::{ExpandedSecretKey, raw_sign},
};
use groma_client::{
	clock::Clock, follower::ViewReceiver, keys::DeviceKey, metrics::Metrics as ClientMetrics,
	registration::Identity, shutdown::Shutdown, store::Store,
};
use groma_core::{DeviceId, WindowIndex, frame::Beacon, payload};
use groma_device::{actors::witness::Witness, fleet::Gateway, metrics::Metrics};
use groma_lora::radio::{Mac, Radio, RadioError, Reception, Transmission};
use tokio::sync::mpsc;

pub(crate) use groma_client::fakes::*;

/// After this time a beacon is no longer gathered: the witness has dealt with it.
pub(crate) const GATHERED: Duration = Duration::from_millis(600);

pub(crate) fn mac(device: DeviceId) -> Mac {
	Mac([0, 0, 0, 0, 0, 0, 0, device as u8])
}

pub(crate) fn gateways(devices: &[DeviceId]) -> Arc<[Gateway]> {
	devices
		.iter()
		.map(|device| Gateway {
			mac: mac(*device),
			address: None,
			key: Arc::new(key(*device)),
			antenna_gain_deci_db: 0,
			power_dbm_max: 27,
		})
		.collect()
}

/// The same devices as the follower knows them.
pub(crate) fn identities(devices: &[DeviceId]) -> Arc<[Identity]> {
	devices
		.iter()
		.map(|device| Identity { label: mac(*device).to_string(), key: Arc::new(key(*device)) })
		.collect()
}

/// The beacon of a device.
pub(crate) fn beacon(device: DeviceId, index: WindowIndex) -> Beacon {
	let signature = key(device).sign(&payload::beacon(&challenge_id(device, index)));
	Beacon::new(device, index, signature)
}

/// A second beacon of a device for the same challenge, as valid as [`beacon`], which no honest
/// client makes.
pub(crate) fn second_beacon(device: DeviceId, index: WindowIndex) -> Beacon {
	let key = SigningKey::from_bytes(&secret(device));
	let mut expanded = ExpandedSecretKey::from(&key.to_bytes());
	expanded.hash_prefix = expanded.hash_prefix.map(|byte| !byte);
	let message = payload::beacon(&challenge_id(device, index));
	let signature = raw_sign::<Sha512>(&expanded, &message, &key.verifying_key()).to_bytes();
	Beacon::new(device, index, groma_core::words::Signature(signature))
}

pub(crate) fn reception(gateway: DeviceId, beacon: &Beacon) -> Reception {
	Reception {
		gateway: mac(gateway),
		payload: beacon.to_bytes().to_vec(),
		frequency_hz: Some(868_100_000),
		rssi_deci_dbm: -1_030,
		snr_deci_db: -25,
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
	async fn transmit(
		&self,
		gateway: Mac,
		transmission: &Transmission,
		_patience: Duration,
	) -> Result<(), RadioError> {
		let _ = self.sent.send((self.clock.now(), gateway, transmission.clone()));
		match self.outcomes.lock().expect("no test panics here").pop_front() {
			Some(error) => Err(error),
			None => Ok(()),
		}
	}
}

pub(crate) fn metrics() -> Arc<Metrics> {
	Arc::default()
}

pub(crate) fn client_metrics() -> Arc<ClientMetrics> {
	Arc::default()
}

/// Starts the witness of these devices, and a delivery; returns where it takes what the devices
/// hear.
pub(crate) fn start_witness(
	chain: &Arc<FakeChain>,
	store: &Arc<Store>,
	metrics: &Arc<Metrics>,
	client_metrics: &Arc<ClientMetrics>,
	devices: &[DeviceId],
	views: ViewReceiver,
	shutdown: Shutdown,
) -> mpsc::Sender<Reception> {
	let sender =
		start_delivery(chain, store, client_metrics, true, views.clone(), shutdown.clone());
	let (receptions, heard) = mpsc::channel(64);
	let witness = Witness::new(
		chain.clone(),
		store.clone(),
		metrics.clone(),
		sender,
		heard,
		gateways(devices),
		views,
	);
	tokio::spawn(witness.run(shutdown));
	receptions
}
