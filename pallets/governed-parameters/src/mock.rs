//! A runtime with one parameter, a number from 10 to 20.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use frame_support::{
	construct_runtime, derive_impl,
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::Contains,
};
use frame_system::EnsureRoot;
use sp_io::TestExternalities;

use crate as pallet_governed_parameters;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Parameters: pallet_parameters,
		GovernedParameters: pallet_governed_parameters,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

/// What holds until a parameter is set.
pub(crate) const DEFAULT: u32 = 15;

#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Test>)]
pub mod dynamic_params {
	use super::*;

	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod numbers {
		#[codec(index = 0)]
		pub static Number: u32 = DEFAULT;
	}
}

pub(crate) use dynamic_params::numbers::Number;

/// A parameter set to a number, or to nothing.
pub(crate) fn number(value: Option<u32>) -> RuntimeParameters {
	RuntimeParameters::Numbers(dynamic_params::numbers::Parameters::Number(Number, value))
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
	fn default() -> Self {
		number(Some(10))
	}
}

impl pallet_parameters::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = pallet_governed_parameters::EnsureChecked;
	type WeightInfo = ();
}

/// From 10 to 20.
pub struct Tens;

impl Contains<RuntimeParameters> for Tens {
	fn contains(parameter: &RuntimeParameters) -> bool {
		let RuntimeParameters::Numbers(dynamic_params::numbers::Parameters::Number(_, value)) =
			parameter;
		value.is_some_and(|value| (10..=20).contains(&value))
	}
}

impl pallet_governed_parameters::Config for Test {
	type GovernanceOrigin = EnsureRoot<u64>;
	type Bounds = Tens;
	type WeightInfo = ();
}

pub(crate) fn new_chain() -> TestExternalities {
	let mut chain = TestExternalities::default();
	chain.execute_with(|| System::set_block_number(1));
	chain
}
