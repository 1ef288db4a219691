//! What recomputing asks of a node that keeps the state of every block.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use codec::Decode;
use groma_core::{
	ChannelId, DeviceId, EpochIndex, NetworkId,
	api::{ChannelInfo, DemandInfo, EpochInfo, NetworkEpochInfo, PayoutTerms, RewardsInfo},
	money::Price,
	words::Hash,
};
use subxt::{OnlineClient, SubstrateConfig, dynamic::Value, rpcs::client::RpcClient};
use tokio::task::JoinSet;

use super::{deeds::Deed, error::AuditError};
use crate::chain::{AccountId, At, Chain, ChainError, RpcChain};

/// Blocks whose events are asked for at the same time.
const AT_ONCE: u32 = 32;
/// Bytes of the two hashes before the keys of a map.
const PREFIX_LENGTH: usize = 32;
/// Maps by device, each with where the number of the network begins in its values, if they have
/// one: who is paid for open work, finished work that waits, and what is owed.
const MAPS: [(&str, Option<usize>); 3] =
	[("Payees", Some(32)), ("Waiting", Some(32)), ("Owed", None)];

/// What customers paid, by network and epoch, each behind a hash of so many bytes.
const DEMANDS: &str = "NetworkDemands";
const HASH_LENGTH: usize = 8;

/// The state after each block of the finalized chain, and what happened in it.
#[async_trait]
pub trait Archive: Sync {
	/// The number of the last finalized block.
	async fn last(&self) -> Result<u32, AuditError>;

	/// The clock of rewards.
	async fn epoch(&self, block: u32) -> Result<Option<EpochInfo>, AuditError>;

	/// The price by which claims are valued.
	async fn epoch_mean(&self, block: u32) -> Result<Option<Price>, AuditError>;

	/// By what the payouts of a network are computed.
	async fn terms(
		&self,
		network: NetworkId,
		block: u32,
	) -> Result<Option<PayoutTerms>, AuditError>;

	/// A network's work in a closed epoch.
	async fn network_epoch(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		block: u32,
	) -> Result<Option<NetworkEpochInfo>, AuditError>;

	/// What customers paid for services of a network in an epoch.
	async fn demand(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		block: u32,
	) -> Result<Option<DemandInfo>, AuditError>;

	/// A channel.
	async fn channel(
		&self,
		channel: ChannelId,
		block: u32,
	) -> Result<Option<ChannelInfo<AccountId>>, AuditError>;

	/// What a device earned and is owed.
	async fn rewards(
		&self,
		device: DeviceId,
		block: u32,
	) -> Result<RewardsInfo<AccountId>, AuditError>;

	/// The network that a device serves; `None` if there is no such device.
	async fn network_of(
		&self,
		device: DeviceId,
		block: u32,
	) -> Result<Option<NetworkId>, AuditError>;

	/// All devices that ever worked or are owed anything, each with the network of its work.
	async fn devices(
		&self,
		block: u32,
	) -> Result<BTreeMap<DeviceId, Option<NetworkId>>, AuditError>;

	/// The networks that have a record of what customers paid in an epoch.
	async fn networks_with_demand(
		&self,
		epoch: EpochIndex,
		block: u32,
	) -> Result<BTreeSet<NetworkId>, AuditError>;

	/// What happened in the blocks from `first` to `last`, both included, in their order.
	async fn deeds(&self, first: u32, last: u32) -> Result<Vec<(u32, Vec<Deed>)>, AuditError>;
}

/// A node with the state of every block.
pub struct NodeArchive<'a> {
	chain: &'a RpcChain,
	client: OnlineClient<SubstrateConfig>,
}

impl<'a> NodeArchive<'a> {
	/// The node behind the endpoint that answers now.
	pub async fn open(chain: &'a RpcChain) -> Result<Self, AuditError> {
		// Turns to another endpoint if the first does not answer.
		chain.finalized().await?;
		let unreachable = |reason: String| ChainError::Unreachable {
			endpoint: chain.endpoint_name().to_owned(),
			reason,
		};
		let rpc = RpcClient::from_insecure_url(chain.url())
			.await
			.map_err(|error| unreachable(error.to_string()))?;
		let client = OnlineClient::from_rpc_client(rpc)
			.await
			.map_err(|error| unreachable(error.to_string()))?;
		Ok(Self { chain, client })
	}

