//! Who is credited for bringing reports on chain.

use groma_core::CollectorIndex;

/// Who is credited for reports that count.
pub trait Collectors {
	/// Credits the collector with this index for `fifths` fifths of a report in the present epoch.
	/// An index that no one holds credits no one.
	fn credit(collector: CollectorIndex, fifths: u32);
}

/// What benchmarks need of the ledgers of collectors.
#[cfg(feature = "runtime-benchmarks")]
pub trait CollectorsBenchmarkHelper {
	/// Registers one more collector and returns its index. Crediting it is the worst case: it has
	/// reports of an epoch that is closed.
	fn add_collector() -> CollectorIndex;

	/// For how many fifths of reports the collector is credited in the present epoch.
	fn credited(collector: CollectorIndex) -> u32;
}
