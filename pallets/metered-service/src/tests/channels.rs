//! How channels begin and end.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::{
	money::{Credits, GRM, Price},
	protocol::{CHANNEL_WINDOWS_MAX, SEATS_MAX},
	units::Scale,
	words::SignerKey,
};
use groma_fakes::{CreditLots, put_network};
use sp_runtime::DispatchError;

use crate::{ChannelOrder, Error, Event, HoldReason, mock::*};

fn held(reason: HoldReason) -> u128 {
	Balances::balance_on_hold(&reason.into(), &PAYER)
}

#[test]
fn channel_holds_a_lot_a_bond_and_a_deposit() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let record = Metered::channel(channel).expect("it is open");
		assert_eq!((record.lot.credits(), record.lot.basis()), (1_000_000, 100 * GRM));
		assert_eq!(payer_credits(), (9_000_000, 900 * GRM));
		// A quarter of 100 GRM, and a planck for what rounding might drop.
		assert_eq!((record.bond, held(HoldReason::Bond)), (25 * GRM + 1, 25 * GRM + 1));
		assert_eq!(held(HoldReason::Seats), 2 * SEAT_DEPOSIT);
		assert_eq!((record.expires, record.ends), (EXPIRES, ENDS));
		let order = order(1_000_000);
		let opened = Event::ChannelOpened {
			channel,
			payer: PAYER,
			order,
			basis: 100 * GRM,
			bond: record.bond,
		};
		System::assert_last_event(opened.into());
	});
}

#[test]
fn bond_is_worth_a_hundred_thousand_credits_at_the_lower_price() {
	ExtBuilder.build_and_execute(|| {
		// USD 1 at USD 0.10 per GRM.
		open(1);
		assert_eq!(held(HoldReason::Bond), 10 * GRM);
		LastGood::set(&50_000_000);
		open(1);
		assert_eq!(held(HoldReason::Bond), 30 * GRM);
		EpochMean::set(&10_000_000);
		open(1);
		assert_eq!(held(HoldReason::Bond), 130 * GRM);
	});
}

#[test]
fn bond_follows_its_governed_share() {
	ExtBuilder.build_and_execute(|| {
		BondShare::set(&Scale::ONE);
		open(1_000_000);
		assert_eq!(held(HoldReason::Bond), 100 * GRM + 1);
	});
}

#[test]
fn ids_are_never_used_twice() {
	ExtBuilder.build_and_execute(|| {
		let first = open(1_000);
		CurrentWindow::set(&ENDS);
		assert_ok!(finish(first));
		let order = ChannelOrder { expires: ENDS + 288, ..order(1_000) };
		assert_eq!(open_with(order), Ok(first + 1));
	});
}

#[test]
fn order_is_refused_with_its_reason() {
	ExtBuilder.build_and_execute(|| {
		use Error::*;
		let small_order = SignerKey([0; 32]);
		let not_canonical = SignerKey([0xff; 32]);
		let good = || order(1_000);
		let cases: Vec<(ChannelOrder, Error<Test>)> = vec![
			(ChannelOrder { expires: EXPIRES - 1, ..good() }, InvalidExpiry),
			(ChannelOrder { expires: 0, ..good() }, InvalidExpiry),
			(ChannelOrder { expires: START + CHANNEL_WINDOWS_MAX + 1, ..good() }, InvalidExpiry),
			(ChannelOrder { expires: u32::MAX, ..good() }, InvalidExpiry),
			(ChannelOrder { seats_max: 0, ..good() }, InvalidSeats),
			(ChannelOrder { seats_max: SEATS_MAX + 1, ..good() }, InvalidSeats),
			(ChannelOrder { credits: 0, ..good() }, NoCredits),
			(ChannelOrder { signer: small_order, ..good() }, UnacceptableSigner),
			(ChannelOrder { signer: not_canonical, ..good() }, UnacceptableSigner),
			(ChannelOrder { network: 99, ..good() }, UnknownService),
			(ChannelOrder { network: OTHER, ..good() }, UnknownService),
			(ChannelOrder { service: 1, ..good() }, UnknownService),
		];
		for (order, error) in cases {
			let origin = RuntimeOrigin::signed(PAYER);
			assert_noop!(Metered::open_channel(origin, PAYER, order), error);
		}
		let longest = ChannelOrder { expires: START + CHANNEL_WINDOWS_MAX, ..good() };
		assert_ok!(open_with(longest));
		let widest = ChannelOrder { seats_max: SEATS_MAX, ..good() };
		assert_ok!(open_with(widest));
	});
}

#[test]
fn channel_is_refused_that_the_payer_cannot_pay() {
	ExtBuilder.build_and_execute(|| {
		let open = |payer: AccountId, credits: Credits| {
			Metered::open_channel(RuntimeOrigin::signed(payer), payer, order(credits))
		};
		assert!(open(PAYER, CREDITS + 1).is_err());
		assert!(open(11, 1).is_err(), "it has no credits");
		// Its GRM does not suffice for the bond.
		LastGood::set(&Price::MIN.nano_usd());
		assert!(open(PAYER, 1).is_err());
	});
}

#[test]
fn operator_opens_and_closes_within_its_limit() {
	ExtBuilder.build_and_execute(|| {
		let open_as = |who: AccountId, credits: Credits| {
			Metered::open_channel(RuntimeOrigin::signed(who), PAYER, order(credits))
		};
		assert!(open_as(16, 1_000).is_err());
		OperatorsOf::<AccountId>::mutate(|operators| operators.insert(PAYER, 16));
		OperatorLimit::set(&250_200);
		// A channel counts as at least the credits that its bond and its seats are worth.
		assert_ok!(open_as(16, 1_000));
		assert_eq!(OperatorLimit::get(), 150_000);
		assert_ok!(open_as(16, 150_000));
		assert!(open_as(16, 1_000).is_err());
		assert_ok!(close(16, 0));
		assert!(close(17, 1).is_err());
		assert_ok!(close(PAYER, 1));
	});
}

