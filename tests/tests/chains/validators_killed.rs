//! Honest validators that are killed: none signs twice, and each votes again. One that is to sign
//! twice ends.

use std::{
	fs,
	path::{Path, PathBuf},
	time::{Duration, SystemTime, UNIX_EPOCH},
};

use codec::Decode;
use groma_tests::{
	killing::{Moments, Round},
	node::{Node, NodeOptions, run_to_end},
	specification::Specification,
	validators::{Times, Validators},
};
use serde_json::json;
use sp_crypto_hashing::{blake2_256, twox_128};
use subxt::rpcs::client::rpc_params;

const TIMES: Times = Times { slot_ms: 2_000, session_slots: 20, era_sessions: 2 };
/// How often one of four is killed. `scripts/bench killed` does it 200 times.
const KILLS: usize = 10;
/// The most rounds in which it does not vote after that.
const ROUNDS_SILENT_MAX: u64 = 5;
/// The validator whose database is replaced.
const RESTORED: usize = 1;
/// Blocks that are finalized while a backup gets old.
const BACKUP_AGE_BLOCKS: u64 = 10;
/// The exit code of a node whose guard refused a vote.
const REFUSAL_CODE: i32 = 10;
/// For a chain of one validator to finalize a block, and for two of its sets to pass.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn validators_that_are_killed_sign_nothing_twice_and_vote_again() {
	let mut network = Validators::start(&TIMES, 4).await.unwrap();
	network.nodes[0].wait_for_finalized(3, TIMES.sessions(2)).await.unwrap();
	one_is_killed_at_random_moments(&mut network).await;
	let backup = take_backup(&mut network).await;
	older_database_is_caught_up_with_before_it_votes(&mut network, &backup).await;
	without_the_file_it_is_silent_until_the_next_session(&mut network, &backup).await;
	let finalized = network.kill_all(5).await.unwrap();
	assert!(finalized >= 5, "{finalized} blocks after all were killed");
	let said = network.equivocations().await.unwrap();
	assert!(said.is_empty(), "{said:#?}");
}

async fn one_is_killed_at_random_moments(network: &mut Validators) {
	let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
	println!("random moments of the seed {seed}");
	let mut moments = Moments::new(seed.into());
	for kill in 0..KILLS {
		let silent = network.kill_one(&mut moments).await.unwrap();
		assert!(silent <= ROUNDS_SILENT_MAX, "kill {kill}: {silent} rounds without a vote");
	}
}

/// A copy of the database of a validator that goes on afterwards.
async fn take_backup(network: &mut Validators) -> tempfile::TempDir {
	let backup = tempfile::tempdir().unwrap();
	let last = network.kill(RESTORED).await.unwrap();
	copy(&database_of(&network.nodes[RESTORED]), &backup.path().join("copy"));
	network.nodes[RESTORED].start_again().await.unwrap();
	network.votes_again(RESTORED, last).await.unwrap();
	let age = network.nodes[RESTORED].finalized_number().await.unwrap() + BACKUP_AGE_BLOCKS;
	network.nodes[RESTORED].wait_for_finalized(age, TIMES.sessions(2)).await.unwrap();
	backup
}

async fn older_database_is_caught_up_with_before_it_votes(
	network: &mut Validators,
	backup: &tempfile::TempDir,
) {
	let last = restore(network, backup).await;
	network.nodes[RESTORED].start_again().await.unwrap();
	network.votes_again(RESTORED, last).await.unwrap();
	let log = network.nodes[RESTORED].log().unwrap();
	assert!(log.contains("does not vote until the voter is past round"), "{log}");
	assert!(log.contains("this validator votes again"), "{log}");
	assert!(!log.contains("until the next session"), "{log}");
}

async fn without_the_file_it_is_silent_until_the_next_session(
	network: &mut Validators,
	backup: &tempfile::TempDir,
) {
	let last = restore(network, backup).await;
	fs::remove_file(chain_of(&network.nodes[RESTORED]).join("signing-guard")).unwrap();
	let begin = session(&network.nodes[0]).await;
	network.nodes[RESTORED].start_again().await.unwrap();
	network.votes_again(RESTORED, last).await.unwrap();
	let end = session(&network.nodes[0]).await;
	assert!(end > begin, "it voted in session {end}, and the file was lost in {begin}");
	let log = network.nodes[RESTORED].log().unwrap();
	assert!(log.contains("does not vote until the next session"), "{log}");
}

