//! How crowded places are scaled down. Devices are counted per cell at five resolutions; each cell
//! passes to its parent only what its limit admits, and the scale of a place is the product over the
//! resolutions of admitted / arrived. An update touches at most five cells.

use crate::{coverage::Scale, place::Cell};

/// The resolutions at which devices are counted, from fine to coarse.
pub const RESOLUTIONS: [u8; 5] = [10, 9, 8, 5, 4];
/// The limits of a network that sets none of its own, per resolution.
pub const DEFAULT_LIMITS: [u32; 5] = [1, 1, 1, 200, 1_000];

/// The cells in which a device at `cell` (of resolution 10 or finer) is counted; `None` if the cell is
/// coarser.
pub fn cells(cell: Cell) -> Option<[Cell; 5]> {
	let mut cells = [cell; 5];
	for (slot, resolution) in cells.iter_mut().zip(RESOLUTIONS) {
		*slot = cell.parent(resolution)?;
	}
	Some(cells)
}

/// How many of `arrived` devices a cell passes to its parent.
pub fn admitted(arrived: u32, limit: u32) -> u32 {
	arrived.min(limit)
}

/// Whether a change of the count by one is passed on to the parent: `arrived` is the greater of the
/// counts before and after it.
pub fn passes(arrived: u32, limit: u32) -> bool {
	arrived <= limit
}

/// The scale of a place whose cells hold `arrived` devices. A cell without any counts as one with the
/// device itself.
pub fn scale(arrived: &[u32; 5], limits: &[u32; 5]) -> Scale {
	arrived.iter().zip(limits).fold(Scale::ONE, |scale, (arrived, limit)| {
		let arrived = (*arrived).max(1);
		scale.times(Scale::from_fraction(admitted(arrived, *limit), arrived))
	})
}
