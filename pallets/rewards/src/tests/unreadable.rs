//! State that does not decode: what it concerns waits, and nothing of it is overwritten.

use frame_support::{assert_noop, assert_ok, storage::unhashed};
use groma_core::{
	lot::Lot,
	money::GRM,
	units::{ONE, Scale, Units},
};
use groma_fakes::{BooksAreUnreadable, Epoch, ForValidators, PriceIsUnreadable};
use groma_traits::Demand;

use crate::{
	Error, Event, NetworkDemands, NetworkEpochs, OpenUnits, Owed, Payees, PayoutShare, Splits,
	Stranded, Waiting, mock::*,
};

/// Damages the value under a key while a test looks at it, and checks that it stays as it is.
fn while_damaged(key: &[u8], test: impl FnOnce()) {
	let good = unhashed::get_raw(key).expect("there is a value");
	unhashed::put_raw(key, &[7]);
	test();
	assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
	unhashed::put_raw(key, &good);
}

fn claim(device: u32) -> bool {
	Rewards::claim(RuntimeOrigin::signed(1), device).is_ok()
}

#[test]
fn work_waits_while_what_its_network_earned_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		earn(1, 3);
		pass_hours(18);
		while_damaged(&NetworkEpochs::<Test>::hashed_key_for(LORAWAN, FIRST_EPOCH), || {
			hand_over(0);
			assert!(!claim(0), "nothing can be owed yet");
			assert_eq!(Waiting::<Test>::get(0).map(|work| work.units), Some(Units(3 * ONE)));
			assert_eq!(Rewards::network_epoch(LORAWAN, FIRST_EPOCH), None);
			assert!(Rewards::do_try_state().is_err());
			// Work of later epochs is paid.
			earn(0, 1);
			pass_hours(24);
			assert!(claim(0));
		});
		assert!(claim(0), "the older work is paid when its record is mended");
		assert!(claim(1));
		assert_eq!(Waiting::<Test>::iter().count(), 0);
	});
}

#[test]
fn older_work_is_paid_with_newer_work_when_both_would_have_to_wait() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		earn(1, 1);
		pass_hours(18);
		let key = NetworkEpochs::<Test>::hashed_key_for(LORAWAN, FIRST_EPOCH);
		let good = unhashed::get_raw(&key).expect("it was settled");
		unhashed::put_raw(&key, &[7]);
		hand_over(0);
		earn(0, 2);
		// The first block of the next epoch: the one before is not settled yet.
		block_at(now_ms() + 24 * HOUR_MS);
		hand_over(0);
		let waiting = Waiting::<Test>::get(0).expect("it waits");
		assert_eq!((waiting.epoch, waiting.units), (FIRST_EPOCH + 1, Units(5 * ONE)));
		assert_eq!(OpenUnits::<Test>::get(FIRST_EPOCH + 1, LORAWAN), Some(Units(5 * ONE)));
		block_at(now_ms() + 6_000);
		assert!(claim(0));
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]), "it was overwritten");
		unhashed::put_raw(&key, &good);
		assert!(claim(1));
	});
}

#[test]
fn units_wait_while_they_are_unreadable() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		while_damaged(&OpenUnits::<Test>::hashed_key_for(FIRST_EPOCH, LORAWAN), || {
			earn(0, 1);
			assert_eq!(Rewards::open_units(LORAWAN), Units::ZERO);
			pass_hours(18);
			hand_over(0);
			assert!(!claim(0), "nothing can be owed yet");
			let unreadable = Event::UnitsUnreadable { network: LORAWAN, epoch: FIRST_EPOCH };
			System::assert_has_event(unreadable.into());
			assert!(Rewards::do_try_state().is_err());
			// Work of later epochs is paid.
			earn(1, 1);
			pass_hours(24);
			assert!(claim(1));
			let stranded = Stranded::<Test>::get(LORAWAN).expect("units wait");
			assert_eq!(stranded.to_vec(), vec![FIRST_EPOCH]);
		});
		// The upgrade counts what was earned meanwhile.
		OpenUnits::<Test>::insert(FIRST_EPOCH, LORAWAN, Units(4 * ONE));
		pass_hours(24);
		let settled = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("it is settled");
		assert_eq!(settled.units, Units(4 * ONE));
		assert!(claim(0));
		assert_eq!((OpenUnits::<Test>::iter().count(), Stranded::<Test>::iter().count()), (0, 0));
	});
}

