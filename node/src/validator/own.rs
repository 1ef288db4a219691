//! For which validators this node works, by the session keys in its keystore.

use groma_core::{
	api::{KeyKind, SessionKeyInfo, ValidatorKeyInfo},
	words::SessionKey,
};
use groma_runtime_api::ValidatorsApi;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_core::crypto::{KeyTypeId, key_types};
use sp_keystore::KeystorePtr;

use crate::types::{AccountId, BlockHash, FullClient};

/// The target of the log lines about the validator of this node.
pub(crate) const LOG_TARGET: &str = "groma::validator";

/// The accounts whose keys for blocks are in a keystore, as of a block: those that validate in its
/// session first. A key that the chain cannot look up is left out.
pub(crate) fn accounts(
	client: &FullClient,
	keystore: &KeystorePtr,
	at: BlockHash,
) -> Result<Vec<AccountId>, ApiError> {
	let kind = KeyKind(key_types::BABE.0);
	let mut found = Vec::new();
	for key in keystore.sr25519_public_keys(key_types::BABE) {
		let info = client.runtime_api().session_key(at, kind, SessionKey(key.0))?;
		if let Some(account) = info.as_ref().and_then(SessionKeyInfo::holder) {
			let is_absent = info.as_ref().is_some_and(|info| info.present.is_none());
			found.push((is_absent, account.clone()));
		}
	}
	Ok(in_order(found))
}

/// Accounts, each once: those of which `false` is said first.
fn in_order(mut found: Vec<(bool, AccountId)>) -> Vec<AccountId> {
	found.sort();
	let mut accounts = Vec::new();
	for (_, account) in found {
		if !accounts.contains(&account) {
			accounts.push(account);
		}
	}
	accounts
}

/// How many of a validator's session keys a keystore lacks.
pub(crate) fn missing_keys(keystore: &KeystorePtr, keys: &[ValidatorKeyInfo]) -> u64 {
	let is_missing = |key: &&ValidatorKeyInfo| {
		!keystore.has_keys(&[(key.key.0.to_vec(), KeyTypeId(key.kind.0))])
	};
	keys.iter().filter(is_missing).count() as u64
}

#[cfg(test)]
mod tests {
	use std::sync::Arc;

	use sp_keystore::{Keystore, testing::MemoryKeystore};

	use super::*;

	#[test]
	fn accounts_are_listed_once_and_those_that_validate_first() {
		let account = |number| AccountId::new([number; 32]);
		let found = vec![
			(true, account(1)),
			(false, account(3)),
			(true, account(3)),
			(false, account(2)),
			(true, account(1)),
		];
		assert_eq!(in_order(found), [account(2), account(3), account(1)]);
	}

	#[test]
	fn keys_that_the_keystore_lacks_are_counted_by_their_kinds() {
		let memory = MemoryKeystore::new();
		let made = memory.sr25519_generate_new(key_types::BABE, None).expect("a key is made");
		let keystore: KeystorePtr = Arc::new(memory);
		let key = |kind: KeyTypeId, key: [u8; 32]| ValidatorKeyInfo {
			kind: KeyKind(kind.0),
			key: SessionKey(key),
			is_present: true,
			is_planned: true,
			is_registered: true,
		};
		let held = key(key_types::BABE, made.0);
		let of_another_kind = key(key_types::AUTHORITY_DISCOVERY, made.0);
		let unknown = key(key_types::BABE, [7; 32]);
		assert_eq!(missing_keys(&keystore, &[]), 0);
		assert_eq!(missing_keys(&keystore, std::slice::from_ref(&held)), 0);
		assert_eq!(missing_keys(&keystore, &[held, of_another_kind, unknown]), 2);
	}
}
