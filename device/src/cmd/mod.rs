//! The commands, one file each.

mod claim;
mod explain;
mod key;
mod onboard;
mod report;
mod run;
mod status;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use groma_client::{
	chain::{At, Chain, ChainError, RpcChain},
	keys::KeyError,
	metrics::Metrics,
	owner::OwnerError,
	store::StoreError,
};
use groma_core::DeviceId;

use crate::{
	server::ServerError,
	settings::{Settings, SettingsError},
};

/// The device client of Groma: beacons, witnesses and reveals beside a LoRa packet forwarder.
///
/// To begin: make a key (`key generate`), write the settings (`settings.example.toml`), register the
/// device with its owner's account (`onboard`), and `run`. `explain` says why a device earns nothing.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Arguments {
	#[command(subcommand)]
	command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
	Key(key::KeyCommand),
	Onboard(onboard::OnboardCommand),
	Run(run::RunCommand),
	Status(status::StatusCommand),
	Explain(explain::ExplainCommand),
	Claim(claim::ClaimCommand),
	Report(report::ReportCommand),
}

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
	/// The settings cannot be used.
	#[error(transparent)]
	Settings(#[from] SettingsError),
	/// A session key cannot be used.
	#[error(transparent)]
	Key(#[from] KeyError),
	/// The store cannot be used.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The chain does not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The server does not run.
	#[error(transparent)]
	Server(#[from] ServerError),
	/// The owner's key cannot be used.
	#[error(transparent)]
	Owner(#[from] OwnerError),
	/// A listener cannot be opened.
	#[error("{what} cannot be opened: {source}")]
	Listen {
		/// Which setting.
		what: String,
		/// What the system says.
		source: std::io::Error,
	},
	/// What was asked for does not fit.
	#[error("{0}")]
	Input(String),
}

impl Arguments {
	/// Does what was asked for, on one thread.
	pub fn execute(self) -> Result<(), CommandError> {
		let runtime = tokio::runtime::Builder::new_current_thread()
			.enable_all()
			.build()
			.map_err(|source| CommandError::Listen { what: "the runtime".to_owned(), source })?;
		runtime.block_on(async {
			match self.command {
				Command::Key(command) => command.execute(),
				Command::Onboard(command) => command.execute().await,
				Command::Run(command) => command.execute().await,
				Command::Status(command) => command.execute().await,
				Command::Explain(command) => command.execute().await,
				Command::Claim(command) => command.execute().await,
				Command::Report(command) => command.execute().await,
			}
		})
	}
}

/// Where the settings are.
#[derive(Debug, Args)]
struct SettingsArgument {
	/// The settings file.
	#[arg(long, env = "GROMA_DEVICE_SETTINGS", default_value = "/etc/groma-device/settings.toml")]
	settings: PathBuf,
}

/// Which node to ask.
#[derive(Debug, Args)]
struct EndpointArgument {
	/// The node to ask, instead of those in the settings.
	#[arg(long, value_name = "URL")]
	endpoint: Option<String>,
}

impl SettingsArgument {
	fn load(&self) -> Result<Settings, CommandError> {
		Ok(Settings::load(&self.settings)?)
	}
}

impl EndpointArgument {
	/// The chain behind `--endpoint`, or else behind the endpoints of the settings.
	fn chain(&self, settings: &SettingsArgument) -> Result<RpcChain, CommandError> {
		let urls = match &self.endpoint {
			Some(url) => vec![url.clone()],
			None => settings.load()?.chain.endpoints,
		};
		Ok(RpcChain::new(urls, 1, Metrics::default().into()))
	}
}

/// Which devices a command is about.
#[derive(Debug, Args)]
struct DeviceArgument {
	/// The device's number; those of all gateways in the settings without it.
	#[arg(long)]
	device: Option<DeviceId>,
}

impl DeviceArgument {
	/// The devices, after telling which gateways of the settings are none yet.
	async fn devices(
		&self,
		settings: &SettingsArgument,
		chain: &RpcChain,
	) -> Result<Vec<DeviceId>, CommandError> {
		if let Some(device) = self.device {
			return Ok(vec![device]);
		}
		let mut devices = Vec::new();
		for gateway in settings.load()?.gateways()?.iter() {
			let key = gateway.key.public();
			match chain.device_by_key(key, At::Best).await? {
				Some(device) => devices.push(device),
				None => println!(
					"gateway {}: the chain does not know its key {}; run `groma-device onboard`",
					gateway.mac,
					hex::encode(key)
				),
			}
		}
		Ok(devices)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	#[test]
	fn arguments_are_consistent() {
		Arguments::command().debug_assert();
	}
}
