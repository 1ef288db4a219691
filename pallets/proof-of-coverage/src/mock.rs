//! A runtime of this pallet alone.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use ed25519_dalek::{Signer as _, SigningKey};
use frame_support::{
	BoundedVec, construct_runtime, derive_impl,
	traits::{BuildGenesisConfig, ConstU32, Hooks},
	weights::Weight,
};
use groma_core::{
	CollectorIndex, DeviceId, NetworkId, WindowIndex,
	density::DEFAULT_LIMITS,
	payload::{self, Observation},
	place::Cell,
	region::RegionPlan,
	statement::{Reveal, Statement, StatementGroup},
	terms::{LotteryTerms, NetworkTerms, PlaceTerms, Proof, SupplyTerms},
	words::{Hash, SessionKey, Signature},
};
use groma_fakes::{alter_device, new_device, place_at, put_device, put_network};
use groma_traits::{DeviceView, Networks, OpenWork, Place, SupplyWork, Windows};
use sp_runtime::{AccountId32, traits::IdentityLookup};

use crate::{
	self as pallet_proof_of_coverage, Activities, Reasons, statements::genesis_hash, types::*,
};

pub(crate) use groma_fakes::{
	Banned, Collected, CurrentWindow, Epoch, FirstBlock, Folded, NotedUnits, START, StandsStill,
	WindowBlocks, account, alter_network, cell_at,
};

pub(crate) type Fakes = groma_fakes::Fakes<Test>;
pub(crate) type Offences = groma_fakes::Offences<AccountId32>;
pub(crate) type Payees = groma_fakes::Payees<AccountId32>;
pub(crate) type Uncovered = groma_fakes::Uncovered<AccountId32>;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Coverage: pallet_proof_of_coverage,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId32;
	type BaseCallFilter = UnlessStill;
	type Block = frame_system::mocking::MockBlock<Test>;
	type Lookup = IdentityLookup<AccountId32>;
	type Nonce = u64;
}

/// Refuses all calls while the chain stands still.
pub struct UnlessStill;

impl<Call> frame_support::traits::Contains<Call> for UnlessStill {
	fn contains(_: &Call) -> bool {
		!StandsStill::get()
	}
}

/// The first network of the mock.
pub(crate) const NETWORK: NetworkId = 0;
/// A second one, to be mistaken for the first.
pub(crate) const OTHER_NETWORK: NetworkId = 1;
/// One that proves something else than coverage, and draws its devices as coverage does.
pub(crate) const UNPROVEN_NETWORK: NetworkId = 2;
/// Windows from a location's effect to eligibility.
pub(crate) const MATURITY: WindowIndex = 10;
/// Windows of the ramp after that.
pub(crate) const RAMP: WindowIndex = 20;
/// Expected windows between two challenges: every device is challenged in every window.
pub(crate) const EVERY_WINDOW: u32 = 1;
/// Windows of reciprocity.
pub(crate) const SPAN: WindowIndex = 8 * EVERY_WINDOW;

