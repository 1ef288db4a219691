//! Which validator used which key in which sessions, so that who signed is known for as long as
//! that can be reported, whatever became of the keys. Only here is it written.

use alloc::{collections::BTreeMap, vec::Vec};
use core::{marker::PhantomData, ops::RangeInclusive};

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	Blake2_256, BoundedVec, StorageHasher,
	traits::{Get, KeyOwnerProofSystem},
};
use groma_stored::Stored;
use pallet_session::Pallet as Session;
use scale_info::TypeInfo;
use sp_runtime::{KeyTypeId, traits::OpaqueKeys};
use sp_session::{GetSessionNumber, GetValidatorCount};
use sp_staking::SessionIndex;

use crate::{
	pallet::{Config, KeyUses, KeysInUse, Pallet, RetiredEnds, RetiredKeys},
	queue::Queue,
};

/// The hash of a key and of its type.
pub type KeyId = [u8; 32];

/// The most kinds of provable keys.
pub const KEY_KINDS_MAX: u32 = 4;

/// For how many validators a report of an equivocation weighs: as many as a set can have at most.
pub const PROOF_VALIDATORS: u32 = 1_000;

/// A validator that used a key, from the session on that is part of the storage key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyUse<AccountId> {
	/// The validator.
	pub validator: AccountId,
	/// The last session in which it used the key; `None` if it does so now.
	pub last: Option<SessionIndex>,
}

impl<AccountId> KeyUse<AccountId> {
	/// Whether a session that is not before the first one is in it.
	fn is_until(&self, session: SessionIndex) -> bool {
		self.last.is_none_or(|last| session <= last)
	}
}

/// A key that is in use: which, since which session, and by which validator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyInUse<AccountId> {
	/// The key.
	pub key: KeyId,
	/// The first session of the use.
	pub first: SessionIndex,
	/// The validator.
	pub validator: AccountId,
}

/// A use of a key that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RetiredKey {
	/// The key.
	pub key: KeyId,
	/// The first session of the use.
	pub first: SessionIndex,
	/// The last one.
	pub last: SessionIndex,
}

/// How many keys can be in use at once.
pub struct KeysMax<T>(PhantomData<T>);

impl<T: Config> Get<u32> for KeysMax<T> {
	fn get() -> u32 {
		<T as Config>::MaxValidators::get().saturating_mul(KEY_KINDS_MAX)
	}
}

/// What says that a key is that of a validator: where the record of its use is.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo
)]
pub struct KeyProof {
	/// The first session of the use.
	pub first: SessionIndex,
	/// The session in which the key signed.
	pub session: SessionIndex,
}

impl GetSessionNumber for KeyProof {
	fn session(&self) -> SessionIndex {
		self.session
	}
}

impl GetValidatorCount for KeyProof {
	/// The most there can be, for the weight of a report: the proof says nothing about the set.
	fn validator_count(&self) -> u32 {
		PROOF_VALIDATORS
	}
}

/// A validator, and the session in which it signed: the era is found by it.
pub type Signer<T> = (<T as frame_system::Config>::AccountId, SessionIndex);

type InUse<T> = BoundedVec<KeyInUse<<T as frame_system::Config>::AccountId>, KeysMax<T>>;

/// Uses that are over, from the oldest on.
pub(crate) struct Retired<T>(PhantomData<T>);

impl<T: Config> Queue for Retired<T> {
	type Item = RetiredKey;
	type Ends = RetiredEnds<T>;
	type Items = RetiredKeys<T>;
}

/// The id of a key.
pub(crate) fn key_id(kind: KeyTypeId, key: &[u8]) -> KeyId {
	Blake2_256::hash(&(kind, key).encode())
}

pub(crate) fn stored_keys_in_use<T: Config>() -> Stored<InUse<T>> {
	groma_stored::value::<KeysInUse<T>, InUse<T>>()
}

pub(crate) fn stored_key_use<T: Config>(
	key: KeyId,
	first: SessionIndex,
) -> Stored<KeyUse<T::AccountId>> {
	groma_stored::double_entry::<KeyUses<T>, KeyId, SessionIndex, KeyUse<T::AccountId>>(key, first)
}

impl<T: Config> Pallet<T> {
	/// Notes the keys with which a session begins: the uses of those that are gone are over. If
	/// what is in use does not decode, all uses go on as they are, and no new one is noted.
	pub(crate) fn note_keys(session: SessionIndex) {
		let Some(known) = stored_keys_in_use::<T>().or_absent(BoundedVec::new()) else { return };
		let mut planned = planned_keys::<T>();
		let mut in_use = Vec::new();
		let mut has_changed = false;
		for used in known {
			if planned.get(&used.key) == Some(&used.validator) {
				planned.remove(&used.key);
				in_use.push(used);
			} else {
				has_changed = true;
				retire::<T>(used, session.saturating_sub(1));
			}
		}
		for (key, validator) in planned {
			has_changed = true;
			let use_of = KeyUse { validator: validator.clone(), last: None };
			KeyUses::<T>::insert(key, session, use_of);
			in_use.push(KeyInUse { key, first: session, validator });
		}
		if has_changed {
			KeysInUse::<T>::put(InUse::<T>::truncate_from(in_use));
		}
	}

