//! Reports of who authored two blocks of one slot.
//!
//! The SDK's block import reports them, too, but in `sc-consensus-babe` 0.60 by headers from which
//! the seal is taken: the runtime finds no signature and refuses every such report. This block
//! import stands before that one and reports by whole headers. Of two reports about one slot the
//! transaction pool keeps the first. It can go when the SDK's reports carry the seals.

use std::sync::Arc;

use jsonrpsee::core::async_trait;
use sc_client_api::AuxStore;
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sc_consensus_babe::find_pre_digest;
use sc_consensus_slots::check_equivocation;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiExt, ProvideRuntimeApi};
use sp_blockchain::{Error, HeaderBackend, Result};
use sp_consensus_babe::{
	AuthorityId, BabeApi, EquivocationProof, Slot, SlotDuration, check_equivocation_proof,
};
use sp_runtime::traits::{Block as BlockT, Header as _};
use sp_timestamp::Timestamp;

use crate::types::{Block, BlockHash, FullClient};

type Header = <Block as BlockT>::Header;

/// What precedes the keys of this import in the store that the SDK's block import uses, too.
const PREFIX: &[u8] = b"groma_double_blocks_";

/// A block import behind the watch for second blocks of a slot. For blocks of other nodes.
pub(super) struct DoubleBlocks<Inner> {
	inner: Inner,
	client: Arc<FullClient>,
	pool: OffchainTransactionPoolFactory<Block>,
	slot_duration: SlotDuration,
}

impl<Inner> DoubleBlocks<Inner> {
	/// The same block import behind the watch. Reports go to `pool`.
	pub(super) fn new(
		inner: Inner,
		client: Arc<FullClient>,
		pool: OffchainTransactionPoolFactory<Block>,
		slot_duration: SlotDuration,
	) -> Self {
		Self { inner, client, pool, slot_duration }
	}

	/// Remembers the header of a block whose seal was verified, and reports its author if it is the
	/// second one of a slot.
	fn watch(&self, block: &BlockImportParams<Block>) -> Result<()> {
		if block.post_digests.is_empty() || block.with_state() {
			return Ok(());
		}
		let header = block.post_header();
		let pre_digest = find_pre_digest::<Block>(&header)
			.map_err(|error| Error::Application(Box::new(error)))?;
		let (slot, place) = (pre_digest.slot(), pre_digest.authority_index());
		let now = Slot::from_timestamp(Timestamp::current(), self.slot_duration);
		let store = Apart(&*self.client);
		let Some(found) = check_equivocation(&store, now, slot, &header, &place)? else {
			return Ok(());
		};
		let Some(offender) = self.author(*header.parent_hash(), slot, place)? else {
			return Ok(());
		};
		let (first_header, second_header) = (found.first_header, found.second_header);
		let proof = EquivocationProof { offender, slot, first_header, second_header };
		// In another fork the place may belong to someone else.
		if check_equivocation_proof(proof.clone()) {
			self.report(proof)?;
		}
		Ok(())
	}

	/// The key at a place among the authors of a slot, in the chain that ends in `parent`.
	fn author(&self, parent: BlockHash, slot: Slot, place: u32) -> Result<Option<AuthorityId>> {
		let api = self.client.runtime_api();
		let current = api.current_epoch(parent)?;
		let epoch = match slot < current.start_slot + current.duration {
			true => current,
			false => api.next_epoch(parent)?,
		};
		let author = usize::try_from(place).ok().and_then(|at| epoch.authorities.get(at).cloned());
		Ok(author.map(|(key, _)| key))
	}

	/// Submits a report to the pool of this node, from where its own blocks take it.
	fn report(&self, proof: EquivocationProof<Header>) -> Result<()> {
		let best = self.client.info().best_hash;
		let mut api = self.client.runtime_api();
		let (slot, offender) = (proof.slot, proof.offender.clone());
		let Some(owner) = api.generate_key_ownership_proof(best, slot, offender.clone())? else {
			log::warn!("{offender} authored two blocks of slot {slot}, and is no validator's key");
			return Ok(());
		};
		api.register_extension(self.pool.offchain_transaction_pool(best));
		if api.submit_report_equivocation_unsigned_extrinsic(best, proof, owner)?.is_some() {
			log::warn!("{offender} authored two blocks of slot {slot}: it is reported");
		}
		Ok(())
	}
}

#[async_trait]
impl<Inner> BlockImport<Block> for DoubleBlocks<Inner>
where
	Inner: BlockImport<Block> + Send + Sync,
{
	type Error = Inner::Error;

	async fn check_block(
		&self,
		block: BlockCheckParams<Block>,
	) -> std::result::Result<ImportResult, Self::Error> {
		self.inner.check_block(block).await
	}

	async fn import_block(
		&self,
		block: BlockImportParams<Block>,
	) -> std::result::Result<ImportResult, Self::Error> {
		if let Err(error) = self.watch(&block) {
			log::warn!("cannot see whether {:?} is a second one: {error}", block.post_hash());
		}
		self.inner.import_block(block).await
	}
}

/// A store under separate keys, so that the SDK's block import finds no whole header among those
/// without a seal.
struct Apart<'a, Store>(&'a Store);

fn apart(key: &[u8]) -> Vec<u8> {
	[PREFIX, key].concat()
}

impl<Store: AuxStore> AuxStore for Apart<'_, Store> {
	fn insert_aux<
		'a,
		'b: 'a,
		'c: 'a,
		I: IntoIterator<Item = &'a (&'c [u8], &'c [u8])>,
		D: IntoIterator<Item = &'a &'b [u8]>,
	>(
		&self,
		insert: I,
		delete: D,
	) -> Result<()> {
		let inserted: Vec<_> =
			insert.into_iter().map(|(key, value)| (apart(key), value.to_vec())).collect();
		let inserted: Vec<(&[u8], &[u8])> =
			inserted.iter().map(|(key, value)| (&key[..], &value[..])).collect();
		let deleted: Vec<_> = delete.into_iter().map(|key| apart(key)).collect();
		let deleted: Vec<&[u8]> = deleted.iter().map(|key| &key[..]).collect();
		self.0.insert_aux(&inserted, &deleted)
	}

	fn get_aux(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
		self.0.get_aux(&apart(key))
	}
}

#[cfg(test)]
mod tests {
	use sc_client_api::in_mem::Blockchain;
	use sp_runtime::DigestItem;

	use super::*;

	/// A header with these digests.
	fn header(digests: &[&[u8]]) -> Header {
		let logs = digests.iter().map(|bytes| DigestItem::Other(bytes.to_vec())).collect();
		let none = BlockHash::default();
		Header::new(1, none, none, none, sp_runtime::Digest { logs })
	}

	/// The first header of the slot, if it is another one than this.
	fn first_of_two(store: &impl AuxStore, header: &Header) -> Option<Header> {
		let slot = Slot::from(7);
		let found = check_equivocation(store, slot, slot, header, &0u32);
		found.expect("the store is in memory").map(|proof| proof.first_header)
	}

	#[test]
	fn whole_headers_are_kept_apart_from_those_without_a_seal() {
		let store = Blockchain::<Block>::new();
		let (bare, whole) = (header(&[b"block"]), header(&[b"block", b"seal"]));
		// A block that is imported twice is still one block.
		for _ in 0..2 {
			assert_eq!(first_of_two(&Apart(&store), &whole), None);
			assert_eq!(first_of_two(&store, &bare), None);
		}
		let second = header(&[b"another", b"seal"]);
		assert_eq!(first_of_two(&Apart(&store), &second), Some(whole));
	}
}
