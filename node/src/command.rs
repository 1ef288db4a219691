//! What each subcommand does.

use std::{future::Future, sync::Arc};

use groma_transaction_pool::evidence_part;
use sc_cli::{ChainSpec, CliConfiguration, SubstrateCli, TransactionPoolParams};
use sc_network::{Litep2pNetworkBackend, NetworkWorker, config::NetworkBackendType};
use sc_service::{Configuration, TaskManager};

use crate::{
	chain_spec,
	cli::{Cli, Subcommand},
	guard, price_sources,
	requirements::{self, Disk},
	service::{self, Components, EvidencePool},
	types::{Block, FullBackend, FullClient},
	validator::{FOREIGN_BLOCK_CODE, ForeignBlock, Halt},
};

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"Groma Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn description() -> String {
		"A node of the Groma chain: a validator, a full node or a collector.".into()
	}

	fn author() -> String {
		"The Groma authors".into()
	}

	fn support_url() -> String {
		"docs/ in the source tree".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		Ok(Box::new(chain_spec::load(id)?))
	}
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> sc_cli::Result<()> {
	let mut cli = Cli::from_args();
	match cli.subcommand.take() {
		None => run_node(cli),
		Some(subcommand) => run_subcommand(&cli, subcommand),
	}
}

/// Runs a node until it is asked to stop.
fn run_node(mut cli: Cli) -> sc_cli::Result<()> {
	let evidence_pool = divide(&mut cli.run.pool_config);
	let evidence_pool = EvidencePool {
		own_calls_max: evidence_pool.pool_limit / 2,
		options: evidence_pool.transaction_pool(cli.run.is_dev()?),
	};
	let mut runner = cli.create_runner(&cli.run)?;
	// Endpoints that are given one by one say themselves whether another port will do.
	if cli.run.rpc_params.experimental_rpc_endpoint.is_empty() {
		requirements::insist_on_ports(&mut runner.config_mut().rpc)?;
	}
	let chain_type = runner.config().chain_spec.chain_type();
	price_sources::check(&cli.price_sources, &chain_type)?;
	let disk = Disk::of(runner.config(), cli.storage_monitor.threshold);
	disk.check()?;
	let halt = Halt::new(cli.unsafe_allow_foreign_blocks);
	let ending = guard::Ending::default();
	let options = service::Options {
		storage_monitor: cli.storage_monitor,
		price_sources: cli.price_sources,
		evidence_pool,
		halt: halt.clone(),
		guard: guard::Options {
			signs_without_guard: cli.signs_without_guard,
			ending: ending.clone(),
		},
	};
	let ended = runner.run_node_until_exit(|config| async move {
		match config.network.network_backend {
			NetworkBackendType::Libp2p => service::run::<NetworkWorker<_, _>>(config, options),
			NetworkBackendType::Litep2p => service::run::<Litep2pNetworkBackend>(config, options),
		}
		.map_err(sc_cli::Error::Service)
	});
	if let Some(foreign) = halt.reason() {
		return Err(sc_cli::Error::Application(foreign.into()));
	}
	// The storage monitor ends the node without saying what to do, and so does a voter that may not
	// vote.
	ended.or_else(|error| -> sc_cli::Result<()> {
		if let Some(refusal) = ending.take() {
			return Err(sc_cli::Error::Application(refusal.into()));
		}
		disk.check().inspect_err(|_| log::error!("{error}"))?;
		Err(error)
	})
}

/// The exit code of a program that ends with an error: by it a supervisor tells errors apart. A
/// node whose session keys another machine has must not be started again before a person has
/// looked. docs/runbooks/README.md lists the codes.
pub(crate) fn exit_code(error: &sc_cli::Error) -> u8 {
	let sc_cli::Error::Application(reason) = error else { return 1 };
	if reason.is::<ForeignBlock>() {
		return FOREIGN_BLOCK_CODE;
	}
	reason.downcast_ref::<guard::Refusal>().map_or(1, guard::Refusal::exit_code)
}

/// Divides the limits of the transaction pool between its two: leaves the part for everything but
/// evidence, and yields the part for evidence. Neither is empty.
fn divide(pool: &mut TransactionPoolParams) -> TransactionPoolParams {
	let mut evidence = pool.clone();
	evidence.pool_limit = evidence_part(pool.pool_limit).max(1);
	evidence.pool_kbytes = evidence_part(pool.pool_kbytes).max(1);
	pool.pool_limit = pool.pool_limit.saturating_sub(evidence.pool_limit).max(1);
	pool.pool_kbytes = pool.pool_kbytes.saturating_sub(evidence.pool_kbytes).max(1);
	evidence
}

