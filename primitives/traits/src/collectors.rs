//! Who is credited for bringing reports on chain.

/// What included reports are reported to.
pub trait Collectors<AccountId> {
	/// Credits a collector for `reports` reports that it included first and that proved valid.
	fn note(collector: &AccountId, reports: u32);
}
