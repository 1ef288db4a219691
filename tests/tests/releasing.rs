//! What `scripts/release` says of a blob: its hash, and the call that authorizes it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Command};

use groma_tests::node::{NodeOptions, run_to_end};
use serde_json::Value;
use sp_crypto_hashing::blake2_256;
use subxt::{OnlineClient, SubstrateConfig};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/release");

/// The code of the development chain.
fn code() -> Vec<u8> {
	let (succeeded, printed) =
		run_to_end(&["export-chain-spec", "--chain", "dev", "--raw"]).unwrap();
	assert!(succeeded, "{printed}");
	let json: Value = serde_json::from_str(&printed[printed.find('{').unwrap()..]).unwrap();
	let code = json["genesis"]["raw"]["top"]["0x3a636f6465"].as_str().unwrap();
	hex::decode(code.trim_start_matches("0x")).unwrap()
}

/// What is said of a blob: exit code, output, errors.
fn described(blob: &Path) -> (Option<i32>, String, String) {
	let output = Command::new(SCRIPT).arg("--blob").arg(blob).output().unwrap();
	let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
	(output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The last word of the line that begins with this one.
fn last_word<'a>(printed: &'a str, begin: &str) -> &'a str {
	let line = printed.lines().find(|line| line.split_whitespace().next() == Some(begin));
	line.and_then(|line| line.split_whitespace().last()).unwrap_or_else(|| panic!("{printed}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_call_authorizes_the_hash_of_the_blob() {
	let directory = tempfile::tempdir().unwrap();
	let (path, code) = (directory.path().join("groma.wasm"), code());
	fs::write(&path, &code).unwrap();
	let (exit, printed, errors) = described(&path);
	assert_eq!(exit, Some(0), "{errors}");
	let hash = hex::encode(blake2_256(&code));
	assert_eq!(last_word(&printed, "hash"), format!("0x{hash}"));
	assert!(printed.contains(&format!("{} bytes", code.len())), "{printed}");

	let node = NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap();
	let client = OnlineClient::<SubstrateConfig>::from_insecure_url(node.url()).await.unwrap();
	let at = client.at_current_block().await.unwrap();
	let metadata = at.metadata();
	let pallet = metadata.pallet_by_name("Upgrades").unwrap();
	let call = pallet.call_variant_by_name("authorize").unwrap();
	let fields: Vec<_> = call.fields.iter().filter_map(|field| field.name.as_deref()).collect();
	assert_eq!(fields, ["code_hash"]);
	let numbers = hex::encode([pallet.call_index(), call.index]);
	assert_eq!(last_word(&printed, "call"), format!("0x{numbers}{hash}"));
}

#[test]
fn blob_that_is_missing_or_empty_is_refused() {
	let directory = tempfile::tempdir().unwrap();
	let empty = directory.path().join("empty.wasm");
	fs::write(&empty, "").unwrap();
	for path in [&directory.path().join("missing.wasm"), &empty] {
		let (exit, _, errors) = described(path);
		assert_eq!(exit, Some(1), "{errors}");
		assert!(errors.contains("there is no blob"), "{errors}");
	}
}
