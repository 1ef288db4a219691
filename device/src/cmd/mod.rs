//! The commands, one file each.

mod arguments;
mod claim;
mod error;
mod explain;
mod key;
mod onboard;
mod report;
mod run;
mod status;

use clap::{Parser, Subcommand};

pub use self::error::CommandError;

/// The device client of Groma: beacons, witnesses and reveals next to a LoRa packet forwarder.
///
/// To begin: make a key (`key generate`), write the settings (`settings.example.toml`), register
/// the device with its owner's account (`onboard`), and `run`. `explain` says why a device earns
/// nothing.
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

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	#[test]
	fn arguments_are_consistent() {
		Arguments::command().debug_assert();
	}
}
