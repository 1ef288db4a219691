//! Networks that exist from the first block on.

use frame_support::assert_ok;
use groma_core::{
	protocol::NETWORKS_MAX,
	terms::{NetworkStatus, PlaceTerms},
	units::Scale,
};
use groma_traits::Networks as _;

use crate::{GenesisNetwork, mock::*};

#[test]
fn genesis_networks_have_ids_and_terms() {
	ExtBuilder::default()
		.networks(vec![genesis_network("lorawan"), genesis_network("sensors")])
		.build_and_execute(|| {
			assert_eq!(Networks::ids(), vec![0, 1]);
			assert_eq!(Networks::status(1), Some(NetworkStatus::Open));
			assert_eq!(Networks::founded_ms(1), Some(0));
			assert_eq!(Networks::terms(1), Some(terms_of_weight(50)));
		});
}

#[test]
fn nothing_is_known_when_genesis_has_no_network() {
	ExtBuilder::default().networks(vec![]).build_and_execute(|| {
		assert!(Networks::ids().is_empty());
		assert_eq!(Networks::status(0), None);
		assert_eq!(Networks::terms(0), None);
	});
}

#[test]
#[should_panic(expected = "WeightsExceedWhole")]
fn genesis_fails_when_weights_exceed_the_whole() {
	let networks = ["a", "b", "c"].map(genesis_network).to_vec();
	ExtBuilder::default().networks(networks).build();
}

#[test]
#[should_panic(expected = "LaneSharesExceedWhole")]
fn genesis_fails_when_lane_shares_exceed_the_whole() {
	let networks = ["a", "b", "c"].map(|name| {
		let mut network = genesis_network(name);
		network.terms.supply.weight = Scale::ZERO;
		network
	});
	ExtBuilder::default().networks(networks.to_vec()).build();
}

#[test]
#[should_panic(expected = "lottery.intervalWindows")]
fn genesis_fails_with_the_field_when_terms_are_out_of_bounds() {
	let mut network = genesis_network("lorawan");
	network.terms.lottery.interval_windows = 0;
	ExtBuilder::default().networks(vec![network]).build();
}

#[test]
#[should_panic(expected = "\"lorawan\" of the genesis is invalid: InvalidTerms: place")]
fn genesis_fails_with_the_field_when_terms_do_not_fit_the_kind_of_proof() {
	let mut network = genesis_network("lorawan");
	network.terms.place = PlaceTerms::Anywhere;
	ExtBuilder::default().networks(vec![network]).build();
}

#[test]
#[should_panic(expected = "TooManyNetworks")]
fn genesis_fails_when_there_are_257_networks() {
	let network = GenesisNetwork { name: "more".into(), terms: terms_of_weight(0) };
	ExtBuilder::default().networks(vec![network; NETWORKS_MAX as usize + 1]).build();
}

#[test]
#[should_panic(expected = "InvalidName")]
fn genesis_fails_when_a_name_is_too_long() {
	ExtBuilder::default().networks(vec![genesis_network(&"n".repeat(33))]).build();
}

#[test]
fn genesis_network_survives_json() {
	let network = genesis_network("lorawan");
	let json = serde_json::to_string(&network).expect("it is plain data");
	assert!(json.contains("\"intervalWindows\":72"), "{json}");
	assert_ok!(serde_json::from_str::<GenesisNetwork>(&json).map_err(|_| "unreadable"), network);
}
