//! A development chain of one node: what it offers.

use std::time::Duration;

use codec::{Compact, Decode, Encode};
use groma_tests::node::{Node, NodeOptions};
use serde_json::{Value, json};
use subxt::rpcs::client::{RpcParams, rpc_params};

const PATIENCE: Duration = Duration::from_secs(120);

async fn start() -> Node {
	NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap()
}

/// The identifier of a runtime API, as a version lists it.
fn api_id(name: &str) -> String {
	format!("0x{}", hex::encode(sp_crypto_hashing::blake2_64(name.as_bytes())))
}

#[tokio::test(flavor = "multi_thread")]
async fn development_chain_makes_and_finalizes_blocks() {
	let node = start().await;
	node.wait_for_finalized(3, PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn shipped_runtime_has_no_api_for_benchmarks_and_trials() {
	let node = start().await;
	let version: Value = node.call("state_getRuntimeVersion", RpcParams::new()).await.unwrap();
	let apis: Vec<&str> =
		version["apis"].as_array().unwrap().iter().filter_map(|api| api[0].as_str()).collect();
	assert!(apis.contains(&api_id("Core").as_str()), "{apis:?}");
	for name in ["Benchmark", "TryRuntime"] {
		assert!(!apis.contains(&api_id(name).as_str()), "{name}");
	}
	// The blob that tests upgrade to has a version above that of any release.
	assert!(version["specVersion"].as_u64().unwrap() < 1_000_000, "{version}");
}

/// What the shipped runtime says to a genesis with a network of this kind of proof, of which the
/// other terms are missing.
async fn refusal_of_genesis(node: &Node, proof: &str) -> String {
	let networks = json!([{ "name": "another", "terms": { "proof": proof } }]);
	let genesis = json!({ "networks": { "networks": networks } }).to_string();
	let input = format!("0x{}", hex::encode(genesis.into_bytes().encode()));
	let params = rpc_params!["GenesisBuilder_build_state", input];
	let answer: String = node.call("state_call", params).await.unwrap();
	let answer = hex::decode(answer.trim_start_matches("0x")).unwrap();
	Result::<(), String>::decode(&mut &answer[..]).unwrap().unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn shipped_runtime_does_not_know_the_kind_of_proof_of_tests() {
	let node = start().await;
	for (proof, reason) in [("unproven", "missing field"), ("madeUp", "unknown variant `madeUp`")] {
		let refusal = refusal_of_genesis(&node, proof).await;
		assert!(refusal.contains(reason), "{refusal}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn transaction_is_refused_when_it_claims_bytes_that_are_not_there() {
	let node = start().await;
	// A bare remark. What decodes a transaction reserves the length that it claims.
	let remark = [5, 0, 0, 0];
	let claiming = |length: u32| {
		let bytes = [&Compact(length).encode()[..], &remark].concat();
		format!("0x{}", hex::encode(bytes))
	};
	for length in [5, 1 << 20, 877_000_000, u32::MAX] {
		let params = rpc_params!["ChallengesApi_track", claiming(length)];
		assert!(node.call::<String>("state_call", params).await.is_err(), "{length}");
		let params = rpc_params![claiming(length)];
		assert!(node.call::<Value>("author_submitExtrinsic", params).await.is_err(), "{length}");
	}
	let params = rpc_params!["ChallengesApi_track", claiming(4)];
	node.call::<String>("state_call", params).await.unwrap();
	node.wait_for_finalized(3, PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_for_wallets_and_light_clients_are_there() {
	let node = start().await;
	let methods: Value = node.call("rpc_methods", rpc_params![]).await.unwrap();
	let methods: Vec<&str> =
		methods["methods"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
	for method in [
		"author_submitExtrinsic",
		"babe_epochAuthorship",
		"chainHead_v1_follow",
		"grandpa_roundState",
		"payment_queryInfo",
		"sync_state_genSyncSpec",
		"system_accountNextIndex",
	] {
		assert!(methods.contains(&method), "{method}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn node_makes_session_keys_with_a_proof_that_their_owner_has_them() {
	let node = start().await;
	// The account of //Bob.
	let owner = "0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48";
	let made: Value = node.call("author_rotateKeysWithOwner", rpc_params![owner]).await.unwrap();
	let bytes = |name: &str| made[name].as_str().unwrap().trim_start_matches("0x").len() / 2;
	assert_eq!((bytes("keys"), bytes("proof")), (3 * 32, 3 * 64));
	let has_keys: bool =
		node.call("author_hasSessionKeys", rpc_params![&made["keys"]]).await.unwrap();
	assert!(has_keys);
}
