//! A runtime with balances, timestamps and this pallet; emission, devices, networks and the kind of
//! proof are fakes whose state lies in storage, so that a failed call rolls them back too.

use frame_support::{
	Twox64Concat, derive_impl, parameter_types, storage_alias,
	traits::{
		ConstU128,
		fungible::Mutate,
		tokens::{Fortitude, Precision, Preservation},
	},
	weights::Weight,
};
use groma_core::{
	DeviceId, EpochIndex, NetworkId, RegionId, WindowIndex, emission,
	money::{Balance, GRM, MILLI_GRM},
	terms::{NetworkStatus, NetworkTerms},
	units::{ONE, Scale, Units},
	words::SessionKey,
};
use groma_traits::{
	ClosedEpoch, DeviceLookup, DeviceView, Devices, Emission, Networks, OnEpochClosed, OpenWork,
	Pools, Signer, SupplyRewards, SupplyWork, Windows,
};
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchResult};

use crate::{self as pallet_rewards, Pallet};

pub(crate) type AccountId = u64;
pub(crate) type Rewards = Pallet<Test>;

pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;
/// Some day at six in the morning.
pub(crate) const START_MS: u64 = 20_000 * DAY_MS + 6 * HOUR_MS;
pub(crate) const FIRST_EPOCH: EpochIndex = 20_000;
/// Holds what is owed, and a deposit.
pub(crate) const POT: AccountId = 901;
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
	pub storage OtherWeight: Scale = Scale::ZERO;
	/// When [`OTHER`] was created.
	pub storage OtherFoundedMs: u64 = 0;
	pub storage UnitCap: Balance = 10 * MILLI_GRM;
	/// What is kept for supply rewards of what the schedule emits.
	pub storage SupplyShare: Scale = SUPPLY_SHARE;
	/// The books of the fake emission.
	pub storage FirstOpen: EpochIndex = FIRST_EPOCH;
	pub storage Minted: Balance = 0;
	pub storage Forgone: Balance = 0;
}

impl pallet_rewards::Config for Test {
	type Emission = FakeEmission;
	type Windows = FakeWindows;
	type Devices = FakeDevices;
	type Networks = FakeNetworks;
	type SupplyWork = FakeWork;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = FakeWorld;
	type WeightInfo = ();
}

/// The supply pool's share of the emission.
pub(crate) const SUPPLY_SHARE: Scale = Scale::from_percent(50);

/// Epochs are days by timestamp. What they emit is minted into [`POT`].
pub struct FakeEmission;

impl FakeEmission {
	/// What the schedule emits in an epoch.
	pub(crate) fn emitted(epoch: EpochIndex) -> Balance {
		let elapsed = |epoch: EpochIndex| (u64::from(epoch) * DAY_MS).saturating_sub(START_MS);
		emission::between(elapsed(epoch), elapsed(epoch + 1))
	}

	/// Closes the open epoch, if the parent block left it. As on the real chain, that is seen a
	/// block later.
	fn tick() {
		let (epoch, parent) = (FirstOpen::get(), Timestamp::get() / DAY_MS);
		if parent <= u64::from(epoch) {
			return;
		}
		let emitted = Self::emitted(epoch);
		let closed = ClosedEpoch {
			epoch,
			began_ms: u64::from(epoch) * DAY_MS,
			chain_began_ms: START_MS,
			pools: Pools { supply: SupplyShare::get().of(emitted), ..Pools::default() },
		};
		Rewards::on_epoch_closed(&closed);
		FirstOpen::set(&(parent as EpochIndex));
	}
}

impl Emission<AccountId> for FakeEmission {
	fn present_epoch() -> Option<EpochIndex> {
		let now_ms = Timestamp::get();
		(now_ms > 0).then_some((now_ms / DAY_MS) as EpochIndex)
	}

	fn first_open_epoch() -> Option<EpochIndex> {
		Some(FirstOpen::get())
	}

	fn mint(amount: Balance) -> Balance {
		Balances::mint_into(&POT, amount).expect("the pot exists");
		Minted::set(&(Minted::get() + amount));
		amount
	}

	fn unmint(amount: Balance) {
		let (exact, polite) = (Precision::Exact, Fortitude::Polite);
		Balances::burn_from(&POT, amount, Preservation::Preserve, exact, polite)
			.expect("the pot holds all that was minted into it");
		Minted::set(&(Minted::get() - amount));
		Forgone::set(&(Forgone::get() + amount));
	}

	fn pay(to: &AccountId, amount: Balance) -> DispatchResult {
		<Balances as Mutate<_>>::transfer(&POT, to, amount, Preservation::Preserve).map(drop)
	}
}

