//! The accounts behind the devices of a field: derived, funded by one that has funds, and each the
//! owner of its devices by a registration that it signs.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use codec::{Compact, Encode};
use ed25519_dalek::Signer;
use groma_client::{
	chain::{AccountId, At, Chain, ChainError, RpcChain},
	owner::{LocationClaim, Owner, OwnerError, PreparedCall, Purpose, RegisterDevice},
};
use groma_core::{
	DeviceId, NetworkId,
	money::{Balance, GRM},
	payload,
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use subxt::{OnlineClient, SubstrateConfig, extrinsics::ExtrinsicEvents};
use tokio::task::JoinSet;

use crate::field::Field;

/// What an owner gets for each device besides the stake behind it: its deposit and fees, with room
/// to spare.
const SPENDING_PER_DEVICE: Balance = 50 * GRM;
/// Transfers in one batch.
const BATCH_MAX: usize = 200;
/// Owners who register devices at the same time.
const OWNERS_AT_ONCE: usize = 8;
/// How often a node is asked before it counts as unreachable, and the pause between.
const ATTEMPTS: usize = 5;
const PAUSE: Duration = Duration::from_millis(700);

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
	/// The chain does not say what stake the network asks for.
	#[error("the chain has no network {0}, or cannot read what it asks for: correct --network")]
	NoNetwork(NetworkId),
	/// A device was registered, and the chain doesn't know it.
	#[error("device {0} of the field was registered, but the finalized chain does not know it")]
	Unregistered(usize),
}

/// A way to the chain for accounts.
#[derive(Clone)]
pub(crate) struct Accounts {
	/// For questions.
	pub(crate) chain: Arc<RpcChain>,
	/// For transactions.
	pub(crate) client: OnlineClient<SubstrateConfig>,
	/// Who pays.
	pub(crate) funder: Arc<Owner>,
	/// The network that the devices serve.
	pub(crate) network: NetworkId,
}

impl Accounts {
	/// Funds the owners and registers every device of the field that is not registered yet. Returns
	/// the members' names on chain; `None` for those that are no devices.
	pub(crate) async fn settle(&self, field: &Field) -> Result<Vec<Option<DeviceId>>, OwnersError> {
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
		let stake = self.stake_per_device().await?;
		self.fund(&missing, stake).await?;
		self.register(field, missing, stake).await?;
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
			let key = SessionKey(field.session_key(member).verifying_key().to_bytes());
			names.push(self.chain.device_by_key(key, at).await?);
		}
		Ok(names)
	}

	/// The plancks that the network asks for behind each device.
	async fn stake_per_device(&self) -> Result<Balance, OwnersError> {
		let known = self.chain.provision(self.funder.account(), self.network, At::Best).await?;
		let stake = known.map(|known| known.stake_per_device).filter(|stake| *stake > 0);
		stake.ok_or(OwnersError::NoNetwork(self.network))
	}

	async fn fund(
		&self,
		missing: &BTreeMap<u32, Vec<usize>>,
		stake_per_device: Balance,
	) -> Result<(), OwnersError> {
		let funds = stake_per_device.saturating_add(SPENDING_PER_DEVICE);
		let failed = |source| OwnersError::Account { what: "funding the owners".into(), source };
		let owners: Vec<_> = missing.iter().collect();
		for owners in owners.chunks(BATCH_MAX) {
			let mut transfers = Vec::with_capacity(owners.len());
			for (owner, devices) in owners {
				let account = account_of(**owner).map_err(failed)?.account();
				let amount = funds.saturating_mul(devices.len() as Balance);
				transfers.push((account, amount));
			}
			self.send(&transfers).await.map_err(failed)?;
		}
		Ok(())
	}

	/// Sends accounts so many plancks of the funder's, to all or to none.
	pub(crate) async fn send(&self, amounts: &[(AccountId, Balance)]) -> Result<(), OwnerError> {
		let mut transfers = Vec::with_capacity(amounts.len());
		for (account, amount) in amounts {
			let transfer = Transfer { address: (0, *account), amount: Compact(*amount) };
			transfers.push(self.prepare("Balances", "transfer_allow_death", transfer).await?);
		}
		let batch = self.prepare("Utility", "batch_all", transfers).await?;
		self.submit(&self.funder, &batch).await?;
		Ok(())
	}

	/// Registers devices, those of one owner one after the other, those of several at the same
	/// time.
	async fn register(
		&self,
		field: &Field,
		missing: BTreeMap<u32, Vec<usize>>,
		stake_per_device: Balance,
	) -> Result<(), OwnersError> {
		let genesis = self.chain.genesis().await?;
		let mut owners = JoinSet::new();
		for (owner, members) in missing {
			if owners.len() >= OWNERS_AT_ONCE {
				finish_one(&mut owners).await?;
			}
			let devices: Vec<_> =
				members.iter().filter_map(|member| NewDevice::of(field, *member)).collect();
			let stake = stake_per_device.saturating_mul(devices.len() as Balance);
			owners.spawn(register_all(self.clone(), genesis, owner, devices, stake));
		}
		while !owners.is_empty() {
			finish_one(&mut owners).await?;
		}
		Ok(())
	}

	/// A call, for [`Self::submit`] or as an argument of another.
	pub(crate) async fn prepare(
		&self,
		pallet: &str,
		call: &str,
		arguments: impl Encode,
	) -> Result<PreparedCall, OwnerError> {
		retried(|| PreparedCall::new(&self.client, pallet, call, &arguments)).await
	}

	/// Submits a call of `owner` and waits until it is finalized.
	pub(crate) async fn submit(
		&self,
		owner: &Owner,
		call: &PreparedCall,
	) -> Result<ExtrinsicEvents<SubstrateConfig>, OwnerError> {
		retried(|| owner.submit(&self.client, call)).await
	}
}

