//! One slot, one earner per epoch: what the registry remembers of where a device stood.

use codec::Encode;
use frame_support::assert_ok;
use groma_core::{DeviceId, EpochIndex};
use groma_fakes::{Epoch, FIRST_EPOCH};
use groma_traits::{Devices as _, FirstSlot};

use crate::mock::*;

/// Where a device stands now, and where it stood when an epoch began.
fn slots(device: DeviceId, epoch: EpochIndex) -> (u32, Option<u32>) {
	let view = Registry::at(device, CurrentWindow::get()).expect("the device takes part");
	(view.slot, view.slot_at_start(epoch))
}

/// Retires a device and lets the retirement be folded.
fn retire(device: DeviceId) {
	assert_ok!(Registry::retire(signed(1), device));
	run_to(CurrentWindow::get() + FOLDED);
}

#[test]
fn device_that_moves_is_known_by_the_slot_of_the_epochs_beginning() {
	ExtBuilder::default().devices(4).build_and_execute(|| {
		retire(2);
		assert_eq!(slots(3, FIRST_EPOCH), (2, Some(3)));
		// Another move in the same epoch changes nothing about its beginning.
		retire(0);
		assert_eq!(slots(3, FIRST_EPOCH), (0, Some(3)));
		// In the next epoch it begins where it stands.
		assert_eq!(slots(3, FIRST_EPOCH + 1), (0, Some(0)));
	});
}

#[test]
fn first_move_of_a_later_epoch_takes_the_place_of_the_former_one() {
	ExtBuilder::default().devices(5).build_and_execute(|| {
		retire(2);
		assert_eq!(slots(4, FIRST_EPOCH), (2, Some(4)));
		Epoch::set(&(FIRST_EPOCH + 1));
		retire(3);
		assert_eq!(slots(4, FIRST_EPOCH + 1), (2, Some(2)), "it was not the last of the list");
		retire(0);
		assert_eq!(slots(4, FIRST_EPOCH + 1), (0, Some(2)));
		assert_eq!(slots(1, FIRST_EPOCH + 1), (1, Some(1)));
	});
}

#[test]
fn device_has_no_slot_of_its_next_owner_before_the_epoch_after_the_fold() {
	ExtBuilder::default().devices(2).build_and_execute(|| {
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert_ok!(accept(2, 0, 9));
		run_to(START + 3);
		assert_eq!(slots(0, FIRST_EPOCH), (0, Some(0)));
		for window in START + 4..START + FOLDED {
			run_to(window);
			// Until the fold no one knows in which epoch it took effect.
			assert_eq!(slots(0, FIRST_EPOCH), (0, None));
			assert_eq!(slots(0, FIRST_EPOCH + 1), (0, None));
			let before = Registry::at(0, START + 3);
			assert!(before.is_none_or(|view| view.slot_at_start(FIRST_EPOCH) == Some(0)));
		}
		run_to(START + FOLDED);
		assert_eq!(slots(0, FIRST_EPOCH), (0, None));
		assert_eq!(slots(0, FIRST_EPOCH + 1), (0, Some(0)));
		// The other device of the seller took its slot.
		assert_eq!(slots(1, FIRST_EPOCH), (0, Some(1)));
	});
}

#[test]
fn device_that_joined_earns_no_sooner_when_it_moves() {
	ExtBuilder::default().devices(1).build_and_execute(|| {
		for n in [5, 6] {
			assert_ok!(register(account(2), LORAWAN, session(n), None));
		}
		assert_ok!(Registry::offer_transfer(signed(1), 0, Some(account(2))));
		assert_ok!(accept(2, 0, 9));
		run_to(START + FOLDED);
		let first = Registry::devices_of(account(2), LORAWAN, 0, 1)[0];
		assert_ok!(Registry::retire(signed(2), first));
		run_to(START + 2 * FOLDED);
		assert_eq!(slots(0, FIRST_EPOCH), (0, None));
		assert_eq!(slots(0, FIRST_EPOCH + 1), (0, Some(0)));
	});
}

#[test]
fn new_device_has_no_slot_before_the_next_epoch_where_it_could_earn_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(register(account(1), STORAGE, session(1), None));
		assert_ok!(register(account(1), LORAWAN, session(2), None));
		let of = |network| Registry::devices_of(account(1), network, 0, 1)[0];
		assert_eq!(slots(of(STORAGE), FIRST_EPOCH), (0, None));
		assert_eq!(slots(of(STORAGE), FIRST_EPOCH + 1), (0, Some(0)));
		// A place matures two days after it takes effect, so nothing has to be remembered.
		assert_eq!(record(of(LORAWAN)).changes.first_slot, None);
	});
}

#[test]
fn record_grows_with_the_first_move_alone() {
	ExtBuilder::default().devices(3).build_and_execute(|| {
		let before = record(2).encoded_size();
		retire(0);
		let moved = FirstSlot::Moved { epoch: FIRST_EPOCH, slot: 2 };
		assert_eq!(record(2).changes.first_slot, Some(moved));
		assert_eq!(record(2).encoded_size(), before + 6);
	});
}
