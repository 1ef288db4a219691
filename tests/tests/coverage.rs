//! Coverage from the radio to the payout, on a network of real nodes of which one dies and comes
//! back.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use groma_tests::{
	client::{Client, document_of},
	network::LocalNetwork,
	node::{Node, run_to_end},
};
use serde_json::Value;
use subxt::rpcs::client::{RpcParams, rpc_params};

/// How many simulated gateways hand their statements to the full node.
const DEVICES: u32 = 12;
/// How many of them sign a second beacon for every challenge.
const DOUBLERS: u32 = 3;
/// For the field until its first claims are paid; two cores serve the nodes and the fields of both
/// networks.
const FIELD_PATIENCE: Duration = Duration::from_secs(900);
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn field_is_paid_and_all_nodes_agree_on_litep2p() {
	run_field("litep2p").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn field_is_paid_and_all_nodes_agree_on_libp2p() {
	run_field("libp2p").await;
}

async fn run_field(backend: &str) {
	let mut network = LocalNetwork::start(backend).await.unwrap();
	network.agree_on(2, PATIENCE).await.unwrap();
	let (devices, doublers) = (DEVICES.to_string(), DOUBLERS.to_string());
	let mut arguments = vec!["--once", "--seed", "1", "--devices", &devices];
	// Customers and the books have separate tests.
	arguments.extend(["--doublers", &doublers, "--customers", "0"]);
	let field = Client::simulate(&network.full.url(), &arguments).unwrap();
	wait_until_heard(&network, FIELD_PATIENCE).await;

	kill_and_revive_bob(&mut network).await;
	let end = field.end(FIELD_PATIENCE).await.unwrap();
	assert_eq!(end.code, Some(0), "{end:?}");
	let summary = end.document().unwrap();
	assert_eq!(summary["outcome"], "paid", "{summary}");
	let claim = &summary["claims"][0];
	assert!(claim["amount"].as_str().unwrap().parse::<u128>().unwrap() > 0, "{summary}");
	assert!((1..=u64::from(DEVICES)).contains(&claim["devices"].as_u64().unwrap()), "{summary}");
	assert!(summary["banned"].as_u64().unwrap() > 0, "{summary}");
	assert!(summary["stakeLost"].as_str().unwrap().parse::<u128>().unwrap() > 0, "{summary}");
	assert!(end.last_line.starts_with("reported and banned for signing two beacons"), "{end:?}");

	// The pool and the collector of the full node show what they did.
	for metric in [
		"groma_report_pool_taken_total",
		"groma_collector_configured",
		"groma_collector_balance_grm",
		"groma_collector_nonce",
		"groma_collector_index",
	] {
		assert!(network.full.metric(metric).await.unwrap() > 0.0, "{metric}");
	}
	expect_credit(&network.full).await;
	expect_right_payouts(&network.full).await;
	agree_on_coverage(&network).await;
}

/// The collector is registered by the genesis, devices name it, and it is paid for that.
async fn expect_credit(node: &Node) {
	let collector: Value = node.call("groma_collector", RpcParams::new()).await.unwrap();
	let owed: u128 = collector["owed"].as_str().unwrap().parse().unwrap();
	let fifths = collector["openFifths"].as_u64().unwrap();
	assert!(collector["index"] == 1 && owed + u128::from(fifths) > 0, "{collector}");
	let (succeeded, status) =
		run_to_end(&["collector", "status", "--endpoint", &node.url()]).unwrap();
	assert!(succeeded && status.contains("index     1\n"), "{status}");
}

/// Everyone can recompute what every closed epoch paid, and work earned something.
async fn expect_right_payouts(node: &Node) {
	let clock: Value = node.call("groma_epoch", RpcParams::new()).await.unwrap();
	let best = node.best_number().await.unwrap();
	node.wait_for_finalized(best, PATIENCE).await.unwrap();
	let early = node.block_hash(5).await.unwrap();
	let early: Value = node.call("groma_epoch", rpc_params![early]).await.unwrap();
	let (first, last) = (early["current"].as_u64().unwrap(), clock["lastClosed"].as_u64().unwrap());
	let mut supply = 0;
	for epoch in first..=last {
		let epoch = epoch.to_string();
		let audit = ["audit", "--epoch", &epoch, "--endpoint", &node.url()];
		let report = document_of(&audit).await.unwrap();
		assert_eq!(report["differences"], Value::Array(Vec::new()), "{report}");
		supply += report["supply"].as_str().unwrap().parse::<u128>().unwrap();
	}
	assert!(supply > 0, "no epoch from {first} to {last} paid");
	let earnings = ["earnings", "--device", "0", "--endpoint", &node.url()];
	let earned = document_of(&earnings).await.unwrap();
	let epochs = earned["devices"][0]["epochs"].as_array().unwrap();
	assert!(epochs.len() == 1 && epochs[0]["epoch"].as_u64().unwrap() >= last, "{earned}");
}

/// Waits until a challenge is settled in which a device was heard.
async fn wait_until_heard(network: &LocalNetwork, patience: Duration) {
	let heard = async {
		loop {
			for (device, _) in network.full.devices(DEVICES, None).await.unwrap() {
				let answer = network.full.rewards(device).await;
				if answer.is_ok_and(|rewards| !rewards["activity"]["lastHeard"].is_null()) {
					return;
				}
			}
			tokio::time::sleep(Duration::from_secs(2)).await;
		}
	};
	tokio::time::timeout(patience, heard).await.expect("no device was heard");
}

/// With one of two validators, less than two thirds, blocks go on and finality does not. It does
/// when the other one comes back.
async fn kill_and_revive_bob(network: &mut LocalNetwork) {
	network.bob.kill().unwrap();
	let stuck_at = network.alice.finalized_number().await.unwrap();
	let best = network.alice.best_number().await.unwrap();
	tokio::time::sleep(Duration::from_secs(12)).await;
	assert!(network.alice.best_number().await.unwrap() > best);
	assert!(network.alice.finalized_number().await.unwrap() <= stuck_at + 2);
	network.bob.start_again().await.unwrap();
	let goal = network.alice.best_number().await.unwrap() + 3;
	network.agree_on(goal, PATIENCE).await.unwrap();
}

/// All nodes, the one that died among them, say the same of every device. The field has read its
/// bans from the best block, so that they are final once a later block is.
async fn agree_on_coverage(network: &LocalNetwork) {
	let number = network.full.best_number().await.unwrap() + 1;
	network.agree_on(number, PATIENCE).await.unwrap();
	let block = network.full.block_hash(number).await.unwrap();
	let devices = network.bob.devices(DEVICES, Some(&block)).await.unwrap();
	assert_eq!(devices.len(), DEVICES as usize);
	let (mut heard, mut banned) = (0, 0);
	for (device, found) in devices {
		let mut answers = Vec::new();
		for node in network.nodes() {
			let rewards: Value =
				node.call("groma_rewards", rpc_params![device, &block]).await.unwrap();
			answers.push(rewards);
		}
		assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
		heard += u32::from(!answers[0]["activity"]["lastHeard"].is_null());
		banned += u32::from(found["status"] == "banned");
	}
	assert!(heard > 0, "no device was heard");
	// Those of them that were challenged by then and heard are caught.
	assert!((1..=DOUBLERS).contains(&banned), "{banned} devices are banned");
}