	async fn at(&self, block: u32) -> Result<At, AuditError> {
		let hash: Option<Hash> = self.chain.block_hash(block).await?;
		hash.map(At::Block).ok_or_else(|| unread(block, "the node does not have it"))
	}
}

#[async_trait]
impl Archive for NodeArchive<'_> {
	async fn last(&self) -> Result<u32, AuditError> {
		Ok(self.chain.finalized().await?.number)
	}

	async fn epoch(&self, block: u32) -> Result<Option<EpochInfo>, AuditError> {
		Ok(self.chain.epoch(self.at(block).await?).await?)
	}

	async fn epoch_mean(&self, block: u32) -> Result<Option<Price>, AuditError> {
		let price = self.chain.price(self.at(block).await?).await?;
		Ok(price.map(|price| price.epoch_mean))
	}

	async fn terms(
		&self,
		network: NetworkId,
		block: u32,
	) -> Result<Option<PayoutTerms>, AuditError> {
		Ok(self.chain.payout_terms(network, self.at(block).await?).await?)
	}

	async fn network_epoch(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		block: u32,
	) -> Result<Option<NetworkEpochInfo>, AuditError> {
		Ok(self.chain.network_epoch(network, epoch, self.at(block).await?).await?)
	}

	async fn demand(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		block: u32,
	) -> Result<Option<DemandInfo>, AuditError> {
		Ok(self.chain.demand(network, epoch, self.at(block).await?).await?)
	}

	async fn channel(
		&self,
		channel: ChannelId,
		block: u32,
	) -> Result<Option<ChannelInfo<AccountId>>, AuditError> {
		Ok(self.chain.channel(channel, self.at(block).await?).await?)
	}

	async fn rewards(
		&self,
		device: DeviceId,
		block: u32,
	) -> Result<RewardsInfo<AccountId>, AuditError> {
		Ok(self.chain.rewards(device, self.at(block).await?).await?)
	}

	async fn network_of(
		&self,
		device: DeviceId,
		block: u32,
	) -> Result<Option<NetworkId>, AuditError> {
		let info = self.chain.device(device, self.at(block).await?).await?;
		Ok(info.map(|info| info.network))
	}

	async fn devices(
		&self,
		block: u32,
	) -> Result<BTreeMap<DeviceId, Option<NetworkId>>, AuditError> {
		let client =
			self.client.at_block(block).await.map_err(|error| unread(block, &error.to_string()))?;
		let storage = client.storage();
		let mut devices = BTreeMap::new();
		for (map, network_at) in MAPS {
			let address = ("Rewards".to_owned(), map.to_owned());
			let found = storage.iter(address, Vec::<Value>::new()).await;
			let mut entries = found.map_err(|error| unread(block, &error.to_string()))?;
			while let Some(entry) = entries.next().await {
				let entry = entry.map_err(|error| unread(block, &error.to_string()))?;
				let value = entry.value().bytes();
				let (device, network) = entry_of(entry.key_bytes(), value, network_at)
					.ok_or_else(|| unread(block, &format!("an entry of Rewards.{map}")))?;
				let known = devices.entry(device).or_insert(network);
				*known = known.or(network);
			}
		}
		Ok(devices)
	}

	async fn networks_with_demand(
		&self,
		epoch: EpochIndex,
		block: u32,
	) -> Result<BTreeSet<NetworkId>, AuditError> {
		let client =
			self.client.at_block(block).await.map_err(|error| unread(block, &error.to_string()))?;
		let storage = client.storage();
		let address = ("Rewards".to_owned(), DEMANDS.to_owned());
		let found = storage.iter(address, Vec::<Value>::new()).await;
		let mut entries = found.map_err(|error| unread(block, &error.to_string()))?;
		let mut networks = BTreeSet::new();
		while let Some(entry) = entries.next().await {
			let entry = entry.map_err(|error| unread(block, &error.to_string()))?;
			let (network, of) = demand_of(entry.key_bytes())
				.ok_or_else(|| unread(block, &format!("an entry of Rewards.{DEMANDS}")))?;
			if of == epoch {
				networks.insert(network);
			}
		}
		Ok(networks)
	}

	async fn deeds(&self, first: u32, last: u32) -> Result<Vec<(u32, Vec<Deed>)>, AuditError> {
		let mut all = Vec::new();
		let mut next = first;
		while next <= last {
			let end = next.saturating_add(AT_ONCE - 1).min(last);
			let mut asked = JoinSet::new();
			for block in next..=end {
				let client = self.client.clone();
				asked.spawn(async move { deeds_of(&client, block).await.map(|it| (block, it)) });
			}
			let mut found = Vec::new();
			while let Some(joined) = asked.join_next().await {
				found.push(joined.map_err(|error| unread(next, &error.to_string()))??);
			}
			found.sort_by_key(|(block, _)| *block);
			all.extend(found);
			next = end.saturating_add(1);
		}
		Ok(all)
	}
}

