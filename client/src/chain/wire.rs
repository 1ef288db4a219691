//! What JSON-RPC answers, as far as the client reads it. An endpoint may send anything.

use codec::Decode;
use groma_core::{CollectorIndex, words::Hash};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Header {
	pub(super) number: HexNumber,
}

/// The answer of `chain_getBlock`.
#[derive(Deserialize)]
pub(super) struct SignedBlock {
	block: Block,
}

#[derive(Deserialize)]
struct Block {
	extrinsics: Vec<HexBytes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
	pub(super) is_syncing: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
	pub(super) spec_version: u32,
	pub(super) transaction_version: u32,
}

/// The answer of `groma_collector`, if the node collects.
#[derive(Deserialize)]
pub(super) struct Collector {
	pub(super) index: CollectorIndex,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct HexNumber(pub(super) u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct HexHash(pub(super) Hash);

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct HexBytes(pub(super) Vec<u8>);

impl SignedBlock {
	/// The encoded extrinsics.
	pub(super) fn into_extrinsics(self) -> Vec<Vec<u8>> {
		self.block.extrinsics.into_iter().map(|extrinsic| extrinsic.0).collect()
	}
}

/// Decodes the answer of a runtime API. Types of answers grow at their end: what follows is of a
/// later version, which this build does not need.
pub(super) fn decode<T: Decode>(api: &str, bytes: &[u8]) -> Result<T, String> {
	T::decode(&mut &bytes[..]).map_err(|error| format!("{api} answers {error}"))
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

impl TryFrom<String> for HexNumber {
	type Error = &'static str;

	fn try_from(text: String) -> Result<Self, Self::Error> {
		let number = u32::from_str_radix(text.trim_start_matches("0x"), 16);
		number.map(Self).map_err(|_| "what should be a block number is none")
	}
}

impl TryFrom<String> for HexHash {
	type Error = &'static str;

	fn try_from(text: String) -> Result<Self, Self::Error> {
		let mut hash = [0; 32];
		hex::decode_to_slice(text.trim_start_matches("0x"), &mut hash)
			.map_err(|_| "what should be a hash is none")?;
		Ok(Self(hash))
	}
}

impl TryFrom<String> for HexBytes {
	type Error = &'static str;

	fn try_from(text: String) -> Result<Self, Self::Error> {
		hex::decode(text.trim_start_matches("0x"))
			.map(Self)
			.map_err(|_| "what should be bytes is not in hexadecimal")
	}
}

#[cfg(test)]
mod tests {
	use groma_core::api::{
		ActivityInfo, CellInfo, ChallengeInfo, ChannelInfo, ClaimRefusal, Code, CreditsInfo,
		DeviceInfo, PayoutTerms, SupplyInfo, VoucherAnswer, WindowInfo,
	};
	use proptest::prelude::*;

	use super::*;
	use crate::chain::AccountId;

	#[test]
	fn extrinsics_of_a_block_are_read() {
		let json = r#"{"block":{"header":{"number":"0x5"},"extrinsics":["0x0102","0x"]},"justifications":null}"#;
		let block: SignedBlock = serde_json::from_str(json).expect("a block");
		assert_eq!(block.into_extrinsics(), [vec![1, 2], vec![]]);
		let json = r#"{"block":{"extrinsics":["0x01zz"]}}"#;
		assert!(serde_json::from_str::<SignedBlock>(json).is_err());
	}

	#[test]
	fn answer_may_have_grown_at_its_end_but_not_shrunk() {
		assert_eq!(decode::<u32>("Api", &[1, 0, 0, 0]), Ok(1));
		assert_eq!(decode::<u32>("Api", &[1, 0, 0, 0, 0]), Ok(1));
		let error = decode::<u32>("Api", &[1, 0, 0]).expect_err("too short");
		assert!(error.starts_with("Api answers"), "{error}");
	}

	proptest! {
		#[test]
		fn random_answers_are_values_or_errors(bytes: Vec<u8>, text in "\\PC{0,70}") {
			let _ = decode::<WindowInfo>("Api", &bytes);
			let _ = decode::<CellInfo>("Api", &bytes);
			let _ = decode::<Option<DeviceInfo<AccountId>>>("Api", &bytes);
			let _ = decode::<Option<ChallengeInfo>>("Api", &bytes);
			let _ = decode::<Option<ActivityInfo>>("Api", &bytes);
			let _ = decode::<Vec<u32>>("Api", &bytes);
			let _ = decode::<CreditsInfo<AccountId>>("Api", &bytes);
			let _ = decode::<Vec<ChannelInfo<AccountId>>>("Api", &bytes);
			let _ = decode::<Option<SupplyInfo>>("Api", &bytes);
			let _ = decode::<Option<PayoutTerms>>("Api", &bytes);
			type Checked = Result<Vec<VoucherAnswer<AccountId>>, Code<ClaimRefusal>>;
			let _ = decode::<Checked>("Api", &bytes);
			if let Ok(HexBytes(read)) = HexBytes::try_from(text.clone()) {
				prop_assert!(read.len() <= text.len() / 2);
			}
			if HexHash::try_from(text.clone()).is_ok() {
				prop_assert!(text.len() >= 64);
			}
			let _ = HexNumber::try_from(text);
		}
	}
}
