//! A runtime of nothing but networks.

use alloc::{vec, vec::Vec};

use frame_support::{
	BoundedVec, construct_runtime, derive_impl,
	traits::{ConstU32, ConstU128, Hooks},
};
use frame_system::EnsureRoot;
use groma_core::{
	money::{Balance, GRM},
	protocol::DEVICE_THAW_WINDOWS,
	terms::{LotteryTerms, NetworkTerms, PlaceTerms, Proof, SupplyTerms},
	units::Scale,
};
use groma_fakes::Fakes;
use sp_runtime::BuildStorage;

use crate::{self as pallet_networks, GenesisNetwork, NetworkName};

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Networks: pallet_networks,
		Balances: pallet_balances,
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
	type AccountStore = System;
	type ExistentialDeposit = ConstU128<1>;
	type RuntimeHoldReason = RuntimeHoldReason;
}

/// What is held from a founder.
pub(crate) const DEPOSIT: Balance = 1_000 * GRM;
/// What accounts 1 and 2 begin with.
pub(crate) const FUNDS: Balance = 2_500 * GRM;

impl pallet_networks::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type GovernanceOrigin = EnsureRoot<u64>;
	type Devices = Fakes<Test>;
	type FoundingDeposit = ConstU128<DEPOSIT>;
	type Time = Fakes<Test>;
	type Windows = Fakes<Test>;
	type Epochs = Fakes<Test>;
	type Standstill = Fakes<Test>;
	type RaiseWindows = ConstU32<DEVICE_THAW_WINDOWS>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Clock;
	type WeightInfo = ();
}

/// Lets time pass for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct Clock;

#[cfg(feature = "runtime-benchmarks")]
impl groma_traits::EmissionBenchmarkHelper for Clock {
	fn pass_to(epoch: groma_core::EpochIndex) {
		groma_fakes::NowMs::set(&Some(u64::from(epoch) * groma_core::emission::DAY_MS));
	}
}

/// Builds a chain; without any call it has the network `lorawan` with half of all weight.
pub(crate) struct ExtBuilder {
	networks: Vec<GenesisNetwork>,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { networks: vec![genesis_network("lorawan")] }
	}
}

impl ExtBuilder {
	pub(crate) fn networks(mut self, networks: Vec<GenesisNetwork>) -> Self {
		self.networks = networks;
		self
	}

	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let config = RuntimeGenesisConfig {
			networks: pallet_networks::GenesisConfig {
				networks: self.networks,
				..Default::default()
			},
			balances: pallet_balances::GenesisConfig {
				balances: vec![(1, FUNDS), (2, FUNDS)],
				..Default::default()
			},
			..Default::default()
		};
		let storage = config.build_storage().expect("the genesis is sound");
		let mut externalities = sp_io::TestExternalities::new(storage);
		// No events are kept in block 0.
		externalities.execute_with(|| System::set_block_number(1));
		externalities
	}

	/// Runs a test, then every invariant.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Networks::do_try_state().expect("the invariants hold");
			<Networks as Hooks<u64>>::integrity_test();
		});
	}
}

pub(crate) fn genesis_network(name: &str) -> GenesisNetwork {
	GenesisNetwork { name: name.into(), terms: terms_of_weight(50) }
}

pub(crate) fn terms_of_weight(percent: u32) -> NetworkTerms {
	let share = Scale::from_percent(percent);
	NetworkTerms {
		lottery: LotteryTerms { lane_share: share, ..Default::default() },
		supply: SupplyTerms { weight: share, ..Default::default() },
		..Default::default()
	}
}

pub(crate) fn name(text: &str) -> NetworkName {
	BoundedVec::truncate_from(text.as_bytes().to_vec())
}

/// Terms of a network that anyone may found.
pub(crate) fn market_terms() -> NetworkTerms {
	let mut terms =
		NetworkTerms { place: PlaceTerms::Anywhere, proof: Proof::Unproven, ..Default::default() };
	terms.lottery.lane_share = Scale::ZERO;
	terms.supply.weight = Scale::ZERO;
	terms
}
