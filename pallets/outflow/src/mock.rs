//! A pot of a mock runtime, with days of ten blocks.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use frame_support::{construct_runtime, derive_impl, parameter_types, traits::Hooks};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

use crate as pallet_outflow;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Outflow: pallet_outflow,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

/// The pot.
pub(crate) const POT: u64 = 1;
/// Where it pays.
pub(crate) const ELSEWHERE: u64 = 2;
/// Blocks of a day.
pub(crate) const DAY_BLOCKS: u64 = 10;

parameter_types! {
	pub const Pot: u64 = POT;
	pub const DayBlocks: u64 = DAY_BLOCKS;
}

impl pallet_outflow::Config for Test {
	type Currency = Balances;
	type Pot = Pot;
	type DayBlocks = DayBlocks;
	type WeightInfo = ();
}

/// A chain whose pot holds `held`.
pub(crate) fn new_chain(held: u64) -> TestExternalities {
	let mut genesis =
		RuntimeGenesisConfig::default().build_storage().expect("the genesis is valid");
	pallet_balances::GenesisConfig::<Test> {
		// An account that holds nothing is none.
		balances: [(POT, held), (ELSEWHERE, 1_000_000)]
			.into_iter()
			.filter(|(_, amount)| *amount > 0)
			.collect(),
		..Default::default()
	}
	.assimilate_storage(&mut genesis)
	.expect("the genesis is valid");
	let mut chain = TestExternalities::new(genesis);
	chain.execute_with(|| System::set_block_number(1));
	chain
}

/// Runs a scenario, and checks every invariant at its end.
pub(crate) fn run(held: u64, scenario: impl FnOnce()) {
	new_chain(held).execute_with(|| {
		scenario();
		assert_eq!(Outflow::do_try_state(), Ok(()));
	});
}

/// Passes days.
pub(crate) fn pass_days(days: u64) {
	let until = (System::block_number() / DAY_BLOCKS + days) * DAY_BLOCKS;
	while System::block_number() < until {
		System::set_block_number(System::block_number() + 1);
		Outflow::on_initialize(System::block_number());
	}
}
