//! Who pays nothing for the offence of a validator.

use frame_support::{assert_ok, traits::fungible::InspectHold};
use groma_core::money::{Balance, GRM};
use groma_runtime::{AccountId, Balances, Runtime, RuntimeEvent, Session, Stake};
use groma_traits::Backing;
use pallet_stake::{
	Call as StakeCall,
	Event::{DelegationWithdrawn, OperatorSlashed, Withdrawn},
	HoldReason, Purpose,
};
use sp_keyring::Sr25519Keyring::{self, Bob, Charlie, Dave, Ferdie, FerdieStash};

use crate::{
	chain::{Chain, account, as_root},
	escape::{
		DELEGATED, ERA, OWN, SLASH, backed, delegate, offend, report, thaw_own, to_era,
		undelegate_all, withdraw_delegated, withdraw_own,
	},
	offences::{report_of, slash_of_bob, to_session},
};

/// What an account has on hold for delegations.
fn held(chain: &mut Chain, owner: Sr25519Keyring) -> Balance {
	chain.with(|| Balances::balance_on_hold(&HoldReason::Delegated.into(), &account(owner)))
}

/// Who is slashed within a number of blocks, and of how much that is their own.
fn slashes(chain: &mut Chain, blocks: u32) -> Vec<(AccountId, Balance)> {
	let mut found = Vec::new();
	for _ in 0..blocks {
		chain.block(vec![]);
		for event in chain.events() {
			if let RuntimeEvent::Stake(OperatorSlashed { operator, own, delegated, .. }) = event {
				assert_eq!(delegated, 0, "no one backs them");
				found.push((operator, own));
			}
		}
	}
	found
}

#[test]
fn who_left_before_the_era_of_the_offence_pays_nothing() {
	let mut chain = backed();
	let (purpose, extra) = (Purpose::Validating, 5_000 * GRM);
	assert_ok!(chain.submit(Bob, StakeCall::<Runtime>::provision { purpose, amount: extra }));
	// What leaves in this session backed this era, and no later one.
	assert_ok!(chain.submit(Bob, thaw_own(extra)));
	assert_ok!(chain.submit(Ferdie, undelegate_all(Bob)));
	assert_ok!(chain.submit(FerdieStash, delegate(Bob)));
	to_session(&mut chain, 4);
	let evidence = offend(&mut chain);
	assert_ok!(report(&mut chain, &evidence));
	assert_eq!(slash_of_bob(&mut chain), Some((OWN, SLASH - OWN)));

	to_era(&mut chain, ERA + 5);
	assert_ok!(chain.submit(Bob, withdraw_own()));
	let (owner, operator) = (account(Bob), account(Bob));
	let released = Withdrawn { owner, purpose, amount: extra };
	assert!(chain.events().contains(&RuntimeEvent::Stake(released)));
	assert_ok!(chain.submit(Ferdie, withdraw_delegated(Bob)));
	let (delegator, amount) = (account(Ferdie), DELEGATED);
	let released = DelegationWithdrawn { delegator, operator, amount };
	assert!(chain.events().contains(&RuntimeEvent::Stake(released)));
	assert_ok!(chain.submit(FerdieStash, undelegate_all(Bob)));
	assert_eq!(held(&mut chain, FerdieStash), DELEGATED - (SLASH - OWN));
	chain.check();
}

#[test]
fn cancelled_slash_takes_nothing_though_two_others_are_reported_later() {
	let mut chain = backed();
	let evidence = offend(&mut chain);
	assert_ok!(report(&mut chain, &evidence));
	let cancel =
		pallet_validators::Call::<Runtime>::cancel_slash { era: ERA, validator: account(Bob) };
	chain.with(|| {
		as_root(cancel);
		let session = Session::current_index();
		assert_ok!(report_of(Charlie, session));
		assert_ok!(report_of(Dave, session));
	});
	// Two of five lose all. Bob does not count, and is not raised.
	let expected = [(account(Charlie), OWN), (account(Dave), OWN)];
	assert_eq!(slashes(&mut chain, 200), expected);
	let backed = chain.with(|| <Stake as Backing<AccountId>>::of(&account(Bob)));
	assert_eq!((backed.own, backed.total), (OWN, OWN + DELEGATED));
	// No slash waits: who trusts him joins, and who does not leaves.
	assert_ok!(chain.submit(FerdieStash, delegate(Bob)));
	assert_ok!(chain.submit(Ferdie, undelegate_all(Bob)));
	assert_eq!(held(&mut chain, Ferdie), DELEGATED);
	chain.check();
}

#[test]
fn who_delegates_to_another_pays_nothing() {
	let mut chain = backed();
	assert_ok!(chain.submit(Charlie, StakeCall::<Runtime>::set_open { is_open: true }));
	for delegator in [Ferdie, FerdieStash] {
		assert_ok!(chain.submit(delegator, delegate(Charlie)));
	}
	let evidence = offend(&mut chain);
	assert_ok!(report(&mut chain, &evidence));
	assert_eq!(slash_of_bob(&mut chain), Some((OWN, SLASH - OWN)));
	let (operator, accounts) = (account(Charlie), vec![account(Ferdie), account(FerdieStash)]);
	let accounts = accounts.try_into().expect("they are two");
	assert_ok!(chain.submit(Dave, StakeCall::<Runtime>::settle { operator, accounts }));
	let of_charlie = chain.with(|| <Stake as Backing<AccountId>>::of(&account(Charlie)));
	assert_eq!((of_charlie.own, of_charlie.total), (OWN, OWN + 2 * DELEGATED));
	// Ferdie backs both: he pays as one who backs Bob.
	assert_eq!(held(&mut chain, FerdieStash), DELEGATED);
	assert_ok!(chain.submit(Ferdie, undelegate_all(Bob)));
	assert_eq!(held(&mut chain, Ferdie), 2 * DELEGATED - (SLASH - OWN));
	chain.check();
}
