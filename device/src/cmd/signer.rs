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
	/// Opens the key.
	pub(super) fn open(&self) -> Result<Owner, CommandError> {
		Ok(Owner::open(&self.owner)?.acting_for(self.principal))
	}
}
