//! What a client believes of three nodes, of whom two have to agree.

use std::{sync::Arc, time::Duration};

use groma_client::{
	chain::{Agreed, At, Chain, ChainError, RpcChain},
	clock::SystemClock,
	fakes::{
		BLOCKS, FakeChain, FakeNode, Lie, Log, challenge, hash, heads, store, three_nodes, window,
	},
	follower::{Follower, ViewReceiver, next_view},
	metrics::Metrics,
	report::EncodedReport,
	shutdown::{self, Trigger},
	store::Store,
};
use groma_core::{
	api::Refusal, place::Cell, protocol::DRAW_RESOLUTION, statement::Reveal, words::Signature,
};
use subxt::rpcs::client::RpcClient;
use tokio::time::timeout;

const DEVICE: u32 = 3;
const WINDOW: u32 = 9;
const BLOCK: u32 = WINDOW * BLOCKS + 20;

struct Bench {
	truth: Arc<FakeChain>,
	nodes: [FakeNode; 3],
	chain: Arc<RpcChain>,
	metrics: Arc<Metrics>,
	log: Log,
}

fn bench() -> Bench {
	let log = Log::start();
	let truth = FakeChain::new(&[DEVICE], BLOCK);
	let metrics = Arc::<Metrics>::default();
	let (nodes, chain) = three_nodes(&truth, &metrics);
	Bench { truth, nodes, chain, metrics, log }
}

impl Bench {
	fn distrusted(&self) -> Vec<String> {
		self.log.lines_with("do not trust it")
	}

	/// Follows the nodes; returns where views appear.
	fn follow(&self, store: &Arc<Store>) -> (ViewReceiver, Trigger) {
		let (follower, views) = Follower::new(
			self.chain.clone(),
			Arc::new(SystemClock::new()),
			store.clone(),
			Arc::new([]),
			self.metrics.clone(),
		)
		.expect("a follower");
		let (stop, shutdown) = shutdown::channel();
		tokio::spawn(follower.run(shutdown));
		(views, stop)
	}

	async fn expect_truth(&self) {
		let truth = Agreed { window: window(WINDOW), heads: heads(BLOCK) };
		assert_eq!(self.chain.agreed().await, Ok(truth));
	}
}

fn present() -> At {
	At::Block(hash(BLOCK))
}

#[tokio::test(start_paused = true)]
async fn window_is_that_of_two_honest_nodes_and_the_third_is_named() {
	for (liar, lie) in [(0, Lie::Seed), (1, Lie::Length(60)), (2, Lie::Index(70))] {
		let bench = bench();
		bench.nodes[liar].lie(Some(lie));
		bench.expect_truth().await;
		// Once is enough.
		bench.expect_truth().await;
		let lines = bench.distrusted();
		assert!(lines.len() == 1 && lines[0].contains(&bench.nodes[liar].url()), "{lines:?}");
		assert_eq!(bench.metrics.endpoints_contradicting.get(), 1);
		bench.nodes[liar].lie(None);
		bench.expect_truth().await;
		assert_eq!(bench.log.lines_with("agrees with the others again").len(), 1);
	}
}

#[tokio::test(start_paused = true)]
async fn hash_and_height_of_the_agreed_block_are_those_of_two_honest_nodes() {
	for liar in 0..3 {
		let bench = bench();
		bench.nodes[liar].lie(Some(Lie::Ahead(5)));
		bench.expect_truth().await;
		assert!(bench.distrusted().is_empty(), "{liar}: a few blocks may be its lead");
		bench.nodes[liar].lie(Some(Lie::Hash));
		bench.expect_truth().await;
		// Once is enough.
		bench.expect_truth().await;
		let lines = bench.distrusted();
		assert!(lines.len() == 1 && lines[0].contains(&bench.nodes[liar].url()), "{lines:?}");
		assert!(lines[0].contains("the hash of a finalized block"), "{lines:?}");
		assert_eq!(bench.log.lines_with("agrees with the others again").len(), 0);
		bench.nodes[liar].lie(None);
		bench.expect_truth().await;
		assert_eq!(bench.log.lines_with("agrees with the others again").len(), 1);
	}
}

