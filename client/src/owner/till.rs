//! What claims ask of the chain, and how they are carried out.

use async_trait::async_trait;
use groma_core::{DeviceId, money::Balance, units::Scale};
use subxt::{OnlineClient, SubstrateConfig, dynamic::Value};

use super::{
	Owner,
	call::PreparedCall,
	connection::{constant, stored},
	error::OwnerError,
	receipt::Receipt,
};
use crate::chain::{AccountId, At, Chain, RpcChain};

/// What a device owes a payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
	/// Who earned it.
	pub payee: AccountId,
	/// How many plancks.
	pub amount: Balance,
	/// Whose accounts get how many of them, as the payee has them divided.
	pub parts: Vec<(AccountId, Balance)>,
}

/// What claims ask of the chain.
#[async_trait]
pub trait Till: Sync {
	/// Whether a device has this id.
	async fn exists(&self, device: DeviceId) -> Result<bool, OwnerError>;

	/// What a device owes to its payees.
	async fn debts(&self, device: DeviceId) -> Result<Vec<Debt>, OwnerError>;

	/// Whether an account can be paid so many plancks: it exists, or they open it.
	async fn can_receive(&self, account: AccountId, amount: Balance) -> Result<bool, OwnerError>;

	/// What a claim for a payee would cost, in plancks.
	async fn fee(&self, device: DeviceId, payee: AccountId) -> Result<Balance, OwnerError>;

	/// Claims for a payee, and returns once that is finalized.
	async fn claim(&self, device: DeviceId, payee: AccountId) -> Result<Receipt, OwnerError>;
}

/// The chain, as an account claims on it.
pub struct ChainTill<'a> {
	chain: &'a RpcChain,
	client: OnlineClient<SubstrateConfig>,
	owner: &'a Owner,
	/// The least that an account holds, in plancks.
	existential_deposit: Balance,
}

impl<'a> ChainTill<'a> {
	/// The chain, on which `owner` signs claims and pays for them.
	pub async fn open(chain: &'a RpcChain, owner: &'a Owner) -> Result<Self, OwnerError> {
		let client = owner.connect(chain.url()).await?;
		let existential_deposit = constant(&client, "Balances", "ExistentialDeposit").await?;
		Ok(Self { chain, client, owner, existential_deposit })
	}

	async fn finalized(&self) -> Result<At, OwnerError> {
		Ok(At::Block(self.chain.finalized().await?.hash))
	}

	/// How a payee has an amount divided.
	async fn parts(
		&self,
		device: DeviceId,
		payee: AccountId,
		amount: Balance,
	) -> Result<Vec<(AccountId, Balance)>, OwnerError> {
		let keys = vec![Value::u128(device.into()), Value::from_bytes(payee.0)];
		let split = stored::<Vec<(AccountId, Scale)>>(&self.client, "Rewards", "Splits", keys);
		Ok(match split.await? {
			Some(shares) => shares.into_iter().map(|(to, share)| (to, share.of(amount))).collect(),
			None => vec![(payee, amount)],
		})
	}

	async fn call(&self, device: DeviceId, payee: AccountId) -> Result<PreparedCall, OwnerError> {
		PreparedCall::new(&self.client, "Rewards", "claim_payee", (device, payee)).await
	}
}

#[async_trait]
impl Till for ChainTill<'_> {
	async fn exists(&self, device: DeviceId) -> Result<bool, OwnerError> {
		Ok(self.chain.device(device, self.finalized().await?).await?.is_some())
	}

	async fn debts(&self, device: DeviceId) -> Result<Vec<Debt>, OwnerError> {
		let rewards = self.chain.rewards(device, self.finalized().await?).await?;
		let mut debts = Vec::with_capacity(rewards.owed.len());
		for (payee, amount) in rewards.owed {
			let parts = self.parts(device, payee, amount).await?;
			debts.push(Debt { payee, amount, parts });
		}
		Ok(debts)
	}

	async fn can_receive(&self, account: AccountId, amount: Balance) -> Result<bool, OwnerError> {
		if amount >= self.existential_deposit {
			return Ok(true);
		}
		let keys = vec![Value::from_bytes(account.0)];
		// The value is an account's record, of which it is enough that there is one.
		Ok(stored::<()>(&self.client, "System", "Account", keys).await?.is_some())
	}

	async fn fee(&self, device: DeviceId, payee: AccountId) -> Result<Balance, OwnerError> {
		self.owner.fee(&self.client, &self.call(device, payee).await?).await
	}

	async fn claim(&self, device: DeviceId, payee: AccountId) -> Result<Receipt, OwnerError> {
		let call = self.call(device, payee).await?;
		let events = self.owner.submit(&self.client, &call).await?;
		Receipt::of(&events).map_err(OwnerError::after_success)
	}
}
