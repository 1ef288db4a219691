//! Indices and deposits of collectors.

use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate as _};
use groma_traits::Collectors as _;
use sp_runtime::{BuildStorage, DispatchError, TokenError};

use crate::{Collectors, Error, Event, Indices, LastIndex, mock::*};

fn execute(test: impl FnOnce()) {
	new_chain().execute_with(|| {
		test();
		check();
	});
}

fn origin(collector: u8) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(collector))
}

fn deregister(collector: u8) {
	assert_ok!(Collector::deregister_collector(origin(collector)));
}

#[test]
fn collectors_get_indices_from_one_on() {
	execute(|| {
		assert_eq!(Collector::index_of(&account(10)), 0);
		assert_eq!((register(10), register(11)), (1, 2));
		let event = Event::CollectorRegistered { collector: account(11), index: 2 };
		System::assert_last_event(event.into());
		assert_eq!(on_hold(&account(10)), Deposit::get());
		let info = Collector::collector_info(&account(11));
		assert_eq!((info.index, info.deposit), (2, Deposit::get()));
		assert_eq!((info.free, info.owed, info.open_fifths), (FUNDS - Deposit::get(), 0, 0));
	});
}

#[test]
fn index_is_never_given_again() {
	execute(|| {
		assert_eq!(register(10), 1);
		deregister(10);
		let event = Event::CollectorDeregistered { collector: account(10), index: 1 };
		System::assert_last_event(event.into());
		assert_eq!(Collector::index_of(&account(10)), 0);
		assert_eq!(Collectors::<Test>::iter().count() + Indices::<Test>::iter().count(), 0);
		assert_eq!((register(11), register(10)), (2, 3));
		Collector::credit(1, 5);
		assert_eq!(Collector::collector_info(&account(10)).open_fifths, 0);
		LastIndex::<Test>::put(u32::MAX);
		Balances::set_balance(&account(12), FUNDS);
		assert_noop!(Collector::register_collector(origin(12)), Error::<Test>::NoIndexLeft);
	});
}

#[test]
fn deposit_comes_back_as_it_was_held() {
	execute(|| {
		register(10);
		Deposit::set(&(2 * Deposit::get()));
		deregister(10);
		assert_eq!((balance(account(10)), on_hold(&account(10))), (FUNDS, 0));
		register(10);
		assert_eq!(on_hold(&account(10)), Deposit::get());
	});
}

#[test]
fn registration_fails_when_it_is_not_due() {
	execute(|| {
		assert_noop!(Collector::register_collector(origin(10)), TokenError::FundsUnavailable);
		register(10);
		assert_noop!(Collector::register_collector(origin(10)), Error::<Test>::AlreadyRegistered);
		assert_noop!(Collector::deregister_collector(origin(11)), Error::<Test>::NotRegistered);
		deregister(10);
		assert_noop!(Collector::deregister_collector(origin(10)), Error::<Test>::NotRegistered);
		let unsigned = RuntimeOrigin::none();
		assert_noop!(Collector::register_collector(unsigned.clone()), DispatchError::BadOrigin);
		assert_noop!(Collector::deregister_collector(unsigned), DispatchError::BadOrigin);
	});
}

#[test]
fn what_is_owed_can_be_claimed_after_deregistering() {
	execute(|| {
		let index = register(10);
		Collector::credit(index, 3);
		deregister(10);
		Collector::credit(index, 5);
		assert_eq!(Collector::collector_info(&account(10)).open_fifths, 3);
		next_epoch();
		close_epochs();
		assert_eq!(Collector::owed_to(&account(10)), 3 * FIFTH);
		assert_ok!(Collector::claim_collected(origin(1), account(10)));
		assert_eq!(balance(account(10)), FUNDS + 3 * FIFTH);
		assert_eq!(Collectors::<Test>::iter().count() + Indices::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_is_owed_comes_along_when_a_collector_registers_again() {
	execute(|| {
		Collector::credit(register(10), 3);
		deregister(10);
		let index = register(10);
		assert_eq!(index, 2);
		assert_eq!(Collectors::<Test>::iter_keys().collect::<Vec<_>>(), [2]);
		Collector::credit(index, 2);
		next_epoch();
		close_epochs();
		assert_eq!(Collector::owed_to(&account(10)), 5 * FIFTH);
	});
}

#[test]
fn what_turned_out_to_be_worth_nothing_is_removed_by_a_claim() {
	execute(|| {
		Collector::credit(register(10), 3);
		deregister(10);
		Pool::set(&2);
		next_epoch();
		close_epochs();
		assert_eq!(Collector::owed_to(&account(10)), 0);
		assert_ok!(Collector::claim_collected(origin(1), account(10)));
		assert_eq!(Collectors::<Test>::iter().count() + Indices::<Test>::iter().count(), 0);
		assert_noop!(
			Collector::claim_collected(origin(1), account(10)),
			Error::<Test>::NothingOwed
		);
	});
}

#[test]
fn genesis_registers_its_collectors_in_order() {
	let balances = vec![(account(10), FUNDS), (account(11), FUNDS)];
	let config = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		collector: crate::GenesisConfig { collectors: vec![account(11), account(10)] },
		..Default::default()
	};
	let storage = config.build_storage().expect("genesis builds");
	sp_io::TestExternalities::new(storage).execute_with(|| {
		let indices = [10, 11].map(|collector| Collector::index_of(&account(collector)));
		assert_eq!(indices, [2, 1]);
		assert_eq!(on_hold(&account(10)), Deposit::get());
	});
}

#[test]
#[should_panic(expected = "cannot be a collector")]
fn genesis_is_refused_when_a_collector_lacks_the_deposit() {
	let collector = crate::GenesisConfig { collectors: vec![account(10)] };
	let config = RuntimeGenesisConfig { collector, ..Default::default() };
	let _storage = config.build_storage();
}
