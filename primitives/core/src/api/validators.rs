//! Validators, the stake behind them, and what accounts delegated.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	api::{Code, ThawingInfo, ValidatorKeyInfo},
	codes::codes,
	money::Balance,
	units::Scale,
	words::{EpochIndex, EraIndex},
};

/// The clock of eras, and what elections go by.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EraInfo {
	/// The era whose set validates.
	pub active: EraIndex,
	/// The present session.
	pub session: u32,
	/// The session before which the era ends, if the next one is elected in time.
	pub end: u32,
	/// The session in which the next era begins, once its set is elected.
	pub next: Option<u32>,
	/// The oldest era whose set is remembered.
	pub oldest: EraIndex,
	/// How many validators the present session has.
	pub validators: u32,
	/// Plancks that stood behind the set of the active era when it was elected; absent if the set
	/// cannot be read.
	#[serde(with = "crate::text::optional_amount")]
	pub stake: Option<Balance>,
	/// How many seats the next election fills.
	pub seats: u32,
	/// The least own stake with which a candidate is elected, in plancks.
	#[serde(with = "crate::text::amount")]
	pub own_stake_min: Balance,
	/// How many candidates there are; absent if the list cannot be read.
	pub candidates: Option<u32>,
	/// Plancks that slashes took of what is delegated, and that are burned when the delegations are
	/// settled; absent if the sums cannot be read.
	#[serde(with = "crate::text::optional_amount")]
	pub unsettled: Option<Balance>,
	/// What a planck behind the set of the active era earned in the last seven epochs, in
	/// billionths, after the commissions: the mean by what stood behind each validator.
	pub recent_yield: u64,
}

/// A part of the set of an era.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct EraSetInfo<AccountId> {
	/// The era.
	pub era: EraIndex,
	/// How many members the whole set has.
	pub count: u32,
	/// Plancks that stood behind the whole set when it was elected.
	#[serde(with = "crate::text::amount")]
	pub stake: Balance,
	/// The members of this part, by account.
	pub validators: Vec<MemberInfo<AccountId>>,
	/// From which place on the next part is; absent if this is the last.
	pub next: Option<u32>,
}

/// A member of the set of an era.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct MemberInfo<AccountId> {
	/// The validator.
	pub account: AccountId,
	/// Its own stake when the set was elected, in plancks.
	#[serde(with = "crate::text::amount")]
	pub own: Balance,
	/// Its own stake and what was delegated to it when the set was elected, in plancks.
	#[serde(with = "crate::text::amount")]
	pub total: Balance,
	/// Its points of the present epoch so far.
	pub points: u64,
	/// Whether it is disabled now.
	pub is_disabled: bool,
	/// The share of a reward that it takes first now; absent if what is stored of it cannot be
	/// read.
	pub commission: Option<Scale>,
	/// Whether its pool takes delegations now.
	pub is_open: bool,
	/// What a planck behind it earned in the last seven epochs, in billionths, after the
	/// commission.
	pub recent_yield: u64,
}

/// What there is to know of an account as a validator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct ValidatorInfo<AccountId> {
	/// The account.
	pub account: AccountId,
	/// Whether it has session keys.
	pub has_keys: bool,
	/// Whether it is a candidate; absent if the list cannot be read.
	pub is_candidate: Option<bool>,
	/// Whether it validates in the present session.
	pub is_active: bool,
	/// Whether it is in the set of the next era; absent if that is not elected, or cannot be read.
	pub is_elected: Option<bool>,
	/// Whether it is disabled now.
	pub is_disabled: bool,
	/// Its points of the present epoch so far.
	pub points: u64,
	/// What stands behind it; absent if that cannot be read.
	pub backing: Option<BackingInfo>,
	/// Whether it is out of the next election for an offence.
	pub is_barred: bool,
	/// Plancks that slashes which wait take of what stands behind it, as far as is known now: more
	/// offenders of an era make it more. Absent if something of it cannot be read.
	#[serde(with = "crate::text::optional_amount")]
	pub pending_slash: Option<Balance>,
	/// Its session keys: those of the present session, of the next one, and those that it
	/// registered.
	pub keys: Vec<ValidatorKeyInfo>,
}

/// What stands behind an operator now, and what it earned. An account that never validated has
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackingInfo {
	/// Its own plancks that are active.
	#[serde(with = "crate::text::amount")]
	pub own: Balance,
	/// Its own plancks that no longer back it, by the eras in which they are due.
	pub thawing: Vec<ThawingInfo>,
	/// Plancks of those that can be withdrawn in the next block: what is due, and no slash that
	/// waits concerns.
	#[serde(with = "crate::text::amount")]
	pub withdrawable: Balance,
	/// Plancks in its pool.
	#[serde(with = "crate::text::amount")]
	pub delegated: Balance,
	/// How many accounts have a record of a delegation to it.
	pub delegations: u32,
	/// Whether the pool takes delegations.
	pub is_open: bool,
	/// The share of a reward that it takes before the rest is divided.
	pub commission: Scale,
	/// The share that is announced.
	pub next_commission: Option<CommissionInfo>,
	/// Plancks that it is owed: its commission, and what its own stake earned. A claim pays it.
	#[serde(with = "crate::text::amount")]
	pub owed: Balance,
	/// Eras of offences whose slashes wait. Meanwhile no one joins its pool.
	pub pending: Vec<EraIndex>,
	/// What a planck behind it earned in each of the last seven epochs; nothing in those that are
	/// not listed.
	pub yields: Vec<YieldInfo>,
}

