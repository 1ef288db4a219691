//! Amounts of GRM as people read them.

use std::{fmt, str::FromStr};

use groma_core::money::{Balance, DECIMALS, GRM};
use serde::{Serialize, Serializer};

/// An amount in plancks, shown in GRM without trailing zeros. In JSON it is the number of plancks
/// as decimal text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub Balance);

impl fmt::Display for Amount {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let decimals = usize::from(DECIMALS);
		let text = format!("{}.{:0decimals$}", self.0 / GRM, self.0 % GRM);
		write!(f, "{} GRM", text.trim_end_matches('0').trim_end_matches('.'))
	}
}

impl Serialize for Amount {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(&self.0)
	}
}

/// Why a text is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write an amount in GRM with at most {DECIMALS} decimals, such as 1.5")]
pub struct NotAnAmount;

/// Reads what [`fmt::Display`] writes, with or without `GRM` behind it.
impl FromStr for Amount {
	type Err = NotAnAmount;

	fn from_str(text: &str) -> Result<Self, NotAnAmount> {
		let text = text.strip_suffix("GRM").unwrap_or(text).trim();
		let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
		let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
		if !is_number(whole) || !is_number(decimals) || decimals.len() > usize::from(DECIMALS) {
			return Err(NotAnAmount);
		}
		let whole: Balance = whole.parse().map_err(|_| NotAnAmount)?;
		let width = usize::from(DECIMALS);
		let decimals: Balance = format!("{decimals:0<width$}").parse().map_err(|_| NotAnAmount)?;
		let plancks = whole.checked_mul(GRM).and_then(|whole| whole.checked_add(decimals));
		plancks.map(Self).ok_or(NotAnAmount)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn amounts_are_shown_without_trailing_zeros() {
		assert_eq!(Amount(0).to_string(), "0 GRM");
		assert_eq!(Amount(1_500_000_000_000).to_string(), "1.5 GRM");
		assert_eq!(Amount(1).to_string(), "0.000000000001 GRM");
		assert_eq!(Amount(50 * GRM).to_string(), "50 GRM");
	}

	#[test]
	fn amounts_keep_every_digit_in_json() {
		let json = serde_json::to_string(&Amount(u128::MAX)).expect("JSON");
		assert_eq!(json, format!("\"{}\"", u128::MAX));
	}

	#[test]
	fn amounts_are_read_as_they_are_shown() {
		for plancks in [0, 1, 1_500_000_000_000, 50 * GRM, u128::MAX] {
			let amount = Amount(plancks);
			assert_eq!(amount.to_string().parse(), Ok(amount));
		}
		assert_eq!("1.5".parse(), Ok(Amount(1_500_000_000_000)));
		assert_eq!("007".parse(), Ok(Amount(7 * GRM)));
	}

	#[test]
	fn text_that_is_no_amount_is_refused() {
		let long = format!("{}0", u128::MAX);
		for text in ["", "GRM", ".5", "5.", "-1", "+1", "1,5", "1e3", "0.0000000000001", "1 USD"] {
			assert_eq!(text.parse::<Amount>(), Err(NotAnAmount), "{text}");
		}
		assert_eq!(long.parse::<Amount>(), Err(NotAnAmount));
	}
}
