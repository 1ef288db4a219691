//! A network of four validators with short eras, and what there is to ask about validators.

use std::time::Duration;

use anyhow::{Context, Result};
use codec::Decode;
use serde_json::{Value, json};
use subxt::rpcs::client::rpc_params;
use subxt_signer::sr25519::Keypair;

use crate::{
	accounts::{MadeKeys, address_of},
	network::BlockNumber,
	node::{Node, NodeOptions},
	specification::Specification,
};

/// The validators of genesis in the order in which they start: the name of their keys, the address
/// that their accounts and sr25519 keys share, and their ed25519 keys.
const VALIDATORS: [(&str, &str, &str); 4] = [
	(
		"alice",
		"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
		"5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
	),
	(
		"bob",
		"5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty",
		"5GoNkf6WdbxCFnPdAnYYQyCjAKPJgLNxXwPjwTh6DGg6gN3E",
	),
	(
		"charlie",
		"5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y",
		"5DbKjhNLpqX3zqZdNBc9BGb4fHU1cRBaDhJUskrvkwfraDi6",
	),
	(
		"dave",
		"5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy",
		"5ECTwv6cZ5nJQPk6tWfaTrEk8YH2L7X1VT4EL5Tx2ikfFwb7",
	),
];
/// What each provisions for validating at genesis, in plancks, and what a candidate needs.
pub const STAKE: u128 = 10_000 * GRM;
/// Plancks of a GRM.
pub const GRM: u128 = 1_000_000_000_000;
/// What is needed beyond the times of the chain: to start, to gossip, to finalize, on busy cores.
const SLACK: Duration = Duration::from_secs(120);
/// The kind of a digest by which a runtime learns something of its author.
const PRE_RUNTIME: u8 = 6;

/// How long slots, sessions and eras last. The other times are those of the preset `local`.
#[derive(Clone, Copy, Debug)]
pub struct Times {
	/// Milliseconds of a slot.
	pub slot_ms: u64,
	/// Slots of a session.
	pub session_slots: u64,
	/// Sessions of an era.
	pub era_sessions: u32,
}

impl Times {
	/// How long to wait for what takes a number of sessions.
	pub fn sessions(&self, count: u32) -> Duration {
		Duration::from_millis(self.slot_ms * self.session_slots) * count + SLACK
	}

	/// How long to wait for what takes a number of eras.
	pub fn eras(&self, count: u32) -> Duration {
		self.sessions(count * self.era_sessions)
	}

	/// What genesis says of them.
	fn genesis(&self) -> Value {
		let Self { slot_ms, session_slots, era_sessions } = *self;
		json!({
			"slotMs": slot_ms, "babeEpochSlots": session_slots, "sessionsPerEra": era_sessions,
		})
	}
}

/// Four validators with 10,000 GRM each behind them.
pub struct Validators {
	/// `//Alice`, `//Bob`, `//Charlie`, and `//Dave` unless it is left out.
	pub nodes: Vec<Node>,
	specification: String,
	bootnode: String,
	/// Its file goes when this does.
	_file: Specification,
}

impl Validators {
	/// Starts the first `count` of the four. All four are the set from the beginning.
	///
	/// # Errors
	///
	/// If one of them does not start.
	pub async fn start(times: &Times, count: usize) -> Result<Self> {
		let keys = VALIDATORS.map(|(_, sr25519, ed25519)| session_keys(sr25519, ed25519));
		let changes = json!({ "timing": times.genesis(), "session": { "keys": keys } });
		let file = Specification::founded("local", &changes)?;
		let mut network = Self {
			nodes: Vec::new(),
			specification: file.write()?,
			bootnode: String::new(),
			_file: file,
		};
		for (name, ..) in VALIDATORS.iter().take(count) {
			let keys = format!("--{name}");
			let node = network.join(name, &[keys.as_str()]).await?;
			if network.bootnode.is_empty() {
				network.bootnode = node.peer_address().await?;
			}
			network.nodes.push(node);
		}
		Ok(network)
	}

