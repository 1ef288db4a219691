//! What is no guess of the kind, or none for now, and what a guess is to another kind.

use frame_support::assert_ok;
use groma_core::{
	WindowIndex,
	api::Refusal as CoverageRefusal,
	payload::{self, Observation},
	protocol::EFFECT_DELAY_WINDOWS,
	statement::Statement,
	terms::{LotteryTerms, NetworkTerms, PlaceTerms},
	words::Signature,
};
use pallet_challenges::{BUNDLE_PRIORITY, OWN_CALL_PRIORITY};
use pallet_device_registry::LocationClaim;
use sp_keyring::Sr25519Keyring::AliceStash;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

use crate::{
	Balances, Challenges, MadeUp, ProofOfCoverage, RuntimeEvent,
	chain::{account, authorized, signed},
	field::{cell, to_window},
	game::{
		COLLECTOR, Game, OWNERS, Player, found, guess_bundle, own_guess, record_of, sign, terms,
	},
	kind::{Event, Guess, Refusal},
};

/// What the transaction pool says to a guess that its device submits itself.
fn validate(game: &mut Game, guess: Guess) -> Result<u64, TransactionValidityError> {
	let validity = game.chain.validate(authorized(own_guess(guess)));
	validity.map(|validity| validity.priority)
}

fn invalid(invalid: InvalidTransaction) -> Result<u64, TransactionValidityError> {
	Err(invalid.into())
}

/// The next window in which some players are drawn and some are not, with two of the former and one
/// of the latter by their place in the list.
fn mixed_window(game: &mut Game) -> (WindowIndex, [usize; 2], usize) {
	loop {
		let window = game.enter_window();
		let players = &game.players;
		let is_drawn: Vec<bool> =
			game.chain.with(|| players.iter().map(|player| player.is_drawn(window)).collect());
		let drawn: Vec<usize> = (0..is_drawn.len()).filter(|place| is_drawn[*place]).collect();
		let resting = is_drawn.iter().position(|is_drawn| !is_drawn);
		if let ([first, second, ..], Some(resting)) = (&drawn[..], resting) {
			return (window, [*first, *second], resting);
		}
	}
}

#[test]
fn guess_is_refused_when_it_is_not_the_devices_or_not_of_the_kind() {
	let mut game = Game::new(&OWNERS);
	let (window, [drawn, _], resting) = mixed_window(&mut game);
	let (players, devices) = (&game.players, &game.devices);
	let [good, not_drawn, of_coverage, unknown] = game.chain.with(|| {
		[
			players[drawn].guess(window, true),
			players[resting].guess(window, true),
			sign(&devices[0].key, devices[0].id, window, true),
			sign(&devices[0].key, u32::MAX - 1, window, true),
		]
	});
	let forged = Guess { is_heads: false, ..good };
	for (guess, refusal, verdict) in [
		(forged, Refusal::BadSignature, InvalidTransaction::BadProof),
		(not_drawn, Refusal::NotChallenged, InvalidTransaction::Custom(2)),
		(of_coverage, Refusal::OtherKind, InvalidTransaction::Custom(1)),
		(unknown, Refusal::UnknownDevice, InvalidTransaction::Custom(0)),
	] {
		assert_eq!(game.chain.with(|| MadeUp::check_guess(&guess)), Err(refusal));
		assert_eq!(validate(&mut game, guess), invalid(verdict), "{refusal:?}");
	}
	assert_eq!(game.chain.with(|| MadeUp::check_guess(&good)), Ok(()));
	assert_eq!(validate(&mut game, good), Ok(OWN_CALL_PRIORITY), "evidence comes first");
}

#[test]
fn guess_is_taken_once_and_in_its_time() {
	let mut game = Game::new(&OWNERS);
	let (window, [first, second], _) = mixed_window(&mut game);
	let players = &game.players;
	let [first, second] =
		game.chain.with(|| [first, second].map(|drawn| players[drawn].guess(window, true)));
	let early = Guess { window: window + 1, ..first };
	assert_eq!(validate(&mut game, early), invalid(InvalidTransaction::Future));
	assert_ok!(game.chain.include(authorized(own_guess(first))));
	assert_eq!(validate(&mut game, first), invalid(InvalidTransaction::Stale), "it is known");

	game.enter_window();
	let priority = validate(&mut game, second);
	assert_eq!(priority, Ok(OWN_CALL_PRIORITY), "it may be said in the window after");
	game.enter_window();
	assert_eq!(validate(&mut game, second), invalid(InvalidTransaction::Stale), "it is late");
	let late = game.chain.with(|| MadeUp::check_guess(&second));
	assert_eq!(late, Err(Refusal::WindowClosed));
	game.chain.check();
}

