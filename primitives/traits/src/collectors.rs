//! Who is credited for bringing reports on chain.

use groma_core::{CollectorIndex, protocol::CREDIT_PARTS};

/// Who is credited for reports that count.
pub trait Collectors {
	/// Credits the collector with this index for `fifths` fifths of a report in the present epoch.
	/// An index that no one holds credits no one.
	fn credit(collector: CollectorIndex, fifths: u32);
}

/// Who is credited, by account: for kinds of proof whose reports name no index.
pub trait CollectorAccounts<AccountId>: Collectors {
	/// The index of an account; 0 if it is not registered.
	fn index_of(collector: &AccountId) -> CollectorIndex;

	/// Credits an account for whole reports.
	fn note(collector: &AccountId, reports: u32) {
		Self::credit(Self::index_of(collector), reports.saturating_mul(CREDIT_PARTS));
	}
}

/// What benchmarks need of the ledgers of collectors.
#[cfg(feature = "runtime-benchmarks")]
pub trait CollectorsBenchmarkHelper {
	/// Registers one more collector and returns its index. Crediting it is the worst case: it has
	/// reports of an epoch that is closed.
	fn add_collector() -> CollectorIndex;
}
