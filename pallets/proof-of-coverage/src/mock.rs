//! A runtime of this pallet alone. Its seams are joined to fakes: a clock, a registry that is a
//! map, a ledger of stake that covers everybody but those it is told not to, rewards that remember
//! what they are told.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::{Signer as _, SigningKey};
use frame_support::{
	BoundedVec, derive_impl, parameter_types,
	traits::{ConstU32, Hooks},
	weights::Weight,
};
#[cfg(feature = "runtime-benchmarks")]
use groma_core::RegionId;
use groma_core::{
	DeviceId, EpochIndex, EvidenceClass, NetworkId, WindowIndex,
	density::DEFAULT_LIMITS,
	payload::{self, Observation},
	place::Cell,
	region::{EU868, RegionPlan},
	selection,
	statement::{Reveal, Statement, StatementGroup},
	terms::{NetworkStatus, NetworkTerms, PlaceTerms, Proof},
	units::Units,
	words::{Hash, SessionKey, Signature},
};
use groma_traits::{
	Collectors, DeviceLookup, DeviceOffences, DeviceView, Devices, Networks, OpenWork, Place,
	Provisions, Signer, SupplyRewards, SupplyWork, Window, Windows,
};
use sp_runtime::{AccountId32, BuildStorage, traits::IdentityLookup};

use crate::{
	self as pallet_proof_of_coverage, Activities, Reasons, statements::genesis_hash, types::*,
};

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Coverage = pallet_proof_of_coverage::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId32;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId32>;
	type Nonce = u64;
}

/// The first network of the mock.
pub(crate) const NETWORK: NetworkId = 0;
/// A second one, to be mistaken for the first.
pub(crate) const OTHER_NETWORK: NetworkId = 1;
/// One that proves nothing. It is in no list, since nobody is challenged in it.
pub(crate) const UNPROVEN_NETWORK: NetworkId = 2;
/// Windows from a location's effect to eligibility.
pub(crate) const MATURITY: WindowIndex = 10;
/// Windows of the ramp after that.
pub(crate) const RAMP: WindowIndex = 20;
/// Expected windows between two challenges: everybody is challenged in every window.
pub(crate) const EVERY_WINDOW: u32 = 1;
/// Windows of reciprocity.
pub(crate) const SPAN: WindowIndex = 8 * EVERY_WINDOW;
/// The window in which a test begins: all locations of the mock are eligible and past the ramp.
pub(crate) const START: WindowIndex = 100;

parameter_types! {
	/// The running window: its number, its first block and how many blocks it lasts.
	pub storage Clock: (WindowIndex, u32, u32) = (START - 1, 0, 10);
	pub storage WindowBlocks: u32 = 10;
	pub static Epoch: EpochIndex = 7;
	pub static DensityLimits: [u32; 5] = DEFAULT_LIMITS;
	pub static Interval: u32 = EVERY_WINDOW;
	/// What the registry knows: views by device, each from a window on.
	pub static Registry: BTreeMap<DeviceId, Vec<(WindowIndex, DeviceView<AccountId32>)>> =
		BTreeMap::new();
	pub static Banned: BTreeSet<DeviceId> = BTreeSet::new();
	pub static BannedKeys: BTreeSet<SessionKey> = BTreeSet::new();
	pub static Uncovered: BTreeSet<AccountId32> = BTreeSet::new();
	pub static Offences: Vec<(DeviceId, AccountId32, AccountId32)> = Vec::new();
	pub static NotedUnits: BTreeMap<NetworkId, u64> = BTreeMap::new();
	pub static Payees: BTreeMap<DeviceId, (NetworkId, AccountId32)> = BTreeMap::new();
	pub static Folded: Vec<(DeviceId, OpenWork)> = Vec::new();
	pub static Collected: BTreeMap<AccountId32, u32> = BTreeMap::new();
}

/// A clock that every block of the mock moves on. Its seeds follow from the windows.
pub struct MockWindows;

impl MockWindows {
	fn tick(now: u32) {
		let (index, _, _) = Clock::get();
		if now >= Self::end() {
			Clock::set(&(index + 1, now, WindowBlocks::get()));
		}
	}

