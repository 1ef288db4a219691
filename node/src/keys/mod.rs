//! `groma-node key`: the commands of the SDK, and those for the session keys of a validator.

mod chain;
mod kinds;
mod place;
mod prune;
mod session;

use sc_cli::{KeySubcommand, SubstrateCli};

/// What `groma-node key` is asked to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum KeyCommand {
	/// Make session keys of a validator, and show the call that registers them.
	#[command(after_long_help = session::HELP)]
	Session(session::SessionCommand),

	/// Remove session keys of which no misbehaviour can be proven, and that no account has set.
	#[command(after_long_help = prune::HELP)]
	Prune(prune::PruneCommand),

	/// What the SDK does with keys.
	#[command(flatten)]
	Other(KeySubcommand),
}

impl KeyCommand {
	/// Does it.
	pub(crate) fn run(self, cli: &impl SubstrateCli) -> sc_cli::Result<()> {
		match self {
			Self::Session(command) => command.run(cli),
			Self::Prune(command) => command.run(cli),
			// A node key depends on a chain only if it goes into a directory.
			Self::Other(KeySubcommand::GenerateNodeKey(mut command)) => {
				command.chain.get_or_insert_with(|| "local".into());
				KeySubcommand::GenerateNodeKey(command).run(cli)
			}
			Self::Other(command) => command.run(cli),
		}
	}
}
