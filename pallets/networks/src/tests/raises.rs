//! Raises of the stake per device are announced, lower values hold at once.

use frame_support::{assert_noop, assert_ok, storage::unhashed, traits::Hooks};
use frame_system::RawOrigin;
use groma_core::{
	money::{Balance, GRM},
	protocol::DEVICE_THAW_WINDOWS,
	terms::{NetworkTerms, PlaceTerms, Proof},
};
use groma_fakes::{CurrentWindow, NowMs, START, StandsStill};
use groma_traits::Networks as _;

use crate::{Error, Event, PastRaises, Raises, mock::*};

fn update(stake_per_device: Balance) {
	let terms = NetworkTerms { stake_per_device, ..terms_of_weight(50) };
	assert_ok!(Networks::update_terms(RuntimeOrigin::root(), 0, terms));
}

fn in_force() -> Balance {
	Networks::terms(0).expect("it exists").stake_per_device
}

/// Runs the hooks of a block in this window.
fn begin(window: u32) {
	CurrentWindow::set(&window);
	<Networks as Hooks<u64>>::on_initialize(1);
}

fn announced(stake_per_device: Balance, window: u32) -> RuntimeEvent {
	let (old, origin) = (50 * GRM, OriginCaller::system(RawOrigin::Root));
	Event::TermsAnnounced { network: 0, stake_per_device, window, old, origin }.into()
}

fn was_announced(stake_per_device: Balance, window: u32) -> bool {
	let event = announced(stake_per_device, window);
	System::events().iter().any(|record| record.event == event)
}

const DUE: u32 = START + DEVICE_THAW_WINDOWS;

#[test]
fn raise_holds_when_its_windows_have_passed() {
	ExtBuilder::default().build_and_execute(|| {
		update(60 * GRM);
		assert!(was_announced(60 * GRM, DUE));
		assert_eq!(in_force(), 50 * GRM);
		begin(DUE - 1);
		assert_eq!(in_force(), 50 * GRM);
		begin(DUE);
		assert_eq!(in_force(), 60 * GRM);
		assert!(!Raises::<Test>::exists());
		let (old, new) = (terms_of_weight(50), terms_of_weight(50));
		let new = NetworkTerms { stake_per_device: 60 * GRM, ..new };
		let (old, new) = (old.into(), new.into());
		// The vote announced it: now no one decides.
		System::assert_last_event(
			Event::TermsUpdated { network: 0, old, new, origin: None }.into(),
		);
	});
}

#[test]
fn other_terms_of_the_same_vote_hold_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let terms = NetworkTerms { stake_per_device: 60 * GRM, ..terms_of_weight(40) };
		assert_ok!(Networks::update_terms(RuntimeOrigin::root(), 0, terms));
		assert_eq!(Networks::terms(0), Some(terms_of_weight(40)));
	});
}

#[test]
fn lower_value_holds_at_once_and_withdraws_what_was_announced() {
	ExtBuilder::default().build_and_execute(|| {
		update(60 * GRM);
		update(40 * GRM);
		assert_eq!(in_force(), 40 * GRM);
		begin(DUE);
		assert_eq!(in_force(), 40 * GRM);
		// The present value withdraws, too.
		update(70 * GRM);
		update(40 * GRM);
		assert_eq!(Networks::raise_of(0), None);
	});
}

#[test]
fn vote_for_as_much_keeps_the_window_and_one_for_more_begins_again() {
	ExtBuilder::default().build_and_execute(|| {
		update(60 * GRM);
		CurrentWindow::set(&(START + 10));
		update(60 * GRM);
		assert_eq!(Networks::raise_of(0).map(|raise| raise.window), Some(DUE));
		update(55 * GRM);
		assert_eq!(Networks::raise_of(0).map(|raise| raise.window), Some(DUE));
		update(60 * GRM);
		assert_eq!(Networks::raise_of(0).map(|raise| raise.window), Some(DUE + 10));
	});
}

#[test]
fn raise_waits_while_the_chain_stands_still() {
	ExtBuilder::default().build_and_execute(|| {
		update(60 * GRM);
		StandsStill::set(&true);
		begin(DUE + 5);
		assert_eq!(in_force(), 50 * GRM);
		StandsStill::set(&false);
		begin(DUE + 5);
		assert_eq!(in_force(), 60 * GRM);
	});
}

#[test]
fn least_of_an_epoch_is_the_value_before_a_raise_in_it() {
	ExtBuilder::default().build_and_execute(|| {
		let least = |since_ms| Networks::least_stake_per_device(0, since_ms);
		assert_eq!(least(0), Some(50 * GRM));
		update(60 * GRM);
		NowMs::set(&Some(5_000));
		begin(DUE);
		assert_eq!((least(5_000), least(5_001)), (Some(50 * GRM), Some(60 * GRM)));
		// A lower value after the raise.
		update(40 * GRM);
		assert_eq!((least(5_000), least(5_001)), (Some(40 * GRM), Some(40 * GRM)));
		assert_eq!(Networks::least_stake_per_device(7, 0), None);
	});
}

#[test]
fn network_that_proves_nothing_takes_any_value_at_once() {
	let mut unproven = terms_of_weight(0);
	(unproven.proof, unproven.place) = (Proof::Unproven, PlaceTerms::Anywhere);
	let mut genesis = genesis_network("power");
	genesis.terms = unproven.clone();
	ExtBuilder::default().networks(vec![genesis]).build_and_execute(|| {
		unproven.stake_per_device = 60 * GRM;
		assert_ok!(Networks::update_terms(RuntimeOrigin::root(), 0, unproven.clone()));
		assert_eq!(in_force(), 60 * GRM);
		assert_eq!(Networks::raise_of(0), None);
	});
}

#[test]
fn raises_that_do_not_decode_are_not_replaced() {
	ExtBuilder::default().build_and_execute(|| {
		update(60 * GRM);
		let key = Raises::<Test>::hashed_key();
		let good = unhashed::get_raw(&key).expect("there is one");
		unhashed::put_raw(&key, &[7]);
		for stake_per_device in [40 * GRM, 70 * GRM] {
			let terms = NetworkTerms { stake_per_device, ..terms_of_weight(50) };
			assert_noop!(
				Networks::update_terms(RuntimeOrigin::root(), 0, terms),
				Error::<Test>::UnreadableNetwork
			);
		}
		begin(DUE);
		assert!(Networks::do_try_state().is_err());
		assert!(!Networks::has_readable_raises());
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
		unhashed::put_raw(&key, &good);
		assert!(Networks::has_readable_raises());
		begin(DUE);
		assert_eq!(in_force(), 60 * GRM);
	});
}

#[test]
fn raise_that_was_is_not_forgotten_when_it_does_not_decode() {
	ExtBuilder::default().build_and_execute(|| {
		update(60 * GRM);
		begin(DUE);
		assert!(Networks::has_readable_raises());
		unhashed::put_raw(&PastRaises::<Test>::hashed_key_for(0), &[7]);
		assert!(!Networks::has_readable_raises());
		assert_eq!(Networks::least_stake_per_device(0, 0), None);
	});
}
