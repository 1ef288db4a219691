//! Which session keys a chain names: those that are registered, those that a session has, and those
//! of which an offence can still be proven.

use std::{
	collections::BTreeSet,
	time::{Duration, SystemTime},
};

use codec::Decode;
use groma_core::{
	api::{KeyKind, SessionKeyInfo},
	words::SessionKey,
};
use groma_runtime::{AccountId, BlockNumber, Runtime};
use jsonrpsee::{
	core::{
		client::{ClientT, Error as ClientError},
		params::ArrayParams,
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
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
	#[error("--endpoint: {0}")]
	Endpoint(#[from] EndpointFault),
	#[error(
		"{url} cannot be asked ({reason}), and no key is removed without the chain: start the node, \
		 or name another by --endpoint"
	)]
	NoAnswer { url: String, reason: String },
	#[error(
		"the node at {url} is of another chain ({found:?}, not {specified:?}): give the --chain of \
		 this keystore, and the --endpoint of a node of that chain"
	)]
	OtherChain { url: String, found: BlockHash, specified: BlockHash },
	#[error(
		"the best block of the node at {url} is {seconds} s from the time of this machine, so that it \
		 may not know the keys of today: wait until it is in sync, and see that the clock is right"
	)]
	Behind { url: String, seconds: u64 },
	#[error(
		"the chain cannot read who used which session keys, so that no key is removed: try again \
		 after the upgrade that mends its state"
	)]
	NotKnown,
	#[error("{0} cannot be read: is this program of the version of the chain?")]
	Unreadable(&'static str),
}

/// What a chain says of session keys.
pub(super) trait Chain {
	/// The hashes of the best block and of the latest finalized one. The best one may still be
	/// replaced, so that a key is kept if either names it.
	async fn heads(&self) -> Result<[BlockHash; 2], ChainError>;

	/// Whether the chain names a key, as of a block.
	async fn names(&self, key: &Key, at: BlockHash) -> Result<bool, ChainError>;
}

/// Those of `keys` that the chain names.
pub(super) async fn named<C: Chain>(
	chain: &C,
	keys: &BTreeSet<Key>,
) -> Result<BTreeSet<Key>, ChainError> {
	let heads = chain.heads().await?;
	let mut named = BTreeSet::new();
	for key in keys {
		for at in heads {
			if chain.names(key, at).await? {
				named.insert(key.clone());
			}
		}
	}
	Ok(named)
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
		let made = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(node.now_ms().await?));
		let made = made.ok_or(ChainError::Unreadable("Timestamp.Now"))?;
		let apart = SystemTime::now().duration_since(made);
		match apart.unwrap_or_else(|reverse| reverse.duration()) {
			apart if apart > HEAD_AGE_MAX => {
				Err(ChainError::Behind { url, seconds: apart.as_secs() })
			}
			_ => Ok(node),
		}
	}

	/// The hash of the best block, or of the one with this number in its chain.
	async fn hash(&self, number: Option<BlockNumber>) -> Result<BlockHash, ChainError> {
		let hash: Option<BlockHash> = self.ask("chain_getBlockHash", rpc_params![number]).await?;
		hash.ok_or(ChainError::Unreadable("the hash of a block"))
	}

	/// The timestamp of the best block.
	async fn now_ms(&self) -> Result<u64, ChainError> {
		let unreadable = || ChainError::Unreadable("Timestamp.Now");
		let key = to_hex(&Now::<Runtime>::hashed_key(), false);
		let value: Option<String> = self.ask("state_getStorage", rpc_params![key]).await?;
		let bytes = from_hex(&value.ok_or_else(unreadable)?).map_err(|_| unreadable())?;
		u64::decode(&mut &bytes[..]).map_err(|_| unreadable())
	}

	async fn ask<T: DeserializeOwned>(
		&self,
		method: &str,
		params: ArrayParams,
	) -> Result<T, ChainError> {
		let answer = self.client.request(method, params).await;
		answer.map_err(|error| no_answer(&self.url, &error))
	}
}

