//! Who validates in the present session.

use alloc::vec::Vec;

/// The present set of validators.
pub trait Validators<AccountId> {
	/// The number of the session: the set is another one only if this is.
	fn session() -> u32;

	/// The set, in no particular order.
	fn present() -> Vec<AccountId>;
}

/// How benchmarks set the validators.
#[cfg(feature = "runtime-benchmarks")]
pub trait ValidatorsBenchmarkHelper<AccountId> {
	/// Makes these the present set, in a new session.
	fn set_present(validators: Vec<AccountId>);
}
