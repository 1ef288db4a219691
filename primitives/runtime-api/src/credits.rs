//! Credits, channels, what customers paid, and the books of the supply.

use alloc::vec::Vec;

use codec::Codec;
use groma_core::{
	ChannelId, DeviceId, EpochIndex, NetworkId,
	api::{
		ChannelInfo, ClaimRefusal, Code, CreditsInfo, DemandInfo, SeatInfo, SupplyInfo,
		VoucherAnswer,
	},
	voucher::Voucher,
};

sp_api::decl_runtime_apis! {
	/// What customers hold and pay.
	#[api_version(1)]
	pub trait CreditsApi<AccountId> where AccountId: Codec {
		/// What an account holds in credits, and who acts for it.
		fn credits(account: AccountId) -> CreditsInfo<AccountId>;
		/// A channel; `None` if there is none, or it is finished.
		fn channel(channel: ChannelId) -> Option<ChannelInfo<AccountId>>;
		/// Channels of a payer, at most [`groma_core::protocol::PAGE_LENGTH_MAX`], in the order of
		/// the state. The next page begins after the last channel of the one before.
		fn channels_of(
			payer: AccountId,
			after: Option<ChannelId>,
		) -> Vec<ChannelInfo<AccountId>>;
		/// What devices were paid out of a channel, at most
		/// [`groma_core::protocol::PAGE_LENGTH_MAX`] of them, in the order of the state; none if
		/// there is no such channel. The next page begins after the last device of the one before.
		fn seats(channel: ChannelId, after: Option<DeviceId>) -> Vec<SeatInfo>;
		/// What customers paid for services of a network in an epoch; `None` if nothing was.
		fn demand(network: NetworkId, epoch: EpochIndex) -> Option<DemandInfo>;
		/// The books; `None` if they cannot be read.
		fn supply() -> Option<SupplyInfo>;
		/// What a claim of each of these vouchers alone would do in the next block.
		fn check_vouchers(
			channel: ChannelId,
			vouchers: Vec<Voucher>,
		) -> Result<Vec<VoucherAnswer<AccountId>>, Code<ClaimRefusal>>;
	}
}
