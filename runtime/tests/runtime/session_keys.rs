//! What the chain says of the session keys of validators, and of one that was reported.

use frame_support::{
	assert_ok,
	storage::{storage_prefix, unhashed},
};
use groma_core::{
	api::{KeyKind, KeyUseInfo, SessionKeyInfo, ValidatorInfo},
	words::SessionKey,
};
use groma_runtime::{AccountId, Block, Runtime};
use groma_runtime_api::runtime_decl_for_validators_api::ValidatorsApi;
use sp_core::ByteArray;
use sp_keyring::Sr25519Keyring::{Bob, Eve};

use crate::{
	chain::{Chain, account},
	offences::{ONE_OF_FOUR, report_bob, to_session},
	sessions::{four_validators, new_keys_of_bob},
};

const BABE: KeyKind = KeyKind(*b"babe");
const DISCOVERY: KeyKind = KeyKind(*b"audi");

fn bob() -> ValidatorInfo<AccountId> {
	<Runtime as ValidatorsApi<Block, AccountId>>::validator(account(Bob))
}

fn info_of(kind: KeyKind, key: SessionKey) -> Option<SessionKeyInfo<AccountId>> {
	<Runtime as ValidatorsApi<Block, AccountId>>::session_key(kind, key)
}

/// Bob's first key, for blocks and for being found.
fn old_key() -> SessionKey {
	SessionKey(Bob.public().0)
}

/// Lets Bob set new keys, and returns the one for blocks.
fn rotate(chain: &mut Chain) -> SessionKey {
	let (call, new) = new_keys_of_bob(chain);
	assert_ok!(chain.submit(Bob, call));
	SessionKey(new.to_raw_vec().try_into().expect("it has 32 bytes"))
}

/// Whether a key of Bob for blocks is one of the present session, of the next one, and registered.
fn standing(chain: &mut Chain, key: SessionKey) -> Option<(bool, bool, bool)> {
	let keys = chain.with(|| bob().keys);
	let found = keys.into_iter().find(|it| (it.kind, it.key) == (BABE, key));
	found.map(|it| (it.is_present, it.is_planned, it.is_registered))
}

#[test]
fn new_keys_of_a_validator_are_used_from_the_session_after_the_next_one() {
	let mut chain = four_validators();
	to_session(&mut chain, 0);
	assert_eq!(chain.with(|| bob().keys.len()), 3);
	assert_eq!(standing(&mut chain, old_key()), Some((true, true, true)));
	let new = rotate(&mut chain);
	assert_eq!(standing(&mut chain, old_key()), Some((true, true, false)));
	assert_eq!(standing(&mut chain, new), Some((false, false, true)));
	assert_eq!(chain.with(|| bob().keys.len()), 6);
	to_session(&mut chain, 1);
	assert_eq!(standing(&mut chain, old_key()), Some((true, false, false)));
	assert_eq!(standing(&mut chain, new), Some((false, true, true)));
	to_session(&mut chain, 2);
	assert_eq!(standing(&mut chain, old_key()), None);
	assert_eq!(standing(&mut chain, new), Some((true, true, true)));
}

#[test]
fn key_is_named_as_long_as_an_offence_with_it_can_be_proven() {
	let mut chain = four_validators();
	to_session(&mut chain, 0);
	let new = rotate(&mut chain);
	let info = |chain: &mut Chain, kind, key| {
		chain.with(|| info_of(kind, key)).expect("all of it decodes")
	};
	let is_bob = |holder: Option<&AccountId>| holder == Some(&account(Bob));
	let unused = info(&mut chain, BABE, new);
	assert!(is_bob(unused.registered.as_ref()) && unused.uses.is_empty(), "{unused:?}");
	to_session(&mut chain, 1);
	let found = info(&mut chain, DISCOVERY, old_key());
	assert!(is_bob(found.holder()) && found.uses.is_empty(), "{found:?}");
	to_session(&mut chain, 2);
	assert!(!info(&mut chain, DISCOVERY, old_key()).is_named(), "nothing can be proven");
	let old = info(&mut chain, BABE, old_key());
	let used = KeyUseInfo { validator: account(Bob), first: 0, last: Some(1) };
	assert!(old.is_named() && old.holder().is_none(), "{old:?}");
	assert_eq!(old.uses, [used]);
	let present = info(&mut chain, BABE, new);
	assert!(is_bob(present.present.as_ref()) && is_bob(present.planned.as_ref()), "{present:?}");
	assert_eq!(present.uses.first().map(|it| (it.first, it.last)), Some((2, None)));
	assert!(!info(&mut chain, BABE, SessionKey([7; 32])).is_named());
	assert!(!info(&mut chain, KeyKind(*b"none"), old_key()).is_named());
}

#[test]
fn nothing_is_said_of_a_key_when_the_keys_in_use_do_not_decode() {
	let mut chain = four_validators();
	to_session(&mut chain, 0);
	chain.with(|| {
		assert!(info_of(BABE, old_key()).is_some());
		unhashed::put_raw(&storage_prefix(b"Validators", b"KeysInUse"), &[255; 3]);
		assert_eq!(info_of(BABE, old_key()), None);
	});
}

#[test]
fn validator_that_was_reported_is_barred_and_has_a_slash_that_waits() {
	let mut chain = four_validators();
	to_session(&mut chain, 0);
	chain.with(|| {
		let before = bob();
		assert_eq!((before.is_barred, before.pending_slash), (false, Some(0)));
		let own = before.backing.expect("it decodes").own;
		assert_ok!(report_bob(0));
		let after = bob();
		assert_eq!((after.is_barred, after.is_disabled), (true, true));
		assert_eq!(after.pending_slash, Some(ONE_OF_FOUR.mul_ceil(own)));
		assert_eq!(after.backing.expect("it decodes").pending, [0]);
		let stranger = <Runtime as ValidatorsApi<Block, AccountId>>::validator(account(Eve));
		assert!(stranger.keys.is_empty() && !stranger.is_barred);
		assert_eq!(stranger.pending_slash, Some(0));
	});
}
