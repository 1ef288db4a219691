//! The command line.

use groma_core::price_layout::Source;
use groma_transaction_pool::{DEFAULT_KILOBYTES, DEFAULT_LIMIT};
use sc_cli::{
	BuildSpecCmd, ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ExportStateCmd,
	ImportBlocksCmd, PurgeChainCmd, RevertCmd, RunCmd,
};
use sc_storage_monitor::StorageMonitorParams;

use crate::{
	collector_status::CollectorCommand,
	founding::{self, FoundCommand},
	keys::KeyCommand,
	validator::ValidatorCommand,
};

/// What `groma-node` is asked to do.
#[derive(Debug, clap::Parser)]
#[command(after_long_help = EXAMPLES)]
#[command(mut_arg("pool_limit", |arg| arg.default_value(DEFAULT_LIMIT.to_string())))]
#[command(mut_arg("pool_kbytes", |arg| arg.default_value(DEFAULT_KILOBYTES.to_string())))]
pub(crate) struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub(crate) subcommand: Option<Subcommand>,

	/// How to run a node.
	#[command(flatten)]
	pub(crate) run: RunCmd,

	/// Stop when less disk space than this is free.
	#[command(flatten)]
	pub(crate) storage_monitor: StorageMonitorParams,

	/// A source of the price of GRM in USD, for the feeder of a validator: its URL, and the path of
	/// the number in the JSON that it answers, such as
	/// `https://api.example/ticker|result.grm.0.last`. Name at least three, of different hosts. Its
	/// key is an sr25519 key of type `pric` in the keystore.
	#[arg(long = "price-source", value_name = "URL|PATH")]
	pub(crate) price_sources: Vec<Source>,

	/// Go on when another machine makes blocks with the same session keys. Without it a validator
	/// ends at once, with exit code 12, since two blocks in a slot cost a part of its stake. It is
	/// for tests of what is lost then.
	#[arg(long)]
	pub(crate) unsafe_allow_foreign_blocks: bool,

	/// Vote although the signing guard cannot exclude that this validator voted before: its file is
	/// missing, or the database is older than the file. If it did, the second vote of a round is an
	/// offence and costs stake. The first validators of a new public chain need it once. All
	/// others wait for the next session instead: see docs/runbooks/guard-refused.md.
	#[arg(long = "unsafe-sign-without-guard")]
	pub(crate) signs_without_guard: bool,
}

/// What `groma-node` does instead of running a node.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
	/// Make, show, insert, prove and remove keys.
	#[command(subcommand)]
	Key(KeyCommand),

	/// Show the collector of a running node.
	#[command(subcommand)]
	Collector(CollectorCommand),

	/// Show the validator of a running node, or any other.
	#[command(subcommand)]
	Validator(ValidatorCommand),

	/// Make the chain specification of a public chain from what its founders wrote down.
	#[command(after_long_help = founding::HELP)]
	Found(FoundCommand),

	/// Print the specification of a chain, plain or raw.
	ExportChainSpec(ExportChainSpecCmd),

	/// The older name of `export-chain-spec`; adds a bootnode on the loopback address.
	BuildSpec(BuildSpecCmd),

	/// Show what the database holds.
	ChainInfo(ChainInfoCmd),

	/// Execute a block again and compare the outcome.
	CheckBlock(CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(ExportBlocksCmd),

	/// Write the state of a block into a chain specification.
	ExportState(ExportStateCmd),

	/// Read blocks from a file.
	ImportBlocks(ImportBlocksCmd),

	/// Remove the latest blocks.
	Revert(RevertCmd),

	/// Delete the database of a chain.
	PurgeChain(PurgeChainCmd),
}

const EXAMPLES: &str = "\
Examples:
  groma-node --dev
      A chain of one validator that keeps nothing when it stops.
  groma-node --chain local --alice --base-path /tmp/alice --node-key-file alice.key
      One of the validators of a local network.
  groma-node --chain chain.json --base-path /var/lib/groma --offchain-worker always
      A full node that collects: insert a funded sr25519 key of type `coll` with `key insert`.
  groma-node key session --chain chain.json --base-path /var/lib/groma --owner ADDRESS
      Session keys for the validator with this account, and the call that registers them.
  groma-node validator status
      Whether the validator of the node on this machine is in the set, its keys, points and stake.
  groma-node collector status
      What the collector of the node on this machine has and earned, and how to register it.
  groma-node --chain chain.json --base-path /var/lib/groma --validator \\
      --price-source 'https://a.example/grm|usd' \\
      --price-source 'https://b.example/t?p=GRM|0.last' \\
      --price-source 'https://c.example/v1/price|data.price'
      A validator that feeds the price: insert the key of its feeder, of type `pric`.
";
