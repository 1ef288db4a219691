//! What the calls cost. The values here serve tests; a runtime brings measured ones.

use frame_support::weights::{Weight, constants::RocksDbWeight as Db};

use groma_core::protocol::NETWORKS_MAX;

/// The weight of every call.
pub trait WeightInfo {
	/// So many raises of the stake per device that come into force.
	fn apply_raises(n: u32) -> Weight;
	/// With every other network present.
	fn create_network() -> Weight;
	/// With every other network present.
	fn update_terms() -> Weight;
	/// One network.
	fn close_network() -> Weight;
	/// One network.
	fn open_network() -> Weight;
	/// One network.
	fn halt_network() -> Weight;
	/// With the longest terms.
	fn found_network() -> Weight;
	/// With the longest terms.
	fn update_founded_terms() -> Weight;
	/// One network.
	fn close_founded_network() -> Weight;
	/// One network.
	fn dissolve_network() -> Weight;
}

const NETWORKS: u64 = NETWORKS_MAX as u64;

/// Estimates on the safe side.
impl WeightInfo for () {
	fn apply_raises(n: u32) -> Weight {
		let n = u64::from(n);
		Weight::from_parts(20_000_000, 5_000)
			.saturating_add(Weight::from_parts(20_000_000, 3_000).saturating_mul(n))
			.saturating_add(Db::get().reads_writes(n.saturating_add(4), n.saturating_mul(2)))
	}

	fn create_network() -> Weight {
		Weight::from_parts(60_000_000, 10_000)
			.saturating_add(Db::get().reads_writes(NETWORKS + 2, 2))
	}

	fn update_terms() -> Weight {
		Weight::from_parts(60_000_000, 10_000)
			.saturating_add(Db::get().reads_writes(NETWORKS + 2, 1))
	}

	fn close_network() -> Weight {
		Weight::from_parts(15_000_000, 5_000).saturating_add(Db::get().reads_writes(1, 1))
	}

	fn open_network() -> Weight {
		Weight::from_parts(15_000_000, 5_000).saturating_add(Db::get().reads_writes(1, 1))
	}

	fn halt_network() -> Weight {
		Weight::from_parts(15_000_000, 5_000).saturating_add(Db::get().reads_writes(1, 1))
	}

	fn found_network() -> Weight {
		Weight::from_parts(70_000_000, 5_000).saturating_add(Db::get().reads_writes(5, 4))
	}

	fn update_founded_terms() -> Weight {
		Weight::from_parts(40_000_000, 5_000).saturating_add(Db::get().reads_writes(1, 1))
	}

	fn close_founded_network() -> Weight {
		Weight::from_parts(25_000_000, 5_000).saturating_add(Db::get().reads_writes(1, 1))
	}

	fn dissolve_network() -> Weight {
		Weight::from_parts(60_000_000, 5_000).saturating_add(Db::get().reads_writes(5, 3))
	}
}
