//! What the shared rooms do for the kind without having been changed for it.

use codec::Decode;
use frame_metadata::RuntimeMetadata;
use frame_support::traits::{Hooks, InstanceFilter};
use groma_core::{
	NetworkId,
	pool_layout::chunk_key,
	terms::{LotteryTerms, NetworkTerms},
	units::Scale,
};
use groma_traits::ChallengeCost;
use pallet_challenges::{EvidenceLane, Track};
use pallet_collector::COLLECTOR_KEY_TYPE;
use scale_info::TypeDef;
use sp_core::offchain::{
	OffchainDbExt, OffchainWorkerExt, TransactionPoolExt,
	testing::{TestOffchainExt, TestTransactionPoolExt},
};
use sp_keyring::Sr25519Keyring;
use sp_keystore::{Keystore, KeystoreExt, testing::MemoryKeystore};
use sp_runtime::offchain::storage::StorageValueRef;

use crate::{
	BlockNumber, Challenges, Collector, MadeUp, Runtime, RuntimeEvent, System, UncheckedExtrinsic,
	chain::{Chain, account, as_root},
	configs::{proofs::ByKind, tools::ProxyType},
	field::{LORAWAN, WINDOW_BLOCKS, reveal_bundle},
	game::{COLLECTOR, GAME, GAME_LANE_SHARE, Game, OWNERS, guess_bundle, record_of, terms},
	kind::{Event, GUESSES},
};

/// The threshold of a network in a window that begins now.
fn next_threshold(game: &mut Game, network: NetworkId) -> u64 {
	let window = game.enter_window();
	game.chain.with(|| record_of(window).threshold(network))
}

#[test]
fn challenges_follow_the_lane_share_and_the_cost_of_the_kind() {
	let mut game = Game::new(&OWNERS);
	let full = game.chain.with(|| {
		let cost = <ByKind as ChallengeCost>::of(GAME);
		assert_eq!(cost, MadeUp::challenge_cost());
		let lane = EvidenceLane::<Runtime>::limit(Track::Evidence);
		// Challenges are meant to fill 60 % of the lane.
		let fill = |per_block: u64| u128::from(per_block) * u128::from(WINDOW_BLOCKS) * 6 / 10;
		let by_time = GAME_LANE_SHARE.of(fill(lane.ref_time)) / u128::from(cost.ref_time);
		let by_length = GAME_LANE_SHARE.of(fill(lane.length.into())) / u128::from(cost.length);
		let full = Challenges::challenges_max(GAME).expect("the network is there");
		assert_eq!(u128::from(full), by_time.min(by_length));
		full
	});
	assert_eq!(next_threshold(&mut game, GAME), u64::MAX / 2, "there is room for every second");

	// Room for two of the four devices, which would be drawn in every window.
	let lane_share = Scale::from_billionths(GAME_LANE_SHARE.billionths() / full * 5 / 2);
	let lottery = LotteryTerms { interval_windows: 1, lane_share };
	let tight = NetworkTerms { lottery, ..terms() };
	game.chain.with(|| {
		as_root(pallet_networks::Call::update_terms { network: GAME, terms: tight });
		assert_eq!(Challenges::challenges_max(GAME), Some(2));
	});
	assert_eq!(next_threshold(&mut game, GAME), 1 << 63);
	assert_eq!(next_threshold(&mut game, LORAWAN), u64::MAX / 2);
	game.chain.check();
}

/// Gives the chain what the node of a collector offers to its worker. The function takes what waits
/// in the transaction pool of that node out of it.
pub(crate) fn run_on_a_node(
	chain: &mut Chain,
	collector: Sr25519Keyring,
) -> impl Fn() -> Vec<UncheckedExtrinsic> + use<> {
	let keystore = MemoryKeystore::new();
	let key = keystore.sr25519_generate_new(COLLECTOR_KEY_TYPE, Some(&collector.to_seed()));
	assert_eq!(key.expect("it is made").0, collector.to_raw_public());
	let (offchain, _) = TestOffchainExt::new();
	let (transactions, pool) = TestTransactionPoolExt::new();
	let state = chain.externalities();
	state.register_extension(KeystoreExt::new(keystore));
	state.register_extension(OffchainDbExt::new(offchain.clone()));
	state.register_extension(OffchainWorkerExt::new(offchain));
	state.register_extension(TransactionPoolExt::new(transactions));
	move || {
		let waiting = std::mem::take(&mut pool.write().transactions);
		let decode = |bytes: &Vec<u8>| UncheckedExtrinsic::decode(&mut &bytes[..]);
		waiting.iter().map(|bytes| decode(bytes).expect("it is a transaction")).collect()
	}
}

