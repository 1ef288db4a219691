//! Endpoints that lead a gateway to itself, to its neighbours, or to a stranger.

use frame_support::{assert_noop, assert_ok};
use groma_core::{
	route::{Offer, Route},
	words::RouterKey,
};

use sp_runtime::DispatchResult;

use crate::{Error, PrivateEndpoints, mock::*};

/// Offers a service of the device at an endpoint.
fn offer_at(text: &str) -> DispatchResult {
	set_offer(OWNER, Offer { endpoint: endpoint(text), ..offer(0) })
}

#[test]
fn endpoint_that_is_none_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		for text in
			["", "router", "router.example.com:0", "router.example.com:80 ", "a\nb.example:80"]
		{
			assert_noop!(set_route(PAYER, PAYER, text), Error::<Test>::MalformedEndpoint);
			assert_noop!(offer_at(text), Error::<Test>::MalformedEndpoint);
		}
	});
}

#[test]
fn endpoint_that_is_the_gateway_itself_is_refused_even_on_test_chains() {
	ExtBuilder::default().build_and_execute(|| {
		for allowed in [false, true] {
			PrivateEndpoints::<Test>::put(allowed);
			for text in ["127.0.0.1:80", "localhost:80", "0.0.0.0:80", "[::1]:80", "[fe80::1]:80"] {
				assert_noop!(set_route(PAYER, PAYER, text), Error::<Test>::UnreachableEndpoint);
				assert_noop!(offer_at(text), Error::<Test>::UnreachableEndpoint);
			}
		}
	});
}

#[test]
fn private_endpoint_is_taken_where_genesis_says_so() {
	let genesis = crate::GenesisConfig { private_endpoints: true, ..Default::default() };
	for (genesis, is_taken) in [(genesis, true), (Default::default(), false)] {
		ExtBuilder { genesis }.build_and_execute(|| {
			for text in ["192.168.1.7:9000", "[fd00::7]:9000", "router.local:9000", "router:9000"] {
				if is_taken {
					assert_ok!(set_route(PAYER, PAYER, text));
					assert_ok!(offer_at(text));
				} else {
					assert_noop!(set_route(PAYER, PAYER, text), Error::<Test>::PrivateEndpoint);
					assert_noop!(offer_at(text), Error::<Test>::PrivateEndpoint);
				}
			}
		});
	}
}

#[test]
fn endpoint_of_a_stranger_keeps_no_one_out() {
	ExtBuilder::default().build_and_execute(|| {
		let text = "router.example.com:9000";
		let squatter = Route { router_key: RouterKey([8; 32]), ..route(text) };
		assert_ok!(Routes::set_route(RuntimeOrigin::signed(STRANGER), STRANGER, squatter));
		assert_ok!(set_route(PAYER, PAYER, text));
		// The key distinguishes them: the router at that endpoint proves one of them alone.
		let key_of = |payer| {
			let route = Routes::route(payer).and_then(|info| info.route).expect("it is set");
			route.router_key
		};
		assert_ne!(key_of(PAYER), key_of(STRANGER));
	});
}
