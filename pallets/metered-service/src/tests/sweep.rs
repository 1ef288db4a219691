//! The seats of channels that are gone.

use frame_support::{assert_ok, weights::Weight};

use crate::{ChannelOrder, LastUnpayable, Seats, Swept, WeightInfo, mock::*};

/// A channel that paid so many devices and is gone.
fn ended(devices: u32) -> u64 {
	let seats_max = devices as u16 + 1;
	let order = ChannelOrder { seats_max, ..order(1_000) };
	let channel = open_with(order).expect("open");
	let batch: Vec<_> = (0..devices).map(|device| voucher(channel, device, 1, 1)).collect();
	if devices > 0 {
		assert_ok!(claim(channel, &batch));
	}
	let mut record = crate::Channels::<Test>::get(channel).expect("open");
	(record.expires, record.ends) = (START - 1, START);
	crate::Channels::<Test>::insert(channel, record);
	assert_ok!(finish(channel));
	channel
}

#[test]
fn seats_go_when_blocks_have_weight_left() {
	ExtBuilder.build_and_execute(|| {
		let channel = ended(8);
		assert_eq!(Seats::<Test>::iter_prefix(channel).count(), 8);
		check();
		// Room for three seats.
		let step = <() as WeightInfo>::sweep_seat();
		let three = <() as WeightInfo>::sweep_channel().saturating_add(step.saturating_mul(3));
		assert_eq!(idle(three), three);
		assert_eq!(Seats::<Test>::iter_prefix(channel).count(), 5);
		check();
		idle(Weight::MAX);
		assert_eq!(Seats::<Test>::iter_prefix(channel).count(), 0);
		assert!(!Swept::<Test>::contains_key(channel));
	});
}

#[test]
fn several_channels_go_one_after_another() {
	ExtBuilder.build_and_execute(|| {
		let channels = [ended(3), ended(0), ended(5)];
		assert!(!Swept::<Test>::contains_key(channels[1]), "it had no seats");
		idle(Weight::MAX);
		assert_eq!((Seats::<Test>::iter().count(), Swept::<Test>::iter().count()), (0, 0));
	});
}

#[test]
fn nothing_is_done_without_weight_and_little_without_work() {
	ExtBuilder.build_and_execute(|| {
		let channel = ended(2);
		assert_eq!(idle(Weight::zero()), Weight::zero());
		assert_eq!(Seats::<Test>::iter_prefix(channel).count(), 2);
		idle(Weight::MAX);
		assert_eq!(idle(Weight::MAX), <() as WeightInfo>::sweep_channel());
	});
}

#[test]
fn nothing_is_swept_or_noted_while_the_chain_stands_still() {
	ExtBuilder.build_and_execute(|| {
		let channel = ended(2);
		StandsStill::set(&true);
		IsPayable::set(&false);
		assert_eq!(idle(Weight::MAX), <() as WeightInfo>::sweep_channel());
		begin_block();
		assert_eq!(Seats::<Test>::iter_prefix(channel).count(), 2);
		assert!(Swept::<Test>::contains_key(channel) && !LastUnpayable::<Test>::exists());
		IsPayable::set(&true);
		StandsStill::set(&false);
		idle(Weight::MAX);
		assert_eq!(Seats::<Test>::iter_prefix(channel).count(), 0);
	});
}
