//! A field of simulated gateways against a node.

use std::process::ExitCode;

use clap::Parser;
use groma_simulator::cmd::Arguments;

fn main() -> ExitCode {
	match Arguments::parse().execute() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("groma-simulate: {error}");
			ExitCode::FAILURE
		}
	}
}