/// Waits until one of the owners is done. A task that was cancelled or that panicked leaves its
/// devices unregistered, which shows later.
async fn finish_one(owners: &mut JoinSet<Result<(), OwnersError>>) -> Result<(), OwnersError> {
	match owners.join_next().await {
		Some(Ok(outcome)) => outcome,
		_ => Ok(()),
	}
}

/// Tries again what failed before anything was submitted: a busy node forgets a block before it is
/// asked about it.
pub(crate) async fn retried<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, OwnerError>
where
	F: Future<Output = Result<T, OwnerError>>,
{
	for _ in 1..ATTEMPTS {
		match attempt().await {
			Err(error) if error.is_retryable() => tokio::time::sleep(PAUSE).await,
			outcome => return outcome,
		}
	}
	attempt().await
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
	stake: Balance,
) -> Result<(), OwnersError> {
	provision(&accounts, owner, stake).await?;
	for device in devices {
		let failed = |source| {
			let what = format!("registering device {} of the field", device.member);
			OwnersError::Account { what, source }
		};
		let owner = account_of(owner).map_err(failed)?;
		let account = owner.account();
		let nonce = accounts.chain.onboarding_nonce(account, At::Best).await?;
		let owned = AccountBytes(account.0);
		let message = payload::onboarding(&genesis, &owned, accounts.network, nonce);
		let registration = RegisterDevice {
			network: accounts.network,
			session_key: SessionKey(device.key.verifying_key().to_bytes()),
			proof: Signature(device.key.sign(&message).to_bytes()),
			location: Some(device.location),
			attestation: None,
		};
		let call = accounts
			.prepare("DeviceRegistry", "register_device", registration)
			.await
			.map_err(failed)?;
		accounts.submit(&owner, &call).await.map_err(failed)?;
	}
	Ok(())
}

/// Puts more plancks of an owner behind its devices.
async fn provision(accounts: &Accounts, owner: u32, amount: Balance) -> Result<(), OwnersError> {
	let failed = |source| OwnersError::Account {
		what: format!("putting stake behind devices of owner {owner}"),
		source,
	};
	let provision = (Purpose::Devices(accounts.network), amount);
	let call = accounts.prepare("Stake", "provision", provision).await.map_err(failed)?;
	accounts.submit(&account_of(owner).map_err(failed)?, &call).await.map_err(failed)?;
	Ok(())
}

/// The account of an owner of a field.
pub(crate) fn account_of(owner: u32) -> Result<Owner, OwnerError> {
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
	use std::cell::Cell;

	use super::*;

	#[tokio::test(start_paused = true)]
	async fn busy_node_is_asked_again_but_a_refusal_is_final() {
		let asked = Cell::new(0);
		let busy = || async {
			asked.set(asked.get() + 1);
			if asked.get() < 3 { Err(OwnerError::Unreachable("busy".into())) } else { Ok(()) }
		};
		assert!(retried(busy).await.is_ok());
		assert_eq!(asked.get(), 3);
		let refused = || async {
			asked.set(asked.get() + 1);
			Err::<(), _>(OwnerError::Refused("no".into()))
		};
		assert!(retried(refused).await.is_err());
		assert_eq!(asked.get(), 4);
	}

	#[test]
	fn owners_are_different_accounts() {
		let account = |owner| account_of(owner).expect("an account").account();
		assert_ne!(account(0), account(1));
		assert_eq!(account(7), account(7));
	}

	#[test]
	fn transfer_encodes_as_the_call_takes_it() {
		let transfer = Transfer { address: (0, AccountId::from([7; 32])), amount: Compact(1) };
		assert_eq!(transfer.encode(), [&[0][..], &[7; 32], &[4]].concat());
	}
}
