//! Compares what was heard with what was revealed on chain: a device that sends one signature over
//! the air and reveals another is caught by those who heard it.
//!
//! Reading every block would be too much for a gateway's connection. The counters of a witness on
//! chain show that a commitment did not open, so the auditor looks for the reveal only then, and
//! finds its block by halving.

use std::{collections::BTreeSet, sync::Arc};

use codec::Encode;
use groma_client::{
	chain::{At, Chain, ChainError},
	evidence::DoubleBeacon,
	follower::{View, ViewReceiver, next_view_unless_stopped},
	shutdown::Shutdown,
	store::{Store, StoreError},
};
use groma_core::{
	CoverageReason, DeviceId, WindowIndex,
	protocol::REVEAL_DELAY,
	statement::Statement,
	words::{Hash, SIGNATURE_LENGTH, Signature},
};
use tracing::{debug, warn};

use super::error::ActorError;
use crate::metrics::Metrics;

/// Windows after the reveals within which they can be compared: nodes forget the state of old
/// blocks.
const WINDOWS_LATE_MAX: WindowIndex = 3;
/// The most beacons of a window that are looked up.
const SUSPECTS_MAX: usize = 64;
/// The most signatures in one block that are checked for one beacon; further ones are decoys.
const REVEALS_CHECKED_MAX: usize = 16;
/// The most windows that are named when they could not be audited.
const SKIPS_NAMED_MAX: usize = 8;

/// The window in which the beacons of another are revealed.
struct RevealWindow {
	first_block: u32,
	/// The last block before it.
	before: Hash,
	last_block: u32,
	end: Hash,
}

/// The auditor of the process.
pub struct Auditor {
	chain: Arc<dyn Chain>,
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	views: ViewReceiver,
	/// The first window whose beacons were not audited.
	next: WindowIndex,
}

impl Auditor {
	/// An auditor.
	pub fn new(
		chain: Arc<dyn Chain>,
		store: Arc<Store>,
		metrics: Arc<Metrics>,
		views: ViewReceiver,
	) -> Self {
		Self { chain, store, metrics, views, next: 0 }
	}

	/// Audits until the process is to stop.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		while let Some(view) = next_view_unless_stopped(&mut self.views, &mut shutdown).await {
			let looked = tokio::select! {
				() = shutdown.requested() => return,
				looked = self.look(&view) => looked,
			};
			if let Err(error) = looked {
				debug!(target: "device::evidence", window = self.next, %error, "put off");
			}
		}
	}

	/// Audits the windows whose reveals are over and that can still be looked at.
	async fn look(&mut self, view: &View) -> Result<(), ActorError> {
		let Some(last) = view.window.index.checked_sub(REVEAL_DELAY + 1) else {
			return Ok(());
		};
		let first = last.saturating_sub(WINDOWS_LATE_MAX);
		if self.next > 0 && self.next < first {
			self.skip_until(first)?;
		}
		self.next = self.next.max(first);
		while self.next <= last {
			self.audit(self.next, view).await?;
			self.next += 1;
		}
		Ok(())
	}

	/// Says that windows were not audited, if there was anything to audit.
	fn skip_until(&self, first: WindowIndex) -> Result<(), StoreError> {
		for window in (self.next..first).rev().take(SKIPS_NAMED_MAX) {
			if !self.store.statements_about(window)?.is_empty() {
				self.metrics.audits_skipped.increment();
				warn!(
					target: "device::evidence", window,
					"what was revealed was not compared with what was heard: no node answered in time"
				);
			}
		}
		Ok(())
	}

	/// Looks for double beacons among those that were stated in a window.
	async fn audit(&self, window: WindowIndex, view: &View) -> Result<(), ActorError> {
		let statements = self.store.statements_about(window)?;
		if statements.is_empty() {
			return Ok(());
		}
		let reveals = self.reveal_window(window.saturating_add(REVEAL_DELAY), view).await?;
		let suspects = self.suspects(&statements, &reveals).await?;
		for device in suspects.into_iter().take(SUSPECTS_MAX) {
			let Some(heard) = self.store.beacon_signature(device, window)? else { continue };
			let Some(other) = self.other_than(heard, device, window, &reveals, view).await? else {
				continue;
			};
			let evidence = DoubleBeacon { window, device, signatures: [heard, other] };
			if self.store.keep_evidence(&evidence)? {
				self.metrics.evidence_found.increment();
				warn!(
					target: "device::evidence", device, window,
					"a device revealed another beacon than the one heard: the evidence is kept"
				);
			}
		}
		Ok(())
	}

	/// Where window `index` lies, which is over.
	async fn reveal_window(
		&self,
		index: WindowIndex,
		view: &View,
	) -> Result<RevealWindow, ActorError> {
		let mut following = view.window.clone();
		loop {
			let last_block = following.first_block.saturating_sub(1);
			let end = self.hash_of(last_block).await?;
			let window = self.chain.window(At::Block(end)).await?;
			// Every window precedes its successor: an endpoint that lies must not keep us here.
			if window.index < index || window.index >= following.index {
				return Err(ChainError::Implausible(format!("{}", window.index)).into());
			}
			if window.index == index {
				let before = self.hash_of(window.first_block.saturating_sub(1)).await?;
				let first_block = window.first_block;
				return Ok(RevealWindow { first_block, before, last_block, end });
			}
			following = window;
		}
	}

	/// The beaconers of statements of witnesses for whom a commitment did not open in the window.
	async fn suspects(
		&self,
		statements: &[Statement],
		reveals: &RevealWindow,
	) -> Result<BTreeSet<DeviceId>, ActorError> {
		let witnesses: BTreeSet<_> = statements.iter().map(|it| it.observation.witness).collect();
		let mut suspects = BTreeSet::new();
		for witness in witnesses {
			let before = self.mismatches(witness, reveals.before).await?;
			if self.mismatches(witness, reveals.end).await? > before {
				let stated = statements.iter().filter(|it| it.observation.witness == witness);
				suspects.extend(stated.map(|statement| statement.beaconer));
			}
		}
		Ok(suspects)
	}

	/// How many commitments of a witness did not open until a block.
	async fn mismatches(&self, witness: DeviceId, at: Hash) -> Result<u16, ChainError> {
		let activity = self.chain.activity(witness, At::Block(at)).await?;
		let reasons = activity.map(|activity| activity.reasons).unwrap_or_default();
		let mismatch =
			reasons.iter().find(|it| it.reason() == Some(CoverageReason::CommitmentMismatch));
		Ok(mismatch.map_or(0, |it| it.count))
	}

	/// A genuine signature of a device's beacon that was revealed and is another than `heard`.
	async fn other_than(
		&self,
		heard: Signature,
		device: DeviceId,
		window: WindowIndex,
		reveals: &RevealWindow,
		view: &View,
	) -> Result<Option<Signature>, ActorError> {
		let Some(block) = self.settled_in(device, window, reveals).await? else { return Ok(None) };
		let extrinsics = self.chain.extrinsics(self.hash_of(block).await?).await?;
		for candidate in revealed_in(&extrinsics, window, device) {
			let is_other = candidate != heard;
			if is_other
				&& self.chain.is_beacon_genuine(device, window, &candidate, view.agreed()).await?
			{
				return Ok(Some(candidate));
			}
		}
		Ok(None)
	}

	/// The block in which a challenge was settled: the first after which no statement about it
	/// waits.
	async fn settled_in(
		&self,
		device: DeviceId,
		window: WindowIndex,
		reveals: &RevealWindow,
	) -> Result<Option<u32>, ActorError> {
		if !self.waits(device, window, reveals.before).await?
			|| self.waits(device, window, reveals.end).await?
		{
			return Ok(None);
		}
		// It waits before block `low`, and does no longer after block `high`.
		let (mut low, mut high) = (reveals.first_block, reveals.last_block);
		while low < high {
			let middle = low + (high - low) / 2;
			let hash = self.hash_of(middle).await?;
			match self.waits(device, window, hash).await? {
				true => low = middle + 1,
				false => high = middle,
			}
		}
		Ok(Some(high))
	}

	async fn waits(
		&self,
		device: DeviceId,
		window: WindowIndex,
		at: Hash,
	) -> Result<bool, ChainError> {
		Ok(!self.chain.witnesses(window, device, At::Block(at)).await?.is_empty())
	}

	async fn hash_of(&self, block: u32) -> Result<Hash, ActorError> {
		self.chain.block_hash(block).await?.ok_or(ActorError::NoBlock(block))
	}
}

