//! The arguments of `groma-simulate`.

use std::path::PathBuf;

use clap::Parser;
use groma_client::{logging, shutdown};
use groma_core::{NetworkId, protocol::FIRST_NETWORK};

use crate::{
	behaviour::Behaviour, error::SimulationError, field::FieldSpec, live::Simulation,
	output::Output, positions,
};

/// Runs a field of simulated gateways against a node, for development chains.
///
/// Each gateway stands at a real position and has a separate packet forwarder; a model of
/// propagation, calibrated on measured links, joins them. Accounts `//Field//0` and on own them,
/// funded by --funder. Anyone who knows the seed knows their keys: never use it on a chain that
/// matters.
///
/// The environment variable RUST_LOG sets what is logged on standard error, for example
/// `simulator=debug,device=info,client=info,lora=info`; errors alone without it.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Arguments {
	/// The node's JSON-RPC.
	#[arg(long, value_name = "URL", default_value = "ws://127.0.0.1:9944")]
	endpoint: String,
	/// Honest devices.
	#[arg(long, default_value_t = 24)]
	devices: usize,
	/// Cheating devices in addition, of all kinds in turn.
	#[arg(long, default_value_t = 0)]
	cheaters: usize,
	/// Kinds of cheats to add, by name, one device (or one group) each.
	#[arg(long, value_name = "NAME", value_delimiter = ',')]
	cheats: Vec<Behaviour>,
	/// Number of honest devices that sign a second beacon for every challenge, for the others to
	/// report.
	#[arg(long, value_name = "N", default_value_t = 0)]
	doublers: usize,
	/// Customers that mint credits and pay honest devices for a made-up number of packets by
	/// vouchers. If there are any, one more promises more than its channel holds.
	#[arg(long, value_name = "N", default_value_t = 2)]
	customers: usize,
	/// The network that the devices serve; 0 is lorawan.
	#[arg(long, default_value_t = FIRST_NETWORK)]
	network: NetworkId,
	/// What the field is drawn from.
	#[arg(long, default_value_t = 1)]
	seed: u64,
	/// A table of towns (`country,lat,lon`) to lay the field out in, instead of the real gateways
	/// that are part of the program.
	#[arg(long, value_name = "FILE")]
	towns: Option<PathBuf>,
	/// The account that funds the owners and triggers claims.
	#[arg(long, value_name = "URI", default_value = "//Alice")]
	funder: String,
	/// End after the first paid claims for proven work, once the customers' vouchers are paid.
	#[arg(long)]
	once: bool,
	/// Print the summary as one JSON document on standard output, and progress on standard error.
	#[arg(long)]
	json: bool,
}

/// Why a simulation does not begin, or fails.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
	/// It fails.
	#[error(transparent)]
	Simulation(#[from] SimulationError),
	/// The process cannot wait for sockets.
	#[error(
		"the process cannot wait for sockets: {0}; see how many files it may open (`ulimit -n`)"
	)]
	Runtime(std::io::Error),
	/// What was asked for does not fit.
	#[error("{0}")]
	Input(String),
}

impl Arguments {
	/// Does what was asked for, on one thread.
	pub fn execute(self) -> Result<(), CommandError> {
		tokio::runtime::Builder::new_current_thread()
			.enable_all()
			.build()
			.map_err(CommandError::Runtime)?
			.block_on(self.simulate())
	}

	async fn simulate(self) -> Result<(), CommandError> {
		logging::start("error");
		let simulation = Simulation {
			spec: self.spec()?,
			doublers: self.doublers,
			customers: self.customers,
			network: self.network,
			url: self.endpoint,
			funder: self.funder,
			is_once: self.once,
			output: if self.json { Output::Json } else { Output::Text },
		};
		let (trigger, shutdown) = shutdown::channel();
		tokio::spawn(async move {
			shutdown::signal_received().await;
			trigger.fire();
		});
		Ok(simulation.run(shutdown).await?)
	}

	fn spec(&self) -> Result<FieldSpec, CommandError> {
		let towns = match &self.towns {
			Some(path) => {
				let text = std::fs::read_to_string(path).map_err(|source| {
					CommandError::Input(format!("{}: {source}", path.display()))
				})?;
				positions::towns(&text)
			}
			None => Vec::new(),
		};
		if self.towns.is_some() && towns.is_empty() {
			return Err(CommandError::Input(
				"the table of towns names none in Europe or North America".into(),
			));
		}
		let chosen = self.cheats.iter().flat_map(|cheat| vec![*cheat; cheat.group_size()]);
		let cheats = Behaviour::cheats(self.cheaters).into_iter().chain(chosen).collect();
		let (devices, seed) = (self.devices, self.seed);
		Ok(FieldSpec { devices, cheats, seed, towns, ..FieldSpec::default() })
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
