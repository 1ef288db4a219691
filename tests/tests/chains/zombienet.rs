//! Four validators and a full node: finality, a rotation of keys, an election, and a validator that
//! stops. `zombienet/` has the same network and the same steps for a published tool.

use groma_tests::{
	accounts::address_of,
	network::{BlockNumber, agree_on},
	node::Node,
	patience::eventually,
	validators::{STAKE, Times, Validators},
};
use serde_json::json;
use subxt_signer::sr25519::{Keypair, dev};

const SHORT: Times = Times { slot_ms: 1_000, session_slots: 24, era_sessions: 2 };
/// Those of `zombienet/network.toml`.
const LONG: Times = Times { slot_ms: 2_000, session_slots: 24, era_sessions: 2 };

/// The purpose of stake behind a validator, `Purpose::Validating`, as calls encode it.
const VALIDATING: u8 = 1;
/// What every node has to finalize at first.
const FIRST_BLOCKS: BlockNumber = 5;

#[tokio::test(flavor = "multi_thread")]
async fn network_rotates_keys_elects_and_chills() {
	run(SHORT).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes as long as by the tool: zombienet/run calls it"]
async fn network_rotates_keys_elects_and_chills_in_the_times_of_the_tool() {
	run(LONG).await;
}

#[test]
fn network_of_the_tool_has_the_times_of_the_script() {
	let network = include_str!("../../../zombienet/network.toml");
	let Times { slot_ms, session_slots, era_sessions } = LONG;
	for line in [
		format!("slotMs = {slot_ms}"),
		format!("babeEpochSlots = {session_slots}"),
		format!("sessionsPerEra = {era_sessions}"),
	] {
		assert!(network.lines().any(|found| found == line), "there is no line `{line}`");
	}
}

async fn run(times: Times) {
	let mut network = Validators::start(&times, 4).await.unwrap();
	// It is no validator before it is elected: no one knows its keys.
	let full = network.join("eve", &["--validator"]).await.unwrap();
	finalizes(&network, &full, &times).await;
	tokio::join!(rotates(&network.nodes[1], &times), elects(&full, &times));
	let dave = network.nodes.pop().unwrap();
	chills(dave, &network.nodes, &times).await;
}

/// All five finalize the same blocks.
async fn finalizes(network: &Validators, full: &Node, times: &Times) {
	let nodes: Vec<_> = network.nodes.iter().chain([full]).collect();
	agree_on(&nodes, FIRST_BLOCKS, times.sessions(1)).await.unwrap();
	assert_eq!(full.set().await.unwrap().len(), 4);
	println!("finality: five nodes agree on block {FIRST_BLOCKS}");
}

/// `//Bob` changes its keys, and authors by the new ones.
async fn rotates(node: &Node, times: &Times) {
	let bob = dev::bob();
	let made = node.make_session_keys(&bob).unwrap();
	node.submit(&bob, &made.call).await.unwrap();
	eventually("the new keys are in use", times.sessions(3), || async {
		Ok(node.uses(&made).await?.then_some(()))
	})
	.await
	.unwrap();
	let number = authors(node, &bob, times).await;
	println!("rotation: //Bob authored block {number} by new keys");
}

/// `//Eve`, who runs the full node, becomes a candidate, is elected, and authors.
async fn elects(node: &Node, times: &Times) {
	let eve = dev::eve();
	let keys = node.make_session_keys(&eve).unwrap();
	let provision = node.call_of("Stake", "provision", (VALIDATING, STAKE)).await.unwrap();
	let no_one = None::<[u8; 32]>;
	let declare = node.call_of("Validators", "declare", no_one).await.unwrap();
	for call in [keys.call, provision, declare] {
		node.submit(&eve, &call).await.unwrap();
	}
	eventually("//Eve validates", times.eras(3), || async {
		Ok((node.validator(&eve).await?["isActive"] == json!(true)).then_some(()))
	})
	.await
	.unwrap();
	assert_eq!(node.set().await.unwrap().len(), 5);
	let number = authors(node, &eve, times).await;
	println!("election: //Eve is the fifth validator, and authored block {number}");
}

/// `//Dave` stops, is chilled, and leaves the set. The four others finalize.
async fn chills(mut node: Node, others: &[Node], times: &Times) {
	let dave = dev::dave();
	node.kill().unwrap();
	let other = &others[0];
	for (what, field) in [("is chilled", "isCandidate"), ("leaves the set", "isActive")] {
		eventually(&format!("//Dave {what}"), times.eras(3), || async {
			Ok((other.validator(&dave).await?[field] == json!(false)).then_some(()))
		})
		.await
		.unwrap();
		println!("chill: //Dave {what}");
	}
	let known = other.validator(&dave).await.unwrap();
	assert_eq!(known["backing"]["own"], json!(STAKE.to_string()), "being chilled costs no stake");
	let now = other.best_number().await.unwrap();
	let nodes: Vec<_> = others.iter().collect();
	agree_on(&nodes, now + FIRST_BLOCKS, times.sessions(1)).await.unwrap();
	println!("chill: the others finalized block {}", now + FIRST_BLOCKS);
}

/// Waits until an account authors a block after the best one that is finalized, and returns its
/// number.
async fn authors(node: &Node, account: &Keypair, times: &Times) -> BlockNumber {
	let address = address_of(account);
	let first = node.best_number().await.unwrap() + 1;
	eventually(&format!("{address} authors"), times.sessions(3), || async {
		for number in first..=node.finalized_number().await? {
			if node.author_of(number).await? == address {
				return Ok(Some(number));
			}
		}
		Ok(None)
	})
	.await
	.unwrap()
}
