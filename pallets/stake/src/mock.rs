//! A runtime with balances and this pallet.

use frame_support::{
	construct_runtime, derive_impl, parameter_types,
	traits::{ConstU32, ConstU128, Hooks, Imbalance, OnUnbalanced, fungible::Credit},
};
use groma_core::{
	NetworkId,
	money::{Balance, GRM, MILLI_GRM},
	protocol::DEVICE_THAW_WINDOWS,
	terms::NetworkTerms,
	units::Scale,
};
use groma_fakes::put_network;
use groma_traits::Emission;
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchResult};

use crate::{self as pallet_stake, Pallet, Provision, Purpose};

pub(crate) use groma_fakes::{Burned, CurrentWindow, START, alter_network};

pub(crate) type AccountId = u64;
pub(crate) type Stake = Pallet<Test>;
type Fakes = groma_fakes::Fakes<Test, Balances>;

pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;
/// What each of the accounts from 10 to 17 begins with.
pub(crate) const GENESIS: Balance = 1_000 * GRM;
/// What a device asks for in each of the networks.
pub(crate) const PER_DEVICE: Balance = 50 * GRM;

/// Two networks.
pub(crate) const LORAWAN: NetworkId = 0;
pub(crate) const SENSORS: NetworkId = 1;
/// There is no such network.
pub(crate) const GONE: NetworkId = 9;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		StakePallet: pallet_stake,
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
	type RuntimeHoldReason = RuntimeHoldReason;
}

/// Burns what it is given, and has the books count it.
pub struct Burn;

impl OnUnbalanced<Credit<AccountId, Balances>> for Burn {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		<Fakes as Emission<AccountId>>::note_burned(credit.peek());
	}
}

parameter_types! {
	pub const ReporterShare: Scale = Scale::from_percent(5);
}

impl pallet_stake::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Burn = Burn;
	type Windows = Fakes;
	type Networks = Fakes;
	type ThawWindows = ConstU32<DEVICE_THAW_WINDOWS>;
	type ProvisionMin = ConstU128<GRM>;
	type ReporterShare = ReporterShare;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

pub(crate) fn provision(owner: AccountId, network: NetworkId, amount: Balance) -> DispatchResult {
	Stake::provision(RuntimeOrigin::signed(owner), Purpose::Devices(network), amount)
}

pub(crate) fn thaw(owner: AccountId, network: NetworkId, amount: Balance) -> DispatchResult {
	Stake::thaw(RuntimeOrigin::signed(owner), Purpose::Devices(network), amount)
}

pub(crate) fn withdraw(owner: AccountId, network: NetworkId) -> DispatchResult {
	Stake::withdraw(RuntimeOrigin::signed(owner), Purpose::Devices(network))
}

/// What an account provisioned.
pub(crate) fn provision_of(owner: AccountId, network: NetworkId) -> Provision {
	Stake::provision_of(&owner, network).expect("it decodes")
}

/// Active and thawing plancks of an account.
pub(crate) fn stake_of(owner: AccountId, network: NetworkId) -> (Balance, Balance) {
	let provision = provision_of(owner, network);
	(provision.active, provision.thawing_sum())
}

/// Lets windows pass.
pub(crate) fn pass(windows: u32) {
	CurrentWindow::set(&(CurrentWindow::get() + windows));
}

#[derive(Default)]
pub(crate) struct ExtBuilder {
	provisions: Vec<(AccountId, NetworkId, Balance)>,
}

impl ExtBuilder {
	/// What accounts provisioned at genesis.
	pub(crate) fn provisions(mut self, provisions: &[(AccountId, NetworkId, Balance)]) -> Self {
		self.provisions = provisions.to_vec();
		self
	}

	pub(crate) fn build(self) -> TestExternalities {
		let balances = (10..18).map(|account| (account, GENESIS)).collect();
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			stake_pallet: pallet_stake::GenesisConfig { provisions: self.provisions },
			..Default::default()
		}
		.build_storage()
		.expect("the genesis is valid");
		let mut externalities = TestExternalities::new(storage);
		externalities.execute_with(|| {
			System::set_block_number(1);
			for network in [LORAWAN, SENSORS] {
				put_network(network, NetworkTerms::default());
			}
		});
		externalities
	}

	/// Runs a test and checks the state after it.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
			<Stake as Hooks<u64>>::integrity_test();
		});
	}
}

/// Every invariant, and that all that was burned was counted.
pub(crate) fn check() {
	Stake::do_try_state().expect("the invariants hold");
	assert_eq!(Balances::total_issuance() + Burned::get(), 8 * GENESIS, "a burn is not counted");
}