#[test]
fn operator_keeps_no_more_grm_on_hold_than_its_limit_is_worth() {
	ExtBuilder.build_and_execute(|| {
		OperatorsOf::<AccountId>::mutate(|operators| operators.insert(PAYER, 16));
		let limit = 1_000_000;
		OperatorLimit::set(&limit);
		// The smallest channels with as many seats as there can be.
		let smallest = ChannelOrder { seats_max: SEATS_MAX, ..order(1) };
		let open = || {
			let origin = RuntimeOrigin::signed(16);
			Metered::open_channel(origin, PAYER, smallest.clone())
		};
		let opened = (0..100).take_while(|_| open().is_ok()).count();
		assert!(opened > 0);
		let on_hold = held(HoldReason::Bond) + held(HoldReason::Seats);
		let worth = Price::clamp(LastGood::get()).credits_of(on_hold);
		assert!(worth <= limit, "{worth} credits are on hold");
		assert!(worth > limit / 2, "the limit is not used: {worth}");
	});
}

#[test]
fn operator_of_no_one_is_refused_before_anything_is_taken() {
	ExtBuilder.build_and_execute(|| {
		let origin = RuntimeOrigin::signed(16);
		let refused = DispatchError::Other("not an operator");
		assert_noop!(Metered::open_channel(origin, PAYER, order(1_000)), refused);
	});
}

#[test]
fn constants_fit_each_other() {
	use frame_support::traits::Hooks;
	ExtBuilder.build_and_execute(<Metered as Hooks<u64>>::integrity_test);
}

#[test]
fn closing_begins_the_grace() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		CurrentWindow::set(&(START + 10));
		assert_ok!(close(PAYER, channel));
		let ends = START + 10 + 288;
		System::assert_last_event(Event::ChannelClosed { channel, ends }.into());
		assert_noop!(close(PAYER, channel), Error::<Test>::AlreadyClosed);
		assert_noop!(finish(channel), Error::<Test>::GraceRuns);
		CurrentWindow::set(&(ends - 1));
		assert_noop!(finish(channel), Error::<Test>::GraceRuns);
		CurrentWindow::set(&ends);
		assert_ok!(finish(channel));
		assert_noop!(finish(channel), Error::<Test>::UnknownChannel);
	});
}

#[test]
fn grace_is_never_shorter_than_a_day_and_fixed_when_it_begins() {
	ExtBuilder.build_and_execute(|| {
		GraceWindows::set(&1);
		let channel = open(1_000);
		assert_eq!(Metered::channel(channel).expect("open").ends, ENDS);
		GraceWindows::set(&1_000);
		let longer = open(1_000);
		assert_eq!(Metered::channel(longer).expect("open").ends, EXPIRES + 1_000);
		assert_eq!(Metered::channel(channel).expect("open").ends, ENDS);
		// Closing early never lengthens the time until a channel ends.
		CurrentWindow::set(&(EXPIRES - 1));
		assert_ok!(close(PAYER, channel));
		assert_eq!(Metered::channel(channel).expect("in its grace").ends, ENDS);
	});
}

#[test]
fn everything_that_is_left_returns_when_a_channel_is_finished() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		assert_ok!(claim(channel, &[voucher(channel, 1, 100, 100)]));
		assert_noop!(close(PAYER, 99), Error::<Test>::UnknownChannel);
		CurrentWindow::set(&EXPIRES);
		assert_noop!(close(PAYER, channel), Error::<Test>::AlreadyClosed);
		CurrentWindow::set(&ENDS);
		assert_ok!(finish(channel));
		let (credits, basis) = (999_900, 99_990_000_000_000);
		System::assert_last_event(Event::ChannelFinished { channel, credits, basis }.into());
		assert_eq!(payer_credits(), (CREDITS - 100, BASIS - GRM / 100));
		assert_eq!(Balances::free_balance(PAYER), GENESIS);
		assert_eq!((held(HoldReason::Bond), held(HoldReason::Seats)), (0, 0));
	});
}

#[test]
fn channel_waits_while_its_payer_has_no_room() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		CurrentWindow::set(&ENDS);
		let room = CreditLots::<AccountId>::get()[&PAYER].room();
		give_credits(PAYER, room - 10, 0);
		assert_noop!(finish(channel), Error::<Test>::PayerIsFull);
		let lot = <groma_fakes::Fakes<Test, Balances> as groma_traits::CreditAccounts<_>>::take(
			&PAYER, room,
		);
		// What the payer was given goes again, and what belongs to it stays.
		lot.expect("it is there").spend();
		let gone = BASIS - 100 * GRM - payer_credits().1;
		give_credits(PAYER, 10, gone);
		assert_ok!(finish(channel));
	});
}

#[test]
fn terms_of_the_opening_hold_when_a_vote_changes_them() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		put_network(LORAWAN, Default::default());
		assert_ok!(claim(channel, &[voucher(channel, 1, 22, 2)]));
		assert_eq!(open_with(order(1)), Err(Error::<Test>::UnknownService.into()));
	});
}

#[test]
fn only_signed_callers_deal_with_channels() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000);
		let root = RuntimeOrigin::root;
		let bad = DispatchError::BadOrigin;
		assert_noop!(Metered::open_channel(root(), PAYER, order(1_000)), bad);
		assert_noop!(Metered::close_channel(root(), channel), bad);
		assert_noop!(Metered::finish_channel(root(), channel), bad);
		let claim = Metered::claim_vouchers(root(), channel, Default::default());
		assert_eq!(claim.map_err(|failed| failed.error), Err(bad));
	});
}
