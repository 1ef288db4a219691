//! A mock runtime whose authorizations hold for ten blocks.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use frame_support::{
	construct_runtime, derive_impl,
	traits::{ConstU64, Hooks},
};
use frame_system::EnsureRoot;
use sp_io::TestExternalities;
use sp_version::RuntimeVersion;

use crate as pallet_upgrades;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Upgrades: pallet_upgrades,
	}
);

frame_support::parameter_types! {
	pub Version: RuntimeVersion = RuntimeVersion {
		spec_name: "test".into(),
		impl_name: "test".into(),
		spec_version: 1,
		..Default::default()
	};
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type Version = Version;
}

/// Blocks for which an authorization holds.
pub(crate) const AUTHORIZED_BLOCKS: u64 = 10;

impl pallet_upgrades::Config for Test {
	type UpgradeOrigin = EnsureRoot<u64>;
	type AuthorizedBlocks = ConstU64<AUTHORIZED_BLOCKS>;
	type WeightInfo = ();
}

pub(crate) fn new_chain() -> TestExternalities {
	let mut chain = TestExternalities::default();
	chain.execute_with(|| System::set_block_number(1));
	chain
}

/// Runs a scenario, and checks every invariant at its end.
pub(crate) fn run(scenario: impl FnOnce()) {
	new_chain().execute_with(|| {
		scenario();
		assert_eq!(Upgrades::do_try_state(), Ok(()));
	});
}

/// Begins blocks up to this one.
pub(crate) fn run_to(block: u64) {
	while System::block_number() < block {
		System::set_block_number(System::block_number() + 1);
		Upgrades::on_initialize(System::block_number());
	}
}