#[storage_alias]
pub(crate) type Owners = StorageMap<Fake, Twox64Concat, DeviceId, AccountId>;
#[storage_alias]
pub(crate) type Works = StorageMap<Fake, Twox64Concat, DeviceId, OpenWork>;

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
			since: 0,
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

	fn status(_: NetworkId) -> Option<NetworkStatus> {
		Some(NetworkStatus::Open)
	}

	fn founded_ms(network: NetworkId) -> Option<u64> {
		Some(if network == OTHER { OtherFoundedMs::get() } else { 0 })
	}

	fn ids() -> Vec<NetworkId> {
		vec![LORAWAN, OTHER]
	}
}

/// A kind of proof reduced to its bookkeeping of work.
pub struct FakeWork;

impl SupplyWork for FakeWork {
	fn peek(_: NetworkId, device: DeviceId) -> Option<OpenWork> {
		Works::get(device)
	}

	fn take_before(_: NetworkId, device: DeviceId, current: EpochIndex) -> Option<OpenWork> {
		Works::mutate_exists(device, |work| work.take_if(|work| work.epoch < current))
	}
}

/// What benchmarks need of the fakes.
#[cfg(feature = "runtime-benchmarks")]
pub struct FakeWorld;

#[cfg(feature = "runtime-benchmarks")]
impl groma_traits::EmissionBenchmarkHelper for FakeWorld {
	fn pass_to(epoch: EpochIndex) {
		FirstOpen::set(&epoch);
		Minted::set(&(1_000_000 * GRM));
		Balances::set_balance(&POT, EXISTENTIAL_DEPOSIT + 1_000_000 * GRM);
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl groma_traits::SupplyWorkBenchmarkHelper for FakeWorld {
	fn leave_work(_: NetworkId, device: DeviceId, work: OpenWork) {
		Works::insert(device, work);
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl groma_traits::DevicesBenchmarkHelper<AccountId> for FakeWorld {
	fn add_device(
		owner: AccountId,
		_: NetworkId,
		_: SessionKey,
		_: groma_core::place::Cell,
		_: RegionId,
	) -> DeviceId {
		set_owner(0, owner);
		0
	}

	/// A map without pages has nothing to fill.
	fn fill_device_page(_: DeviceId) {}
}

/// The plancks that a device can earn per epoch.
pub(crate) const DEVICE_CAP: Balance = 150 * MILLI_GRM;

pub(crate) fn set_owner(device: DeviceId, owner: AccountId) {
	Owners::insert(device, owner);
}

/// The device hands over work of epochs before the present one, as a kind of proof does.
pub(crate) fn hand_over(device: DeviceId) {
	let epoch = <Rewards as SupplyRewards<AccountId>>::epoch().expect("the clock runs");
	if let Some(work) = Works::mutate_exists(device, |work| work.take_if(|work| work.epoch < epoch))
	{
		Rewards::fold(device, work);
	}
}

/// The device earns units in the present block, as a kind of proof reports them.
pub(crate) fn earn_in(network: NetworkId, device: DeviceId, units: Units) {
	let epoch = <Rewards as SupplyRewards<AccountId>>::epoch().expect("the clock runs");
	hand_over(device);
	Rewards::note_units(network, units);
	let mut work = Works::get(device).unwrap_or_else(|| {
		let owner = Owners::get(device).expect("the device has an owner");
		Rewards::begin(device, network, &owner);
		OpenWork::new(epoch, Units::ZERO)
	});
	work.add(units);
	Works::insert(device, work);
}

/// The device earns whole units for [`LORAWAN`].
pub(crate) fn earn(device: DeviceId, units: u64) {
	earn_in(LORAWAN, device, Units(units * ONE));
}

/// Makes the next block with this timestamp.
pub(crate) fn block_at(now_ms: u64) {
	System::set_block_number(System::block_number() + 1);
	FakeEmission::tick();
	Timestamp::set_timestamp(now_ms);
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
		let mut balances: Vec<_> = (10..18).chain([1]).map(|account| (account, GENESIS)).collect();
		balances.push((POT, EXISTENTIAL_DEPOSIT));
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

/// Every invariant; and, as nobody sends gifts here, the pot holds exactly what is owed and its
/// deposit.
pub(crate) fn check() {
	Rewards::do_try_state().expect("the invariants hold");
	let owed = Rewards::owed();
	assert_eq!(balance(POT), EXISTENTIAL_DEPOSIT + owed, "the pot is not what it owes");
	let issued = Balances::total_issuance() - 9 * GENESIS - EXISTENTIAL_DEPOSIT;
	assert_eq!(issued, Minted::get(), "issuance is not what was minted");
}
