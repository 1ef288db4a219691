//! The Groma node: a validator, a full node or a collector.

mod chain_spec;
mod cli;
mod collector_status;
mod collector_watch;
mod command;
mod endpoint;
mod founding;
mod guard;
mod keys;
mod price_sources;
mod price_watch;
mod report_pool;
mod requirements;
mod rpc;
mod service;
mod state_watch;
mod types;
mod validator;

use std::process::ExitCode;

/// The state trie allocates and frees many small nodes, for which this allocator is made.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// An error that `main` returns would be shown in its debug form.
			eprintln!("groma-node: {error}");
			ExitCode::from(command::exit_code(&error))
		}
	}
}
