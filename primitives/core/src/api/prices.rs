//! The price of GRM.

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::price::Price;

/// What the chain knows of the price of GRM. Prices are in nano-USD per GRM.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceInfo {
	/// The lower median of the fresh feeds; absent while it is stale, and before the first quorum.
	pub spot: Option<Price>,
	/// The mean with a time constant of 20 minutes; absent before the first quorum.
	pub mean: Option<Price>,
	/// At what credits are minted: the lower of spot and mean, or the bootstrap price; absent while
	/// nothing can be minted.
	pub mint: Option<Price>,
	/// The mean of the last closed epoch that had a price, by which claims are valued.
	pub epoch_mean: Price,
	/// The last good price, by which fees are charged.
	pub last_good: Price,
	/// How long ago the newest feed came, in ms; absent before the first.
	pub age_ms: Option<u64>,
	/// Validators whose feeds are fresh.
	pub fresh_feeders: u32,
	/// How many have to be.
	pub quorum: u32,
	/// Validators of the present set.
	pub validators: u32,
	/// The bootstrap price, while it stands for every price.
	pub bootstrap: Option<Price>,
}
