//! What must hold of the whole state between blocks.

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::ensure;
use groma_core::{
	NetworkId,
	density::{RESOLUTIONS, cells},
	place::Cell,
	protocol::{DRAW_RESOLUTION, OWN_STATEMENTS_MAX},
	terms::Proof,
};
use groma_traits::{Networks, Windows};
use sp_runtime::TryRuntimeError;

use crate::{
	Activities, Challenges, Config, OwnStatements, Pallet, Reasons, RegionPlans, activity, density,
	own_statements, statements::stored_challenge,
};

type Counts = BTreeMap<(NetworkId, Cell), u32>;

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		check_challenges::<T>()?;
		check_own_statements::<T>()?;
		ensure!(Activities::<T>::is_readable(), "an activity cannot be decoded");
		let is_readable = |device| !activity::stored_reasons::<T>(device).is_undecodable();
		ensure!(Reasons::<T>::iter_keys().all(is_readable), "counts of reasons do not decode");
		check_density::<T>()?;
		check_region_plans::<T>()
	}
}

fn check_challenges<T: Config>() -> Result<(), TryRuntimeError> {
	let now = T::Windows::current();
	let oldest = Pallet::<T>::prune_cursor().ok_or("the cursor of pruning does not decode")?;
	for (window, beaconer) in Challenges::<T>::iter_keys() {
		let challenge = stored_challenge::<T>(window, beaconer).value();
		let challenge = challenge.ok_or("a challenge does not decode")?;
		ensure!((oldest..=now).contains(&window), "a challenge is neither pruned nor to come");
		ensure!(!challenge.records.is_empty(), "a challenge is kept for its records");
		ensure!(!challenge.is_stated_by(beaconer), "no device is a witness of its own beacon");
		let mut witnesses =
			challenge.records.iter().map(|record| record.observation.witness).collect::<Vec<_>>();
		witnesses.sort_unstable();
		witnesses.dedup();
		ensure!(witnesses.len() == challenge.records.len(), "a witness has one record");
	}
	Ok(())
}

fn check_own_statements<T: Config>() -> Result<(), TryRuntimeError> {
	let now = T::Windows::current();
	let oldest = Pallet::<T>::prune_cursor().ok_or("the cursor of pruning does not decode")?;
	for (window, page) in OwnStatements::<T>::iter_keys() {
		let counts = own_statements::stored::<T>(window, page).value();
		let counts = counts.ok_or("counts of own statements do not decode")?;
		ensure!((oldest..=now).contains(&window), "a count is neither pruned nor to come");
		ensure!(counts.iter().any(|count| *count > 0), "a page is kept for its counts");
		ensure!(counts.iter().all(|count| *count <= OWN_STATEMENTS_MAX), "a budget is overdrawn");
	}
	Ok(())
}

/// The finest cells count the devices, every other cell counts what its children passed on, and the
/// members of a cell are all devices counted in it.
fn check_density<T: Config>() -> Result<(), TryRuntimeError> {
	let mut arrived = Counts::new();
	let mut members = Counts::new();
	for activity in Activities::<T>::iter_values() {
		let Some(place) = activity.counted else { continue };
		let cells = cells(place.cell).ok_or("a device is counted at a fine cell")?;
		add(&mut arrived, (place.network, cells[0]), 1);
		for cell in cells.into_iter().filter(|cell| cell.resolution() == DRAW_RESOLUTION) {
			add(&mut members, (place.network, cell), 1);
		}
	}
	for ((network, cell), count) in density::all::<T>() {
		let place = RESOLUTIONS.iter().position(|resolution| *resolution == cell.resolution());
		let coarser = place.and_then(|place| RESOLUTIONS.get(place + 1));
		if let Some(parent) = coarser.and_then(|resolution| cell.parent(*resolution)) {
			add(&mut arrived, (network, parent), count.passed);
		}
		ensure!(count.passed <= count.arrived, "a cell passes on what arrived");
	}
	ensure!(density::all::<T>().count() == density::kept_counts::<T>(), "a count is of a cell");
	for (key, count) in density::all::<T>() {
		ensure!(take(&mut arrived, &key) == count.arrived, "a cell counts what arrived");
		ensure!(take(&mut members, &key) == count.members, "a cell counts its members");
		ensure!(count.arrived > 0 || count.members > 0, "an empty cell is not kept");
	}
	ensure!(arrived.values().all(|count| *count == 0), "what arrived is counted somewhere");
	ensure!(members.values().all(|count| *count == 0), "every member is counted somewhere");
	Ok(())
}

fn check_region_plans<T: Config>() -> Result<(), TryRuntimeError> {
	for (network, region) in RegionPlans::<T>::iter_keys() {
		let plan = Pallet::<T>::stored_plan(network, region).value();
		let plan = plan.ok_or("a plan does not decode")?;
		let proof = T::Networks::terms(network).map(|terms| terms.proof);
		ensure!(matches!(proof, Some(Proof::Coverage(_))), "a plan is of no network of coverage");
		ensure!(plan.region == region, "a plan is filed under another region");
		ensure!(plan.is_valid(), "a plan cannot be followed");
	}
	Ok(())
}

fn add(counts: &mut Counts, key: (NetworkId, Cell), count: u32) {
	let sum = counts.entry(key).or_default();
	*sum = sum.saturating_add(count);
}

fn take(counts: &mut Counts, key: &(NetworkId, Cell)) -> u32 {
	counts.remove(key).unwrap_or(0)
}
