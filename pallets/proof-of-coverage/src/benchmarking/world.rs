//! What is measured against: devices, what they say, and challenges that hold it.

use alloc::vec::Vec;

use frame_benchmarking::v2::account;
use frame_support::BoundedVec;
use groma_core::{
	CollectorIndex, DeviceId, WindowIndex,
	density::{RESOLUTIONS, cells},
	payload::{self, Observation},
	place::Cell,
	protocol::RECORDS_MAX,
	region::EU868,
	selection::draw,
	statement::{Reveal, SignedObservation, StatementGroup},
	units::Units,
	words::{SessionKey, Signature},
};
use groma_traits::{
	CollectorsBenchmarkHelper, Devices, DevicesBenchmarkHelper, Networks, OpenWork, SupplyRewards,
	SupplyRewardsBenchmarkHelper, SupplyWorkBenchmarkHelper, Window, Windows,
	WindowsBenchmarkHelper,
};
use sp_core::{crypto::KeyTypeId, ed25519};

use crate::{
	Activities, Challenges, Config, Pallet, activity, density, statements::genesis_hash, types::*,
};

/// The window of all beacons, late enough for every location to be mature.
pub(super) const WINDOW: WindowIndex = 1_000_000;
const KEYS: KeyTypeId = KeyTypeId(*b"benc");
/// Devices from this id on are nothing but names in records.
const STRANGERS: DeviceId = 1_000_000;

/// A device whose key is in the keystore.
#[derive(Clone, Copy)]
pub(super) struct Signatory {
	pub(super) device: DeviceId,
	key: ed25519::Public,
}

impl Signatory {
	fn sign(&self, message: &[u8]) -> Signature {
		sp_io::crypto::ed25519_sign(KEYS, &self.key, message).unwrap().0.into()
	}
}

/// Makes `window` the running one, in an epoch that is not closed; every device is challenged in
/// it.
pub(super) fn go_to<T: Config>(window: WindowIndex) {
	let thresholds = T::Networks::ids().into_iter().map(|network| (network, u64::MAX));
	let thresholds = BoundedVec::truncate_from(thresholds.collect::<Vec<_>>());
	let seed = payload::seed(window, &[1; 32]);
	T::BenchmarkHelper::set_window(Window { index: window, first_block: 0, seed, thresholds });
	T::BenchmarkHelper::open_epoch();
}

/// Registers the `n`-th device of the benchmark, in a row of a hundred from south to north, each
/// 1.1 km from the next. Rows have no cells in common.
pub(super) fn device<T: Config>(n: u32) -> Signatory {
	device_in_row::<T>(n, 40.0)
}

/// The same in a row that begins at another latitude.
pub(super) fn device_in_row<T: Config>(n: u32, latitude: f64) -> Signatory {
	let key = sp_io::crypto::ed25519_generate(KEYS, None);
	Signatory { device: register::<T>(n, latitude, SessionKey(key.0)), key }
}

/// Registers a device under a session key, among as many others as can be: its pages are full, and
/// every cell around it has a count.
pub(super) fn register<T: Config>(n: u32, latitude: f64, key: SessionKey) -> DeviceId {
	let network = T::Networks::ids()[0];
	let (north, east) = (0.01 * f64::from(n % 100), 0.8 * f64::from(n / 100));
	let cell = Cell::from_degrees(latitude + north, 11.0 + east, 12).unwrap();
	let owner = account("owner", n, 0);
	let device = T::BenchmarkHelper::add_device(owner, network, key, cell, EU868);
	T::BenchmarkHelper::fill_device_page(device);
	activity::fill_page::<T>(device, T::Rewards::epoch().unwrap_or_default());
	density::fill::<T>(Counted { network, cell });
	device
}

fn challenge_id<T: Config>(window: WindowIndex, device: DeviceId) -> [u8; 32] {
	let seed = T::Windows::window(window).unwrap().seed;
	payload::challenge_id(&genesis_hash::<T>(), &seed, device)
}

fn beacon<T: Config>(beaconer: &Signatory) -> Signature {
	beaconer.sign(&payload::beacon(&challenge_id::<T>(WINDOW, beaconer.device)))
}

fn statement<T: Config>(
	beaconer: &Signatory,
	signature: &Signature,
	witness: &Signatory,
) -> SignedObservation {
	let observation = Observation {
		witness: witness.device,
		collector: 0,
		rssi_deci_dbm: -1_150,
		snr_deci_db: 0,
		commitment: payload::commitment(signature, witness.device),
	};
	let challenge = challenge_id::<T>(WINDOW, beaconer.device);
	let signature = witness.sign(&observation.to_signed_bytes(&challenge));
	SignedObservation { observation, signature }
}

/// A beaconer with as many witnesses, and what they state of it.
pub(super) fn group<T: Config>(first: u32, witnesses: u32) -> (Signatory, StatementGroup) {
	group_with::<T>(first, witnesses, device::<T>)
}

/// The same with witnesses of another kind.
pub(super) fn group_with<T: Config>(
	first: u32,
	witnesses: u32,
	witness: impl Fn(u32) -> Signatory,
) -> (Signatory, StatementGroup) {
	let beaconer = device::<T>(first);
	let signature = beacon::<T>(&beaconer);
	let statements = (1..=witnesses)
		.map(|n| statement::<T>(&beaconer, &signature, &witness(first + n)))
		.collect::<Vec<_>>();
	let statements = BoundedVec::truncate_from(statements);
	(beaconer, StatementGroup { window: WINDOW, beaconer: beaconer.device, statements })
}