/// What a planck behind an operator earned in an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct YieldInfo {
	/// The epoch.
	pub epoch: EpochIndex,
	/// Billionths of a planck, after the commission, rounded down.
	pub billionths: u64,
}

/// A commission that is announced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommissionInfo {
	/// The share of a reward.
	pub share: Scale,
	/// The era from which on it holds.
	pub era: EraIndex,
}

/// A page of what an account delegated.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct DelegationPage<AccountId> {
	/// One for each operator.
	pub delegations: Vec<DelegationInfo<AccountId>>,
	/// Operators of this page with a delegation that cannot be read, or with something that it
	/// depends on that cannot. Nothing of it is lost.
	pub unreadable: Vec<AccountId>,
	/// After which operator the next page begins; absent if this is the last.
	pub next: Option<AccountId>,
}

/// What an account delegated to an operator, as settling it would leave it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct DelegationInfo<AccountId> {
	/// The operator.
	pub operator: AccountId,
	/// Plancks that back the operator.
	#[serde(with = "crate::text::amount")]
	pub active: Balance,
	/// Plancks that no longer back it, by the eras in which they are due.
	pub thawing: Vec<ThawingInfo>,
	/// Plancks of those that can be withdrawn in the next block: what is due, and no slash that
	/// waits concerns.
	#[serde(with = "crate::text::amount")]
	pub withdrawable: Balance,
	/// Plancks of rewards that it is owed. A claim pays them.
	#[serde(with = "crate::text::amount")]
	pub owed: Balance,
	/// Plancks that slashes took. They are on hold until the delegation is settled, and burned
	/// then.
	#[serde(with = "crate::text::amount")]
	pub unsettled: Balance,
	/// What a planck behind the operator earned in the last seven epochs, in billionths, after the
	/// commission.
	pub recent_yield: u64,
}

codes! {
	/// What a validator can be reported for.
	OffenceKind {
		/// It made two blocks in one slot.
		TwoBlocks = 0, "twoBlocks";
		/// It voted twice in one round.
		TwoVotes = 1, "twoVotes";
		/// Something else.
		Other = 2, "other";
	}
}

/// By what an offence is known: a validator has one in an era at most.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct OffenceId<AccountId> {
	/// The era of the offence.
	pub era: EraIndex,
	/// The validator.
	pub validator: AccountId,
}

/// A page of slashes that wait or were cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct SlashPage<AccountId> {
	/// One for each offence of the page that still has a slash, or whose slash was cancelled.
	pub slashes: Vec<SlashInfo<AccountId>>,
	/// Offences of the page that cannot be read: nothing is taken for them, and nothing of them is
	/// lost.
	pub unreadable: Vec<OffenceId<AccountId>>,
	/// After which offence the next page begins; absent if this is the last.
	pub next: Option<OffenceId<AccountId>>,
}

/// A slash that waits or was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct SlashInfo<AccountId> {
	/// The era of the offence.
	pub era: EraIndex,
	/// The validator.
	pub validator: AccountId,
	/// What it was reported for.
	pub kind: Code<OffenceKind>,
	/// The number of the block with the report.
	pub reported_at: u32,
	/// Who reported it; absent if no one gets a share.
	pub reporter: Option<AccountId>,
	/// The era in which it applies; absent if it was cancelled.
	pub due: Option<EraIndex>,
	/// Whether it was cancelled, which is final.
	pub is_cancelled: bool,
	/// Plancks that it would take if it applied now. More if more of the era are reported by then.
	#[serde(with = "crate::text::amount")]
	pub amount: Balance,
	/// Plancks that stood behind the validator when the set of the era was elected.
	#[serde(with = "crate::text::amount")]
	pub base: Balance,
	/// The part of those that the offence costs in all, by what is known now.
	pub fraction: Scale,
	/// The part of those that was paid before.
	pub paid: Scale,
	/// How many offenders of the era are known that are not cancelled.
	pub offenders: u32,
	/// How many members the set of the era has.
	pub members: u32,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn amounts_that_may_be_absent_are_text_or_null() {
		let info = EraInfo {
			active: 3,
			session: 80,
			end: 96,
			next: None,
			oldest: 0,
			validators: 4,
			stake: Some(u128::MAX),
			seats: 100,
			own_stake_min: 7,
			candidates: None,
			unsettled: None,
			recent_yield: 5,
		};
		let json = serde_json::to_value(&info).expect("it is JSON");
		assert_eq!(json["stake"], u128::MAX.to_string());
		assert!(json["unsettled"].is_null() && json["candidates"].is_null());
		assert_eq!(serde_json::from_value::<EraInfo>(json).expect("it reads"), info);
	}
}