	/// The block after the last one of the running window.
	fn end() -> u32 {
		let (_, first_block, blocks) = Clock::get();
		first_block + blocks
	}

	fn at(block: u32) -> WindowIndex {
		Self::current() + u32::from(block >= Self::end())
	}
}

impl Windows for MockWindows {
	fn current() -> WindowIndex {
		Clock::get().0
	}

	fn of_call() -> WindowIndex {
		Self::at(block_now())
	}

	fn of_next_block() -> WindowIndex {
		Self::at(block_now() + 1)
	}

	fn window(index: WindowIndex) -> Option<Window> {
		let age = Self::current().checked_sub(index)?;
		let threshold = selection::threshold(Interval::get(), u32::MAX, 1);
		let thresholds = MockNetworks::ids().into_iter().map(|network| (network, threshold));
		(age < 288).then(|| Window {
			index,
			first_block: 0,
			seed: payload::seed(index, &[1; 32]),
			thresholds: BoundedVec::truncate_from(thresholds.collect()),
		})
	}

	fn blocks_left(until_end_of: WindowIndex) -> u64 {
		let to_come = until_end_of - Self::current();
		u64::from(Self::end() + to_come * WindowBlocks::get() - block_now())
	}

	fn duration_ms() -> u64 {
		u64::from(Clock::get().2) * 6_000
	}

	fn is_ripe(tenths: u32) -> bool {
		let (_, first_block, blocks) = Clock::get();
		let next = block_now() + 1;
		next < Self::end() && (next - first_block) * 10 >= blocks * tenths
	}
}

/// What benchmarks need of the mocks.
#[cfg(feature = "runtime-benchmarks")]
pub struct MockWorld;

#[cfg(feature = "runtime-benchmarks")]
impl groma_traits::WindowsBenchmarkHelper for MockWorld {
	fn set_window(window: Window) {
		Clock::set(&(window.index, block_now(), WindowBlocks::get()));
	}
}

fn block_now() -> u32 {
	System::block_number() as u32
}

/// Two networks on the same terms, and one that proves nothing.
pub struct MockNetworks;
impl Networks for MockNetworks {
	fn terms(network: NetworkId) -> Option<NetworkTerms> {
		match network {
			NETWORK | OTHER_NETWORK => Some(terms()),
			UNPROVEN_NETWORK => Some(NetworkTerms { proof: Proof::Unproven, ..terms() }),
			_ => None,
		}
	}

	fn status(network: NetworkId) -> Option<NetworkStatus> {
		Self::ids().contains(&network).then_some(NetworkStatus::Open)
	}

	fn founded_ms(network: NetworkId) -> Option<u64> {
		Self::ids().contains(&network).then_some(0)
	}

	fn ids() -> Vec<NetworkId> {
		vec![NETWORK, OTHER_NETWORK]
	}
}

/// The terms of the mock's networks.
pub(crate) fn terms() -> NetworkTerms {
	let mut terms = NetworkTerms::default();
	terms.lottery.interval_windows = Interval::get();
	terms.place =
		PlaceTerms::Fixed { maturity_windows: MATURITY, density_limits: DensityLimits::get() };
	terms.supply.ramp_windows = RAMP;
	terms
}

/// A look into a registry that is a map.
#[derive(Default)]
pub struct MockLookup;
impl DeviceLookup<AccountId32> for MockLookup {
	fn at(&mut self, device: DeviceId, window: WindowIndex) -> Option<DeviceView<AccountId32>> {
		let views = Registry::get().remove(&device)?;
		let (_, mut view) = views.into_iter().rfind(|(from, _)| *from <= window)?;
		view.is_active &= !Banned::get().contains(&device);
		Some(view)
	}
}

/// That registry.
pub struct MockDevices;
impl Devices<AccountId32> for MockDevices {
	type Lookup = MockLookup;

	fn signer(device: DeviceId, window: WindowIndex) -> Option<Signer<AccountId32>> {
		let DeviceView { network, owner, session_key, .. } = Self::at(device, window)?;
		let is_banned = BannedKeys::get().contains(&session_key);
		Some(Signer { network, owner, session_key, is_banned })
	}