#[test]
fn work_does_not_move_into_an_epoch_whose_units_are_unreadable() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		while_damaged(&OpenUnits::<Test>::hashed_key_for(FIRST_EPOCH, LORAWAN), || {
			pass_hours(18);
			hand_over(0);
			earn(0, 2);
			// The first block of the next epoch: the one before is not settled yet.
			block_at(now_ms() + 24 * HOUR_MS);
			hand_over(0);
			let waiting = Waiting::<Test>::get(0).expect("it waits");
			assert_eq!((waiting.epoch, waiting.units), (FIRST_EPOCH + 1, Units(5 * ONE)));
			let open = OpenUnits::<Test>::get(FIRST_EPOCH + 1, LORAWAN);
			assert_eq!(open, Some(Units(5 * ONE)));
			block_at(now_ms() + 6_000);
			assert!(claim(0));
		});
	});
}

#[test]
fn units_that_wait_stay_while_the_list_of_their_epochs_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		let read = |is_unreadable| {
			alter_network(LORAWAN, |network| network.is_unreadable = is_unreadable);
		};
		earn(0, 3);
		read(true);
		pass_hours(18);
		read(false);
		while_damaged(&Stranded::<Test>::hashed_key_for(LORAWAN), || {
			earn(1, 1);
			pass_hours(24);
			assert!(claim(1), "other work is paid");
			let open = OpenUnits::<Test>::get(FIRST_EPOCH, LORAWAN);
			assert_eq!(open, Some(Units(3 * ONE)));
			assert!(Rewards::do_try_state().is_err());
		});
		pass_hours(24);
		assert!(claim(0));
		assert_eq!(OpenUnits::<Test>::iter().count(), 0);
	});
}

#[test]
fn work_that_waits_stays_while_it_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		// The first block of the next epoch: the one before is not settled yet.
		block_at(now_ms() + 18 * HOUR_MS);
		hand_over(0);
		while_damaged(&Waiting::<Test>::hashed_key_for(0), || {
			block_at(now_ms() + 6_000);
			assert!(!claim(0));
			assert!(Rewards::do_try_state().is_err());
			earn(0, 2);
			block_at(now_ms() + 24 * HOUR_MS);
			hand_over(0);
			block_at(now_ms() + 6_000);
		});
		assert!(claim(0));
		let settled = |epoch| NetworkEpochs::<Test>::get(LORAWAN, epoch).expect("had work");
		assert_eq!(settled(FIRST_EPOCH).unfolded_units, Units::ZERO);
		// The later work could not wait as well.
		assert_eq!(settled(FIRST_EPOCH + 1).unfolded_units, Units(2 * ONE));
	});
}

#[test]
fn work_waits_while_its_payee_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		earn(1, 3);
		pass_hours(18);
		while_damaged(&Payees::<Test>::hashed_key_for(0), || {
			assert!(!claim(0), "no one knows whom to pay");
			assert!(claim(1));
			assert!(Rewards::do_try_state().is_err());
		});
		assert!(claim(0));
	});
}

#[test]
fn work_stays_in_the_pot_when_the_next_begins_while_its_payee_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 3);
		pass_hours(18);
		unhashed::put_raw(&Payees::<Test>::hashed_key_for(0), &[7]);
		earn(0, 2);
		let settled = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(settled.unfolded_units, Units(3 * ONE));
		pass_hours(24);
		assert!(claim(0), "the next work is paid");
		let settled = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
		assert_eq!(settled.unfolded_units, Units(3 * ONE));
	});
}

