//! Networks that anyone founds.

use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	storage::unhashed,
	traits::fungible::{Inspect, InspectHold},
};
use frame_system::RawOrigin;
use groma_core::{
	NetworkId,
	protocol::{FIRST_FOUNDED_NETWORK, FOUNDED_MS_MIN, NETWORKS_MAX},
	terms::{
		NetworkStatus, NetworkTerms, PlaceTerms, SERVICES_MAX, ServiceTerms, TermsField, UnitName,
	},
	units::Scale,
};
use groma_fakes::{HasDevices, NowMs};
use groma_traits::Networks as _;
use sp_runtime::{DispatchError::BadOrigin, DispatchResult, TokenError};

use crate::{Error, Event, FoundedNetworks, HoldReason, NextFounded, RefusedField, mock::*};

type Errors = Error<Test>;

/// The first network that someone founds.
const MARKET: NetworkId = FIRST_FOUNDED_NETWORK;

fn signed(account: u64) -> RuntimeOrigin {
	RuntimeOrigin::signed(account)
}

fn found(founder: u64) -> DispatchResult {
	Networks::found_network(signed(founder), name("market"), market_terms())
}

fn on_hold(account: u64) -> u128 {
	Balances::balance_on_hold(&HoldReason::Founding.into(), &account)
}

/// Lets so many ms pass since the first block.
fn pass(ms: u64) {
	NowMs::set(&Some(ms));
}

fn changed(change: impl FnOnce(&mut NetworkTerms)) -> NetworkTerms {
	let mut terms = market_terms();
	change(&mut terms);
	terms
}

#[test]
fn anyone_founds_a_network_for_a_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(found(1));
		assert_ok!(found(2));
		assert_eq!((on_hold(1), on_hold(2)), (DEPOSIT, DEPOSIT));
		for network in [MARKET, MARKET + 1] {
			assert_eq!(Networks::terms(network), Some(market_terms()));
			assert_eq!(Networks::status(network), Some(NetworkStatus::Open));
		}
		assert_eq!(Networks::ids(), [0], "it is in no list");
		System::assert_last_event(
			Event::NetworkFounded { network: MARKET + 1, founder: 2, name: name("market") }.into(),
		);
		assert_ok!(found(1));
		assert_noop!(found(1), TokenError::FundsUnavailable);
	});
}

#[test]
fn founded_networks_do_not_count_against_those_of_governance() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(found(1));
		for _ in 1..NETWORKS_MAX {
			assert_ok!(Networks::create_network(
				RuntimeOrigin::root(),
				name("x"),
				terms_of_weight(0)
			));
		}
		assert_noop!(
			Networks::create_network(RuntimeOrigin::root(), name("x"), terms_of_weight(0)),
			Errors::TooManyNetworks
		);
		assert_ok!(found(2));
		assert_eq!(Networks::ids().len() as u32, NETWORKS_MAX);
	});
}

#[test]
fn only_a_market_can_be_founded() {
	ExtBuilder::default().build_and_execute(|| {
		for terms in [
			NetworkTerms::default(),
			terms_of_weight(0),
			changed(|it| it.place = PlaceTerms::default()),
			changed(|it| it.proof = NetworkTerms::default().proof),
		] {
			let refused = Networks::found_network(signed(1), name("x"), terms);
			assert_eq!(refused, Err(Errors::NotDemandOnly.into()));
		}
		let share = Scale::from_billionths(1);
		let service = ServiceTerms::lorawan_packets();
		for (field, terms) in [
			(TermsField::LaneShare, changed(|it| it.lottery.lane_share = share)),
			(TermsField::SupplyWeight, changed(|it| it.supply.weight = share)),
			(TermsField::OnboardingCredits, changed(|it| it.fees.onboarding_credits = 50_001)),
			(TermsField::LocationCredits, changed(|it| it.fees.location_credits = 50_001)),
			(
				TermsField::ServiceUnit,
				changed(|it| {
					it.services.try_push(service.clone()).expect("there is room");
					it.services.try_push(service).expect("there is room");
				}),
			),
		] {
			assert_noop!(
				Networks::found_network(signed(1), name("x"), terms),
				Errors::InvalidTerms(RefusedField(field))
			);
		}
		assert_noop!(
			Networks::found_network(signed(1), name(""), market_terms()),
			Errors::InvalidName
		);
		assert_noop!(
			Networks::found_network(RuntimeOrigin::root(), name("x"), market_terms()),
			BadOrigin
		);
	});
}

#[test]
fn full_list_of_services_is_taken_and_one_more_does_not_decode() {
	ExtBuilder::default().build_and_execute(|| {
		let service = |n: u8| ServiceTerms {
			unit: UnitName([b'a' + n; 12]),
			..ServiceTerms::lorawan_packets()
		};
		let full = changed(|it| {
			for n in 0..SERVICES_MAX as u8 {
				it.services.try_push(service(n)).expect("there is room");
			}
		});
		assert_ok!(Networks::found_network(signed(1), name("x"), full.clone()));
		assert_eq!(Networks::terms(MARKET).map(|terms| terms.services), Some(full.services));
		let five: Vec<_> = (0..=SERVICES_MAX as u8).map(service).collect();
		type Services =
			frame_support::BoundedVec<ServiceTerms, frame_support::traits::ConstU32<SERVICES_MAX>>;
		assert!(<Services as codec::Decode>::decode(&mut &five.encode()[..]).is_err());
	});
}

