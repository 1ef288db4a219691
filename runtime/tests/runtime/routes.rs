//! Who buys which packets, and what devices sell: as gateways and customers would read it.

use frame_support::{assert_ok, traits::fungible::InspectHold};
use groma_core::{
	DeviceId,
	api::{OfferInfo, RouteVersions},
	money::Balance,
	payload,
	route::{AddressRange, Endpoint, Offer, Route},
	words::{AccountBytes, DevAddr, JoinEui, RouterKey, SessionKey, Signature},
};
use groma_runtime::{
	AccountId, Balances, Block, Routes, Runtime, RuntimeCall, RuntimeEvent,
	configs::tools::ProxyType, genesis::ADDRESS_OWNER,
};
use groma_runtime_api::runtime_decl_for_routes_api::RoutesApi;
use pallet_routes::{Error, HoldReason};
use sp_core::{Pair, ed25519};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::DispatchOutcome;

use crate::{
	chain::{Chain, account, as_root},
	field::{Device, WINDOW_BLOCKS, cell, genesis_hash},
};

fn chain() -> Chain {
	let mut chain = Chain::development();
	chain.block(vec![]);
	chain
}

fn endpoint(text: &str) -> Endpoint {
	Endpoint::new(text).expect("it is short enough")
}

fn route() -> Route {
	Route {
		endpoint: endpoint("router.example.com:9000"),
		router_key: RouterKey([9; 32]),
		copies: 2,
	}
}

fn set_route(chain: &mut Chain, who: Sr25519Keyring, payer: Sr25519Keyring) -> DispatchOutcome {
	let call = pallet_routes::Call::set_route { payer: account(payer), route: route() };
	chain.submit(who, call)
}

fn offer() -> Offer {
	Offer {
		service: 0,
		endpoint: endpoint("device.example.com:8080"),
		credits_per_unit: 11,
		units_per_second: 400,
	}
}

fn set_offer(chain: &mut Chain, who: Sr25519Keyring, device: DeviceId) -> DispatchOutcome {
	chain.submit(who, pallet_routes::Call::set_offer { device, offer: offer() })
}

/// What is on hold from an account.
fn on_hold(chain: &mut Chain, who: Sr25519Keyring, reason: HoldReason) -> Balance {
	chain.with(|| Balances::balance_on_hold(&reason.into(), &account(who)))
}

fn offers(chain: &mut Chain) -> Vec<OfferInfo<AccountId>> {
	chain.with(|| <Runtime as RoutesApi<Block, AccountId>>::offers(None, 9).offers)
}

fn versions(chain: &mut Chain) -> RouteVersions {
	let versions = chain.with(<Runtime as RoutesApi<Block, AccountId>>::versions);
	versions.expect("they can be read")
}

#[test]
fn addresses_of_the_genesis_belong_to_one_payer() {
	let mut chain = chain();
	chain.blocks(1);
	let page = chain.with(|| <Runtime as RoutesApi<Block, AccountId>>::routes(None, 9));
	let [info] = &page.routes[..] else { panic!("one payer: {page:?}") };
	assert_eq!((&info.payer, &info.route, page.next), (&account(ADDRESS_OWNER), &None, None));
	let [range] = &info.ranges[..] else { panic!("one range: {info:?}") };
	let payer = chain.with(|| Routes::payer_of_address(range.last));
	assert_eq!(payer, Some(account(ADDRESS_OWNER)));
	chain.check();
}

#[test]
fn operator_that_the_payer_named_sets_its_route() {
	let mut chain = chain();
	let refused = pallet_data_credits::Error::<Runtime>::NotOperator;
	assert_eq!(set_route(&mut chain, Dave, Alice), Err(refused.into()));
	let operator = account(Dave);
	let call = pallet_data_credits::Call::set_operator { operator, credits_per_epoch: 0 };
	assert_ok!(chain.submit(Alice, call));
	let before = versions(&mut chain);
	assert_ok!(set_route(&mut chain, Dave, Alice));
	let set = pallet_routes::Event::RouteSet {
		payer: account(Alice),
		route: route(),
		version: before.routes + 1,
	};
	assert!(chain.events().contains(&RuntimeEvent::Routes(set)));
	assert!(on_hold(&mut chain, Alice, HoldReason::Route) > 0);
	assert_eq!(on_hold(&mut chain, Dave, HoldReason::Route), 0);
	assert_ok!(chain.submit(Alice, pallet_routes::Call::remove_route {}));
	assert_eq!(on_hold(&mut chain, Alice, HoldReason::Route), 0);
	chain.check();
}

