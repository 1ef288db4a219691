//! A runtime with balances and this pallet.

use frame_support::{
	construct_runtime, derive_impl,
	traits::{ConstU128, Time},
};
use groma_core::{
	DeviceId, EpochIndex, NetworkId, emission,
	lot::Lot,
	money::{Balance, DemandShares, GRM, MILLI_GRM},
	terms::{NetworkTerms, SupplyTerms},
	units::{ONE, Scale, Units},
	words::SessionKey,
};
use groma_fakes::{Epoch, NowMs, new_device, present_view, put_device, put_network};
use groma_traits::{ClosedEpoch, Demand, OnEpochClosed, OpenWork, Payment, Pools, SupplyRewards};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

use crate::{self as pallet_rewards, Pallet};

pub(crate) use groma_core::emission::DAY_MS;
pub(crate) use groma_fakes::{
	BurnedLots, EpochMean, FIRST_EPOCH, FirstOpenEpoch, Forgone, HOUR_MS, Minted, Reminted,
	START_MS, Works, alter_network, pot,
};

pub(crate) type AccountId = u64;
pub(crate) type Rewards = Pallet<Test>;
pub(crate) type DeviceViews = groma_fakes::DeviceViews<AccountId>;
type Fakes = groma_fakes::Fakes<Test, Balances>;

pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;
pub(crate) const GENESIS: Balance = 1_000 * GRM;
pub(crate) const LORAWAN: NetworkId = 0;
pub(crate) const OTHER: NetworkId = 3;
/// The supply pool's share of the emission.
pub(crate) const SUPPLY_SHARE: Scale = Scale::from_percent(50);
/// The plancks that a device can earn per epoch.
pub(crate) const DEVICE_CAP: Balance = 150 * MILLI_GRM;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		RewardsPallet: pallet_rewards,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

impl pallet_rewards::Config for Test {
	type Emission = Fakes;
	type Windows = Fakes;
	type Devices = Fakes;
	type Networks = Fakes;
	type SupplyWork = Fakes;
	type Prices = Fakes;
	type Credits = Fakes;
	type DemandShares = Shares;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

frame_support::parameter_types! {
	/// What is kept for supply rewards of what the schedule emits.
	pub storage SupplyShare: Scale = SUPPLY_SHARE;
	/// What owners of devices and validators get of what was burned for a service.
	pub storage Shares: DemandShares = DemandShares::default();
}

/// What the schedule emits in an epoch, which is a day by timestamp.
pub(crate) fn emitted(epoch: EpochIndex) -> Balance {
	let elapsed = |epoch: EpochIndex| (u64::from(epoch) * DAY_MS).saturating_sub(START_MS);
	emission::between(elapsed(epoch), elapsed(epoch + 1))
}

/// Closes the open epoch, if the parent block left it. As on the real chain, that is seen a block
/// later.
fn tick() {
	let (epoch, parent) = (FirstOpenEpoch::get(), now_ms() / DAY_MS);
	if parent <= u64::from(epoch) {
		return;
	}
	let closed = ClosedEpoch {
		epoch,
		began_ms: u64::from(epoch) * DAY_MS,
		chain_began_ms: START_MS,
		pools: Pools { supply: SupplyShare::get().of(emitted(epoch)), ..Pools::default() },
		for_validators: 0,
	};
	Rewards::on_epoch_closed(&closed);
	FirstOpenEpoch::set(&(parent as EpochIndex));
}

/// Changes what one unit earns at most, in plancks.
pub(crate) fn set_unit_cap(cap: Balance) {
	for network in [LORAWAN, OTHER] {
		alter_network(network, |network| network.terms.supply.unit_cap = cap);
	}
}

/// Changes the share of [`OTHER`] in the supply pool.
pub(crate) fn set_other_weight(percent: u32) {
	alter_network(OTHER, |network| network.terms.supply.weight = Scale::from_percent(percent));
}

pub(crate) fn set_owner(device: DeviceId, owner: AccountId) {
	put_device(device, new_device(owner, SessionKey([0; 32])));
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
		Rewards::begin(device, network, &present_view(device).owner);
		OpenWork::new(epoch, Units::ZERO)
	});
	work.add(units);
	Works::insert(device, work);
}

/// The device earns whole units for [`LORAWAN`].
pub(crate) fn earn(device: DeviceId, units: u64) {
	earn_in(LORAWAN, device, Units(units * ONE));
}

/// A customer pays the device for units of [`LORAWAN`] with credits for which so much was burned.
pub(crate) fn sell(device: DeviceId, credits: u64, basis: Balance, units: u64) -> Payment {
	let owner = present_view(device).owner;
	let lot = Lot::new(credits, basis);
	<Rewards as Demand<AccountId>>::pay(device, LORAWAN, &owner, lot, units).unwrap_or_else(|lot| {
		lot.spend();
		panic!("the chain cannot pay")
	})
}

/// The timestamp of the present block.
pub(crate) fn now_ms() -> u64 {
	Fakes::now()
}

/// Makes the next block with this timestamp.
pub(crate) fn block_at(now_ms: u64) {
	System::set_block_number(System::block_number() + 1);
	tick();
	NowMs::set(&Some(now_ms));
	Epoch::set(&((now_ms / DAY_MS) as EpochIndex));
}

/// Makes a block `hours` after the last one, and the one after it, which closes what is over.
pub(crate) fn pass_hours(hours: u64) {
	let now_ms = now_ms() + hours * HOUR_MS;
	block_at(now_ms);
	block_at(now_ms + 6_000);
}

pub(crate) fn balance(account: AccountId) -> Balance {
	Balances::free_balance(account)
}

pub(crate) struct ExtBuilder;

impl ExtBuilder {
	pub(crate) fn build(self) -> TestExternalities {
		let mut balances: Vec<_> = (10..18).chain([1]).map(|account| (account, GENESIS)).collect();
		balances.push((pot(), EXISTENTIAL_DEPOSIT));
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			..Default::default()
		}
		.build_storage()
		.expect("the genesis is valid");
		let mut externalities = TestExternalities::new(storage);
		externalities.execute_with(|| {
			System::set_block_number(1);
			put_network(LORAWAN, NetworkTerms::default());
			let supply = SupplyTerms { weight: Scale::ZERO, ..Default::default() };
			put_network(OTHER, NetworkTerms { supply, ..Default::default() });
			(0..8).for_each(|device| set_owner(device, 10 + AccountId::from(device)));
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

/// Every invariant; and, as no one sends gifts here, the pot holds exactly what is owed and its
/// deposit.
pub(crate) fn check() {
	Rewards::do_try_state().expect("the invariants hold");
	let owed = Rewards::owed();
	assert_eq!(balance(pot()), EXISTENTIAL_DEPOSIT + owed, "the pot is not what it owes");
	let issued = Balances::total_issuance() - 9 * GENESIS - EXISTENTIAL_DEPOSIT;
	assert_eq!(issued, Minted::get() + Reminted::get(), "issuance is not what was minted");
}
