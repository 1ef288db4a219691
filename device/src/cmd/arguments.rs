//! Arguments that several commands have.

use std::path::PathBuf;

use clap::Args;
use groma_client::{
	chain::{At, Chain, RpcChain},
	metrics::Metrics,
};
use groma_core::DeviceId;

use super::error::CommandError;
use crate::settings::Settings;

/// Where the settings are.
#[derive(Debug, Args)]
pub(super) struct SettingsArgument {
	/// The settings file.
	#[arg(long, env = "GROMA_DEVICE_SETTINGS", default_value = "/etc/groma-device/settings.toml")]
	pub(super) settings: PathBuf,
}

/// Which node to ask.
#[derive(Debug, Args)]
pub(super) struct EndpointArgument {
	/// The node to ask, instead of those in the settings.
	#[arg(long, value_name = "URL")]
	pub(super) endpoint: Option<String>,
}

impl SettingsArgument {
	pub(super) fn load(&self) -> Result<Settings, CommandError> {
		Ok(Settings::load(&self.settings)?)
	}
}

impl EndpointArgument {
	/// The chain behind `--endpoint`, or else behind the endpoints of the settings.
	pub(super) fn chain(&self, settings: &SettingsArgument) -> Result<RpcChain, CommandError> {
		let urls = match &self.endpoint {
			Some(url) => vec![url.clone()],
			None => settings.load()?.chain.endpoints,
		};
		Ok(RpcChain::new(urls, 1, Metrics::default().into()))
	}
}

/// Which devices a command is about.
#[derive(Debug, Args)]
pub(super) struct DeviceArgument {
	/// The device's number; those of all gateways in the settings without it.
	#[arg(long)]
	pub(super) device: Option<DeviceId>,
}

impl DeviceArgument {
	/// The devices, after telling which gateways of the settings are none yet.
	pub(super) async fn devices(
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
