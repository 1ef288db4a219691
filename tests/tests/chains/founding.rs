//! A public chain by commands alone: validators make their keys, founders write one file, nodes
//! start. What no one founded is refused, and so is a file with faults.

use std::{
	collections::BTreeMap,
	fmt::Write,
	fs,
	path::{Path, PathBuf},
	process::Command,
	time::Duration,
};

use groma_tests::{
	binary, guide,
	node::{Node, NodeOptions, run_to_end},
};
use serde_json::Value;
use subxt::rpcs::client::RpcParams;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(240);
const VALIDATORS: usize = 4;
/// As many other accounts have GRM, so that none has a seventh of what can vote.
const ACCOUNTS: usize = 2 * VALIDATORS;
const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// What a command of the node prints when it succeeds.
fn node(arguments: &[&str]) -> String {
	let (succeeded, printed) = run_to_end(arguments).unwrap();
	assert!(succeeded, "{arguments:?}: {printed}");
	printed
}

/// The last word of the line that begins with these words.
fn last_word(printed: &str, begin: &str) -> String {
	let line = printed.lines().find(|line| line.starts_with(begin));
	let word = line.and_then(|line| line.split_whitespace().last());
	word.unwrap_or_else(|| panic!("{begin}: {printed}")).to_owned()
}

/// An account whose key no one has seen before.
fn new_account() -> String {
	let printed = node(&["key", "generate", "--output-type", "json"]);
	let json: Value = serde_json::from_str(&printed[printed.find('{').unwrap()..]).unwrap();
	json["ss58Address"].as_str().unwrap().to_owned()
}

/// What a validator sends to the other founders.
struct Validator {
	account: String,
	keys: String,
	proof: String,
}

/// Founders before they founded a chain: their folders, and what they agreed on.
struct Founders {
	directory: TempDir,
	validators: Vec<Validator>,
	/// Those of validators first.
	accounts: Vec<String>,
}

/// What validators of a new chain add: no one voted before.
const FIRST_START: &str = "--unsafe-sign-without-guard";

impl Founders {
	/// Accounts and session keys that are new.
	fn new() -> Self {
		let directory = tempfile::tempdir().unwrap();
		let accounts: Vec<_> = (0..ACCOUNTS).map(|_| new_account()).collect();
		let mut founders = Self { directory, validators: Vec::new(), accounts };
		for number in 0..VALIDATORS {
			let account = founders.accounts[number].clone();
			let base = founders.base(number).display().to_string();
			let arguments = ["key", "session", "--chain", "production", "--base-path", &base];
			let printed = node(&[&arguments[..], &["--owner", &account]].concat());
			let (keys, proof) = (last_word(&printed, "keys "), last_word(&printed, "proof "));
			founders.validators.push(Validator { account, keys, proof });
		}
		founders
	}

	/// The base path of a validator.
	fn base(&self, number: usize) -> PathBuf {
		self.directory.path().join(format!("validator-{number}"))
	}

	/// A file in their folder.
	fn file(&self, name: &str) -> String {
		self.directory.path().join(name).display().to_string()
	}

	/// What they wrote down.
	fn input(&self) -> String {
		let mut text =
			String::from("treasury = \"rest\"\n[chain]\nname = \"Test\"\nid = \"groma\"\n");
		for Validator { account, keys, proof } in &self.validators {
			write!(
				text,
				"[[validators]]\naccount = \"{account}\"\nkeys = \"{keys}\"\nproof = \"{proof}\"\n"
			)
			.unwrap();
		}
		for account in &self.accounts {
			write!(text, "[[allocations]]\naccount = \"{account}\"\ngrm = 4_000_000\n").unwrap();
		}
		text
	}

	/// Founds a chain with this input, and says whether it could, and what is printed.
	fn found(&self, input: &str, output: &str) -> (bool, String) {
		let path = self.file("founding.toml");
		fs::write(&path, input).unwrap();
		run_to_end(&["found", "--input", &path, "--output", output]).unwrap()
	}
}

