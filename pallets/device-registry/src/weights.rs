//! What calls, signature checks and folding cost. The values here serve tests; a runtime brings
//! measured ones.

use frame_support::weights::{Weight, constants::RocksDbWeight as Db};

/// The weight of every call and of what a hook does at a time.
pub trait WeightInfo {
	/// With as many keys as a maker holds, all of P-256.
	fn register_maker() -> Weight;
	/// With as many keys as a maker holds, all of P-256.
	fn set_maker_keys() -> Weight;
	/// One maker.
	fn revoke_maker() -> Weight;
	/// A self-made device with a location, whose owner pays the fee as GRM.
	fn register_device() -> Weight;
	/// What an attestation adds to that, with two signatures of P-256.
	fn attest() -> Weight;
	/// A first location.
	fn assert_location() -> Weight;
	/// A location elsewhere, for which the owner pays the fee as GRM.
	fn assert_later_location() -> Weight;
	/// One offer.
	fn offer_transfer() -> Weight;
	/// A self-made device with a former holder.
	fn accept_transfer() -> Weight;
	/// A self-made device with a former holder.
	fn rotate_session_key() -> Weight;
	/// What a hardware key's authorization of a session key adds, with a signature of P-256.
	fn authorize() -> Weight;
	/// One change.
	fn set_status() -> Weight;
	/// One change.
	fn retire() -> Weight;
	/// A look at the queue of changes when none is due.
	fn fold_base() -> Weight;
	/// The change that costs most: the retirement of a device from the middle of long lists.
	fn fold_change() -> Weight;
	/// The removal of a retired and attested device, without what others keep of it.
	fn forget_holder() -> Weight;
	/// The ban that costs most: of a device in the middle of long lists whose transfer has just
	/// taken effect.
	fn ban() -> Weight;
	/// A page of sixteen devices gets its version.
	fn migrate_page() -> Weight;
}

fn weight(nanoseconds: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(nanoseconds.saturating_mul(1_000), 20_000)
		.saturating_add(Db::get().reads_writes(reads, writes))
}

/// Estimates on the safe side.
impl WeightInfo for () {
	fn register_maker() -> Weight {
		weight(3_000_000, 1, 2)
	}

	fn set_maker_keys() -> Weight {
		weight(3_000_000, 1, 1)
	}

	fn revoke_maker() -> Weight {
		weight(20_000, 1, 1)
	}

	fn register_device() -> Weight {
		weight(350_000, 25, 14)
	}

	fn attest() -> Weight {
		weight(2_000_000, 3, 2)
	}

	fn assert_location() -> Weight {
		weight(100_000, 6, 4)
	}

	fn assert_later_location() -> Weight {
		weight(150_000, 12, 7)
	}

	fn offer_transfer() -> Weight {
		weight(30_000, 2, 1)
	}

	fn accept_transfer() -> Weight {
		weight(250_000, 12, 9)
	}

	fn rotate_session_key() -> Weight {
		weight(150_000, 7, 4)
	}

	fn authorize() -> Weight {
		weight(1_000_000, 2, 1)
	}

	fn set_status() -> Weight {
		weight(50_000, 4, 3)
	}

	fn retire() -> Weight {
		weight(50_000, 4, 3)
	}

	fn fold_base() -> Weight {
		weight(5_000, 2, 1)
	}

	fn fold_change() -> Weight {
		weight(200_000, 22, 18)
	}

	fn forget_holder() -> Weight {
		weight(100_000, 10, 11)
	}

	fn ban() -> Weight {
		weight(300_000, 32, 28)
	}

	fn migrate_page() -> Weight {
		weight(20_000, 2, 1)
	}
}
