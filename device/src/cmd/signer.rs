//! Who signs, and for whom.

use clap::Args;
use groma_client::{chain::AccountId, owner::Owner};

use super::{error::CommandError, values};

/// Who signs, and for whom.
#[derive(Debug, Args)]
pub(super) struct SignerArguments {
	/// The key that signs and pays: `file:PATH` of a recovery phrase or a secret seed,
	/// `mounted:PATH` if a container or systemd mounts that file, or `//Alice` on development
	/// chains.
	#[arg(long, value_name = "URI")]
	owner: String,
	/// The account that owns the device, if the key is that of a proxy (pallet `Proxy`) and not its
	/// own. To onboard, locate, rotate or transfer, the proxy has to be of the type Any; to
	/// provision, thaw or withdraw, Staking will do; for the rest, Devices.
	#[arg(long = "as", value_name = "ADDRESS", value_parser = values::address)]
	principal: Option<AccountId>,
}

impl SignerArguments {
	/// Refuses the file of a session key in the place of the owner's: both are 64 digits, and what
	/// may stay on a gateway would hold the money.
	pub(super) fn expect_other_than(&self, session_key: &str) -> Result<(), CommandError> {
		match self.owner == session_key {
			true => Err(CommandError::Input(
				"--key and --owner name one file: nothing was signed; name the file of the owner's phrase or \
				 seed with --owner, and keep it off the gateway"
					.to_owned(),
			)),
			false => Ok(()),
		}
	}

	/// Opens the key.
	pub(super) fn open(&self) -> Result<Owner, CommandError> {
		Ok(Owner::open(&self.owner)?.acting_for(self.principal))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn session_key_is_no_owner() {
		let signer = SignerArguments { owner: "file:/etc/key".to_owned(), principal: None };
		assert!(signer.expect_other_than("file:/etc/other").is_ok());
		let error = signer.expect_other_than("file:/etc/key").expect_err("the same");
		assert!(error.to_string().contains("nothing was signed"), "{error}");
		assert_eq!(error.exit_code(), 1);
	}
}
