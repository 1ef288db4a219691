//! What the guard asks the database.

use std::sync::Arc;

use codec::{Decode, DecodeAll, Encode};
use groma_runtime::Runtime;
use pallet_session::CurrentIndex;
use sc_client_api::{AuxStore, StorageProvider};
use sp_blockchain::{Error, Result};
use sp_consensus_babe::digests::CompatibleDigestItem;
use sp_runtime::traits::{Block as BlockT, Header as _};
use sp_storage::StorageKey;

use super::voter_state::{self, VoterState};
use crate::types::{Block, BlockHash, FullClient};

/// What the guard asks the database.
pub(crate) trait Chain: Send + Sync {
	/// What GRANDPA's voter stored of itself; `None` before its first start.
	fn voter_state(&self) -> Result<Option<VoterState>>;

	/// Has the voter begin from this state. To be called before it is loaded.
	fn store_voter_state(&self, state: &VoterState) -> Result<()>;

	/// Whether the database has a block.
	fn has_block(&self, hash: BlockHash) -> Result<bool>;

	/// The slot of a block; `None` if the block is not there or, like genesis, has none.
	fn slot_of(&self, hash: BlockHash) -> Result<Option<u64>>;

	/// The session at the end of a block; `None` if it cannot be read.
	fn session_at(&self, hash: BlockHash) -> Result<Option<u32>>;
}

impl Chain for Arc<FullClient> {
	fn voter_state(&self) -> Result<Option<VoterState>> {
		let Some(bytes) = self.get_aux(voter_state::KEY)? else { return Ok(None) };
		let state = VoterState::decode_all(&mut &bytes[..]);
		let state = state.map_err(|error| {
			Error::Backend(format!("the state of GRANDPA's voter cannot be read: {error}"))
		})?;
		Ok(Some(state))
	}

	fn store_voter_state(&self, state: &VoterState) -> Result<()> {
		self.insert_aux(&[(voter_state::KEY, state.encode().as_slice())], &[])
	}

	fn has_block(&self, hash: BlockHash) -> Result<bool> {
		Ok(self.header(hash)?.is_some())
	}

	fn slot_of(&self, hash: BlockHash) -> Result<Option<u64>> {
		Ok(self.header(hash)?.as_ref().and_then(slot_in))
	}

	fn session_at(&self, hash: BlockHash) -> Result<Option<u32>> {
		let key = StorageKey(CurrentIndex::<Runtime>::hashed_key().to_vec());
		// Nothing is stored in session 0.
		let Some(value) = self.storage(hash, &key)? else { return Ok(Some(0)) };
		Ok(u32::decode(&mut &value.0[..]).ok())
	}
}

/// The slot that a header names.
pub(super) fn slot_in(header: &<Block as BlockT>::Header) -> Option<u64> {
	let mut digests = header.digest().logs().iter();
	digests.find_map(CompatibleDigestItem::as_babe_pre_digest).map(|claim| *claim.slot())
}

#[cfg(test)]
pub(super) mod tests {
	use std::collections::{BTreeMap, BTreeSet};

	use parking_lot::Mutex;

	use super::*;

	/// A database that says what a test wants. Clones are the same database.
	#[derive(Clone, Default)]
	pub(in crate::guard) struct Fake(Arc<Mutex<Content>>);

	#[derive(Default)]
	pub(in crate::guard) struct Content {
		pub(in crate::guard) state: Option<VoterState>,
		pub(in crate::guard) blocks: BTreeSet<BlockHash>,
		pub(in crate::guard) slots: BTreeMap<BlockHash, u64>,
		pub(in crate::guard) sessions: BTreeMap<BlockHash, u32>,
	}

	impl Fake {
		/// Changes what it says.
		pub(in crate::guard) fn set(&self, change: impl FnOnce(&mut Content)) {
			change(&mut self.0.lock());
		}

		/// What it was last given to store.
		pub(in crate::guard) fn state(&self) -> VoterState {
			self.0.lock().state.clone().expect("there is one")
		}
	}

	impl Chain for Fake {
		fn voter_state(&self) -> Result<Option<VoterState>> {
			Ok(self.0.lock().state.clone())
		}

		fn store_voter_state(&self, state: &VoterState) -> Result<()> {
			self.0.lock().state = Some(state.clone());
			Ok(())
		}

		fn has_block(&self, hash: BlockHash) -> Result<bool> {
			Ok(self.0.lock().blocks.contains(&hash))
		}

		fn slot_of(&self, hash: BlockHash) -> Result<Option<u64>> {
			Ok(self.0.lock().slots.get(&hash).copied())
		}

		fn session_at(&self, hash: BlockHash) -> Result<Option<u32>> {
			Ok(self.0.lock().sessions.get(&hash).copied())
		}
	}
}
