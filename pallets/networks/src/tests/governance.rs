//! What governance can do, and what it cannot.

use codec::Encode;
use frame_support::{assert_noop, assert_ok, storage::unhashed};
use frame_system::RawOrigin;
use groma_core::{
	protocol::NETWORKS_MAX,
	terms::{NetworkStatus, NetworkTerms, PlaceTerms, Proof, TermsField},
	units::Scale,
};
use groma_fakes::NowMs;
use groma_traits::Networks as _;
use sp_runtime::DispatchError::BadOrigin;

use crate::{Error, Event, RefusedField, mock::*};

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn signed() -> RuntimeOrigin {
	RuntimeOrigin::signed(1)
}

#[test]
fn created_network_takes_the_next_id_and_is_open() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Networks::create_network(root(), name("sensors"), terms_of_weight(50)));
		assert_eq!(Networks::ids(), vec![0, 1]);
		assert_eq!(Networks::status(1), Some(NetworkStatus::Open));
		System::assert_last_event(
			Event::NetworkCreated { network: 1, name: name("sensors") }.into(),
		);
	});
}

#[test]
fn every_call_is_refused_when_the_origin_is_not_governance() {
	ExtBuilder::default().build_and_execute(|| {
		let terms = NetworkTerms::default();
		assert_noop!(Networks::create_network(signed(), name("x"), terms.clone()), BadOrigin);
		assert_noop!(Networks::update_terms(signed(), 0, terms), BadOrigin);
		assert_noop!(Networks::close_network(signed(), 0), BadOrigin);
		assert_noop!(Networks::open_network(signed(), 0), BadOrigin);
		assert_noop!(Networks::halt_network(signed(), 0), BadOrigin);
	});
}

#[test]
fn every_call_is_refused_when_the_network_is_unknown() {
	ExtBuilder::default().build_and_execute(|| {
		let unknown = Error::<Test>::UnknownNetwork;
		assert_noop!(Networks::update_terms(root(), 1, terms_of_weight(0)), unknown);
		assert_noop!(Networks::close_network(root(), 1), Error::<Test>::UnknownNetwork);
		assert_noop!(Networks::open_network(root(), 1), Error::<Test>::UnknownNetwork);
		assert_noop!(Networks::halt_network(root(), 1), Error::<Test>::UnknownNetwork);
	});
}

#[test]
fn network_is_refused_when_there_are_as_many_as_there_may_be() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 1..NETWORKS_MAX {
			assert_ok!(Networks::create_network(root(), name("more"), terms_of_weight(0)));
		}
		assert_noop!(
			Networks::create_network(root(), name("one too many"), terms_of_weight(0)),
			Error::<Test>::TooManyNetworks
		);
	});
}

#[test]
fn network_is_refused_when_its_name_is_empty_or_not_utf8() {
	ExtBuilder::default().build_and_execute(|| {
		let not_utf8 = vec![0xff].try_into().expect("it is short");
		for name in [name(""), not_utf8] {
			assert_noop!(
				Networks::create_network(root(), name, terms_of_weight(0)),
				Error::<Test>::InvalidName
			);
		}
	});
}

#[test]
fn terms_are_refused_with_the_field_that_is_out_of_bounds() {
	ExtBuilder::default().build_and_execute(|| {
		let mut terms = terms_of_weight(0);
		terms.lottery.interval_windows = 0;
		let refused = Error::<Test>::InvalidTerms(RefusedField(TermsField::IntervalWindows));
		assert_noop!(Networks::create_network(root(), name("x"), terms.clone()), refused);
		let refused = Error::<Test>::InvalidTerms(RefusedField(TermsField::IntervalWindows));
		assert_noop!(Networks::update_terms(root(), 0, terms), refused);
	});
}

#[test]
fn supply_weights_are_refused_when_they_exceed_the_whole() {
	ExtBuilder::default().build_and_execute(|| {
		let mut terms = terms_of_weight(51);
		terms.lottery.lane_share = Scale::ZERO;
		assert_noop!(
			Networks::create_network(root(), name("x"), terms.clone()),
			Error::<Test>::WeightsExceedWhole
		);
		assert_ok!(Networks::create_network(root(), name("x"), terms_of_weight(50)));
		assert_noop!(Networks::update_terms(root(), 0, terms), Error::<Test>::WeightsExceedWhole);
	});
}

#[test]
fn lane_shares_are_refused_when_they_exceed_the_whole() {
	ExtBuilder::default().build_and_execute(|| {
		let mut terms = terms_of_weight(51);
		terms.supply.weight = Scale::ZERO;
		assert_noop!(
			Networks::create_network(root(), name("x"), terms.clone()),
			Error::<Test>::LaneSharesExceedWhole
		);
		assert_ok!(Networks::create_network(root(), name("x"), terms_of_weight(50)));
		assert_noop!(
			Networks::update_terms(root(), 0, terms),
			Error::<Test>::LaneSharesExceedWhole
		);
	});
}

#[test]
fn kind_of_proof_never_changes() {
	ExtBuilder::default().build_and_execute(|| {
		let mut terms = terms_of_weight(0);
		terms.proof = Proof::Unproven;
		assert_noop!(Networks::update_terms(root(), 0, terms.clone()), Error::<Test>::ProofIsFixed);
		assert_ok!(Networks::create_network(root(), name("x"), terms));
	});
}

