//! The Groma node: a validator, a full node or a collector.

mod chain_spec;
mod cli;
mod collector;
mod command;
mod rpc;
mod service;
mod statement_pool;
mod types;

fn main() -> sc_cli::Result<()> {
	command::run()
}
