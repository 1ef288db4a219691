//! The stake behind validators, and the eras by which it counts.

use groma_core::{EpochIndex, EraIndex, money::Balance};
use sp_runtime::{DispatchResult, Weight};

/// What stands behind an operator who validates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backed {
	/// Own plancks.
	pub own: Balance,
	/// Own plancks, and those that are delegated to it.
	pub total: Balance,
}

/// What a slash took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slashed {
	/// Plancks of the operator's own stake.
	pub own: Balance,
	/// Plancks of what was delegated to it.
	pub delegated: Balance,
	/// Plancks of the two that went to the reporter. The rest was burned.
	pub rewarded: Balance,
}

/// Who stands behind validators, and how that is taken and rewarded. An operator is an account
/// that validates, or did.
pub trait Backing<AccountId> {
	/// What is active behind an operator. Nothing, if it does not decode.
	fn of(operator: &AccountId) -> Backed;

	/// Whether a slash of an operator can take what it owes. Not while the operator or the clock of
	/// eras does not decode: then a slash takes nothing, and has to be tried again.
	fn is_readable(operator: &AccountId) -> bool;

	/// Takes plancks for an offence of an era: of what stood behind the operator in that era and
	/// has not been withdrawn, at most what there is. The operator's own stake pays first.
	fn slash(
		operator: &AccountId,
		era: EraIndex,
		amount: Balance,
		reporter: Option<&AccountId>,
	) -> Slashed;

	/// Gives the operator and those who delegate to it a reward for an epoch, which is minted into
	/// the pot, and returns how much of it they are owed now: what no one can take is not. Epochs
	/// come in their order.
	fn reward(operator: &AccountId, epoch: EpochIndex, amount: Balance) -> Balance;

	/// A slash of an offence of this era waits: no one joins the operator, and nothing that the
	/// slash concerns is withdrawn.
	fn pend(operator: &AccountId, era: EraIndex);

	/// One slash of an offence of this era no longer waits.
	fn release(operator: &AccountId, era: EraIndex);

	/// Sets own stake of an operator aside, on hold in its account.
	fn provision(operator: &AccountId, amount: Balance) -> DispatchResult;

	/// Plancks in the pot that operators and those who delegate to them are owed. It reads every
	/// record, so it is for checks alone.
	fn owed() -> Balance;

	/// What a slash weighs.
	fn slash_weight() -> Weight;

	/// What a reward weighs.
	fn reward_weight() -> Weight;

	/// What noting that a slash waits, or no longer waits, weighs.
	fn pend_weight() -> Weight;
}

/// Eras for which stake behind validators answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EraSpans {
	/// Eras after that of an offence in which it can be proven.
	pub evidence: EraIndex,
	/// Eras from the report of an offence to its slash.
	pub deferral: EraIndex,
	/// Eras that stake takes to thaw: more than the two before together.
	pub thaw: EraIndex,
}

/// Who has keys to validate with.
pub trait HasKeys<AccountId> {
	/// Whether session keys of the account are registered.
	fn has_keys(who: &AccountId) -> bool;
}

/// What benchmarks need of the clock of eras, and of keys.
#[cfg(feature = "runtime-benchmarks")]
pub trait ErasBenchmarkHelper<AccountId> {
	/// Makes this the active era, and the last one whose election counted stake.
	fn set_era(era: EraIndex);

	/// Registers session keys of an account.
	fn give_keys(who: &AccountId);
}

/// The clock of eras, the unit of sets of validators.
pub trait Eras {
	/// The era whose set validates. 0 if the clock cannot be read, so that nothing falls due.
	fn active() -> EraIndex;

	/// The last era whose election counted stake: the active one, or, once it was elected, the one
	/// that is about to begin. `None` if the clock cannot be read: stake that began to thaw by a
	/// wrong one would escape its slash.
	fn counted() -> Option<EraIndex>;
}