impl pallet_proof_of_coverage::Config for Test {
	type GovernanceOrigin = frame_system::EnsureRoot<AccountId32>;
	type Windows = Fakes;
	type Standstill = Fakes;
	type Networks = Fakes;
	type Devices = Fakes;
	type Provisions = Fakes;
	type Offences = Fakes;
	type Rewards = Fakes;
	type Collectors = Fakes;
	type MaxGroupsPerBundle = ConstU32<8>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

/// The terms of the mock's networks.
fn terms() -> NetworkTerms {
	NetworkTerms {
		place: place_terms(DEFAULT_LIMITS),
		lottery: LotteryTerms { interval_windows: EVERY_WINDOW, ..Default::default() },
		supply: SupplyTerms { ramp_windows: RAMP, ..Default::default() },
		..Default::default()
	}
}

fn place_terms(density_limits: [u32; 5]) -> PlaceTerms {
	PlaceTerms::Fixed { maturity_windows: MATURITY, density_limits }
}

/// The density limits of [`NETWORK`].
pub(crate) fn density_limits() -> [u32; 5] {
	Fakes::terms(NETWORK).expect("the network is there").place.density_limits()
}

pub(crate) fn set_density_limits(limits: [u32; 5]) {
	alter_network(NETWORK, |network| network.terms.place = place_terms(limits));
}

/// Who brings bundles in most tests.
pub(crate) fn collector() -> AccountId32 {
	account(200)
}

/// The collector that honest statements name.
pub(crate) const NAMED: CollectorIndex = 7;

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

/// The session key of a device.
pub(crate) fn session_key_of(device: DeviceId) -> SessionKey {
	SessionKey(key_of(device).verifying_key().to_bytes())
}

fn view_of(device: DeviceId) -> DeviceView<AccountId32> {
	let place = Some(place_at(cell_of(device)));
	DeviceView { place, ..new_device(owner_of(device), session_key_of(device)) }
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
	alter_device(device, window, change);
}

/// Moves a device to another cell.
pub(crate) fn relocate(device: DeviceId, cell: Cell) {
	alter(device, |view| {
		view.place = view.place.map(|place| Place { region: place.region, ..place_at(cell) });
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
		reasons: Reasons::<Test>::get(device).unwrap_or_default(),
	}
}

/// Lets a device pass for one that was recently heard and a witness.
pub(crate) fn make_reciprocal(device: DeviceId) {
	Activities::<Test>::mutate(device, |activity| {
		activity.was_heard(START);
		activity.was_witness(START);
	});
}

/// Lets a device pass for one that was heard recently, and nothing else.
pub(crate) fn make_heard(device: DeviceId) {
	Activities::<Test>::mutate(device, |activity| activity.was_heard(START));
}

/// Counts a device in density where it is said to stand.
pub(crate) fn count(device: DeviceId, cell: Cell) -> bool {
	let place = Counted { network: NETWORK, cell };
	let mut is_counted = false;
	Activities::<Test>::mutate(device, |activity| {
		is_counted = crate::density::count::<Test>(&mut activity.counted, place, &density_limits());
	});
	is_counted
}

/// The units of a device that are not folded.
pub(crate) fn units(device: DeviceId) -> u64 {
	activity(device).open_work.map_or(0, |work| work.units().0)
}

/// The seed of a window.
pub(crate) fn seed_of(window: WindowIndex) -> Hash {
	Fakes::window(window).expect("the window is remembered").seed
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
		collector: NAMED,
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
	Fakes::tick();
}

/// Runs blocks until a window begins.
pub(crate) fn go_to(window: WindowIndex) {
	while Fakes::current() < window {
		next_block();
	}
}

/// A chain with some devices, at the beginning of window [`START`]: all places are mature and past
/// the ramp.
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
		let coverage = crate::GenesisConfig {
			region_plans: [NETWORK, OTHER_NETWORK]
				.map(|network| (network, vec![RegionPlan::eu868()]))
				.into(),
			..Default::default()
		};
		let config = RuntimeGenesisConfig { coverage, ..Default::default() };
		let mut ext = sp_io::TestExternalities::default();
		ext.execute_with(|| {
			put_network(NETWORK, terms());
			put_network(OTHER_NETWORK, terms());
			put_network(UNPROVEN_NETWORK, NetworkTerms { proof: Proof::Unproven, ..terms() });
			config.build();
			for device in 0..self.devices {
				put_device(device, view_of(device));
			}
			System::set_block_number(1);
			Epoch::set(&7);
			CurrentWindow::set(&(START - 1));
			crate::PruneCursor::<Test>::put(START - 1);
			go_to(START);
		});
		ext
	}

	/// The chain with a keystore. A benchmark goes back to what is committed after each run.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn build_for_benchmarks(self) -> sp_io::TestExternalities {
		let mut ext = self.build();
		let keystore = sp_keystore::testing::MemoryKeystore::new();
		ext.register_extension(sp_keystore::KeystoreExt::new(keystore));
		ext.commit_all().expect("the state is committed");
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
