//! What is answered about slashes that wait or were cancelled.

use frame_support::{assert_ok, storage::unhashed};
use groma_core::{
	api::{OffenceId, OffenceKind, SlashInfo, SlashPage},
	protocol::PAGE_LENGTH_MAX,
	units::Scale,
};
use sp_staking::offence::Offence as _;

use crate::{Offences, mock::*};

fn page(after: Option<OffenceId<AccountId>>) -> SlashPage<AccountId> {
	Validators::pending_slashes(after, |kind| {
		if kind == Reported::ID { OffenceKind::TwoVotes } else { OffenceKind::Other }
	})
}

/// The only slash that is answered.
fn slash() -> SlashInfo<AccountId> {
	let page = page(None);
	assert_eq!((page.slashes.len(), page.next, page.unreadable.len()), (1, None, 0));
	page.slashes.into_iter().next().expect("there is one")
}

fn percent(percent: u32) -> Scale {
	Scale::from_percent(percent)
}

#[test]
fn slash_that_waits_is_answered_with_what_it_would_take() {
	run_with(10, || {
		pass_sessions(1);
		assert!(page(None).slashes.is_empty());
		let reported_at = u32::try_from(System::block_number()).expect("it is small");
		assert_ok!(report((2, 1)));
		let expected = SlashInfo {
			era: 0,
			validator: 2,
			kind: OffenceKind::TwoVotes.into(),
			reported_at,
			reporter: Some(REPORTER),
			due: Some(DEFERRAL_ERAS),
			is_cancelled: false,
			amount: 90,
			base: PROVISION,
			fraction: percent(9),
			paid: Scale::ZERO,
			offenders: 1,
			members: 10,
		};
		assert_eq!(slash(), expected);
		pass_eras(DEFERRAL_ERAS);
		assert!(page(None).slashes.is_empty(), "it was paid");
	});
}

#[test]
fn amount_grows_with_the_offenders_of_the_era() {
	run_with(10, || {
		pass_sessions(1);
		assert_ok!(report((2, 1)));
		pass_eras(DEFERRAL_ERAS);
		assert_ok!(report((3, 1)));
		let slashes = page(None).slashes;
		let of = |validator| {
			let found = slashes.iter().find(|slash| slash.validator == validator);
			found.map(|slash| (slash.amount, slash.fraction, slash.paid, slash.offenders))
		};
		assert_eq!(of(2), Some((270, percent(36), percent(9), 2)));
		assert_eq!(of(3), Some((360, percent(36), Scale::ZERO, 2)));
	});
}

#[test]
fn cancelled_slash_is_answered_and_takes_nothing() {
	run_with(10, || {
		pass_sessions(1);
		assert_ok!(report((2, 1)));
		assert_ok!(Validators::cancel_slash(RuntimeOrigin::root(), 0, 2));
		let slash = slash();
		assert_eq!((slash.is_cancelled, slash.due, slash.amount), (true, None, 0));
		assert_eq!((slash.fraction, slash.offenders), (Scale::ZERO, 0));
	});
}

#[test]
fn pages_of_slashes_follow_one_another() {
	let count = PAGE_LENGTH_MAX as u64 + 20;
	run_with(count, || {
		pass_sessions(1);
		for validator in 1..=count {
			assert_ok!(report((validator, 1)));
		}
		let first = page(None);
		assert_eq!(first.slashes.len(), PAGE_LENGTH_MAX);
		let second = page(first.next);
		assert_eq!((second.slashes.len(), second.next), (20, None));
		let mut found: Vec<_> =
			first.slashes.iter().chain(&second.slashes).map(|slash| slash.validator).collect();
		found.sort_unstable();
		assert!(found.into_iter().eq(1..=count));
	});
}

#[test]
fn offence_that_does_not_decode_is_named() {
	run_with(10, || {
		pass_sessions(1);
		assert_ok!(report((2, 1)));
		let key = Offences::<Test>::hashed_key_for(0u32, 2u64);
		let good = unhashed::get_raw(&key).expect("it is there");
		unhashed::put_raw(&key, &[255; 3]);
		let page = page(None);
		assert_eq!(page.unreadable, [OffenceId { era: 0, validator: 2 }]);
		assert!(page.slashes.is_empty());
		unhashed::put_raw(&key, &good);
	});
}
