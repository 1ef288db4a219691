//! Who validates in the present session.

use alloc::vec::Vec;

use sp_runtime::Weight;

/// The present set of validators.
pub trait Validators<AccountId> {
	/// The number of the session: the set is another one only if this is.
	fn session() -> u32;

	/// The set, in no particular order.
	fn present() -> Vec<AccountId>;
}

/// Who counts the time for which validators feed prices.
pub trait FeedWork<AccountId> {
	/// The last feed of a validator was fresh for so many ms.
	fn note_fed(validator: &AccountId, fed_ms: u64);

	/// What noting it weighs.
	fn note_fed_weight() -> Weight;
}

/// How benchmarks set the validators.
#[cfg(feature = "runtime-benchmarks")]
pub trait ValidatorsBenchmarkHelper<AccountId> {
	/// Makes these the present set, in a new session.
	fn set_present(validators: Vec<AccountId>);
}
