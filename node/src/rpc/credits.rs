//! Credits, channels, what customers paid, and the books of the supply.

use groma_core::{
	ChannelId, DeviceId, EpochIndex, NetworkId,
	api::{
		ChannelInfo, ClaimRefusal, CreditsInfo, DemandInfo, SeatInfo, SupplyInfo, VoucherAnswer,
	},
	protocol::VOUCHERS_PER_CLAIM_MAX,
	voucher::Voucher,
};
use groma_runtime_api::CreditsApi as _;
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};

use super::{failure, reads::Reads};
use crate::types::{AccountId, BlockHash};

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait CreditsApi {
	/// What an account holds in credits, and who acts for it.
	#[method(name = "credits", blocking)]
	fn credits(
		&self,
		account: AccountId,
		at: Option<BlockHash>,
	) -> RpcResult<CreditsInfo<AccountId>>;

	/// A channel.
	#[method(name = "channel", blocking)]
	fn channel(
		&self,
		channel: ChannelId,
		at: Option<BlockHash>,
	) -> RpcResult<Option<ChannelInfo<AccountId>>>;

	/// Channels of a payer, from the one after `after` on.
	#[method(name = "channelsOf", blocking)]
	fn channels_of(
		&self,
		payer: AccountId,
		after: Option<ChannelId>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<ChannelInfo<AccountId>>>;

	/// What devices were paid out of a channel, from the one after `after` on.
	#[method(name = "seats", blocking)]
	fn seats(
		&self,
		channel: ChannelId,
		after: Option<DeviceId>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<SeatInfo>>;

	/// What customers paid for services of a network in an epoch.
	#[method(name = "demand", blocking)]
	fn demand(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		at: Option<BlockHash>,
	) -> RpcResult<Option<DemandInfo>>;

	/// The books of the supply.
	#[method(name = "supply", blocking)]
	fn supply(&self, at: Option<BlockHash>) -> RpcResult<Option<SupplyInfo>>;

	/// What a claim of each of these vouchers alone would do. Nothing is written.
	#[method(name = "checkVouchers", blocking)]
	fn check_vouchers(
		&self,
		channel: ChannelId,
		vouchers: Vec<Voucher>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<VoucherAnswer<AccountId>>>;
}

#[async_trait]
impl CreditsApiServer for Reads {
	fn credits(
		&self,
		account: AccountId,
		at: Option<BlockHash>,
	) -> RpcResult<CreditsInfo<AccountId>> {
		self.ask(at, |api, at| api.credits(at, account))
	}

	fn channel(
		&self,
		channel: ChannelId,
		at: Option<BlockHash>,
	) -> RpcResult<Option<ChannelInfo<AccountId>>> {
		self.ask(at, |api, at| api.channel(at, channel))
	}

	fn channels_of(
		&self,
		payer: AccountId,
		after: Option<ChannelId>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<ChannelInfo<AccountId>>> {
		self.ask(at, |api, at| api.channels_of(at, payer, after))
	}

	fn seats(
		&self,
		channel: ChannelId,
		after: Option<DeviceId>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<SeatInfo>> {
		self.ask(at, |api, at| api.seats(at, channel, after))
	}

	fn demand(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		at: Option<BlockHash>,
	) -> RpcResult<Option<DemandInfo>> {
		self.ask(at, |api, at| api.demand(at, network, epoch))
	}

	fn supply(&self, at: Option<BlockHash>) -> RpcResult<Option<SupplyInfo>> {
		self.ask(at, |api, at| api.supply(at))
	}

	fn check_vouchers(
		&self,
		channel: ChannelId,
		vouchers: Vec<Voucher>,
		at: Option<BlockHash>,
	) -> RpcResult<Vec<VoucherAnswer<AccountId>>> {
		// More than a claim brings are not even handed to the runtime.
		if vouchers.len() > VOUCHERS_PER_CLAIM_MAX as usize {
			return Err(failure::not_claimable(ClaimRefusal::TooManyVouchers.into()));
		}
		self.ask(at, |api, at| api.check_vouchers(at, channel, vouchers))?
			.map_err(failure::not_claimable)
	}
}
