//! How values look in JSON where their plain form would mislead: hashes as hexadecimal text,
//! amounts as decimal text, since a JSON number loses digits beyond 2^53 in most languages.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, de::Error};

/// Writes bytes as `0x` and two hexadecimal digits for each.
pub(crate) fn write_hexadecimal(bytes: &[u8], f: &mut fmt::Formatter) -> fmt::Result {
	f.write_str("0x")?;
	bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Reads what [`write_hexadecimal`] wrote, with or without the `0x`.
pub(crate) fn read_hexadecimal<'de, D: Deserializer<'de>, const LENGTH: usize>(
	deserializer: D,
) -> Result<[u8; LENGTH], D::Error> {
	let text = String::deserialize(deserializer)?;
	parse_hexadecimal(text.strip_prefix("0x").unwrap_or(&text))
		.ok_or_else(|| D::Error::custom(format_args!("not {LENGTH} bytes in hexadecimal")))
}

fn parse_hexadecimal<const LENGTH: usize>(digits: &str) -> Option<[u8; LENGTH]> {
	if digits.len() != 2 * LENGTH || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
		return None;
	}
	let mut bytes = [0; LENGTH];
	for (n, byte) in bytes.iter_mut().enumerate() {
		*byte = u8::from_str_radix(digits.get(2 * n..2 * n + 2)?, 16).ok()?;
	}
	Some(bytes)
}

/// A hash as `0x` and 64 hexadecimal digits: `#[serde(with = "crate::text::hash")]`.
pub(crate) mod hash {
	use core::fmt;

	use serde::{Deserializer, Serializer};

	struct Hexadecimal<'a>(&'a [u8; 32]);

	impl fmt::Display for Hexadecimal<'_> {
		fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
			super::write_hexadecimal(self.0, f)
		}
	}

	pub(crate) fn serialize<S: Serializer>(
		hash: &[u8; 32],
		serializer: S,
	) -> Result<S::Ok, S::Error> {
		serializer.collect_str(&Hexadecimal(hash))
	}

	pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<[u8; 32], D::Error> {
		super::read_hexadecimal(deserializer)
	}
}

/// An amount in plancks as decimal text: `#[serde(with = "crate::text::amount")]`.
pub(crate) mod amount {
	use alloc::string::String;

	use serde::{Deserialize, Deserializer, Serializer, de::Error};

	use crate::money::Balance;

	pub(crate) fn serialize<S: Serializer>(
		amount: &Balance,
		serializer: S,
	) -> Result<S::Ok, S::Error> {
		serializer.collect_str(amount)
	}

	pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<Balance, D::Error> {
		String::deserialize(deserializer)?
			.parse()
			.map_err(|_| D::Error::custom("not an amount in decimal digits"))
	}
}

/// An amount that may be absent: `#[serde(with = "crate::text::optional_amount")]`.
pub(crate) mod optional_amount {
	use serde::{Deserialize, Deserializer, Serialize, Serializer};

	use crate::money::Balance;

	#[derive(Serialize, Deserialize)]
	struct Amount(#[serde(with = "super::amount")] Balance);

	pub(crate) fn serialize<S: Serializer>(
		amount: &Option<Balance>,
		serializer: S,
	) -> Result<S::Ok, S::Error> {
		amount.map(Amount).serialize(serializer)
	}

	pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<Option<Balance>, D::Error> {
		let amount = Option::<Amount>::deserialize(deserializer)?;
		Ok(amount.map(|Amount(amount)| amount))
	}
}

/// A number of 64 bits as decimal text: `#[serde(with = "crate::text::number")]`.
pub(crate) mod number {
	use alloc::string::String;

	use serde::{Deserialize, Deserializer, Serializer, de::Error};

	pub(crate) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(number)
	}

	pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
		String::deserialize(deserializer)?
			.parse()
			.map_err(|_| D::Error::custom("not a number in decimal digits"))
	}
}

/// Amounts by account: `#[serde(with = "crate::text::amounts")]`.
pub(crate) mod amounts {
	use alloc::vec::Vec;

	use serde::{Deserialize, Deserializer, Serialize, Serializer};

	use crate::money::Balance;

	#[derive(Serialize, Deserialize)]
	struct Amount(#[serde(with = "super::amount")] Balance);

	pub(crate) fn serialize<A: Serialize, S: Serializer>(
		amounts: &[(A, Balance)],
		serializer: S,
	) -> Result<S::Ok, S::Error> {
		serializer.collect_seq(amounts.iter().map(|(account, amount)| (account, Amount(*amount))))
	}

	pub(crate) fn deserialize<'de, A: Deserialize<'de>, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<Vec<(A, Balance)>, D::Error> {
		let amounts = Vec::<(A, Amount)>::deserialize(deserializer)?;
		Ok(amounts.into_iter().map(|(account, Amount(amount))| (account, amount)).collect())
	}
}

#[cfg(test)]
mod tests {
	use crate::api::{EpochInfo, NetworkThreshold, RewardsInfo, WindowInfo};

	#[test]
	fn hash_is_hexadecimal_text_in_json() {
		let window = WindowInfo {
			index: 7,
			first_block: 1,
			blocks: 50,
			duration_ms: 300_000,
			started_at_ms: 0,
			seed: [0xA5; 32],
			thresholds: vec![NetworkThreshold { network: 0, threshold: u64::MAX }],
		};
		let json = serde_json::to_value(&window).unwrap();
		assert_eq!(json["thresholds"][0]["threshold"], "18446744073709551615");
		assert_eq!(json["seed"], "0x".to_string() + &"a5".repeat(32));
		assert_eq!(serde_json::from_value::<WindowInfo>(json.clone()).unwrap(), window);
		for wrong in ["0x", "a5", &"zz".repeat(32), &"é".repeat(32)] {
			let mut json = json.clone();
			json["seed"] = wrong.into();
			assert!(serde_json::from_value::<WindowInfo>(json).is_err(), "{wrong}");
		}
	}

	#[test]
	fn amount_keeps_every_digit_in_json() {
		let epoch =
			EpochInfo { current: 1, last_closed: None, duration_ms: 1, unminted: u128::MAX };
		let json = serde_json::to_value(&epoch).unwrap();
		assert_eq!(json["unminted"], u128::MAX.to_string());
		assert_eq!(serde_json::from_value::<EpochInfo>(json).unwrap(), epoch);
	}

	#[test]
	fn amounts_keep_their_accounts_in_json() {
		let rewards = RewardsInfo::<u32> {
			owed: vec![(3, u128::MAX), (4, 1)],
			open_units: Default::default(),
			open_epoch: Some(2),
			epoch_cap: 5,
		};
		let json = serde_json::to_value(&rewards).unwrap();
		assert_eq!(json["owed"][0][1], u128::MAX.to_string());
		assert_eq!(serde_json::from_value::<RewardsInfo<u32>>(json).unwrap(), rewards);
	}
}
