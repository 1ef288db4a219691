//! Logs of a program.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Starts logging to the standard error output, in colour on a terminal; `RUST_LOG` overrides the
/// filter.
pub fn start(filter: &str) {
	let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
	tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_ansi(stderr().is_terminal())
		.with_writer(stderr)
		.init();
}
