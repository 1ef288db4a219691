//! Amounts of GRM as people read them.

use std::fmt;

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
}
