//! A runtime of nothing but networks.

use alloc::{vec, vec::Vec};

use frame_support::{
	BoundedVec, construct_runtime, derive_impl,
	traits::{ConstU32, Hooks},
};
use frame_system::EnsureRoot;
use groma_core::{
	protocol::DEVICE_THAW_WINDOWS,
	terms::{LotteryTerms, NetworkTerms, SupplyTerms},
	units::Scale,
};
use groma_fakes::Fakes;
use sp_runtime::BuildStorage;

use crate::{self as pallet_networks, GenesisNetwork, NetworkName};

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Networks: pallet_networks,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

impl pallet_networks::Config for Test {
	type GovernanceOrigin = EnsureRoot<u64>;
	type Time = Fakes<Test>;
	type Windows = Fakes<Test>;
	type Standstill = Fakes<Test>;
	type RaiseWindows = ConstU32<DEVICE_THAW_WINDOWS>;
	type WeightInfo = ();
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
