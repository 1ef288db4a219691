//! The price of GRM: its unit, its median, its means. Integers only, with every rounding stated.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Nano-USD of one USD.
pub const NANO_USD: u64 = 1_000_000_000;
/// The time in ms after which the mean has followed a lasting change of the price by all but 1/e of
/// it: after an hour it has followed 95 %. Shorter follows a pump, longer lets those who mint wait
/// for a true change.
pub const MEAN_TIME_CONSTANT_MS: u64 = 20 * 60_000;

/// A price in nano-USD per GRM, from 10^3 to 10^15: a millionth of a USD to a million. With these
/// bounds every product of a price with an amount of GRM, or with credits, fits 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize)]
#[serde(transparent)]
pub struct Price(u64);

impl Price {
	/// The lowest price.
	pub const MIN: Self = Self(1_000);
	/// The highest price.
	pub const MAX: Self = Self(1_000_000_000_000_000);

	/// The price of so many nano-USD per GRM, if it is within the bounds.
	pub const fn new(nano_usd: u64) -> Option<Self> {
		if nano_usd >= Self::MIN.0 && nano_usd <= Self::MAX.0 { Some(Self(nano_usd)) } else { None }
	}

	/// The price of so many nano-USD per GRM, or the bound that is nearest to it.
	pub const fn clamp(nano_usd: u64) -> Self {
		match nano_usd {
			low if low < Self::MIN.0 => Self::MIN,
			high if high > Self::MAX.0 => Self::MAX,
			within => Self(within),
		}
	}

	/// The price in nano-USD per GRM.
	pub const fn nano_usd(self) -> u64 {
		self.0
	}

	/// Whether `later` is at least so many percent of this price above or below it.
	pub fn moved_by(self, percent: u32, later: Self) -> bool {
		let distance = u128::from(self.0.abs_diff(later.0));
		distance * 100 >= u128::from(self.0) * u128::from(percent)
	}
}

impl Decode for Price {
	fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
		Self::new(u64::decode(input)?).ok_or_else(|| "a price is 10^3 to 10^15 nano-USD".into())
	}
}

impl<'de> Deserialize<'de> for Price {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		Self::new(u64::deserialize(deserializer)?)
			.ok_or_else(|| serde::de::Error::custom("a price is 10^3 to 10^15 nano-USD"))
	}
}

/// In USD per GRM, such as `0.1`.
impl fmt::Display for Price {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let (whole, mut fraction) = (self.0 / NANO_USD, self.0 % NANO_USD);
		write!(f, "{whole}")?;
		if fraction == 0 {
			return Ok(());
		}
		let mut digits = 9;
		while fraction % 10 == 0 {
			fraction /= 10;
			digits -= 1;
		}
		write!(f, ".{fraction:0digits$}")
	}
}

/// The lower median: of an even count the lower of the two in the middle, so that half of the
/// prices can lower it but not raise it. The order of `prices` changes. `None` if there are none.
pub fn lower_median(prices: &mut [Price]) -> Option<Price> {
	let middle = prices.len().checked_sub(1)? / 2;
	let (_, median, _) = prices.select_nth_unstable(middle);
	Some(*median)
}

/// Bits of a [`Mean`] behind the point: without them a mean of a low price would not move at all
/// from one block to the next.
const FRACTION_BITS: u32 = 16;
/// Bits of the factors of [`decay`] behind the point.
const DECAY_BITS: u32 = 60;
/// One as a factor of [`decay`].
const ONE: u128 = 1 << DECAY_BITS;
/// `1/e` as a factor of [`decay`], rounded down.
const INVERSE_E: u128 = 424_136_118_829_305_329;
/// After so many time constants nothing is left that a factor of [`decay`] could show.
const TIME_CONSTANTS_MAX: u64 = 42;

/// `e^(-elapsed / MEAN_TIME_CONSTANT_MS)` in parts of 2^60. It is exact to a few of them.
fn decay(elapsed_ms: u64) -> u128 {
	let whole = elapsed_ms / MEAN_TIME_CONSTANT_MS;
	if whole >= TIME_CONSTANTS_MAX {
		return 0;
	}
	let rest = u128::from(elapsed_ms % MEAN_TIME_CONSTANT_MS);
	let x = (rest << DECAY_BITS) / u128::from(MEAN_TIME_CONSTANT_MS);
	// 1 - x + x^2/2! - x^3/3! ..: terms fall faster than 1/n!, so that this ends within 20 steps.
	let (mut added, mut taken) = (ONE, 0);
	let mut term = ONE;
	let mut n = 1;
	while term > 0 {
		term = ((term * x) >> DECAY_BITS) / n;
		if n % 2 == 1 {
			taken += term
		} else {
			added += term
		}
		n += 1;
	}
	(0..whole).fold(added.saturating_sub(taken), |factor, _| (factor * INVERSE_E) >> DECAY_BITS)
}