#[tokio::test(start_paused = true)]
async fn nothing_is_believed_when_one_of_two_lies() {
	let bench = bench();
	bench.nodes[2].set_offline(true);
	bench.nodes[0].lie(Some(Lie::Seed));
	let error = bench.chain.agreed().await.expect_err("they contradict each other");
	assert!(matches!(&error, ChainError::Contradicted { about, .. } if about.contains("seed")));
	let text = error.to_string();
	assert!((0..2).all(|it| text.contains(&bench.nodes[it].url())), "{text}");
	bench.nodes[2].set_offline(false);
	tokio::time::sleep(Duration::from_secs(2)).await;
	bench.expect_truth().await;
}

#[tokio::test(start_paused = true)]
async fn node_agrees_with_itself_under_no_other_name() {
	let bench = bench();
	bench.nodes[1].be(&bench.nodes[0]);
	bench.nodes[2].set_offline(true);
	let error = bench.chain.genesis().await.expect_err("one node answers");
	assert!(matches!(error, ChainError::TooFew { required: 2, .. }), "{error}");
	assert!(error.to_string().contains("node-0, which is named twice"), "{error}");
	assert_eq!(bench.log.lines_with("two endpoints are one node").len(), 1);
	bench.nodes[2].set_offline(false);
	tokio::time::sleep(Duration::from_secs(2)).await;
	bench.expect_truth().await;
	bench.nodes[2].set_offline(true);
	let error = bench.chain.agreed().await.expect_err("one node answers");
	assert!(matches!(error, ChainError::TooFew { required: 2, .. }), "{error}");
	let lines = bench.log.lines_with("two endpoints are one node");
	assert!(lines.len() == 1 && lines[0].contains("node-1"), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn node_that_does_not_name_itself_counts_by_its_url() {
	let bench = bench();
	bench.nodes[0].set_nameless();
	bench.nodes[1].set_nameless();
	bench.nodes[2].set_offline(true);
	bench.expect_truth().await;
	bench.expect_truth().await;
	let lines = bench.log.lines_with("counts as one by its URL");
	assert_eq!(lines.len(), 2, "{lines:?}");
	assert!((0..2).all(|it| lines[it].contains(&bench.nodes[it].url())), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn only_node_does_not_have_to_name_itself() {
	let bench = bench();
	bench.nodes[0].set_nameless();
	let nodes = vec![(bench.nodes[0].url(), RpcClient::new(bench.nodes[0].clone()))];
	let alone = RpcChain::scripted(nodes, 1, bench.metrics.clone());
	let truth = Agreed { window: window(WINDOW), heads: heads(BLOCK) };
	assert_eq!(alone.agreed().await, Ok(truth));
	assert!(bench.log.lines_with("WARN").is_empty());
}

#[tokio::test(start_paused = true)]
async fn fewer_nodes_than_have_to_agree_are_a_warning() {
	let bench = bench();
	let nodes = |count: usize| {
		bench.nodes[..count].iter().map(|node| (node.url(), RpcClient::new(node.clone())))
	};
	for (count, agreeing, lines) in [(2, 2, 0), (1, 1, 0), (1, 2, 1), (2, 9, 2)] {
		let chain = RpcChain::scripted(nodes(count).collect(), agreeing, bench.metrics.clone());
		assert!(chain.agreed().await.is_ok(), "{count} of {agreeing}");
		let said = bench.log.lines_with("fewer endpoints than have to agree");
		assert_eq!(said.len(), lines, "{said:?}");
	}
	let said = bench.log.lines_with("fewer endpoints than have to agree: 2 is enough");
	assert!(said.len() == 1 && said[0].contains("agreeing_endpoints=9"), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_said_of_keys_in_a_url_or_in_lines_of_a_nodes_own() {
	let bench = bench();
	let url = "wss://me:secret@rpc.example.org/v2/0123456789secret?key=secret".to_owned();
	let node = &bench.nodes[0];
	let nodes = vec![(url.clone(), RpcClient::new(node.clone()))];
	let chain = RpcChain::scripted(nodes, 1, bench.metrics.clone());
	assert!(chain.genesis().await.is_ok());
	assert_eq!((chain.url(), chain.endpoint_name()), (&*url, "wss://rpc.example.org/v2/...?..."));
	node.set_offline(true);
	let error = chain.finalized().await.expect_err("it is off").to_string();
	assert!(error.starts_with("wss://rpc.example.org/v2/...?... cannot be reached"), "{error}");
	assert!(error.contains("the node is off\\nWARN a line"), "{error}");
	assert_eq!(error.lines().count(), 1);
	let lines = bench.log.lines_with("rpc.example.org");
	assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains("secret")), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn heads_are_followed_while_a_node_that_is_needed_does_not_answer() {
	let bench = bench();
	let (mut views, _stop) = bench.follow(&store());
	next_view(&mut views).await.expect("a view");
	bench.nodes[1].set_silent(true);
	bench.nodes[2].set_offline(true);
	let first = BLOCK + 1;
	for block in first..first + 100 {
		bench.truth.go_to(block);
		tokio::time::sleep(Duration::from_secs(6)).await;
		let view = views.borrow().clone().expect("a view");
		assert!(view.heads.best + 2 > block, "{block}: {:?}", view.heads);
		assert_eq!(view.window.index, WINDOW, "{block}");
	}
	assert_eq!(bench.log.lines_with("too few nodes agree").len(), 1);
	bench.nodes[1].set_silent(false);
	for block in first + 100..first + 110 {
		bench.truth.go_to(block);
		tokio::time::sleep(Duration::from_secs(6)).await;
	}
	let view = views.borrow().clone().expect("a view");
	assert_eq!((view.window.index, view.heads.best), (WINDOW + 2, first + 109));
	assert!(bench.distrusted().is_empty(), "{:?}", bench.distrusted());
}

#[tokio::test(start_paused = true)]
async fn node_that_does_not_answer_delays_the_others_little() {
	let bench = bench();
	bench.truth.script().challenged.insert((DEVICE, WINDOW));
	bench.expect_truth().await;
	bench.nodes[0].set_silent(true);
	let begin = tokio::time::Instant::now();
	bench.expect_truth().await;
	let device = bench.chain.device(DEVICE, present()).await.expect("answered");
	assert!(device.is_some_and(|device| device.id == DEVICE));
	assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
	// What is asked of one node is asked of another in time.
	let begin = tokio::time::Instant::now();
	let found = bench.chain.challenge(DEVICE, WINDOW, present()).await.expect("answered");
	assert_eq!(found, Some(challenge(DEVICE, WINDOW)));
	assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn no_single_node_denies_a_challenge() {
	let bench = bench();
	bench.truth.script().challenged.insert((DEVICE, WINDOW));
	bench.nodes[0].lie(Some(Lie::NoChallenge));
	let found = bench.chain.challenge(DEVICE, WINDOW, present()).await.expect("answered");
	assert_eq!(found, Some(challenge(DEVICE, WINDOW)));
	let lines = bench.distrusted();
	assert!(lines.len() == 1 && lines[0].contains("node-0"), "{lines:?}");
	// There is none where two say so, and no answer where one is left.
	let none = bench.chain.challenge(DEVICE + 1, WINDOW, present()).await;
	assert_eq!(none, Ok(None));
	bench.nodes[1].set_offline(true);
	bench.nodes[2].set_offline(true);
	let unknown = bench.chain.challenge(DEVICE + 1, WINDOW, present()).await;
	assert!(matches!(unknown, Err(ChainError::TooFew { .. })), "{unknown:?}");
}

#[tokio::test(start_paused = true)]
async fn no_single_node_denies_a_device_or_a_region() {
	let bench = bench();
	bench.nodes[0].lie(Some(Lie::NoDevice));
	let device = bench.chain.device(DEVICE, present()).await.expect("answered");
	assert!(device.is_some_and(|device| device.id == DEVICE));
	assert!(bench.chain.region_plan(0, 0, present()).await.expect("answered").is_some());
	let lines = bench.distrusted();
	assert!(lines.len() == 1 && lines[0].contains("node-0"), "{lines:?}");
	// There is none where two say so, and no answer where one is left.
	assert_eq!(bench.chain.device(DEVICE + 1, present()).await, Ok(None));
	bench.nodes[1].set_offline(true);
	bench.nodes[2].set_offline(true);
	let unknown = bench.chain.device(DEVICE, present()).await;
	assert!(matches!(unknown, Err(ChainError::TooFew { .. })), "{unknown:?}");
}

#[tokio::test(start_paused = true)]
async fn no_single_node_keeps_a_witness_from_being_drawn() {
	let bench = bench();
	let cell = Cell::from_degrees(48.0, 11.0, DRAW_RESOLUTION).expect("a place");
	bench.nodes[0].lie(Some(Lie::Draw));
	assert_eq!(bench.chain.members(0, cell, present()).await, Ok(1));
	let lines = bench.distrusted();
	assert!(lines.len() == 1 && lines[0].contains("node-0"), "{lines:?}");
	// Of two that contradict each other, the one that draws more witnesses is believed.
	bench.nodes[1].set_offline(true);
	assert_eq!(bench.chain.members(0, cell, present()).await, Ok(1));
	bench.nodes[2].set_offline(true);
	let unknown = bench.chain.members(0, cell, present()).await;
	assert!(matches!(unknown, Err(ChainError::TooFew { .. })), "{unknown:?}");
}

#[tokio::test(start_paused = true)]
async fn no_single_node_ends_a_report() {
	let bench = bench();
	let reveal = Reveal { window: WINDOW - 2, beaconer: DEVICE, signature: Signature([7; 64]) };
	let report = EncodedReport::from(reveal);
	bench.nodes[0].lie(Some(Lie::Known));
	assert_eq!(bench.chain.check(&report, present()).await, Ok(Ok(())));
	let lines = bench.distrusted();
	assert!(lines.len() == 1 && lines[0].contains("node-0"), "{lines:?}");
	bench.truth.script().on_chain.insert(report.key);
	assert_eq!(bench.chain.check(&report, At::Best).await, Ok(Err(Refusal::AlreadyKnown.into())));
}

#[tokio::test(start_paused = true)]
async fn answers_of_a_later_runtime_may_be_longer() {
	let bench = bench();
	for node in &bench.nodes {
		node.lie(Some(Lie::Longer));
	}
	bench.expect_truth().await;
	let known = bench.chain.device(DEVICE, present()).await.expect("answered");
	assert_eq!(known.map(|device| device.id), Some(DEVICE));
	assert_eq!(bench.metrics.runtime_unreadable.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn client_says_once_that_it_cannot_read_the_runtime() {
	let bench = bench();
	let lie = |lie: Option<Lie>| bench.nodes.iter().for_each(|node| node.lie(lie));
	bench.expect_truth().await;
	lie(Some(Lie::Unreadable));
	for _ in 0..3 {
		assert!(bench.chain.agreed().await.is_err());
		let challenge = bench.chain.challenge(DEVICE, WINDOW, present()).await;
		assert!(matches!(challenge, Err(ChainError::Incompatible { .. })), "{challenge:?}");
	}
	assert_eq!(bench.metrics.runtime_unreadable.get(), 2);
	assert_eq!(bench.log.lines_with("cannot read the runtime").len(), 2, "one for each function");
	lie(None);
	bench.expect_truth().await;
	assert!(bench.chain.challenge(DEVICE, WINDOW, present()).await.is_ok());
	assert_eq!(bench.metrics.runtime_unreadable.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn unknown_block_is_no_answer() {
	let bench = bench();
	let unknown = At::Block(hash(BLOCK + 1));
	let challenge = bench.chain.challenge(DEVICE, WINDOW, unknown).await;
	assert!(matches!(challenge, Err(ChainError::Refused { .. })), "{challenge:?}");
}

#[tokio::test(start_paused = true)]
async fn node_that_repeats_its_head_is_left() {
	let bench = bench();
	bench.nodes[0].lie(Some(Lie::Stuck(BLOCK)));
	assert_eq!(bench.chain.next_heads().await, Ok(heads(BLOCK)));
	let ahead = async {
		for block in BLOCK + 1..BLOCK + 60 {
			bench.truth.go_to(block);
			tokio::time::sleep(Duration::from_secs(6)).await;
		}
	};
	let left = async {
		let error = bench.chain.next_heads().await.expect_err("nothing new");
		assert!(error.to_string().contains(&bench.nodes[0].url()), "{error}");
		bench.chain.next_heads().await
	};
	let (heads, ()) = tokio::join!(timeout(Duration::from_secs(300), left), ahead);
	assert!(heads.expect("in time").is_ok_and(|heads| heads.best > BLOCK));
}

#[tokio::test(start_paused = true)]
async fn window_before_the_last_one_of_the_store_is_not_believed() {
	let (bench, store) = (bench(), store());
	store.keep_window(&window(WINDOW + 1)).expect("kept");
	let (mut views, _stop) = bench.follow(&store);
	assert!(timeout(Duration::from_secs(60), next_view(&mut views)).await.is_err());
	let lines = bench.log.lines_with("move the store away");
	assert!(lines.len() == 1 && lines[0].contains("still catching up, wait"), "{lines:?}");
	bench.truth.go_to((WINDOW + 2) * BLOCKS);
	let view = timeout(Duration::from_secs(60), next_view(&mut views)).await.expect("in time");
	assert_eq!(view.map(|view| view.window.index), Some(WINDOW + 2));
	assert_eq!(store.last_window().expect("readable"), Some(window(WINDOW + 2)));
}

#[tokio::test(start_paused = true)]
async fn chain_that_begins_again_under_a_client_is_reported() {
	let bench = bench();
	let (mut views, _stop) = bench.follow(&store());
	let view = next_view(&mut views).await.expect("a view");
	assert_eq!(view.window.index, WINDOW);
	assert!(bench.log.lines_with("the window stays as it is").is_empty());
	for block in 1..20 {
		bench.truth.go_to(2 * BLOCKS + block);
		tokio::time::sleep(Duration::from_secs(6)).await;
	}
	let lines = bench.log.lines_with("the window stays as it is");
	assert!(lines.len() == 1 && lines[0].contains("has finalized block"), "{lines:?}");
	let view = views.borrow().clone().expect("a view");
	assert_eq!(view.window.index, WINDOW);
}

#[tokio::test(start_paused = true)]
async fn node_whose_heads_arrive_late_once_is_not_named() {
	let bench = bench();
	let (mut views, _stop) = bench.follow(&store());
	next_view(&mut views).await.expect("a view");
	// What it reported during a stall of the connection arrives afterwards, the oldest first.
	bench.nodes[0].lie(Some(Lie::Late(BLOCK + 1)));
	tokio::time::sleep(Duration::from_secs(70)).await;
	bench.truth.go_to(BLOCK + 12);
	tokio::time::sleep(Duration::from_secs(6)).await;
	bench.nodes[0].lie(None);
	bench.truth.go_to(BLOCK + 13);
	tokio::time::sleep(Duration::from_secs(6)).await;
	assert!(bench.distrusted().is_empty(), "{:?}", bench.distrusted());
	let view = views.borrow().clone().expect("a view");
	assert_eq!(view.heads.best, BLOCK + 13);
}

#[tokio::test(start_paused = true)]
async fn view_stays_when_the_node_in_use_is_in_the_window_before() {
	let bench = bench();
	bench.truth.go_to((WINDOW + 1) * BLOCKS + 2);
	let (mut views, _stop) = bench.follow(&store());
	let view = next_view(&mut views).await.expect("a view");
	assert_eq!(view.window.index, WINDOW + 1);
	// It falls behind a little, and then permanently.
	bench.nodes[0].lie(Some(Lie::Stuck((WINDOW + 1) * BLOCKS - 3)));
	for block in 3..40 {
		bench.truth.go_to((WINDOW + 1) * BLOCKS + block);
		tokio::time::sleep(Duration::from_secs(6)).await;
		let view = views.borrow().clone().expect("a view");
		assert_eq!(view.window.index, WINDOW + 1, "{block}");
		assert!(view.heads.finalized.number >= view.window.first_block, "{block}");
	}
	let view = views.borrow().clone().expect("a view");
	assert!(view.heads.best > (WINDOW + 1) * BLOCKS + 20, "{:?}", view.heads);
}

#[tokio::test(start_paused = true)]
async fn window_begins_in_time_when_the_node_in_use_lags() {
	let bench = bench();
	bench.nodes[0].lie(Some(Lie::Behind(8)));
	// So that the nodes are not asked just then anyway.
	bench.truth.go_to(BLOCK + 5);
	let (mut views, _stop) = bench.follow(&store());
	next_view(&mut views).await.expect("a view");
	let begin = (WINDOW + 1) * BLOCKS;
	for block in BLOCK + 6..=begin + 3 {
		bench.truth.go_to(block);
		tokio::time::sleep(Duration::from_secs(6)).await;
	}
	let view = views.borrow().clone().expect("a view");
	assert_eq!(view.window.index, WINDOW + 1);
	assert!(view.heads.finalized.number >= begin, "{:?}", view.heads);
	for block in begin + 4..begin + 30 {
		bench.truth.go_to(block);
		tokio::time::sleep(Duration::from_secs(6)).await;
		let view = views.borrow().clone().expect("a view");
		assert!(view.window.index == WINDOW + 1 && view.heads.finalized.number >= begin);
	}
	assert!(bench.distrusted().is_empty(), "{:?}", bench.distrusted());
}
