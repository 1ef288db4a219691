//! The commands, one file each.

mod adopt;
mod arguments;
mod check;
mod claim;
mod close;
mod confirm;
mod error;
mod finish;
mod join_eui;
mod key;
mod mint;
mod open;
mod operator;
mod route;
mod sign;
mod status;
mod values;

use clap::{Parser, Subcommand};

pub use self::error::CommandError;

/// The payer's client of Groma: buys credits, sets them aside in channels, and signs vouchers for
/// the devices that deliver.
///
/// To begin: `mint` credits out of GRM, make a signer's key (`key generate`), `open` a channel, and
/// `sign` a voucher for each delivery. Anyone may `claim` vouchers. `status` shows what is left.
/// `route set` says where gateways bring the packets that the payer buys.
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
  3  done in part: what is missing is named
  4  it is not known whether a transaction was included
";

#[derive(Debug, Subcommand)]
enum Command {
	Mint(mint::MintCommand),
	Operator(operator::OperatorCommand),
	Key(key::KeyCommand),
	Open(open::OpenCommand),
	Adopt(adopt::AdoptCommand),
	Sign(sign::SignCommand),
	Check(check::CheckCommand),
	Claim(claim::ClaimCommand),
	Close(close::CloseCommand),
	Finish(finish::FinishCommand),
	Status(status::StatusCommand),
	Route(route::RouteCommand),
	JoinEui(join_eui::JoinEuiCommand),
}

impl Arguments {
	/// Does what was asked for, on one thread.
	pub fn execute(self) -> Result<(), CommandError> {
		let runtime = tokio::runtime::Builder::new_current_thread()
			.enable_all()
			.build()
			.map_err(CommandError::Runtime)?;
		runtime.block_on(async {
			match self.command {
				Command::Mint(command) => command.execute().await,
				Command::Operator(command) => command.execute().await,
				Command::Key(command) => command.execute(),
				Command::Open(command) => command.execute().await,
				Command::Adopt(command) => command.execute().await,
				Command::Sign(command) => command.execute().await,
				Command::Check(command) => command.execute().await,
				Command::Claim(command) => command.execute().await,
				Command::Close(command) => command.execute().await,
				Command::Finish(command) => command.execute().await,
				Command::Status(command) => command.execute().await,
				Command::Route(command) => command.execute().await,
				Command::JoinEui(command) => command.execute().await,
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
