//! `groma-device key`.

use clap::{Args, Subcommand};
use groma_client::{console, keys};

use super::error::CommandError;

/// Makes or shows a session key.
#[derive(Debug, Args)]
pub(super) struct KeyCommand {
	#[command(subcommand)]
	action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
	/// Makes a new key. A key that exists is never overwritten.
	Generate {
		/// Where to keep it, such as `file:/etc/groma-device/session.key`.
		uri: String,
	},
	/// Shows the public key, by which the chain knows the device.
	Show {
		/// Where it is kept.
		uri: String,
	},
}

impl KeyCommand {
	pub(super) fn execute(self) -> Result<(), CommandError> {
		let key = match self.action {
			Action::Generate { uri } => keys::generate(&uri)?,
			Action::Show { uri } => keys::open(&uri)?,
		};
		Ok(console::print(format_args!("0x{}", hex::encode(key.public())))?)
	}
}
