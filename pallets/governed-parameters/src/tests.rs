//! What sets a parameter, and what does not.

use frame_support::{assert_noop, assert_ok, traits::Get};
use frame_system::RawOrigin;
use sp_runtime::DispatchError::BadOrigin;

use crate::{Error, Event, mock::*};

fn set(origin: RuntimeOrigin, value: Option<u32>) -> sp_runtime::DispatchResult {
	GovernedParameters::set_parameter(origin, number(value))
}

#[test]
fn parameter_is_set_and_the_event_says_by_whom() {
	new_chain().execute_with(|| {
		assert_eq!(Number::get(), DEFAULT);
		assert_ok!(set(RuntimeOrigin::root(), Some(20)));
		assert_ok!(set(RuntimeOrigin::root(), Some(10)));
		assert_eq!(Number::get(), 10);
		let events = System::read_events_for_pallet::<Event<Test>>();
		let [first, second] = &events[..] else { panic!("{events:?}") };
		let Event::ParameterSet { old, origin, .. } = first else { panic!("{first:?}") };
		assert_eq!((old, origin), (&None, &OriginCaller::system(RawOrigin::Root)));
		let Event::ParameterSet { old, new, .. } = second else { panic!("{second:?}") };
		let value = |number| {
			use dynamic_params::numbers::ParametersValue;
			RuntimeParametersValue::Numbers(ParametersValue::Number(number))
		};
		assert_eq!((old, new), (&Some(value(20)), &value(10)));
	});
}

#[test]
fn parameter_is_refused_when_it_is_out_of_its_bounds() {
	new_chain().execute_with(|| {
		for value in [9, 21] {
			assert_noop!(set(RuntimeOrigin::root(), Some(value)), Error::<Test>::OutOfBounds);
		}
	});
}

#[test]
fn parameter_is_not_deleted() {
	new_chain().execute_with(|| {
		assert_ok!(set(RuntimeOrigin::root(), Some(20)));
		assert_noop!(set(RuntimeOrigin::root(), None), Error::<Test>::NoValue);
		assert_eq!(Number::get(), 20);
	});
}

#[test]
fn parameter_is_refused_when_anyone_but_governance_sets_it() {
	new_chain().execute_with(|| {
		assert_noop!(set(RuntimeOrigin::signed(1), Some(20)), BadOrigin);
		assert_noop!(set(RuntimeOrigin::none(), Some(20)), BadOrigin);
	});
}

#[test]
fn call_of_the_sdk_is_closed_even_to_governance() {
	new_chain().execute_with(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
			assert_noop!(Parameters::set_parameter(origin, number(Some(20))), BadOrigin);
		}
	});
}

#[test]
fn pallet_of_the_sdk_takes_what_was_checked_alone() {
	new_chain().execute_with(|| {
		<GovernedParameters as frame_support::traits::Hooks<u64>>::integrity_test();
	});
}
