//! Who is challenged, when and how it beacons, who may witness, and which witnesses are judged.
//! Every choice is a hash of a window's seed, so that it is unpredictable before and reproducible
//! after.

use sp_crypto_hashing::blake2_256;

use crate::{
	payload::concat,
	protocol::{
		BEACON_PARTS, BEACON_PARTS_BEFORE, BEACON_PARTS_SENDING, RIPE_TENTHS, WITNESSES_EXPECTED,
	},
	region::{DataRate, RegionPlan},
	words::{DeviceId, Hash, WindowIndex},
};

const SELECTION: &[u8] = b"groma/selection/1";
const DRAW: &[u8] = b"groma/draw/1";
const CHOICE: &[u8] = b"groma/choice/1";
const BUNDLING: &[u8] = b"groma/bundling/1";
const CREDIT: &[u8] = b"groma/credit/1";

/// The hash that decides about `device` in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection(Hash);

/// When and how a challenged device beacons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeaconSlot {
	/// Channel centre in Hz.
	pub frequency_hz: u32,
	/// Modulation.
	pub data_rate: DataRate,
	/// Time from the start of the window in ms.
	pub offset_ms: u64,
}

impl Selection {
	/// The selection of `device` under the seed of a window.
	pub fn new(seed: &Hash, device: DeviceId) -> Self {
		Self(blake2_256(&concat(&[SELECTION, seed, &device.to_le_bytes()])))
	}

	/// Whether the device is challenged: see [`threshold`].
	pub fn is_challenged(&self, threshold: u64) -> bool {
		self.word(0) < threshold
	}

	/// Channel, data rate and moment in a window of `window_ms`. The moment lies between 1/30 and
	/// 20/30 of the window (10 s and 200 s of 5 min). `None` if the plan lists no channel or data
	/// rate.
	pub fn beacon_slot(&self, plan: &RegionPlan, window_ms: u64) -> Option<BeaconSlot> {
		let channel = self.word(1).checked_rem(plan.channels.len() as u64)?;
		let data_rate = self.word(2).checked_rem(plan.data_rates.len() as u64)?;
		let first_ms = window_ms.saturating_mul(BEACON_PARTS_BEFORE) / BEACON_PARTS;
		let span_ms = (window_ms.saturating_mul(BEACON_PARTS_SENDING) / BEACON_PARTS).max(1);
		Some(BeaconSlot {
			frequency_hz: *plan.channels.get(channel as usize)?,
			data_rate: *plan.data_rates.get(data_rate as usize)?,
			offset_ms: first_ms.saturating_add(self.word(3) % span_ms),
		})
	}

	/// The `n`-th little-endian 64-bit word of the hash.
	fn word(&self, n: usize) -> u64 {
		let mut bytes = [0; 8];
		bytes.copy_from_slice(&self.0[8 * n..8 * n + 8]);
		u64::from_le_bytes(bytes)
	}
}

/// The threshold of a network's windows: of 2^64 draws, how many challenge a device. It gives one
/// challenge in `interval_windows`, or what a budget of `challenges_max` per window allows for
/// `active_devices`, if that is less. Rounded down.
pub fn threshold(interval_windows: u32, challenges_max: u32, active_devices: u32) -> u64 {
	let by_interval = u64::MAX / u64::from(interval_windows.max(1));
	let by_budget = match active_devices {
		active if active <= challenges_max => u64::MAX,
		active => ((u128::from(challenges_max) << 64) / u128::from(active)) as u64,
	};
	by_interval.min(by_budget)
}

/// How many windows pass on average between two challenges of a device, rounded to the nearest;
/// `u32::MAX` if none is ever challenged.
pub fn expected_interval(threshold: u64) -> u32 {
	match threshold {
		0 => u32::MAX,
		t => ((u128::from(u64::MAX) + u128::from(t / 2)) / u128::from(t)).min(u128::from(u32::MAX))
			as u32,
	}
}

/// The draw of `witness` for the beacon of `beaconer`: the lower, the better.
pub fn draw(seed: &Hash, beaconer: DeviceId, witness: DeviceId) -> u64 {
	ranked(DRAW, seed, beaconer, witness)
}

