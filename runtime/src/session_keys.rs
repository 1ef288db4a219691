//! Which session keys validators have, by all pallets that know something of them.

use alloc::vec::Vec;

use groma_core::words::SessionKey;
use groma_runtime_api::{KeyKind, KeyUseInfo, SessionKeyInfo, ValidatorKeyInfo};
use sp_core::{
	ByteArray,
	crypto::{KeyTypeId, key_types},
};
use sp_runtime::traits::OpaqueKeys;

use crate::{AccountId, AuthorityDiscovery, Babe, Grandpa, Session, SessionKeys, Validators};

/// The keys of a kind in the present session, in the order of its validators. The session pallet
/// remembers those of the next session only.
fn present_keys(kind: KeyTypeId) -> Vec<Vec<u8>> {
	match kind {
		key_types::GRANDPA => raw(Grandpa::grandpa_authorities().iter().map(|(key, _)| key)),
		key_types::BABE => raw(Babe::authorities().iter().map(|(key, _)| key)),
		key_types::AUTHORITY_DISCOVERY => raw(AuthorityDiscovery::current_authorities().iter()),
		_ => Vec::new(),
	}
}

fn raw<'a, Key: ByteArray + 'a>(keys: impl Iterator<Item = &'a Key>) -> Vec<Vec<u8>> {
	keys.map(|key| key.to_raw_vec()).collect()
}

/// The key that has these bytes. All kinds of session keys have 32.
fn read(bytes: &[u8]) -> Option<SessionKey> {
	<[u8; 32]>::try_from(bytes).ok().map(SessionKey)
}

/// The keys of a validator in the next session.
fn planned_keys(account: &AccountId) -> Option<SessionKeys> {
	let mut queued = Session::queued_keys().into_iter();
	queued.find(|(validator, _)| validator == account).map(|(_, keys)| keys)
}

/// The session keys of an account, by their kinds: those that it has in the present session and in
/// the next one, and those that it registered.
pub(crate) fn keys_of(account: &AccountId) -> Vec<ValidatorKeyInfo> {
	let (registered, planned) = (Session::load_keys(account), planned_keys(account));
	let place = Session::validators().iter().position(|validator| validator == account);
	let mut found = Vec::new();
	for kind in SessionKeys::key_ids() {
		let of =
			|keys: &Option<SessionKeys>| keys.as_ref().and_then(|keys| read(keys.get_raw(*kind)));
		let present = place.and_then(|place| present_keys(*kind).into_iter().nth(place));
		let present = present.and_then(|key| read(&key));
		let (planned, registered) = (of(&planned), of(&registered));
		let mut keys: Vec<SessionKey> =
			[present, planned, registered].into_iter().flatten().collect();
		keys.sort();
		keys.dedup();
		found.extend(keys.into_iter().map(|key| ValidatorKeyInfo {
			kind: KeyKind(kind.0),
			key,
			is_present: present == Some(key),
			is_planned: planned == Some(key),
			is_registered: registered == Some(key),
		}));
	}
	found
}

/// Whose a session key is, and was; `None` if what says so does not decode.
pub(crate) fn key_info(kind: KeyKind, key: SessionKey) -> Option<SessionKeyInfo<AccountId>> {
	let (kind, key) = (KeyTypeId(kind.0), key.0);
	let uses = Validators::key_uses(kind, &key)?;
	let mut queued = Session::queued_keys().into_iter();
	let place = present_keys(kind).iter().position(|present| present.as_slice() == key);
	Some(SessionKeyInfo {
		registered: Session::key_owner(kind, &key),
		planned: queued.find(|(_, keys)| keys.get_raw(kind) == key).map(|(account, _)| account),
		present: place.and_then(|place| Session::validators().into_iter().nth(place)),
		uses: uses
			.into_iter()
			.map(|(first, it)| KeyUseInfo { validator: it.validator, first, last: it.last })
			.collect(),
	})
}
