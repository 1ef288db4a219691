//! How the emission of an epoch is divided into pools.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use groma_core::{money::Balance, units::Scale};
use groma_traits::Pools;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The shares of the four pools, which sum to exactly 100 %. A value with any other sum cannot be
/// made: neither [`Self::new`] nor decoding nor a genesis file lets it through, so no vote can pass
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(try_from = "Shares", into = "Shares")]
pub struct EmissionSplit(Shares);

/// The shares of an [`EmissionSplit`], one per pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shares {
	/// For verified work of devices.
	pub supply: Scale,
	/// For those who author and finalize blocks.
	pub validators: Scale,
	/// For the treasury.
	pub treasury: Scale,
	/// For those who bring reports on chain.
	pub collectors: Scale,
}

impl Shares {
	fn all(&self) -> [Scale; 4] {
		[self.supply, self.validators, self.treasury, self.collectors]
	}
}

impl EmissionSplit {
	/// The split with these shares; `None` unless they sum to exactly 100 %.
	pub fn new(shares: Shares) -> Option<Self> {
		let sum: u64 = shares.all().iter().map(|share| u64::from(share.billionths())).sum();
		(sum == groma_core::units::ONE).then_some(Self(shares))
	}

	/// The shares.
	pub fn shares(&self) -> Shares {
		self.0
	}

	/// Divides `emission` plancks, each pool rounded down.
	pub fn divide(&self, emission: Balance) -> Pools {
		Pools {
			supply: self.0.supply.of(emission),
			validators: self.0.validators.of(emission),
			treasury: self.0.treasury.of(emission),
			collectors: self.0.collectors.of(emission),
		}
	}
}

/// Supply 50 %, validators 30 %, treasury 16 %, collectors 4 %.
impl Default for EmissionSplit {
	fn default() -> Self {
		Self(Shares {
			supply: Scale::from_percent(50),
			validators: Scale::from_percent(30),
			treasury: Scale::from_percent(16),
			collectors: Scale::from_percent(4),
		})
	}
}

impl Decode for EmissionSplit {
	fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
		Self::new(Shares::decode(input)?).ok_or_else(|| "the shares do not sum to 100 %".into())
	}
}

impl TryFrom<Shares> for EmissionSplit {
	type Error = &'static str;

	fn try_from(shares: Shares) -> Result<Self, Self::Error> {
		Self::new(shares).ok_or("the shares do not sum to one billion billionths")
	}
}

impl From<EmissionSplit> for Shares {
	fn from(split: EmissionSplit) -> Self {
		split.0
	}
}