#[test]
fn bundle_that_brings_nothing_new_is_paid_for_and_comes_last() {
	let mut game = Game::new(&OWNERS);
	let (window, ..) = mixed_window(&mut game);
	let guesses = game.guesses_in(window);
	let count = guesses.len() as u32;
	let collector = account(COLLECTOR);
	let before = game.chain.with(|| Balances::free_balance(&collector));
	for (is_new, taken, refused) in [(true, count, 0), (false, 0, count)] {
		let bundle = game.chain.with(|| signed(COLLECTOR, guess_bundle(guesses.clone()), 0, 0));
		let priority = game.chain.validate(bundle.clone()).expect("it is valid").priority;
		assert_eq!(priority >= BUNDLE_PRIORITY, is_new);
		assert_ok!(game.chain.include(bundle));
		let collector = Some(collector.clone());
		let event = RuntimeEvent::MadeUp(Event::GuessesSubmitted { collector, taken, refused });
		assert!(game.chain.events().contains(&event));
		let is_free = game.chain.with(|| Balances::free_balance(account(COLLECTOR))) == before;
		assert_eq!(is_free, is_new);
	}
	game.chain.check();
}

/// What coverage says to a statement that a device heard another one.
fn coverage_says(
	game: &mut Game,
	window: WindowIndex,
	beaconer: u32,
	witness: u32,
) -> Result<(), CoverageRefusal> {
	let key = &game.devices[0].key;
	game.chain.with(|| {
		let challenge = MadeUp::challenge_of(&record_of(window).seed, beaconer);
		let beacon = Signature([7; 64]);
		let commitment = payload::commitment(&beacon, witness);
		let observation = Observation {
			witness,
			collector: 0,
			rssi_deci_dbm: -1_050,
			snr_deci_db: 60,
			commitment,
		};
		let message = observation.to_signed_bytes(&challenge);
		let signature = Signature(sp_core::Pair::sign(key, &message).0);
		let statement = Statement { window, beaconer, observation, signature };
		ProofOfCoverage::check_statement(&statement).map(drop)
	})
}

#[test]
fn coverage_takes_no_report_about_a_device_of_another_kind() {
	let mut game = Game::new(&OWNERS);
	let (window, [player, _], _) = mixed_window(&mut game);
	let (player, device) = (game.players[player].id, game.devices[0].id);
	let said = coverage_says(&mut game, window, player, device);
	assert_eq!(said, Err(CoverageRefusal::UnknownDevice), "it has no place");
}

/// Terms of the kind for devices at a place, every one of which is drawn in every window.
fn terms_with_places() -> NetworkTerms {
	let lottery = LotteryTerms { interval_windows: 1, ..terms().lottery };
	let density_limits = groma_core::density::DEFAULT_LIMITS;
	let place = PlaceTerms::Fixed { maturity_windows: 0, density_limits };
	NetworkTerms { lottery, place, ..terms() }
}

#[test]
fn coverage_takes_no_report_about_a_device_of_another_kind_that_has_a_place() {
	let mut game = Game::new(&[]);
	found(&mut game.chain, terms_with_places());
	let claim =
		LocationClaim { cell: cell(0.0, 100.0), region: 0, gain_deci_dbi: 0, elevation_m: 0 };
	let player = Player::onboard(&mut game.chain, AliceStash, 101, Some(claim));
	let now = game.chain.with(|| Challenges::window_info().index);
	to_window(&mut game.chain, now + EFFECT_DELAY_WINDOWS);
	let window = now + EFFECT_DELAY_WINDOWS;
	let guess = game.chain.with(|| player.guess(window, true));
	let priority = validate(&mut game, guess);
	assert_eq!(priority, Ok(OWN_CALL_PRIORITY), "the kind works with places as well");
	let witness = game.devices[0].id;
	let said = coverage_says(&mut game, window, player.id, witness);
	assert_eq!(said, Err(CoverageRefusal::NotChallenged), "it is no beaconer");
	game.chain.check();
}