	fn ban(device: DeviceId, window: WindowIndex) -> bool {
		let Some(signer) = Self::signer(device, window) else { return false };
		BannedKeys::mutate(|banned| banned.insert(signer.session_key));
		let is_still_owner = view(device).owner == signer.owner;
		if is_still_owner {
			Banned::mutate(|banned| banned.insert(device));
		}
		is_still_owner
	}

	fn ban_weight() -> Weight {
		Weight::zero()
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl groma_traits::DevicesBenchmarkHelper<AccountId32> for MockWorld {
	fn add_device(
		owner: AccountId32,
		network: NetworkId,
		session_key: SessionKey,
		cell: Cell,
		region: RegionId,
	) -> DeviceId {
		let device = Registry::get().len() as DeviceId;
		let mut view = view_of(device, cell);
		view.owner = owner;
		view.network = network;
		view.session_key = session_key;
		view.place = view.place.map(|place| Place { region, ..place });
		Registry::mutate(|registry| registry.insert(device, vec![(0, view)]));
		device
	}

	/// A map without pages has nothing to fill.
	fn fill_device_page(_: DeviceId) {}
}

/// A ledger of stake that covers everybody but the uncovered.
pub struct MockStake;
impl Provisions<AccountId32> for MockStake {
	fn covers(owner: &AccountId32, _network: NetworkId, _slot: u32) -> bool {
		!Uncovered::get().contains(owner)
	}
}
impl DeviceOffences<AccountId32> for MockStake {
	fn on_offence(
		device: DeviceId,
		_network: NetworkId,
		owner: &AccountId32,
		reporter: &AccountId32,
		_offence: groma_traits::Offence,
	) {
		Offences::mutate(|offences| offences.push((device, owner.clone(), reporter.clone())));
	}
}

/// Rewards that remember what they are told.
pub struct MockRewards;
impl SupplyRewards<AccountId32> for MockRewards {
	fn epoch() -> Option<EpochIndex> {
		Some(Epoch::get())
	}

	fn note_units(network: NetworkId, units: Units) {
		NotedUnits::mutate(|noted| *noted.entry(network).or_default() += units.0);
	}

	fn begin(device: DeviceId, network: NetworkId, owner: &AccountId32) {
		Payees::mutate(|payees| payees.insert(device, (network, owner.clone())));
	}

	fn fold(device: DeviceId, work: OpenWork) {
		assert!(Payees::get().contains_key(&device), "whoever has work has a payee");
		Folded::mutate(|folded| folded.push((device, work)));
	}

	fn fold_weight() -> Weight {
		Weight::from_parts(20_000_000, 1_000)
	}
}
impl Collectors<AccountId32> for MockRewards {
	fn note(collector: &AccountId32, statements: u32) {
		Collected::mutate(|collected| {
			*collected.entry(collector.clone()).or_default() += statements;
		});
	}
}

impl pallet_proof_of_coverage::Config for Test {
	type GovernanceOrigin = frame_system::EnsureRoot<AccountId32>;
	type Windows = MockWindows;
	type Networks = MockNetworks;
	type Devices = MockDevices;
	type Provisions = MockStake;
	type Offences = MockStake;
	type Rewards = MockRewards;
	type Collectors = MockRewards;
	type MaxGroupsPerBundle = ConstU32<8>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = MockWorld;
	type WeightInfo = ();
}

/// An account with a number for a name.
pub(crate) fn account(n: u8) -> AccountId32 {
	AccountId32::new([n; 32])
}

/// The collector of most tests.
pub(crate) fn collector() -> AccountId32 {
	account(200)
}

/// The owner of a device, another for each.
pub(crate) fn owner_of(device: DeviceId) -> AccountId32 {
	let mut bytes = [7; 32];
	bytes[..4].copy_from_slice(&device.to_le_bytes());
	AccountId32::new(bytes)
}

/// The session key of a device.
pub(crate) fn key_of(device: DeviceId) -> SigningKey {
	let mut secret = [9; 32];
	secret[..4].copy_from_slice(&device.to_le_bytes());
	SigningKey::from_bytes(&secret)
}

/// Where a device stands: one every 2.2 km to the north.
pub(crate) fn cell_of(device: DeviceId) -> Cell {
	cell_at(40.0 + 0.02 * f64::from(device), 11.0)
}

pub(crate) fn cell_at(latitude: f64, longitude: f64) -> Cell {
	Cell::from_degrees(latitude, longitude, 12).expect("a point of the globe")
}

/// The session key of a device.
pub(crate) fn session_key_of(device: DeviceId) -> SessionKey {
	SessionKey(key_of(device).verifying_key().to_bytes())
}

fn view_of(device: DeviceId, cell: Cell) -> DeviceView<AccountId32> {
	DeviceView {
		network: NETWORK,
		owner: owner_of(device),
		session_key: session_key_of(device),
		class: EvidenceClass::MakerAttested,
		is_active: true,
		slot: 0,
		place: Some(Place {
			cell,
			vector: cell.unit_vector().expect("a cell has a centre"),
			region: EU868,
		}),
		since: 0,
	}
}

/// A device as it is now.
pub(crate) fn view(device: DeviceId) -> DeviceView<AccountId32> {
	let views = Registry::get().remove(&device).expect("the device is registered");
	views.last().expect("a device has a view").1.clone()
}

/// Changes a device in all windows.
pub(crate) fn alter(device: DeviceId, change: impl FnOnce(&mut DeviceView<AccountId32>)) {
	alter_from(device, 0, change);
}

/// Changes a device from a window on.
pub(crate) fn alter_from(
	device: DeviceId,
	window: WindowIndex,
	change: impl FnOnce(&mut DeviceView<AccountId32>),
) {
	let mut altered = view(device);
	change(&mut altered);
	Registry::mutate(|registry| {
		let views = registry.entry(device).or_default();
		views.retain(|(from, _)| *from < window);
		views.push((window, altered));
	});
}

/// Moves a device to another cell.
pub(crate) fn relocate(device: DeviceId, cell: Cell) {
	alter(device, |view| {
		view.place = view.place.map(|place| Place {
			cell,
			vector: cell.unit_vector().expect("a cell has a centre"),
			..place
		});
	});
}

/// All that is remembered of a device.
pub(crate) struct Remembered {
	pub(crate) last_heard: Option<WindowIndex>,
	pub(crate) last_witnessed: Option<WindowIndex>,
	pub(crate) open_work: Option<OpenWork>,
	pub(crate) counted: Option<Counted>,
	pub(crate) reasons: ReasonCounts,
}

/// What is remembered of a device.
pub(crate) fn activity(device: DeviceId) -> Remembered {
	let Activity { last_heard, last_witnessed, counted, .. } =
		Activities::<Test>::get(device).unwrap_or_default();
	Remembered {
		last_heard,
		last_witnessed,
		open_work: Coverage::peek(NETWORK, device),
		counted,
		reasons: Reasons::<Test>::get(device),
	}
}

/// Lets a device pass for one that was recently heard and a witness.
pub(crate) fn make_reciprocal(device: DeviceId) {
	Activities::<Test>::mutate(device, |activity| {
		activity.was_heard(START);
		activity.was_witness(START);
	});
}

/// Counts a device in density where it is said to stand.
pub(crate) fn count(device: DeviceId, cell: Cell) -> bool {
	let place = Counted { network: NETWORK, cell };
	Activities::<Test>::mutate(device, |activity| {
		crate::density::count::<Test>(&mut activity.counted, place, &DensityLimits::get())
	})
}

/// The units of a device that are not folded.
pub(crate) fn units(device: DeviceId) -> u64 {
	activity(device).open_work.map_or(0, |work| work.units().0)
}

/// The seed of a window.
pub(crate) fn seed_of(window: WindowIndex) -> Hash {
	MockWindows::window(window).expect("the window is remembered").seed
}

/// The challenge id of a device.
pub(crate) fn challenge_id(window: WindowIndex, device: DeviceId) -> Hash {
	payload::challenge_id(&genesis_hash::<Test>(), &seed_of(window), device)
}

/// The honest beacon signature.
pub(crate) fn beacon(window: WindowIndex, device: DeviceId) -> Signature {
	let message = payload::beacon(&challenge_id(window, device));
	Signature(key_of(device).sign(&message).to_bytes())
}

/// A plausible observation with a commitment that opens.
pub(crate) fn observation(
	window: WindowIndex,
	beaconer: DeviceId,
	witness: DeviceId,
) -> Observation {
	Observation {
		witness,
		rssi_deci_dbm: -1_150,
		snr_deci_db: 0,
		commitment: payload::commitment(&beacon(window, beaconer), witness),
	}
}

/// An observation with its witness's signature.
pub(crate) fn signed(
	window: WindowIndex,
	beaconer: DeviceId,
	observation: Observation,
) -> Statement {
	let message = observation.to_signed_bytes(&challenge_id(window, beaconer));
	let signature = Signature(key_of(observation.witness).sign(&message).to_bytes());
	Statement { window, beaconer, observation, signature }
}

/// An honest statement.
pub(crate) fn statement(window: WindowIndex, beaconer: DeviceId, witness: DeviceId) -> Statement {
	signed(window, beaconer, observation(window, beaconer, witness))
}

/// Honest statements about one beacon.
pub(crate) fn group(
	window: WindowIndex,
	beaconer: DeviceId,
	witnesses: impl IntoIterator<Item = DeviceId>,
) -> StatementGroup {
	let statements = witnesses
		.into_iter()
		.map(|witness| statement(window, beaconer, witness).signed())
		.collect();
	StatementGroup { window, beaconer, statements: BoundedVec::truncate_from(statements) }
}

/// An honest reveal.
pub(crate) fn reveal(window: WindowIndex, beaconer: DeviceId) -> Reveal {
	Reveal { window, beaconer, signature: beacon(window, beaconer) }
}

/// Ends the present block and runs the hooks of the next.
pub(crate) fn next_block() {
	let now = System::block_number();
	Coverage::on_idle(now, Weight::MAX);
	System::set_block_number(now + 1);
	MockWindows::tick(block_now());
}

/// Runs blocks until a window begins.
pub(crate) fn go_to(window: WindowIndex) {
	while MockWindows::current() < window {
		next_block();
	}
}

/// A chain with some devices, at the beginning of window [`START`].
pub(crate) struct ExtBuilder {
	devices: u32,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { devices: 4 }
	}
}

impl ExtBuilder {
	/// With as many devices.
	pub(crate) fn devices(mut self, devices: u32) -> Self {
		self.devices = devices;
		self
	}

