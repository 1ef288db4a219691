//! Rewards of collectors.

use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate as _};
use groma_core::money::Balance;
use groma_traits::Collectors as _;
use sp_runtime::AccountId32;

use crate::{CollectorEpochs, Collectors, Error, Event, OpenReports, mock::*};

fn claim(collector: u8) -> frame_support::dispatch::DispatchResult {
	Collector::claim_collected(RuntimeOrigin::signed(account(1)), account(collector))
}

fn note(collector: u8, reports: u32) {
	Collector::note(&account(collector), reports);
}

fn paid_to(collector: u8) -> Balance {
	balance(account(collector))
}

fn owed_to(collector: u8) -> Balance {
	Collector::owed_to(&account(collector))
}

fn execute(test: impl FnOnce()) {
	new_chain().execute_with(|| {
		test();
		check();
	});
}

#[test]
fn report_earns_its_cap_when_the_pool_is_large() {
	execute(|| {
		note(10, 3);
		note(11, 5);
		note(10, 1);
		next_epoch();
		close_epochs();
		let settled = Event::ReportsSettled { epoch: FIRST_EPOCH, reports: 9, per_report: CAP };
		System::assert_last_event(settled.into());
		assert_eq!(owed_to(10), 4 * CAP);
		assert_ok!(claim(10));
		assert_ok!(claim(11));
		assert_eq!((paid_to(10), paid_to(11)), (4 * CAP, 5 * CAP));
		let paid = Event::CollectorPaid { collector: account(11), amount: 5 * CAP };
		System::assert_last_event(paid.into());
		assert_eq!(CollectorEpochs::<Test>::iter().count(), 0, "all reports are credited");
		assert!(!Collectors::<Test>::contains_key(account(10)));
	});
}

#[test]
fn reports_share_the_pool_when_it_is_small() {
	execute(|| {
		let reports = 4_000_000_000;
		note(10, reports);
		Pool::set(&70_000_000_001);
		next_epoch();
		close_epochs();
		assert_eq!(owed_to(10), 17 * Balance::from(reports));
	});
}

#[test]
fn claim_fails_when_nothing_is_owed() {
	execute(|| {
		assert_noop!(claim(10), Error::<Test>::NothingOwed);
		note(10, 1);
		assert_noop!(claim(10), Error::<Test>::NothingOwed);
		note(11, 0);
		assert!(!Collectors::<Test>::contains_key(account(11)));
		let unsigned = Collector::claim_collected(RuntimeOrigin::none(), account(10));
		assert_eq!(unsigned, Err(sp_runtime::DispatchError::BadOrigin));
	});
}

#[test]
fn amount_stays_owed_when_the_collector_cannot_receive() {
	execute(|| {
		note(10, 1);
		next_epoch();
		close_epochs();
		assert_noop!(claim(10), Error::<Test>::CollectorCannotReceive);
		note(10, 9);
		next_epoch();
		close_epochs();
		assert_ok!(claim(10));
		assert_eq!(paid_to(10), 10 * CAP);
	});
}

#[test]
fn reports_of_two_open_epochs_are_counted_apart() {
	execute(|| {
		Balances::set_balance(&account(10), EXISTENTIAL_DEPOSIT);
		note(10, 2);
		next_epoch();
		note(10, 5);
		check();
		assert_eq!(OpenReports::<Test>::get(FIRST_EPOCH), 2);
		assert_eq!(OpenReports::<Test>::get(FIRST_EPOCH + 1), 5);
		close_epochs();
		assert_ok!(claim(10));
		assert_eq!(paid_to(10), EXISTENTIAL_DEPOSIT + 2 * CAP);
		next_epoch();
		close_epochs();
		note(10, 1);
		assert_eq!(owed_to(10), 5 * CAP);
	});
}

#[test]
fn stranger_is_owed_nothing() {
	execute(|| assert_eq!(Collector::owed_to(&AccountId32::new([99; 32])), 0));
}
