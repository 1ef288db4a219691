//! The keys that everyone has: those that tools derive from the public development phrase.

use std::{collections::BTreeMap, iter};

use sp_core::{
	Pair,
	crypto::{DEV_PHRASE, DeriveJunction, SecretStringError},
	ecdsa, ed25519, sr25519,
};
use sp_runtime::{MultiSigner, traits::IdentifyAccount};

use crate::types::AccountId;

/// The names that tools derive accounts by.
const NAMES: [&str; 8] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two"];
/// Tools also count: `//0`, `//1` and so on.
const NUMBERS: u32 = 256;
/// The public key for which anyone makes sr25519 signatures, since its secret is zero.
const ZERO: [u8; 32] = [0; 32];

/// Public keys and accounts that everyone can sign with, by what they are derived from.
#[derive(Debug)]
pub(super) struct KnownKeys(BTreeMap<AccountId, String>);

impl KnownKeys {
	/// All of them.
	pub(super) fn new() -> Result<Self, SecretStringError> {
		let mut known = BTreeMap::from([(AccountId::new(ZERO), "the key zero".to_owned())]);
		let paths: Vec<_> = paths().collect();
		add::<sr25519::Pair>(&mut known, &paths, MultiSigner::Sr25519)?;
		add::<ed25519::Pair>(&mut known, &paths, MultiSigner::Ed25519)?;
		add::<ecdsa::Pair>(&mut known, &paths, MultiSigner::Ecdsa)?;
		add::<ecdsa::KeccakPair>(&mut known, &paths, MultiSigner::Eth)?;
		Ok(Self(known))
	}

	/// What a key or an account is derived from, if everyone has it.
	pub(super) fn name_of(&self, key: &AccountId) -> Option<&str> {
		self.0.get(key).map(String::as_str)
	}
}

/// A derivation: each step as [`DeriveJunction`] reads it, a hard one with a `/` in front.
type Derivation = Vec<String>;

/// The phrase itself, and what is derived from it.
fn paths() -> impl Iterator<Item = Derivation> {
	let named = NAMES.into_iter().flat_map(|name| {
		[
			vec![format!("/{name}")],
			vec![format!("/{name}"), "/stash".to_owned()],
			vec![name.to_owned()],
			vec![name.to_owned(), "stash".to_owned()],
		]
	});
	let numbered = (0..NUMBERS).map(|number| vec![format!("/{number}")]);
	iter::once(Vec::new()).chain(named).chain(numbered)
}

/// Adds what is derived with the keys of a scheme.
fn add<P: Pair>(
	known: &mut BTreeMap<AccountId, String>,
	paths: &[Derivation],
	signer: fn(P::Public) -> MultiSigner,
) -> Result<(), SecretStringError> {
	let (root, _) = P::from_phrase(DEV_PHRASE, None)?;
	for path in paths {
		// Not every scheme has soft steps.
		let Ok((pair, _)) = root.derive(path.iter().map(DeriveJunction::from), None) else {
			continue;
		};
		known.insert(signer(pair.public()).into_account(), name_of(path));
	}
	Ok(())
}

/// How people call what is derived.
fn name_of(path: &[String]) -> String {
	match path {
		[] => "the public key of the development phrase".to_owned(),
		steps => {
			let uri = steps.iter().map(|step| format!("/{step}")).collect::<String>();
			format!("{uri} of the development phrase")
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const PHRASE: &str = "of the development phrase";

	fn known() -> KnownKeys {
		KnownKeys::new().expect("the phrase is one")
	}

	#[test]
	fn accounts_of_development_chains_are_known() {
		let known = known();
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		let root = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV";
		let name = |address: &str| known.name_of(&address.parse().expect("an address"));
		assert_eq!(name(alice), Some("//Alice of the development phrase"));
		assert_eq!(name(root), Some("the public key of the development phrase"));
		let uris = ["//Bob//stash", "/Alice", "/Two/stash", "//7", "//255", "//Ferdie"];
		for uri in uris {
			let pair = sr25519::Pair::from_string(uri, None).expect("a derivation");
			let account = AccountId::from(pair.public());
			assert_eq!(known.name_of(&account), Some(&*format!("{uri} {PHRASE}")));
		}
	}

	#[test]
	fn keys_of_every_scheme_are_known() {
		let known = known();
		let uri = "//Charlie";
		let ed25519 = ed25519::Pair::from_string(uri, None).expect("a derivation").public();
		let ecdsa = ecdsa::Pair::from_string(uri, None).expect("a derivation").public();
		let keccak = ecdsa::KeccakPair::from_string(uri, None).expect("a derivation").public();
		for signer in
			[MultiSigner::Ed25519(ed25519), MultiSigner::Ecdsa(ecdsa), MultiSigner::Eth(keccak)]
		{
			let account = signer.clone().into_account();
			let name = format!("{uri} {PHRASE}");
			assert_eq!(known.name_of(&account), Some(&*name), "{signer:?}");
		}
	}

	#[test]
	fn other_keys_are_not_known() {
		let known = known();
		let other = sr25519::Pair::from_string("//Groma", None).expect("a derivation").public();
		assert_eq!(known.name_of(&AccountId::from(other)), None);
		assert_eq!(known.name_of(&AccountId::new([7; 32])), None);
		assert_eq!(known.name_of(&AccountId::new(ZERO)), Some("the key zero"));
	}
}
