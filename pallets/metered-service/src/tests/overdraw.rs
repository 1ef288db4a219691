//! Channels that promise more than they hold.

use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::{money::GRM, voucher::VoucherReason};

use crate::{ChannelOrder, Error, Event, HoldReason, mock::*};

#[test]
fn bond_is_burned_and_the_claim_is_free_when_a_channel_is_overdrawn() {
	ExtBuilder.build_and_execute(|| {
		NowMs::set(&Some(0));
		let channel = open(1_000);
		NowMs::set(&Some(10_000));
		assert_eq!(claim(channel, &[voucher(channel, 1, 600, 600)]), Ok(false));
		assert_eq!(claim(channel, &[voucher(channel, 2, 600, 600)]), Ok(true));
		// What was left was paid.
		assert_eq!(BurnedLots::get().0, 1_000);
		assert_eq!((paid_to(12), paid_to(13)), (54_000_000_000, 36_000_000_000));
		System::assert_last_event(Event::ChannelOverdrawn { channel, bond: 10 * GRM }.into());
		assert_eq!(Burned::get(), 10 * GRM);
		// The deposit for the seats returned, and the channel is gone.
		assert_eq!(Balances::free_balance(PAYER), GENESIS - 10 * GRM);
		assert_eq!(Balances::balance_on_hold(&HoldReason::Seats.into(), &PAYER), 0);
		let more = [voucher(channel, 2, 601, 601)];
		assert_noop!(claim(channel, &more), Error::<Test>::UnknownChannel);
	});
}

#[test]
fn last_voucher_of_a_batch_overdraws_and_the_batch_pays_its_fee() {
	ExtBuilder.build_and_execute(|| {
		let order = ChannelOrder { seats_max: 8, ..order(700) };
		let channel = open_with(order).expect("open");
		let batch: Vec<_> = (1..4).map(|device| voucher(channel, device, 300, 300)).collect();
		assert_eq!(claim(channel, &batch), Ok(false));
		assert_eq!(BurnedLots::get().0, 700);
		assert_eq!(Burned::get(), 10 * GRM);
	});
}

#[test]
fn vouchers_after_the_one_that_overdraws_find_nothing_left() {
	ExtBuilder.build_and_execute(|| {
		let order = ChannelOrder { seats_max: 8, ..order(500) };
		let channel = open_with(order).expect("open");
		let batch: Vec<_> = (1..4).map(|device| voucher(channel, device, 300, 300)).collect();
		assert_eq!(claim(channel, &batch), Ok(false));
		let reason = VoucherReason::NothingLeft;
		let refused = Event::VoucherRefused { channel, device: 3, reason };
		System::assert_has_event(refused.into());
		assert_eq!(Metered::seat(channel, 3), None);
	});
}

#[test]
fn proof_is_free_alone_and_pays_when_it_brings_anything_else() {
	ExtBuilder.build_and_execute(|| {
		let (channel, other) = (open(300), open(300));
		let proof = |channel| voucher(channel, 1, 301, 301);
		// What else it brings may be refused, or count for nothing.
		let with_junk = [proof(channel), voucher(channel, 99, 1, 1)];
		assert_eq!(claim(channel, &with_junk), Ok(false));
		assert_eq!(claim(other, &[proof(other)]), Ok(true));
		assert_eq!(Burned::get(), 20 * GRM);
	});
}

#[test]
fn empty_channel_is_overdrawn_by_one_more_credit() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(300);
		assert_eq!(claim(channel, &[voucher(channel, 1, 300, 300)]), Ok(false));
		assert!(Metered::channel(channel).is_some(), "to the last credit it is no overdraw");
		assert_eq!(claim(channel, &[voucher(channel, 1, 301, 300)]), Ok(true));
		assert_eq!((BurnedLots::get().0, Burned::get()), (300, 10 * GRM));
	});
}

#[test]
fn no_bond_is_burned_while_the_chain_cannot_pay() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(300);
		assert_ok!(claim(channel, &[voucher(channel, 1, 300, 300)]));
		IsPayable::set(&false);
		let proof = [voucher(channel, 1, 301, 301)];
		assert_noop!(claim(channel, &proof), Error::<Test>::NothingNew);
		assert_eq!(Burned::get(), 0);
		IsPayable::set(&true);
		assert_eq!(claim(channel, &proof), Ok(true));
		assert_eq!(Burned::get(), 10 * GRM);
	});
}

#[test]
fn forged_voucher_burns_no_bond() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(300);
		let forged = sign(&signing_key(9), channel, 1, 301, 301);
		assert_noop!(claim(channel, &[forged]), Error::<Test>::NothingNew);
		assert_eq!(Burned::get(), 0);
	});
}

#[test]
fn other_channels_of_the_payer_keep_their_bonds() {
	ExtBuilder.build_and_execute(|| {
		let (channel, other) = (open(300), open(300));
		assert_eq!(claim(channel, &[voucher(channel, 1, 301, 301)]), Ok(true));
		assert_eq!(Balances::balance_on_hold(&HoldReason::Bond.into(), &PAYER), 10 * GRM);
		assert_ok!(claim(other, &[voucher(other, 1, 300, 300)]));
	});
}

#[test]
fn payer_that_drains_its_channel_to_itself_loses_more_by_the_bond() {
	ExtBuilder.build_and_execute(|| {
		// Its own device is the first; gateways serve up to the bond over twice the seats.
		let seats = 100u64;
		let order = ChannelOrder { seats_max: seats as u16, ..order(1_000_000) };
		let channel = open_with(order).expect("open");
		NowMs::set(&Some(1_000_000_000 + 86_400_000));
		let bond = Metered::channel(channel).expect("open").bond;
		let bond_credits = u64::try_from(bond / 100_000_000).expect("few");
		let served = bond_credits / (2 * seats) * (seats - 1);
		assert_ok!(claim(channel, &[voucher(channel, 1, 1_000_000, 1_000_000)]));
		assert_eq!(claim(channel, &[voucher(channel, 2, 1, 1)]), Ok(true));
		// At USD 0.10 a credit is 10^8 plancks: what it was served for nothing, and its bond.
		assert!(u128::from(served) * 100_000_000 <= bond / 2);
		assert_eq!(Burned::get(), bond);
	});
}