/// A mean of prices in which each counts by how long it held, and the less the longer ago that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Mean(u128);

impl Mean {
	/// The mean of a single price.
	pub fn start(price: Price) -> Self {
		Self(u128::from(price.0) << FRACTION_BITS)
	}

	/// The mean after `price` held for `held_ms`: what is left of the distance to it is rounded
	/// down, so that the mean reaches a price that holds long enough.
	#[must_use]
	pub fn after(self, price: Price, held_ms: u64) -> Self {
		let target = Self::start(price).0;
		// The distance is below 2^66, a factor at most 2^60.
		let left = (self.0.abs_diff(target) * decay(held_ms)) >> DECAY_BITS;
		Self(if self.0 > target { target + left } else { target - left })
	}

	/// The mean as a price, rounded down.
	pub fn price(self) -> Price {
		Price::clamp(u64::try_from(self.0 >> FRACTION_BITS).unwrap_or(u64::MAX))
	}
}

impl Decode for Mean {
	fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
		let value = u128::decode(input)?;
		let bounds = Self::start(Price::MIN).0..=Self::start(Price::MAX).0;
		bounds.contains(&value).then_some(Self(value)).ok_or_else(|| "not a mean of prices".into())
	}
}

/// Prices of a span of time, each weighed by how long it held in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct HeldPrices {
	/// The sum of prices times ms.
	weighed: u128,
	/// How long any price held, in ms.
	held_ms: u64,
}

impl HeldPrices {
	/// No price held for any time.
	pub const NONE: Self = Self { weighed: 0, held_ms: 0 };

	/// With `price` having held for `held_ms` more. The sums end at the greatest numbers, which no
	/// span of less than a million years reaches.
	#[must_use]
	pub fn with(self, price: Price, held_ms: u64) -> Self {
		let weight = u128::from(price.0).saturating_mul(u128::from(held_ms));
		Self {
			weighed: self.weighed.saturating_add(weight),
			held_ms: self.held_ms.saturating_add(held_ms),
		}
	}

