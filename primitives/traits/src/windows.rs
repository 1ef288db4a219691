//! The clock of challenges: windows, their seeds, and who is challenged in them.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::{
	DeviceId, NetworkId, WindowIndex,
	protocol::NETWORKS_MAX,
	selection::{Selection, expected_interval},
	words::Hash,
};
use scale_info::TypeInfo;
use sp_runtime::{
	BoundedVec, Weight,
	traits::ConstU32,
	transaction_validity::{
		InvalidTransaction, TransactionValidityError, TransactionValidityWithRefund,
		ValidTransaction,
	},
};

/// What is remembered of a window.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Window {
	/// Its number.
	pub index: WindowIndex,
	/// Its first block.
	pub first_block: u32,
	/// Its seed.
	pub seed: Hash,
	/// Of 2^64 selections, how many challenge a device of each network.
	pub thresholds: BoundedVec<(NetworkId, u64), ConstU32<NETWORKS_MAX>>,
}

impl Window {
	/// The threshold of a network: 0 if the network had none in this window.
	pub fn threshold(&self, network: NetworkId) -> u64 {
		self.thresholds.iter().find(|(id, _)| *id == network).map_or(0, |(_, threshold)| *threshold)
	}

	/// Whether a device of a network is challenged in the window.
	pub fn draws(&self, device: DeviceId, network: NetworkId) -> bool {
		Selection::new(&self.seed, device).is_challenged(self.threshold(network))
	}

	/// How many windows pass on average between two challenges of a device of a network.
	pub fn interval(&self, network: NetworkId) -> u32 {
		expected_interval(self.threshold(network))
	}
}

/// Which window it is, and what is remembered of the last 288.
pub trait Windows {
	/// The window of the latest block whose hooks ran.
	fn current() -> WindowIndex;

	/// The window that a call runs in. In the transaction pool that is the window of the first
	/// block after the present state, on which transactions are validated.
	fn of_call() -> WindowIndex;

	/// The window that the next block will belong to, as seen from the end of the present one.
	fn of_next_block() -> WindowIndex;

	/// What is remembered of a window, if it is one of the last 288.
	fn window(window: WindowIndex) -> Option<Window>;

	/// Blocks from that of the call, itself included, to the last one of a window that is not over;
	/// at least 1.
	fn blocks_left(until_end_of: WindowIndex) -> u64;

	/// How long the running window is expected to last, in ms.
	fn duration_ms() -> u64;

	/// Whether at least so many thousandths of the running window will have passed with the next
	/// block, which still belongs to it.
	fn is_ripe(thousandths: u32) -> bool;

	/// Refuses a device's own call that comes before the window in which it is taken.
	fn ensure_begun(window: WindowIndex) -> Result<(), TransactionValidityError> {
		if window > Self::of_call() {
			return Err(InvalidTransaction::Future.into());
		}
		Ok(())
	}

	/// How a device's own call waits in the transaction pool: one per subject under a tag at a
	/// time, until the end of a window.
	fn own_call(
		tag: &'static str,
		subject: (DeviceId, WindowIndex),
		until_end_of: WindowIndex,
	) -> TransactionValidityWithRefund {
		let validity = ValidTransaction::with_tag_prefix(tag)
			.and_provides(subject)
			.longevity(Self::blocks_left(until_end_of))
			.propagate(true)
			.into();
		Ok((validity, Weight::zero()))
	}
}

/// How benchmarks set the clock.
#[cfg(feature = "runtime-benchmarks")]
pub trait WindowsBenchmarkHelper {
	/// Makes this the running window, beginning with the present block.
	fn set_window(window: Window);
}
