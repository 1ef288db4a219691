//! Governed parameters.

use codec::{Decode, Encode};
use frame_support::{
	assert_noop, assert_ok,
	traits::{Get, dynamic_params::AggregatedKeyValue},
};
use frame_system::RawOrigin;
use groma_core::{money::GRM, units::Scale};
use groma_runtime::{
	Challenges, OriginCaller, Runtime, RuntimeEvent, RuntimeOrigin,
	configs::parameters::{
		RuntimeParameters,
		dynamic_params::{challenges, collector, emission, registry, stake, validators},
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

/// Every parameter that is a number, below and above what a vote may choose.
fn out_of_bounds() -> Vec<RuntimeParameters> {
	let challenges = |parameter| RuntimeParameters::Challenges(parameter);
	let lane_percent = |percent| {
		challenges(challenges::Parameters::LanePercent(challenges::LanePercent, Some(percent)))
	};
	let lane_fill =
		|percent| challenges(challenges::Parameters::LaneFill(challenges::LaneFill, Some(percent)));
	let deposit = |amount| {
		RuntimeParameters::Registry(registry::Parameters::RegistrationDeposit(
			registry::RegistrationDeposit,
			Some(amount),
		))
	};
	let cap = |amount| {
		RuntimeParameters::Collector(collector::Parameters::CollectorCap(
			collector::CollectorCap,
			Some(amount),
		))
	};
	let reporter = |percent| {
		RuntimeParameters::Stake(stake::Parameters::ReporterPercent(
			stake::ReporterPercent,
			Some(percent),
		))
	};
	let seats = |count| {
		let seats = validators::Parameters::Seats(validators::Seats, Some(count));
		RuntimeParameters::Validators(seats)
	};
	let own_stake = |amount| {
		let least = validators::Parameters::OwnStakeMin(validators::OwnStakeMin, Some(amount));
		RuntimeParameters::Validators(least)
	};
	let feed_points = |points| {
		let feed = validators::Parameters::FeedPoints(validators::FeedPoints, Some(points));
		RuntimeParameters::Validators(feed)
	};
	let commission = |percent| {
		RuntimeParameters::Stake(stake::Parameters::CommissionPercentMax(
			stake::CommissionPercentMax,
			Some(percent),
		))
	};
	vec![
		window_of(9),
		window_of(2_001),
		lane_percent(9),
		lane_percent(91),
		lane_fill(0),
		lane_fill(101),
		deposit(0),
		deposit(1_001 * GRM),
		seats(0),
		seats(301),
		own_stake(0),
		own_stake(1_000_001 * GRM),
		cap(GRM),
		reporter(21),
		commission(9),
		commission(101),
		feed_points(1_001),
	]
}

#[test]
fn parameter_is_refused_when_it_is_out_of_its_bounds_or_missing() {
	Chain::development().with(|| {
		let set = GovernedParameters::<Runtime>::set_parameter;
		for parameter in out_of_bounds() {
			assert_noop!(set(RuntimeOrigin::root(), parameter), Error::<Runtime>::OutOfBounds);
		}
		let missing = challenges::Parameters::WindowBlocks(challenges::WindowBlocks, None);
		let missing = RuntimeParameters::Challenges(missing);
		assert_noop!(set(RuntimeOrigin::root(), missing), Error::<Runtime>::NoValue);
	});
}

/// What pallets are given of each parameter that is a number.
fn read() -> (u32, Perbill, Perbill, u128, u32, u128, u128) {
	(
		<Runtime as pallet_challenges::Config>::WindowBlocks::get(),
		<Runtime as pallet_challenges::Config>::LaneShare::get(),
		<Runtime as pallet_challenges::Config>::LaneFill::get(),
		<Runtime as pallet_device_registry::Config>::RegistrationDeposit::get(),
		<Runtime as pallet_validators::Config>::Seats::get(),
		<Runtime as pallet_validators::Config>::OwnStakeMin::get(),
		<Runtime as pallet_collector::Config>::CollectorCap::get(),
	)
}

#[test]
fn stored_value_is_clamped_and_not_lost_when_an_upgrade_narrows_its_bounds() {
	let percent = Perbill::from_percent;
	let mut chain = Chain::development();
	chain.with(|| {
		let (low, high): (Vec<_>, Vec<_>) =
			(0..).zip(out_of_bounds()).partition(|(place, _)| place % 2 == 0);
		// Caps, the reporter's share and points of feeds have one end alone that a number crosses.
		low.into_iter().for_each(|(_, parameter)| store(parameter));
		let least = (10, percent(10), percent(1), GRM / 100, 1, GRM, GRM / 10);
		assert_eq!(read(), least);
		high.into_iter().for_each(|(_, parameter)| store(parameter));
		let most = (2_000, percent(90), percent(100), 1_000 * GRM, 300, 1_000_000 * GRM, GRM / 10);
		assert_eq!(read(), most);
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
