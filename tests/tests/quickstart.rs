//! What `scripts/quickstart` says when it cannot begin, and what its programs show when they can.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
	fs,
	net::TcpListener,
	os::unix::fs::PermissionsExt,
	process::{Command, Stdio},
	time::Duration,
};

use groma_tests::{
	client::{Client, End, document_of},
	node::{Node, NodeOptions},
	patience::eventually,
	prices::PriceServer,
};
use serde_json::Value;
use subxt::rpcs::client::{RpcParams, rpc_params};

/// For a field until its customers and its coverage are paid, on two busy cores.
const FIELD_PATIENCE: Duration = Duration::from_secs(900);
/// For an epoch until it is closed and that is final.
const PATIENCE: Duration = Duration::from_secs(400);

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/quickstart");

fn quickstart() -> Command {
	let mut command = Command::new(SCRIPT);
	command.stdin(Stdio::null());
	command
}

/// Whether it fails with a code, and says so.
fn fails(command: &mut Command, code: i32, words: &str) {
	let output = command.output().unwrap();
	let text = String::from_utf8_lossy(&output.stderr);
	assert_eq!(output.status.code(), Some(code), "{text}");
	assert!(text.contains(words), "{text}");
}

#[test]
fn option_is_refused_when_it_is_unknown_or_no_number() {
	fails(quickstart().arg("--bogus"), 2, "--bogus");
	fails(quickstart().args(["--devices", "many"]), 2, "--devices");
	fails(quickstart().args(["--customers", "few"]), 2, "--customers");
	fails(quickstart().arg("--seed"), 2, "--seed");
}

#[test]
fn port_that_is_in_use_is_named() {
	let taken = TcpListener::bind("127.0.0.1:0").unwrap();
	let port = taken.local_addr().unwrap().port().to_string();
	let words = format!("port {port} is in use: stop what listens there, or choose another");
	fails(quickstart().args(["--rpc-port", &port]), 1, &words);
}

#[test]
fn disk_that_is_too_small_is_named_before_anything_is_built() {
	let folder = tempfile::tempdir().unwrap();
	let df = folder.path().join("df");
	fs::write(&df, "#!/bin/sh\necho Disk Size Used Free\necho disk 9 9 1000\n").unwrap();
	fs::set_permissions(&df, fs::Permissions::from_mode(0o755)).unwrap();
	let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
	let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
	let mut command = quickstart();
	command.args(["--rpc-port", &free]).env("PATH", path);
	fails(&mut command, 1, "has 0 GB free");
}

/// The node of the quickstart: it collects, and feeds the price of a server. It keeps the state of
/// every block, so that what epochs paid can be recomputed.
async fn start_node(prices: &PriceServer) -> Node {
	let options = NodeOptions::new("dev", "dev").with("--dev");
	let options = options.with_all(["--state-pruning", "archive"]);
	let options = options.collecting_as("//Ferdie").feeding_as("//Alice//stash");
	let options = ["a", "b", "c"].into_iter().fold(options, |options, source| {
		options.with("--price-source").with(prices.source(source))
	});
	options.start().await.unwrap()
}

/// An amount or a number that a document has as decimal text.
fn number(value: &Value) -> u128 {
	value.as_str().unwrap_or_else(|| panic!("no number: {value}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn field_ends_with_what_customers_paid_and_what_was_claimed() {
	let prices = PriceServer::start("a,b,c", "0.1").await.unwrap();
	let node = start_node(&prices).await;
	let mut field = Client::simulate(&node.url(), &["--devices", "8", "--once"]).unwrap();
	let (line, _) = field.line_with("paid ", FIELD_PATIENCE).await.unwrap();
	let end = field.end(FIELD_PATIENCE).await.unwrap();
	assert_eq!(end.code, Some(0), "{end:?}");
	expect_last_words(&line, &end);

	let summary = end.document().unwrap();
	let demand = &summary["demand"];
	assert!(number(&demand["burned"]) > 0 && number(&demand["creditsMinted"]) > 0, "{demand}");
	assert!(number(&demand["bondBurned"]) > 0, "{demand}");
	assert!(number(&demand["overdrawn"]["paid"]) > 0, "{demand}");
	assert!(number(&summary["earnedBySupply"]) > 0, "{summary}");
	// Eight gateways sell to each of two customers.
	assert_eq!(demand["bought"]["vouchers"], 16, "{demand}");

	// Every token comes from genesis, the schedule or the burn of a claim.
	let books: Value = node.call("groma_supply", RpcParams::new()).await.unwrap();
	let sum = |terms: &[&str]| terms.iter().map(|term| number(&books[term])).sum::<u128>();
	assert_eq!(sum(&["genesis", "minted", "reminted"]), sum(&["issuance", "burned"]), "{books}");
	let paid = number(&demand["bought"]["paid"]) + number(&demand["overdrawn"]["paid"]);
	// Validators get what is left for them when epochs close.
	assert!(number(&books["reminted"]) >= paid, "{books}");
	assert!(sum(&["reminted", "forValidators"]) <= sum(&["claimedBasis"]) * 95 / 100, "{books}");
	assert!(paid <= number(&books["claimedBasis"]) * 9 / 10, "{books}");
	expect_right_payouts(&node, paid).await;
}

/// Everyone can recompute what every epoch paid once it is closed, and customers paid so much.
async fn expect_right_payouts(node: &Node, paid: u128) {
	let clock: Value = node.call("groma_epoch", RpcParams::new()).await.unwrap();
	let last = clock["current"].as_u64().unwrap();
	eventually(&format!("epoch {last} is closed"), PATIENCE, || async {
		let clock: Value = node.call("groma_epoch", RpcParams::new()).await?;
		Ok((clock["lastClosed"].as_u64() >= Some(last)).then_some(()))
	})
	.await
	.unwrap();
	let best = node.best_number().await.unwrap();
	node.wait_for_finalized(best, PATIENCE).await.unwrap();
	let early = node.block_hash(5).await.unwrap();
	let early: Value = node.call("groma_epoch", rpc_params![early]).await.unwrap();
	let (mut demand, mut for_validators) = (0, 0);
	for epoch in early["current"].as_u64().unwrap()..=last {
		let epoch = epoch.to_string();
		let audit = ["audit", "--epoch", &epoch, "--endpoint", &node.url()];
		let report = document_of(&audit).await.unwrap();
		assert_eq!(report["differences"], Value::Array(Vec::new()), "{report}");
		demand += number(&report["demand"]);
		for_validators += number(&report["forValidators"]);
	}
	assert_eq!(demand, paid, "what vouchers paid in all epochs");
	// The only validator has all points, so that it gets all of what is left.
	let books: Value = node.call("groma_supply", RpcParams::new()).await.unwrap();
	assert!(for_validators > 0, "{books}");
	assert_eq!(number(&books["reminted"]), paid + for_validators, "{books}");
	assert_eq!(number(&books["forValidators"]), 0, "{books}");
}

/// The last two lines are what customers paid and what was claimed, as in the document.
fn expect_last_words(line: &str, end: &End) {
	let demand = &end.document().unwrap()["demand"]["bought"];
	let units = number(&demand["units"]);
	let words = format!(" GRM for {units} units of 2 customers");
	assert!(line.starts_with("paid ") && line.ends_with(&words), "{line}");
	assert!(end.last_line.starts_with("claimed "), "{end:?}");
}
