//! The grace of channels while claims cannot be paid.

use frame_support::{assert_noop, assert_ok};
use groma_core::protocol::GRACE_WINDOWS_MIN;

use crate::{Error, LastUnpayable, mock::*};

/// Lets windows pass, each with a block.
fn windows_until(window: u32) {
	while CurrentWindow::get() < window {
		CurrentWindow::set(&(CurrentWindow::get() + 1));
		begin_block();
	}
}

#[test]
fn channel_does_not_end_while_claims_cannot_be_paid() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let batch = [voucher(channel, 1, 100, 50)];
		windows_until(ENDS - 10);
		IsPayable::set(&false);
		// Far beyond the end that was announced.
		windows_until(ENDS + 50);
		assert_noop!(finish(channel), Error::<Test>::GraceRuns);
		assert_noop!(claim(channel, &batch), Error::<Test>::NothingNew);
		IsPayable::set(&true);
		begin_block();
		assert_noop!(finish(channel), Error::<Test>::GraceRuns);
		// A whole grace begins with the first window in which claims are paid.
		let ends = ENDS + 50 + 1 + GRACE_WINDOWS_MIN;
		assert_eq!(Metered::channel(channel).expect("in its grace").ends, ends);
		windows_until(ends - 1);
		assert_noop!(finish(channel), Error::<Test>::GraceRuns);
		assert_ok!(claim(channel, &batch));
		windows_until(ends);
		let more = [voucher(channel, 1, 200, 100)];
		assert_noop!(claim(channel, &more), Error::<Test>::GraceIsOver);
		assert_ok!(finish(channel));
	});
}

#[test]
fn channel_that_lasts_longer_anyway_ends_as_it_would() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		IsPayable::set(&false);
		windows_until(START + 5);
		IsPayable::set(&true);
		assert_eq!(Metered::channel(channel).expect("open").ends, ENDS);
		// One that is closed then has the grace from its closing, which is later.
		windows_until(START + 9);
		assert_ok!(close(PAYER, channel));
		let ends = START + 9 + GRACE_WINDOWS_MIN;
		assert_eq!(Metered::channel(channel).expect("in its grace").ends, ends);
	});
}

#[test]
fn channel_that_is_closed_while_claims_cannot_be_paid_says_when_it_ends() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		windows_until(START + 3);
		IsPayable::set(&false);
		begin_block();
		assert_ok!(close(PAYER, channel));
		// The present window does not count.
		let ends = START + 3 + 1 + GRACE_WINDOWS_MIN;
		System::assert_last_event(crate::Event::ChannelClosed { channel, ends }.into());
		IsPayable::set(&true);
	});
}

#[test]
fn nothing_is_written_while_claims_can_be_paid() {
	ExtBuilder.build_and_execute(|| {
		open(1_000_000);
		windows_until(START + 20);
		assert!(!LastUnpayable::<Test>::exists());
		IsPayable::set(&false);
		begin_block();
		assert_eq!(LastUnpayable::<Test>::get(), Some(START + 20));
		IsPayable::set(&true);
	});
}
