//! Two validators and a full node: they agree, and go on when one of them dies and comes back.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use groma_tests::network::LocalNetwork;

/// Blocks of the local testnet come every two seconds, and two cores serve everything.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn nodes_finalize_the_same_blocks_on_litep2p() {
	let network = LocalNetwork::start("litep2p").await.unwrap();
	network.agree_on(5, PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_finalize_the_same_blocks_on_libp2p() {
	let network = LocalNetwork::start("libp2p").await.unwrap();
	network.agree_on(5, PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn finality_goes_on_when_a_killed_validator_comes_back() {
	let mut network = LocalNetwork::start("litep2p").await.unwrap();
	network.agree_on(3, PATIENCE).await.unwrap();

	network.bob.kill().unwrap();
	// One of two validators is less than two thirds: blocks go on, finality does not.
	let stuck_at = network.alice.finalized_number().await.unwrap();
	let best = network.alice.best_number().await.unwrap();
	tokio::time::sleep(Duration::from_secs(12)).await;
	assert!(network.alice.best_number().await.unwrap() > best);
	assert!(network.alice.finalized_number().await.unwrap() <= stuck_at + 2);

	network.bob.start_again().await.unwrap();
	let goal = network.alice.best_number().await.unwrap() + 3;
	network.agree_on(goal, PATIENCE).await.unwrap();
}
