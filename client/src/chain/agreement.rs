//! Whether endpoints agree that all windows before one are over and finalized. Each speaks for
//! itself: what one endpoint says about the window counts as its word alone.

use groma_core::{WindowIndex, api::WindowInfo, words::Hash};

use super::Agreement;

/// What one endpoint has finalized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
	/// The window of its last finalized block.
	pub(super) index: WindowIndex,
	/// That window's first block.
	pub(super) first_block: u32,
	/// The hash of the block that the question is about, if it has finalized it.
	pub(super) last_block_hash: Option<Hash>,
}

impl Word {
	pub(super) fn new(window: &WindowInfo, last_block_hash: Option<Hash>) -> Self {
		Self { index: window.index, first_block: window.first_block, last_block_hash }
	}
}

/// The count of the endpoints' words about one window.
pub(super) struct Count {
	window: WindowIndex,
	last_block: u32,
	required: usize,
	agreeing: usize,
	hash: Option<Hash>,
}

impl Count {
	/// No word yet about whether `last_block`, the one before `window`, is finalized.
	pub(super) fn new(window: WindowIndex, last_block: u32, required: usize) -> Self {
		Self { window, last_block, required, agreeing: 0, hash: None }
	}

	/// Counts the word of one more endpoint.
	pub(super) fn add(&mut self, word: Word) -> Agreement {
		let Some(hash) = word.last_block_hash.filter(|_| word.index >= self.window) else {
			return Agreement::Pending;
		};
		let is_other_beginning =
			word.index == self.window && word.first_block != self.last_block.saturating_add(1);
		if is_other_beginning || *self.hash.get_or_insert(hash) != hash {
			return Agreement::Contradicted;
		}
		self.agreeing = self.agreeing.saturating_add(1);
		if self.agreeing >= self.required { Agreement::Reached } else { Agreement::Pending }
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const HASH: Option<Hash> = Some([1; 32]);

	fn word(index: WindowIndex, last_block_hash: Option<Hash>) -> Word {
		Word { index, first_block: index * 50, last_block_hash }
	}

	fn count() -> Count {
		Count::new(11, 549, 2)
	}

	#[test]
	fn agreement_is_reached_when_enough_endpoints_are_in_the_window_or_beyond() {
		let mut count = count();
		assert_eq!(count.add(word(11, HASH)), Agreement::Pending);
		assert_eq!(count.add(word(12, HASH)), Agreement::Reached);
	}

	#[test]
	fn agreement_is_pending_when_only_one_endpoint_claims_the_window() {
		// The second has finalized the block, but says that its window is an earlier one.
		let mut count = count();
		assert_eq!(count.add(word(11, HASH)), Agreement::Pending);
		assert_eq!(count.add(word(10, HASH)), Agreement::Pending);
		assert_eq!(count.add(word(11, None)), Agreement::Pending);
	}

	#[test]
	fn endpoints_contradict_when_their_blocks_or_beginnings_differ() {
		let mut count = count();
		count.add(word(11, HASH));
		assert_eq!(count.add(word(11, Some([2; 32]))), Agreement::Contradicted);
		let elsewhere = Word { index: 11, first_block: 540, last_block_hash: HASH };
		assert_eq!(count.add(elsewhere), Agreement::Contradicted);
	}
}
