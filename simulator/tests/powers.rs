//! Which power a beacon goes out at, by gain of the antenna and table of the amplifier: the
//! client's beaconer and server of packet forwarders, and a simulated forwarder, over UDP.

use std::{
	sync::{Arc, Mutex},
	time::Duration,
};

use async_trait::async_trait;
use groma_client::{
	clock::{Clock, SystemClock},
	fakes::{BLOCKS, FakeChain, eventually, key, store, view, views},
	shutdown,
};
use groma_device::{
	actors::beaconer::{Beaconer, Tools},
	fleet::Gateway,
	metrics::Metrics,
};
use groma_lora::{
	gwmp,
	radio::{Mac, Radio, RadioError, Transmission},
};
use groma_simulator::{
	air::Air,
	behaviour::Behaviour,
	field::{Field, FieldSpec},
	forwarder::{Amplifier, Forwarder, ForwarderSettings},
};
use tokio::sync::mpsc;

const DEVICE: u32 = 1;
const WINDOW: u32 = 9;
const MAC: Mac = Mac([7; 8]);
/// 16.15 dBm are allowed.
const ALLOWED_DBM: i32 = 16;
/// A table with few entries, of which one can be set with every gain.
const SPARSE: [i32; 4] = [0, 12, 20, 27];

/// A radio that records what is asked for, and whether it is taken.
struct Recorder {
	radio: gwmp::Sender,
	asked: Mutex<Vec<(u8, bool)>>,
}

#[async_trait]
impl Radio for Recorder {
	async fn transmit(
		&self,
		gateway: Mac,
		transmission: &Transmission,
		patience: Duration,
	) -> Result<(), RadioError> {
		let outcome = self.radio.transmit(gateway, transmission, patience).await;
		let mut asked = self.asked.lock().expect("no test panics here");
		asked.push((transmission.power_dbm, outcome.is_ok()));
		outcome
	}
}

/// The powers that are asked for until the beacon is on the air.
async fn powers(amplifier: Amplifier) -> Vec<(u8, bool)> {
	let spec = FieldSpec { devices: 2, seed: 5, ..FieldSpec::default() };
	let air = Air::new(Arc::new(Field::new(&spec).expect("a field")));
	let socket = gwmp::Socket::bind(([127, 0, 0, 1], 0).into()).expect("bound");
	let settings = ForwarderSettings {
		server: socket.local_addr().expect("bound"),
		mac: MAC,
		station: 0,
		behaviour: Behaviour::Honest,
		keepalive: Duration::from_secs(5),
		amplifier,
	};
	let metrics = Arc::new(Metrics::default());
	let (heard, _receptions) = mpsc::channel(8);
	let (radio, server) = gwmp::server(socket, [MAC], heard, metrics.clone());
	let (_stop, shutdown) = shutdown::channel();
	let mut stop = shutdown.clone();
	tokio::spawn(async move { server.run(stop.requested()).await });
	let forwarder = Forwarder::open(settings, air.clone()).await.expect("a forwarder");
	tokio::spawn(forwarder.run(shutdown.clone()));
	eventually("the forwarder is there", || metrics.gateways_connected.get() == 1).await;

	let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
	let chain = FakeChain::new(&[DEVICE], WINDOW * BLOCKS);
	chain.script().challenged.insert((DEVICE, WINDOW));
	// The moment of the challenge has passed: the beacon goes out at once.
	let (_views, receiver) = views(view(WINDOW, 40, &[DEVICE], clock.now()));
	let radio = Arc::new(Recorder { radio, asked: Mutex::default() });
	let tools =
		Tools { chain, clock, radio: radio.clone(), store: store(), metrics: metrics.clone() };
	let gateway = Gateway {
		mac: MAC,
		address: None,
		key: Arc::new(key(DEVICE)),
		antenna_gain_deci_db: 0,
		power_dbm_max: 27,
	};
	tokio::spawn(Beaconer::new(tools, Arc::from([gateway]), receiver).run(shutdown));
	eventually("it is on the air", || air.count().radiated == 1).await;
	assert_eq!(metrics.beacons_transmitted.get(), 1);
	let asked = radio.asked.lock().expect("no test panics here");
	asked.clone()
}

#[tokio::test]
async fn beacon_goes_out_at_the_highest_power_that_is_allowed_and_taken() {
	let mut runs = Vec::new();
	for table_dbm in [Amplifier::REFERENCE.to_vec(), SPARSE.to_vec()] {
		for antenna_gain_db in 0..=12 {
			let amplifier = Amplifier { antenna_gain_db, table_dbm: table_dbm.clone() };
			runs.push((amplifier.clone(), tokio::spawn(powers(amplifier))));
		}
	}
	for (amplifier, run) in runs {
		let asked = run.await.expect("no panic");
		let highest = (0..=ALLOWED_DBM).rev().find(|power| amplifier.has(*power));
		let highest = highest.expect("a power of the table") as u8;
		let expected: Vec<(u8, bool)> =
			(highest..=ALLOWED_DBM as u8).rev().map(|power| (power, power == highest)).collect();
		assert_eq!(asked, expected, "{amplifier:?}");
	}
}
