//! A populated chain: devices in clusters of nine all over the globe, registered by the runtime's
//! own calls and active, with one settled challenge per cluster behind them.

use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use codec::Encode;
use ed25519_dalek::{Signer, SigningKey};
use frame_support::{
	Identity, Twox64Concat,
	dispatch::RawOrigin,
	pallet_prelude::ValueQuery,
	storage_alias,
	traits::{Hooks, fungible::Mutate},
	weights::{Weight, WeightMeter},
};
use groma_core::{
	CollectorIndex, DeviceId, NetworkId, WindowIndex,
	money::{Balance, GRM},
	payload::{self, Observation},
	place::{Cell, LOCATION_RESOLUTION},
	protocol::FIRST_NETWORK,
	region::EU868,
	statement::{Reveal, SignedObservation, StatementGroup},
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use groma_paged_map::{Page, PageId, PagedMap};
use groma_runtime::{
	AccountId, Balances, BlockNumber, Challenges, Emission, Networks, Runtime, Stake, System,
};
use indicatif::ProgressBar;
use pallet_device_registry::LocationClaim;
use pallet_proof_of_coverage::Activity;
use pallet_stake::Purpose;
use sp_core::storage::Storage;
use sp_state_machine::BasicExternalities;

use super::{database::State, genesis};

type Registry = pallet_device_registry::Pallet<Runtime>;
type Coverage = pallet_proof_of_coverage::Pallet<Runtime>;

/// Where the registry counts active devices.
#[storage_alias]
type ActiveCounts = StorageMap<DeviceRegistry, Twox64Concat, NetworkId, u32, ValueQuery>;
/// Where coverage keeps what devices did.
#[storage_alias]
type ActivityPages = StorageMap<ProofOfCoverage, Identity, PageId, Page<Activity>, ValueQuery>;
type Activities = PagedMap<ActivityPages, Activity>;

/// A beaconer and its eight witnesses.
pub(crate) const CLUSTER: u32 = 9;
/// What the owner of a device has, who has no other: enough for its stake and its deposits, and
/// with that of a million others and of genesis less than may exist, so that claims can mint.
pub(crate) const ENDOWMENT: Balance = 100 * GRM;
/// All devices register in one block. After this number its events are dropped, since they take
/// memory; dropping them looks at every key, so that it is not done for each device.
const EVENTS_DROPPED_EVERY: u64 = 50_000;
/// The collector that every statement names: the one that genesis registers.
pub(crate) const COLLECTOR: CollectorIndex = 1;
/// Members of a cluster stand on a circle of this radius in degrees of latitude: 5.5 km.
const RADIUS_DEGREES: f64 = 0.05;
/// On larger chains the same device of each cluster beacons always, and so one in nine: to let all
/// of them be counted before a measurement takes too long.
const EVERY_DEVICE_BEACONS_UP_TO: u32 = 100_000;
/// The window of the first challenges.
const FIRST_WINDOW: WindowIndex = 5;
/// What every witness receives: a link of ordinary strength.
const RSSI_DECI_DBM: i16 = -1_100;
const SNR_DECI_DB: i16 = 20;
/// How far ahead of the present window the last contacts of devices are dated: more windows than a
/// measurement takes.
pub(crate) const CONTACTS_AHEAD: WindowIndex = 1_000;
/// So many challenges fit the shortest window.
const ACTIVE_COUNT_MAX: u32 = 1_000;
/// An odd number that is no multiple of 5: multiplying by it visits every number below a power of
/// ten. In this order devices register, as places fill up all over the globe.
const SHUFFLE: u64 = 7_368_787;

/// Who the devices are, by place: a number of which all but the id follows.
#[derive(Clone)]
pub(crate) struct Devices {
	genesis: Hash,
	/// The id of the device at each place.
	ids: Arc<[DeviceId]>,
}

impl Devices {
	/// `count` devices, a power of ten, for the chain with this genesis, on which they have no ids
	/// yet.
	pub(crate) fn new(count: u32, genesis: Hash) -> anyhow::Result<Self> {
		let is_power_of_ten = count == 10u32.pow(count.max(1).ilog10());
		ensure!(count >= 100 && is_power_of_ten, "give a power of ten from 100 on, not {count}");
		Ok(Self { genesis, ids: (0..count).collect() })
	}

	/// Devices with the ids that a chain gave them, by place.
	pub(crate) fn registered(ids: Vec<DeviceId>, genesis: Hash) -> Self {
		Self { genesis, ids: ids.into() }
	}

	/// The ids, by place.
	pub(crate) fn ids(&self) -> &[DeviceId] {
		&self.ids
	}

	/// How many there are.
	pub(crate) fn count(&self) -> u32 {
		self.ids.len() as u32
	}

	/// How many whole clusters there are.
	pub(crate) fn clusters(&self) -> u32 {
		self.count() / CLUSTER
	}

	/// The id of a member of a cluster.
	pub(crate) fn member(&self, cluster: u32, member: u32) -> DeviceId {
		self.ids.get((cluster * CLUSTER + member) as usize).copied().unwrap_or_default()
	}

	/// The session key of the device at a place.
	fn key(&self, place: u32) -> SigningKey {
		SigningKey::from_bytes(&sp_crypto_hashing::blake2_256(&("receipts", place).encode()))
	}

	/// The statements of the eight others about the beacon of one member, turn by turn.
	pub(crate) fn statements(
		&self,
		cluster: u32,
		window: WindowIndex,
		seed: &Hash,
	) -> anyhow::Result<StatementGroup> {
		let (beaconer, challenge) = self.challenge(cluster, window, seed);
		let beacon = self.beacon(cluster, window, &challenge);
		let statements: Vec<_> = (0..CLUSTER)
			.filter(|member| self.member(cluster, *member) != beaconer)
			.map(|member| {
				let witness = self.member(cluster, member);
				let observation = Observation {
					witness,
					collector: COLLECTOR,
					rssi_deci_dbm: RSSI_DECI_DBM,
					snr_deci_db: SNR_DECI_DB,
					commitment: payload::commitment(&beacon, witness),
				};
				let message = observation.to_signed_bytes(&challenge);
				let key = self.key(cluster * CLUSTER + member);
				let signature = Signature(key.sign(&message).to_bytes());
				SignedObservation { observation, signature }
			})
			.collect();
		let statements = statements.try_into().map_err(|_| anyhow!("a cluster fits a group"))?;
		Ok(StatementGroup { window, beaconer, statements })
	}

	/// The reveal of the beacon that [`Self::statements`] is about.
	pub(crate) fn reveal(&self, cluster: u32, window: WindowIndex, seed: &Hash) -> Reveal {
		let (beaconer, challenge) = self.challenge(cluster, window, seed);
		Reveal { window, beaconer, signature: self.beacon(cluster, window, &challenge) }
	}

	fn beacon(&self, cluster: u32, window: WindowIndex, challenge: &Hash) -> Signature {
		let key = self.key(cluster * CLUSTER + self.turn(window));
		Signature(key.sign(&payload::beacon(challenge)).to_bytes())
	}

	/// The member of a cluster whose turn to beacon it is.
	pub(crate) fn beaconer(&self, cluster: u32, window: WindowIndex) -> DeviceId {
		self.member(cluster, self.turn(window))
	}

	/// Which member's turn it is.
	fn turn(&self, window: WindowIndex) -> u32 {
		let takes_turns = self.count() <= EVERY_DEVICE_BEACONS_UP_TO;
		let window = if takes_turns { window } else { FIRST_WINDOW };
		window % CLUSTER
	}

	fn challenge(&self, cluster: u32, window: WindowIndex, seed: &Hash) -> (DeviceId, Hash) {
		let beaconer = self.beaconer(cluster, window);
		(beaconer, payload::challenge_id(&self.genesis, seed, beaconer))
	}

	/// Where the member of a cluster stands. Clusters lie on a Fibonacci lattice over the globe
	/// between the polar circles.
	fn cell(&self, cluster: u32, member: u32) -> Option<Cell> {
		const GOLDEN_ANGLE_DEGREES: f64 = 137.507_764_05;
		let height = 1.8 * (f64::from(cluster) + 0.5) / f64::from(self.clusters() + 1) - 0.9;
		let latitude = height.asin().to_degrees();
		let longitude = (f64::from(cluster) * GOLDEN_ANGLE_DEGREES) % 360.0 - 180.0;
		let bearing = (f64::from(member) * 40.0).to_radians();
		Cell::from_degrees(
			latitude + RADIUS_DEGREES * bearing.cos(),
			longitude + RADIUS_DEGREES * bearing.sin() / latitude.to_radians().cos(),
			LOCATION_RESOLUTION,
		)
	}
}

/// A chain in memory, moved on by the hooks of the runtime.
pub(crate) struct Population {
	devices: Devices,
	externalities: BasicExternalities,
	block: BlockNumber,
}

impl Population {
	/// The devices, registered on the chain of `genesis`, in a window in which all of them take
	/// part.
	pub(crate) fn register(
		devices: Devices,
		genesis: Storage,
		progress: &ProgressBar,
	) -> anyhow::Result<Self> {
		let mut population = Self {
			devices: devices.clone(),
			externalities: BasicExternalities::new(genesis),
			block: 0,
		};
		population.found();
		population.advance(1);
		progress.set_length(devices.count().into());
		population.externalities.execute_with(|| {
			let stake = stake_per_device()?;
			let count = u64::from(devices.count());
			for turn in 0..count {
				let place = (turn * SHUFFLE % count) as u32;
				back(place, stake)?;
				register(&devices, place)?;
				if turn.is_multiple_of(EVENTS_DROPPED_EVERY) {
					System::reset_events();
				}
				progress.inc(1);
			}
			anyhow::Ok(())
		})?;
		let genesis = devices.genesis;
		let ids: Option<Vec<_>> = population.externalities.execute_with(|| {
			let key = |place| SessionKey(devices.key(place).verifying_key().to_bytes());
			(0..devices.count()).map(|place| Registry::device_by_key(key(place))).collect()
		});
		population.challenge_every_device();
		population.devices =
			Devices::registered(ids.context("every device is registered")?, genesis);
		Ok(population)
	}

	/// Settles challenges of every cluster, so that devices have the records that a running chain
	/// gives them. On chains of up to 100,000 devices each beacons once.
	pub(crate) fn settle_history(&mut self, progress: &ProgressBar) -> anyhow::Result<()> {
		self.advance_windows(FIRST_WINDOW);
		let turns = if self.devices.count() <= EVERY_DEVICE_BEACONS_UP_TO { CLUSTER } else { 1 };
		for _ in 0..turns {
			self.settle_turn(progress)?;
			// A turn takes two windows, of which the members' turns go on by one.
			self.advance_windows(CLUSTER - 1);
		}
		Ok(())
	}

	/// Makes every device one that earns, as honest ones do: heard and a witness within the span of
	/// reciprocity. Where every window challenges every device that span is eight windows, less
	/// than a measurement takes, so contacts are dated ahead.
	pub(crate) fn make_reciprocal(&mut self) {
		let devices = self.devices.clone();
		self.externalities.execute_with(|| {
			let contact = Challenges::window_info().index.checked_add(CONTACTS_AHEAD);
			for device in devices.ids() {
				Activities::mutate(*device, |activity| {
					activity.last_heard = contact;
					activity.last_witnessed = contact;
				});
			}
		});
	}

	/// What block 0 leaves behind: the hash of genesis.
	fn found(&mut self) {
		let genesis = self.devices.genesis;
		self.externalities.execute_with(|| {
			frame_system::BlockHash::<Runtime>::insert(0, sp_core::H256(genesis));
		});
	}

	/// Lets every window challenge every device: the lottery reckons with no more devices than a
	/// short window has room for.
	fn challenge_every_device(&mut self) {
		self.externalities.execute_with(|| {
			ActiveCounts::mutate(0, |count| *count = (*count).min(ACTIVE_COUNT_MAX));
		});
	}

	/// Lets one member of every cluster beacon and be heard in the current window, and settles it.
	fn settle_turn(&mut self, progress: &ProgressBar) -> anyhow::Result<()> {
		let collector = RawOrigin::Signed(owner_account(0));
		let devices = self.devices.clone();
		let info = self.externalities.execute_with(Challenges::window_info);
		progress.set_length(u64::from(devices.clusters()) * 2);
		for cluster in 0..devices.clusters() {
			let group = devices.statements(cluster, info.index, &info.seed)?;
			self.externalities.execute_with(|| {
				let groups =
					vec![group].try_into().map_err(|_| anyhow!("a bundle holds a group"))?;
				let collector = collector.clone().into();
				Coverage::submit_statements(collector, groups)
					.map_err(|error| anyhow!("statements refused: {:?}", error.error))
			})?;
			progress.inc(1);
		}
		self.advance_windows(2);
		for cluster in 0..devices.clusters() {
			let reveal = devices.reveal(cluster, info.index, &info.seed);
			self.externalities.execute_with(|| {
				let reveals =
					vec![reveal].try_into().map_err(|_| anyhow!("a bundle holds a reveal"))?;
				Coverage::submit_reveals(collector.clone().into(), reveals)
					.map_err(|error| anyhow!("a reveal was refused: {:?}", error.error))
			})?;
			progress.inc(1);
		}
		Ok(())
	}

	/// Moves on to the first block of the window that lies `windows` ahead.
	pub(crate) fn advance_windows(&mut self, windows: u32) {
		let window = || Challenges::window_info().index;
		let target = self.externalities.execute_with(window) + windows;
		while self.externalities.execute_with(window) < target {
			self.advance(1);
		}
	}

	/// Does something on the chain, in its present block.
	pub(crate) fn run<R>(&mut self, f: impl FnOnce() -> R) -> R {
		self.externalities.execute_with(f)
	}

	/// The devices, with the ids that they got.
	pub(crate) fn devices(&self) -> Devices {
		self.devices.clone()
	}

	/// State and height.
	pub(crate) fn into_state(self) -> (State, BlockNumber) {
		(self.externalities.into_storages().top, self.block)
	}

	/// Makes so many blocks.
	pub(crate) fn advance(&mut self, blocks: BlockNumber) {
		for _ in 0..blocks {
			self.block += 1;
			let block = self.block;
			self.externalities.execute_with(|| {
				System::set_block_number(block);
				System::reset_events();
				Emission::on_initialize(block);
				Challenges::on_initialize(block);
				pallet_timestamp::Now::<Runtime>::put(genesis::time_ms(block));
				let mut meter = WeightMeter::with_limit(Weight::MAX);
				Registry::on_poll(block, &mut meter);
				Registry::on_idle(block, Weight::MAX);
			});
		}
	}
}

/// Bytes that the pallets which know devices keep in `state`: keys without the 32 bytes that name
/// pallet and map, and values.
pub(crate) fn bytes_of_devices(state: &State) -> usize {
	const PREFIX: usize = 32;
	let prefixes = ["DeviceRegistry", "ProofOfCoverage", "Rewards"]
		.map(|pallet| sp_crypto_hashing::twox_128(pallet.as_bytes()));
	state
		.iter()
		.filter(|(key, _)| prefixes.iter().any(|prefix| key.starts_with(prefix)))
		.map(|(key, value)| key.len().saturating_sub(PREFIX) + value.len())
		.sum()
}

fn register(devices: &Devices, place: u32) -> anyhow::Result<()> {
	let owner = owner_account(place);
	let owner_bytes = AccountBytes(owner.clone().into());
	let key = devices.key(place);
	let nonce = Registry::onboarding_nonce(&owner);
	let message = payload::onboarding(&devices.genesis, &owner_bytes, 0, nonce);
	let cell = devices.cell(place / CLUSTER, place % CLUSTER).context("a place on the globe")?;
	let location = LocationClaim { cell, region: EU868, gain_deci_dbi: 0, elevation_m: 0 };
	Registry::register_device(
		RawOrigin::Signed(owner).into(),
		0,
		SessionKey(key.verifying_key().to_bytes()),
		Signature(key.sign(&message).to_bytes()),
		Some(location),
		None,
	)
	.map_err(|error| anyhow!("the device at place {place} cannot register: {error:?}"))
}

/// Plancks that the network asks for behind each device.
fn stake_per_device() -> anyhow::Result<Balance> {
	let terms = <Networks as groma_traits::Networks>::terms(FIRST_NETWORK);
	Ok(terms.context("the network has terms")?.stake_per_device)
}

/// Endows the owner of the device at a place, and puts its stake behind it.
fn back(place: u32, stake: Balance) -> anyhow::Result<()> {
	let owner = owner_account(place);
	Balances::mint_into(&owner, ENDOWMENT)
		.map_err(|error| anyhow!("the owner at place {place} cannot be endowed: {error:?}"))?;
	let purpose = Purpose::Devices(FIRST_NETWORK);
	Stake::provision(RawOrigin::Signed(owner).into(), purpose, stake)
		.map_err(|error| anyhow!("the owner at place {place} cannot provision: {error:?}"))
}

/// The owner of the device at a place. Each has one device.
pub(crate) fn owner_account(owner: u32) -> AccountId {
	sp_crypto_hashing::blake2_256(&("owner", owner).encode()).into()
}
