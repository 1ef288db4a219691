//! Fees and tips.

use frame_support::{
	assert_ok,
	traits::{OnUnbalanced, fungible::Balanced},
};
use groma_core::money::{GENESIS_SUPPLY, GRM};
use groma_runtime::{
	AccountId, Balance, Balances, Emission, Runtime, RuntimeCall, RuntimeEvent,
	configs::money::BurnFeesPayTips, constants::EXISTENTIAL_DEPOSIT,
};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Eve};

use crate::chain::{Chain, account, genesis_config, signed};

fn transfer(to: sp_keyring::Sr25519Keyring, value: Balance) -> RuntimeCall {
	pallet_balances::Call::transfer_allow_death { dest: account(to).into(), value }.into()
}

fn fee_paid(chain: &mut Chain) -> Balance {
	chain
		.events()
		.into_iter()
		.find_map(|event| match event {
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, tip, .. },
			) => Some(actual_fee - tip),
			_ => None,
		})
		.expect("a fee was paid")
}

#[test]
fn fee_is_burned_when_a_transfer_is_included() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	assert_ok!(chain.submit(Bob, transfer(Charlie, GRM)));
	let fee = fee_paid(&mut chain);
	assert!(fee > 0);
	chain.with(|| assert_eq!(Balances::total_issuance(), GENESIS_SUPPLY - fee));
	chain.check();
}

#[test]
fn tip_goes_to_the_author() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let (before, transaction) = chain.with(|| {
		(Balances::free_balance(account(Alice)), signed(Bob, transfer(Charlie, GRM), 0, 5 * GRM))
	});
	assert_ok!(chain.include(transaction));
	let fee = fee_paid(&mut chain);
	chain.with(|| {
		assert_eq!(Balances::free_balance(account(Alice)), before + 5 * GRM);
		assert_eq!(Balances::total_issuance(), GENESIS_SUPPLY - fee);
	});
	chain.check();
}

#[test]
fn dust_is_burned_when_an_account_falls_below_the_existential_deposit() {
	// An account with stake on hold never falls so low.
	let mut config = genesis_config(Some("development"));
	config["stake"]["provisions"] = json!([]);
	let mut chain = Chain::of(config);
	chain.block(vec![]);
	let rest = EXISTENTIAL_DEPOSIT - 1;
	let (sender, stranger) = (account(Eve), sp_runtime::AccountId32::new([9; 32]));
	let call: RuntimeCall = pallet_balances::Call::transfer_allow_death {
		dest: stranger.clone().into(),
		value: chain.with(|| Balances::free_balance(&sender)) - rest - GRM,
	}
	.into();
	assert_ok!(chain.submit(Eve, call));
	let first_fee = fee_paid(&mut chain);
	let left = chain.with(|| Balances::free_balance(&sender));
	assert_eq!(left, rest + GRM - first_fee);
	// Sent so that only dust remains once the fee is taken from what is left.
	let call = transfer(Charlie, left - rest - chain.with(|| fee_of(Eve, transfer(Charlie, left))));
	assert_ok!(chain.submit(Eve, call));
	let second_fee = fee_paid(&mut chain);
	chain.with(|| {
		assert_eq!(Balances::free_balance(&sender), 0);
		assert_eq!(Balances::total_issuance(), GENESIS_SUPPLY - first_fee - second_fee - rest);
		assert_eq!(Emission::burned(), first_fee + second_fee + rest);
	});
	chain.check();
}

#[test]
fn tip_is_burned_and_counted_when_no_one_can_take_it() {
	Chain::of(genesis_config(None)).with(|| {
		let issue = <Balances as Balanced<AccountId>>::issue;
		BurnFeesPayTips::on_unbalanceds([issue(7), issue(5)].into_iter());
		assert_eq!((Balances::total_issuance(), Emission::burned()), (0, 12));
	});
}

#[test]
fn holder_cannot_burn_past_the_books() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let burn: RuntimeCall = pallet_balances::Call::burn { value: GRM, keep_alive: true }.into();
	let refused = Err(frame_system::Error::<Runtime>::CallFiltered.into());
	assert_eq!(chain.submit(Bob, burn.clone()), refused);
	let batch = pallet_utility::Call::batch_all { calls: vec![burn] };
	assert!(chain.submit(Bob, batch).is_err());
	chain.check();
}

/// The fee of a call that is signed now.
pub(crate) fn fee_of(signer: sp_keyring::Sr25519Keyring, call: RuntimeCall) -> Balance {
	use codec::Encode;
	let transaction = signed(signer, call, 0, 0);
	let length = transaction.encode().len() as u32;
	groma_runtime::fees::query_info(&transaction, length).partial_fee
}

#[test]
fn transfer_costs_some_thousandths_of_a_grm() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let fee = chain.with(|| fee_of(Bob, transfer(Charlie, GRM)));
	assert!((GRM / 1_000..GRM / 100).contains(&fee), "a transfer costs {fee} plancks");
}
