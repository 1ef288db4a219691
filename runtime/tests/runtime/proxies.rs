//! What proxies may do.

use codec::Encode;
use frame_support::{assert_ok, traits::InstanceFilter};
use groma_core::region::EU868;
use groma_runtime::{Runtime, RuntimeCall, RuntimeEvent, configs::tools::ProxyType};
use pallet_device_registry::LocationClaim;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::DispatchResult;

use crate::{
	chain::{Chain, account},
	field::{Device, cell},
	surface::calls,
};

/// The types, and how the table names them.
const TYPES: [(ProxyType, &str); 8] = [
	(ProxyType::Any, "Any"),
	(ProxyType::NonTransfer, "NonTransfer"),
	(ProxyType::CancelProxy, "CancelProxy"),
	(ProxyType::Devices, "Devices"),
	(ProxyType::Payer, "Payer"),
	(ProxyType::Staking, "Staking"),
	(ProxyType::Governance, "Governance"),
	(ProxyType::Treasury, "Treasury"),
];

#[test]
fn every_call_is_listed_with_the_types_of_proxies_that_allow_it() {
	let table: String = calls()
		.iter()
		.map(|entry| {
			let call = entry.some_call().expect("`named_call` of the surface knows it");
			let allowing = TYPES.iter().filter(|(kind, _)| kind.filter(&call));
			let names: Vec<_> = allowing.map(|(_, name)| *name).collect();
			format!("{}: {}\n", entry.name(), names.join(" "))
		})
		.collect();
	let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runtime/proxies.txt");
	if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
		std::fs::write(path, &table).expect("the table can be written");
	}
	let known = std::fs::read_to_string(path).expect("the table exists");
	assert!(
		known == table,
		"decide which proxies may make each call (runtime/src/configs/tools.rs), then run the test \
		 with UPDATE_SNAPSHOTS=1\n{table}"
	);
}

#[test]
fn proxy_of_a_narrow_type_never_changes_a_key() {
	let keys = [
		"Session.set_keys",
		"Session.purge_keys",
		"Validators.leave",
		"DeviceRegistry.rotate_session_key",
		"DeviceRegistry.accept_transfer",
	];
	for entry in calls().iter().filter(|entry| keys.contains(&entry.name().as_str())) {
		let call = entry.some_call().expect("the surface knows it");
		for (kind, name) in TYPES {
			assert_eq!(kind.filter(&call), kind == ProxyType::Any, "{name} {}", entry.name());
		}
	}
}

#[test]
fn proxy_for_devices_can_neither_sell_them_nor_redirect_their_payout() {
	let allowed: [RuntimeCall; 2] = [
		pallet_rewards::Call::claim { device: 0 }.into(),
		pallet_device_registry::Call::retire { device: 0 }.into(),
	];
	let refused: [RuntimeCall; 3] = [
		pallet_device_registry::Call::offer_transfer { device: 0, next_owner: None }.into(),
		pallet_rewards::Call::set_payout_split { device: 0, shares: Default::default() }.into(),
		pallet_balances::Call::transfer_keep_alive { dest: account(Bob).into(), value: 1 }.into(),
	];
	for kind in [ProxyType::Devices, ProxyType::NonTransfer] {
		assert!(allowed.iter().all(|call| kind.filter(call)));
		assert!(!refused.iter().any(|call| kind.filter(call)));
	}
}

/// Calls that burn or bind what the account has, or name someone who acts for it.
const SPENDING: [&str; 18] = [
	"Balances.burn",
	"DataCredits.mint_credits",
	"DataCredits.set_operator",
	"DataCredits.remove_operator",
	"PriceFeed.set_feeder",
	"MeteredService.open_channel",
	"Routes.set_route",
	"Routes.claim_join_eui",
	"Routes.set_offer",
	"Networks.found_network",
	"DeviceRegistry.register_device",
	"DeviceRegistry.assert_location",
	"DeviceRegistry.accept_transfer",
	"Collector.register_collector",
	"Stake.provision",
	"Stake.delegate",
	"Session.set_keys",
	"Proxy.add_proxy",
];

