//! Coverage from the radio to the payout, on a network of real nodes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{process::Stdio, time::Duration};

use groma_tests::{binary, network::LocalNetwork};
use serde_json::Value;
use subxt::rpcs::client::rpc_params;
use tokio::{process::Command, time::timeout};

/// How many simulated gateways hand their statements to the full node.
const DEVICES: u32 = 12;
/// How many of them sign a second beacon for every challenge.
const DOUBLERS: u32 = 3;
/// For the field until its first claims are paid; two cores serve three nodes and the field.
const FIELD_PATIENCE: Duration = Duration::from_secs(900);
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn field_is_paid_and_all_nodes_agree_on_its_coverage() {
	let network = LocalNetwork::start("litep2p").await.unwrap();
	network.agree_on(2, PATIENCE).await.unwrap();

	let field = Command::new(binary::device().unwrap())
		.args(["simulate", "--once", "--seed", "1", "--rpc", &network.full.url()])
		.args(["--devices", &DEVICES.to_string(), "--doublers", &DOUBLERS.to_string()])
		.stdin(Stdio::null())
		.kill_on_drop(true)
		.output();
	let output = timeout(FIELD_PATIENCE, field).await.expect("the field comes to an end").unwrap();
	let printed = String::from_utf8_lossy(&output.stdout);
	assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
	assert!(printed.contains("claimed"), "{printed}");
	assert!(printed.contains("banned for signing two beacons"), "{printed}");

	let number = network.full.finalized_number().await.unwrap();
	network.agree_on(number, PATIENCE).await.unwrap();
	let block = network.full.block_hash(number).await.unwrap();
	let (mut heard, mut banned) = (0, 0);
	for device in 0..DEVICES {
		let mut answers = Vec::new();
		for node in network.nodes() {
			let rewards: Value =
				node.call("groma_rewards", rpc_params![device, &block]).await.unwrap();
			answers.push(rewards);
		}
		assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
		heard += u32::from(!answers[0]["activity"]["lastHeard"].is_null());
		let found: Value =
			network.bob.call("groma_device", rpc_params![device, &block]).await.unwrap();
		banned += u32::from(found["status"] == "banned");
	}
	assert!(heard > 0, "no device was heard");
	// Whoever of them was challenged by then and heard is caught.
	assert!((1..=DOUBLERS).contains(&banned), "{banned} devices are banned");
}
