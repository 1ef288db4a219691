//! A runtime with balances, timestamps and this pallet; devices, networks and coverage are fakes whose
//! state lies in storage, so that a failed call rolls them back too.

use frame_support::{
	PalletId, Twox64Concat, derive_impl, parameter_types, storage_alias,
	traits::{ConstU64, ConstU128, Hooks},
	weights::Weight,
};
use groma_core::{
	DeviceId, EpochIndex, NetworkId, RegionId, WindowIndex,
	money::{Balance, GRM, MILLI_GRM},
	region::RegionPlan,
	terms::{NetworkStatus, NetworkTerms},
	units::{ONE, Scale, Units},
	words::SessionKey,
};
use groma_traits::{
	CoverageRewards, CoverageWork, DeviceLookup, DeviceView, Devices, Networks, Signer, Windows,
	Work,
};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

use crate::{self as pallet_rewards, EmissionSplit, Pallet};

pub(crate) type AccountId = u64;
pub(crate) type Rewards = Pallet<Test>;

pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;
/// Some day at six in the morning.
pub(crate) const START_MS: u64 = 20_000 * DAY_MS + 6 * HOUR_MS;
pub(crate) const FIRST_EPOCH: EpochIndex = 20_000;
pub(crate) const TREASURY: AccountId = 900;
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;
pub(crate) const GENESIS: Balance = 1_000 * GRM;
pub(crate) const LORAWAN: NetworkId = 0;
pub(crate) const OTHER: NetworkId = 3;

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
	pub type Timestamp = pallet_timestamp::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(3)]
	pub type RewardsPallet = pallet_rewards::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

parameter_types! {
	pub storage EpochLengthMs: u64 = DAY_MS;
	pub storage Split: EmissionSplit = EmissionSplit::default();
	pub storage OtherWeight: Scale = Scale::ZERO;
	pub storage UnitCap: Balance = 10 * MILLI_GRM;
	/// Nine accounts begin with [`GENESIS`].
	pub const GenesisSupply: Balance = 9 * GENESIS;
	pub const RewardsPalletId: PalletId = PalletId(*b"gr/rewds");
}

impl pallet_rewards::Config for Test {
	type Currency = Balances;
	type Time = Timestamp;
	type Windows = FakeWindows;
	type Devices = FakeDevices;
	type Networks = FakeNetworks;
	type CoverageWork = FakeCoverage;
	type EpochLength = EpochLengthMs;
	type Split = Split;
	type GenesisSupply = GenesisSupply;
	type TreasuryAccount = ConstU64<TREASURY>;
	type CollectorCap = ConstU128<MILLI_GRM>;
	type PalletId = RewardsPalletId;
	type WeightInfo = ();
}

#[storage_alias]
pub(crate) type Owners = StorageMap<Fake, Twox64Concat, DeviceId, AccountId>;
#[storage_alias]
pub(crate) type Works = StorageMap<Fake, Twox64Concat, DeviceId, Work<AccountId>>;

pub struct FakeWindows;

impl Windows for FakeWindows {
	fn current() -> WindowIndex {
		100
	}

	fn of_call() -> WindowIndex {
		Self::current()
	}

	fn of_next_block() -> WindowIndex {
		Self::current()
	}

	fn window(_: WindowIndex) -> Option<groma_traits::Window> {
		None
	}

	fn blocks_left(_: WindowIndex) -> u64 {
		1
	}

	fn duration_ms() -> u64 {
		0
	}

	fn is_ripe(_: u32) -> bool {
		false
	}
}

#[derive(Default)]
pub struct FakeLookup;

impl DeviceLookup<AccountId> for FakeLookup {
	fn at(&mut self, device: DeviceId, _: WindowIndex) -> Option<DeviceView<AccountId>> {
		Some(DeviceView {
			network: LORAWAN,
			owner: Owners::get(device)?,
			session_key: SessionKey([0; 32]),
			class: Default::default(),
			is_active: true,
			slot: 0,
			place: None,
		})
	}
}

pub struct FakeDevices;

impl Devices<AccountId> for FakeDevices {
	type Lookup = FakeLookup;

	fn signer(_: DeviceId, _: WindowIndex) -> Option<Signer<AccountId>> {
		None
	}

	fn ban(_: DeviceId, _: WindowIndex) -> bool {
		false
	}

