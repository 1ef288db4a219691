//! What the witness remembers of those who beacon.

use std::collections::{BTreeMap, HashMap, HashSet};

use groma_client::chain::AccountId;
use groma_core::{
	DeviceId, NetworkId, WindowIndex,
	place::Cell,
	protocol::STATEMENT_DELAY_MAX,
	words::{SessionKey, Signature},
};

/// Devices whose key is remembered in a window.
const BEACONERS_MAX: usize = 1_024;

/// What the chain knows about a device that beacons.
#[derive(Clone, Copy)]
pub(super) struct Beaconer {
	pub(super) key: SessionKey,
	pub(super) owner: AccountId,
	pub(super) network: NetworkId,
	/// The cell whose devices are counted for the draw of its witnesses; `None` without a location.
	pub(super) around: Option<Cell>,
}

/// What was learnt in the present window, and about beacons of the one before.
#[derive(Default)]
pub(super) struct Known {
	window: WindowIndex,
	pub(super) beaconers: HashMap<DeviceId, Option<Beaconer>>,
	/// How many devices are counted around beaconers. There are no more cells than beaconers.
	pub(super) members: BTreeMap<(NetworkId, Cell), u32>,
	/// Signatures that were found genuine.
	pub(super) genuine: HashMap<(DeviceId, WindowIndex), Signature>,
	/// Beacons about which a gateway has stated, or need not.
	pub(super) done: HashSet<(usize, DeviceId, WindowIndex)>,
}

impl Known {
	/// Forgets in another window what may differ there: keys, and the beacons that can no longer be
	/// stated.
	pub(super) fn enter(&mut self, window: WindowIndex) {
		if self.window == window {
			return;
		}
		self.window = window;
		self.beaconers.clear();
		self.members.clear();
		let is_open = |of: WindowIndex| of.saturating_add(STATEMENT_DELAY_MAX) >= window;
		self.genuine.retain(|(_, of), _| is_open(*of));
		self.done.retain(|(_, _, of)| is_open(*of));
	}

	/// Makes room for one more beaconer, at the expense of one that was never heard for certain:
	/// forged frames drive out nothing but each other. `false` if there is none.
	pub(super) fn makes_room(&mut self) -> bool {
		if self.beaconers.len() < BEACONERS_MAX {
			return true;
		}
		let genuine: HashSet<DeviceId> = self.genuine.keys().map(|(device, _)| *device).collect();
		let doubtful = self.beaconers.keys().copied().find(|device| !genuine.contains(device));
		doubtful.is_some_and(|device| self.beaconers.remove(&device).is_some())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const BEACONER: Option<Beaconer> = Some(Beaconer {
		key: SessionKey([1; 32]),
		owner: AccountId([2; 32]),
		network: 0,
		around: None,
	});

	#[test]
	fn forged_frames_drive_out_nothing_but_each_other() {
		let mut known = Known::default();
		for device in 0..BEACONERS_MAX as u32 {
			known.beaconers.insert(device, BEACONER);
		}
		known.genuine.insert((7, 1), Signature([0; 64]));
		for device in 0..3 * BEACONERS_MAX as u32 {
			assert!(known.makes_room());
			known.beaconers.insert(1_000_000 + device, None);
		}
		assert!(known.beaconers.contains_key(&7));
		assert_eq!(known.beaconers.len(), BEACONERS_MAX);
	}

	#[test]
	fn beacons_are_remembered_for_a_window_and_keys_are_not() {
		let mut known = Known { window: 5, ..Known::default() };
		known.beaconers.insert(7, BEACONER);
		for window in [4, 5] {
			known.genuine.insert((7, window), Signature([0; 64]));
			known.done.insert((0, 7, window));
		}
		known.enter(5);
		assert_eq!((known.beaconers.len(), known.genuine.len(), known.done.len()), (1, 2, 2));
		known.enter(6);
		assert!(known.beaconers.is_empty() && known.genuine.contains_key(&(7, 5)));
		assert_eq!((known.genuine.len(), known.done.len()), (1, 1));
	}

	#[test]
	fn beaconer_is_not_remembered_when_all_others_are_genuine() {
		let mut known = Known::default();
		for device in 0..BEACONERS_MAX as u32 {
			known.beaconers.insert(device, BEACONER);
			known.genuine.insert((device, 1), Signature([0; 64]));
		}
		assert!(!known.makes_room());
	}
}