#[test]
fn founder_alone_changes_and_closes_its_network() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(found(1));
		let free = changed(|it| it.fees.onboarding_credits = 0);
		assert_noop!(
			Networks::update_founded_terms(signed(2), MARKET, free.clone()),
			Errors::NotFounder
		);
		assert_ok!(Networks::update_founded_terms(signed(1), MARKET, free.clone()));
		assert_eq!(Networks::terms(MARKET), Some(free.clone()));
		let coverage = changed(|it| it.proof = NetworkTerms::default().proof);
		assert_noop!(
			Networks::update_founded_terms(signed(1), MARKET, coverage),
			Errors::ProofIsFixed
		);
		let placed = changed(|it| it.place = PlaceTerms::default());
		assert_noop!(
			Networks::update_founded_terms(signed(1), MARKET, placed),
			Errors::PlaceKindIsFixed
		);
		let heavy = changed(|it| it.supply.weight = Scale::ONE);
		assert_noop!(
			Networks::update_founded_terms(signed(1), MARKET, heavy),
			Errors::InvalidTerms(RefusedField(TermsField::SupplyWeight))
		);
		let dear = changed(|it| it.fees.onboarding_credits = 50_001);
		assert_noop!(
			Networks::update_founded_terms(signed(1), MARKET, dear),
			Errors::InvalidTerms(RefusedField(TermsField::OnboardingCredits))
		);
		assert_noop!(Networks::close_founded_network(signed(2), MARKET), Errors::NotFounder);
		assert_ok!(Networks::close_founded_network(signed(1), MARKET));
		assert_eq!(Networks::status(MARKET), Some(NetworkStatus::Closed));
		assert_noop!(Networks::close_founded_network(signed(1), MARKET), Errors::AlreadyClosed);
		for network in [0, MARKET + 1] {
			assert_noop!(
				Networks::update_founded_terms(signed(1), network, free.clone()),
				Errors::UnknownNetwork
			);
		}
	});
}

#[test]
fn event_names_the_founder_who_changed_the_terms() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(found(1));
		let mut free = market_terms();
		free.fees.onboarding_credits = 0;
		assert_ok!(Networks::update_founded_terms(signed(1), MARKET, free.clone()));
		let (old, new) = (Box::new(market_terms()), Box::new(free));
		let origin = Some(OriginCaller::system(RawOrigin::Signed(1)));
		System::assert_last_event(Event::TermsUpdated { network: MARKET, old, new, origin }.into());
	});
}

#[test]
fn governance_halts_what_someone_founded() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(found(1));
		assert_ok!(Networks::halt_network(RuntimeOrigin::root(), MARKET));
		assert_eq!(Networks::status(MARKET), Some(NetworkStatus::Halted));
		assert_noop!(Networks::close_founded_network(signed(1), MARKET), Errors::AlreadyClosed);
		assert_ok!(Networks::open_network(RuntimeOrigin::root(), MARKET));
		assert_ok!(Networks::update_terms(RuntimeOrigin::root(), MARKET, market_terms()));
		assert_eq!(on_hold(1), DEPOSIT);
	});
}

#[test]
fn deposit_is_released_when_the_last_device_is_gone() {
	ExtBuilder::default().build_and_execute(|| {
		pass(7);
		assert_ok!(found(1));
		HasDevices::set(&true);
		pass(6 + FOUNDED_MS_MIN);
		assert_noop!(Networks::dissolve_network(signed(1), MARKET), Errors::TooYoung);
		pass(7 + FOUNDED_MS_MIN);
		assert_noop!(Networks::dissolve_network(signed(1), MARKET), Errors::DevicesRemain);
		HasDevices::set(&false);
		assert_noop!(Networks::dissolve_network(signed(2), MARKET), Errors::NotFounder);
		assert_ok!(Networks::dissolve_network(signed(1), MARKET));
		System::assert_last_event(Event::NetworkDissolved { network: MARKET }.into());
		assert_eq!((on_hold(1), Balances::balance(&1)), (0, FUNDS));
		assert_eq!(Networks::terms(MARKET), None);
		assert_noop!(Networks::dissolve_network(signed(1), MARKET), Errors::UnknownNetwork);
		// An id is never used twice.
		assert_ok!(found(2));
		assert_eq!(Networks::status(MARKET), None);
		assert_eq!(Networks::status(MARKET + 1), Some(NetworkStatus::Open));
	});
}

#[test]
fn no_one_founds_a_network_when_ids_are_used_up() {
	ExtBuilder::default().build_and_execute(|| {
		NextFounded::<Test>::put(NetworkId::MAX);
		assert_noop!(found(1), Errors::TooManyNetworks);
	});
}

#[test]
fn record_that_does_not_decode_is_never_replaced() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(found(1));
		let key = FoundedNetworks::<Test>::hashed_key_for(MARKET);
		unhashed::put_raw(&key, &[7]);
		assert_eq!((Networks::terms(MARKET), Networks::status(MARKET)), (None, None));
		for refused in [
			Networks::update_founded_terms(signed(1), MARKET, market_terms()),
			Networks::close_founded_network(signed(1), MARKET),
			Networks::dissolve_network(signed(1), MARKET),
			Networks::halt_network(RuntimeOrigin::root(), MARKET),
		] {
			assert_eq!(refused, Err(Errors::UnreadableNetwork.into()));
		}
		assert_eq!(unhashed::get_raw(&key), Some(vec![7]));
		unhashed::put_raw(&NextFounded::<Test>::hashed_key(), &[7]);
		assert_noop!(found(2), Errors::UnreadableNetwork);
		assert!(Networks::do_try_state().is_err());
	});
}
