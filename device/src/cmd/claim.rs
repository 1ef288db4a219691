//! `groma-device claim`.

use std::fmt;

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{At, RpcChain},
	logging,
	owner::{Owner, PreparedCall},
};
use groma_core::DeviceId;
use serde::Serialize;

use super::{
	arguments::{DeviceArgument, EndpointArgument, OutputArgument, SettingsArgument, Unregistered},
	error::CommandError,
};

/// Pays out what devices have earned. Anyone may do it: the owner is paid, or the payees that the
/// owner set.
#[derive(Debug, Args)]
pub(super) struct ClaimCommand {
	/// The account that pays the fee: `file:PATH` of a recovery phrase, or `//Alice` on development
	/// chains.
	#[arg(long, value_name = "URI")]
	owner: String,
	#[command(flatten)]
	device: DeviceArgument,
	#[command(flatten)]
	output: OutputArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

/// What `--json` prints. Amounts are plancks as decimal text.
#[derive(Clone, Debug, Serialize)]
struct Claims {
	/// One for each device.
	claims: Vec<Claim>,
	/// Gateways of the settings that are no devices yet.
	unregistered: Vec<Unregistered>,
}

/// A claim for a device.
#[derive(Clone, Debug, Serialize)]
struct Claim {
	/// The device.
	device: DeviceId,
	/// What it was owed before.
	owed: Amount,
	/// What was paid. What cannot be paid stays owed.
	paid: Amount,
}

impl ClaimCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		logging::start("warn");
		let owner = Owner::open(&self.owner)?;
		let chain = self.endpoint.chain(&self.settings)?;
		let devices = self.device.devices(&self.settings, &chain).await?;
		let mut claims = Vec::new();
		for device in devices.ids {
			claims.push(claim(&chain, &owner, device).await?);
		}
		self.output.print(&Claims { claims, unregistered: devices.unregistered })
	}
}

async fn claim(chain: &RpcChain, owner: &Owner, device: DeviceId) -> Result<Claim, CommandError> {
	let owed = owed(chain, device).await?;
	if owed == Amount(0) {
		return Ok(Claim { device, owed, paid: Amount(0) });
	}
	let client = owner.connect(chain.url()).await?;
	let call = PreparedCall::new(&client, "Rewards", "claim", device).await?;
	owner.submit(&client, &call).await?;
	let left = self::owed(chain, device).await?;
	Ok(Claim { device, owed, paid: Amount(owed.0.saturating_sub(left.0)) })
}

async fn owed(chain: &RpcChain, device: DeviceId) -> Result<Amount, CommandError> {
	let at = At::Block(chain.finalized().await?.hash);
	Ok(Amount(chain.rewards(device, at).await?.owed_total()))
}

impl fmt::Display for Claims {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let claims = self.claims.iter().map(ToString::to_string);
		let lines: Vec<_> =
			claims.chain(self.unregistered.iter().map(ToString::to_string)).collect();
		f.write_str(&lines.join("\n"))
	}
}

impl fmt::Display for Claim {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { device, owed, paid } = self;
		match owed {
			Amount(0) => {
				write!(f, "device {device} is owed nothing; `groma-device explain` says why")
			}
			_ => write!(f, "device {device} was owed {owed} and was paid {paid}"),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn claims_are_shown_and_written() {
		let claim = |device, owed, paid| Claim { device, owed: Amount(owed), paid: Amount(paid) };
		let claims = Claims {
			claims: vec![claim(3, 0, 0), claim(4, 1_500_000_000_000, 1_000_000_000_000)],
			unregistered: Vec::new(),
		};
		let text = claims.to_string();
		assert!(text.contains("device 3 is owed nothing"), "{text}");
		assert!(text.contains("device 4 was owed 1.5 GRM and was paid 1 GRM"), "{text}");
		let json = serde_json::to_value(&claims).expect("JSON");
		assert_eq!(json["claims"][1]["paid"], "1000000000000");
	}
}
