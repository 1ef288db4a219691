//! A database of another genesis, which is what an older version leaves, is refused with what to
//! do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use groma_tests::node::run_to_end;
use serde_json::{Value, json};

/// The specification of the development chain with one more entry in the state of its genesis.
fn another_specification() -> Value {
	let (succeeded, printed) =
		run_to_end(&["export-chain-spec", "--chain", "dev", "--raw"]).unwrap();
	assert!(succeeded, "{printed}");
	let mut spec: Value = serde_json::from_str(&printed[printed.find('{').unwrap()..]).unwrap();
	let top = spec["genesis"]["raw"]["top"].as_object_mut().unwrap();
	assert_eq!(top.insert("0x6f74686572".into(), json!("0x01")), None);
	spec
}

#[test]
fn database_of_another_genesis_is_refused_until_it_is_purged() {
	let directory = tempfile::tempdir().unwrap();
	let file = directory.path().join("other.json");
	std::fs::write(&file, another_specification().to_string()).unwrap();
	let (base, other) = (directory.path().to_str().unwrap(), file.to_str().unwrap());
	let export = |chain| run_to_end(&["export-state", "--chain", chain, "--base-path", base]);

	// The first makes the database, the second finds it.
	for _ in 0..2 {
		let (succeeded, printed) = export("dev").unwrap();
		assert!(succeeded, "{printed}");
	}
	let run = ["--chain", other, "--base-path", base, "--no-mdns", "--no-prometheus"];
	for (succeeded, printed) in [export(other).unwrap(), run_to_end(&run).unwrap()] {
		assert!(!succeeded, "another genesis was not refused");
		for part in ["another genesis", base, "--chain", "groma-node purge-chain"] {
			assert!(printed.contains(part), "{part}: {printed}");
		}
	}
	// What the message says helps.
	let purge = ["purge-chain", "-y", "--chain", other, "--base-path", base];
	assert!(run_to_end(&purge).unwrap().0);
	assert!(export(other).unwrap().0);
}
