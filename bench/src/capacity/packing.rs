//! How many challenges fit a block, by what their bundles declare and by what they really take.

/// What a bundle takes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BundleLoad {
	/// Picoseconds that have to be free for the bundle to be let in: its worst case.
	pub(crate) declared_ps: u64,
	/// Picoseconds that stay taken once it was executed and the rest was given back.
	pub(crate) used_ps: u64,
	/// Its length in bytes. Nothing of it is given back.
	pub(crate) bytes: u64,
}

/// What a block, or a share of one, holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
	/// Picoseconds of compute.
	pub(crate) ps: u64,
	/// Bytes.
	pub(crate) bytes: u64,
}

impl Room {
	/// The same without any limit of length.
	pub(crate) fn of_any_length(self) -> Self {
		Self { bytes: u64::MAX, ..self }
	}

	/// The same without any limit of compute.
	pub(crate) fn of_any_weight(self) -> Self {
		Self { ps: u64::MAX, ..self }
	}

	/// Takes a bundle, if it fits.
	fn take(&mut self, load: BundleLoad) -> bool {
		let fits = load.declared_ps <= self.ps && load.bytes <= self.bytes;
		if fits {
			self.ps -= load.used_ps;
			self.bytes -= load.bytes;
		}
		fits
	}
}

/// The bundles of one phase: what one of one challenge takes, of two, and so on up to a collector's
/// size.
pub(crate) struct Phase(pub(crate) Vec<BundleLoad>);

impl Phase {
	/// What a collector's bundle takes, per challenge: declared and used picoseconds, and bytes.
	pub(crate) fn per_challenge(&self) -> [f64; 3] {
		let full = self.0.last().map(|load| [load.declared_ps, load.used_ps, load.bytes]);
		full.unwrap_or_default().map(|total| total as f64 / self.0.len() as f64)
	}

	/// Puts the largest bundle, halved as often as it takes, into what is left, and returns how
	/// many challenges it is about.
	fn put(&self, room: &mut Room) -> usize {
		std::iter::successors(Some(self.0.len()), |size| Some(size / 2))
			.take_while(|size| *size > 0)
			.find(|size| self.0.get(size - 1).is_some_and(|load| room.take(*load)))
			.unwrap_or(0)
	}
}

/// How many challenges a block settles in which as many others are stated: the phase that is behind
/// goes first, with full bundles as long as they fit, and then with smaller ones.
pub(crate) fn challenges(mut room: Room, statements: &Phase, reveals: &Phase) -> usize {
	let (mut stated, mut revealed) = (0, 0);
	loop {
		let (phase, count) = match stated <= revealed {
			true => (statements, &mut stated),
			false => (reveals, &mut revealed),
		};
		match phase.put(&mut room) {
			0 => return stated.min(revealed),
			put => *count += put,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Bundles of up to `size` challenges, each of which takes `used` and declares `declared`.
	fn phase(size: u64, declared_ps: u64, used_ps: u64) -> Phase {
		let load =
			|n| BundleLoad { declared_ps: declared_ps * n, used_ps: used_ps * n, bytes: 10 * n };
		Phase((1..=size).map(load).collect())
	}

	fn packed(room: Room, size: u64, declared: u64) -> usize {
		challenges(room, &phase(size, 2, 2), &phase(size, declared, 1))
	}

	#[test]
	fn figures_are_those_of_a_full_bundle() {
		assert_eq!(phase(4, 3, 2).per_challenge(), [3.0, 2.0, 10.0]);
	}

	#[test]
	fn block_is_filled_to_the_last_challenge_when_nothing_is_given_back() {
		let room = Room { ps: 3_000, bytes: u64::MAX };
		assert_eq!(packed(room, 1, 1), 1_000);
		assert_eq!(packed(room, 64, 1), 1_000, "the last bundles are smaller");
	}

	#[test]
	fn worst_case_has_to_be_free_when_a_bundle_enters() {
		let room = Room { ps: 3_000, bytes: u64::MAX };
		let packed = packed(room, 64, 500);
		assert!((800..1_000).contains(&packed), "{packed}");
	}

	#[test]
	fn length_bounds_a_block_that_has_compute_left() {
		let room = Room { ps: 3_000, bytes: 205 };
		assert_eq!(packed(room, 1, 1), 10);
		assert_eq!(packed(room.of_any_length(), 1, 1), 1_000);
		assert_eq!(packed(room.of_any_weight(), 1, 1), 10);
	}

	#[test]
	fn nothing_fits_when_the_worst_case_exceeds_the_block() {
		assert_eq!(packed(Room { ps: 3_000, bytes: u64::MAX }, 1, 3_001), 0);
	}
}
