//! What the chain says of credits, of channels, and of what customers paid.

use codec::{Decode, Encode};
use groma_core::{
	ChannelId, DeviceId, EpochIndex, NetworkId,
	api::{
		ChannelInfo, ClaimRefusal, Code, CreditsInfo, DemandInfo, SeatInfo, SupplyInfo,
		VoucherAnswer, methods,
	},
	protocol::{PAGE_LENGTH_MAX, SEATS_MAX},
	voucher::Voucher,
};

use super::{AccountId, At, ChainError, RpcChain};

/// The most entries of which all pages are read: a node that never ends is left alone.
const ENTRIES_MAX: usize = SEATS_MAX as usize;

/// What would become of each voucher of a claim, or why the channel takes none.
pub type VoucherAnswers = Result<Vec<VoucherAnswer<AccountId>>, Code<ClaimRefusal>>;

impl RpcChain {
	/// The credits of an account, and who acts for it.
	pub async fn credits(
		&self,
		account: AccountId,
		at: At,
	) -> Result<CreditsInfo<AccountId>, ChainError> {
		self.call(methods::CREDITS, account, at).await
	}

	/// A channel; `None` if there is none, or it is finished.
	pub async fn channel(
		&self,
		channel: ChannelId,
		at: At,
	) -> Result<Option<ChannelInfo<AccountId>>, ChainError> {
		self.call(methods::CHANNEL, channel, at).await
	}

	/// The channels of a payer, at most 4,096 of them.
	pub async fn channels_of(
		&self,
		payer: AccountId,
		at: At,
	) -> Result<Vec<ChannelInfo<AccountId>>, ChainError> {
		self.pages(methods::CHANNELS_OF, payer, at, |channel: &ChannelInfo<_>| channel.id).await
	}

	/// What devices were paid out of a channel.
	pub async fn seats(&self, channel: ChannelId, at: At) -> Result<Vec<SeatInfo>, ChainError> {
		self.pages(methods::SEATS, channel, at, |seat: &SeatInfo| -> DeviceId { seat.device }).await
	}

	/// What customers paid for services of a network in an epoch.
	pub async fn demand(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		at: At,
	) -> Result<DemandInfo, ChainError> {
		self.call(methods::DEMAND, (network, epoch), at).await
	}

	/// The books of the supply and of credits.
	pub async fn supply(&self, at: At) -> Result<SupplyInfo, ChainError> {
		self.call(methods::SUPPLY, (), at).await
	}

	/// What would become of each voucher if it were claimed alone in the next block.
	pub async fn check_vouchers(
		&self,
		channel: ChannelId,
		vouchers: &[Voucher],
		at: At,
	) -> Result<VoucherAnswers, ChainError> {
		self.call(methods::CHECK_VOUCHERS, (channel, vouchers), at).await
	}

	/// All pages of a list: each begins after the last entry of the one before.
	async fn pages<T: Decode, K: Encode>(
		&self,
		api: &str,
		of: impl Encode + Copy,
		at: At,
		key: impl Fn(&T) -> K,
	) -> Result<Vec<T>, ChainError> {
		let mut entries: Vec<T> = Vec::new();
		loop {
			let after = entries.last().map(&key);
			let page: Vec<T> = self.call(api, (of, after), at).await?;
			let is_last = page.len() < PAGE_LENGTH_MAX;
			entries.extend(page);
			if is_last || entries.len() >= ENTRIES_MAX {
				return Ok(entries);
			}
		}
	}
}
