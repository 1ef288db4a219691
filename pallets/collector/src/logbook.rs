//! What the collector submitted recently, in the node's off-chain storage: it outlives blocks,
//! forks and restarts, so that nothing is submitted twice.

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};

use codec::{Decode, Encode};
use groma_core::{
	protocol::{BUNDLE_LONGEVITY_MAX, EVIDENCE_NONCES_AHEAD_MAX},
	statement::ReportKey,
	words::Hash,
};
use sp_runtime::offchain::storage::StorageValueRef;

use crate::pool::{LOG_TARGET, Position};

/// How many blocks a submitted extrinsic may take before its reports are submitted again. It is
/// mortal from the block before the one after which it is signed, so this is the last block that
/// takes it: from then on the pool takes another one under its nonce.
pub(crate) const INCLUSION_BLOCKS: u32 = BUNDLE_LONGEVITY_MAX as u32 - 2;
/// The most extrinsics that wait for their inclusion at a time.
pub(crate) const SUBMISSIONS_MAX: usize = EVIDENCE_NONCES_AHEAD_MAX as usize + 1;

/// Where logbooks lie in the off-chain storage of a node; the account follows.
pub const LOGBOOK_PREFIX: &[u8] = b"groma/collector/3/logbook/";

/// The versions that an extrinsic is signed for. Under others it is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct SignedFor {
	pub(crate) spec: u32,
	pub(crate) transaction: u32,
}

/// An extrinsic that was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Submission {
	pub(crate) nonce: u64,
	pub(crate) hash: Hash,
	pub(crate) submitted_at: u32,
	pub(crate) signed_for: SignedFor,
	pub(crate) reports: Vec<ReportKey>,
}

/// The submissions of one account, and where its next look into the pool begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Logbook {
	pub(crate) submissions: Vec<Submission>,
	/// By series.
	positions: BTreeMap<u8, Position>,
	/// How many runs in a row ended since the transaction pool refused an extrinsic.
	pub(crate) refused_runs: u32,
}

impl Logbook {
	/// Everything that was submitted. What was included stays here for a while: if a fork drops it,
	/// the pool holds it again, and the collector does not submit it a second time.
	pub(crate) fn reports(&self) -> BTreeSet<ReportKey> {
		self.submissions.iter().flat_map(|submission| submission.reports.iter().copied()).collect()
	}

	/// Where the next look into a series begins; `None` means at its beginning.
	pub(crate) fn position(&self, series: u8) -> Option<Position> {
		self.positions.get(&series).copied()
	}

	/// Notes where the next look into a series begins.
	pub(crate) fn set_position(&mut self, series: u8, position: Option<Position>) {
		match position {
			Some(position) => self.positions.insert(series, position),
			None => self.positions.remove(&series),
		};
	}

	/// Forgets submissions that had their time, as seen from block `now`.
	pub(crate) fn forget_before(&mut self, now: u32) {
		self.submissions
			.retain(|submission| now < submission.submitted_at.saturating_add(INCLUSION_BLOCKS));
	}

	/// Forgets what was signed for other versions than the present ones: no block takes it.
	pub(crate) fn forget_other_versions(&mut self, present: SignedFor) {
		self.submissions.retain(|submission| submission.signed_for == present);
	}

	/// Forgets the first submission from nonce `on_chain` on of which the chain takes less than
	/// half, and all behind it: authors leave it out, so that these wait for its nonce.
	pub(crate) fn forget_stale(&mut self, on_chain: u64, is_open: impl Fn(&ReportKey) -> bool) {
		let is_stale = |submission: &&Submission| {
			let open = submission.reports.iter().filter(|key| is_open(key)).count();
			submission.reports.len().saturating_sub(open) > open
		};
		let waiting = self.submissions.iter().filter(|submission| submission.nonce >= on_chain);
		let first = waiting.filter(is_stale).map(|submission| submission.nonce).min();
		if let Some(first) = first {
			self.submissions.retain(|submission| submission.nonce < first);
		}
	}

	/// The lowest nonce from `on_chain` on that no submission has, unless too many wait already. A
	/// nonce of a forgotten submission is used again, so that those behind it are not stuck.
	pub(crate) fn next_nonce(&self, on_chain: u64) -> Option<u64> {
		let waiting: BTreeSet<u64> = self
			.submissions
			.iter()
			.map(|submission| submission.nonce)
			.filter(|nonce| *nonce >= on_chain)
			.collect();
		if waiting.len() >= SUBMISSIONS_MAX {
			return None;
		}
		(on_chain..=u64::MAX).find(|nonce| !waiting.contains(nonce))
	}
}

/// That another run wrote the logbook in the meantime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overtaken;

/// The logbook of an account as this run found it.
pub(crate) struct OpenLogbook {
	key: Vec<u8>,
	found: Option<Logbook>,
	/// The logbook as it is to be.
	pub(crate) book: Logbook,
}

impl OpenLogbook {
	/// Opens the logbook of an account.
	pub(crate) fn open(account: &impl Encode) -> Self {
		let mut key = LOGBOOK_PREFIX.to_vec();
		account.encode_to(&mut key);
		let found = StorageValueRef::persistent(&key).get::<Logbook>().unwrap_or_else(|_| {
			log::warn!(target: LOG_TARGET, "the collector's logbook is unreadable: starting a new one");
			None
		});
		Self { key, book: found.clone().unwrap_or_default(), found }
	}

	/// Writes the logbook, unless another run wrote it in the meantime.
	pub(crate) fn save(&mut self) -> Result<(), Overtaken> {
		StorageValueRef::persistent(&self.key)
			.mutate(|present| {
				let is_mine = present.map_or(true, |present| present == self.found);
				if is_mine { Ok(self.book.clone()) } else { Err(()) }
			})
			.map_err(|_| Overtaken)?;
		self.found = Some(self.book.clone());
		Ok(())
	}
}
