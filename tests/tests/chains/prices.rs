//! The price of GRM by two validators that ask real sources over HTTP, some of them hostile.

use std::time::Duration;

use anyhow::{Context, Result};
use codec::Decode;
use groma_tests::{
	node::{Node, NodeOptions},
	patience::eventually,
	prices::PriceServer,
};
use serde_json::Value;
use subxt::rpcs::client::{RpcParams, rpc_params};

/// A feeder asks its sources every ten blocks of two seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// Where the state keeps the time of a block: `Timestamp.Now`.
const NOW: &str = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";
/// The time constant of the mean in ms.
const TIME_CONSTANT_MS: f64 = 1_200_000.0;

/// The two validators, each with three sources: of Alice's one lies, of Bob's one hangs.
async fn validators(server: &PriceServer) -> [Node; 2] {
	let options = |name: &str, key: char, sources: [&str; 3]| {
		let options = NodeOptions::new(name, "local")
			.feeding_as(if name == "alice" { "//Alice//stash" } else { "//Bob//stash" })
			.with_all(["--node-key"])
			.with(key.to_string().repeat(64))
			.with_metrics();
		sources.into_iter().fold(options, |options, source| {
			options.with("--price-source").with(server.source(source))
		})
	};
	let alice = options("alice", '1', ["a", "b", "c"]).with("--alice").start().await.unwrap();
	let bootnode = alice.peer_address().await.unwrap();
	let bob = options("bob", '2', ["d", "e", "f"]).with("--bob").with("--bootnodes").with(bootnode);
	[alice, bob.start().await.unwrap()]
}

async fn price(node: &Node) -> Result<Value> {
	node.call("groma_price", RpcParams::new()).await
}

/// Waits until both feeders are fresh and their spot price is this one, in nano-USD per GRM.
async fn wait_for_spot(node: &Node, nano_usd: u64) -> Value {
	eventually(&format!("the spot price is {nano_usd}"), PATIENCE, || async {
		let price = price(node).await?;
		let is_there = price["spot"] == nano_usd && price["freshFeeders"] == 2;
		Ok(is_there.then_some(price))
	})
	.await
	.unwrap()
}

/// The time of a block in ms, and the mean that it knows.
async fn mean_at(node: &Node, block: &str) -> (f64, f64) {
	let time: String = node.call("state_getStorage", rpc_params![NOW, block]).await.unwrap();
	let bytes = hex::decode(time.trim_start_matches("0x")).unwrap();
	let time = u64::decode(&mut &bytes[..]).unwrap() as f64;
	let price: Value = node.call("groma_price", rpc_params![block]).await.unwrap();
	(time, price["mean"].as_f64().unwrap())
}

async fn best_block(node: &Node) -> String {
	node.block_hash(node.best_number().await.unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn price_follows_a_jump_while_one_source_lies_and_one_hangs() {
	let server = PriceServer::start("a,b,c,d,e,f", "0.2").await.unwrap();
	server.put("b?behaviour=lies").await.unwrap();
	server.put("f?behaviour=hangs").await.unwrap();
	let [alice, bob] = validators(&server).await;

	// Before anyone feeds, the bootstrap price stands for every price.
	let first = price(&alice).await.unwrap();
	assert!(first["mint"] == 100_000_000 || first["spot"] == 200_000_000, "{first}");

	let steady = wait_for_spot(&bob, 200_000_000).await;
	assert_eq!(steady["mint"], 200_000_000, "{steady}");
	assert_eq!((&steady["bootstrap"], &steady["quorum"]), (&Value::Null, &1.into()), "{steady}");

	// A jump of ten times: spot follows as soon as both feeders say so, the mean by the time that
	// the price held.
	server.put("?price=2").await.unwrap();
	let jumped = wait_for_spot(&alice, 2_000_000_000).await;
	let mean = jumped["mean"].as_u64().unwrap();
	assert!((200_000_000..600_000_000).contains(&mean), "{jumped}");
	assert_eq!(jumped["mint"], mean, "{jumped}");

	let (begin_ms, before) = mean_at(&alice, &best_block(&alice).await).await;
	tokio::time::sleep(Duration::from_secs(30)).await;
	let (end_ms, after) = mean_at(&alice, &best_block(&alice).await).await;
	let left = (-(end_ms - begin_ms) / TIME_CONSTANT_MS).exp();
	let expected = 2e9 + (before - 2e9) * left;
	assert!((after - expected).abs() <= 2.0 + expected * 1e-6, "{after} is not {expected}");

	// What each source did shows where its node shows metrics.
	let failures = bob.metric("groma_price_source_failures_total").await.unwrap();
	assert!(failures >= 1.0, "{failures} failures of the source that hangs");
	let failures = alice.metric("groma_price_source_failures_total").await.unwrap();
	assert!(failures == 0.0, "{failures}: a source that lies does not fail");
	for node in [&alice, &bob] {
		let present = node.metric("groma_price_present").await.unwrap();
		assert!(present == 1.0, "{present}: there is a price");
		let feeds = node.metric("groma_price_own_feeds_total").await.unwrap();
		assert!(feeds >= 2.0, "{feeds} feeds");
	}
}

/// A feeder with a single source, or a source that is none, does not start.
#[tokio::test(flavor = "multi_thread")]
async fn node_refuses_sources_that_make_no_price() {
	let refused = [
		(vec!["http://127.0.0.1:1/a|x"], "are too few"),
		(vec!["http://127.0.0.1:1/a"], "has no `|`"),
		(vec!["ftp://127.0.0.1/a|x", "http://127.0.0.1/a|x"], "http:// or https://"),
	];
	for (sources, words) in refused {
		// A separate port: the usual one may be taken, and is looked at before the sources.
		let mut arguments = vec!["--dev", "--tmp", "--rpc-port", "0"];
		sources.iter().for_each(|source| arguments.extend(["--price-source", source]));
		let (is_success, text) = groma_tests::node::run_to_end(&arguments).unwrap();
		assert!(!is_success && text.contains(words), "{text}");
	}
}

/// What the price server does is what it was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn price_server_refuses_a_change_that_makes_no_sense() {
	let server = PriceServer::start("a", "1").await.unwrap();
	assert!(server.put("a?price=-1").await.is_err());
	server.put("a?price=3").await.context("it is taken").unwrap();
}
