//! `groma-payer key`.

use clap::{Args, Subcommand};
use groma_client::{console, keys};

use super::error::CommandError;

/// Makes or shows the key that signs vouchers.
///
/// It can promise the credits of the channels that name it, and nothing else: neither the account's
/// GRM nor credits in no channel.
#[derive(Debug, Args)]
pub(super) struct KeyCommand {
	#[command(subcommand)]
	action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
	/// Makes a new key. A key that exists is never overwritten.
	Generate {
		/// Where to keep it, such as `file:/etc/groma-payer/signer.key`.
		uri: String,
	},
	/// Shows the public key, by which channels name it.
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
		Ok(console::print(key.public())?)
	}
}
