//! What the node says to flags that it cannot follow, and what its commands print.

use std::net::TcpListener;

use groma_tests::node::run_to_end;

/// What the node says when it refuses `arguments`.
fn refusal(arguments: &[&str]) -> String {
	let (succeeded, printed) = run_to_end(arguments).unwrap();
	assert!(!succeeded, "{arguments:?} was not refused: {printed}");
	printed
}

#[test]
fn missing_chain_is_named_with_what_to_say() {
	let printed = refusal(&[]);
	assert!(printed.contains("no chain is given") && printed.contains("--dev"), "{printed}");
}

#[test]
fn unknown_chain_is_named() {
	let printed = refusal(&["--chain", "atlantis"]);
	assert!(printed.contains("`atlantis` is neither `dev`, `local`"), "{printed}");
}

#[test]
fn unknown_flag_is_named() {
	let printed = refusal(&["--dev", "--frobnicate"]);
	assert!(printed.contains("--frobnicate"), "{printed}");
}

#[test]
fn rocksdb_is_refused() {
	let printed = refusal(&["--dev", "--database", "rocksdb"]);
	assert!(printed.to_lowercase().contains("rocksdb"), "{printed}");
}

#[test]
fn validator_without_a_node_key_is_refused_with_how_to_make_one() {
	let directory = tempfile::tempdir().unwrap();
	let base = directory.path().to_str().unwrap();
	let printed = refusal(&["--chain", "local", "--alice", "--base-path", base]);
	assert!(printed.contains("generate-node-key"), "{printed}");
}

#[test]
fn node_without_its_rpc_port_ends_with_what_to_do() {
	let taken = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = taken.local_addr().unwrap();
	let printed = refusal(&["--dev", "--no-mdns", "--rpc-port", &address.port().to_string()]);
	assert!(printed.contains(&format!("cannot listen at {address}")), "{printed}");
	assert!(printed.contains("choose another port with --rpc-port"), "{printed}");
}

#[test]
fn node_does_not_touch_its_database_when_the_disk_is_nearly_full() {
	let directory = tempfile::tempdir().unwrap();
	let base = directory.path().to_str().unwrap();
	let beyond_any_disk = u64::MAX.to_string();
	let arguments = ["--dev", "--base-path", base, "--no-mdns", "--rpc-port", "0"];
	let threshold = ["--db-storage-threshold", &beyond_any_disk];
	let printed = refusal(&[&arguments[..], &threshold].concat());
	assert!(printed.contains("free space, or move the base path"), "{printed}");
	assert!(!directory.path().join("chains/groma_dev").exists());
}

#[test]
fn plain_and_raw_specification_of_each_chain_is_printed() {
	for chain in ["dev", "local", "production"] {
		for raw in [&["--raw"][..], &[]] {
			let arguments = [&["export-chain-spec", "--chain", chain], raw].concat();
			let (succeeded, printed) = run_to_end(&arguments).unwrap();
			assert!(succeeded, "{printed}");
			let json = &printed[printed.find('{').unwrap()..];
			let spec: serde_json::Value = serde_json::from_str(json).unwrap();
			assert_eq!(spec["properties"]["tokenSymbol"], "GRM");
			assert_eq!(spec["genesis"]["raw"].is_object(), !raw.is_empty());
		}
	}
}

#[test]
fn help_names_the_commands() {
	let (succeeded, printed) = run_to_end(&["--help"]).unwrap();
	assert!(succeeded);
	for command in
		["key", "validator", "found", "export-chain-spec", "chain-info", "revert", "purge-chain"]
	{
		assert!(printed.contains(command), "{command}");
	}
	let (succeeded, printed) = run_to_end(&["key", "--help"]).unwrap();
	assert!(succeeded);
	for command in ["generate-node-key", "inspect", "insert", "session", "prune"] {
		assert!(printed.contains(command), "{command}");
	}
}
