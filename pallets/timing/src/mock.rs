//! A runtime of nothing but its durations, and one first parameter.

use frame_support::{construct_runtime, derive_impl, parameter_types, traits::BuildGenesisConfig};
use serde::{Deserialize, Serialize};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

use crate as pallet_timing;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timing: pallet_timing,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

impl pallet_timing::Config for Test {
	type FirstParameters = FirstParameters;
}

parameter_types! {
	/// A governed parameter.
	pub storage Blocks: u32 = 50;
}

/// The first value of [`Blocks`].
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstParameters {
	pub(crate) blocks: u32,
}

impl BuildGenesisConfig for FirstParameters {
	fn build(&self) {
		Blocks::set(&self.blocks);
	}
}

pub(crate) type Timings = pallet_timing::GenesisConfig<Test>;

/// Founds a chain with these durations.
pub(crate) fn found(timing: Timings) -> TestExternalities {
	let config = RuntimeGenesisConfig { timing, ..Default::default() };
	config.build_storage().expect("the genesis is serializable").into()
}

/// Runs a test on a chain with these durations, and checks the state after it.
pub(crate) fn execute(timing: Timings, test: impl FnOnce()) {
	found(timing).execute_with(|| {
		test();
		Timing::do_try_state().expect("the invariants hold");
	});
}
