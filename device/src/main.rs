//! The device client of Groma.

use std::process::ExitCode;

use clap::Parser;
use groma_device::cmd::Arguments;

fn main() -> ExitCode {
	match Arguments::parse().execute() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("groma-device: {error}");
			ExitCode::from(error.exit_code())
		}
	}
}
