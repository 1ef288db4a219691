//! How crowded places are, per network: the counts of cells. Only here are they written.
//!
//! Each cell remembers what it passed on to its parent. A change of a network's limits therefore
//! reaches a cell when it is next touched, and the count of a parent is at all times the sum of
//! what its children passed on.
//!
//! The five cells of a place lie within each other. Their counts are kept in two values, each with
//! its neighbours. While one of the two does not decode, the place pays nothing and no device is
//! counted there or taken out, so that nothing is overwritten.

use alloc::vec::Vec;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use groma_core::{
	NetworkId,
	density::{RESOLUTIONS, admitted, cells, scale},
	place::Cell,
	protocol::DRAW_RESOLUTION,
	units::Scale,
};
use scale_info::TypeInfo;

use crate::{Config, Neighbourhoods, types::Counted};

/// The limits of a network, per resolution.
pub(crate) type Limits = [u32; RESOLUTIONS.len()];

/// How many of the finer cells of a place have their counts in one value; the others have theirs in
/// another.
const FINER: usize = 3;
/// The resolutions of cells that have their counts in one value: of the finest, and of the
/// coarsest, for which the value is kept.
const KEPT_TOGETHER: [(u8, u8); 2] = [
	(RESOLUTIONS[0], RESOLUTIONS[FINER - 1]),
	(RESOLUTIONS[FINER], RESOLUTIONS[RESOLUTIONS.len() - 1]),
];
const _: () = assert!(
	KEPT_TOGETHER[0].0 - KEPT_TOGETHER[0].1 <= 2 && KEPT_TOGETHER[1].0 - KEPT_TOGETHER[1].1 <= 2,
	"the digits between the two fit one byte"
);
/// The most cells whose counts are in one value: a cell of resolution 8 with those of 9 and 10 in
/// it.
const NEIGHBOURS_MAX: u32 = 1 + 7 + 49;

/// The counts of one cell in one network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CellCount {
	/// Devices that its children passed on; at the finest resolution the devices themselves.
	#[codec(compact)]
	pub arrived: u32,
	/// Devices that it passed on to its parent.
	#[codec(compact)]
	pub passed: u32,
	/// All counted devices, passed on or not: kept where the draw needs it, else 0.
	#[codec(compact)]
	pub members: u32,
}

impl CellCount {
	fn is_empty(&self) -> bool {
		self.arrived == 0 && self.members == 0
	}
}

/// Which of the cells whose counts are in one value: its digits below the cell for which the value
/// is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CellPosition(u8);

impl CellPosition {
	/// That of cells whose resolution is not counted: no digits come to this number.
	const NONE: Self = Self(u8::MAX);

	fn of(cell: Cell) -> Self {
		let mut together = KEPT_TOGETHER.into_iter();
		let digits = together.find_map(|(finest, coarsest)| cell.digits(coarsest, finest));
		digits.and_then(|digits| u8::try_from(digits).ok()).map_or(Self::NONE, Self)
	}
}

/// The counts of the cells within one, in the order of their positions. Cells without devices are
/// left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Neighbourhood(BoundedVec<(CellPosition, CellCount), ConstU32<NEIGHBOURS_MAX>>);

impl Neighbourhood {
	fn find(&self, cell: Cell) -> Result<usize, usize> {
		let wanted = CellPosition::of(cell);
		self.0.binary_search_by_key(&wanted, |(position, _)| *position)
	}

	fn get(&self, cell: Cell) -> CellCount {
		let found = self.find(cell).ok().and_then(|at| self.0.get(at));
		found.map(|(_, count)| *count).unwrap_or_default()
	}

	fn set(&mut self, cell: Cell, count: CellCount) {
		match self.find(cell) {
			Ok(at) if count.is_empty() => {
				self.0.remove(at);
			}
			Ok(at) => {
				if let Some((_, old)) = self.0.get_mut(at) {
					*old = count;
				}
			}
			Err(_) if count.is_empty() => {}
			// There is room for all cells that are kept together.
			Err(at) => {
				let _inserted = self.0.try_insert(at, (CellPosition::of(cell), count));
			}
		}
	}
}

/// The cells of a place as their counts are kept, each part with the cell for which it is.
fn kept(cells: &[Cell; RESOLUTIONS.len()]) -> impl Iterator<Item = (Cell, &[Cell])> {
	let (finer, coarser) = cells.split_at(FINER);
	[finer, coarser].into_iter().filter_map(|part| Some((*part.last()?, part)))
}

/// The cell for which the value is kept that holds the counts of `cell`.
fn keeper(cell: Cell) -> Option<Cell> {
	KEPT_TOGETHER.into_iter().find_map(|(_, coarsest)| cell.parent(coarsest))
}

/// The counts of a cell; none if they do not decode.
pub(crate) fn count_of<T: Config>(network: NetworkId, cell: Cell) -> CellCount {
	keeper(cell)
		.and_then(|keeper| neighbourhood::<T>(network, keeper))
		.map(|neighbourhood| neighbourhood.get(cell))
		.unwrap_or_default()
}

/// The counts in the value of a cell; `None` if they do not decode.
fn neighbourhood<T: Config>(network: NetworkId, keeper: Cell) -> Option<Neighbourhood> {
	groma_stored::entry::<Neighbourhoods<T>, (NetworkId, Cell), Neighbourhood>((network, keeper))
		.or_absent(Neighbourhood::default())
}

/// Whether a device can be counted at a place, or taken out: whether the counts there decode.
pub(crate) fn is_readable<T: Config>(place: Counted) -> bool {
	cells(place.cell).is_none_or(|cells| {
		kept(&cells).all(|(keeper, _)| neighbourhood::<T>(place.network, keeper).is_some())
	})
}

