//! A field of coverage and a network of the made-up kind on one chain: who guesses when, and how
//! that comes to the chain.

use std::collections::BTreeMap;

use frame_support::assert_ok;
use groma_core::{
	DeviceId, EpochIndex, NetworkId, WindowIndex, payload,
	protocol::{EFFECT_DELAY_WINDOWS, REVEAL_DELAY},
	terms::{
		LotteryTerms, NetworkTerms, PlaceTerms, Proof, STAKE_PER_DEVICE_MAX, SupplyTerms,
		UNIT_CAP_MAX, YIELD_MAX,
	},
	units::{ONE, Scale, Units},
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use groma_traits::{Window, Windows};
use pallet_collector::Call as CollectorCall;
use pallet_device_registry::LocationClaim;
use pallet_stake::Purpose;
use serde_json::json;
use sp_core::{Pair, ed25519};
use sp_keyring::Sr25519Keyring::{
	self, Alice, AliceStash, BobStash, CharlieStash, DaveStash, Ferdie,
};

use crate::{
	Challenges, Collector, DeviceRegistry, Emission, MadeUp, ProofOfCoverage, Runtime, RuntimeCall,
	RuntimeOrigin, Stake, UncheckedExtrinsic,
	chain::{Chain, account, as_root, genesis_config, signed},
	field::{
		Device, LORAWAN, four_devices, genesis_hash, next_window, reveal_bundle, reveals,
		statement_bundle, statements, to_window,
	},
	genesis::treasury_account,
	kind::{self, Guess},
};

/// The network of the made-up kind.
pub(crate) const GAME: NetworkId = 1;
/// Who owns its devices. Those of coverage have other owners.
pub(crate) const OWNERS: [Sr25519Keyring; 4] = [AliceStash, BobStash, CharlieStash, DaveStash];
/// Who brings guesses. The reports of coverage have another collector.
pub(crate) const COLLECTOR: Sr25519Keyring = Ferdie;
/// What the network of coverage leaves to the other.
pub(crate) const GAME_WEIGHT: Scale = Scale::from_percent(40);
/// The same of the lane.
pub(crate) const GAME_LANE_SHARE: Scale = Scale::from_percent(25);

/// Terms of a network without places. Neither the unit nor the device is capped below what the
/// network has to pay out, and there is no ramp.
pub(crate) fn terms() -> NetworkTerms {
	NetworkTerms {
		place: PlaceTerms::Anywhere,
		lottery: LotteryTerms { interval_windows: 2, lane_share: GAME_LANE_SHARE },
		supply: SupplyTerms {
			weight: GAME_WEIGHT,
			unit_cap: UNIT_CAP_MAX,
			yield_max: YIELD_MAX,
			ramp_windows: 0,
			..Default::default()
		},
		stake_per_device: STAKE_PER_DEVICE_MAX,
		proof: Proof::MadeUp,
		services: Default::default(),
		fees: Default::default(),
	}
}

/// Creates the network of the made-up kind as a vote does.
pub(crate) fn found(chain: &mut Chain, terms: NetworkTerms) {
	let name = b"made up".to_vec().try_into().expect("it is short");
	chain.with(|| as_root(pallet_networks::Call::create_network { name, terms }));
}

/// Puts stake behind one device more of an owner, which the treasury pays.
fn back(owner: Sr25519Keyring) {
	let amount = STAKE_PER_DEVICE_MAX;
	as_root(pallet_balances::Call::force_transfer {
		source: treasury_account().into(),
		dest: account(owner).into(),
		value: amount,
	});
	let origin = RuntimeOrigin::signed(account(owner));
	assert_ok!(Stake::provision(origin, Purpose::Devices(GAME), amount));
}

/// The window record, as pallets see it.
pub(crate) fn record_of(window: WindowIndex) -> Window {
	<Challenges as Windows>::window(window).expect("the window is remembered")
}

/// The toss that settles a window: heads or not.
fn toss(window: WindowIndex) -> bool {
	record_of(window + REVEAL_DELAY).seed[0] & 1 == 1
}

/// A device of the made-up kind, with its owner and its key.
pub(crate) struct Player {
	pub(crate) id: DeviceId,
	pub(crate) owner: Sr25519Keyring,
	key: ed25519::Pair,
}

impl Player {
	/// Registers a device with its own key.
	pub(crate) fn onboard(
		chain: &mut Chain,
		owner: Sr25519Keyring,
		name: u8,
		location: Option<LocationClaim>,
	) -> Self {
		let key = ed25519::Pair::from_seed(&[name; 32]);
		let session_key = SessionKey(key.public().0);
		let proof = chain.with(|| {
			let owner = account(owner);
			let nonce = DeviceRegistry::onboarding_nonce(&owner);
			let owner = AccountBytes(owner.into());
			let message = payload::onboarding(&genesis_hash(), &owner, GAME, nonce);
			Signature(key.sign(&message).0)
		});
		let attestation = None;
		let call = pallet_device_registry::Call::register_device {
			network: GAME,
			session_key,
			proof,
			location,
			attestation,
		};
		assert_ok!(chain.submit(owner, call));
		chain.with(|| back(owner));
		let id = chain.with(|| DeviceRegistry::device_by_key(session_key));
		Self { id: id.expect("it is registered"), owner, key }
	}

	/// Whether it is drawn in a window.
	pub(crate) fn is_drawn(&self, window: WindowIndex) -> bool {
		record_of(window).draws(self.id, GAME)
	}

	/// Its guess in a window, whether it is drawn or not.
	pub(crate) fn guess(&self, window: WindowIndex, is_heads: bool) -> Guess {
		sign(&self.key, self.id, window, is_heads)
	}
}

/// A guess in the name of a device, with this key. It names [`COLLECTOR`].
pub(crate) fn sign(
	key: &ed25519::Pair,
	device: DeviceId,
	window: WindowIndex,
	is_heads: bool,
) -> Guess {
	let challenge: Hash = MadeUp::challenge_of(&record_of(window).seed, device);
	let collector = Collector::index_of(&account(COLLECTOR));
	let signature = Signature(key.sign(&Guess::signed_bytes(&challenge, is_heads, collector)).0);
	Guess { window, device, is_heads, collector, signature }
}

/// A collector's bundle of guesses.
pub(crate) fn guess_bundle(guesses: Vec<Guess>) -> RuntimeCall {
	let guesses = guesses.try_into().expect("they are few");
	kind::Call::submit_guesses { guesses }.into()
}

/// A guess that its device submits itself.
pub(crate) fn own_guess(guess: Guess) -> RuntimeCall {
	kind::Call::submit_own_guess { guess }.into()
}

/// How a guess came out.
pub(crate) struct Verdict {
	pub(crate) device: DeviceId,
	/// The epoch in which it was settled.
	pub(crate) epoch: EpochIndex,
	pub(crate) is_right: bool,
}

/// The chain with both networks, or with the field of coverage alone.
pub(crate) struct Game {
	pub(crate) chain: Chain,
	/// The timestamp of the first block.
	pub(crate) started_ms: u64,
	/// The devices of coverage.
	pub(crate) devices: Vec<Device>,
	pub(crate) players: Vec<Player>,
	/// In which epoch each window began.
	pub(crate) began: BTreeMap<WindowIndex, EpochIndex>,
	/// What was brought.
	guesses: Vec<Guess>,
}

impl Game {
	/// A field of coverage that leaves room for another network, and devices of these owners in it.
	/// Without owners there is no other network.
	pub(crate) fn new(owners: &[Sr25519Keyring]) -> Self {
		let mut config = genesis_config(Some("development"));
		let lorawan = &mut config["networks"]["networks"][usize::from(LORAWAN)]["terms"];
		lorawan["supply"]["weight"] = json!(ONE as u32 - GAME_WEIGHT.billionths());
		lorawan["lottery"]["laneShare"] = json!(ONE as u32 - GAME_LANE_SHARE.billionths());
		let mut chain = Chain::of(config);
		chain.block(vec![]);
		let started_ms = chain.now_ms();
		// The collector of coverage. That of the game is one by the genesis.
		assert_ok!(chain.submit(Alice, CollectorCall::<Runtime>::register_collector {}));
		let devices = four_devices(&mut chain);
		if !owners.is_empty() {
			found(&mut chain, terms());
		}
		let players = owners
			.iter()
			.zip(101..)
			.map(|(owner, name)| Player::onboard(&mut chain, *owner, name, None))
			.collect();
		// No registration is in effect before.
		let now = chain.with(|| Challenges::window_info().index);
		to_window(&mut chain, now + EFFECT_DELAY_WINDOWS);
		let (began, guesses) = (BTreeMap::new(), Vec::new());
		Self { chain, started_ms, devices, players, began, guesses }
	}

	/// Makes blocks until the first one of the next window, and returns its number.
	pub(crate) fn enter_window(&mut self) -> WindowIndex {
		let window = next_window(&mut self.chain);
		let epoch = self.chain.with(Emission::epoch_info).expect("the clock runs").current;
		self.began.insert(window, epoch);
		window
	}

	/// Lives through so many windows with collectors that bring everything, from the beginning of
	/// an epoch on, and through as many without guesses as it takes to settle all and to close the
	/// epochs in which that happened.
	pub(crate) fn play(&mut self, windows: u32) {
		let first = self.enter_window();
		let mut last = first;
		while self.began[&last] == self.began[&first] {
			last = self.enter_window();
		}
		(0..windows).for_each(|_| self.live_window());
		(0..12).for_each(|_| {
			self.enter_window();
		});
		self.chain.blocks(2);
	}

	/// The guesses of all who are drawn in a window. Who guesses what is settled before the toss.
	pub(crate) fn guesses_in(&mut self, window: WindowIndex) -> Vec<Guess> {
		let players = &self.players;
		self.chain.with(|| {
			let drawn = players.iter().filter(|player| player.is_drawn(window));
			drawn
				.map(|player| player.guess(window, (window + player.id).is_multiple_of(2)))
				.collect()
		})
	}

	fn live_window(&mut self) {
		let window = self.enter_window();
		// The second block of a window may be one in which the session changes: it takes nothing.
		self.chain.block(vec![]);
		let guesses = self.guesses_in(window);
		self.guesses.extend(&guesses);
		let devices = &self.devices;
		let transactions = self.chain.with(|| {
			let calls = coverage_calls(devices, window).into_iter().zip(0..);
			let coverage = calls.map(|(call, ahead)| signed(Alice, call, ahead, 0));
			let bundle = (!guesses.is_empty()).then(|| guess_bundle(guesses));
			let game = bundle.map(|bundle| signed(COLLECTOR, bundle, 0, 0));
			coverage.chain(game).collect::<Vec<UncheckedExtrinsic>>()
		});
		for outcome in self.chain.block(transactions) {
			assert_eq!(outcome, Ok(Ok(())));
		}
	}

	/// What the rules of the kind say of every guess.
	pub(crate) fn verdicts(&mut self) -> Vec<Verdict> {
		let (guesses, began) = (&self.guesses, &self.began);
		self.chain.with(|| {
			let verdict = |guess: &Guess| Verdict {
				device: guess.device,
				epoch: began[&(guess.window + REVEAL_DELAY)],
				is_right: guess.is_heads == toss(guess.window),
			};
			guesses.iter().map(verdict).collect()
		})
	}

	/// What devices earned by these rules: half a unit for a right guess, being self-made.
	pub(crate) fn units(&mut self) -> BTreeMap<EpochIndex, BTreeMap<DeviceId, Units>> {
		let mut units = BTreeMap::<_, BTreeMap<_, Units>>::new();
		for verdict in self.verdicts().iter().filter(|verdict| verdict.is_right) {
			let sum = units.entry(verdict.epoch).or_default().entry(verdict.device).or_default();
			*sum = sum.saturating_add(Units(ONE / 2));
		}
		units
	}
}

/// What a collector of coverage brings in a window: all that was heard in it, and the beacons of
/// two windows before.
fn coverage_calls(devices: &[Device], window: WindowIndex) -> Vec<RuntimeCall> {
	let groups = statements(devices, window);
	let judged = window - REVEAL_DELAY;
	let due: Vec<_> = reveals(devices, judged)
		.into_iter()
		.filter(|reveal| !ProofOfCoverage::witnesses(judged, reveal.beaconer).is_empty())
		.collect();
	let heard = (!groups.is_empty()).then(|| statement_bundle(groups));
	let revealed = (!due.is_empty()).then(|| reveal_bundle(due));
	heard.into_iter().chain(revealed).collect()
}
