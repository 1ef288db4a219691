//! Which session keys a chain names, by its states: those of all sessions for which misbehaviour
//! can be proven, and those that are registered.

use std::{
	collections::BTreeSet,
	time::{Duration, SystemTime},
};

use codec::Decode;
use groma_runtime::{AccountId, BlockNumber, Runtime, SessionKeys};
use jsonrpsee::{
	core::{
		client::{ClientT, Error as ClientError},
		params::ArrayParams,
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use pallet_babe::EpochStart;
use pallet_session::{CurrentIndex, KeyOwner, QueuedKeys};
use pallet_timestamp::Now;
use serde::de::DeserializeOwned;
use sp_core::bytes::{from_hex, to_hex};

use super::kinds::Key;
use crate::{
	endpoint::{Endpoint, EndpointFault},
	types::BlockHash,
};

/// How far from now the best block of a node may be that knows what the chain names.
const HEAD_AGE_MAX: Duration = Duration::from_secs(600);

/// Why it is not known what the chain names.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChainError {
	#[error("--url: {0}")]
	Endpoint(#[from] EndpointFault),
	#[error(
		"{url} cannot be asked ({reason}), and no key is removed without the chain: start the node, \
		 or name another by --url"
	)]
	NoAnswer { url: String, reason: String },
	#[error(
		"the node at {url} is of another chain ({found:?}, not {specified:?}): give the --chain of \
		 this keystore, and the --url of a node of that chain"
	)]
	OtherChain { url: String, found: BlockHash, specified: BlockHash },
	#[error(
		"the best block of the node at {url} is {seconds} s from the time of this machine, so that it \
		 may not know the keys of today: wait until it is in sync, and see that the clock is right"
	)]
	Behind { url: String, seconds: u64 },
	#[error(
		"a state of a session for which misbehaviour can be proven cannot be read ({0}): ask a node \
		 that keeps old states (`--state-pruning archive`) by --url; it may be another machine"
	)]
	NoState(String),
	#[error("{0} cannot be read: is this program of the version of the chain?")]
	Unreadable(&'static str),
}

/// The states of a chain.
pub(super) trait States {
	/// The hash of the best block, or of the one with this number in its chain.
	async fn hash(&self, number: Option<BlockNumber>) -> Result<BlockHash, ChainError>;

	/// The hash of the latest finalized block.
	async fn finalized(&self) -> Result<BlockHash, ChainError>;

	/// A value in the state of a block.
	async fn value(&self, key: &[u8], at: BlockHash) -> Result<Option<Vec<u8>>, ChainError>;
}

/// Those of `keys` that a validator registered, or that a session uses: of the sessions in which
/// misbehaviour can be proven for `evidence_sessions` after them, the present one and the next.
pub(super) async fn named<S: States>(
	states: &S,
	keys: &BTreeSet<Key>,
	evidence_sessions: u32,
) -> Result<BTreeSet<Key>, ChainError> {
	let best = states.hash(None).await?;
	let mut named = in_sessions(states, best, evidence_sessions).await?;
	for at in [best, states.finalized().await?] {
		for key in keys {
			let owner = KeyOwner::<Runtime>::hashed_key_for(key.clone());
			if states.value(&owner, at).await?.is_some() {
				named.insert(key.clone());
			}
		}
	}
	Ok(keys.intersection(&named).cloned().collect())
}

/// The keys of sessions, from the one after that of the block `best` back. The state of each block
/// has those of the session after its own.
async fn in_sessions<S: States>(
	states: &S,
	best: BlockHash,
	evidence_sessions: u32,
) -> Result<BTreeSet<Key>, ChainError> {
	let mut named = BTreeSet::new();
	let mut at = best;
	// What happened in a session is proven until so many later ones have ended. Its keys are in the
	// state of the session before it.
	for _ in 0..=evidence_sessions.saturating_add(1) {
		let queued = states.value(&QueuedKeys::<Runtime>::hashed_key(), at).await?;
		let queued: Vec<(AccountId, SessionKeys)> = decoded(queued, "Session.QueuedKeys")?;
		for (_, keys) in queued {
			named.extend(keys.into_raw_public_keys().into_iter().map(|(public, id)| (id, public)));
		}
		// Both are written when the second session begins.
		let index = states.value(&CurrentIndex::<Runtime>::hashed_key(), at).await?;
		let start = states.value(&EpochStart::<Runtime>::hashed_key(), at).await?;
		if index.is_none() && start.is_none() {
			break;
		}
		let (_, began): (BlockNumber, BlockNumber) = decoded(start, "Babe.EpochStart")?;
		let before = began.checked_sub(1).ok_or(ChainError::Unreadable("Babe.EpochStart"))?;
		at = states.hash(Some(before)).await?;
	}
	Ok(named)
}

