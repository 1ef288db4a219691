use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use frame_system::Pallet as System;
use sp_core::{
	H256,
	storage::well_known_keys::CODE as CODE_KEY,
	traits::{Externalities, ReadRuntimeVersion, ReadRuntimeVersionExt},
};
use sp_runtime::{
	DispatchError,
	traits::{BlakeTwo256, Hash},
};
use sp_version::RuntimeVersion;

use crate::{mock::*, *};

const CODE: &[u8] = b"code";

fn hash() -> H256 {
	BlakeTwo256::hash(CODE)
}

fn authorize() {
	assert_ok!(Upgrades::authorize(RuntimeOrigin::root(), hash()));
}

/// What the system has authorized.
fn pending() -> Option<H256> {
	System::<Test>::authorized_upgrade().map(|pending| *pending.code_hash())
}

#[test]
fn authorizing_works() {
	run(|| {
		authorize();
		assert_eq!(pending(), Some(hash()));
		let expires = 1 + AUTHORIZED_BLOCKS;
		assert_eq!(Upgrades::authorized(), Some(Authorization { code_hash: hash(), expires }));
		let event = Event::CodeAuthorized { code_hash: hash(), expires };
		System::<Test>::assert_last_event(event.into());
	});
}

#[test]
fn only_governance_authorizes() {
	run(|| {
		let call = Upgrades::authorize(RuntimeOrigin::signed(1), hash());
		assert_eq!(call, Err(DispatchError::BadOrigin));
		assert_eq!(pending(), None);
	});
}

#[test]
fn an_authorization_ends_in_its_last_block_and_not_before() {
	run(|| {
		authorize();
		run_to(AUTHORIZED_BLOCKS);
		assert_eq!(pending(), Some(hash()));
		run_to(AUTHORIZED_BLOCKS + 1);
		assert_eq!((pending(), Upgrades::authorized()), (None, None));
		let event = Event::AuthorizationExpired { code_hash: hash() };
		System::<Test>::assert_last_event(event.into());
	});
}

#[test]
fn a_later_authorization_takes_the_place_of_an_earlier_one() {
	run(|| {
		authorize();
		run_to(5);
		let other = H256::repeat_byte(1);
		assert_ok!(Upgrades::authorize(RuntimeOrigin::root(), other));
		run_to(AUTHORIZED_BLOCKS + 1);
		assert_eq!(pending(), Some(other));
		run_to(AUTHORIZED_BLOCKS + 5);
		assert_eq!(pending(), None);
	});
}

#[test]
fn code_of_another_hash_leaves_the_authorization_as_it_is() {
	run(|| {
		authorize();
		let other =
			System::<Test>::apply_authorized_upgrade(RuntimeOrigin::none(), b"other".to_vec());
		assert!(other.is_err());
		assert_eq!(pending(), Some(hash()));
	});
}

#[test]
fn an_authorization_that_root_replaced_is_forgotten_and_not_taken_back() {
	run(|| {
		authorize();
		let other = H256::repeat_byte(1);
		assert_ok!(System::<Test>::authorize_upgrade(RuntimeOrigin::root(), other));
		run_to(2);
		assert_eq!(Upgrades::authorized(), None);
		run_to(2 * AUTHORIZED_BLOCKS);
		assert_eq!(pending(), Some(other));
	});
}

#[test]
fn an_authorization_without_a_look_at_the_version_is_not_taken_back() {
	run(|| {
		authorize();
		let call = System::<Test>::authorize_upgrade_without_checks(RuntimeOrigin::root(), hash());
		assert_ok!(call);
		run_to(2);
		assert_eq!(Upgrades::authorized(), None);
		run_to(2 * AUTHORIZED_BLOCKS);
		assert_eq!(pending(), Some(hash()));
	});
}

#[test]
fn the_system_is_asked_to_look_at_the_version() {
	run(|| {
		authorize();
		assert_eq!(unhashed::get_raw(&system_key()), Some((hash(), true).encode()));
	});
}

/// Lets the node read this answer in every code.
fn read_as(answer: Result<Vec<u8>, String>) -> sp_io::TestExternalities {
	struct Reader(Result<Vec<u8>, String>);

	impl ReadRuntimeVersion for Reader {
		fn read_runtime_version(
			&self,
			_: &[u8],
			_: &mut dyn Externalities,
		) -> Result<Vec<u8>, String> {
			self.0.clone()
		}
	}

	let mut chain = new_chain();
	chain.register_extension(ReadRuntimeVersionExt::new(Reader(answer)));
	chain
}

#[test]
fn an_authorization_that_was_applied_is_forgotten() {
	let next = RuntimeVersion { spec_version: 2, ..Version::get() };
	read_as(Ok(next.encode())).execute_with(|| {
		authorize();
		let apply = System::<Test>::apply_authorized_upgrade;
		assert_ok!(apply(RuntimeOrigin::signed(1), CODE.to_vec()));
		assert_eq!(unhashed::get_raw(CODE_KEY), Some(CODE.to_vec()));
		run_to(2);
		assert_eq!((pending(), Upgrades::authorized()), (None, None));
		// It was not taken back.
		assert!(System::<Test>::events().iter().all(|record| !matches!(
			record.event,
			RuntimeEvent::Upgrades(Event::AuthorizationExpired { .. })
		)));
		assert_eq!(Upgrades::do_try_state(), Ok(()));
	});
}

#[test]
fn code_that_is_no_runtime_sets_nothing_and_its_authorization_is_gone() {
	read_as(Err("no runtime".into())).execute_with(|| {
		authorize();
		let apply = System::<Test>::apply_authorized_upgrade;
		assert_ok!(apply(RuntimeOrigin::none(), CODE.to_vec()));
		assert_eq!(unhashed::get_raw(CODE_KEY), Some(Vec::new()));
		System::<Test>::assert_last_event(RuntimeEvent::System(
			frame_system::Event::RejectedInvalidAuthorizedUpgrade {
				code_hash: hash(),
				error: frame_system::Error::<Test>::FailedToExtractRuntimeVersion.into(),
			},
		));
		run_to(2);
		assert_eq!((pending(), Upgrades::authorized()), (None, None));
	});
}

#[test]
fn an_authorization_that_cannot_be_read_is_taken_back() {
	run(|| {
		authorize();
		unhashed::put_raw(&Authorized::<Test>::hashed_key(), &[1]);
		assert!(Upgrades::do_try_state().is_err());
		run_to(2);
		assert_eq!(pending(), None);
		System::<Test>::assert_last_event(Event::AuthorizationUnreadable.into());
	});
}

#[test]
fn nothing_authorized_is_nothing_applied() {
	run(|| {
		let applied =
			|| System::<Test>::apply_authorized_upgrade(RuntimeOrigin::signed(1), CODE.to_vec());
		assert_noop!(applied(), frame_system::Error::<Test>::NothingAuthorized);
	});
}
