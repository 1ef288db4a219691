//! How a device leaves the chain.

use codec::{Compact, Decode};
use frame_support::{assert_ok, traits::fungible::InspectHold};
use groma_core::{
	api::DeviceStatus,
	protocol::{EFFECT_DELAY_WINDOWS, MEMORY_WINDOWS, WINDOWS_KEPT},
	units::Scale,
};
use groma_runtime::{Balances, Challenges, DeviceRegistry, Rewards};
use pallet_device_registry::HoldReason;
use pallet_rewards::PayoutShare;
use sp_keyring::Sr25519Keyring::{Alice, Ferdie};
use sp_runtime::transaction_validity::InvalidTransaction;

use crate::{
	chain::{Chain, account, signed},
	coverage::second_beacon,
	field::{
		four_devices, next_challenged, next_heard, reveal_bundle, reveals, statement_bundle,
		to_window,
	},
};

/// The keys of a map of a pallet.
fn keys(pallet: &str, map: &str) -> impl Iterator<Item = Vec<u8>> {
	let prefix = frame_support::storage::storage_prefix(pallet.as_bytes(), map.as_bytes());
	let next = |key: &Vec<u8>| sp_io::storage::next_key(key);
	std::iter::successors(next(&prefix.to_vec()), next)
		.take_while(move |key| key.starts_with(&prefix))
}

/// How many values a map of a pallet holds.
fn values(pallet: &str, map: &str) -> usize {
	keys(pallet, map).count()
}

/// How many entries the pages of a map hold: in each page their number follows its version.
fn entries(pallet: &str, map: &str) -> u32 {
	keys(pallet, map)
		.filter_map(|key| sp_io::storage::get(&key))
		.map(|page| Compact::<u32>::decode(&mut &page[1..]).expect("a page has a length").0)
		.sum()
}

#[test]
fn device_leaves_nothing_behind_when_it_is_retired() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, groups) = next_heard(&mut chain, &devices);
	assert_ok!(chain.submit(Alice, statement_bundle(groups)));
	to_window(&mut chain, window + 2);
	let due = chain.with(|| reveals(&devices, window));
	assert_ok!(chain.submit(Alice, reveal_bundle(due)));

	let share = PayoutShare { account: account(Ferdie), share: Scale::ONE };
	let shares = vec![share].try_into().expect("it is one");
	let retired = &devices[0];
	let split = pallet_rewards::Call::set_payout_split { device: retired.id, shares };
	assert_ok!(chain.submit(retired.owner, split));
	let call = pallet_device_registry::Call::retire { device: retired.id };
	assert_ok!(chain.submit(retired.owner, call));
	let called = chain.with(|| Challenges::window_info().index);

	to_window(&mut chain, called + EFFECT_DELAY_WINDOWS + MEMORY_WINDOWS + 1);
	let status =
		chain.with(|| DeviceRegistry::device_info(retired.id)).and_then(|info| info.status.known());
	assert_eq!(status, Some(DeviceStatus::Retired));
	to_window(&mut chain, called + EFFECT_DELAY_WINDOWS + WINDOWS_KEPT + 1);
	chain.with(|| {
		assert_eq!(DeviceRegistry::device_info(retired.id), None);
		assert_eq!(entries("DeviceRegistry", "DevicePages"), 3);
		assert_eq!(values("DeviceRegistry", "KeyHolders"), 3);
		assert_eq!(values("DeviceRegistry", "FormerHolders"), 0);
		assert_eq!(entries("ProofOfCoverage", "ActivityPages"), 3);
		let reason = HoldReason::Registration.into();
		let on_hold = Balances::balance_on_hold(&reason, &account(retired.owner));
		assert_eq!(on_hold, 0, "the deposit is released");
	});
	chain.check();

	// What it earned is still its payee's, and goes the way that the payee wished.
	let owed = chain.with(|| Rewards::rewards_info(retired.id).owed);
	assert!(matches!(&owed[..], [(payee, 1..)] if *payee == account(retired.owner)), "{owed:?}");
	let before = chain.with(|| Balances::free_balance(account(Ferdie)));
	assert_ok!(chain.submit(Alice, pallet_rewards::Call::claim { device: retired.id }));
	chain.with(|| {
		assert_eq!(Balances::free_balance(account(Ferdie)), before + owed[0].1);
		assert_eq!(values("Rewards", "Splits"), 0);
	});
}

#[test]
fn device_is_banned_after_its_retirement_when_it_cheated_before() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, cheat, challenge) = next_challenged(&mut chain, &devices);
	let signature_a = chain.with(|| cheat.beacon(window)).expect("it is challenged");
	let signature_b = second_beacon(&cheat.seed, &challenge);
	let call = pallet_device_registry::Call::retire { device: cheat.id };
	assert_ok!(chain.submit(cheat.owner, call));
	to_window(&mut chain, window + EFFECT_DELAY_WINDOWS + MEMORY_WINDOWS + 1);
	let status =
		chain.with(|| DeviceRegistry::device_info(cheat.id)).and_then(|info| info.status.known());
	assert_eq!(status, Some(DeviceStatus::Retired));

	let device = cheat.id;
	let report = pallet_proof_of_coverage::Call::report_double_beacon {
		window,
		device,
		signature_a,
		signature_b,
	};
	assert_ok!(chain.submit(Ferdie, report.clone()));
	let status =
		chain.with(|| DeviceRegistry::device_info(device)).and_then(|info| info.status.known());
	assert_eq!(status, Some(DeviceStatus::Banned));
	let again = chain.with(|| signed(Ferdie, report, 0, 0));
	let stale = InvalidTransaction::Stale;
	assert_eq!(chain.validate(again).map(drop), Err(stale.into()), "it is reported");
	chain.check();
}
