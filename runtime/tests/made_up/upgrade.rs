//! What waits in the pool of a collector's node while the runtime is upgraded.

use groma_core::{money::GRM, pool_layout::chunk_key};
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::{offchain::storage::StorageValueRef, transaction_validity::InvalidTransaction};

use crate::{
	Runtime, RuntimeCall, SpecVersion, System,
	chain::{account, signed},
	game::{COLLECTOR, Game, OWNERS, guess_bundle},
	house::{run_collector, run_on_a_node},
	kind::GUESSES,
};

#[test]
fn collector_and_owner_sign_again_what_waited_over_an_upgrade() {
	let mut game = Game::new(&OWNERS);
	let take_waiting = run_on_a_node(&mut game.chain, COLLECTOR);
	let take_one = || {
		let mut waiting = take_waiting();
		assert_eq!(waiting.len(), 1);
		waiting.remove(0)
	};
	let nonce = |game: &mut Game| game.chain.with(|| System::account_nonce(account(COLLECTOR)));
	let (window, guesses) = loop {
		let window = game.enter_window();
		let guesses = game.guesses_in(window);
		if !guesses.is_empty() {
			break (window, guesses);
		}
	};
	game.chain.with(|| StorageValueRef::persistent(&chunk_key(GUESSES, window, 0)).set(&guesses));
	run_collector(&mut game.chain);
	let (bundle, before) = (take_one(), nonce(&mut game));
	let transfer = || {
		let dest = account(Bob).into();
		RuntimeCall::from(pallet_balances::Call::transfer_keep_alive { dest, value: GRM })
	};
	let owners = game.chain.with(|| signed(Alice, transfer(), 0, 0));
	for transaction in [&bundle, &owners] {
		assert!(game.chain.validate(transaction.clone()).is_ok());
	}

	SpecVersion::set(2);
	game.chain.block(vec![]);
	let upgraded =
		game.chain.with(frame_system::Pallet::<Runtime>::last_runtime_upgrade_spec_version);
	assert_eq!(upgraded, 2, "the hooks of an upgrade ran");
	for transaction in [bundle.clone(), owners] {
		let refused = game.chain.validate(transaction).map(drop);
		assert_eq!(refused, Err(InvalidTransaction::BadProof.into()));
	}

	run_collector(&mut game.chain);
	let again = take_one();
	assert_eq!(again.function, bundle.function);
	assert_eq!(again.function, guess_bundle(guesses));
	assert_eq!(nonce(&mut game), before, "its nonce is used again");
	assert_eq!(game.chain.include(again), Ok(()));
	assert_eq!(game.chain.submit(Alice, transfer()), Ok(()));
	run_collector(&mut game.chain);
	assert!(take_waiting().is_empty(), "once is enough");
	game.chain.check();
}
