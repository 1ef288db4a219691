//! The whole way of the made-up kind, in exact numbers.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::assert_ok;
use groma_core::{
	DeviceId, EpochIndex,
	api::NetworkEpochInfo,
	emission,
	money::{Balance, MILLI_GRM},
	protocol::{CREDIT_PARTS, EFFECT_DELAY_WINDOWS, WINDOWS_KEPT},
	units::{ONE, Units},
};
use groma_traits::SupplyWork;
use pallet_emission::EmissionSplit;
use sp_keyring::Sr25519Keyring::{Alice, EveStash};

use crate::{
	Balances, Challenges, Collector, DeviceRegistry, MadeUp, Rewards, Runtime,
	chain::{Chain, account},
	field::{LORAWAN, to_window},
	game::{COLLECTOR, GAME, GAME_LANE_SHARE, GAME_WEIGHT, Game, OWNERS, record_of, terms},
	kind::{self, Reason},
};

/// Windows in which devices play: more than two epochs.
const WINDOWS: u32 = 22;

fn played() -> Game {
	let mut game = Game::new(&OWNERS);
	game.play(WINDOWS);
	game
}

/// What the supply pool of an epoch holds, by the schedule and the split. The schedule starts with
/// the first block of the chain.
fn supply_pool(started_ms: u64, epoch: EpochIndex) -> Balance {
	const EPOCH_MS: u64 = 120_000;
	let since = |epoch: EpochIndex| (u64::from(epoch) * EPOCH_MS).saturating_sub(started_ms);
	let emitted = emission::between(since(epoch), since(epoch + 1));
	EmissionSplit::default().divide(emitted).supply
}

/// What the network's share of the supply pool makes of the units of an epoch, and what of it
/// belongs to each device.
fn settled(
	started_ms: u64,
	epoch: EpochIndex,
	earned: &BTreeMap<DeviceId, Units>,
) -> (NetworkEpochInfo, BTreeMap<DeviceId, Balance>) {
	let units = earned.values().fold(Units::ZERO, |sum, units| sum.saturating_add(*units));
	let pool = GAME_WEIGHT.of(supply_pool(started_ms, epoch));
	let per_unit = pool * Balance::from(ONE) / Balance::from(units.0);
	let device_cap = terms().device_cap();
	let worth = |units: &Units| per_unit * Balance::from(units.0) / Balance::from(ONE);
	let rewards = earned.iter().map(|(device, units)| (*device, worth(units))).collect();
	(NetworkEpochInfo { epoch, units, pool, per_unit, device_cap }, rewards)
}

/// Has anyone claim for a device, and says what its owner got.
fn claim(game: &mut Game, player: usize) -> Balance {
	let (device, owner) = (game.players[player].id, account(game.players[player].owner));
	let before = game.chain.with(|| Balances::free_balance(&owner));
	assert_ok!(game.chain.submit(EveStash, pallet_rewards::Call::claim { device }));
	game.chain.with(|| Balances::free_balance(&owner)) - before
}

#[test]
fn devices_are_paid_the_supply_share_of_their_own_network() {
	let mut game = played();
	let mut owed = BTreeMap::<DeviceId, Balance>::new();
	let units = game.units();
	assert!(units.len() >= 2, "more than one epoch paid");
	for (epoch, earned) in units {
		let (expected, rewards) = settled(game.started_ms, epoch, &earned);
		// 400,000,000 GRM in 1,460 days: 40 % of half of what is emitted in two minutes.
		assert!(expected.pool.abs_diff(76_103_500_761_034) <= 1, "{}", expected.pool);
		let found = game.chain.with(|| Rewards::network_epoch(GAME, epoch));
		assert_eq!(found, Some(expected.clone()));
		let paid: Balance = rewards.values().sum();
		assert!(expected.pool - paid < 100, "{} of {}", paid, expected.pool);
		rewards.into_iter().for_each(|(device, reward)| *owed.entry(device).or_default() += reward);
	}
	for (player, owner) in OWNERS.into_iter().enumerate() {
		let device = game.players[player].id;
		let info = game.chain.with(|| Rewards::rewards_info(device));
		assert_eq!(info.owed, vec![(account(owner), owed[&device])]);
		assert_eq!(claim(&mut game, player), owed[&device]);
	}
	game.chain.check();
}

#[test]
fn guess_that_earns_nothing_has_a_reason() {
	let mut game = played();
	let mut wrong = BTreeMap::<DeviceId, u16>::new();
	let verdicts = game.verdicts();
	for verdict in verdicts.iter().filter(|verdict| !verdict.is_right) {
		*wrong.entry(verdict.device).or_default() += 1;
	}
	let total = verdicts.len();
	let failed = usize::from(wrong.values().sum::<u16>());
	assert!(failed >= 10 && total - failed >= 10, "{failed} of {total} were wrong");
	for player in &game.players {
		let count = |reason| MadeUp::reason_count(player.id, reason);
		let counts = game
			.chain
			.with(|| [Reason::WrongGuess, Reason::Unfit, Reason::NeverSettled].map(count));
		assert_eq!(counts, [wrong.get(&player.id).copied().unwrap_or_default(), 0, 0]);
	}
	game.chain.check();
}

