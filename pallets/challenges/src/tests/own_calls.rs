use codec::Encode;
use frame_support::pallet_prelude::{InvalidTransaction, ValidTransaction};
use groma_core::WindowIndex;
use groma_traits::Windows;

use super::*;

fn own_call(until_end_of: WindowIndex) -> ValidTransaction {
	Challenges::own_call("tag", (7, START), until_end_of).expect("it is valid").0
}

#[test]
fn own_call_is_one_per_subject_under_its_tag() {
	ExtBuilder.build_and_execute(|| {
		let validity = own_call(START);
		assert_eq!(validity.provides, vec![("tag", (7u32, START)).encode()]);
		assert!(validity.propagate);
	});
}

#[test]
fn call_is_too_early_until_its_window_begins() {
	ExtBuilder.build_and_execute(|| {
		assert!(Challenges::ensure_begun(START).is_ok());
		let verdict = Challenges::ensure_begun(START + 1);
		assert_eq!(verdict, Err(InvalidTransaction::Future.into()));
		go_to(START + 1);
		assert!(Challenges::ensure_begun(START + 1).is_ok());
	});
}

/// The last block that may include a call which the pool validates after the present block: on its
/// state, with the number of the next, which is where the longevity begins.
fn valid_until(until_end_of: WindowIndex) -> u64 {
	let last = System::block_number();
	System::set_block_number(last + 1);
	let validity = own_call(until_end_of);
	System::set_block_number(last);
	last + validity.longevity
}

#[test]
fn call_waits_in_the_pool_to_the_last_block_of_its_time() {
	ExtBuilder.build_and_execute(|| {
		let first = System::block_number();
		// The last of ten blocks of the window and ten of the next.
		let last = first + 19;
		while System::block_number() < last {
			assert_eq!(valid_until(START + 1), last, "after block {}", System::block_number());
			next_block();
		}
	});
}

#[test]
fn call_waits_for_the_next_window_as_long_as_that_will_be() {
	ExtBuilder.build_and_execute(|| {
		let first = System::block_number();
		WindowBlocks::set(&3);
		assert_eq!(valid_until(START + 1), first + 12);
	});
}

#[test]
fn window_is_ripe_when_enough_of_it_will_have_passed_with_the_next_block() {
	ExtBuilder.build_and_execute(|| {
		let ripe: Vec<_> = (0..10)
			.map(|_| {
				let is_ripe = Challenges::is_ripe(700);
				next_block();
				is_ripe
			})
			.collect();
		// In its last block the next one belongs to another window.
		assert_eq!(ripe, [false, false, false, false, false, false, true, true, true, false]);
	});
}