#[test]
fn collector_brings_guesses_from_the_report_pool_of_its_node() {
	let mut game = Game::new(&OWNERS);
	let take_waiting = run_on_a_node(&mut game.chain, COLLECTOR);

	let (window, guesses) = loop {
		let window = game.enter_window();
		let guesses = game.guesses_in(window);
		if (1..OWNERS.len()).contains(&guesses.len()) {
			break (window, guesses);
		}
	};
	let players = &game.players;
	game.chain.with(|| {
		// The pool holds what the chain would not take as well.
		let resting = players.iter().find(|player| !player.is_drawn(window));
		let pooled: Vec<_> = resting.map(|player| player.guess(window, true)).into_iter().collect();
		let chunk = [pooled, guesses.clone()].concat();
		StorageValueRef::persistent(&chunk_key(GUESSES, window, 0)).set(&chunk);
	});
	run_collector(&mut game.chain);
	let submitted = take_waiting();
	let [bundle] = &submitted[..] else { panic!("{} bundles", submitted.len()) };
	assert_eq!(bundle.function, guess_bundle(guesses.clone()));
	assert_eq!(game.chain.include(bundle.clone()), Ok(()));
	let (collector, taken) = (Some(account(COLLECTOR)), guesses.len() as u32);
	let event = Event::GuessesSubmitted { collector, taken, refused: 0 };
	assert!(game.chain.events().contains(&RuntimeEvent::MadeUp(event)));
	run_collector(&mut game.chain);
	assert!(take_waiting().is_empty(), "what is on chain is not brought again");
}

/// Runs the worker of the collector after the present block.
pub(crate) fn run_collector(chain: &mut Chain) {
	chain.with(|| <Collector as Hooks<BlockNumber>>::offchain_worker(System::block_number()));
}

#[test]
fn calls_of_the_chain_keep_their_numbers() {
	let RuntimeMetadata::V14(metadata) = Chain::development().with(Runtime::metadata).1 else {
		panic!("the metadata is of version 14");
	};
	let mut lines = Vec::new();
	for pallet in metadata.pallets {
		let Some(calls) = pallet.calls else { continue };
		let calls = metadata.types.resolve(calls.ty.id).expect("the type is registered");
		let TypeDef::Variant(variants) = &calls.type_def else { panic!("calls are variants") };
		let (number, name) = (pallet.index, pallet.name);
		let calls = variants.variants.iter();
		lines.extend(calls.map(|it| format!("{number}.{} {name}.{}", it.index, it.name)));
	}
	let (made_up, of_the_chain): (Vec<_>, Vec<_>) =
		lines.into_iter().partition(|line| line.contains("MadeUp"));
	let surface = include_str!("../../surface.txt");
	let known = surface.lines().filter_map(|line| line.strip_prefix("call ")?.split('(').next());
	assert_eq!(of_the_chain, known.collect::<Vec<_>>());
	assert_eq!(made_up, ["255.0 MadeUp.submit_guesses", "255.1 MadeUp.submit_own_guess"]);
}

#[test]
fn proxy_for_devices_brings_reports_of_every_kind() {
	for call in [guess_bundle(vec![]), reveal_bundle(vec![])] {
		assert!(ProxyType::Devices.filter(&call), "{call:?}");
		assert!(!ProxyType::CancelProxy.filter(&call), "{call:?}");
	}
}

/// The lines of a text that another one does not have, without documentation.
fn lines_missing(text: &'static str, other: &str) -> Vec<&'static str> {
	let is_missing = |line: &&str| !line.starts_with("//!") && !other.lines().any(|it| it == *line);
	text.lines().filter(is_missing).collect()
}

#[test]
fn kind_is_named_in_two_tuples_and_three_matches_of_the_chain() {
	let chain = include_str!("../../src/configs/proofs.rs");
	let copy = include_str!("configs/proofs.rs");
	let mentions_kind = |line: &&str| line.contains("MadeUp") || line.contains("made-up-proof");
	let (arms, replaced): (Vec<_>, Vec<_>) =
		lines_missing(chain, copy).into_iter().partition(mentions_kind);
	assert_eq!(arms.len(), 6, "{arms:?}");
	let replaced: Vec<_> =
		replaced.iter().filter_map(|line| line.split(['=', '{']).next()).collect();
	assert_eq!(replaced, ["use crate::", "pub type Kinds ", "pub type Bundlers "]);
	assert_eq!(lines_missing(copy, chain).len(), replaced.len() + arms.len() / 2);
}
