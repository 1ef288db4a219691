//! How crowded places are, per network: the counts of cells. Only here are they written.
//!
//! Each cell remembers what it passed on to its parent. A change of a network's limits therefore
//! reaches a cell when it is next touched, and the count of a parent is at all times the sum of what
//! its children passed on.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::{
	NetworkId,
	coverage::Scale,
	density::{RESOLUTIONS, admitted, cells, scale},
	place::Cell,
	selection::DRAW_RESOLUTION,
};
use scale_info::TypeInfo;

use crate::{Cells, Config, types::Counted};

/// The limits of a network, per resolution.
pub(crate) type Limits = [u32; RESOLUTIONS.len()];

/// The counts of one cell in one network. Numbers of fixed length make a leaf of the trie that is a node of its
/// own: shorter ones are kept sixteen to the node above, which is dearer to handle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CellCount {
	/// Devices that its children passed on; at the finest resolution the devices themselves.
	pub arrived: u32,
	/// Devices that it passed on to its parent.
	pub passed: u32,
	/// All counted devices, whoever passed them on: kept where the draw needs it, else 0.
	pub members: u32,
}

impl CellCount {
	fn is_empty(&self) -> bool {
		self.arrived == 0 && self.members == 0
	}
}

/// Counts a device where it stands, and no longer where it was counted before. Says whether anything
/// changed.
pub(crate) fn count<T: Config>(
	counted: &mut Option<Counted>,
	place: Counted,
	limits: &Limits,
) -> bool {
	if *counted == Some(place) {
		return false;
	}
	uncount::<T>(counted, limits);
	shift::<T>(place, 1, limits);
	*counted = Some(place);
	true
}

/// No longer counts a device. Says whether anything changed.
pub(crate) fn uncount<T: Config>(counted: &mut Option<Counted>, limits: &Limits) -> bool {
	let Some(place) = counted.take() else { return false };
	shift::<T>(place, -1, limits);
	true
}

/// The scale of a place.
pub(crate) fn scale_at<T: Config>(network: NetworkId, cell: Cell, limits: &Limits) -> Scale {
	let Some(cells) = cells(cell) else { return Scale::ZERO };
	let mut arrived = [0; RESOLUTIONS.len()];
	for (count, cell) in arrived.iter_mut().zip(cells) {
		*count = Cells::<T>::get((network, cell)).arrived;
	}
	scale(&arrived, limits)
}

/// How many devices are active around a place, for the draw of its witnesses.
pub(crate) fn members_around<T: Config>(network: NetworkId, cell: Cell) -> u32 {
	cell.parent(DRAW_RESOLUTION).map_or(0, |around| Cells::<T>::get((network, around)).members)
}

/// Adds `change` devices to the cells around a place, each as far as its children pass it on.
fn shift<T: Config>(place: Counted, change: i64, limits: &Limits) {
	let Some(cells) = cells(place.cell) else { return };
	let mut arriving = change;
	for (cell, limit) in cells.into_iter().zip(limits) {
		let joining = if cell.resolution() == DRAW_RESOLUTION { change } else { 0 };
		if arriving == 0 && joining == 0 {
			continue;
		}
		arriving = Cells::<T>::mutate_exists((place.network, cell), |entry| {
			let mut count = entry.unwrap_or_default();
			count.arrived = moved(count.arrived, arriving);
			count.members = moved(count.members, joining);
			let passed = admitted(count.arrived, *limit);
			let passing = i64::from(passed).saturating_sub(i64::from(count.passed));
			count.passed = passed;
			*entry = Some(count).filter(|count| !count.is_empty());
			passing
		});
	}
}

/// The count after a change, at least 0.
fn moved(count: u32, change: i64) -> u32 {
	let moved = i64::from(count).saturating_add(change).max(0);
	u32::try_from(moved).unwrap_or(u32::MAX)
}
