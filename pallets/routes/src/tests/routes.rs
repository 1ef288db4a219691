//! Who sets the route of a payer.

use frame_support::{assert_noop, assert_ok};
use groma_core::{protocol::ROUTE_COPIES_MAX, route::Route, words::RouterKey};
use sp_runtime::{DispatchError, TokenError};

use crate::{Error, Event, mock::*};

#[test]
fn payer_sets_changes_and_removes_its_route() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set_route(PAYER, PAYER, "router.example.com:9000"));
		let route = route("router.example.com:9000");
		System::assert_last_event(Event::RouteSet { payer: PAYER, route, version: 1 }.into());
		assert_eq!(free(PAYER), GENESIS - ROUTE_DEPOSIT);

		let other = Route { copies: 5, ..self::route("[2001:db8::7]:443") };
		assert_ok!(Routes::set_route(RuntimeOrigin::signed(PAYER), PAYER, other.clone()));
		assert_eq!(free(PAYER), GENESIS - ROUTE_DEPOSIT, "a route has one deposit");
		assert_eq!(Routes::route(PAYER).and_then(|info| info.route), Some(other));

		assert_ok!(remove_route(PAYER));
		System::assert_last_event(Event::RouteRemoved { payer: PAYER, version: 3 }.into());
		assert_eq!(free(PAYER), GENESIS);
		assert_eq!(Routes::route(PAYER), None);
		assert_noop!(remove_route(PAYER), Error::<Test>::NoRoute);
	});
}

#[test]
fn operator_sets_the_endpoint_of_its_payer_and_no_more() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = DispatchError::Other("not an operator");
		assert_noop!(set_route(STRANGER, PAYER, "router.example.com:9000"), refused);
		OperatorsOf::<AccountId>::mutate(|operators| operators.insert(PAYER, STRANGER));
		assert_ok!(set_route(STRANGER, PAYER, "router.example.com:9000"));
		assert_eq!(free(PAYER), GENESIS - ROUTE_DEPOSIT, "the payer pays");
		assert_eq!(free(STRANGER), GENESIS);
		// What it removes is its own.
		assert_noop!(remove_route(STRANGER), Error::<Test>::NoRoute);
		assert!(Routes::route(PAYER).is_some_and(|info| info.route.is_some()));
	});
}

#[test]
fn route_stays_when_addresses_and_join_euis_go() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(allot(PAYER, 0x100, 0x1ff));
		assert_ok!(claim(PAYER, 1));
		assert_ok!(set_route(PAYER, PAYER, "router.example.com:9000"));
		assert_ok!(release(PAYER, 1));
		assert_ok!(take_back(PAYER, 0x100, 0x1ff));
		assert!(Routes::route(PAYER).is_some_and(|info| info.route.is_some()));
		assert_ok!(claim(PAYER, 1));
		assert_ok!(remove_route(PAYER));
		assert!(Routes::route(PAYER).is_some_and(|info| info.join_euis == [join_eui(1)]));
	});
}

#[test]
fn payer_without_the_deposit_gets_no_route() {
	ExtBuilder::default().build_and_execute(|| {
		let nothing_to_hold = TokenError::FundsUnavailable;
		assert_noop!(set_route(99, 99, "router.example.com:9000"), nothing_to_hold);
	});
}

#[test]
fn copies_and_key_are_checked() {
	ExtBuilder::default().build_and_execute(|| {
		let set = |route| Routes::set_route(RuntimeOrigin::signed(PAYER), PAYER, route);
		let proper = route("router.example.com:9000");
		for copies in [0, ROUTE_COPIES_MAX + 1, u8::MAX] {
			let route = Route { copies, ..proper.clone() };
			assert_noop!(set(route), Error::<Test>::InvalidCopies);
		}
		for key in [[0; 32], [0xff; 32]] {
			let route = Route { router_key: RouterKey(key), ..proper.clone() };
			assert_noop!(set(route), Error::<Test>::UnacceptableKey);
		}
		assert_ok!(set(Route { copies: ROUTE_COPIES_MAX, ..proper }));
	});
}

#[test]
fn only_signed_callers_set_and_remove() {
	ExtBuilder::default().build_and_execute(|| {
		let none = RuntimeOrigin::none;
		let bad = DispatchError::BadOrigin;
		let route = route("router.example.com:9000");
		assert_noop!(Routes::set_route(none(), PAYER, route), bad);
		assert_noop!(Routes::remove_route(none()), bad);
		assert_noop!(Routes::claim_join_eui(none(), join_eui(1)), bad);
		assert_noop!(Routes::release_join_eui(none(), join_eui(1)), bad);
		assert_noop!(Routes::set_offer(none(), DEVICE, offer(0)), bad);
		assert_noop!(Routes::remove_offer(none(), DEVICE, 0), bad);
	});
}
