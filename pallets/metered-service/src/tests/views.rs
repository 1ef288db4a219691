//! Answers about channels, seats and vouchers.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use groma_core::{
	api::{ChannelState, ClaimRefusal, SeatInfo, VoucherAnswer, VoucherPay},
	money::GRM,
	protocol::PAGE_LENGTH_MAX,
	terms::ServiceTerms,
	voucher::{Voucher, VoucherReason},
};

use crate::{ChannelOrder, mock::*};

fn answers(channel: u64, vouchers: &[Voucher]) -> Vec<VoucherAnswer<AccountId>> {
	Metered::voucher_answers(channel, vouchers.to_vec()).expect("it takes vouchers")
}

/// Time in which a device can deliver what these vouchers promise.
fn pass_an_hour() {
	NowMs::set(&NowMs::get().map(|now| now + 3_600_000));
}

#[test]
fn channel_is_shown_with_what_is_left_and_what_it_is_worth() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		pass_an_hour();
		assert_ok!(claim(channel, &[voucher(channel, 1, 100_000, 50_000)]));
		let info = Metered::channel_info(channel).expect("it is open");
		assert_eq!((info.id, info.payer, info.network), (channel, PAYER, LORAWAN));
		assert_eq!(info.service, ServiceTerms::lorawan_packets());
		assert_eq!((info.credits, info.basis, info.payable), (900_000, 90 * GRM, 81 * GRM));
		// A quarter of the basis of a million credits: 25 GRM at USD 0.10.
		assert_eq!((info.bond, info.bond_credits), (25 * GRM + 1, 250_000));
		assert_eq!((info.seats, info.seats_max, info.exposure_max()), (1, 2, 62_500));
		assert_eq!((info.expires, info.ends), (EXPIRES, ENDS));
		LastGood::set(&50_000_000);
		let info = Metered::channel_info(channel).expect("it is open");
		assert_eq!(info.bond_credits, 125_000, "the lower price counts");
		assert_eq!(Metered::channel_info(channel + 1), None);
	});
}

#[test]
fn channel_pays_nothing_while_the_chain_cannot() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		IsPayable::set(&false);
		assert_eq!(Metered::channel_info(channel).expect("it is open").payable, 0);
		let refused = VoucherAnswer::Refused(VoucherReason::NotPayable.into());
		assert_eq!(answers(channel, &[voucher(channel, 1, 100, 50)]), [refused]);
	});
}

#[test]
fn state_follows_the_life_of_a_channel() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000);
		let state = || Metered::channel_info(channel).map(|info| info.state);
		assert_eq!(state(), Some(ChannelState::Open.into()));
		CurrentWindow::set(&(EXPIRES - 1));
		assert_eq!(state(), Some(ChannelState::Open.into()));
		CurrentWindow::set(&EXPIRES);
		assert_eq!(state(), Some(ChannelState::Closing.into()));
		assert!(Metered::voucher_answers(channel, vec![]).is_ok());
		CurrentWindow::set(&ENDS);
		assert_eq!(state(), Some(ChannelState::Ended.into()));
		assert_eq!(Metered::voucher_answers(channel, vec![]), Err(ClaimRefusal::GraceIsOver));
		assert_ok!(finish(channel));
		assert_eq!(state(), None);
		assert_eq!(Metered::voucher_answers(channel, vec![]), Err(ClaimRefusal::UnknownChannel));
	});
}

#[test]
fn channels_of_a_payer_are_listed_in_pages() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Metered::channels_of(&PAYER, None), []);
		let opened: BTreeSet<_> = (0..PAGE_LENGTH_MAX as u64 + 7).map(|_| open(1)).collect();
		let first = Metered::channels_of(&PAYER, None);
		assert_eq!(first.len(), PAGE_LENGTH_MAX);
		let last = first.last().expect("a full page").id;
		let second = Metered::channels_of(&PAYER, Some(last));
		assert_eq!(second.len(), 7);
		let listed: BTreeSet<_> = first.iter().chain(&second).map(|info| info.id).collect();
		assert_eq!(listed, opened, "each is listed once");
		assert_eq!(Metered::channels_of(&11, None), []);
		assert_eq!(Metered::channels_of(&11, Some(last)), []);
		// The next page begins at the same place when the last of the first is gone.
		CurrentWindow::set(&ENDS);
		assert_ok!(finish(last));
		assert_eq!(Metered::channels_of(&PAYER, Some(last)).len(), 7);
	});
}

#[test]
fn seats_are_listed_in_pages_until_the_channel_is_gone() {
	ExtBuilder.build_and_execute(|| {
		let devices = PAGE_LENGTH_MAX as u32 + 3;
		(100..100 + devices).for_each(|n| groma_fakes::put_device(n, device_of(11, LORAWAN)));
		let channel = open_with(ChannelOrder { seats_max: 200, ..order(1_000_000) });
		let channel = channel.expect("the payer can open it");
		let vouchers: Vec<_> =
			(100..100 + devices).map(|n| voucher(channel, n, u64::from(n), u64::from(n))).collect();
		assert_ok!(claim(channel, &vouchers));
		let first = Metered::seats_of(channel, None);
		assert_eq!(first.len(), PAGE_LENGTH_MAX);
		let second = Metered::seats_of(channel, first.last().map(|seat| seat.device));
		assert_eq!(second.len(), 3);
		let mut listed: Vec<_> = first.into_iter().chain(second).collect();
		listed.sort_by_key(|seat| seat.device);
		let seat = |n: u32| SeatInfo { device: n, credits: n.into(), units: n.into() };
		assert_eq!(listed, (100..100 + devices).map(seat).collect::<Vec<_>>());
		// Seats of another channel are not among them.
		assert_eq!(Metered::seats_of(open(1_000), None), []);
		CurrentWindow::set(&ENDS);
		assert_ok!(finish(channel));
		assert_eq!(Metered::seats_of(channel, None), [], "they are being removed");
	});
}

#[test]
fn answers_are_what_a_claim_of_each_voucher_alone_does() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000);
		pass_an_hour();
		let good = voucher(channel, 1, 400, 200);
		let answers = answers(
			channel,
			&[
				good,
				voucher(channel, 99, 1, 1),
				voucher(channel, 2, 1_500, 1_500),
				Voucher { credits: 401, ..good },
			],
		);
		let pay = |owner, credits, units, overdraws| {
			let basis = u128::from(credits) * GRM / 10_000;
			let paid = basis / 10 * 9;
			let (value, takes_seat) = (basis, true);
			VoucherAnswer::Pays(VoucherPay {
				owner,
				credits,
				units,
				basis,
				value,
				paid,
				takes_seat,
				overdraws,
			})
		};
		assert_eq!(
			answers,
			[
				pay(12, 400, 200, false),
				VoucherAnswer::Refused(VoucherReason::UnknownDevice.into()),
				pay(13, 1_000, 1_500, true),
				VoucherAnswer::Refused(VoucherReason::BadSignature.into()),
			]
		);
		assert_eq!(Metered::seat(channel, 1), None, "nothing changed");
		assert_ok!(claim(channel, &[good]));
		assert_eq!(paid_to(12), 36 * GRM / 1_000);
	});
}

#[test]
fn more_vouchers_than_a_claim_brings_are_not_answered() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000);
		let many = |length| vec![voucher(channel, 1, 4, 4); length];
		assert_eq!(answers(channel, &many(256)).len(), 256);
		let refused = Metered::voucher_answers(channel, many(257));
		assert_eq!(refused, Err(ClaimRefusal::TooManyVouchers));
	});
}
