//! A disk that fills up while a node runs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
	fs::{self, File},
	io::Write,
	path::Path,
	process::Command,
	time::Duration,
};

use groma_tests::node::NodeOptions;

const PATIENCE: Duration = Duration::from_secs(120);
/// What is free beyond the node's threshold at first, in MiB. Other tests take less meanwhile.
const MARGIN_MIB: u64 = 256;

/// What is free where a path is, in MiB.
fn free_mib(path: &Path) -> u64 {
	let output = Command::new("df").arg("-Pm").arg(path).output().unwrap();
	let table = String::from_utf8(output.stdout).unwrap();
	table.lines().nth(1).unwrap().split_whitespace().nth(3).unwrap().parse().unwrap()
}

fn fill(path: &Path, mib: u64) {
	let mut file = File::create(path).unwrap();
	let chunk = vec![1; 1 << 20];
	(0..mib).for_each(|_| file.write_all(&chunk).unwrap());
	file.sync_all().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn node_ends_before_the_disk_is_full_and_goes_on_when_there_is_space() {
	let directory = tempfile::tempdir().unwrap();
	let needed = free_mib(directory.path()).checked_sub(MARGIN_MIB).unwrap();
	let options = NodeOptions::new("dev", "dev").with("--dev").needing_disk(needed);
	let mut node = options.start().await.unwrap();
	node.wait_for_finalized(2, PATIENCE).await.unwrap();
	let (first, before) =
		(node.block_hash(1).await.unwrap(), node.finalized_number().await.unwrap());

	let filler = directory.path().join("filler");
	fill(&filler, 2 * MARGIN_MIB);
	let status = node.wait_for_end(PATIENCE).await.unwrap();
	assert!(!status.success());
	let log = node.log().unwrap();
	assert!(log.contains("free space, or move the base path"), "{log}");

	fs::remove_file(&filler).unwrap();
	node.start_again().await.unwrap();
	assert_eq!(node.block_hash(1).await.unwrap(), first);
	node.wait_for_finalized(before + 2, PATIENCE).await.unwrap();
}
