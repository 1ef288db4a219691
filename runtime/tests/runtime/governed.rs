//! Governed parameters.

use codec::{Decode, Encode};
use frame_support::{
	assert_noop, assert_ok,
	traits::{Get, dynamic_params::AggregatedKeyValue},
};
use frame_system::RawOrigin;
use groma_core::{
	money::{Balance, GRM, MILLI_GRM},
	protocol::{DAY_WINDOWS, GRACE_WINDOWS_MIN},
	units::Scale,
};
use groma_runtime::{
	Challenges, OriginCaller, Runtime, RuntimeEvent, RuntimeOrigin,
	configs::parameters::{
		RuntimeParameters,
		dynamic_params::{
			challenges, channels, collector, emission, networks, price_feed, registry, stake,
			validators,
		},
	},
};
use pallet_governed_parameters::{Error, Event, Pallet as GovernedParameters};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{DispatchError, Perbill};

use crate::{
	chain::{Chain, account, as_root},
	field::next_window,
};

fn window_of(blocks: u32) -> RuntimeParameters {
	RuntimeParameters::Challenges(challenges::Parameters::WindowBlocks(
		challenges::WindowBlocks,
		Some(blocks),
	))
}

/// Writes a parameter as a runtime with other bounds did.
fn store(parameter: RuntimeParameters) {
	let (key, value) = parameter.into_parts();
	pallet_parameters::Parameters::<Runtime>::insert(key, value.expect("it has a value"));
}

#[test]
fn window_keeps_its_length_and_the_next_has_the_new_one_when_a_vote_changes_it() {
	let mut chain = Chain::development();
	let window = next_window(&mut chain);
	let call = pallet_governed_parameters::Call::set_parameter { parameter: window_of(20) };
	chain.with(|| as_root(call));
	assert_eq!(chain.with(|| Challenges::window_info().blocks), 12);
	chain.blocks(11);
	assert_eq!(chain.with(|| Challenges::window_info().index), window);
	chain.blocks(1);
	chain.with(|| {
		let info = Challenges::window_info();
		assert_eq!((info.index, info.blocks), (window + 1, 20));
	});
}

#[test]
fn event_says_what_a_parameter_was_and_is() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	chain.with(|| {
		let set = GovernedParameters::<Runtime>::set_parameter;
		assert_ok!(set(RuntimeOrigin::root(), window_of(20)));
	});
	let value = |blocks| window_of(blocks).into_parts().1;
	assert!(chain.events().iter().any(|event| matches!(
		event,
		RuntimeEvent::GovernedParameters(Event::ParameterSet { old, new, origin, .. })
			if *old == value(12)
				&& Some(new) == value(20).as_ref()
				&& *origin == OriginCaller::system(RawOrigin::Root)
	)));
}

#[test]
fn parameter_is_refused_when_anyone_but_governance_sets_it() {
	Chain::development().with(|| {
		let set = GovernedParameters::<Runtime>::set_parameter;
		let origin = RuntimeOrigin::signed(account(Alice));
		assert_noop!(set(origin, window_of(20)), DispatchError::BadOrigin);
		let unchecked = pallet_parameters::Pallet::<Runtime>::set_parameter;
		assert_noop!(unchecked(RuntimeOrigin::root(), window_of(20)), DispatchError::BadOrigin);
	});
}

/// A parameter with a value.
macro_rules! parameter {
	($pallet:ident, $group:ident::$name:ident, $value:expr) => {
		RuntimeParameters::$pallet($group::Parameters::$name($group::$name, Some($value)))
	};
}

/// Every parameter that is a number, just below what a vote may choose, but for three that may be
/// nothing.
fn too_low() -> Vec<RuntimeParameters> {
	vec![
		window_of(9),
		parameter!(Challenges, challenges::LanePercent, 9),
		parameter!(Challenges, challenges::LaneFill, 0),
		parameter!(Registry, registry::RegistrationDeposit, 10 * MILLI_GRM - 1),
		parameter!(Networks, networks::FoundingDeposit, GRM - 1),
		parameter!(Collector, collector::CollectorDeposit, 10 * MILLI_GRM - 1),
		parameter!(PriceFeed, price_feed::QuorumPercent, 33),
		parameter!(Channels, channels::BondPercent, 24),
		parameter!(Channels, channels::GraceWindows, GRACE_WINDOWS_MIN - 1),
		parameter!(Stake, stake::CommissionPercentMax, 9),
		parameter!(Stake, stake::DelegationMin, GRM - 1),
		parameter!(Validators, validators::Seats, 0),
		parameter!(Validators, validators::OwnStakeMin, GRM - 1),
		parameter!(Validators, validators::OffencePercentMin, 0),
	]
}

