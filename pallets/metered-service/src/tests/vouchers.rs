//! Which vouchers count.

use frame_support::{assert_noop, assert_ok, storage::with_storage_layer};
use groma_core::{
	money::GRM,
	protocol::VOUCHERS_PER_CLAIM_MAX,
	voucher::{
		Seat, Voucher,
		VoucherReason::{self, *},
	},
	words::Signature,
};
use groma_fakes::{Banned, DeviceViews, alter_device, put_device};
use sp_runtime::DispatchError;

use crate::{ChannelOrder, Error, Event, mock::*};

#[test]
fn voucher_is_paid_to_the_owner_of_the_device() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		assert_eq!(claim(channel, &[voucher(channel, 1, 1_000, 300)]), Ok(false));
		// A thousand credits at USD 0.10 per GRM: 0.1 GRM, of which 90 % are paid.
		assert_eq!(paid_to(12), 90_000_000_000);
		assert_eq!(Metered::seat(channel, 1), Some(Seat { credits: 1_000, units: 300 }));
		System::assert_last_event(
			Event::VoucherPaid {
				channel,
				device: 1,
				credits: 1_000,
				units: 300,
				basis: GRM / 10,
				value: GRM / 10,
				paid: 90_000_000_000,
				for_validators: 5_000_000_000,
			}
			.into(),
		);
		let record = Metered::channel(channel).expect("open");
		assert_eq!((record.lot.credits(), record.seats), (999_000, 1));
	});
}

#[test]
fn newer_voucher_pays_the_difference() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		assert_ok!(claim(channel, &[voucher(channel, 1, 100, 50)]));
		assert_ok!(claim(channel, &[voucher(channel, 1, 250, 60)]));
		assert_eq!(BurnedLots::get().0, 250);
		let units: Vec<u64> = Payments::<AccountId>::get().iter().map(|paid| paid.2).collect();
		assert_eq!(units, [50, 10]);
	});
}

#[test]
fn voucher_counts_once() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let older = voucher(channel, 1, 100, 50);
		let newer = voucher(channel, 1, 250, 60);
		assert_ok!(claim(channel, &[newer]));
		// Replayed, and older after newer; the batch has nothing new, so the call fails.
		assert_noop!(claim(channel, &[newer]), Error::<Test>::NothingNew);
		assert_noop!(claim(channel, &[older, newer]), Error::<Test>::NothingNew);
		assert_eq!(BurnedLots::get().0, 250);
		// Twice in one batch.
		let more = voucher(channel, 1, 300, 70);
		assert_ok!(claim(channel, &[more, more]));
		assert_eq!(BurnedLots::get().0, 300);
	});
}

#[test]
fn second_of_two_claimers_of_a_block_gets_an_error() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let batch = [voucher(channel, 1, 100, 50), voucher(channel, 2, 100, 50)];
		assert_ok!(claim(channel, &batch));
		assert_noop!(claim(channel, &batch), Error::<Test>::NothingNew);
	});
}

#[test]
fn voucher_is_claimed_again_when_a_fork_drops_its_claim() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let dropped = with_storage_layer::<(), DispatchError, _>(|| {
			claim(channel, &[voucher(channel, 1, 100, 50)])?;
			Err(DispatchError::Other("another fork won"))
		});
		assert!(dropped.is_err());
		assert_ok!(claim(channel, &[voucher(channel, 1, 100, 50)]));
		assert_eq!(BurnedLots::get().0, 100);
	});
}