/// Whether a draw lets the witness make a statement, where `cell_devices` devices are active in the
/// beaconer's cell of [`crate::protocol::DRAW_RESOLUTION`]: with probability 1, or 16 /
/// `cell_devices` if that is less.
pub fn is_drawn(draw: u64, cell_devices: u32) -> bool {
	cell_devices <= WITNESSES_EXPECTED
		|| u128::from(draw) * u128::from(cell_devices) < u128::from(WITNESSES_EXPECTED) << 64
}

/// The rank of a valid witness under the seed of the window of the reveal: the
/// [`crate::protocol::WITNESSES_JUDGED`] lowest are judged.
pub fn choice(later_seed: &Hash, beaconer: DeviceId, witness: DeviceId) -> u64 {
	ranked(CHOICE, later_seed, beaconer, witness)
}

/// The rank of a witness that counts, under the seed of the window of the reveal: of those that
/// name a collector, the collector of the lowest is credited for the reveal.
pub fn credit(later_seed: &Hash, beaconer: DeviceId, witness: DeviceId) -> u64 {
	ranked(CREDIT, later_seed, beaconer, witness)
}

/// When a collector begins to bundle the statements of a window, in thousandths of the window: from
/// [`RIPE_TENTHS`] tenths on, spread over the rest by the hash of the collector's account, so that
/// collectors who hold the same statements rarely bring them in the same block.
pub fn bundling_start(collector: &Hash, window: WindowIndex) -> u32 {
	let ripe = RIPE_TENTHS.saturating_mul(100);
	let hash = blake2_256(&concat(&[BUNDLING, collector, &window.to_le_bytes()]));
	let number = u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]);
	// The remainder is below 1,000, and so is the sum.
	ripe.saturating_add(number % 1_000u32.saturating_sub(ripe).max(1))
}

fn ranked(domain: &[u8], seed: &Hash, beaconer: DeviceId, witness: DeviceId) -> u64 {
	let hash =
		blake2_256(&concat(&[domain, seed, &beaconer.to_le_bytes(), &witness.to_le_bytes()]));
	let mut bytes = [0; 8];
	bytes.copy_from_slice(&hash[..8]);
	u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn threshold_gives_the_interval_when_the_budget_suffices() {
		assert_eq!(threshold(72, 1_000, 1_000), u64::MAX / 72);
		assert_eq!(expected_interval(threshold(72, 1_000, 1_000)), 72);
	}

	#[test]
	fn threshold_follows_the_budget_when_devices_are_many() {
		assert_eq!(threshold(1, 1_000, 4_000), 1 << 62);
		assert_eq!(expected_interval(threshold(1, 0, 1)), u32::MAX);
	}

	#[test]
	fn everyone_is_drawn_when_the_cell_is_sparse() {
		assert!(is_drawn(u64::MAX, WITNESSES_EXPECTED));
		assert!(!is_drawn(u64::MAX, WITNESSES_EXPECTED + 1));
	}

	proptest! {
		#[test]
		fn bundling_starts_in_the_last_three_tenths_of_a_window(collector: [u8; 32], window: u32) {
			let start = bundling_start(&collector, window);
			prop_assert!((700..1_000).contains(&start));
			prop_assert_eq!(start, bundling_start(&collector, window));
		}

		#[test]
		fn moment_lies_between_10_and_200_seconds_of_a_window(seed: [u8; 32], device: u32) {
			let slot = Selection::new(&seed, device)
				.beacon_slot(&RegionPlan::eu868(), 300_000)
				.expect("the plan has channels");
			prop_assert!((10_000..200_000).contains(&slot.offset_ms));
		}

		#[test]
		fn threshold_never_rises_with_devices(interval: u32, budget: u32, active: u32) {
			prop_assert!(
				threshold(interval, budget, active) >= threshold(interval, budget, active.saturating_add(1))
			);
		}

		#[test]
		fn draw_admits_about_its_share(seed: [u8; 32]) {
			let drawn = (0..4_000u32).filter(|w| is_drawn(draw(&seed, 7, *w), 160)).count();
			prop_assert!((280..520).contains(&drawn), "{drawn} of 4000 drawn at 1 in 10");
		}
	}
}