#[test]
fn payee_waits_while_its_split_is_unreadable_or_sets_another() {
	ExtBuilder.build_and_execute(|| {
		sell(0, 100_000, 10 * GRM, 50_000);
		let set = |account: AccountId| {
			let share = PayoutShare { account, share: Scale::from_percent(100) };
			let shares = vec![share].try_into().expect("it is one");
			Rewards::set_payout_split(RuntimeOrigin::signed(10), 0, shares)
		};
		assert_ok!(set(11));
		let before = (balance(10), balance(11));
		while_damaged(&Splits::<Test>::hashed_key_for(0, 10), || {
			let unreadable = Error::<Test>::Unreadable;
			assert_noop!(Rewards::claim_payee(RuntimeOrigin::signed(1), 0, 10), unreadable);
			assert!(!claim(0));
			assert!(Rewards::do_try_state().is_err());
		});
		unhashed::put_raw(&Splits::<Test>::hashed_key_for(0, 10), &[7]);
		assert_ok!(set(11));
		assert!(claim(0));
		assert_eq!((balance(10), balance(11)), (before.0, before.1 + 9 * GRM));
	});
}

#[test]
fn claim_is_paid_while_the_sum_of_its_network_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		sell(0, 100_000, 10 * GRM, 50_000);
		while_damaged(&NetworkDemands::<Test>::hashed_key_for(LORAWAN, Epoch::get()), || {
			sell(0, 100_000, 10 * GRM, 50_000);
			assert_eq!(Owed::<Test>::get(0, 10), Some(18 * GRM));
			assert!(Rewards::do_try_state().is_err());
		});
		sell(0, 100_000, 10 * GRM, 50_000);
		// What was sold meanwhile is missing in the sum, and in nothing else.
		assert_eq!(Rewards::network_demand(LORAWAN, Epoch::get()).credits, 200_000);
		assert_eq!(ForValidators::get(), 3 * GRM / 2);
		assert_ok!(Rewards::claim(RuntimeOrigin::signed(1), 0));
	});
}

#[test]
fn nothing_is_paid_while_price_or_books_are_unreadable() {
	ExtBuilder.build_and_execute(|| {
		let pay = || {
			let lot = Lot::new(100_000, 10 * GRM);
			<Rewards as Demand<AccountId>>::pay(0, LORAWAN, &10, lot, 50_000)
		};
		let cases: [fn(bool); 2] =
			[|is| PriceIsUnreadable::set(&is), |is| BooksAreUnreadable::set(&is)];
		for set_unreadable in cases {
			set_unreadable(true);
			assert!(!Rewards::is_payable());
			let lot = pay().expect_err("the lot returns");
			assert_eq!(lot.spend(), (100_000, 10 * GRM));
			set_unreadable(false);
			assert!(Rewards::is_payable());
		}
		assert!(pay().is_ok());
		assert_eq!(Owed::<Test>::get(0, 10), Some(9 * GRM));
	});
}

#[test]
fn what_is_owed_is_neither_paid_nor_overwritten_while_it_is_unreadable() {
	ExtBuilder.build_and_execute(|| {
		sell(0, 100_000, 10 * GRM, 50_000);
		earn(0, 3);
		pass_hours(18);
		while_damaged(&Owed::<Test>::hashed_key_for(0, 10), || {
			let unreadable = Error::<Test>::Unreadable;
			assert_noop!(Rewards::claim_payee(RuntimeOrigin::signed(1), 0, 10), unreadable);
			assert!(!claim(0));
			let lot = Lot::new(100_000, 10 * GRM);
			let lot = <Rewards as Demand<AccountId>>::pay(0, LORAWAN, &10, lot, 50_000);
			assert_eq!(lot.expect_err("it returns").spend(), (100_000, 10 * GRM));
			// Supply rewards stay in the record of their epoch.
			hand_over(0);
			let settled = NetworkEpochs::<Test>::get(LORAWAN, FIRST_EPOCH).expect("had work");
			assert_eq!(settled.unfolded_units, Units(3 * ONE));
		});
		let before = balance(10);
		assert!(claim(0));
		assert_eq!(balance(10), before + 9 * GRM);
	});
}
