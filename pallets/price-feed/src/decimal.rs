//! Decimal text becomes a price, without floating point.

use groma_core::{price::Price, price_layout::SourceFailure};

/// The most digits of a number.
const DIGITS_MAX: usize = 40;
/// The greatest exponent of a number, and the least below zero.
const EXPONENT_MAX: i32 = 30;
/// USD are read to so many digits behind the point: nano-USD.
const NANO_DIGITS: i32 = 9;

/// The price that a text states in USD per GRM, such as `0.1`, `12` or `1.5e-3`: rounded down to
/// nano-USD.
pub(crate) fn price(text: &[u8]) -> Result<Price, SourceFailure> {
	let text = core::str::from_utf8(text).map_err(|_| SourceFailure::NoNumber)?;
	let (is_negative, text) = match text.strip_prefix('-') {
		Some(rest) => (true, rest),
		None => (false, text),
	};
	let (mantissa, exponent) = match text.split_once(['e', 'E']) {
		Some((mantissa, exponent)) => {
			(mantissa, exponent.parse::<i32>().map_err(|_| SourceFailure::NoNumber)?)
		}
		None => (text, 0i32),
	};
	let (whole, fraction) = match mantissa.split_once('.') {
		Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
		Some(_) => return Err(SourceFailure::NoNumber),
		None => (mantissa, ""),
	};
	let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
	if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
		return Err(SourceFailure::NoNumber);
	}
	let is_too_long = whole.len().saturating_add(fraction.len()) > DIGITS_MAX;
	if is_negative || is_too_long || !(-EXPONENT_MAX..=EXPONENT_MAX).contains(&exponent) {
		return Err(SourceFailure::NoPrice);
	}
	// The digits up to here are whole nano-USD; what follows is dropped.
	let point = (whole.len() as i32).saturating_add(exponent).saturating_add(NANO_DIGITS);
	let mut digits = whole.bytes().chain(fraction.bytes());
	let nano_usd = (0..point.max(0)).try_fold(0u64, |sum, _| {
		let digit = digits.next().map_or(0, |byte| u64::from(byte.saturating_sub(b'0')));
		sum.checked_mul(10)?.checked_add(digit)
	});
	nano_usd.and_then(Price::new).ok_or(SourceFailure::NoPrice)
}

#[cfg(test)]
mod tests {
	use super::*;
	use SourceFailure::{NoNumber, NoPrice};
	use proptest::prelude::*;

	#[test]
	fn text_is_read_to_the_nano_usd_and_rounded_down() {
		let cases = [
			("1", 1_000_000_000),
			("0.1", 100_000_000),
			("0.123456789999", 123_456_789),
			("0.000001", 1_000),
			("1000000", 10u64.pow(15)),
			("1.5e-3", 1_500_000),
			("15E-4", 1_500_000),
			("1e+2", 100_000_000_000),
			("0.00000000000000000000000000012e28", 1_200_000_000),
			("1230000000000000000000000000000e-30", 1_230_000_000),
			("007.5", 7_500_000_000),
			("1000000.0000000000000000000000000000000", 10u64.pow(15)),
		];
		for (text, nano_usd) in cases {
			assert_eq!(price(text.as_bytes()), Ok(Price::clamp(nano_usd)), "{text}");
		}
	}

	#[test]
	fn text_that_is_no_number_or_no_price_is_refused() {
		let digits = "1".repeat(400);
		let small = format!("0.{digits}");
		let cases = [
			("", NoNumber),
			("NaN", NoNumber),
			("inf", NoNumber),
			(".5", NoNumber),
			("5.", NoNumber),
			("1.2.3", NoNumber),
			("1,5", NoNumber),
			("1e", NoNumber),
			("1e5e5", NoNumber),
			("+1", NoNumber),
			("--1", NoNumber),
			("0x10", NoNumber),
			(" 1", NoNumber),
			("١", NoNumber),
			("-1", NoPrice),
			("0", NoPrice),
			("0.000000999", NoPrice),
			("1000000.000000001", NoPrice),
			("1e31", NoPrice),
			("1e-31", NoPrice),
			("1e30", NoPrice),
			("99999999999999999999", NoPrice),
			(&digits, NoPrice),
			(&small, NoPrice),
		];
		for (text, failure) in cases {
			assert_eq!(price(text.as_bytes()), Err(failure), "{text}");
		}
		assert_eq!(price(&[0xFF, 0x31]), Err(NoNumber));
	}

	proptest! {
		#[test]
		fn price_that_is_shown_is_read_again(nano_usd in 1_000u64..1_000_000_000_000_000) {
			let shown = Price::clamp(nano_usd).to_string();
			prop_assert_eq!(price(shown.as_bytes()), Ok(Price::clamp(nano_usd)));
		}

		#[test]
		fn exponent_moves_the_point(nano_usd in 1_000u64..1_000_000_000_000_000, moved in 0i32..20) {
			// Written as an integer of nano-USD, with the point moved by an exponent.
			let zeros = "0".repeat(moved as usize);
			let text = format!("{nano_usd}{zeros}e{}", -9 - moved);
			prop_assert_eq!(price(text.as_bytes()), Ok(Price::clamp(nano_usd)));
		}

		#[test]
		fn no_bytes_end_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
			prop_assert!(price(&bytes).is_err() || bytes.iter().any(u8::is_ascii_digit));
		}

		#[test]
		fn no_text_like_a_number_ends_the_reader(text in "[-+0-9.eE]{0,60}") {
			let read = price(text.as_bytes());
			prop_assert!(read.is_err() || text.bytes().any(|byte| byte.is_ascii_digit()));
		}
	}
}
