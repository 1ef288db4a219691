//! The accounts behind the devices of a field: derived, funded by one that has funds, and each the owner
//! of its devices by a registration that it signs.

use std::{collections::BTreeMap, sync::Arc};

use codec::{Compact, Encode};
use ed25519_dalek::Signer;
use groma_core::{
	DeviceId, NetworkId,
	money::{Balance, GRM},
	payload,
	words::Hash,
};
use subxt::{OnlineClient, SubstrateConfig};
use tokio::task::JoinSet;

use super::field::Field;
use crate::{
	chain::{AccountId, At, Chain, ChainError, RpcChain},
	owner::{Owner, OwnerError, PreparedCall},
	registration::{LocationClaim, RegisterDevice},
};

/// The network that the devices of a field serve: lorawan.
const NETWORK: NetworkId = 0;
/// What an owner gets for each device: the stake behind it, its deposit and fees, with room to spare.
const FUNDS_PER_DEVICE: Balance = 100 * GRM;
/// Transfers in one batch.
const BATCH_MAX: usize = 200;

/// Why a field's devices do not get on chain.
#[derive(Debug, thiserror::Error)]
pub enum OwnersError {
	/// The chain does not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// An account's transaction fails.
	#[error("{what}: {source}")]
	Account {
		/// What it was for.
		what: String,
		/// What went wrong.
		source: OwnerError,
	},
	/// A device was registered, and the chain doesn't know it.
	#[error("device {0} of the field was registered, but the finalized chain does not know it")]
	Unregistered(usize),
}

/// A way to the chain for accounts.
#[derive(Clone)]
pub struct Accounts {
	/// For questions.
	pub chain: Arc<RpcChain>,
	/// For transactions.
	pub client: OnlineClient<SubstrateConfig>,
	/// Who pays.
	pub funder: Arc<Owner>,
}

impl Accounts {
	/// Funds the owners and registers every device of the field that is not registered yet. Returns the
	/// members' names on chain; `None` for those that are no devices.
	pub async fn settle(&self, field: &Field) -> Result<Vec<Option<DeviceId>>, OwnersError> {
		let names = self.names(field).await?;
		let mut missing = BTreeMap::<u32, Vec<usize>>::new();
		for (index, member) in field.members().iter().enumerate() {
			if member.behaviour.is_device() && names.get(index).is_some_and(Option::is_none) {
				missing.entry(member.owner).or_default().push(index);
			}
		}
		if missing.is_empty() {
			return Ok(names);
		}
		self.fund(&missing).await?;
		self.register(field, missing).await?;
		let names = self.names(field).await?;
		match field
			.members()
			.iter()
			.zip(&names)
			.position(|(member, name)| member.behaviour.is_device() && name.is_none())
		{
			Some(member) => Err(OwnersError::Unregistered(member)),
			None => Ok(names),
		}
	}

	/// The members' names on the finalized chain.
	async fn names(&self, field: &Field) -> Result<Vec<Option<DeviceId>>, OwnersError> {
		let at = At::Block(self.chain.finalized().await?.hash);
		let mut names = Vec::new();
		for member in 0..field.members().len() {
			let key = field.session_key(member).verifying_key().to_bytes();
			names.push(self.chain.device_by_key(key, at).await?);
		}
		Ok(names)
	}

	async fn fund(&self, missing: &BTreeMap<u32, Vec<usize>>) -> Result<(), OwnersError> {
		let failed = |source| OwnersError::Account { what: "funding the owners".into(), source };
		let owners: Vec<_> = missing.iter().collect();
		for owners in owners.chunks(BATCH_MAX) {
			let mut transfers = Vec::with_capacity(owners.len());
			for (owner, devices) in owners {
				let account = account_of(**owner).map_err(failed)?.account();
				let amount = FUNDS_PER_DEVICE.saturating_mul(devices.len() as Balance);
				let transfer = Transfer { address: (0, account), amount: Compact(amount) };
				transfers.push(
					PreparedCall::new(&self.client, "Balances", "transfer_allow_death", transfer)
						.await
						.map_err(failed)?,
				);
			}
			let batch = PreparedCall::new(&self.client, "Utility", "batch_all", transfers)
				.await
				.map_err(failed)?;
			self.funder.submit(&self.client, &batch).await.map_err(failed)?;
		}
		Ok(())
	}

	/// Registers devices, those of one owner one after the other, those of several at the same time.
	async fn register(
		&self,
		field: &Field,
		missing: BTreeMap<u32, Vec<usize>>,
	) -> Result<(), OwnersError> {
		let genesis = self.chain.genesis().await?;
		let mut owners = JoinSet::new();
		for (owner, members) in missing {
			let devices =
				members.iter().filter_map(|member| NewDevice::of(field, *member)).collect();
			owners.spawn(register_all(self.clone(), genesis, owner, devices));
		}
		while let Some(outcome) = owners.join_next().await {
			// A task that was cancelled or that panicked left its devices unregistered, which shows later.
			outcome.unwrap_or(Ok(()))?;
		}
		Ok(())
	}
}

/// A device that is to be registered.
struct NewDevice {
	member: usize,
	key: ed25519_dalek::SigningKey,
	location: LocationClaim,
}

impl NewDevice {
	fn of(field: &Field, member: usize) -> Option<Self> {
		let location = LocationClaim {
			cell: field.members().get(member)?.asserted,
			region: field.station_of(member)?.region,
			gain_deci_dbi: 0,
			elevation_m: 0,
		};
		Some(Self { member, key: field.session_key(member), location })
	}
}

async fn register_all(
	accounts: Accounts,
	genesis: Hash,
	owner: u32,
	devices: Vec<NewDevice>,
) -> Result<(), OwnersError> {
	for device in devices {
		let failed = |source| {
			let what = format!("registering device {} of the field", device.member);
			OwnersError::Account { what, source }
		};
		let owner = account_of(owner).map_err(failed)?;
		let account = owner.account();
		let nonce: u32 =
			accounts.chain.call("RegistryApi_onboarding_nonce", account, At::Best).await?;
		let message = payload::onboarding(&genesis, &account, NETWORK, nonce);
		let registration = RegisterDevice {
			network: NETWORK,
			session_key: device.key.verifying_key().to_bytes(),
			proof: device.key.sign(&message).to_bytes(),
			location: Some(device.location),
			attestation: None,
		};
		let call =
			PreparedCall::new(&accounts.client, "DeviceRegistry", "register_device", registration)
				.await
				.map_err(failed)?;
		owner.submit(&accounts.client, &call).await.map_err(failed)?;
	}
	Ok(())
}

/// The account of an owner of a field.
fn account_of(owner: u32) -> Result<Owner, OwnerError> {
	Owner::open(&format!("//Field//{owner}"))
}

/// The arguments of a transfer: to an account by its id.
#[derive(Encode)]
struct Transfer {
	address: (u8, AccountId),
	amount: Compact<Balance>,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn owners_are_different_accounts() {
		let account = |owner| account_of(owner).expect("an account").account();
		assert_ne!(account(0), account(1));
		assert_eq!(account(7), account(7));
	}

	#[test]
	fn transfer_encodes_as_the_call_takes_it() {
		let transfer = Transfer { address: (0, [7; 32]), amount: Compact(1) };
		assert_eq!(transfer.encode(), [&[0][..], &[7; 32], &[4]].concat());
	}
}