#[test]
fn voucher_of_another_domain_is_refused() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let other = open(1_000_000);
		let good = voucher(channel, 2, 100, 50);
		let key = signing_key(1);
		let signed = |message: Vec<u8>| {
			use ed25519_dalek::Signer;
			Voucher { signature: Signature(key.sign(&message).to_bytes()), ..good }
		};
		let bad = [
			// Another genesis, channel, signer.
			signed(good.to_signed_bytes(&[7; 32], channel)),
			sign(&key, other, 2, 100, 50),
			sign(&signing_key(2), channel, 2, 100, 50),
			// Another device, more credits, fewer units than were signed.
			Voucher { device: 3, ..good },
			Voucher { credits: 101, ..good },
			Voucher { units: 49, ..good },
			Voucher { signature: Signature([0; 64]), ..good },
		];
		for voucher in bad {
			assert_eq!(refusal(channel, voucher), Some(BadSignature), "{voucher:?}");
		}
		assert_eq!(refusal(channel, good), None);
	});
}

#[test]
fn signature_with_a_high_s_is_refused() {
	// The order of the group, little endian.
	const ORDER: [u8; 32] = [
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
	];
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let good = voucher(channel, 2, 100, 50);
		let mut high = good;
		let mut carry = 0u16;
		for (byte, order) in high.signature.0[32..].iter_mut().zip(ORDER) {
			let sum = u16::from(*byte) + u16::from(order) + carry;
			(*byte, carry) = (sum as u8, sum >> 8);
		}
		assert_ne!(high, good);
		assert_eq!(refusal(channel, high), Some(BadSignature));
		assert_eq!(refusal(channel, good), None);
	});
}

#[test]
fn credits_have_to_fit_the_units_and_the_time() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let reason = |credits, units| refusal(channel, voucher(channel, 2, credits, units));
		assert_eq!(reason(4, 5), Some(OutsidePrice));
		assert_eq!(reason(56, 5), Some(OutsidePrice));
		assert_eq!(reason(1, 0), Some(OutsidePrice));
		assert_eq!(reason(0, 0), Some(NothingNew));
		assert_eq!(reason(0, 5), Some(NothingNew), "units without credits");
		assert_eq!(reason(u64::MAX, u64::MAX), Some(TooFast));
		assert_eq!(reason(u64::MAX, 1), Some(OutsidePrice));
		// 400 packets in the first second.
		assert_eq!(reason(401, 401), Some(TooFast));
		assert_eq!(reason(400, 400), None);
		NowMs::set(&Some(1_000_000_000 + 10_001));
		assert_eq!(reason(4_401, 4_401), Some(TooFast));
		assert_eq!(reason(4_400, 4_400), None);
		assert_eq!(reason(4_410, 4_399), Some(FewerUnits));
	});
}

#[test]
fn device_has_to_serve_the_network() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		assert_eq!(refusal(channel, voucher(channel, 99, 10, 10)), Some(UnknownDevice));
		assert_eq!(refusal(channel, voucher(channel, 8, 10, 10)), Some(OtherNetwork));
	});
}

#[test]
fn device_is_paid_until_it_is_removed_whatever_became_of_it() {
	ExtBuilder.build_and_execute(|| {
		let channel = open_with(ChannelOrder { seats_max: 8, ..order(1_000_000) });
		let channel = channel.expect("open");
		// Paused or retired: a view that takes part no more. Banned. Sold.
		alter_device::<AccountId>(2, START, |view| view.is_active = false);
		Banned::mutate(|banned| banned.insert(3));
		put_device(4, device_of(16, LORAWAN));
		let batch: Vec<_> = (2..5).map(|device| voucher(channel, device, 100, 50)).collect();
		assert_ok!(claim(channel, &batch));
		assert_eq!(BurnedLots::get().0, 300);
		assert_eq!(paid_to(16), 9_000_000_000, "the owner at the claim");
		// Removed.
		DeviceViews::<AccountId>::remove(5);
		assert_eq!(refusal(channel, voucher(channel, 5, 10, 10)), Some(UnknownDevice));
	});
}

#[test]
fn device_has_no_seat_when_others_took_them() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let batch: Vec<_> = (1..4).map(|device| voucher(channel, device, 100, 50)).collect();
		assert_ok!(claim(channel, &batch));
		assert_eq!(Metered::channel(channel).expect("open").seats, 2);
		assert_eq!(refusal(channel, batch[2]), Some(NoSeat));
		assert_eq!(refusal(channel, voucher(channel, 2, 101, 51)), None, "it has a seat");
	});
}

