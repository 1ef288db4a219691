//! Which blocks belong to an epoch, and which block settles it.

use groma_core::{EpochIndex, api::EpochInfo};

use super::{archive::Archive, error::AuditError};

/// The blocks of a closed epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
	/// The last block before the epoch.
	pub before: u32,
	/// The last block of the epoch.
	pub last: u32,
	/// The block that settled what came before; genesis if this is the first epoch.
	pub settled_before: u32,
	/// The block that settled the epoch.
	pub settled: u32,
}

impl Span {
	/// The blocks of an epoch, which has to be closed in a finalized block.
	pub async fn of(archive: &impl Archive, epoch: EpochIndex) -> Result<Self, AuditError> {
		let end = archive.last().await?;
		let now = archive.epoch(end).await?;
		let last_closed = now.as_ref().and_then(|clock| clock.last_closed);
		if last_closed.is_none_or(|last| last < epoch) {
			let last = last_closed.map_or_else(|| "none".to_owned(), |last| last.to_string());
			return Err(AuditError::NotClosed { epoch, last });
		}
		let closes = |clock: &EpochInfo| clock.last_closed.is_some_and(|last| last >= epoch);
		let settled = first_block(archive, end, closes).await?;
		let closed_before = |clock: &EpochInfo| {
			clock.last_closed.is_some_and(|last| last.saturating_add(1) >= epoch)
		};
		let settled_before = match first_block(archive, settled, closed_before).await? {
			// No epoch was closed before.
			block if block == settled => 0,
			block => block,
		};
		let has_begun = |clock: &EpochInfo| clock.current >= epoch;
		let first = first_block(archive, settled, has_begun).await?;
		let is_over = |clock: &EpochInfo| clock.current > epoch;
		let after = first_block(archive, settled, is_over).await?;
		if first == after {
			return Err(AuditError::Silent(epoch));
		}
		// In the first epoch the clock starts after the first blocks.
		let before = if settled_before == 0 { 0 } else { first.saturating_sub(1) };
		Ok(Self { before, last: after.saturating_sub(1), settled_before, settled })
	}
}

/// The first block up to `end` after which something holds that goes on to hold; `end` if it does
/// not hold before.
async fn first_block(
	archive: &impl Archive,
	end: u32,
	holds: impl Fn(&EpochInfo) -> bool + Send + Sync,
) -> Result<u32, AuditError> {
	let (mut low, mut high) = (0, end);
	while low < high {
		let middle = low + (high - low) / 2;
		match archive.epoch(middle).await?.is_some_and(|clock| holds(&clock)) {
			true => high = middle,
			false => low = middle.saturating_add(1),
		}
	}
	Ok(high)
}