/// Runs a subcommand.
fn run_subcommand(cli: &Cli, subcommand: Subcommand) -> sc_cli::Result<()> {
	match subcommand {
		Subcommand::Key(cmd) => cmd.run(cli),
		Subcommand::Collector(cmd) => cmd.run(),
		Subcommand::Validator(cmd) => cmd.run(),
		Subcommand::Found(cmd) => cmd.run(),
		Subcommand::ExportChainSpec(cmd) => cmd.run(cli.load_spec(&cmd.chain)?),
		Subcommand::BuildSpec(cmd) => {
			cli.create_runner(&cmd)?.sync_run(|config| cmd.run(config.chain_spec, config.network))
		}
		Subcommand::ChainInfo(cmd) => {
			cli.create_runner(&cmd)?.sync_run(|config| cmd.run::<Block>(&config))
		}
		Subcommand::PurgeChain(cmd) => {
			cli.create_runner(&cmd)?.sync_run(|config| cmd.run(config.database))
		}
		Subcommand::CheckBlock(cmd) => cli
			.create_runner(&cmd)?
			.async_run(|config| on_chain(&config, |c| cmd.run(c.client, c.import_queue))),
		Subcommand::ImportBlocks(cmd) => cli
			.create_runner(&cmd)?
			.async_run(|config| on_chain(&config, |c| cmd.run(c.client, c.import_queue))),
		Subcommand::ExportBlocks(cmd) => cli.create_runner(&cmd)?.async_run(|config| {
			let database = config.database.clone();
			on_chain(&config, |c| cmd.run(c.client, database))
		}),
		Subcommand::ExportState(cmd) => cli.create_runner(&cmd)?.async_run(|config| {
			let spec = config.chain_spec.cloned_box();
			on_chain(&config, |c| cmd.run(c.client, spec))
		}),
		Subcommand::Revert(cmd) => cli.create_runner(&cmd)?.async_run(|config| {
			on_chain(&config, |c| cmd.run(c.client, c.backend, Some(Box::new(revert_consensus))))
		}),
	}
}

/// Opens the database and passes the chain to `command`.
fn on_chain<F>(
	config: &Configuration,
	command: impl FnOnce(Chain) -> F,
) -> sc_cli::Result<(F, TaskManager)>
where
	F: Future<Output = sc_cli::Result<()>>,
{
	// No one submits anything to it, and it signs nothing.
	let evidence_pool = EvidencePool { options: config.transaction_pool.clone(), own_calls_max: 0 };
	let Components { client, backend, import_queue, task_manager, .. } =
		service::new_components(config, evidence_pool, None)?;
	Ok((command(Chain { client, backend, import_queue }), task_manager))
}

/// What the commands on a chain need.
struct Chain {
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	import_queue: sc_consensus::DefaultImportQueue<Block>,
}

/// Reverts what BABE and GRANDPA store about the blocks that are about to be removed.
fn revert_consensus(
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	blocks: sp_runtime::traits::NumberFor<Block>,
) -> sc_cli::Result<()> {
	sc_consensus_babe::revert(client.clone(), backend, blocks)?;
	sc_consensus_grandpa::revert(client, blocks)?;
	Ok(())
}

#[cfg(test)]
mod tests {
	use clap::Parser;
	use sp_consensus_babe::Slot;

	use super::*;

	#[test]
	fn evidence_has_a_fifth_of_the_pool_and_neither_part_is_empty() {
		let divided = |arguments: &[&str]| {
			let mut pool = Cli::parse_from(arguments).run.pool_config;
			let evidence = divide(&mut pool);
			((evidence.pool_limit, evidence.pool_kbytes), (pool.pool_limit, pool.pool_kbytes))
		};
		assert_eq!(divided(&["groma-node"]), ((4_096, 10_240), (16_384, 40_960)));
		let named = ["groma-node", "--pool-limit=101", "--pool-kbytes=9"];
		assert_eq!(divided(&named), ((21, 2), (80, 7)));
		let least = ["groma-node", "--pool-limit=0", "--pool-kbytes=1"];
		assert_eq!(divided(&least), ((1, 1), (1, 1)));
	}

	#[test]
	fn refusal_of_the_guard_and_block_of_another_machine_have_exit_codes_of_their_own() {
		let refusal = sc_cli::Error::Application(guard::Refusal::NoVote.into());
		assert_eq!(exit_code(&refusal), 10);
		let foreign = sc_cli::Error::Application(ForeignBlock::made_up(Slot::from(8)).into());
		assert_eq!(exit_code(&foreign), 12);
		for other in
			[sc_cli::Error::Input("anything".into()), sc_cli::Error::Application("anything".into())]
		{
			assert_eq!(exit_code(&other), 1, "{other}");
		}
	}
}
