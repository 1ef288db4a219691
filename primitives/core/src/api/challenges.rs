//! Challenges: the windows that all kinds of proof share, and who is challenged in them.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{DeviceId, NetworkId, WindowIndex, selection::Selection, words::Hash};

/// To which of the kinds that share a block a transaction belongs. In a node's transaction pool
/// neither evidence nor ordinary transactions can take more than their half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum TransactionTrack {
	/// Everything that is not evidence: operational calls and reports of equivocations as well.
	#[codec(index = 0)]
	Ordinary,
	/// Evidence that an account signed: the bundle of a collector.
	#[codec(index = 1)]
	Bundle,
	/// Evidence without an account: a device's own call.
	#[codec(index = 2)]
	OwnCall,
}

/// The current challenge window.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowInfo {
	/// Its index.
	pub index: WindowIndex,
	/// Its first block.
	pub first_block: u32,
	/// How many blocks it lasts.
	pub blocks: u32,
	/// Its expected length in ms.
	pub duration_ms: u64,
	/// Timestamp of the block before its first one, in ms since the Unix epoch; 0 if there was
	/// none.
	pub started_at_ms: u64,
	/// Its seed.
	#[serde(with = "crate::text::hash")]
	pub seed: Hash,
	/// The thresholds of all networks that challenge devices in it. With the seed they say who is
	/// challenged.
	pub thresholds: Vec<NetworkThreshold>,
}

impl WindowInfo {
	/// Whether a device of a network is challenged. One that cannot take part, such as one that no
	/// stake covers, need not answer.
	pub fn challenges(&self, device: DeviceId, network: NetworkId) -> bool {
		let threshold = self.thresholds.iter().find(|entry| entry.network == network);
		threshold
			.is_some_and(|entry| Selection::new(&self.seed, device).is_challenged(entry.threshold))
	}
}

/// The threshold of a network in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkThreshold {
	/// The network.
	pub network: NetworkId,
	/// Of 2^64 selections, how many challenge a device: see [`crate::selection::threshold`].
	#[serde(with = "crate::text::number")]
	pub threshold: u64,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn device_is_challenged_by_the_threshold_of_its_network() {
		let threshold = |network, threshold| NetworkThreshold { network, threshold };
		let window = WindowInfo {
			index: 7,
			first_block: 350,
			blocks: 50,
			duration_ms: 300_000,
			started_at_ms: 0,
			seed: [3; 32],
			thresholds: vec![threshold(0, u64::MAX / 4), threshold(2, u64::MAX)],
		};
		let challenged =
			|network| (0..1_000).filter(|device| window.challenges(*device, network)).count();
		let by_selection = (0..1_000)
			.filter(|device| Selection::new(&[3; 32], *device).is_challenged(u64::MAX / 4))
			.count();
		assert!((150..350).contains(&by_selection), "{by_selection}");
		assert_eq!(challenged(0), by_selection);
		// One network challenges no device, the other has no upper limit.
		assert_eq!((challenged(1), challenged(2)), (0, 1_000));
	}
}
