//! A database of another genesis, which is what an older version leaves, is refused with what to
//! do.

use groma_tests::{node::run_to_end, specification::Specification};

#[test]
fn database_of_another_genesis_is_refused_until_it_is_purged() {
	let directory = tempfile::tempdir().unwrap();
	let specification = Specification::of("dev").unwrap().with("0x6f74686572", "0x01");
	let (base, other) = (directory.path().to_str().unwrap(), &*specification.write().unwrap());
	let export = |chain| run_to_end(&["export-state", "--chain", chain, "--base-path", base]);

	// The first makes the database, the second finds it.
	for _ in 0..2 {
		let (succeeded, printed) = export("dev").unwrap();
		assert!(succeeded, "{printed}");
	}
	let run = ["--chain", other, "--base-path", base, "--no-mdns", "--no-prometheus"];
	let run = [&run[..], &["--rpc-port", "0", "--db-storage-threshold", "0"]].concat();
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
