//! How crowded places are scaled down. Devices are counted per cell at five resolutions; each cell
//! passes to its parent only what its limit admits, and the scale of a place is the product over
//! the resolutions of admitted / arrived. An update touches at most five cells.

use crate::{place::Cell, units::Scale};

/// The resolutions at which devices are counted, from fine to coarse.
pub const RESOLUTIONS: [u8; 5] = [10, 9, 8, 5, 4];
/// The limits of a network that sets none, per resolution.
pub const DEFAULT_LIMITS: [u32; 5] = [1, 1, 1, 200, 1_000];

/// The cells in which a device at `cell` (of resolution 10 or finer) is counted; `None` if the cell
/// is coarser.
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

/// The scale of a place whose cells hold `arrived` devices. A cell without any counts as one with
/// the device itself.
pub fn scale(arrived: &[u32; 5], limits: &[u32; 5]) -> Scale {
	arrived.iter().zip(limits).fold(Scale::ONE, |scale, (arrived, limit)| {
		let arrived = (*arrived).max(1);
		scale.times(Scale::from_fraction(admitted(arrived, *limit), arrived))
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{collections::BTreeMap, vec::Vec};
	use proptest::prelude::*;

	type Counts = BTreeMap<Cell, u32>;

	/// Whether a change of the count by one is passed on to the parent: `arrived` is the greater of
	/// the counts before and after it.
	fn passes(arrived: u32, limit: u32) -> bool {
		arrived <= limit
	}

	fn arrived(counts: &Counts, cell: Cell) -> u32 {
		counts.get(&cell).copied().unwrap_or_default()
	}

	/// Counts a device in, as the chain does: upwards until a limit stops it.
	fn enter(counts: &mut Counts, place: Cell, limits: &[u32; 5]) {
		for (cell, limit) in cells(place).expect("fine enough").into_iter().zip(limits) {
			let now = arrived(counts, cell) + 1;
			counts.insert(cell, now);
			if !passes(now, *limit) {
				break;
			}
		}
	}

	/// The reverse of [`enter`].
	fn leave(counts: &mut Counts, place: Cell, limits: &[u32; 5]) {
		for (cell, limit) in cells(place).expect("fine enough").into_iter().zip(limits) {
			let before = arrived(counts, cell);
			counts.insert(cell, before - 1);
			if !passes(before, *limit) {
				break;
			}
		}
	}

	/// The counts from scratch, level by level: a parent receives what each child admits.
	fn recount(places: &[Cell], limits: &[u32; 5]) -> Counts {
		let mut counts = Counts::new();
		let mut level: Counts = Counts::new();
		for place in places {
			*level.entry(cells(*place).expect("fine enough")[0]).or_default() += 1;
		}
		for (index, limit) in limits.iter().enumerate() {
			let mut next = Counts::new();
			for (cell, count) in &level {
				if let Some(resolution) = RESOLUTIONS.get(index + 1) {
					let parent = cell.parent(*resolution).expect("coarser");
					*next.entry(parent).or_default() += admitted(*count, *limit);
				}
			}
			counts.append(&mut level);
			level = next;
		}
		counts
	}

	/// Places close enough to share cells of every resolution.
	fn place() -> impl Strategy<Value = Cell> {
		(0u32..12, 0u32..12).prop_map(|(north, east)| {
			let (latitude, longitude) =
				(45.0 + f64::from(north) * 0.002, 5.0 + f64::from(east) * 0.002);
			Cell::from_degrees(latitude, longitude, 12).expect("a point on earth")
		})
	}

	#[test]
	fn cells_are_none_when_the_place_is_too_coarse() {
		let cell =
			|resolution| Cell::from_degrees(45.0, 5.0, resolution).expect("a point on earth");
		assert_eq!(cells(cell(9)), None);
		assert_eq!(cells(cell(10)).map(|cells| cells[0]), Some(cell(10)));
	}

	#[test]
	fn lonely_device_is_not_scaled_down() {
		assert_eq!(scale(&[1; 5], &DEFAULT_LIMITS), Scale::ONE);
		assert_eq!(scale(&[0; 5], &DEFAULT_LIMITS), Scale::ONE);
		assert_eq!(scale(&[4, 1, 1, 1, 1], &DEFAULT_LIMITS), Scale::from_percent(25));
	}

	proptest! {
		#[test]
		fn incremental_counts_are_those_from_scratch(
			steps in proptest::collection::vec((place(), any::<bool>()), 1..60),
			limits in proptest::array::uniform5(0u32..6),
		) {
			let mut counts = Counts::new();
			let mut places = Vec::new();
			for (place, leaves) in steps {
				if leaves && !places.is_empty() {
					leave(&mut counts, places.remove(0), &limits);
				} else {
					enter(&mut counts, place, &limits);
					places.push(place);
				}
			}
			counts.retain(|_, count| *count > 0);
			let mut expected = recount(&places, &limits);
			expected.retain(|_, count| *count > 0);
			prop_assert_eq!(counts, expected);
		}

		#[test]
		fn scale_is_the_product_of_the_ratios(
			arrived in proptest::array::uniform5(1u32..100_000),
			limits in proptest::array::uniform5(0u32..2_000),
		) {
			let exact: f64 = arrived
				.iter()
				.zip(&limits)
				.map(|(arrived, limit)| f64::from(*arrived.min(limit)) / f64::from(*arrived))
				.product();
			let scale = f64::from(scale(&arrived, &limits).billionths()) / 1e9;
			prop_assert!(scale <= exact + 1e-15 && exact - scale < 1e-8, "{scale} {exact}");
		}

		#[test]
		fn scale_never_rises_with_devices(
			arrived in proptest::array::uniform5(0u32..u32::MAX),
			level in 0usize..5,
		) {
			let mut more = arrived;
			more[level] += 1;
			prop_assert!(scale(&more, &DEFAULT_LIMITS) <= scale(&arrived, &DEFAULT_LIMITS));
		}
	}
}