	/// Starts another node of the network.
	///
	/// # Errors
	///
	/// If it does not start.
	pub async fn join(&self, name: &str, arguments: &[&str]) -> Result<Node> {
		let small = ["--trie-cache-size", "16777216", "--max-runtime-instances", "2"];
		let mut options = NodeOptions::new(name, &self.specification)
			.with_all(small)
			.with_all(["--runtime-cache-size", "1", "--unsafe-force-node-key-generation"])
			.with_all(arguments.iter().copied());
		if !self.bootnode.is_empty() {
			options = options.with("--bootnodes").with(&self.bootnode);
		}
		options.start().await
	}
}

/// A validator's account, its name as a validator, and its session keys.
fn session_keys(sr25519: &str, ed25519: &str) -> Value {
	let keys = json!({ "grandpa": ed25519, "babe": sr25519, "authority_discovery": sr25519 });
	json!([sr25519, sr25519, keys])
}

/// The key with which the validator of this place votes, as JSON-RPC names it.
pub fn voter(place: usize) -> Option<&'static str> {
	VALIDATORS.get(place).map(|(_, _, ed25519)| *ed25519)
}

impl Node {
	/// What there is to know of an account as a validator, as of a block.
	///
	/// # Errors
	///
	/// If the node does not answer or has no such block.
	pub async fn validator_at(&self, number: BlockNumber, account: &Keypair) -> Result<Value> {
		let hash = self.block_hash(number).await?;
		self.call("groma_validator", rpc_params![address_of(account), hash]).await
	}

	/// The same as of the last finalized block.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn validator(&self, account: &Keypair) -> Result<Value> {
		self.validator_at(self.finalized_number().await?, account).await
	}

	/// The accounts of the set of the active era as of the last finalized block, in its order.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn set(&self) -> Result<Vec<String>> {
		let hash: String = self.call("chain_getFinalizedHead", rpc_params![]).await?;
		self.set_at(&hash).await
	}

	/// Whether session keys are in use as of the best block.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn uses(&self, made: &MadeKeys) -> Result<bool> {
		let params = rpc_params!["BabeApi_current_epoch", "0x"];
		let epoch: String = self.call("state_call", params).await?;
		Ok(epoch.contains(made.babe()))
	}

	/// Who made a block of the best chain, and when.
	///
	/// # Errors
	///
	/// If the node does not answer or has no such block.
	pub async fn making_of(&self, number: BlockNumber) -> Result<Making> {
		let hash = self.block_hash(number).await?;
		let header: Value = self.call("chain_getHeader", rpc_params![&hash]).await?;
		let logs = header["digest"]["logs"].as_array().context("a header has digests")?;
		let making = logs.iter().filter_map(Value::as_str).find_map(making_in);
		making.context("the block has an author")
	}

	/// The account that authored a block of the best chain.
	///
	/// # Errors
	///
	/// If the node does not answer or has no such block.
	pub async fn author_of(&self, number: BlockNumber) -> Result<String> {
		let index = usize::try_from(self.making_of(number).await?.author)?;
		let hash = self.block_hash(number).await?;
		self.set_at(&hash).await?.into_iter().nth(index).context("the author is in the set")
	}

	async fn set_at(&self, hash: &str) -> Result<Vec<String>> {
		let active = None::<u32>;
		let (from, limit) = (None::<u32>, None::<u32>);
		let params = rpc_params![active, from, limit, hash];
		let set: Value = self.call("groma_validators", params).await?;
		let members = set["validators"].as_array().context("the set is known")?;
		let account = |member: &Value| member["account"].as_str().map(str::to_owned);
		members.iter().map(account).collect::<Option<_>>().context("members are accounts")
	}
}

/// How a block came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Making {
	/// The place of its author in the set.
	pub author: u32,
	/// Its slot.
	pub slot: u64,
}

/// What a digest in hexadecimal says of how its block came about, if it is BABE's.
fn making_in(digest: &str) -> Option<Making> {
	let bytes = hex::decode(digest.trim_start_matches("0x")).ok()?;
	let (kind, engine, data) = <(u8, [u8; 4], Vec<u8>)>::decode(&mut &bytes[..]).ok()?;
	if (kind, &engine) != (PRE_RUNTIME, b"BABE") {
		return None;
	}
	let (_, author, slot) = <(u8, u32, u64)>::decode(&mut &data[..]).ok()?;
	Some(Making { author, slot })
}
