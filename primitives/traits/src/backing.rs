//! The stake behind validators, and the eras by which it counts.

use groma_core::{EraIndex, money::Balance};

/// What stands behind an operator who validates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backed {
	/// Plancks of its own.
	pub own: Balance,
	/// Plancks of its own and of those who delegate to it.
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

	/// Takes plancks for an offence of an era: of what stood behind the operator in that era and
	/// has not been withdrawn, at most what there is. The operator's own stake pays first.
	fn slash(
		operator: &AccountId,
		era: EraIndex,
		amount: Balance,
		reporter: Option<&AccountId>,
	) -> Slashed;

	/// Gives the operator and those who delegate to it a reward, which is minted into the pot, and
	/// returns how much of it they are owed now: what no one can take is not.
	fn reward(operator: &AccountId, amount: Balance) -> Balance;

	/// A slash of an offence of this era waits: no one joins the operator, and nothing that the
	/// slash concerns is withdrawn.
	fn pend(operator: &AccountId, era: EraIndex);

	/// One slash of an offence of this era waits no more.
	fn release(operator: &AccountId, era: EraIndex);
}

/// How a genesis puts stake behind those who validate from the first block on.
pub trait BackingAtGenesis<AccountId> {
	/// Provisions plancks of an operator's own for validating: all of `amount`, or as many as its
	/// account can hold, maybe none.
	fn provision(operator: &AccountId, amount: Balance);
}

/// The clock of eras, the unit of sets of validators.
pub trait Eras {
	/// The era whose set validates.
	fn active() -> EraIndex;

	/// The last era whose election counted stake: the active one, or, once it was elected, the one
	/// that is about to begin.
	fn counted() -> EraIndex;
}
