//! The Groma node: a validator, a full node or a collector.

mod chain_spec;
mod cli;
mod collector_watch;
mod command;
mod rpc;
mod service;
mod statement_pool;
mod types;

use std::process::ExitCode;

/// The state trie allocates and frees its nodes in great numbers, for which this allocator is made.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// What `main` returns would be shown as a programmer sees it.
			eprintln!("groma-node: {error}");
			ExitCode::FAILURE
		}
	}
}
