//! The payer's client of Groma.

use std::process::ExitCode;

use clap::Parser;
use groma_payer::cmd::Arguments;

fn main() -> ExitCode {
	match Arguments::parse().execute() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("groma-payer: {error}");
			ExitCode::from(error.exit_code())
		}
	}
}
