//! Which part of what stood behind an offender its offence costs. Pure arithmetic.

use groma_core::money::Balance;
use sp_runtime::Perbill;

/// A billion: the parts of a [`Perbill`].
const PARTS: u64 = 1_000_000_000;

/// What `offenders` of a set of `members` each lose: `(3 * offenders / members)^2`, rounded up,
/// within `least` and all of it. Of an empty set that is all.
pub fn fraction(offenders: u32, members: u32, least: Perbill) -> Perbill {
	let tripled = u64::from(offenders).saturating_mul(3);
	let members = u64::from(members);
	if tripled >= members {
		return Perbill::one();
	}
	// Below 2^32, since it is less than `members`: no product saturates.
	let (square, of) =
		(u128::from(tripled).saturating_pow(2), u128::from(members).saturating_pow(2));
	let parts = square.saturating_mul(PARTS.into()).div_ceil(of.max(1));
	let parts = u32::try_from(parts).unwrap_or(u32::MAX);
	Perbill::from_parts(parts).max(least)
}

/// What is still to be taken of a base, in plancks, from who has paid one fraction of it and owes
/// another. Each is rounded up, so that all payments are together what one payment would have been.
pub(crate) fn difference(base: Balance, paid: Perbill, owed: Perbill) -> Balance {
	owed.mul_ceil(base).saturating_sub(paid.mul_ceil(base))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const LEAST: Perbill = Perbill::from_percent(1);

	#[test]
	fn fraction_grows_with_the_square_of_the_offenders() {
		let table = [
			(1, 1, 1_000_000_000),
			(1, 3, 1_000_000_000),
			(1, 4, 562_500_000),
			(1, 10, 90_000_000),
			(1, 30, 10_000_000),
			(1, 31, 10_000_000),
			(1, 300, 10_000_000),
			(10, 300, 10_000_000),
			(11, 300, 12_100_000),
			(50, 300, 250_000_000),
			(99, 300, 980_100_000),
			(100, 300, 1_000_000_000),
			(2, 7, 734_693_878),
			(0, 300, 10_000_000),
			(1, 0, 1_000_000_000),
			(u32::MAX, u32::MAX, 1_000_000_000),
		];
		for (offenders, members, parts) in table {
			let found = fraction(offenders, members, LEAST);
			assert_eq!(found, Perbill::from_parts(parts), "{offenders} of {members}");
		}
	}

	proptest! {
		#[test]
		fn fraction_is_within_its_bounds_and_never_below_the_exact_one(
			k: u32,
			n: u32,
			percent in 1..=10u32,
		) {
			let least = Perbill::from_percent(percent);
			let found = fraction(k, n, least);
			prop_assert!(found >= least && found <= Perbill::one());
			if u64::from(k) * 3 < u64::from(n) {
				let parts = u128::from(found.deconstruct());
				let exact = (u128::from(k) * 3).pow(2) * u128::from(PARTS);
				let of = u128::from(n).pow(2);
				prop_assert!(parts * of >= exact);
				// Less than one part more, unless it is the least.
				prop_assert!(found == least || (parts - 1) * of < exact);
			}
		}

		#[test]
		fn fraction_never_falls_when_there_are_more_offenders(k in 0..1_000u32, n in 1..1_000u32) {
			prop_assert!(fraction(k, n, LEAST) <= fraction(k + 1, n, LEAST));
			prop_assert!(fraction(k, n + 1, LEAST) <= fraction(k, n, LEAST));
		}

		#[test]
		fn payments_are_together_one_payment(
			base in 0..=u128::MAX / 4,
			one in 0..=1_000_000_000u32,
			more in 0..=1_000_000_000u32,
		) {
			let (low, high) = (one.min(more), one.max(more));
			let (low, high) = (Perbill::from_parts(low), Perbill::from_parts(high));
			let first = difference(base, Perbill::zero(), low);
			let second = difference(base, low, high);
			prop_assert_eq!(first + second, difference(base, Perbill::zero(), high));
			prop_assert!(first + second <= base);
			prop_assert_eq!(difference(base, high, low), 0);
		}
	}
}