/// Starts a validator with the keys in its base path.
async fn start(base: PathBuf, chain: &str, number: usize, bootnode: Option<&str>) -> Node {
	let options = NodeOptions::new(&format!("validator-{number}"), chain).at(base);
	let options = options
		.with_all(["--validator", FIRST_START, "--node-key"])
		.with((number + 1).to_string().repeat(64));
	let options = match bootnode {
		Some(bootnode) => options.with_all(["--bootnodes", bootnode]),
		None => options,
	};
	options.start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn founded_chain_finalizes_blocks_when_three_of_four_validators_run() {
	let founders = Founders::new();
	let chain = founders.file("chain.json");
	let (succeeded, printed) = founders.found(&founders.input(), &chain);
	assert!(succeeded, "{printed}");
	let first = start(founders.base(0), &chain, 0, None).await;
	let bootnode = first.peer_address().await.unwrap();
	let second = start(founders.base(1), &chain, 1, Some(&bootnode)).await;
	let third = start(founders.base(2), &chain, 2, Some(&bootnode)).await;
	let mut hashes = Vec::new();
	for node in [&first, &second, &third] {
		node.wait_for_finalized(3, PATIENCE).await.unwrap();
		hashes.push(node.block_hash(3).await.unwrap());
		hashes.dedup();
	}
	assert_eq!(hashes.len(), 1, "{hashes:?}");
	let kind: Value = first.call("system_chainType", RpcParams::new()).await.unwrap();
	assert_eq!(kind, "Live");
	let genesis = first.block_hash(0).await.unwrap();
	assert_eq!(last_word(&printed, "genesis "), genesis);
	let books: Value = first.call("groma_supply", RpcParams::new()).await.unwrap();
	assert_eq!(books["genesis"], "200000000000000000000");
}

#[test]
fn chain_that_no_one_founded_is_refused_before_anything_is_stored() {
	let directory = tempfile::tempdir().unwrap();
	let base = directory.path().to_str().unwrap();
	let spec = directory.path().join("production.json");
	let printed = node(&["export-chain-spec", "--chain", "production", "--raw"]);
	fs::write(&spec, &printed[printed.find('{').unwrap()..]).unwrap();
	for chain in ["production", spec.to_str().unwrap()] {
		let place = ["--chain", chain, "--base-path", base, "--no-mdns", "--no-prometheus"];
		let run = [&place[..], &["--rpc-port", "0", "--db-storage-threshold", "0"]].concat();
		let (succeeded, printed) = run_to_end(&run).unwrap();
		assert!(!succeeded, "{chain} was started");
		for part in ["was not founded", "no validators", "groma-node found --example"] {
			assert!(printed.contains(part), "{part}: {printed}");
		}
	}
	let database = directory.path().join("chains/groma/paritydb");
	assert!(!database.exists(), "a database was made");
}

#[test]
fn every_fault_of_an_input_is_named_and_nothing_is_written() {
	let founders = Founders::new();
	let chain = founders.file("chain.json");
	let [first, second, ..] = &founders.validators[..] else { panic!("there are four") };
	let fellow = format!("[[fellows]]\naccount = \"{ALICE}\"\nrank = 3\n");
	// The second validator brings what was made for the first, and the last account is the fifth.
	let input = founders.input().replacen(&second.proof, &first.proof, 1).replacen(
		&format!("[[allocations]]\naccount = \"{}\"", founders.accounts[7]),
		&format!("[[allocations]]\naccount = \"{}\"", founders.accounts[4]),
		1,
	) + &fellow;
	let (succeeded, printed) = founders.found(&input, &chain);
	assert!(!succeeded && printed.contains("nothing is written, 3 faults"), "{printed}");
	for part in ["validator 2: the proof", "allocation 8 is of the account of allocation 5"] {
		assert!(printed.contains(part), "{part}: {printed}");
	}
	assert!(printed.contains("fellow 1: `account` is //Alice"), "{printed}");
	let few = founders.input().replace("grm = 4_000_000", "grm = 3_000_000");
	let few = few.replacen("treasury = \"rest\"", "treasury = 176_000_001", 1);
	let (succeeded, printed) = founders.found(&few, &chain);
	assert!(!succeeded && printed.contains("2 faults"), "{printed}");
	for part in ["24,000,000 GRM can vote", "make 200,000,001"] {
		assert!(printed.contains(part), "{part}: {printed}");
	}
	assert!(!Path::new(&chain).exists(), "something was written");
}

#[test]
fn input_of_a_million_lines_is_one_fault() {
	let directory = tempfile::tempdir().unwrap();
	let path = |name| directory.path().join(name).display().to_string();
	let (input, chain) = (path("founding.toml"), path("chain.json"));
	fs::write(&input, "#\n".repeat(1_000_000)).unwrap();
	let (succeeded, printed) =
		run_to_end(&["found", "--input", &input, "--output", &chain]).unwrap();
	assert!(!succeeded && printed.contains("1 fault in"), "{printed}");
	assert!(printed.contains("more than 100000 lines"), "{printed}");
	assert!(!Path::new(&chain).exists(), "something was written");
}

/// Runs a command of the guide to its end, and returns what it prints.
fn execute(words: &[String]) -> String {
	let program = match words[0].as_str() {
		"groma-node" => binary::node().unwrap(),
		script if script.starts_with("scripts/") => {
			Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(script)
		}
		tool => PathBuf::from(tool),
	};
	// What stands behind `>` gets what is printed.
	let end = words.iter().position(|word| word == ">").unwrap_or(words.len());
	let output = Command::new(program)
		.args(&words[1..end])
		.env("GROMA_NODE", binary::node().unwrap())
		.output()
		.unwrap();
	let said = String::from_utf8_lossy(&output.stderr);
	assert!(output.status.success(), "{words:?}: {said}");
	if let Some(file) = words.get(end + 1) {
		fs::write(file, &output.stdout).unwrap();
	}
	String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_guide_does_what_it_says() {
	let founders = Founders::new();
	let base = founders.base(0);
	let values = BTreeMap::from([
		("ACCOUNT", founders.accounts[0].clone()),
		("DIRECTORY", base.display().to_string()),
		("INPUT", founders.file("founding.toml")),
		("CHAIN", founders.file("chain.json")),
		("MINE", founders.file("mine.json")),
	]);
	let value = |word: String| values.get(word.as_str()).cloned().unwrap_or(word);
	let mut running = None;
	let mut done = 0;
	for command in guide::commands("docs/guide/founding.md").unwrap() {
		let mut words: Vec<_> = guide::words(&command).into_iter().map(value).collect();
		done += 1;
		// A node runs on; the test adds what several nodes on one machine need.
		if words[..2] == ["groma-node", "--chain"] {
			let expected = format!(
				"groma-node --chain {} --base-path {} --validator --name NAME {FIRST_START}",
				values["CHAIN"], values["DIRECTORY"]
			);
			assert_eq!(words.join(" "), expected);
			let options = NodeOptions::new("NAME", &values["CHAIN"]).at(&base);
			running = Some(options.with_all(["--validator", FIRST_START]).start().await.unwrap());
			continue;
		}
		if words[0] == "curl" {
			let node: &Node = running.as_ref().expect("a node runs");
			let url = node.url().replacen("ws://", "http://", 1);
			let place = words.iter().position(|word| word == "http://127.0.0.1:9944").unwrap();
			words[place] = url;
			assert!(execute(&words).contains(&node.block_hash(0).await.unwrap()));
			continue;
		}
		execute(&words);
		// Founders fill in what the example leaves open.
		if words.iter().any(|word| word == "--example") {
			fs::write(&values["INPUT"], founders.input()).unwrap();
		}
	}
	assert!(done >= 9 && running.is_some(), "{done} commands");
}