/// Lets the witnesses of a group pass for devices that were heard.
pub(super) fn hear<T: Config>(group: &StatementGroup) {
	for statement in &group.statements {
		Activities::<T>::mutate(statement.observation.witness, |activity| {
			activity.was_heard(WINDOW);
		});
	}
}

/// Fills the challenge of a group with records of others that all have to give way to the group's.
/// Its witnesses pass for devices that were heard and those of the records for devices that were
/// not, and the draw is on their side as well: so they are looked at by everything, and are new.
pub(super) fn fill<T: Config>(group: &StatementGroup) {
	hear::<T>(group);
	let seed = T::Windows::window(WINDOW).unwrap().seed;
	let draw_of = |witness| draw(&seed, group.beaconer, witness);
	let mut observations = group.statements.iter().map(|statement| statement.observation);
	let highest = observations.clone().map(|it| draw_of(it.witness)).max().unwrap();
	let template = observations.next_back().unwrap();
	let mut challenge = Challenge::new(0);
	let others = (STRANGERS..).filter(|witness| draw_of(*witness) > highest);
	for witness in others.take(RECORDS_MAX as usize) {
		let observation = Observation { witness, ..template };
		challenge.put(Record { observation, is_heard: false }, None);
	}
	Challenges::<T>::insert(WINDOW, group.beaconer, challenge);
}

pub(super) fn is_full_and_holds<T: Config>(group: &StatementGroup) -> bool {
	let challenge = Challenges::<T>::get(WINDOW, group.beaconer).unwrap();
	challenge.records.len() == RECORDS_MAX as usize
		&& group.statements.iter().all(|it| challenge.is_stated_by(it.observation.witness))
}

/// Puts the challenge of a group on chain, all of which names one collector, and yields its reveal.
/// The credit of further collectors has a separate benchmark.
pub(super) fn stated<T: Config>(collector: CollectorIndex, first: u32, witnesses: u32) -> Reveal {
	let (beaconer, group) = group::<T>(first, witnesses);
	let mut challenge = Challenge::new(0);
	for statement in &group.statements {
		let observation = Observation { collector, ..statement.observation };
		challenge.put(Record { observation, is_heard: true }, None);
		employ::<T>(observation.witness);
	}
	employ::<T>(beaconer.device);
	Challenges::<T>::insert(WINDOW, beaconer.device, challenge);
	Reveal { window: WINDOW, beaconer: beaconer.device, signature: beacon::<T>(&beaconer) }
}

/// A collector whose ledger is as long as can be.
pub(super) fn collector<T: Config>() -> CollectorIndex {
	T::BenchmarkHelper::add_collector()
}

/// What settling reports to others: units of the network of the benchmark, and fifths of reports
/// for a collector.
pub(super) fn booked<T: Config>(collector: CollectorIndex) -> (Units, u32) {
	let network = T::Networks::ids()[0];
	(T::BenchmarkHelper::noted_units(network), T::BenchmarkHelper::credited(collector))
}

/// Whether both rose, so that the real ledgers were written.
pub(super) fn has_risen((units, fifths): (Units, u32), before: (Units, u32)) -> bool {
	units > before.0 && fifths > before.1
}

/// As many statements about a beacon as there can be, all of them on chain.
pub(super) fn known_group<T: Config>(first: u32) -> StatementGroup {
	let (_, group) = group::<T>(first, 1);
	fill::<T>(&group);
	let challenge = Challenges::<T>::get(WINDOW, group.beaconer).unwrap();
	let statements = challenge
		.records
		.iter()
		.map(|record| SignedObservation {
			observation: record.observation,
			signature: Signature([0; 64]),
		})
		.collect::<Vec<_>>();
	StatementGroup { statements: BoundedVec::truncate_from(statements), ..group }
}

/// Lets a device pass for one that was recently heard and a witness, and that earned in the present
/// epoch: the beginning of an epoch, and reasons, have separate benchmarks.
fn employ<T: Config>(device: DeviceId) {
	let view = T::Devices::at(device, WINDOW).unwrap();
	let epoch = T::Rewards::epoch().unwrap_or_default();
	T::Rewards::begin(device, view.network, &view.owner);
	Pallet::<T>::leave_work(view.network, device, OpenWork::new(epoch, Units::ZERO));
	Activities::<T>::mutate(device, |activity| {
		activity.was_heard(WINDOW);
		activity.was_witness(WINDOW);
	});
}

/// Where a device is counted.
pub(super) fn place_of<T: Config>(device: DeviceId) -> Counted {
	let view = T::Devices::at(device, WINDOW).unwrap();
	Counted { network: view.network, cell: view.place.unwrap().cell }
}

/// How many devices are counted in each cell of a place.
pub(super) fn counted_at<T: Config>(place: Counted) -> [u32; RESOLUTIONS.len()] {
	cells(place.cell).unwrap().map(|cell| density::count_of::<T>(place.network, cell).arrived)
}

/// Counts the beaconer of a reveal before, so that settling does not: counting has a benchmark of
/// its own.
pub(super) fn count<T: Config>(device: DeviceId) {
	let place = place_of::<T>(device);
	let limits = T::Networks::terms(place.network).unwrap().place.density_limits();
	Activities::<T>::mutate(device, |activity| {
		density::count::<T>(&mut activity.counted, place, &limits);
	});
}
