//! A watch for blocks that are signed with a session key of this node, and that it did not make:
//! then another machine has the same keys, and both together make two blocks in a slot.

use std::sync::Arc;

use futures::StreamExt;
use sc_client_api::{BlockImportNotification, BlockchainEvents, ImportNotifications};
use sp_api::ProvideRuntimeApi;
use sp_consensus::BlockOrigin;
use sp_consensus_babe::{AuthorityId, AuthorityIndex, BabeApi, Slot, SlotDuration};
use sp_core::{
	bytes::to_hex,
	crypto::{ByteArray, key_types},
};
use sp_keystore::KeystorePtr;
use sp_timestamp::Timestamp;
use substrate_prometheus_endpoint::{Counter, PrometheusError, Registry, U64, register};

use super::own::LOG_TARGET;
use crate::types::{Block, BlockHash, FullClient};

/// The exit code of a node that ends for such a block.
pub(crate) const FOREIGN_BLOCK_CODE: u8 = 12;

/// A block that another machine made with a session key of this node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"block {number} ({hash:?}) of slot {slot} is signed with the session key {key} of this node, and \
	 this node did not make it: another machine has the same keys. Find it, see that only one of the \
	 two runs, and rotate the keys if it is none of yours: docs/runbooks/validator-foreign-block.md"
)]
pub(crate) struct ForeignBlock {
	number: u32,
	hash: BlockHash,
	slot: Slot,
	/// The public key, as people see it.
	key: String,
}

#[cfg(test)]
impl ForeignBlock {
	/// A made-up one, of a slot.
	pub(crate) fn made_up(slot: Slot) -> Self {
		Self { number: 30, hash: BlockHash::repeat_byte(1), slot, key: "0x0707".into() }
	}
}

/// Watches the blocks that are imported.
pub(crate) struct ForeignBlocks {
	client: Arc<FullClient>,
	keystore: KeystorePtr,
	imported: ImportNotifications<Block>,
	/// The slot in which this node started. Blocks up to it may be of its former process, or of the
	/// machine from which its keys were moved.
	started: Slot,
	found: Option<Counter<U64>>,
}

impl ForeignBlocks {
	/// A watch over the keys in `keystore`, from now on.
	pub(crate) fn new(
		client: Arc<FullClient>,
		keystore: KeystorePtr,
		slot_duration: SlotDuration,
		registry: Option<&Registry>,
	) -> Result<Self, PrometheusError> {
		let found = registry.map(register_metric).transpose()?;
		let imported = client.every_import_notification_stream();
		let started = Slot::from_timestamp(Timestamp::current(), slot_duration);
		Ok(Self { client, keystore, imported, started, found })
	}

	/// The next such block; `None` if no more blocks are imported.
	pub(crate) async fn next(&mut self) -> Option<ForeignBlock> {
		while let Some(block) = self.imported.next().await {
			if let Some(foreign) = self.look_at(&block) {
				if let Some(found) = &self.found {
					found.inc();
				}
				return Some(foreign);
			}
		}
		None
	}

	fn look_at(&self, block: &BlockImportNotification<Block>) -> Option<ForeignBlock> {
		let claim = sc_consensus_babe::find_pre_digest::<Block>(&block.header).ok()?;
		if !is_of_others(block.origin, claim.slot(), self.started) {
			return None;
		}
		let author = self.author_of(block.hash, claim.authority_index())?;
		let has_key = self.keystore.has_keys(&[(author.to_raw_vec(), key_types::BABE)]);
		has_key.then(|| ForeignBlock {
			number: block.header.number,
			hash: block.hash,
			slot: claim.slot(),
			key: to_hex(author.as_slice(), false),
		})
	}

	/// The key at this place among the authorities of the epoch of a block.
	fn author_of(&self, block: BlockHash, index: AuthorityIndex) -> Option<AuthorityId> {
		match self.client.runtime_api().current_epoch(block) {
			Ok(epoch) => epoch.authorities.into_iter().nth(index as usize).map(|(key, _)| key),
			Err(error) => {
				log::debug!(target: LOG_TARGET, "the author of {block:?} is not known: {error}");
				None
			}
		}
	}
}

/// Whether a block was made elsewhere since this node started. What a process makes itself it also
/// imports itself, before anyone else has it.
fn is_of_others(origin: BlockOrigin, slot: Slot, started: Slot) -> bool {
	origin != BlockOrigin::Own && slot > started
}

fn register_metric(registry: &Registry) -> Result<Counter<U64>, PrometheusError> {
	let counter = Counter::new(
		"groma_validator_foreign_blocks_total",
		"Blocks that another machine made with a session key of this node",
	)?;
	register(counter, registry)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn block_is_of_others_if_it_came_from_them_and_is_later_than_the_start() {
		let started = Slot::from(7);
		let from_others = [
			BlockOrigin::NetworkBroadcast,
			BlockOrigin::NetworkInitialSync,
			BlockOrigin::ConsensusBroadcast,
			BlockOrigin::File,
		];
		for origin in from_others {
			assert!(is_of_others(origin, Slot::from(8), started), "{origin:?}");
			assert!(!is_of_others(origin, started, started), "{origin:?} in the slot of the start");
			assert!(!is_of_others(origin, Slot::from(6), started), "{origin:?} before the start");
		}
		assert!(!is_of_others(BlockOrigin::Own, Slot::from(8), started));
	}

	#[test]
	fn message_says_which_key_and_what_to_do() {
		let message = ForeignBlock::made_up(Slot::from(8)).to_string();
		for part in
			["block 30", "0x0101", "slot 8", "0x0707", "only one of the two runs", "runbooks"]
		{
			assert!(message.contains(part), "{part}: {message}");
		}
	}
}
