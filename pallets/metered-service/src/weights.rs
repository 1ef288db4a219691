//! What calls cost, and sweeping seats. The runtime takes measured weights; those of `()` are
//! estimates for tests.

use frame_support::weights::{Weight, constants::RocksDbWeight};

/// The weights of the pallet.
pub trait WeightInfo {
	/// Looking whether claims can be paid, which they can.
	fn on_initialize() -> Weight;
	/// Opening a channel, by its payer.
	fn open_channel() -> Weight;
	/// A claim of `v` vouchers, each of another device of another page and with a new seat, of
	/// which the last overdraws the channel.
	fn claim_vouchers(v: u32) -> Weight;
	/// Closing a channel, by its payer.
	fn close_channel() -> Weight;
	/// Finishing a channel that has credits and seats left.
	fn finish_channel() -> Weight;
	/// Looking for a channel whose seats are to be removed, and forgetting it.
	fn sweep_channel() -> Weight;
	/// Removing a seat.
	fn sweep_seat() -> Weight;
}

impl WeightInfo for () {
	fn on_initialize() -> Weight {
		estimate(10, 7, 0)
	}

	fn open_channel() -> Weight {
		estimate(150, 12, 8)
	}

	fn claim_vouchers(v: u32) -> Weight {
		let per_voucher = estimate(110, 3, 2).saturating_mul(u64::from(v));
		estimate(180, 17, 12).saturating_add(per_voucher)
	}

	fn close_channel() -> Weight {
		estimate(40, 5, 1)
	}

	fn finish_channel() -> Weight {
		estimate(120, 7, 6)
	}

	fn sweep_channel() -> Weight {
		estimate(10, 1, 1)
	}

	fn sweep_seat() -> Weight {
		estimate(10, 1, 1)
	}
}

fn estimate(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 4_000)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
