//! The block import that the author of blocks gets: an own block is recorded before it is imported,
//! and so before it is announced.

use std::{error::Error as StdError, sync::Arc};

use jsonrpsee::core::async_trait;
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sp_consensus::{BlockOrigin, Error};

use super::{chain::slot_in, record::OwnBlock, signing::Guard};
use crate::types::Block;

/// A block import behind the guard.
pub(crate) struct GuardedImport<Inner> {
	inner: Inner,
	guard: Arc<Guard>,
}

impl<Inner> GuardedImport<Inner> {
	/// The same block import behind the guard.
	pub(crate) fn new(inner: Inner, guard: Arc<Guard>) -> Self {
		Self { inner, guard }
	}

	/// Records a block if it is an own one.
	fn record(&self, params: &BlockImportParams<Block>) -> Result<(), String> {
		if params.origin != BlockOrigin::Own {
			return Ok(());
		}
		let hash = params.post_hash();
		match slot_in(&params.header) {
			Some(slot) => self.guard.block(OwnBlock { slot, hash }),
			None => Err(self.guard.block_without_slot(hash)),
		}
	}
}

#[async_trait]
impl<Inner> BlockImport<Block> for GuardedImport<Inner>
where
	Inner: BlockImport<Block, Error = Error> + Send + Sync,
{
	type Error = Error;

	async fn check_block(&self, block: BlockCheckParams<Block>) -> Result<ImportResult, Error> {
		self.inner.check_block(block).await
	}

	async fn import_block(&self, block: BlockImportParams<Block>) -> Result<ImportResult, Error> {
		self.record(&block).map_err(Box::<dyn StdError + Send + Sync>::from)?;
		self.inner.import_block(block).await
	}
}

#[cfg(test)]
mod tests {
	use futures::executor::block_on;
	use parking_lot::Mutex;
	use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
	use sp_core::H256;
	use sp_runtime::{
		Digest, DigestItem,
		traits::{Block as BlockT, Header as _},
	};

	use super::*;
	use crate::{
		guard::{
			chain::tests::Fake,
			signing::tests::{guard_in, refusals},
			summary::Summary,
		},
		types::BlockHash,
	};

	type Header = <Block as BlockT>::Header;

	/// Takes every block, if it is recorded.
	struct Imported<'a> {
		directory: &'a std::path::Path,
		hashes: Mutex<Vec<BlockHash>>,
	}

	#[async_trait]
	impl BlockImport<Block> for Imported<'_> {
		type Error = Error;

		async fn check_block(&self, _: BlockCheckParams<Block>) -> Result<ImportResult, Error> {
			Ok(ImportResult::AlreadyInChain)
		}

		async fn import_block(
			&self,
			block: BlockImportParams<Block>,
		) -> Result<ImportResult, Error> {
			let summary = Summary::read(self.directory).expect("it is whole");
			let recorded = summary.expect("it is there").last_block.map(|own| own.hash);
			if block.origin == BlockOrigin::Own {
				assert_eq!(recorded, Some(block.post_hash()), "it is recorded before");
			}
			self.hashes.lock().push(block.post_hash());
			Ok(ImportResult::imported(true))
		}
	}

	/// A block of a slot, one of several.
	fn block(origin: BlockOrigin, slot: Option<u64>, variant: u8) -> BlockImportParams<Block> {
		let claim = slot.map(|slot| {
			let claim = SecondaryPlainPreDigest { authority_index: 0, slot: slot.into() };
			DigestItem::babe_pre_digest(PreDigest::SecondaryPlain(claim))
		});
		let digest = Digest { logs: claim.into_iter().collect() };
		let root = H256::repeat_byte(variant);
		BlockImportParams::new(origin, Header::new(1, root, root, H256::zero(), digest))
	}

	#[test]
	fn own_block_is_imported_once_it_is_recorded_and_a_second_one_of_its_slot_is_not() {
		let directory = tempfile::tempdir().expect("there is room");
		let (guard, ending) = guard_in(directory.path(), None, &Fake::default());
		let guard = Arc::new(guard);
		let inner = Imported { directory: directory.path(), hashes: Mutex::default() };
		let import = GuardedImport::new(inner, guard.clone());
		let own =
			|slot, variant| block_on(import.import_block(block(BlockOrigin::Own, slot, variant)));
		assert!(own(Some(4), 1).is_ok() && own(Some(5), 1).is_ok());
		assert!(ending.take().is_none());
		let refusal = own(Some(4), 2).expect_err("it is another").to_string();
		assert!(refusal.contains("guard-refused.md"), "{refusal}");
		assert!(ending.take().is_some(), "this process made both");
		assert!(own(None, 1).is_err(), "it names no slot");
		assert_eq!((refusals(&guard), import.inner.hashes.lock().len()), (2, 2));
	}

	#[test]
	fn blocks_of_others_are_not_recorded() {
		let directory = tempfile::tempdir().expect("there is room");
		let (guard, _) = guard_in(directory.path(), None, &Fake::default());
		let inner = Imported { directory: directory.path(), hashes: Mutex::default() };
		let import = GuardedImport::new(inner, Arc::new(guard));
		for variant in [1, 2] {
			let other = block(BlockOrigin::NetworkBroadcast, Some(4), variant);
			assert!(block_on(import.import_block(other)).is_ok());
		}
		let summary = Summary::read(directory.path()).expect("it is whole").expect("it is there");
		assert_eq!(summary.last_block, None);
		assert_eq!(import.inner.hashes.lock().len(), 2);
	}
}