	/// The chain.
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		reset();
		let coverage = crate::GenesisConfig {
			region_plans: [NETWORK, OTHER_NETWORK]
				.map(|network| (network, vec![RegionPlan::eu868()]))
				.into(),
			..Default::default()
		};
		let config = RuntimeGenesisConfig { coverage, ..Default::default() };
		let storage = config.build_storage().expect("genesis builds");
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			for device in 0..self.devices {
				let view = view_of(device, cell_of(device));
				Registry::mutate(|registry| registry.insert(device, vec![(0, view)]));
			}
			System::set_block_number(1);
			crate::PruneCursor::<Test>::put(START - 1);
			go_to(START);
		});
		ext
	}

	/// The chain with a keystore, at its genesis.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn build_for_benchmarks(self) -> sp_io::TestExternalities {
		let mut ext = self.build();
		let keystore = sp_keystore::testing::MemoryKeystore::new();
		ext.register_extension(sp_keystore::KeystoreExt::new(keystore));
		ext.execute_with(|| drop(crate::Challenges::<Test>::clear(u32::MAX, None)));
		ext
	}

	/// Runs a test and checks the invariants behind it.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Coverage::do_try_state().expect("the invariants hold");
		});
	}
}

/// Forgets what an earlier test of the same thread left behind.
fn reset() {
	DensityLimits::set(DEFAULT_LIMITS);
	Interval::set(EVERY_WINDOW);
	Epoch::set(7);
	Registry::set(BTreeMap::new());
	Banned::set(BTreeSet::new());
	BannedKeys::set(BTreeSet::new());
	Uncovered::set(BTreeSet::new());
	Offences::set(Vec::new());
	NotedUnits::set(BTreeMap::new());
	Payees::set(BTreeMap::new());
	Folded::set(Vec::new());
	Collected::set(BTreeMap::new());
}
