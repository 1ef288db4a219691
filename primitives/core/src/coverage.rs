//! Coverage units: what a settled challenge is worth, in fixed point, rounding down throughout.
//!
//! The formulas are those of HIP-15 with N = 4 and r = 0.8: up to four witnesses every additional
//! one raises the worth of the challenge, beyond that ever less.

use crate::units::{ONE, Units, mul_floor};

/// N: up to this many witnesses the worth of a challenge grows in proportion.
pub const WITNESSES_FULL: u32 = 4;

/// 0.8, the factor by which each further witness adds less.
const RATIO: u64 = 800_000_000;

/// What the beaconer earns with `witnesses` valid witnesses: w/4 up to 4, then 2 - r^(w-4).
pub fn beaconer_units(witnesses: u32) -> Units {
	if witnesses <= WITNESSES_FULL {
		return Units(u64::from(witnesses) * ONE / u64::from(WITNESSES_FULL));
	}
	Units(2 * ONE - power_ceil(witnesses - WITNESSES_FULL))
}

/// What each of `witnesses` valid witnesses earns: 1 up to 4, then (4 - (1 - r^(w-4))) / w.
pub fn witness_units(witnesses: u32) -> Units {
	match witnesses {
		0 => Units::ZERO,
		1..=WITNESSES_FULL => Units(ONE),
		w => Units((3 * ONE + power_floor(w - WITNESSES_FULL)) / u64::from(w)),
	}
}

/// r^n rounded down.
fn power_floor(n: u32) -> u64 {
	// Beyond 128 the power is below one billionth.
	(0..n.min(128)).fold(ONE, |power, _| mul_floor(power, RATIO))
}

/// r^n rounded up.
fn power_ceil(n: u32) -> u64 {
	(0..n.min(128)).fold(ONE, |power, _| {
		(u128::from(power) * u128::from(RATIO)).div_ceil(u128::from(ONE)) as u64
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The formulas in floating point.
	fn reference(w: u32) -> (f64, f64) {
		let r = 0.8f64.powi(w as i32 - 4);
		if w <= 4 {
			(f64::from(w) / 4.0, if w == 0 { 0.0 } else { 1.0 })
		} else {
			((2.0 - r).min(2.0), (4.0 - (1.0 - r)) / f64::from(w))
		}
	}

	#[test]
	fn units_agree_with_the_formula_and_never_exceed_it() {
		for w in 0..200 {
			let (beaconer, witness) = reference(w);
			for (units, exact) in [(beaconer_units(w), beaconer), (witness_units(w), witness)] {
				let value = units.0 as f64 / ONE as f64;
				assert!(value <= exact + 1e-12 && exact - value < 1e-7, "{w}: {value} {exact}");
			}
		}
	}

	#[test]
	fn a_challenge_never_pays_more_than_five_units() {
		for w in 0..200u32 {
			assert!(beaconer_units(w).0 + u64::from(w) * witness_units(w).0 <= 5 * ONE);
		}
	}
}
