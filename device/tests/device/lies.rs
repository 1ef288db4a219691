//! One of three nodes lies, about each thing that it can lie about: nothing is lost that counts,
//! nothing is revealed early, and the log names it.

use std::{collections::HashSet, sync::Arc};

use groma_core::{protocol::REVEAL_DELAY, statement::REVEALS};
use tokio::time::sleep;

use crate::{
	fakes::{BLOCKS, FakeChain, Lie, Log, beacon, store, three_nodes},
	outages::{
		BLOCK_TIME, DEVICE, NEIGHBOUR, WINDOW, assemble, block, chain_at, reveal, statement,
		system_clock,
	},
};

/// When the client hears its neighbour.
const HEARD: u32 = 25;

/// The chain of three nodes, of whom the liar keeps back what it is given.
fn chain() -> Arc<FakeChain> {
	let chain = chain_at(block(WINDOW, 0));
	chain.script().challenged.insert((DEVICE, WINDOW + 1));
	chain.script().collecting = HashSet::from([1, 2]);
	chain.script().withholding.insert(0);
	chain
}

/// Whether anything was revealed before statements about it were over.
fn is_revealed_early(chain: &FakeChain, window: u32) -> bool {
	chain.script().handed_in.iter().any(|(_, report)| {
		report.key.series == REVEALS && report.key.window + REVEAL_DELAY > window
	})
}

/// The lines that say why a node is not trusted, of a client that beacons, states and reveals while
/// node `liar` lies, from block `first` of the first window on. Node 0 answers first.
async fn lines_of_a_life_with(liar: usize, lie: Lie, first: u32) -> Vec<String> {
	let log = Log::start();
	let truth = chain();
	let (nodes, client) = three_nodes(&truth, &Arc::default());
	if first == 0 {
		nodes[liar].lie(Some(lie));
	}
	let mut client = assemble(client, &truth, &store(), system_clock());
	for number in block(WINDOW, 1)..block(WINDOW + 3, 40) {
		if number == block(WINDOW, first) {
			nodes[liar].lie(Some(lie));
		}
		truth.go_to(number);
		if number == block(WINDOW, HEARD) {
			client.hear(&beacon(NEIGHBOUR, WINDOW)).await;
		}
		sleep(BLOCK_TIME).await;
		assert!(!is_revealed_early(&truth, number / BLOCKS), "{lie:?} from {first}");
	}
	let frames = client.transmitted();
	assert_eq!(frames.len(), 1, "{lie:?} from {first}");
	assert_eq!(frames[0].2.payload, beacon(DEVICE, WINDOW + 1).to_bytes(), "{lie:?} from {first}");
	for key in [statement(NEIGHBOUR, WINDOW), reveal(NEIGHBOUR, WINDOW), reveal(DEVICE, WINDOW + 1)]
	{
		assert!(client.is_on_chain(key), "{lie:?} from {first}: {key:?}");
	}
	assert_eq!(client.metrics.reports_expired.get(), 0, "{lie:?} from {first}");
	assert_eq!(client.metrics.window.get(), u64::from(WINDOW + 3), "{lie:?} from {first}");
	[log.lines_with("do not trust it"), log.lines_with("no new block")].concat()
}

/// Whether the log names node `liar`, and no other, when it lies.
async fn is_named_as(liar: usize, lie: Lie) {
	let url = format!("wss://node-{liar}.example.org");
	for first in [0, 20] {
		let lines = lines_of_a_life_with(liar, lie, first).await;
		assert!(!lines.is_empty(), "{lie:?} of {liar} from {first}");
		let is_named = lines.iter().all(|line| line.contains(&url));
		assert!(is_named, "{lie:?} of {liar} from {first}: {lines:#?}");
	}
}

async fn is_named(lie: Lie) {
	is_named_as(0, lie).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_lies_about_the_number_of_the_window() {
	for index in [WINDOW - 1, WINDOW + 2, 4_000_000_000] {
		is_named(Lie::Index(index)).await;
	}
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_lies_about_the_length_of_the_window() {
	for blocks in [0, 49, 2_000, 100_800] {
		is_named(Lie::Length(blocks)).await;
	}
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_lies_about_the_seed() {
	is_named(Lie::Seed).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_lies_about_challenges() {
	for lie in [Lie::Thresholds, Lie::NoChallenge, Lie::OtherChallenge] {
		is_named(lie).await;
	}
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_denies_devices() {
	is_named(Lie::NoDevice).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_lies_about_the_draw() {
	is_named(Lie::Draw).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_lies_about_how_far_the_chain_is() {
	for lie in [
		Lie::Ahead(60),
		Lie::Ahead(1_000_000),
		Lie::Ahead(4_000_000_000),
		Lie::Stuck(block(WINDOW, 5)),
	] {
		is_named(lie).await;
	}
	// A few blocks may be its lead.
	lines_of_a_life_with(0, Lie::Ahead(5), 0).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_lies_about_the_hash_of_a_block() {
	for liar in 0..3 {
		is_named_as(liar, Lie::Hash).await;
	}
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_when_a_node_says_that_reports_are_on_chain() {
	for first in [0, 20] {
		lines_of_a_life_with(0, Lie::Known, first).await;
	}
}

#[tokio::test(start_paused = true)]
async fn log_says_nothing_of_trust_when_no_node_lies() {
	let log = Log::start();
	let truth = chain();
	let (_nodes, client) = three_nodes(&truth, &Arc::default());
	let client = assemble(client, &truth, &store(), system_clock());
	for number in block(WINDOW, 1)..block(WINDOW + 2, 10) {
		truth.go_to(number);
		sleep(BLOCK_TIME).await;
	}
	assert_eq!(client.metrics.window.get(), u64::from(WINDOW + 2));
	assert!(log.lines_with("WARN").is_empty(), "{:#?}", log.lines_with("WARN"));
}

#[tokio::test(start_paused = true)]
async fn window_stays_while_too_few_nodes_answer() {
	let log = Log::start();
	let truth = chain();
	truth.script().collecting.insert(0);
	let (nodes, client) = three_nodes(&truth, &Arc::default());
	let client = assemble(client, &truth, &store(), system_clock());
	let go = async |first: u32, end: u32| {
		for number in first..end {
			truth.go_to(number);
			sleep(BLOCK_TIME).await;
		}
	};
	go(block(WINDOW, 1), block(WINDOW, 10)).await;
	client.hear(&beacon(NEIGHBOUR, WINDOW)).await;
	nodes[1].set_offline(true);
	nodes[2].set_offline(true);
	go(block(WINDOW, 10), block(WINDOW + 1, 20)).await;
	assert_eq!(client.metrics.window.get(), u64::from(WINDOW));
	assert_eq!(log.lines_with("too few nodes agree").len(), 1);
	nodes[2].set_offline(false);
	go(block(WINDOW + 1, 20), block(WINDOW + 2, 30)).await;
	assert_eq!(log.lines_with("the nodes agree again").len(), 1);
	assert_eq!(client.metrics.window.get(), u64::from(WINDOW + 2));
	for key in [statement(NEIGHBOUR, WINDOW), reveal(NEIGHBOUR, WINDOW)] {
		assert!(client.is_on_chain(key), "{key:?}");
	}
	assert_eq!(client.metrics.reports_expired.get(), 0);
}