	/// The mean, rounded down; `None` if no price held at all.
	pub fn mean(self) -> Option<Price> {
		let mean = self.weighed.checked_div(u128::from(self.held_ms))?;
		Some(Price::clamp(u64::try_from(mean).unwrap_or(u64::MAX)))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const MINUTE_MS: u64 = 60_000;

	fn price(nano_usd: u64) -> Price {
		Price::new(nano_usd).expect("a price")
	}

	fn prices() -> impl Strategy<Value = Price> {
		// Even in orders of magnitude.
		(3u32..15, 1.0f64..10.0)
			.prop_map(|(tens, digit)| Price::clamp((digit * 10f64.powi(tens as i32)) as u64))
	}

	#[test]
	fn price_is_refused_when_it_leaves_its_bounds() {
		for (nano_usd, is_price) in
			[(0, false), (999, false), (1_000, true), (10u64.pow(15), true), (u64::MAX, false)]
		{
			assert_eq!(Price::new(nano_usd).is_some(), is_price);
			assert_eq!(Price::decode(&mut &nano_usd.encode()[..]).is_ok(), is_price);
			assert_eq!(serde_json::from_str::<Price>(&nano_usd.to_string()).is_ok(), is_price);
			assert!((Price::MIN..=Price::MAX).contains(&Price::clamp(nano_usd)));
		}
		assert!(Price::decode(&mut &(10u64.pow(15) + 1).encode()[..]).is_err());
	}

	#[test]
	fn price_is_shown_in_usd() {
		let shown = [
			(1_000, "0.000001"),
			(100_000_000, "0.1"),
			(1_230_000_000, "1.23"),
			(1_000_000_001, "1.000000001"),
			(10u64.pow(15), "1000000"),
		];
		for (nano_usd, text) in shown {
			assert_eq!(price(nano_usd).to_string(), text);
		}
	}

	#[test]
	fn price_moves_by_a_percent_of_what_it_was() {
		let from = price(100_000);
		for (to, has_moved) in [(100_999, false), (101_000, true), (99_001, false), (99_000, true)]
		{
			assert_eq!(from.moved_by(1, price(to)), has_moved, "{to}");
		}
		assert!(Price::MIN.moved_by(1, Price::MAX) && Price::MAX.moved_by(1, Price::MIN));
	}

	#[test]
	fn median_is_the_lower_one_of_an_even_count() {
		let median = |nano_usd: &[u64]| {
			lower_median(&mut nano_usd.iter().copied().map(price).collect::<Vec<_>>())
		};
		assert_eq!(median(&[]), None);
		assert_eq!(median(&[5_000]), Some(price(5_000)));
		assert_eq!(median(&[9_000, 5_000]), Some(price(5_000)));
		assert_eq!(median(&[9_000, 1_000, 5_000]), Some(price(5_000)));
		assert_eq!(median(&[50_000, 1_000, 50_000, 1_000]), Some(price(1_000)));
	}

	/// Computed with sixty decimal digits.
	#[test]
	fn decay_is_that_of_the_golden_table() {
		let table: [(u64, u128); 9] = [
			(0, 1 << 60),
			(1, 1_152_920_543_839_326_790),
			(6_000, 1_147_171_284_613_416_312),
			(60_000, 1_096_692_859_321_668_344),
			(240_000, 943_932_291_706_563_755),
			(600_000, 699_282_240_786_072_831),
			(1_200_000, 424_136_118_829_305_329),
			(3_600_000, 57_400_581_772_641_654),
			(86_400_000, 0),
		];
		for (elapsed_ms, expected) in table {
			let difference = decay(elapsed_ms).abs_diff(expected);
			assert!(difference <= 32, "after {elapsed_ms} ms: {difference}");
		}
		assert_eq!(decay(u64::MAX), 0);
	}

	#[test]
	fn jump_is_followed_to_within_a_twentieth_in_an_hour() {
		for (before, after) in [(100_000_000, 1_000_000_000), (1_000_000_000, 100_000_000)] {
			let (before, after) = (price(before), price(after));
			let mut mean = Mean::start(before);
			for _ in 0..600 {
				mean = mean.after(after, 6_000);
			}
			let jump = before.nano_usd().abs_diff(after.nano_usd());
			let missing = mean.price().nano_usd().abs_diff(after.nano_usd());
			assert!(missing * 20 <= jump, "{missing} of {jump} are missing");
			assert!(missing * 25 >= jump, "it follows too fast: {missing} of {jump}");
		}
	}

	#[test]
	fn mean_moves_by_the_time_that_a_price_held() {
		let mean = Mean::start(price(1_000_000_000)).after(price(10_000_000_000), MINUTE_MS);
		assert_eq!(mean.price(), price(1_438_935_179));
	}

	#[test]
	fn mean_reaches_the_lowest_price_however_short_the_steps() {
		let mut mean = Mean::start(price(1_100));
		for _ in 0..50_000 {
			mean = mean.after(Price::MIN, 1_000);
		}
		assert_eq!(mean.price(), Price::MIN);
	}

	#[test]
	fn mean_beyond_all_prices_does_not_decode() {
		for value in [0, Mean::start(Price::MAX).0 + 1, u128::MAX] {
			assert!(Mean::decode(&mut &value.encode()[..]).is_err());
		}
		let mean = Mean::start(Price::MAX);
		assert_eq!(Mean::decode(&mut &mean.encode()[..]), Ok(mean));
	}

	#[test]
	fn held_prices_are_weighed_by_their_time() {
		assert_eq!(HeldPrices::NONE.mean(), None);
		let held = HeldPrices::NONE.with(price(1_000), 3).with(price(9_000), 1);
		assert_eq!(held.mean(), Some(price(3_000)));
		let extreme = HeldPrices::NONE.with(Price::MAX, u64::MAX).with(Price::MAX, u64::MAX);
		assert!(extreme.mean().is_some());
	}

	proptest! {
		#[test]
		fn mean_lies_between_itself_and_the_price_that_held(
			start in prices(), held in prices(), held_ms in 0u64..100_000_000,
		) {
			let mean = Mean::start(start).after(held, held_ms).price();
			prop_assert!((start.min(held)..=start.max(held)).contains(&mean));
		}

		#[test]
		fn mean_is_the_same_in_one_step_and_in_two(
			start in prices(), held in prices(),
			first_ms in 0u64..3_600_000, second_ms in 0u64..3_600_000,
		) {
			let one = Mean::start(start).after(held, first_ms + second_ms).0;
			let two = Mean::start(start).after(held, first_ms).after(held, second_ms).0;
			// Two steps round twice.
			let scale = Mean::start(start.max(held)).0 >> 40;
			prop_assert!(one.abs_diff(two) <= scale + 8, "{one} {two}");
		}

		#[test]
		fn half_of_the_prices_cannot_raise_the_median(
			honest in proptest::collection::vec(1_000u64..2_000, 1..40),
		) {
			let highest = price(*honest.iter().max().expect("there are some"));
			let mut all: Vec<_> = honest.iter().copied().map(price).collect();
			all.extend(honest.iter().map(|_| Price::MAX));
			prop_assert!(lower_median(&mut all) <= Some(highest));
		}
	}
}