	fn ban_weight() -> Weight {
		Weight::zero()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn populate(
		_: AccountId,
		_: NetworkId,
		_: SessionKey,
		_: groma_core::place::Cell,
		_: RegionId,
	) -> DeviceId {
		0
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn fill_page(_: DeviceId) {}
}

pub struct FakeNetworks;

impl Networks for FakeNetworks {
	fn terms(network: NetworkId) -> Option<NetworkTerms> {
		let mut terms = NetworkTerms::default();
		if network != LORAWAN {
			terms.supply.weight = OtherWeight::get();
		}
		terms.supply.unit_cap = UnitCap::get();
		Some(terms)
	}

	fn region_plan(_: NetworkId, _: RegionId) -> Option<RegionPlan> {
		None
	}

	fn status(_: NetworkId) -> Option<NetworkStatus> {
		Some(NetworkStatus::Open)
	}

	fn founded_ms(_: NetworkId) -> Option<u64> {
		Some(0)
	}

	fn ids() -> Vec<NetworkId> {
		vec![LORAWAN, OTHER]
	}
}

/// Coverage reduced to its bookkeeping of work.
pub struct FakeCoverage;

impl CoverageWork<AccountId> for FakeCoverage {
	fn peek(device: DeviceId) -> Option<Work<AccountId>> {
		Works::get(device)
	}

	fn take_before(device: DeviceId, current: EpochIndex) -> Option<Work<AccountId>> {
		Works::mutate_exists(device, |work| work.take_if(|work| work.epoch < current))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn populate(device: DeviceId, work: Work<AccountId>) {
		Works::insert(device, work);
	}
}

/// The plancks that a device can earn per epoch.
pub(crate) const DEVICE_CAP: Balance = 150 * MILLI_GRM;

pub(crate) fn set_owner(device: DeviceId, owner: AccountId) {
	Owners::insert(device, owner);
}

/// The device earns units in the present block, as coverage reports them.
pub(crate) fn earn_in(network: NetworkId, device: DeviceId, units: Units) {
	let epoch = <Rewards as CoverageRewards<AccountId>>::epoch().expect("the clock runs");
	if let Some(work) = FakeCoverage::take_before(device, epoch) {
		Rewards::fold(device, work);
	}
	Rewards::note_units(network, units);
	let payee = Owners::get(device).expect("the device has an owner");
	let mut work = Works::get(device).unwrap_or(Work { payee, network, epoch, units: Units::ZERO });
	work.units = work.units.saturating_add(units);
	Works::insert(device, work);
}

/// The device earns whole units for [`LORAWAN`].
pub(crate) fn earn(device: DeviceId, units: u64) {
	earn_in(LORAWAN, device, Units(units * ONE));
}

/// Makes the next block with this timestamp.
pub(crate) fn block_at(now_ms: u64) -> Weight {
	System::set_block_number(System::block_number() + 1);
	let weight = Rewards::on_initialize(System::block_number());
	Timestamp::set_timestamp(now_ms);
	weight
}

/// Makes a block `hours` after the last one, and the one after it, which closes what is over.
pub(crate) fn pass_hours(hours: u64) {
	let now_ms = Timestamp::get() + hours * HOUR_MS;
	block_at(now_ms);
	block_at(now_ms + 6_000);
}

pub(crate) fn balance(account: AccountId) -> Balance {
	Balances::free_balance(account)
}

pub(crate) struct ExtBuilder {
	owners: Vec<(DeviceId, AccountId)>,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { owners: (0..8).map(|device| (device, 10 + AccountId::from(device))).collect() }
	}
}

impl ExtBuilder {
	pub(crate) fn build(self) -> TestExternalities {
		let balances: Vec<_> = (10..18).chain([1]).map(|account| (account, GENESIS)).collect();
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			..Default::default()
		}
		.build_storage()
		.expect("the genesis is valid");
		let mut externalities = TestExternalities::new(storage);
		externalities.execute_with(|| {
			System::set_block_number(1);
			self.owners.into_iter().for_each(|(device, owner)| set_owner(device, owner));
		});
		externalities
	}

	/// Runs a test that starts in the first block with a timestamp, and checks the state after it.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			block_at(START_MS);
			test();
			check();
		});
	}
}

/// Every invariant; and, as nobody sends gifts here, the pot holds exactly what it owes.
pub(crate) fn check() {
	Rewards::do_try_state().expect("the invariants hold");
	assert_eq!(balance(Rewards::pot()), Rewards::liabilities(), "the pot is not what it owes");
	let issued = Balances::total_issuance() - GenesisSupply::get();
	assert_eq!(issued, pallet_rewards::Minted::<Test>::get(), "issuance is not what was minted");
}