#[test]
fn network_remembers_when_it_was_created() {
	ExtBuilder::default().build_and_execute(|| {
		NowMs::set(&Some(1_800_000_000_000));
		assert_ok!(Networks::create_network(root(), name("x"), terms_of_weight(0)));
		assert_eq!(Networks::founded_ms(0), Some(0));
		assert_eq!(Networks::founded_ms(1), Some(1_800_000_000_000));
		assert_eq!(Networks::founded_ms(2), None);
	});
}

#[test]
fn updated_terms_replace_the_former_ones_and_leave_other_networks_alone() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Networks::create_network(root(), name("x"), terms_of_weight(10)));
		// A network's own shares do not count against its new ones.
		assert_ok!(Networks::update_terms(root(), 0, terms_of_weight(90)));
		assert_eq!(Networks::terms(0), Some(terms_of_weight(90)));
		assert_eq!(Networks::terms(1), Some(terms_of_weight(10)));
		let (old, new) = (Box::new(terms_of_weight(50)), Box::new(terms_of_weight(90)));
		let origin = Some(OriginCaller::system(RawOrigin::Root));
		System::assert_last_event(Event::TermsUpdated { network: 0, old, new, origin }.into());
	});
}

#[test]
fn network_with_places_keeps_them_and_one_without_gets_none() {
	ExtBuilder::default().build_and_execute(|| {
		let mut anywhere = terms_of_weight(0);
		anywhere.place = PlaceTerms::Anywhere;
		anywhere.proof = Proof::Unproven;
		let fixed = NetworkTerms { place: PlaceTerms::default(), ..anywhere.clone() };
		assert_ok!(Networks::create_network(root(), name("anywhere"), anywhere.clone()));
		assert_ok!(Networks::create_network(root(), name("fixed"), fixed.clone()));
		assert_noop!(
			Networks::update_terms(root(), 1, fixed.clone()),
			Error::<Test>::PlaceKindIsFixed
		);
		assert_noop!(Networks::update_terms(root(), 2, anywhere), Error::<Test>::PlaceKindIsFixed);
		let place = PlaceTerms::Fixed { maturity_windows: 1, density_limits: [1; 5] };
		assert_ok!(Networks::update_terms(root(), 2, NetworkTerms { place, ..fixed }));
	});
}

#[test]
fn status_changes_to_any_other() {
	use NetworkStatus::{Closed, Halted, Open};
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(Networks::open_network(root(), 0), Error::<Test>::AlreadyOpen);
		assert_ok!(Networks::close_network(root(), 0));
		System::assert_last_event(Event::NetworkClosed { network: 0 }.into());
		assert_eq!(Networks::status(0), Some(Closed));
		assert_noop!(Networks::close_network(root(), 0), Error::<Test>::AlreadyClosed);
		assert_ok!(Networks::halt_network(root(), 0));
		System::assert_last_event(Event::NetworkHalted { network: 0 }.into());
		assert_eq!(Networks::status(0), Some(Halted));
		assert!(Networks::terms(0).is_some());
		assert_noop!(Networks::halt_network(root(), 0), Error::<Test>::AlreadyHalted);
		assert_ok!(Networks::open_network(root(), 0));
		System::assert_last_event(Event::NetworkOpened { network: 0 }.into());
		assert_eq!(Networks::status(0), Some(Open));
	});
}

#[test]
fn events_keep_their_pinned_indices() {
	let terms = Box::new(terms_of_weight(50));
	let events: [Event<Test>; 5] = [
		Event::NetworkCreated { network: 1, name: name("x") },
		Event::TermsUpdated { network: 1, old: terms.clone(), new: terms.clone(), origin: None },
		Event::NetworkClosed { network: 1 },
		Event::NetworkOpened { network: 1 },
		Event::NetworkHalted { network: 1 },
	];
	let encoded = events.map(|event| event.encode());
	let updated = [vec![1, 1, 0], terms.encode(), terms.encode(), vec![0]].concat();
	assert_eq!(
		encoded,
		[vec![0, 1, 0, 4, b'x'], updated, vec![2, 1, 0], vec![3, 1, 0], vec![4, 1, 0]]
	);
}

#[test]
fn record_that_does_not_decode_stops_its_network_and_is_not_overwritten() {
	let networks = vec![genesis_network("lorawan"), genesis_network("sensors")];
	ExtBuilder::default().networks(networks).build_and_execute(|| {
		let key = crate::pallet::Networks::<Test>::hashed_key_for(0);
		let good = unhashed::get_raw(&key).expect("it is there");
		let longer = [good.clone(), vec![0]].concat();
		for bytes in [&[7][..], &[], &longer[..]] {
			unhashed::put_raw(&key, bytes);
			assert_eq!((Networks::terms(0), Networks::status(0)), (None, None));
			assert_eq!((Networks::ids(), Networks::unreadable()), (vec![0, 1], vec![0]));
			assert!(Networks::terms(1).is_some(), "the other goes on");
			let unreadable = Error::<Test>::UnreadableNetwork;
			assert_noop!(Networks::update_terms(root(), 0, terms_of_weight(1)), unreadable);
			assert_noop!(Networks::halt_network(root(), 0), Error::<Test>::UnreadableNetwork);
			// What the damaged network takes of the whole is not known.
			assert_noop!(
				Networks::create_network(root(), name("x"), terms_of_weight(0)),
				Error::<Test>::UnreadableNetwork
			);
			assert_ok!(Networks::halt_network(root(), 1));
			assert_ok!(Networks::open_network(root(), 1));
			assert_eq!(unhashed::get_raw(&key).as_deref(), Some(bytes));
			assert!(Networks::do_try_state().is_err());
		}
		unhashed::put_raw(&key, &good);
		assert!(Networks::terms(0).is_some());
	});
}