#[test]
fn bad_voucher_stops_no_other() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let bad = Voucher { credits: 200, ..voucher(channel, 1, 100, 50) };
		let batch = [voucher(channel, 99, 1, 1), bad, voucher(channel, 2, 100, 50)];
		assert_ok!(claim(channel, &batch));
		assert_eq!(BurnedLots::get().0, 100);
		let refused: Vec<VoucherReason> = System::events()
			.into_iter()
			.filter_map(|record| match record.event {
				RuntimeEvent::MeteredPallet(Event::VoucherRefused { reason, .. }) => Some(reason),
				_ => None,
			})
			.collect();
		assert_eq!(refused, [UnknownDevice, BadSignature]);
	});
}

#[test]
fn claim_of_nothing_new_fails() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		assert_noop!(claim(channel, &[]), Error::<Test>::NothingNew);
		let bad = [voucher(channel, 99, 1, 1), voucher(channel, 8, 1, 1)];
		assert_noop!(claim(channel, &bad), Error::<Test>::NothingNew);
		assert_noop!(claim(99, &[voucher(99, 1, 1, 1)]), Error::<Test>::UnknownChannel);
	});
}

#[test]
fn vouchers_are_taken_until_the_last_window_of_the_grace() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		for (window, credits) in [(EXPIRES - 1, 1), (EXPIRES, 2), (ENDS - 1, 3)] {
			CurrentWindow::set(&window);
			assert_ok!(claim(channel, &[voucher(channel, 1, credits, credits)]));
		}
		CurrentWindow::set(&ENDS);
		assert_noop!(claim(channel, &[voucher(channel, 1, 4, 4)]), Error::<Test>::GraceIsOver);
	});
}

#[test]
fn nothing_expires_while_the_chain_stands_still() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		// A week passes by the clock, and no window.
		NowMs::set(&Some(1_000_000_000 + 7 * 86_400_000));
		assert_ok!(claim(channel, &[voucher(channel, 1, 1, 1)]));
		// The clock runs back by an hour: what was promised is paid.
		NowMs::set(&Some(1_000_000_000 - 3_600_000));
		assert_ok!(claim(channel, &[voucher(channel, 1, 2, 2)]));
	});
}

#[test]
fn voucher_stays_valid_while_the_chain_cannot_pay() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let batch = [voucher(channel, 1, 100, 50)];
		IsPayable::set(&false);
		assert_noop!(claim(channel, &batch), Error::<Test>::NothingNew);
		assert_eq!(Metered::channel(channel).expect("open").lot.basis(), 100 * GRM);
		IsPayable::set(&true);
		assert_ok!(claim(channel, &batch));
	});
}

#[test]
fn check_answers_for_each_voucher_and_changes_nothing() {
	ExtBuilder.build_and_execute(|| {
		let channel = open(1_000_000);
		let batch = vec![voucher(channel, 1, 100, 50), voucher(channel, 99, 1, 1)];
		let batch = batch.try_into().expect("few");
		let answers = Metered::check_vouchers(channel, &batch).expect("it is open");
		let gains: Vec<_> = answers.into_iter().map(|due| due.map(|due| due.gain)).collect();
		assert_eq!(gains, [Ok(Seat { credits: 100, units: 50 }), Err(UnknownDevice)]);
		assert_eq!(Metered::seat(channel, 1), None);
	});
}

#[test]
fn batch_is_bounded() {
	let voucher = Voucher { device: 0, credits: 0, units: 0, signature: Signature([0; 64]) };
	let batch = |length: u32| crate::Vouchers::try_from(vec![voucher; length as usize]);
	assert!(batch(VOUCHERS_PER_CLAIM_MAX).is_ok());
	assert!(batch(VOUCHERS_PER_CLAIM_MAX + 1).is_err());
}
