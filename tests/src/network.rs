//! Two validators and a full node of the local testnet.

use std::{
	cell::Cell,
	collections::BTreeMap,
	future::Future,
	time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use subxt::rpcs::client::{RpcParams, rpc_params};

use crate::{
	node::{Node, NodeOptions},
	patience::eventually,
};

/// The account as which the full node collects.
pub const COLLECTOR: &str = "//Ferdie";
/// The account as which the node of `//Alice` feeds prices.
const FEEDER: &str = "//Alice//stash";

/// How often blocks are looked at while a story happens.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A block's number.
pub type BlockNumber = u64;

/// Two validators and a full node.
pub struct LocalNetwork {
	/// `//Alice`, and the bootnode of the others.
	pub alice: Node,
	/// `//Bob`.
	pub bob: Node,
	/// A node that is no validator, collects as [`COLLECTOR`], and keeps the state of every block.
	pub full: Node,
}

impl LocalNetwork {
	/// Starts the three on a network backend: `litep2p` or `libp2p`.
	///
	/// # Errors
	///
	/// If one of them does not start.
	pub async fn start(backend: &str) -> Result<Self> {
		Self::start_on("local", backend).await
	}

	/// The same on a chain whose validators are those of the local testnet.
	///
	/// # Errors
	///
	/// As for [`Self::start`].
	pub async fn start_on(chain: &str, backend: &str) -> Result<Self> {
		Self::start_feeding(chain, backend, &[]).await
	}

	/// The same, and if there are sources of the price of GRM, `//Alice` feeds what they say.
	///
	/// # Errors
	///
	/// As for [`Self::start`].
	pub async fn start_feeding(chain: &str, backend: &str, sources: &[String]) -> Result<Self> {
		let options = |name: &str, key: char| {
			NodeOptions::new(name, chain)
				.with_all(["--network-backend", backend, "--node-key"])
				.with(key.to_string().repeat(64))
		};
		let mut alice = options("alice", '1').with("--alice");
		if !sources.is_empty() {
			alice = alice.feeding_as(FEEDER);
		}
		for source in sources {
			alice = alice.with("--price-source").with(source);
		}
		let alice = alice.start().await?;
		let bootnode = alice.peer_address().await?;
		let join = |options: NodeOptions| options.with("--bootnodes").with(&bootnode).start();
		let bob = join(options("bob", '2').with("--bob")).await?;
		let archive = options("full", '3').with_all(["--state-pruning", "archive"]);
		let full = join(archive.collecting_as(COLLECTOR).with_metrics()).await?;
		Ok(Self { alice, bob, full })
	}

	/// All three.
	pub fn nodes(&self) -> [&Node; 3] {
		[&self.alice, &self.bob, &self.full]
	}

	/// Kills all three and starts them again with the files that they have now.
	///
	/// # Errors
	///
	/// If one of them does not start.
	pub async fn start_again(&mut self) -> Result<()> {
		let mut nodes = [&mut self.alice, &mut self.bob, &mut self.full];
		for node in &mut nodes {
			node.kill()?;
		}
		for node in &mut nodes {
			node.start_again().await?;
		}
		// The first one listens at another port now.
		let address = self.alice.peer_address().await?;
		for node in [&self.bob, &self.full] {
			let _: Value = node.call("system_addReservedPeer", rpc_params![&address]).await?;
		}
		Ok(())
	}

	/// Waits until every node has finalized block `number`, and checks that it is the same block.
	///
	/// # Errors
	///
	/// If that takes too long, or the blocks differ.
	pub async fn agree_on(&self, number: BlockNumber, patience: Duration) -> Result<()> {
		agree_on(&self.nodes(), number, patience).await
	}
}

/// Waits until each of these nodes has finalized block `number`, and checks that it is the same
/// block.
///
/// # Errors
///
/// If that takes too long, or the blocks differ.
pub async fn agree_on(nodes: &[&Node], number: BlockNumber, patience: Duration) -> Result<()> {
	let mut hashes = Vec::new();
	for node in nodes {
		node.wait_for_finalized(number, patience).await?;
		hashes.push(node.block_hash(number).await?);
	}
	ensure!(hashes.windows(2).all(|pair| pair[0] == pair[1]), "the nodes differ: {hashes:?}");
	Ok(())
}

/// Lets a story happen, and returns the longest that a block waited meanwhile, from when the node
/// knew it until it was finalized, with what came of the story.
pub async fn slowest_finality<T>(node: &Node, story: impl Future<Output = T>) -> (Duration, T) {
	let is_over = Cell::new(false);
	let watch = async {
		let (mut waiting, mut slowest) = (BTreeMap::new(), Duration::ZERO);
		while !is_over.get() {
			if let Ok(best) = node.best_number().await {
				waiting.entry(best).or_insert_with(Instant::now);
			}
			slowest = waiting.values().map(Instant::elapsed).fold(slowest, Duration::max);
			if let Ok(finalized) = node.finalized_number().await {
				waiting.retain(|number, _| *number > finalized);
			}
			tokio::time::sleep(LOOK_EVERY).await;
		}
		slowest
	};
	let ended = async {
		let outcome = story.await;
		is_over.set(true);
		outcome
	};
	tokio::join!(watch, ended)
}

impl Node {
	/// The number of the last finalized block.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn finalized_number(&self) -> Result<BlockNumber> {
		let hash: String = self.call("chain_getFinalizedHead", RpcParams::new()).await?;
		self.number_of(rpc_params![hash]).await
	}

	/// The number of the best block.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn best_number(&self) -> Result<BlockNumber> {
		self.number_of(RpcParams::new()).await
	}

	/// The hash of block `number` of the best chain.
	///
	/// # Errors
	///
	/// If the node does not answer or has no such block.
	pub async fn block_hash(&self, number: BlockNumber) -> Result<String> {
		let hash: Option<String> = self.call("chain_getBlockHash", rpc_params![number]).await?;
		hash.with_context(|| format!("there is no block {number}"))
	}

	/// Waits until block `number` is finalized.
	///
	/// # Errors
	///
	/// If that takes longer than `patience`.
	pub async fn wait_for_finalized(&self, number: BlockNumber, patience: Duration) -> Result<()> {
		eventually(&format!("block {number} is finalized"), patience, || async {
			let finalized = self.finalized_number().await?;
			Ok((finalized >= number).then_some(()))
		})
		.await
	}

	async fn number_of(&self, block: RpcParams) -> Result<BlockNumber> {
		let header: Value = self.call("chain_getHeader", block).await?;
		let number = header["number"].as_str().context("a header has a number")?;
		Ok(u64::from_str_radix(number.trim_start_matches("0x"), 16)?)
	}
}
