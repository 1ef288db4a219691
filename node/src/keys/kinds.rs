//! The kinds of session keys, and how a keystore names the file of each.

use sp_core::{
	bytes::{from_hex, to_hex},
	crypto::{CryptoTypeId, KeyTypeId, key_types},
	ed25519, sr25519,
};

/// A kind of session key.
pub(super) struct Kind {
	pub(super) id: KeyTypeId,
	pub(super) crypto: CryptoTypeId,
	pub(super) name: &'static str,
}

/// The kinds of session keys, in the order in which a validator registers them.
pub(super) const KINDS: [Kind; 3] = [
	Kind { id: key_types::GRANDPA, crypto: ed25519::CRYPTO_ID, name: "grandpa" },
	Kind { id: key_types::BABE, crypto: sr25519::CRYPTO_ID, name: "babe" },
	Kind {
		id: key_types::AUTHORITY_DISCOVERY,
		crypto: sr25519::CRYPTO_ID,
		name: "authority discovery",
	},
];

/// The length of a session key of any kind.
pub(super) const KEY_BYTES: usize = 32;

/// A session key: what it is for, and its public part.
pub(super) type Key = (KeyTypeId, Vec<u8>);

/// A key with its kind, for a person.
pub(super) fn shown((id, public): &Key) -> String {
	let name = KINDS.iter().find(|kind| kind.id == *id).map_or("unknown", |kind| kind.name);
	format!("{name:<21}{}", to_hex(public, false))
}

/// How the file of a key in a keystore is called.
pub(super) fn file_name((id, public): &Key) -> String {
	let name = to_hex(&[&id.0[..], public].concat(), false);
	name.trim_start_matches("0x").to_owned()
}

/// The session key in the file of a keystore. Other keys are none, such as that of a collector.
pub(super) fn key_in(file_name_found: &str) -> Option<Key> {
	let bytes = from_hex(file_name_found).ok()?;
	let (id, public) = bytes.split_at_checked(4)?;
	let kind = KINDS.iter().find(|kind| kind.id.0 == id)?;
	let key = (kind.id, public.to_vec());
	(public.len() == KEY_BYTES && file_name(&key) == file_name_found).then_some(key)
}

#[cfg(test)]
mod tests {
	use groma_runtime::SessionKeys;
	use sp_runtime::traits::OpaqueKeys;

	use super::*;

	#[test]
	fn kinds_are_those_of_the_runtime_in_its_order() {
		let ids: Vec<_> = KINDS.iter().map(|kind| kind.id).collect();
		assert_eq!(ids, SessionKeys::key_ids());
	}

	#[test]
	fn files_of_session_keys_are_known_by_their_names() {
		let key = (key_types::BABE, vec![0xAB; KEY_BYTES]);
		let name = file_name(&key);
		assert_eq!(name, format!("62616265{}", "ab".repeat(KEY_BYTES)));
		assert_eq!(key_in(&name), Some(key));
		let collector = format!("636f6c6c{}", "ab".repeat(KEY_BYTES));
		let (prefixed, upper) = (format!("0x{name}"), name.to_uppercase());
		for other in [&collector, &prefixed, &upper] {
			assert_eq!(key_in(other), None, "{other}");
		}
		for other in ["62616265ab", "62616265", "babe", "", "readme.txt"] {
			assert_eq!(key_in(other), None, "{other}");
		}
	}
}
