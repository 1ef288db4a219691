//! A runtime of nothing but networks.

use alloc::{vec, vec::Vec};

use frame_support::{
	BoundedVec, derive_impl,
	traits::{Hooks, Time},
};
use frame_system::EnsureRoot;
use groma_core::{terms::NetworkTerms, units::Scale};
use sp_runtime::BuildStorage;

use crate::{GenesisNetwork, NetworkName};

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Networks = crate::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

frame_support::parameter_types! {
	/// What the clock shows, in ms.
	pub static NowMs: u64 = 0;
}

pub struct MockTime;

impl Time for MockTime {
	type Moment = u64;

	fn now() -> u64 {
		NowMs::get()
	}
}

impl crate::Config for Test {
	type GovernanceOrigin = EnsureRoot<u64>;
	type Time = MockTime;
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
			networks: crate::GenesisConfig { networks: self.networks, ..Default::default() },
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
	let mut terms = NetworkTerms::default();
	terms.lottery.lane_share = share;
	terms.supply.weight = share;
	terms
}

pub(crate) fn name(text: &str) -> NetworkName {
	BoundedVec::truncate_from(text.as_bytes().to_vec())
}
