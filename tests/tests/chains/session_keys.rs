//! Session keys of a validator by the commands of the node: made and proven without a chain, set by
//! the printed call, and removed when the chain does not name them.

use std::time::Duration;

use groma_tests::{
	node::{Node, NodeOptions, run_to_end},
	patience::eventually,
};
use sp_crypto_hashing::{twox_64, twox_128};
use subxt::{
	OnlineClient, SubstrateConfig, config::DefaultExtrinsicParamsBuilder, rpcs::client::rpc_params,
};
use subxt_signer::sr25519::{Keypair, dev};

const PATIENCE: Duration = Duration::from_secs(120);
const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// What `groma-node key` prints, and whether it succeeded.
fn key(words: &[&str], keystore: &str) -> (bool, String) {
	let place = ["--chain", "dev", "--keystore-path", keystore];
	run_to_end(&[&["key"][..], words, &place].concat()).unwrap()
}

/// What `groma-node key session` prints for an owner.
fn session(owner: &Keypair, further: &[&str], keystore: &str) -> String {
	let owner = owner.public_key().to_account_id().to_string();
	let words = [&["session", "--owner", &owner][..], further].concat();
	let (succeeded, printed) = key(&words, keystore);
	assert!(succeeded, "{printed}");
	printed
}

/// The last word of the line that begins with these words.
fn last_word<'a>(printed: &'a str, begin: &str) -> &'a str {
	let line = printed.lines().find(|line| line.trim_start().starts_with(begin));
	line.and_then(|line| line.split_whitespace().last()).unwrap_or_else(|| panic!("{printed}"))
}

/// The keys that an account has set.
async fn next_keys(node: &Node, account: &Keypair) -> Option<String> {
	let account = account.public_key().0;
	let map = [twox_128(b"Session"), twox_128(b"NextKeys")].concat();
	let entry = [&map[..], &twox_64(&account), &account].concat();
	let params = rpc_params![format!("0x{}", hex::encode(entry))];
	node.call("state_getStorage", params).await.unwrap()
}

/// Submits a call as wallets take it.
async fn submit(node: &Node, signer: &Keypair, call: &str) {
	let client = OnlineClient::<SubstrateConfig>::from_insecure_url(node.url()).await.unwrap();
	let at = client.at_current_block().await.unwrap();
	let transactions = at.tx();
	let call = hex::decode(call.trim_start_matches("0x")).unwrap();
	let payload = transactions.from_call_data_bytes(call.as_slice()).unwrap();
	let parameters =
		DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new().nonce(0).immortal().build();
	let mut signable = transactions.create_signable_offline(&payload, parameters).unwrap();
	let bytes = format!("0x{}", hex::encode(signable.sign(signer).unwrap().encoded()));
	let _: String = node.call("author_submitExtrinsic", rpc_params![bytes]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_call_sets_the_keys_for_their_owner_alone() {
	let node = NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap();
	node.wait_for_finalized(1, PATIENCE).await.unwrap();
	let keystore = node.base_path().join("chains/groma_dev/keystore").display().to_string();
	let (bob, charlie) = (dev::bob(), dev::charlie());
	let printed = session(&bob, &[], &keystore);
	let (keys, call) = (last_word(&printed, "keys "), last_word(&printed, "Session.set_keys"));
	let held: bool = node.call("author_hasSessionKeys", rpc_params![keys]).await.unwrap();
	assert!(held, "the running node does not see them: {printed}");
	submit(&node, &charlie, call).await;
	submit(&node, &bob, call).await;
	eventually("the keys are set", PATIENCE, || async {
		let waiting: Vec<String> = node.call("author_pendingExtrinsics", rpc_params![]).await?;
		let set = next_keys(&node, &bob).await;
		Ok((waiting.is_empty() && set.as_deref() == Some(keys)).then_some(()))
	})
	.await
	.unwrap();
	assert_eq!(next_keys(&node, &charlie).await, None, "the proof holds for another account");
	let again = session(&bob, &["--existing"], &keystore);
	assert_eq!(last_word(&again, "keys "), keys);

	// Keys that were never set.
	let unset = session(&bob, &[], &keystore);
	let url = node.url();
	let prune = ["prune", "--endpoint", url.as_str()];
	let (succeeded, printed) = key(&prune, &keystore);
	assert!(!succeeded && printed.contains("pass --yes"), "no one answers: {printed}");
	let (succeeded, printed) = key(&[&prune[..], &["--yes"]].concat(), &keystore);
	assert!(succeeded, "{printed}");
	for kind in ["grandpa ", "babe ", "authority discovery "] {
		assert!(printed.contains(last_word(&unset, kind)), "{kind}: {printed}");
	}
	assert_eq!(printed.matches("removed ").count(), 3, "{printed}");
	let left = session(&bob, &["--existing"], &keystore);
	assert_eq!(last_word(&left, "keys "), keys, "the keys that are set stay");
	let (succeeded, printed) = key(&prune, &keystore);
	assert!(succeeded && printed.contains("none is removed"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_removed_without_the_chain_of_the_keystore() {
	let directory = tempfile::tempdir().unwrap();
	let keystore = directory.path().to_str().unwrap();
	let made = session(&dev::bob(), &[], keystore);
	let (succeeded, printed) = key(&["prune", "--yes", "--endpoint", "ws://127.0.0.1:1"], keystore);
	assert!(!succeeded && printed.contains("no key is removed without the chain"), "{printed}");
	let (succeeded, printed) =
		key(&["prune", "--yes", "--endpoint", "ws://10.0.0.7:9944"], keystore);
	assert!(!succeeded && printed.contains("--allow-plaintext"), "{printed}");
	let node = NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap();
	node.wait_for_finalized(1, PATIENCE).await.unwrap();
	let url = node.url();
	let of_local = ["key", "prune", "--yes", "--chain", "local", "--endpoint", url.as_str()];
	let place = ["--keystore-path", keystore];
	let (succeeded, printed) = run_to_end(&[&of_local[..], &place].concat()).unwrap();
	assert!(!succeeded && printed.contains("is of another chain"), "{printed}");
	let left = session(&dev::bob(), &["--existing"], keystore);
	assert_eq!(last_word(&left, "keys "), last_word(&made, "keys "));
}

#[test]
fn keystore_without_rights_is_refused_with_what_to_do() {
	// No user can make a directory there.
	let (succeeded, printed) = key(&["session", "--owner", ALICE], "/proc/self/keystore");
	assert!(!succeeded && printed.contains("as the user that runs the node"), "{printed}");
	let (succeeded, printed) = key(&["prune"], "/proc/self/keystore");
	assert!(!succeeded && printed.contains("--base-path of the node"), "{printed}");
}

#[test]
fn owner_that_is_no_account_is_refused() {
	let directory = tempfile::tempdir().unwrap();
	let keystore = directory.path().to_str().unwrap();
	for owner in ["//Alice", "0x07", &ALICE.replace("5G", "5H")] {
		let (succeeded, printed) = key(&["session", "--owner", owner], keystore);
		assert!(!succeeded && printed.contains("--owner"), "{printed}");
	}
	assert_eq!(directory.path().read_dir().unwrap().count(), 0, "a key was made");
}