fn decoded<T: Decode>(value: Option<Vec<u8>>, name: &'static str) -> Result<T, ChainError> {
	let value = value.ok_or(ChainError::Unreadable(name))?;
	T::decode(&mut &value[..]).map_err(|_| ChainError::Unreadable(name))
}

/// The chain of a node, by its JSON-RPC.
pub(super) struct Node {
	/// As it is shown.
	url: String,
	client: WsClient,
}

impl Node {
	/// A node that is in sync, and of the chain that begins with the block `genesis`.
	pub(super) async fn connect(node: Endpoint, genesis: BlockHash) -> Result<Self, ChainError> {
		let url = node.to_string();
		let client = WsClientBuilder::default().build(node.url()).await;
		let client = client.map_err(|error| no_answer(&url, &error))?;
		let node = Self { url: url.clone(), client };
		let found = node.hash(Some(0)).await?;
		if found != genesis {
			return Err(ChainError::OtherChain { url, found, specified: genesis });
		}
		let now = node.value(&Now::<Runtime>::hashed_key(), node.hash(None).await?).await?;
		let made: u64 = decoded(now, "Timestamp.Now")?;
		let made = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(made));
		let made = made.ok_or(ChainError::Unreadable("Timestamp.Now"))?;
		let apart = SystemTime::now().duration_since(made);
		match apart.unwrap_or_else(|reverse| reverse.duration()) {
			apart if apart > HEAD_AGE_MAX => {
				Err(ChainError::Behind { url, seconds: apart.as_secs() })
			}
			_ => Ok(node),
		}
	}

	async fn ask<T: DeserializeOwned>(
		&self,
		method: &str,
		params: ArrayParams,
	) -> Result<T, ClientError> {
		self.client.request(method, params).await
	}
}

fn no_answer(url: &str, error: &ClientError) -> ChainError {
	ChainError::NoAnswer { url: url.to_owned(), reason: error.to_string() }
}

impl States for Node {
	async fn hash(&self, number: Option<BlockNumber>) -> Result<BlockHash, ChainError> {
		let hash: Option<BlockHash> = self
			.ask("chain_getBlockHash", rpc_params![number])
			.await
			.map_err(|error| no_answer(&self.url, &error))?;
		hash.ok_or(ChainError::Unreadable("the hash of a block"))
	}

	async fn finalized(&self) -> Result<BlockHash, ChainError> {
		self.ask("chain_getFinalizedHead", rpc_params![])
			.await
			.map_err(|error| no_answer(&self.url, &error))
	}

	async fn value(&self, key: &[u8], at: BlockHash) -> Result<Option<Vec<u8>>, ChainError> {
		let params = rpc_params![to_hex(key, false), at];
		let value: Option<String> =
			self.ask("state_getStorage", params).await.map_err(|error| match &error {
				ClientError::Call(refusal) => ChainError::NoState(refusal.message().into()),
				_ => no_answer(&self.url, &error),
			})?;
		let value = value.map(|value| from_hex(&value)).transpose();
		value.map_err(|_| ChainError::Unreadable("a value of the state"))
	}
}

#[cfg(test)]
pub(super) mod tests {
	use std::collections::BTreeMap;

	use codec::Encode;
	use futures::executor::block_on;
	use sp_core::crypto::key_types;

	use super::*;

	/// States of made-up blocks: the hash of block `n` is `n`.
	#[derive(Clone, Debug, Default)]
	pub(in crate::keys) struct Fake {
		best: u64,
		finalized: u64,
		values: BTreeMap<(u64, Vec<u8>), Vec<u8>>,
		/// States of blocks before it are not kept.
		oldest: u64,
	}

	impl Fake {
		/// A chain of so many sessions of ten blocks. The set of each is one validator with
		/// [`keys_of`] the session.
		pub(in crate::keys) fn new(sessions: u8) -> Self {
			let mut fake = Self::default();
			for session in 0..sessions {
				// The last block of the session, or the best one.
				fake.best = u64::from(session) * 10 + 9;
				fake.finalized = fake.best;
				let queued = vec![(AccountId::new([1; 32]), keys_of(session + 1))];
				fake.put(&QueuedKeys::<Runtime>::hashed_key(), queued);
				if session > 0 {
					let start = (u32::from(session - 1) * 10, u32::from(session) * 10);
					fake.put(&EpochStart::<Runtime>::hashed_key(), start);
					fake.put(&CurrentIndex::<Runtime>::hashed_key(), u32::from(session));
				}
			}
			fake
		}

		fn put(&mut self, key: &[u8], value: impl Encode) {
			self.values.insert((self.best, key.to_vec()), value.encode());
		}