#[test]
fn proxy_of_the_types_for_devices_neither_burns_nor_binds_nor_names_anyone() {
	let calls = calls();
	for name in SPENDING {
		let entry = calls.iter().find(|entry| entry.name() == name).expect(name);
		let call = entry.some_call().expect("the surface knows it");
		assert!(ProxyType::Any.filter(&call));
		for kind in [ProxyType::NonTransfer, ProxyType::CancelProxy, ProxyType::Devices] {
			assert!(!kind.filter(&call), "{kind:?} {name}");
		}
	}
}

#[test]
fn proxy_for_devices_moves_none_and_its_owner_pays_nothing() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let device = Device::onboard(&mut chain, Alice, 1, cell(0.0, 0.0));
	let (delegate, proxy_type) = (account(Bob).into(), ProxyType::Devices);
	let call = pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 };
	assert_ok!(chain.submit(Alice, call));
	let location = LocationClaim {
		cell: cell(2_000.0, 0.0),
		region: EU868,
		gain_deci_dbi: 12,
		elevation_m: 20,
	};
	let call: RuntimeCall =
		pallet_device_registry::Call::assert_location { device: device.id, location }.into();
	assert_ok!(chain.submit(Bob, for_alice(call.clone())));
	let refused: DispatchResult = Err(frame_system::Error::<Runtime>::CallFiltered.into());
	let events = chain.events();
	assert!(events.iter().any(|event| matches!(
		event,
		RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) if *result == refused
	)));
	let is_charge = |event: &RuntimeEvent| {
		matches!(event, RuntimeEvent::DataCredits(pallet_data_credits::Event::FeeCharged { .. }))
	};
	assert!(!events.iter().any(is_charge), "{events:?}");
	assert_ok!(chain.submit(Alice, call));
	assert!(chain.events().iter().any(is_charge));
	chain.check();
}

#[test]
fn proxy_acts_for_the_account_that_named_it() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let delegate = account(Bob).into();
	let call = pallet_proxy::Call::add_proxy { delegate, proxy_type: ProxyType::Any, delay: 0 };
	assert_ok!(chain.submit(Alice, call));
	let remark: RuntimeCall = frame_system::Call::remark_with_event { remark: vec![1] }.into();
	assert_ok!(chain.submit(Bob, for_alice(remark)));
	assert!(chain.events().iter().any(|event| matches!(
		event,
		RuntimeEvent::System(frame_system::Event::Remarked { sender, .. })
			if *sender == account(Alice)
	)));
}

#[test]
fn proxy_of_a_narrow_type_cannot_hide_a_call_in_a_batch() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let (delegate, proxy_type) = (account(Bob).into(), ProxyType::NonTransfer);
	let call = pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 };
	assert_ok!(chain.submit(Alice, call));
	let transfer =
		pallet_balances::Call::transfer_keep_alive { dest: account(Bob).into(), value: 1 };
	let batch = pallet_utility::Call::batch_all { calls: vec![transfer.into()] };
	assert_ok!(chain.submit(Bob, for_alice(batch.into())));
	let refused: DispatchResult = Err(frame_system::Error::<Runtime>::CallFiltered.into());
	assert!(chain.events().iter().any(|event| matches!(
		event,
		RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) if *result == refused
	)));
}

#[test]
fn proxy_for_governance_or_the_treasury_moves_no_money_and_curates_nothing() {
	let moving = [
		"Balances.transfer_keep_alive",
		"Vesting.vested_transfer",
		"Stake.provision",
		"Treasury.spend",
		"Bounties.accept_curator",
		"Bounties.award_bounty",
		"ChildBounties.add_child_bounty",
		"ChildBounties.award_child_bounty",
	];
	let calls = calls();
	for name in moving {
		let entry = calls.iter().find(|entry| entry.name() == name).expect(name);
		let call = entry.some_call().expect("the surface knows it");
		for kind in [ProxyType::Governance, ProxyType::Treasury] {
			assert!(!kind.filter(&call), "{kind:?} {name}");
		}
	}
}

#[test]
fn types_of_proxies_keep_their_numbers() {
	let numbers: Vec<u8> = TYPES.iter().map(|(kind, _)| kind.encode()[0]).collect();
	assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7]);
}

fn for_alice(call: RuntimeCall) -> pallet_proxy::Call<Runtime> {
	pallet_proxy::Call::proxy {
		real: account(Alice).into(),
		force_proxy_type: None,
		call: Box::new(call),
	}
}
