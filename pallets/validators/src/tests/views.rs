//! What the runtime API answers.

use frame_support::{assert_ok, storage::unhashed};
use groma_core::{EraIndex, protocol::LIST_LENGTH_MAX};

use crate::{BLOCK_POINTS, Candidates, Clock, Elected, Workers, mock::*};

/// No value of the pallet.
const DAMAGE: [u8; 3] = [255; 3];

fn declare(account: AccountId) {
	assert_ok!(Validators::declare(RuntimeOrigin::signed(account), None));
}

#[test]
fn era_says_what_its_election_counted_and_when_the_next_begins() {
	run_with(4, || {
		make_candidate(9, 2 * PROVISION);
		pass_sessions(1);
		let info = Validators::era_info().expect("the clock is readable");
		assert_eq!((info.active, info.session, info.end, info.next), (0, 1, 3, None));
		assert_eq!((info.validators, info.stake), (4, Some(4 * PROVISION)));
		assert_eq!((info.candidates, info.seats), (Some(5), 100));
		assert_eq!((info.own_stake_min, info.unsettled), (LEAST, None));
		pass_sessions(1);
		assert_eq!(Validators::era_info().and_then(|info| info.next), Some(3));
		pass_eras(1);
		let info = Validators::era_info().expect("the clock is readable");
		assert_eq!((info.active, info.validators, info.stake), (1, 5, Some(6 * PROVISION)));
	});
}

#[test]
fn set_is_that_of_the_election_whatever_stands_behind_it_now() {
	run_with(4, || {
		make_operator(9, PROVISION, 77);
		declare(9);
		pass_sessions(2);
		back_operator(9, 0, 0);
		let next = Validators::set_info(Some(1), 0, 10).expect("it is elected");
		assert_eq!((next.era, next.count, next.stake, next.next), (1, 5, 5 * PROVISION + 77, None));
		let last = next.validators.last().expect("there are five");
		assert_eq!((last.account, last.own, last.total), (9, PROVISION, PROVISION + 77));
		let present = Validators::set_info(None, 0, 10).expect("the clock is readable");
		assert_eq!((present.era, present.count), (0, 4));
		for era in [2, EraIndex::MAX] {
			assert_eq!(Validators::set_info(Some(era), 0, 10), None, "{era} is not elected");
		}
	});
}

#[test]
fn parts_of_a_set_follow_one_another() {
	run_with(300, || {
		let part = |from, limit| Validators::set_info(None, from, limit).expect("it is readable");
		let first = part(0, u32::MAX);
		assert_eq!(first.validators.len(), LIST_LENGTH_MAX as usize);
		assert_eq!((first.count, first.next), (300, Some(LIST_LENGTH_MAX)));
		let second = part(LIST_LENGTH_MAX, u32::MAX);
		assert_eq!((second.validators.len(), second.next), (44, None));
		let accounts = first.validators.iter().chain(&second.validators).map(|it| it.account);
		assert!(accounts.eq(1..=300));
		for limit in [0, 1] {
			let one = part(298, limit);
			assert_eq!((one.validators.len(), one.next), (1, Some(299)));
		}
		for from in [300, u32::MAX] {
			let beyond = part(from, 10);
			assert_eq!((beyond.validators.len(), beyond.next), (0, None));
		}
	});
}

#[test]
fn validator_has_points_of_the_present_epoch_and_may_be_disabled() {
	run_with(4, || {
		make_block(Some(1));
		make_block(Some(1));
		assert!(Session::disable_index(1));
		let info = Validators::validator_info(2);
		assert!(info.has_keys && info.is_active && info.is_disabled);
		assert_eq!((info.is_candidate, info.is_elected), (Some(true), None));
		assert_eq!((info.points, info.backing), (2 * u64::from(BLOCK_POINTS), None));
		let set = Validators::set_info(None, 1, 1).expect("it is readable");
		let member = set.validators.first().expect("there are four");
		assert_eq!((member.account, member.points, member.is_disabled), (2, 2_000, true));
		close_epoch(0);
		assert_eq!(Validators::validator_info(2).points, 0);
		let unknown = Validators::validator_info(99);
		assert!(!unknown.has_keys && !unknown.is_active && !unknown.is_disabled);
		assert_eq!((unknown.is_candidate, unknown.points), (Some(false), 0));
	});
}

#[test]
fn candidate_is_elected_once_the_election_was() {
	run_with(4, || {
		make_candidate(9, PROVISION);
		let standing = |account| {
			let info = Validators::validator_info(account);
			(info.is_active, info.is_elected)
		};
		assert_eq!(standing(9), (false, None));
		pass_sessions(2);
		assert_eq!((standing(9), standing(10)), ((false, Some(true)), (false, Some(false))));
		pass_eras(1);
		assert_eq!(standing(9), (true, None));
	});
}

#[test]
fn damage_is_named_and_taken_for_nothing_else() {
	run_with(4, || {
		make_block(Some(0));
		let damaged = |key: &[u8], test: &dyn Fn()| {
			let good = unhashed::get_raw(key).expect("there is a value");
			unhashed::put_raw(key, &DAMAGE);
			test();
			unhashed::put_raw(key, &good);
		};
		damaged(&Clock::<Test>::hashed_key(), &|| {
			assert!(!Validators::has_readable_clock());
			assert_eq!(Validators::era_info(), None);
			assert_eq!(Validators::set_info(None, 0, 10), None);
			assert_eq!(Validators::validator_info(1).is_elected, None);
			assert!(Validators::unreadable_sets().is_empty());
		});
		damaged(&Candidates::<Test>::hashed_key(), &|| {
			assert_eq!(Validators::era_info().and_then(|info| info.candidates), None);
			assert_eq!(Validators::validator_info(1).is_candidate, None);
		});
		damaged(&Elected::<Test>::hashed_key_for(0), &|| {
			assert_eq!(Validators::unreadable_sets(), [0]);
			assert_eq!(Validators::era_info().and_then(|info| info.stake), None);
			assert_eq!(Validators::set_info(None, 0, 10), None);
		});
		let epoch = groma_fakes::FIRST_EPOCH;
		damaged(&Workers::<Test>::hashed_key_for(epoch), &|| {
			assert!(!Validators::has_readable_points());
		});
		assert!(Validators::has_readable_clock() && Validators::has_readable_points());
		assert!(Validators::unreadable_sets().is_empty());
	});
}