fn no_answer(url: &str, error: &ClientError) -> ChainError {
	ChainError::NoAnswer { url: url.to_owned(), reason: error.to_string() }
}

impl Chain for Node {
	async fn heads(&self) -> Result<[BlockHash; 2], ChainError> {
		let best = self.hash(None).await?;
		Ok([best, self.ask("chain_getFinalizedHead", rpc_params![]).await?])
	}

	async fn names(&self, (id, public): &Key, at: BlockHash) -> Result<bool, ChainError> {
		let public = <[u8; 32]>::try_from(&public[..]);
		let public = public.map_err(|_| ChainError::Unreadable("a key"))?;
		let params = rpc_params![KeyKind(id.0), SessionKey(public), at];
		let info: Option<SessionKeyInfo<AccountId>> = self.ask("groma_sessionKey", params).await?;
		info.map(|info| info.is_named()).ok_or(ChainError::NotKnown)
	}
}

#[cfg(test)]
pub(super) mod tests {
	use futures::executor::block_on;
	use sp_core::crypto::key_types;

	use super::*;

	/// A made-up chain, with the keys that its two heads name.
	#[derive(Clone, Debug, Default)]
	pub(in crate::keys) struct Fake {
		best: BTreeSet<Key>,
		finalized: BTreeSet<Key>,
		is_damaged: bool,
	}

	impl Fake {
		/// A chain of which both heads name these keys.
		pub(in crate::keys) fn naming(keys: &[Key]) -> Self {
			let keys: BTreeSet<Key> = keys.iter().cloned().collect();
			Self { best: keys.clone(), finalized: keys, is_damaged: false }
		}

		/// The same with a key that the best block names.
		pub(in crate::keys) fn and(mut self, key: Key) -> Self {
			self.best.insert(key);
			self
		}
	}

	impl Chain for Fake {
		async fn heads(&self) -> Result<[BlockHash; 2], ChainError> {
			Ok([BlockHash::repeat_byte(1), BlockHash::repeat_byte(0)])
		}

		async fn names(&self, key: &Key, at: BlockHash) -> Result<bool, ChainError> {
			let head = if at.is_zero() { &self.finalized } else { &self.best };
			match self.is_damaged {
				true => Err(ChainError::NotKnown),
				false => Ok(head.contains(key)),
			}
		}
	}

	/// The key for blocks with this number.
	pub(in crate::keys) fn key(number: u8) -> Key {
		(key_types::BABE, vec![number; 32])
	}

	fn named_of(chain: &Fake, keys: &[Key]) -> Result<BTreeSet<Key>, ChainError> {
		block_on(named(chain, &keys.iter().cloned().collect()))
	}

	#[test]
	fn key_is_named_when_the_best_or_the_finalized_block_names_it() {
		let chain = Fake {
			best: BTreeSet::from([key(1), key(2)]),
			finalized: BTreeSet::from([key(2), key(3)]),
			is_damaged: false,
		};
		let found = named_of(&chain, &[key(1), key(2), key(3), key(4)]).expect("it is known");
		assert_eq!(found, BTreeSet::from([key(1), key(2), key(3)]));
	}

	#[test]
	fn key_of_another_kind_with_the_same_bytes_is_not_named() {
		let discovery = (key_types::AUTHORITY_DISCOVERY, vec![1; 32]);
		let found = named_of(&Fake::naming(&[key(1)]), &[discovery, key(1)]).expect("it is known");
		assert_eq!(found, BTreeSet::from([key(1)]));
	}

	#[test]
	fn chain_that_cannot_read_its_history_names_no_keys_but_an_error() {
		let chain = Fake { is_damaged: true, ..Fake::naming(&[key(1)]) };
		let error = named_of(&chain, &[key(1)]).expect_err("it is damaged").to_string();
		assert!(error.contains("no key is removed"), "{error}");
	}
}