#[test]
fn vote_allots_addresses_and_takes_a_join_eui_from_a_squatter() {
	let mut chain = chain();
	let range = AddressRange {
		first: DevAddr::from_number(0xfc00_0400),
		last: DevAddr::from_number(0xfc00_07ff),
	};
	let allot = || pallet_routes::Call::allot_addresses { payer: account(Alice), range };
	assert!(chain.submit(Alice, allot()).is_err(), "only a vote allots");
	chain.with(|| as_root(allot()));
	assert_eq!(chain.with(|| Routes::payer_of_address(range.first)), Some(account(Alice)));

	let join_eui = JoinEui([0; 8]);
	assert_ok!(chain.submit(Eve, pallet_routes::Call::claim_join_eui { join_eui }));
	assert_ok!(chain.submit(Alice, pallet_routes::Call::claim_join_eui { join_eui }));
	let first = on_hold(&mut chain, Eve, HoldReason::JoinEui);
	assert_eq!(on_hold(&mut chain, Alice, HoldReason::JoinEui), 2 * first);
	let payer = account(Eve);
	chain.with(|| as_root(pallet_routes::Call::force_release_join_eui { payer, join_eui }));
	assert_eq!(on_hold(&mut chain, Eve, HoldReason::JoinEui), 0);
	chain.check();
}

#[test]
fn offer_ends_with_the_ownership_of_its_device() {
	let mut chain = chain();
	let device = Device::onboard(&mut chain, Bob, 1, cell(0.0, 0.0)).id;
	// What was registered takes effect four windows later.
	chain.blocks(5 * WINDOW_BLOCKS);
	assert_eq!(
		set_offer(&mut chain, Charlie, device),
		Err(Error::<Runtime>::NotOwner.into()),
		"it is another's device"
	);
	assert_ok!(set_offer(&mut chain, Bob, device));
	assert!(offers(&mut chain).iter().all(|it| it.is_current && it.offer == offer()));

	let next_owner = Some(account(Charlie));
	let call = pallet_device_registry::Call::offer_transfer { device, next_owner };
	assert_ok!(chain.submit(Bob, call));
	accept_transfer(&mut chain, Charlie, device);
	chain.blocks(6 * WINDOW_BLOCKS);
	assert!(offers(&mut chain).iter().all(|it| !it.is_current));
	let remove = pallet_routes::Call::remove_offer { device, service: 0 };
	assert_ok!(chain.submit(Dave, remove));
	assert_eq!(on_hold(&mut chain, Bob, HoldReason::Offer), 0, "who paid has it back");
	assert_ok!(set_offer(&mut chain, Charlie, device));
	chain.check();
}

/// Takes a device over that was offered, with a new key.
pub(crate) fn accept_transfer(chain: &mut Chain, who: Sr25519Keyring, device: DeviceId) {
	let key = ed25519::Pair::from_seed(&[77; 32]);
	let session_key = SessionKey(key.public().0);
	let owner = AccountBytes(account(who).into());
	let message = chain.with(|| payload::rotation(&genesis_hash(), device, &owner, &session_key));
	let proof = Signature(key.sign(&message).0);
	let authorization = None;
	let call =
		pallet_device_registry::Call::accept_transfer { device, session_key, proof, authorization };
	assert_ok!(chain.submit(who, call));
}

#[test]
fn proxy_for_devices_removes_offers_and_never_bonds() {
	use frame_support::traits::InstanceFilter;
	let set: RuntimeCall = pallet_routes::Call::set_offer { device: 0, offer: offer() }.into();
	let remove: RuntimeCall = pallet_routes::Call::remove_offer { device: 0, service: 0 }.into();
	let claim: RuntimeCall =
		pallet_routes::Call::claim_join_eui { join_eui: JoinEui([0; 8]) }.into();
	for kind in [ProxyType::Devices, ProxyType::NonTransfer] {
		assert_eq!([&set, &remove, &claim].map(|call| kind.filter(call)), [false, true, false]);
	}
	let payer = ProxyType::Payer;
	assert_eq!([&set, &remove, &claim].map(|call| payer.filter(call)), [false, false, true]);
}
