//! What a node says of a validator, and that it stops when another one has the same session keys.

use std::time::Duration;

use groma_tests::{
	node::{Node, NodeOptions, run_to_end},
	patience::eventually,
};
use serde_json::Value;
use subxt::rpcs::client::rpc_params;

const PATIENCE: Duration = Duration::from_secs(120);
const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
const BOB: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
/// The exit code of a node whose session keys another machine has.
const FOREIGN_BLOCK_CODE: i32 = 12;

/// What `groma-node validator status` prints, and whether it succeeded.
fn status(node: &Node, words: &[&str]) -> (bool, String) {
	let url = node.url();
	let asked = ["validator", "status", "--endpoint", url.as_str()];
	run_to_end(&[&asked[..], words].concat()).unwrap()
}

/// A chain of one validator.
async fn dev(options: &[&str]) -> Node {
	let node = NodeOptions::new("dev", "dev").with("--dev").with_all(options.iter().copied());
	let node = node.with_metrics().start().await.unwrap();
	node.wait_for_finalized(1, PATIENCE).await.unwrap();
	node
}

#[tokio::test(flavor = "multi_thread")]
async fn validator_of_the_node_is_shown_with_its_keys_and_so_is_a_stranger() {
	let node = dev(&[]).await;
	let (succeeded, printed) = status(&node, &[]);
	assert!(succeeded && printed.contains(ALICE), "{printed}");
	for line in ["in the set       yes", "candidate        yes", "own stake        10000.000 GRM"] {
		assert!(printed.lines().any(|found| found == line), "{line}: {printed}");
	}
	let of_keys = "in use, in the next session, registered; in the keystore\n";
	assert_eq!(printed.matches(of_keys).count(), 3, "{printed}");

	let (succeeded, printed) = status(&node, &["--json"]);
	assert!(succeeded, "{printed}");
	let json: Value = serde_json::from_str(printed.trim()).unwrap();
	assert_eq!(json["validator"]["account"], ALICE, "{json}");
	assert_eq!(json["sessionsUntilKeysAreUsed"], 0, "{json}");
	let kinds: Vec<_> = json["keys"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
	assert_eq!(kinds, ["gran", "babe", "audi"], "{json}");

	let key = json["keys"][1]["key"].as_str().unwrap();
	let params = rpc_params!["babe", key];
	let known: Value = node.call("groma_sessionKey", params).await.unwrap();
	assert_eq!(known["present"], ALICE, "{known}");
	assert_eq!(known["uses"][0]["last"], Value::Null, "{known}");

	let (succeeded, printed) = status(&node, &["--account", BOB]);
	assert!(succeeded && printed.contains(BOB), "{printed}");
	assert!(printed.contains("in the set       no\n"), "{printed}");
	assert!(printed.contains("It has no session keys"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn node_that_serves_safe_methods_alone_does_not_say_whose_keys_it_has() {
	let node = dev(&["--rpc-methods", "safe"]).await;
	let (succeeded, printed) = status(&node, &[]);
	assert!(!succeeded && printed.contains("name the account by --account"), "{printed}");
	let (succeeded, printed) = status(&node, &["--account", ALICE]);
	assert!(succeeded && printed.contains("the node does not say whether it has it"), "{printed}");
	for method in ["groma_ownValidators", "groma_signingGuard"] {
		node.refusal(method, rpc_params![]).await.unwrap();
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn guard_of_the_node_is_shown_with_the_validator_whose_keys_it_has() {
	let node = dev(&[]).await;
	let file = node.base_path().join("chains/groma_dev/signing-guard").display().to_string();
	let (succeeded, printed) = status(&node, &[]);
	assert!(succeeded && printed.contains(&format!("\nguard            {file}\n")), "{printed}");
	for begin in ["last vote        a ", "last own block   0x"] {
		assert!(printed.lines().any(|line| line.starts_with(begin)), "{begin}: {printed}");
	}
	let (succeeded, printed) = status(&node, &["--json"]);
	assert!(succeeded, "{printed}");
	let guard = &serde_json::from_str::<Value>(printed.trim()).unwrap()["guard"];
	assert_eq!(guard["path"], file, "{guard}");
	assert!(guard["lastVote"]["target"]["number"].is_u64(), "{guard}");
	assert!(guard["lastBlock"]["slot"].is_u64() && guard["hiddenUntil"].is_null(), "{guard}");

	let (succeeded, printed) = status(&node, &["--account", BOB]);
	assert!(succeeded && !printed.contains("signing-guard"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_those_of_the_validator_whose_keys_the_node_has() {
	let node = dev(&[]).await;
	eventually("the validator has points", PATIENCE, || async {
		let points = node.metric("groma_validator_points").await?;
		Ok((points >= 1_000.0).then_some(()))
	})
	.await
	.unwrap();
	for (name, value) in [
		("groma_validator_in_set", 1.0),
		("groma_validator_own_stake_grm", 10_000.0),
		("groma_validator_disabled", 0.0),
		("groma_validator_pending_slash_grm", 0.0),
		("groma_validator_keys_missing", 0.0),
		("groma_validator_foreign_blocks_total", 0.0),
	] {
		assert_eq!(node.metric(name).await.unwrap(), value, "{name}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn node_ends_with_a_code_of_its_own_when_another_one_has_its_keys() {
	let options = |name: &str, key: &str| {
		let node_key = key.repeat(64);
		NodeOptions::new(name, "dev").with_all(["--alice", "--node-key"]).with(node_key)
	};
	let first = options("first", "1").with("--force-authoring").start().await.unwrap();
	first.wait_for_finalized(1, PATIENCE).await.unwrap();
	let bootnode = first.peer_address().await.unwrap();
	let second = options("second", "2").with("--bootnodes").with(bootnode);
	let mut second = second.start().await.unwrap();
	let ended = second.wait_for_end(PATIENCE).await.unwrap();
	let log = second.log().unwrap();
	assert_eq!(ended.code(), Some(FOREIGN_BLOCK_CODE), "{log}");
	assert!(log.contains("another machine has the same keys"), "{log}");
	assert!(log.contains("docs/runbooks/validator-foreign-block.md"), "{log}");
}