		/// The same with a key that is registered at the best block.
		pub(in crate::keys) fn registered(mut self, key: &Key) -> Self {
			self.put(&KeyOwner::<Runtime>::hashed_key_for(key.clone()), [1u8; 32]);
			self
		}
	}

	impl States for Fake {
		async fn hash(&self, number: Option<BlockNumber>) -> Result<BlockHash, ChainError> {
			Ok(BlockHash::from_low_u64_be(number.map_or(self.best, u64::from)))
		}

		async fn finalized(&self) -> Result<BlockHash, ChainError> {
			Ok(BlockHash::from_low_u64_be(self.finalized))
		}

		async fn value(&self, key: &[u8], at: BlockHash) -> Result<Option<Vec<u8>>, ChainError> {
			let at = at.to_low_u64_be();
			match at < self.oldest {
				true => Err(ChainError::NoState("discarded".into())),
				false => Ok(self.values.get(&(at, key.to_vec())).cloned()),
			}
		}
	}

	fn keys_of(session: u8) -> SessionKeys {
		let bytes = [session; 96];
		SessionKeys::decode(&mut &bytes[..]).expect("three keys")
	}

	/// A key of the set of a session.
	pub(in crate::keys) fn key_of(session: u8) -> Key {
		(key_types::BABE, vec![session; 32])
	}

	/// Of which sessions the keys are named, of 0 to 20.
	fn sessions_named(states: &Fake, evidence_sessions: u32) -> Vec<u8> {
		let keys: BTreeSet<Key> = (0..=20).map(key_of).collect();
		let named = block_on(named(states, &keys, evidence_sessions)).expect("it is known");
		named.into_iter().filter_map(|(_, public)| public.first().copied()).collect()
	}

	#[test]
	fn keys_of_the_sessions_of_evidence_are_named_and_older_ones_are_not() {
		// The last session is 9, and 10 is planned.
		let states = Fake::new(10);
		assert_eq!(sessions_named(&states, 3), [6, 7, 8, 9, 10]);
		assert_eq!(sessions_named(&states, 0), [9, 10]);
		// The keys of the first session are those of the second.
		assert_eq!(sessions_named(&states, 100), (1..=10).collect::<Vec<_>>());
		assert_eq!(sessions_named(&Fake::new(1), 100), [1]);
	}

	#[test]
	fn registered_key_is_named_also_where_only_the_best_or_the_finalized_block_has_it() {
		let mut states = Fake::new(10).registered(&key_of(15));
		assert_eq!(sessions_named(&states, 1), [8, 9, 10, 15]);
		states.finalized = 85;
		assert_eq!(sessions_named(&states, 1), [8, 9, 10, 15], "not final yet");
		let owner = KeyOwner::<Runtime>::hashed_key_for(key_of(16));
		states.values.insert((85, owner), vec![1; 32]);
		assert_eq!(sessions_named(&states, 1), [8, 9, 10, 15, 16], "replaced, not finally");
	}

	#[test]
	fn key_of_another_kind_with_the_same_bytes_is_not_registered() {
		let states = Fake::new(10).registered(&key_of(15));
		let discovery = (key_types::AUTHORITY_DISCOVERY, vec![15; 32]);
		let keys = BTreeSet::from([discovery, key_of(15)]);
		let named = block_on(named(&states, &keys, 1)).expect("it is known");
		assert_eq!(named, BTreeSet::from([key_of(15)]));
	}

	#[test]
	fn state_that_is_not_kept_is_an_error_with_what_to_do() {
		let states = Fake { oldest: 79, ..Fake::new(10) };
		assert_eq!(sessions_named(&states, 1), [8, 9, 10]);
		let keys = BTreeSet::from([key_of(1)]);
		let error = block_on(named(&states, &keys, 2)).expect_err("block 69 is gone");
		assert!(error.to_string().contains("--state-pruning archive"), "{error}");
	}

	#[test]
	fn later_session_without_a_beginning_is_an_error() {
		let mut states = Fake::new(10);
		states.values.remove(&(89, EpochStart::<Runtime>::hashed_key().to_vec()));
		let keys = BTreeSet::from([key_of(1)]);
		let error = block_on(named(&states, &keys, 3)).expect_err("session 8 is not the first");
		assert!(matches!(error, ChainError::Unreadable("Babe.EpochStart")), "{error}");
		assert_eq!(sessions_named(&Fake::new(2), 3), [1, 2]);
	}

	#[test]
	fn chain_without_sessions_is_an_error() {
		let keys = BTreeSet::from([key_of(1)]);
		let error = block_on(named(&Fake::default(), &keys, 2)).expect_err("no sessions");
		assert!(matches!(error, ChainError::Unreadable("Session.QueuedKeys")), "{error}");
	}
}