async fn deeds_of(
	client: &OnlineClient<SubstrateConfig>,
	block: u32,
) -> Result<Vec<Deed>, AuditError> {
	let at = client.at_block(block).await.map_err(|error| unread(block, &error.to_string()))?;
	let events = at.events().fetch().await.map_err(|error| unread(block, &error.to_string()))?;
	let mut deeds = Vec::new();
	for event in events.iter() {
		let event = event.map_err(|error| unread(block, &error.to_string()))?;
		let deed = Deed::of(event.pallet_name(), event.event_name(), event.field_bytes());
		deeds.extend(deed.map_err(|error| unread(block, &error.to_string()))?);
	}
	Ok(deeds)
}

/// The device of an entry, and the network that its value names from some byte on.
fn entry_of(
	key: &[u8],
	value: &[u8],
	network_at: Option<usize>,
) -> Option<(DeviceId, Option<NetworkId>)> {
	let device = DeviceId::decode(&mut key.get(PREFIX_LENGTH..)?).ok()?;
	let network = match network_at {
		Some(start) => Some(NetworkId::decode(&mut value.get(start..)?).ok()?),
		None => None,
	};
	Some((device, network))
}

/// The network and the epoch of an entry of what customers paid.
fn demand_of(key: &[u8]) -> Option<(NetworkId, EpochIndex)> {
	let mut rest = key.get(PREFIX_LENGTH + HASH_LENGTH..)?;
	let network = NetworkId::decode(&mut rest).ok()?;
	let epoch = EpochIndex::decode(&mut rest.get(HASH_LENGTH..)?).ok()?;
	Some((network, epoch))
}

fn unread(block: u32, reason: &str) -> AuditError {
	AuditError::Block { block, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
	use codec::Encode;

	use super::*;

	#[test]
	fn device_and_network_are_read_from_an_entry() {
		let key = [&[9; 32][..], &7u32.encode()].concat();
		let payee = (AccountId::from([1; 32]), 3u16).encode();
		assert_eq!(entry_of(&key, &payee, Some(32)), Some((7, Some(3))));
		let owed = [&key[..], &[5; 48]].concat();
		assert_eq!(entry_of(&owed, &[0; 16], None), Some((7, None)));
		assert_eq!(entry_of(&key[..35], &payee, Some(32)), None);
		assert_eq!(entry_of(&key, &payee[..33], Some(32)), None);
		assert_eq!(entry_of(&[], &[], None), None);
	}

	#[test]
	fn network_and_epoch_are_read_from_the_key_of_a_demand() {
		let network = [&[8; 8][..], &1_024u16.encode()].concat();
		let epoch = [&[8; 8][..], &20_000u32.encode()].concat();
		let key = [&[9; 32][..], &network, &epoch].concat();
		assert_eq!(demand_of(&key), Some((1_024, 20_000)));
		assert_eq!(demand_of(&key[..53]), None);
		assert_eq!(demand_of(&[]), None);
	}
}
