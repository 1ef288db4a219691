//! Rewards: epochs, what is owed to whom, what a network earned.

use codec::Codec;
use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	api::{EpochInfo, NetworkEpochInfo, NetworkInfo, PayoutTerms, RewardsInfo},
};

sp_api::decl_runtime_apis! {
	/// Rewards and network statistics.
	#[api_version(1)]
	pub trait RewardsApi<AccountId> where AccountId: Codec {
		/// The clock of rewards.
		fn epoch() -> Option<EpochInfo>;
		/// What a device is owed.
		fn rewards(device: DeviceId) -> RewardsInfo<AccountId>;
		/// A network at a glance.
		fn network(network: NetworkId) -> Option<NetworkInfo>;
		/// A network's work in a closed epoch.
		fn network_epoch(network: NetworkId, epoch: EpochIndex) -> Option<NetworkEpochInfo>;
		/// By what the payouts of a network are computed at this moment; `None` if the network does
		/// not exist or cannot be read, and before the first timestamp.
		fn payout_terms(network: NetworkId) -> Option<PayoutTerms>;
	}
}