/// All cells with counts.
#[cfg(any(feature = "try-runtime", test))]
pub(crate) fn all<T: Config>() -> impl Iterator<Item = ((NetworkId, Cell), CellCount)> {
	Neighbourhoods::<T>::iter_keys().flat_map(|(network, keeper)| {
		let neighbourhood = neighbourhood::<T>(network, keeper).unwrap_or_default();
		family(keeper).filter_map(move |cell| {
			let (_, count) = neighbourhood.0.get(neighbourhood.find(cell).ok()?)?;
			Some(((network, cell), *count))
		})
	})
}

/// How many counts are kept, including any under a position that no cell has.
#[cfg(any(feature = "try-runtime", test))]
pub(crate) fn kept_counts<T: Config>() -> usize {
	Neighbourhoods::<T>::iter_keys()
		.filter_map(|(network, keeper)| neighbourhood::<T>(network, keeper))
		.map(|neighbourhood| neighbourhood.0.len())
		.sum()
}

/// The cells that have their counts in the value of `keeper`.
#[cfg(any(feature = "try-runtime", feature = "runtime-benchmarks", test))]
fn family(keeper: Cell) -> impl Iterator<Item = Cell> {
	let part = KEPT_TOGETHER.into_iter().find(|(_, coarsest)| keeper.resolution() == *coarsest);
	part.into_iter().flat_map(move |(finest, _)| keeper.family(finest))
}

/// Fills the values in which the cells of a place have their counts with those of all other cells:
/// the worst case of changing one of them. They are counts of hundreds, which are longer than most.
/// What other places count there is overwritten, so devices are counted after all places are
/// filled. They have no members, or fewer would be drawn.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn fill<T: Config>(place: Counted) {
	let Some(cells) = cells(place.cell) else { return };
	let crowd = CellCount { arrived: 200, passed: 200, members: 0 };
	for (keeper, _) in kept(&cells) {
		let mut neighbourhood = neighbourhood::<T>(place.network, keeper).unwrap_or_default();
		for cell in family(keeper).filter(|cell| !cells.contains(cell)) {
			neighbourhood.set(cell, crowd);
		}
		Neighbourhoods::<T>::insert((place.network, keeper), neighbourhood);
	}
}

/// Counts a device where it stands, and no longer where it was counted before. Says whether
/// anything changed.
pub(crate) fn count<T: Config>(
	counted: &mut Option<Counted>,
	place: Counted,
	limits: &Limits,
) -> bool {
	if *counted == Some(place) {
		return false;
	}
	let is_uncounted = uncount::<T>(counted, limits);
	if counted.is_some() || !shift::<T>(place, 1, limits) {
		return is_uncounted;
	}
	*counted = Some(place);
	true
}

/// No longer counts a device. Says whether anything changed.
pub(crate) fn uncount<T: Config>(counted: &mut Option<Counted>, limits: &Limits) -> bool {
	let Some(place) = *counted else { return false };
	let is_uncounted = shift::<T>(place, -1, limits);
	if is_uncounted {
		*counted = None;
	}
	is_uncounted
}

/// The scale of a place; 0 if its counts do not decode.
pub(crate) fn scale_at<T: Config>(network: NetworkId, cell: Cell, limits: &Limits) -> Scale {
	let Some(cells) = cells(cell) else { return Scale::ZERO };
	let mut arrived = [0; RESOLUTIONS.len()];
	let mut counts = arrived.iter_mut();
	for (keeper, part) in kept(&cells) {
		let Some(neighbourhood) = neighbourhood::<T>(network, keeper) else { return Scale::ZERO };
		for (cell, count) in part.iter().zip(counts.by_ref()) {
			*count = neighbourhood.get(*cell).arrived;
		}
	}
	scale(&arrived, limits)
}

/// How many devices are active around a place, for the draw of its witnesses.
pub(crate) fn members_around<T: Config>(network: NetworkId, cell: Cell) -> u32 {
	cell.parent(DRAW_RESOLUTION).map_or(0, |around| count_of::<T>(network, around).members)
}

/// Adds `change` devices to the cells around a place, each as far as its children pass it on. Says
/// whether it did: if some of the counts do not decode, none is changed.
fn shift<T: Config>(place: Counted, change: i64, limits: &Limits) -> bool {
	let Some(cells) = cells(place.cell) else { return true };
	let read = |(keeper, part)| Some((keeper, part, neighbourhood::<T>(place.network, keeper)?));
	let Some(all) = kept(&cells).map(read).collect::<Option<Vec<_>>>() else { return false };
	let mut limits = limits.iter();
	let mut arriving = change;
	for (keeper, part, mut neighbourhood) in all {
		for (cell, limit) in part.iter().zip(limits.by_ref()) {
			let joining = if cell.resolution() == DRAW_RESOLUTION { change } else { 0 };
			if arriving == 0 && joining == 0 {
				continue;
			}
			let mut count = neighbourhood.get(*cell);
			count.arrived = moved(count.arrived, arriving);
			count.members = moved(count.members, joining);
			let passed = admitted(count.arrived, *limit);
			arriving = i64::from(passed).saturating_sub(i64::from(count.passed));
			count.passed = passed;
			neighbourhood.set(*cell, count);
		}
		if neighbourhood.0.is_empty() {
			Neighbourhoods::<T>::remove((place.network, keeper));
		} else {
			Neighbourhoods::<T>::insert((place.network, keeper), neighbourhood);
		}
	}
	true
}

/// The count after a change, at least 0.
fn moved(count: u32, change: i64) -> u32 {
	let moved = i64::from(count).saturating_add(change).max(0);
	u32::try_from(moved).unwrap_or(u32::MAX)
}
