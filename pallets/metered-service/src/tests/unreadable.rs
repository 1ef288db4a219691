//! State that does not decode: what it concerns waits, and nothing of it is overwritten.

use frame_support::{assert_noop, assert_ok, storage::unhashed};
use groma_core::{protocol::PAGE_LENGTH_MAX, voucher::VoucherReason};
use groma_fakes::PriceIsUnreadable;

use crate::{Channels, Error, LastUnpayable, NextChannel, Seats, mock::*};

/// Damages the value under a key while a test looks at it, and checks that it stays as it is.
fn while_damaged(key: &[u8], test: impl FnOnce()) {
	let good = unhashed::get_raw(key).expect("there is a value");
	unhashed::put_raw(key, &[7]);
	test();
	assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
	unhashed::put_raw(key, &good);
}

#[test]
fn no_channel_is_opened_while_the_counter_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000);
		while_damaged(&NextChannel::<Test>::hashed_key(), || {
			let origin = RuntimeOrigin::signed(PAYER);
			let refused = Metered::open_channel(origin, PAYER, order(1_000));
			assert_noop!(refused, Error::<Test>::Unreadable);
			assert!(!Metered::has_readable_counters());
			// What is open goes on.
			assert_ok!(claim(channel, &[voucher(channel, 1, 1, 1)]));
			assert!(Metered::do_try_state().is_err());
		});
		assert_eq!(open(1_000), channel + 1);
	});
}

#[test]
fn channel_that_is_unreadable_waits() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000);
		let batch = [voucher(channel, 1, 1, 1)];
		while_damaged(&Channels::<Test>::hashed_key_for(channel), || {
			assert_noop!(claim(channel, &batch), Error::<Test>::Unreadable);
			assert_noop!(close(PAYER, channel), Error::<Test>::Unreadable);
			assert_noop!(finish(channel), Error::<Test>::Unreadable);
			assert_eq!(Metered::channel(channel), None);
			assert!(Metered::do_try_state().is_err());
		});
		assert_ok!(claim(channel, &batch));
	});
}

#[test]
fn channel_that_is_unreadable_shortens_no_page() {
	ExtBuilder.build_and_execute(|| {
		let opened: Vec<_> = (0..=PAGE_LENGTH_MAX).map(|_| open(1)).collect();
		let listed = Metered::channels_of(&PAYER, None);
		assert_eq!((opened.len(), listed.len()), (PAGE_LENGTH_MAX + 1, PAGE_LENGTH_MAX));
		while_damaged(&Channels::<Test>::hashed_key_for(listed[0].id), || {
			assert_eq!(Metered::channels_of(&PAYER, None).len(), PAGE_LENGTH_MAX);
		});
	});
}

#[test]
fn nothing_is_paid_twice_when_a_seat_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000);
		assert_ok!(claim(channel, &[voucher(channel, 1, 100, 50)]));
		while_damaged(&Seats::<Test>::hashed_key_for(channel, 1), || {
			let newer = voucher(channel, 1, 200, 60);
			assert_noop!(claim(channel, &[newer]), Error::<Test>::NothingNew);
			// Others are paid, and the reason is that the chain cannot pay at the moment.
			assert_ok!(claim(channel, &[newer, voucher(channel, 2, 10, 10)]));
			let reason = VoucherReason::NotPayable;
			let refused = crate::Event::VoucherRefused { channel, device: 1, reason };
			System::assert_has_event(refused.into());
			assert_eq!(Metered::seat(channel, 1), None);
		});
		assert_ok!(claim(channel, &[voucher(channel, 1, 200, 60)]));
		assert_eq!(BurnedLots::get().0, 210);
	});
}

#[test]
fn no_grace_ends_while_it_is_unknown_how_long_it_lasts() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000);
		LastUnpayable::<Test>::put(START);
		while_damaged(&LastUnpayable::<Test>::hashed_key(), || {
			CurrentWindow::set(&(ENDS + 10));
			IsPayable::set(&false);
			begin_block();
			IsPayable::set(&true);
			assert!(!Metered::has_readable_counters());
			assert_noop!(finish(channel), Error::<Test>::GraceRuns);
			assert_ok!(claim(channel, &[voucher(channel, 1, 1, 1)]));
		});
		assert_ok!(finish(channel));
	});
}

#[test]
fn no_channel_is_opened_while_the_price_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		PriceIsUnreadable::set(&true);
		let refused = Metered::open_channel(RuntimeOrigin::signed(PAYER), PAYER, order(1_000));
		assert_noop!(refused, Error::<Test>::Unreadable);
		PriceIsUnreadable::set(&false);
		open(1_000);
	});
}
