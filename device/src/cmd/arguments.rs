//! Arguments that several commands have.

use std::{fmt, path::PathBuf};

use clap::Args;
use groma_client::{
	chain::{At, Chain, RpcChain},
	console, endpoints,
	metrics::Metrics,
};
use groma_core::{DeviceId, words::SessionKey};
use groma_lora::radio::Mac;
use serde::Serialize;

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

	/// Reach the node of `--endpoint` without encryption, although it is on another machine.
	#[arg(long, requires = "endpoint")]
	pub(super) allow_plaintext: bool,
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
			Some(url) => {
				let urls = vec![url.clone()];
				endpoints::check(&urls, self.allow_plaintext)
					.map_err(|error| CommandError::Input(format!("--endpoint: {error}")))?;
				urls
			}
			None => settings.load()?.chain.endpoints,
		};
		Ok(RpcChain::new(urls, 1, Metrics::default().into()))
	}
}

/// Which devices a command is about.
#[derive(Debug, Args)]
pub(super) struct DeviceArgument {
	/// The id of a device. Without it: the devices of all gateways in the settings.
	#[arg(long)]
	pub(super) device: Option<DeviceId>,
}

/// How a command answers.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct OutputArgument {
	/// Print one JSON document instead of text.
	#[arg(long)]
	pub(super) json: bool,
}

/// The devices that a command is about.
pub(super) struct Devices {
	/// Their ids.
	pub(super) ids: Vec<DeviceId>,
	/// Gateways of the settings that are no devices yet.
	pub(super) unregistered: Vec<Unregistered>,
}

/// A gateway of the settings whose key the chain does not know.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Unregistered {
	/// The identifier by which its packet forwarder names it.
	pub(super) gateway: Mac,
	/// Its session key.
	pub(super) key: SessionKey,
}

impl fmt::Display for Unregistered {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { gateway, key } = self;
		write!(
			f,
			"gateway {gateway}: the chain does not know its key {key}; run `groma-device onboard`"
		)
	}
}

impl DeviceArgument {
	/// Finds the devices.
	pub(super) async fn devices(
		&self,
		settings: &SettingsArgument,
		chain: &RpcChain,
	) -> Result<Devices, CommandError> {
		if let Some(device) = self.device {
			return Ok(Devices { ids: vec![device], unregistered: Vec::new() });
		}
		let mut devices = Devices { ids: Vec::new(), unregistered: Vec::new() };
		for gateway in settings.load()?.gateways()?.iter() {
			let key = gateway.key.public();
			match chain.device_by_key(key, At::Best).await? {
				Some(device) => devices.ids.push(device),
				None => devices.unregistered.push(Unregistered { gateway: gateway.mac, key }),
			}
		}
		Ok(devices)
	}

	/// Finds the one device that a change is about.
	pub(super) async fn one(
		&self,
		settings: &SettingsArgument,
		chain: &RpcChain,
	) -> Result<DeviceId, CommandError> {
		let Devices { ids, unregistered } = self.devices(settings, chain).await?;
		let reason = match (&ids[..], unregistered.first()) {
			([device], _) => return Ok(*device),
			([], Some(gateway)) => gateway.to_string(),
			([], None) => "the settings name no gateway: say which device with --device".to_owned(),
			_ => format!("the settings have devices {ids:?}: say which one with --device"),
		};
		Err(CommandError::Input(reason))
	}
}

impl OutputArgument {
	/// Prints what a command answers.
	pub(super) fn print(
		self,
		document: &(impl Serialize + fmt::Display),
	) -> Result<(), CommandError> {
		match self.json {
			true => console::print(serde_json::to_string_pretty(document)?)?,
			false => console::print(document)?,
		}
		Ok(())
	}
}
