//! `groma-device claim`.

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, RpcChain},
	logging,
	owner::{Owner, PreparedCall},
};
use groma_core::{DeviceId, api::RewardsInfo};

use super::{
	arguments::{DeviceArgument, EndpointArgument, SettingsArgument},
	error::CommandError,
};

/// Pays out what devices have earned. Anyone may: it goes to the owner, or to the split the owner set.
#[derive(Debug, Args)]
pub(super) struct ClaimCommand {
	/// The account that pays the fee: `file:PATH` of a recovery phrase, or `//Alice` on development chains.
	#[arg(long, value_name = "URI")]
	owner: String,
	#[command(flatten)]
	device: DeviceArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

impl ClaimCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		logging::start("warn");
		let owner = Owner::open(&self.owner)?;
		let chain = self.endpoint.chain(&self.settings)?;
		for device in self.device.devices(&self.settings, &chain).await? {
			let owed = owed(&chain, device).await?;
			if owed == 0 {
				println!("device {device} is owed nothing; `groma-device explain` says why");
				continue;
			}
			println!("device {device} is owed {}, claiming", Amount(owed));
			let client = Owner::connect(chain.url()).await?;
			let call = PreparedCall::new(&client, "Rewards", "claim", device).await?;
			owner.submit(&client, &call).await?;
			let left = self::owed(&chain, device).await?;
			println!("device {device} was paid {}", Amount(owed.saturating_sub(left)));
		}
		Ok(())
	}
}

async fn owed(chain: &RpcChain, device: DeviceId) -> Result<u128, CommandError> {
	let at = At::Block(chain.finalized().await?.hash);
	let rewards: RewardsInfo<AccountId> = chain.call("RewardsApi_rewards", device, at).await?;
	Ok(rewards.owed.iter().map(|(_, amount)| *amount).sum())
}
