//! What the pallet stores.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::{WindowIndex, words::Hash};
use groma_traits::Load;
use scale_info::TypeInfo;

/// The clock of challenges: the running window, and what becomes the seed of the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct WindowClock {
	/// The running window.
	pub index: WindowIndex,
	/// Its first block.
	pub first_block: u32,
	/// How many blocks it lasts.
	pub blocks: u32,
	/// The last block in which the clock ticked: the present one, unless the chain stands still.
	pub last_tick: u32,
	/// Timestamp of the block before its first one in ms since the Unix epoch; 0 if there was none.
	pub started_at_ms: u64,
	/// The VRF outputs of its blocks so far, folded into one hash.
	pub accumulated: Hash,
}

impl WindowClock {
	/// The first block that no longer belongs to the window.
	pub fn end(&self) -> u32 {
		self.first_block.saturating_add(self.blocks.max(1))
	}

	/// How many blocks before `block` passed without a tick, since the chain stood still.
	pub(crate) fn missed_before(&self, block: u32) -> u32 {
		block.saturating_sub(self.last_tick).saturating_sub(1)
	}

	/// The clock as `block` finds it: its window is longer by the blocks that were missed.
	pub(crate) fn lengthened_until(self, block: u32) -> Self {
		Self { blocks: self.blocks.saturating_add(self.missed_before(block)), ..self }
	}

	/// The window that `block`, of the running window or the first after it, belongs to.
	pub fn window_at(&self, block: u32) -> WindowIndex {
		if block < self.end() { self.index } else { self.index.saturating_add(1) }
	}
}

/// What the two kinds of transactions took of the present block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct BlockShares {
	/// Evidence.
	pub evidence: Load,
	/// All other transactions of the normal class.
	pub other: Load,
}
