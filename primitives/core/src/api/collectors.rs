//! Collectors.

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{money::Balance, words::CollectorIndex};

/// What there is to know of an account as a collector.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct CollectorInfo<AccountId> {
	/// The account.
	pub account: AccountId,
	/// The index by which devices name it; 0 if it is not registered.
	pub index: CollectorIndex,
	/// Plancks on hold for the registration; if it is not registered, what registering would hold.
	#[serde(with = "crate::text::amount")]
	pub deposit: Balance,
	/// Free balance in plancks, from which the fees of bundles are advanced.
	#[serde(with = "crate::text::amount")]
	pub free: Balance,
	/// What closed epochs owe it, in plancks. A claim pays it.
	#[serde(with = "crate::text::amount")]
	pub owed: Balance,
	/// For how many fifths of reports it is credited in epochs that are not closed.
	pub open_fifths: u32,
}
