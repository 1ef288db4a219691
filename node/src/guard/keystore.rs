//! The keystore that GRANDPA's voter gets: it signs what the guard lets it sign, and has the key
//! for votes only while the guard shows it. All others get the keystore itself.

use std::sync::Arc;

use sp_core::{
	crypto::{KeyTypeId, key_types::GRANDPA},
	ecdsa, ed25519, sr25519,
};
use sp_keystore::{Error, Keystore, KeystorePtr};

use super::signing::Guard;

/// A keystore behind the guard.
pub(super) struct GuardedKeystore {
	inner: KeystorePtr,
	guard: Arc<Guard>,
}

/// What a keystore does behind the guard.
pub(crate) fn guarded(inner: KeystorePtr, guard: Arc<Guard>) -> KeystorePtr {
	Arc::new(GuardedKeystore { inner, guard })
}

impl Keystore for GuardedKeystore {
	fn ed25519_sign(
		&self,
		key_type: KeyTypeId,
		public: &ed25519::Public,
		msg: &[u8],
	) -> Result<Option<ed25519::Signature>, Error> {
		if key_type == GRANDPA {
			self.guard.vote(public, msg).map_err(Error::Other)?;
		}
		self.inner.ed25519_sign(key_type, public, msg)
	}

	fn has_keys(&self, public_keys: &[(Vec<u8>, KeyTypeId)]) -> bool {
		// The guard is asked for keys of others, too: so it follows the rounds from the first on.
		let is_for_votes = public_keys.iter().any(|(_, key_type)| *key_type == GRANDPA);
		!(is_for_votes && self.guard.hides_key()) && self.inner.has_keys(public_keys)
	}

	fn sr25519_public_keys(&self, key_type: KeyTypeId) -> Vec<sr25519::Public> {
		self.inner.sr25519_public_keys(key_type)
	}

	fn sr25519_generate_new(
		&self,
		key_type: KeyTypeId,
		seed: Option<&str>,
	) -> Result<sr25519::Public, Error> {
		self.inner.sr25519_generate_new(key_type, seed)
	}

	fn sr25519_sign(
		&self,
		key_type: KeyTypeId,
		public: &sr25519::Public,
		msg: &[u8],
	) -> Result<Option<sr25519::Signature>, Error> {
		self.inner.sr25519_sign(key_type, public, msg)
	}

	fn sr25519_vrf_sign(
		&self,
		key_type: KeyTypeId,
		public: &sr25519::Public,
		data: &sr25519::vrf::VrfSignData,
	) -> Result<Option<sr25519::vrf::VrfSignature>, Error> {
		self.inner.sr25519_vrf_sign(key_type, public, data)
	}

	fn sr25519_vrf_pre_output(
		&self,
		key_type: KeyTypeId,
		public: &sr25519::Public,
		input: &sr25519::vrf::VrfInput,
	) -> Result<Option<sr25519::vrf::VrfPreOutput>, Error> {
		self.inner.sr25519_vrf_pre_output(key_type, public, input)
	}

	fn ed25519_public_keys(&self, key_type: KeyTypeId) -> Vec<ed25519::Public> {
		self.inner.ed25519_public_keys(key_type)
	}

	fn ed25519_generate_new(
		&self,
		key_type: KeyTypeId,
		seed: Option<&str>,
	) -> Result<ed25519::Public, Error> {
		self.inner.ed25519_generate_new(key_type, seed)
	}

	fn ecdsa_public_keys(&self, key_type: KeyTypeId) -> Vec<ecdsa::Public> {
		self.inner.ecdsa_public_keys(key_type)
	}

	fn ecdsa_generate_new(
		&self,
		key_type: KeyTypeId,
		seed: Option<&str>,
	) -> Result<ecdsa::Public, Error> {
		self.inner.ecdsa_generate_new(key_type, seed)
	}

	fn ecdsa_sign(
		&self,
		key_type: KeyTypeId,
		public: &ecdsa::Public,
		msg: &[u8],
	) -> Result<Option<ecdsa::Signature>, Error> {
		self.inner.ecdsa_sign(key_type, public, msg)
	}

	fn ecdsa_sign_prehashed(
		&self,
		key_type: KeyTypeId,
		public: &ecdsa::Public,
		msg: &[u8; 32],
	) -> Result<Option<ecdsa::Signature>, Error> {
		self.inner.ecdsa_sign_prehashed(key_type, public, msg)
	}

	fn insert(&self, key_type: KeyTypeId, suri: &str, public: &[u8]) -> Result<(), ()> {
		self.inner.insert(key_type, suri, public)
	}

	fn keys(&self, key_type: KeyTypeId) -> Result<Vec<Vec<u8>>, Error> {
		self.inner.keys(key_type)
	}
}

#[cfg(test)]
mod tests {
	use sp_core::{crypto::key_types::BABE, ed25519::Pair};
	use sp_keystore::testing::MemoryKeystore;

	use super::*;
	use crate::guard::{
		chain::tests::Fake,
		record::{Kind, Round, Until, tests::vote},
		signing::tests::{guard_in, payload_of},
		summary::Summary,
		voter_state::tests::completed,
	};

	/// A keystore with one key for votes behind a guard.
	fn keystore(guard: Guard) -> (KeystorePtr, ed25519::Public) {
		let inner = MemoryKeystore::new();
		let key = inner.ed25519_generate_new(GRANDPA, Some("//Alice")).expect("it is a seed");
		(guarded(Arc::new(inner), Arc::new(guard)), key)
	}

	#[test]
	fn vote_is_signed_once_it_is_recorded_and_a_second_one_is_not() {
		let directory = tempfile::tempdir().expect("there is room");
		let (guard, ending) = guard_in(directory.path(), None, &Fake::default());
		let (keystore, key) = keystore(guard);
		let mut signed = vote((0, 1), Kind::Prevote, 1);
		signed.key = key;
		let payload = payload_of(&signed);
		let signature = keystore.ed25519_sign(GRANDPA, &key, &payload).expect("it is signed");
		let signature = signature.expect("it has the key");
		assert!(<Pair as sp_core::Pair>::verify(&signature, &payload, &key));
		let summary = Summary::read(directory.path()).expect("it is whole").expect("it is there");
		assert_eq!(summary.last_vote, Some(signed));
		let again = keystore.ed25519_sign(GRANDPA, &key, &payload).expect("it is the same");
		assert_eq!(again, Some(signature), "the same vote has the same signature");
		let other = payload_of(&vote((0, 1), Kind::Prevote, 2));
		assert!(keystore.ed25519_sign(GRANDPA, &key, &other).is_err());
		assert!(ending.take().is_some());
	}

	#[test]
	fn key_for_votes_alone_is_hidden_until_its_time_is_over() {
		let directory = tempfile::tempdir().expect("there is room");
		let (chain, last) = (Fake::default(), Round { set: 0, number: 5 });
		let (guard, _) = guard_in(directory.path(), Some(Until::Round(last)), &chain);
		let (keystore, key) = keystore(guard);
		let own = keystore.ed25519_generate_new(BABE, None).expect("it is made");
		let has = |key: ed25519::Public, kind| keystore.has_keys(&[(key.0.to_vec(), kind)]);
		assert!(!has(key, GRANDPA) && has(own, BABE));
		chain.set(|it| it.state = Some(completed(last, 1)));
		std::thread::sleep(std::time::Duration::from_millis(300));
		assert!(has(key, GRANDPA));
		assert!(!has(own, GRANDPA), "it is no key for votes");
	}
}
