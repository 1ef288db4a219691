//! Blocks made natively on a counted state: hooks are counted, what is done between them is not.

use anyhow::{Context, anyhow};
use codec::Encode;
use groma_core::protocol::SLOT_MS;
use groma_runtime::{BlockNumber, Hash, Header, RuntimeCall, TimestampCall, UncheckedExtrinsic};
use sp_externalities::Externalities;
use sp_runtime::{ApplyExtrinsicResult, ExtrinsicInclusionMode, traits::Header as _};

use super::counting::{Counting, Counts};
use crate::{
	native::ask,
	receipts::{genesis, secondary_slot},
};

/// A chain whose blocks are not kept.
pub(crate) struct Blocks<E> {
	state: Counting<E>,
	number: BlockNumber,
	parent: Hash,
	now_ms: u64,
}

impl<E: Externalities> Blocks<E> {
	/// What follows block `number` with this hash, whose state is `state`.
	pub(crate) fn after(number: BlockNumber, hash: Hash, state: E) -> Self {
		let now_ms = genesis::time_ms(number);
		Self { state: Counting::new(state), number, parent: hash, now_ms }
	}

	/// Looks at the state.
	pub(crate) fn look<R>(&mut self, f: impl FnOnce() -> R) -> R {
		self.state.run(f).0
	}

	/// Lets no block be made before this time in ms since the Unix epoch, a whole number of slots.
	pub(crate) fn halt_until(&mut self, time_ms: u64) {
		self.now_ms = self.now_ms.max(time_ms.saturating_sub(SLOT_MS));
	}

	/// Makes a block in which `work` is done where transactions would be, and returns what its
	/// hooks read and wrote.
	pub(crate) fn make(
		&mut self,
		work: impl FnOnce() -> anyhow::Result<()>,
	) -> anyhow::Result<Counts> {
		self.number += 1;
		self.now_ms += SLOT_MS;
		let header = Header::new(
			self.number,
			Hash::zero(),
			Hash::zero(),
			self.parent,
			secondary_slot(self.now_ms / SLOT_MS),
		);
		let header = header.encode();
		let (mode, begun) =
			self.state.run(|| ask::<ExtrinsicInclusionMode>("Core_initialize_block", &header));
		mode?;
		let now_ms = self.now_ms;
		self.state.run(|| set_time(now_ms).and_then(|()| work())).0?;
		let (header, ended) = self.state.run(|| ask::<Header>("BlockBuilder_finalize_block", &[]));
		self.parent = header?.hash();
		Ok(begun.with(ended))
	}
}

fn set_time(now_ms: u64) -> anyhow::Result<()> {
	let timestamp = RuntimeCall::Timestamp(TimestampCall::set { now: now_ms });
	let inherent = UncheckedExtrinsic::new_bare(timestamp).encode();
	let applied: ApplyExtrinsicResult = ask("BlockBuilder_apply_extrinsic", &inherent)?;
	applied
		.map_err(|error| anyhow!("the time was refused: {error:?}"))?
		.map_err(|error| anyhow!("the time was not set: {error:?}"))
		.context("a block needs its time")
}