#[test]
fn collectors_of_both_kinds_are_owed_what_they_brought() {
	let mut game = played();
	let reports = game.verdicts().len() as Balance;
	let [brought, of_coverage] = [COLLECTOR, Alice]
		.map(|collector| game.chain.with(|| Collector::owed_to(&account(collector))));
	assert_eq!(brought, reports * MILLI_GRM, "the cap binds");
	// Of each report four fifths for the statement, one for the reveal.
	let fifth = MILLI_GRM / Balance::from(CREDIT_PARTS);
	assert!(of_coverage > 0 && of_coverage % fifth == 0, "{of_coverage}");
	for (collector, owed) in [(COLLECTOR, brought), (Alice, of_coverage)] {
		let collector = account(collector);
		let before = game.chain.with(|| Balances::free_balance(&collector));
		let call =
			pallet_collector::Call::<Runtime>::claim_collected { collector: collector.clone() };
		assert_ok!(game.chain.submit(EveStash, call));
		game.chain.with(|| assert_eq!(Balances::free_balance(&collector), before + owed));
	}
	game.chain.check();
}

#[test]
fn bundles_of_guesses_cost_their_collector_nothing() {
	let before = Game::new(&OWNERS).chain.with(|| Balances::free_balance(account(COLLECTOR)));
	played().chain.with(|| assert_eq!(Balances::free_balance(account(COLLECTOR)), before));
}

#[test]
fn network_of_coverage_goes_on_as_if_it_were_alone() {
	let [both, alone] = [&OWNERS[..], &[]].map(|owners| {
		let mut game = Game::new(owners);
		game.play(WINDOWS);
		let Game { mut chain, devices, began, .. } = game;
		let epochs: BTreeSet<EpochIndex> = began.values().copied().collect();
		let drawn = chain.with(|| {
			let windows = began.keys().map(|window| record_of(*window));
			let drawn_in = |window: groma_traits::Window| {
				let ids = devices.iter().map(|device| device.id);
				let drawn: Vec<_> = ids.filter(|id| window.draws(*id, LORAWAN)).collect();
				(window.threshold(LORAWAN), drawn)
			};
			windows.map(drawn_in).collect::<Vec<_>>()
		});
		let earned = epochs.iter().map(|epoch| Rewards::network_epoch(LORAWAN, *epoch));
		let earned: Vec<_> = chain.with(|| earned.collect());
		chain.check();
		(drawn, earned)
	});
	assert_eq!(both, alone);
	let units: Vec<_> = alone.1.iter().flatten().map(|epoch| epoch.units).collect();
	assert!(units.len() >= 2 && units.iter().all(|units| *units > Units::ZERO), "{units:?}");
}

#[test]
fn network_of_coverage_has_its_own_share_of_the_lane() {
	let whole = Chain::development().with(|| Challenges::challenges_max(LORAWAN));
	let part = Game::new(&OWNERS).chain.with(|| Challenges::challenges_max(LORAWAN));
	let (whole, part) = (whole.expect("it is there"), part.expect("it is there"));
	let left = ONE - u64::from(GAME_LANE_SHARE.billionths());
	let expected = u64::from(whole) * left / ONE;
	assert!(expected.abs_diff(part.into()) <= 1, "{part} of {whole}");
}

#[test]
fn device_of_the_kind_leaves_nothing_behind_when_it_is_retired() {
	let mut game = played();
	let device = game.players[0].id;
	let Game { chain, players, .. } = &mut game;
	let has_state = |device: DeviceId| {
		let has_reasons = kind::Reasons::<Runtime>::contains_key(device);
		(MadeUp::peek(GAME, device).is_some(), has_reasons)
	};
	chain.with(|| assert_eq!(has_state(device), (true, true)));
	let call = pallet_device_registry::Call::retire { device };
	assert_ok!(chain.submit(players[0].owner, call));
	let called = chain.with(|| Challenges::window_info().index);
	to_window(chain, called + EFFECT_DELAY_WINDOWS + WINDOWS_KEPT + 1);
	chain.with(|| {
		assert_eq!(DeviceRegistry::device_info(device), None);
		assert_eq!(has_state(device), (false, false));
		assert_eq!(has_state(players[1].id), (true, true));
	});
	chain.check();
	assert!(claim(&mut game, 0) > 0, "what it earned is still its payee's");
}