/// What looks like a revealed signature of a device's beacon. A reveal is encoded as window,
/// device and signature in every call that carries one, so that it is found without the metadata,
/// however the call is wrapped. What is found may be anything, and has to be checked.
fn revealed_in(
	extrinsics: &[Vec<u8>],
	window: WindowIndex,
	device: DeviceId,
) -> impl Iterator<Item = Signature> {
	let begin = (window, device).encode();
	let length = begin.len() + SIGNATURE_LENGTH;
	extrinsics
		.iter()
		.flat_map(move |extrinsic| extrinsic.windows(length))
		.filter_map(move |bytes| bytes.strip_prefix(&begin[..])?.try_into().ok().map(Signature))
		.take(REVEALS_CHECKED_MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use groma_core::statement::Reveal;

	#[test]
	fn reveal_is_found_in_any_place() {
		let reveal = Reveal { window: 9, beaconer: 5, signature: Signature([7; 64]) };
		let bundle = vec![Reveal { beaconer: 4, ..reveal }, reveal].encode();
		let extrinsics = [vec![1, 2, 3], [&[0xFF; 5][..], &bundle, &[1]].concat()];
		assert_eq!(revealed_in(&extrinsics, 9, 5).collect::<Vec<_>>(), [Signature([7; 64])]);
		assert_eq!(revealed_in(&extrinsics, 9, 6).count(), 0);
		assert_eq!(revealed_in(&extrinsics, 8, 5).count(), 0);
	}

	#[test]
	fn reveal_is_not_found_when_it_is_cut_off() {
		let reveal = Reveal { window: 9, beaconer: 5, signature: Signature([7; 64]) }.encode();
		for length in 0..reveal.len() {
			assert_eq!(revealed_in(&[reveal[..length].to_vec()], 9, 5).count(), 0);
		}
	}

	#[test]
	fn decoys_are_limited() {
		let reveal = Reveal { window: 9, beaconer: 5, signature: Signature([7; 64]) };
		let extrinsics = [vec![reveal; 1_000].encode()];
		assert_eq!(revealed_in(&extrinsics, 9, 5).count(), REVEALS_CHECKED_MAX);
	}
}