/// Every parameter that is a number, just above what a vote may choose.
fn too_high() -> Vec<RuntimeParameters> {
	vec![
		window_of(2_001),
		parameter!(Challenges, challenges::LanePercent, 91),
		parameter!(Challenges, challenges::LaneFill, 101),
		parameter!(Registry, registry::RegistrationDeposit, 1_000 * GRM + 1),
		parameter!(Networks, networks::FoundingDeposit, 1_000_000 * GRM + 1),
		parameter!(Collector, collector::CollectorDeposit, 1_000 * GRM + 1),
		parameter!(Collector, collector::CollectorCap, 100 * MILLI_GRM + 1),
		parameter!(PriceFeed, price_feed::QuorumPercent, 67),
		parameter!(Channels, channels::BondPercent, 101),
		parameter!(Channels, channels::GraceWindows, 14 * DAY_WINDOWS + 1),
		parameter!(Stake, stake::ReporterPercent, 21),
		parameter!(Stake, stake::CommissionPercentMax, 101),
		parameter!(Stake, stake::DelegationMin, 10_000 * GRM + 1),
		parameter!(Validators, validators::Seats, 301),
		parameter!(Validators, validators::OwnStakeMin, 1_000_000 * GRM + 1),
		parameter!(Validators, validators::FeedPoints, 1_001),
		parameter!(Validators, validators::OffencePercentMin, 11),
	]
}

#[test]
fn parameter_is_refused_when_it_is_out_of_its_bounds_or_missing() {
	Chain::development().with(|| {
		let set = GovernedParameters::<Runtime>::set_parameter;
		for parameter in too_low().into_iter().chain(too_high()) {
			assert_noop!(set(RuntimeOrigin::root(), parameter), Error::<Runtime>::OutOfBounds);
		}
		let missing = challenges::Parameters::WindowBlocks(challenges::WindowBlocks, None);
		let missing = RuntimeParameters::Challenges(missing);
		assert_noop!(set(RuntimeOrigin::root(), missing), Error::<Runtime>::NoValue);
	});
}

/// What pallets are given of each parameter that is a number.
type Given = ([u32; 4], [Balance; 6], [Perbill; 4], [Scale; 3]);

fn given() -> Given {
	(
		[
			<Runtime as pallet_challenges::Config>::WindowBlocks::get(),
			<Runtime as pallet_metered_service::Config>::GraceWindows::get(),
			<Runtime as pallet_validators::Config>::Seats::get(),
			<Runtime as pallet_validators::Config>::FeedPoints::get(),
		],
		[
			<Runtime as pallet_device_registry::Config>::RegistrationDeposit::get(),
			<Runtime as pallet_networks::Config>::FoundingDeposit::get(),
			<Runtime as pallet_collector::Config>::CollectorDeposit::get(),
			<Runtime as pallet_collector::Config>::CollectorCap::get(),
			<Runtime as pallet_stake::Config>::DelegationMin::get(),
			<Runtime as pallet_validators::Config>::OwnStakeMin::get(),
		],
		[
			<Runtime as pallet_challenges::Config>::LaneShare::get(),
			<Runtime as pallet_challenges::Config>::LaneFill::get(),
			<Runtime as pallet_price_feed::Config>::Quorum::get(),
			<Runtime as pallet_validators::Config>::FractionMin::get(),
		],
		[
			<Runtime as pallet_metered_service::Config>::BondShare::get(),
			<Runtime as pallet_stake::Config>::ReporterShare::get(),
			<Runtime as pallet_stake::Config>::CommissionMax::get(),
		],
	)
}

#[test]
fn stored_value_is_clamped_and_not_lost_when_an_upgrade_narrows_its_bounds() {
	let mut chain = Chain::development();
	chain.with(|| {
		// What may be nothing is never too low.
		let ([.., feed_points], [.., cap, _, _], _, [_, reporter, _]) = given();
		too_low().into_iter().for_each(store);
		let least: Given = (
			[10, GRACE_WINDOWS_MIN, 1, feed_points],
			[10 * MILLI_GRM, GRM, 10 * MILLI_GRM, cap, GRM, GRM],
			[10, 1, 34, 1].map(Perbill::from_percent),
			[Scale::from_percent(25), reporter, Scale::from_percent(10)],
		);
		assert_eq!(given(), least);
		too_high().into_iter().for_each(store);
		let most: Given = (
			[2_000, 14 * DAY_WINDOWS, 300, 1_000],
			[
				1_000 * GRM,
				1_000_000 * GRM,
				1_000 * GRM,
				100 * MILLI_GRM,
				10_000 * GRM,
				1_000_000 * GRM,
			],
			[90, 100, 66, 10].map(Perbill::from_percent),
			[100, 20, 100].map(Scale::from_percent),
		);
		assert_eq!(given(), most);
	});
	chain.blocks(30);
	assert_eq!(chain.with(|| Challenges::window_info().blocks), 2_000);
}

#[test]
fn emission_split_does_not_decode_when_it_is_not_the_whole() {
	let split = pallet_emission::EmissionSplit::default();
	let parameter =
		RuntimeParameters::Emission(emission::Parameters::Split(emission::Split, Some(split)));
	let mut bytes = parameter.encode();
	assert_eq!(RuntimeParameters::decode(&mut &bytes[..]), Ok(parameter));
	let last = bytes.len() - Scale::ONE.encode().len();
	bytes[last] ^= 1;
	assert!(RuntimeParameters::decode(&mut &bytes[..]).is_err());
}