	/// Forgets the oldest use that is over if its last session is before `remembered`. Returns
	/// whether there may be more.
	pub(crate) fn forget_key(remembered: SessionIndex) -> bool {
		match Retired::<T>::front() {
			Some(Stored::Value(retired)) if retired.last < remembered => {
				if !stored_key_use::<T>(retired.key, retired.first).is_undecodable() {
					KeyUses::<T>::remove(retired.key, retired.first);
				}
			}
			Some(Stored::Value(_)) | None => return false,
			Some(Stored::Absent | Stored::Undecodable) => {}
		}
		Retired::<T>::pop();
		true
	}

	/// What proves that a key is that of the validator who used it in one of these sessions, the
	/// last if it can be; `None` if no one did, or if that is forgotten. Of a session that has not
	/// begun there is none: BABE's client asks in the state of the parent first, in which the
	/// session of a slot may still be another, and in that of the best block if it gets no answer.
	pub fn prove_key_in(
		kind: KeyTypeId,
		key: &[u8],
		sessions: RangeInclusive<SessionIndex>,
	) -> Option<KeyProof> {
		let key = key_id(kind, key);
		let end = Session::<T>::current_index().min(*sessions.end());
		KeyUses::<T>::iter_key_prefix(key).find_map(|first| {
			let last = stored_key_use::<T>(key, first).value()?.last;
			let session = last.unwrap_or(end).min(end);
			(session >= first.max(*sessions.start())).then_some(KeyProof { first, session })
		})
	}

	/// The uses of a key that are remembered, each with its first session, from the first one on;
	/// `None` if one of them does not decode, or if the keys in use do not, since then no use is
	/// noted.
	pub fn key_uses(
		kind: KeyTypeId,
		key: &[u8],
	) -> Option<Vec<(SessionIndex, KeyUse<T::AccountId>)>> {
		if stored_keys_in_use::<T>().is_undecodable() {
			return None;
		}
		let key = key_id(kind, key);
		let noted = KeyUses::<T>::iter_key_prefix(key)
			.map(|first| Some((first, stored_key_use::<T>(key, first).value()?)));
		let mut uses = noted.collect::<Option<Vec<_>>>()?;
		uses.sort_by_key(|(first, _)| *first);
		Some(uses)
	}

	/// What proves the last use of a key, in its last session.
	fn prove_last_use(kind: KeyTypeId, key: &[u8]) -> Option<KeyProof> {
		let key = key_id(kind, key);
		let first = KeyUses::<T>::iter_key_prefix(key).max()?;
		let last = stored_key_use::<T>(key, first).value()?.last;
		Some(KeyProof { first, session: last.unwrap_or_else(Session::<T>::current_index) })
	}

	/// Who used a key, if a proof is true and the era of its session is remembered.
	fn signer(kind: KeyTypeId, key: &[u8], proof: KeyProof) -> Option<Signer<T>> {
		let KeyProof { first, session } = proof;
		if session < first {
			return None;
		}
		Self::era_of(session)?;
		let used = stored_key_use::<T>(key_id(kind, key), first).value()?;
		used.is_until(session).then_some((used.validator, session))
	}
}

/// Who begins to work with which provable keys in the session that begins. If two have the same,
/// the first of the set has it.
fn planned_keys<T: Config>() -> BTreeMap<KeyId, T::AccountId> {
	let mut planned = BTreeMap::new();
	for (validator, keys) in Session::<T>::queued_keys() {
		for kind in T::ProvableKeys::get() {
			let key = key_id(*kind, keys.get_raw(*kind));
			planned.entry(key).or_insert_with(|| validator.clone());
		}
	}
	planned
}

/// Ends a use. What does not decode stays.
fn retire<T: Config>(used: KeyInUse<T::AccountId>, last: SessionIndex) {
	let KeyInUse { key, first, validator } = used;
	if stored_key_use::<T>(key, first).is_undecodable() {
		return;
	}
	KeyUses::<T>::insert(key, first, KeyUse { validator, last: Some(last) });
	Retired::<T>::push(RetiredKey { key, first, last });
}

impl<T: Config, Key: AsRef<[u8]>> KeyOwnerProofSystem<(KeyTypeId, Key)> for Pallet<T> {
	type Proof = KeyProof;
	type IdentificationTuple = Signer<T>;

	fn prove((kind, key): (KeyTypeId, Key)) -> Option<KeyProof> {
		Self::prove_last_use(kind, key.as_ref())
	}

	fn check_proof((kind, key): (KeyTypeId, Key), proof: KeyProof) -> Option<Signer<T>> {
		Self::signer(kind, key.as_ref(), proof)
	}
}