/// Kills the validator, and puts the backup in the place of its database. Yields the last round in
/// which it can have voted.
async fn restore(network: &mut Validators, backup: &tempfile::TempDir) -> Round {
	let last = network.kill(RESTORED).await.unwrap();
	let database = database_of(&network.nodes[RESTORED]);
	fs::remove_dir_all(&database).unwrap();
	copy(&backup.path().join("copy"), &database);
	last
}

fn chain_of(node: &Node) -> PathBuf {
	node.base_path().join("chains/groma_local")
}

fn database_of(node: &Node) -> PathBuf {
	chain_of(node).join("paritydb")
}

fn copy(from: &Path, to: &Path) {
	fs::create_dir_all(to).unwrap();
	for entry in fs::read_dir(from).unwrap() {
		let (from, name) = entry.map(|it| (it.path(), it.file_name())).unwrap();
		if from.is_dir() {
			copy(&from, &to.join(name));
		} else {
			fs::copy(&from, to.join(name)).unwrap();
		}
	}
}

/// The session at the end of the best block.
async fn session(node: &Node) -> u32 {
	let key = [twox_128(b"Session"), twox_128(b"CurrentIndex")].concat();
	let params = rpc_params![format!("0x{}", hex::encode(key))];
	// Nothing is stored in session 0.
	let value: Option<String> = node.call("state_getStorage", params).await.unwrap();
	let bytes = value.map(|value| hex::decode(value.trim_start_matches("0x")).unwrap());
	bytes.map_or(0, |bytes| u32::decode(&mut &bytes[..]).unwrap())
}

#[test]
fn damaged_file_of_the_guard_ends_the_node_with_what_to_do() {
	let directory = tempfile::tempdir().unwrap();
	let chain = directory.path().join("chains/groma_dev");
	fs::create_dir_all(&chain).unwrap();
	fs::write(chain.join("signing-guard"), "anything\nelse\n").unwrap();
	let base = directory.path().to_str().unwrap();
	let arguments =
		["--dev", "--base-path", base, "--no-mdns", "--no-prometheus", "--rpc-port", "0"];
	let (succeeded, printed) = run_to_end(&arguments).unwrap();
	assert!(!succeeded);
	assert!(printed.contains("is damaged") && printed.contains("move the file away"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn node_ends_with_a_separate_exit_code_when_its_voter_contradicts_the_record_of_its_guard() {
	// A set of voters lasts 20 s.
	let times = json!({ "timing": { "babeEpochSlots": 20, "sessionsPerEra": 1 } });
	let specification = Specification::founded("dev", &times).unwrap();
	let path = specification.write().unwrap();
	let mut node = NodeOptions::new("dev", &path).with("--dev").start().await.unwrap();
	node.wait_for_finalized(1, PATIENCE).await.unwrap();
	node.kill().unwrap();
	let file = node.base_path().join("chains/groma_dev/signing-guard");
	let record = fs::read_to_string(&file).unwrap();
	fs::write(&file, with_vote_to_come(&record)).unwrap();
	node.start_again().await.unwrap();
	let ended = node.wait_for_end(PATIENCE).await.unwrap();
	let log = node.log().unwrap();
	assert_eq!(ended.code(), Some(REFUSAL_CODE), "{log}");
	assert!(log.contains("the signing guard refused a prevote in round 1 of set"), "{log}");
	assert!(log.contains("docs/runbooks/guard-refused.md"), "{log}");
}

/// The file of a guard whose only line says that the validator prevoted in the first round of a set
/// that is to come, for the block for which it prevoted last. When that set begins, it prevotes for
/// a later one. The next set may have begun before the node was killed, so it is the one after it.
fn with_vote_to_come(record: &str) -> String {
	let title = record.lines().next().unwrap();
	let last = record.lines().rfind(|line| line.starts_with("vote prevote ")).unwrap();
	let words: Vec<_> = last.split(' ').collect();
	let ["vote", kind, set, _, number, hash, key, _] = words[..] else { panic!("{last}") };
	let set = set.parse::<u64>().unwrap() + 2;
	let text = format!("vote {kind} {set} 1 {number} {hash} {key}");
	let checksum = hex::encode(&blake2_256(text.as_bytes())[..8]);
	format!("{title}\n{text} 0x{checksum}\n")
}
