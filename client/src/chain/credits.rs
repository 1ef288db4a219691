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

#[cfg(test)]
mod tests {
	use std::sync::Arc;

	use subxt::rpcs::{
		Error, UserError,
		client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClient, RpcClientT},
	};

	use super::*;
	use crate::{
		chain::wire::{HexBytes, to_hex},
		metrics::Metrics,
	};

	/// A node of a chain whose channels each have paid so many devices, with ids from 0 on.
	struct Node {
		seats: DeviceId,
	}

	impl Node {
		/// The page after a device.
		fn page(&self, after: Option<DeviceId>) -> Vec<SeatInfo> {
			let first = after.map_or(0, |device| device.saturating_add(1));
			let seats = (first..self.seats).map(|device| SeatInfo { device, credits: 1, units: 1 });
			seats.take(PAGE_LENGTH_MAX).collect()
		}
	}

	impl RpcClientT for Node {
		fn request_raw<'a>(
			&'a self,
			method: &'a str,
			params: Option<Box<RawValue>>,
		) -> RawRpcFuture<'a, Box<RawValue>> {
			Box::pin(async move {
				assert_eq!(method, "state_call");
				let params = params.expect("a call has arguments");
				let (api, HexBytes(arguments)): (String, HexBytes) =
					serde_json::from_str(params.get()).expect("a name and bytes");
				assert_eq!(api, methods::SEATS);
				let (channel, after) = <(ChannelId, Option<DeviceId>)>::decode(&mut &arguments[..])
					.expect("a channel, and where to go on");
				assert_eq!(channel, 7);
				let answer = format!("\"{}\"", to_hex(&self.page(after).encode()));
				RawValue::from_string(answer).map_err(Error::Deserialization)
			})
		}

		fn subscribe_raw<'a>(
			&'a self,
			_sub: &'a str,
			_params: Option<Box<RawValue>>,
			_unsub: &'a str,
		) -> RawRpcFuture<'a, RawRpcSubscription> {
			Box::pin(async { Err(UserError::method_not_found().into()) })
		}
	}

	/// How many seats are read of so many.
	async fn read(seats: DeviceId) -> usize {
		let node = ("ws://127.0.0.1:1".to_owned(), RpcClient::new(Node { seats }));
		let chain = RpcChain::scripted(vec![node], 1, Arc::new(Metrics::default()));
		let found = chain.seats(7, At::Best).await.expect("an answer");
		assert!(found.iter().map(|seat| seat.device).eq(0..found.len() as DeviceId));
		found.len()
	}

	#[tokio::test]
	async fn all_pages_are_read_up_to_a_bound() {
		for seats in [0, 1, 99, 100, 101, 200, 250] {
			assert_eq!(read(seats).await, seats as usize);
		}
		// A list without an end is left after the page that reaches the bound.
		let most = ENTRIES_MAX.div_ceil(PAGE_LENGTH_MAX) * PAGE_LENGTH_MAX;
		assert_eq!(read(DeviceId::MAX).await, most);
	}
}
