//! The commands, one file each.

mod arguments;
mod audit;
mod change;
mod claim;
mod confirm;
mod earnings;
mod error;
mod explain;
mod key;
mod locate;
mod new_key;
mod onboard;
mod pause;
mod place;
mod report;
mod resume;
mod retire;
mod rotate;
mod run;
mod signer;
mod stake;
mod status;
mod transfer;
mod values;

use clap::{Parser, Subcommand};

pub use self::error::CommandError;

/// The device client of Groma: beacons, witnesses and reveals next to a LoRa packet forwarder.
///
/// To begin: make a key (`key generate`), write the settings (`settings.example.toml`), register
/// the device with its owner's account and put stake behind it (`onboard --provision`), and `run`.
/// `explain` says why a device earns nothing.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, after_long_help = EXIT_CODES)]
pub struct Arguments {
	#[command(subcommand)]
	command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  not done: the last line says why, and what to do
  2  an argument is missing or does not fit
  3  done in part: the claims that failed, or the devices that an audit left out, are named
  4  it is not known whether a transaction was included
";

#[derive(Debug, Subcommand)]
enum Command {
	Key(key::KeyCommand),
	Onboard(onboard::OnboardCommand),
	Run(run::RunCommand),
	Status(status::StatusCommand),
	Explain(explain::ExplainCommand),
	Locate(locate::LocateCommand),
	Rotate(rotate::RotateCommand),
	Pause(pause::PauseCommand),
	Resume(resume::ResumeCommand),
	Transfer(transfer::TransferCommand),
	Retire(retire::RetireCommand),
	Provision(stake::ProvisionCommand),
	Thaw(stake::ThawCommand),
	Withdraw(stake::WithdrawCommand),
	Claim(claim::ClaimCommand),
	Earnings(earnings::EarningsCommand),
	Audit(audit::AuditCommand),
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
				Command::Locate(command) => command.execute().await,
				Command::Rotate(command) => command.execute().await,
				Command::Pause(command) => command.execute().await,
				Command::Resume(command) => command.execute().await,
				Command::Transfer(command) => command.execute().await,
				Command::Retire(command) => command.execute().await,
				Command::Provision(command) => command.execute().await,
				Command::Thaw(command) => command.execute().await,
				Command::Withdraw(command) => command.execute().await,
				Command::Claim(command) => command.execute().await,
				Command::Earnings(command) => command.execute().await,
				Command::Audit(command) => command.execute().await,
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
