//! One account that floods the transaction pool with bundles takes neither the room of transfers
//! nor that of other accounts' bundles.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use codec::{Compact, Encode};
use groma_tests::{
	node::{Node, NodeOptions},
	patience::eventually,
	state::hexadecimal,
};
use serde_json::Value;
use subxt::{
	OnlineClient, SubstrateConfig, config::DefaultExtrinsicParamsBuilder, rpcs::client::rpc_params,
};
use subxt_signer::sr25519::{Keypair, dev};

const PATIENCE: Duration = Duration::from_secs(120);
type Client = OnlineClient<SubstrateConfig>;

/// Transactions of both pools together.
const POOL_LIMIT: usize = 160;
/// Bundles that one account submits.
const BUNDLES: u64 = 200;
/// Copies of one statement, or of one reveal, in a bundle of one account.
const COPIES: usize = 48;
/// The most statements of a group.
const RECORDS_MAX: usize = 32;
/// No device has this id.
const NO_DEVICE: u32 = u32::MAX;

/// A bundle of statements that holds an empty group: malformed, but not stale, so that it waits,
/// and pays.
fn bundle() -> Vec<u8> {
	let groups: Vec<(u32, u32, Vec<u8>)> = vec![(0, 0, Vec::new())];
	[vec![66, 0], groups.encode()].concat()
}

/// A bundle of so many copies of one statement, of whose beaconer and witness neither is a device.
fn statements(window: u32, copies: usize) -> Vec<u8> {
	let statement = (NO_DEVICE, 0u32, -1_000i16, 50i16, [0u8; 8], [7u8; 64]);
	let all = vec![statement; copies];
	let groups: Vec<_> =
		all.chunks(RECORDS_MAX).map(|part| (window, NO_DEVICE, part.to_vec())).collect();
	[vec![66, 0], groups.encode()].concat()
}

/// A bundle of so many copies of one reveal.
fn reveals(window: u32, copies: usize) -> Vec<u8> {
	[vec![66, 1], vec![(window, NO_DEVICE, [7u8; 64]); copies].encode()].concat()
}

/// A transfer of 0.1 GRM.
fn transfer(to: &Keypair) -> Vec<u8> {
	let receiver = to.public_key().0;
	[&[10, 3, 0][..], &receiver, &Compact(100_000_000_000u128).encode()].concat()
}

/// A transaction whose nonce is so far ahead of the account's.
async fn signed(client: &Client, key: &Keypair, call: &[u8], ahead: u64) -> String {
	let at = client.at_current_block().await.unwrap();
	let transactions = at.tx();
	let nonce = transactions.account_nonce(&key.public_key().to_account_id()).await.unwrap();
	let payload = transactions.from_call_data_bytes(call).unwrap();
	let parameters = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
		.nonce(nonce + ahead)
		.immortal()
		.build();
	let mut signable = transactions.create_signable_offline(&payload, parameters).unwrap();
	let transaction = signable.sign(key).unwrap();
	hexadecimal(transaction.encoded())
}

/// Submits a call whose nonce is so far ahead of the account's, and says whether it was taken.
async fn submit(node: &Node, client: &Client, key: &Keypair, call: &[u8], ahead: u64) -> bool {
	let transaction = signed(client, key, call, ahead).await;
	node.call::<Value>("author_submitExtrinsic", rpc_params![transaction]).await.is_ok()
}

/// The index of the present window.
async fn window(node: &Node) -> u32 {
	let window: Value = node.call("groma_window", rpc_params![]).await.unwrap();
	window["index"].as_u64().unwrap().try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn flood_of_one_account_leaves_room_for_transfers_and_for_bundles_of_others() {
	let limit = format!("--pool-limit={POOL_LIMIT}");
	let node = NodeOptions::new("dev", "dev").with("--dev").with(limit).start().await.unwrap();
	node.wait_for_finalized(1, PATIENCE).await.unwrap();
	let client = Client::from_insecure_url(node.url()).await.unwrap();
	expect_no_bundle_of_copied_reveals(&node, &client).await;
	let bodies = [bundle(), statements(window(&node).await, COPIES)];
	let mut taken = 0;
	for (ahead, body) in (0..BUNDLES).zip(bodies.iter().cycle()) {
		taken += u32::from(submit(&node, &client, &dev::bob(), body, ahead).await);
	}
	// Four, and as many more as blocks took meanwhile.
	assert!((1..20).contains(&taken), "{taken} bundles of one account were taken");
	assert!(submit(&node, &client, &dev::charlie(), &transfer(&dev::dave()), 0).await);
	assert!(submit(&node, &client, &dev::dave(), &bundle(), 0).await);
	eventually("everything that waits is on chain", PATIENCE, || async {
		let waiting: Vec<String> = node.call("author_pendingExtrinsics", rpc_params![]).await?;
		Ok(waiting.is_empty().then_some(()))
	})
	.await
	.unwrap();
	for key in [dev::charlie(), dev::dave()] {
		let account = key.public_key().to_account_id().to_string();
		let next: u64 = node.call("system_accountNextIndex", rpc_params![account]).await.unwrap();
		assert_eq!(next, 1);
	}
}

/// A bundle declares the most that its reveals could settle, and so many declare more than a bundle
/// may: no pool takes it.
async fn expect_no_bundle_of_copied_reveals(node: &Node, client: &Client) {
	let call = reveals(window(node).await, COPIES);
	let transaction = signed(client, &dev::bob(), &call, 0).await;
	let refusal = node.refusal("author_submitExtrinsic", rpc_params![transaction]).await.unwrap();
	assert_eq!(refusal, (1010, "Transaction would exhaust the block limits".into()));
}
