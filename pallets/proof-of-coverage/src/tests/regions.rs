//! How devices transmit in the regions of networks.

use frame_support::{assert_noop, assert_ok, traits::BuildGenesisConfig as _};
use frame_system::RawOrigin;
use groma_core::region::{EU868, RegionPlan, US915};
use groma_traits::{Place, Regions as _};
use sp_runtime::DispatchError::BadOrigin;

use super::*;
use crate::{Error, Event, GenesisConfig};

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

#[test]
fn plan_is_set_under_its_own_region() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(!Coverage::has(NETWORK, US915));
		assert_ok!(Coverage::set_region_plan(root(), NETWORK, RegionPlan::us915()));
		assert!(Coverage::has(NETWORK, US915) && !Coverage::has(OTHER_NETWORK, US915));
		assert_eq!(Coverage::plan(NETWORK, US915), Some(RegionPlan::us915()));
		assert_eq!(Coverage::plan(NETWORK, EU868), Some(RegionPlan::eu868()));
		let (old, new) = (None, Box::new(RegionPlan::us915()));
		let origin = OriginCaller::system(RawOrigin::Root);
		System::assert_last_event(
			Event::RegionPlanSet { network: NETWORK, region: US915, old, new, origin }.into(),
		);
	});
}

#[test]
fn event_says_what_a_plan_was_and_is() {
	ExtBuilder::default().build_and_execute(|| {
		let quieter = RegionPlan { eirp_centi_dbm: 1_000, ..RegionPlan::eu868() };
		assert_ok!(Coverage::set_region_plan(root(), NETWORK, quieter.clone()));
		let (old, new) = (Some(Box::new(RegionPlan::eu868())), Box::new(quieter));
		let origin = OriginCaller::system(RawOrigin::Root);
		System::assert_last_event(
			Event::RegionPlanSet { network: NETWORK, region: EU868, old, new, origin }.into(),
		);
	});
}

#[test]
fn region_is_no_longer_served_when_its_plan_is_retired() {
	ExtBuilder::default().build_and_execute(|| {
		let retire = |region| Coverage::retire_region_plan(root(), NETWORK, region);
		assert!(Coverage::challenge_info(0, START).is_some());
		assert_ok!(retire(EU868));
		assert!(!Coverage::has(NETWORK, EU868) && Coverage::has(OTHER_NETWORK, EU868));
		assert_eq!(Coverage::challenge_info(0, START), None);
		let old = Box::new(RegionPlan::eu868());
		let origin = OriginCaller::system(RawOrigin::Root);
		System::assert_last_event(
			Event::RegionPlanRetired { network: NETWORK, region: EU868, old, origin }.into(),
		);
		assert_noop!(retire(EU868), Error::<Test>::NoRegionPlan);
		assert_noop!(retire(US915), Error::<Test>::NoRegionPlan);
		assert_ok!(Coverage::set_region_plan(root(), NETWORK, RegionPlan::eu868()));
		assert!(Coverage::challenge_info(0, START).is_some());
	});
}

#[test]
fn plan_is_refused_when_the_origin_is_not_governance() {
	ExtBuilder::default().build_and_execute(|| {
		let signed = RuntimeOrigin::signed(account(1));
		let set = Coverage::set_region_plan(signed.clone(), NETWORK, RegionPlan::eu868());
		assert_eq!(set, Err(BadOrigin));
		assert_noop!(Coverage::retire_region_plan(signed, NETWORK, EU868), BadOrigin);
	});
}

#[test]
fn plan_is_refused_when_the_network_is_unknown_or_proves_something_else() {
	ExtBuilder::default().build_and_execute(|| {
		let set = |network| Coverage::set_region_plan(root(), network, RegionPlan::eu868());
		assert_noop!(set(UNPROVEN_NETWORK + 1), Error::<Test>::UnknownNetwork);
		assert_noop!(set(UNPROVEN_NETWORK), Error::<Test>::OtherProof);
	});
}

#[test]
fn plan_is_refused_when_it_cannot_be_followed() {
	ExtBuilder::default().build_and_execute(|| {
		let plan = RegionPlan { channels: Default::default(), ..RegionPlan::eu868() };
		assert_noop!(
			Coverage::set_region_plan(root(), NETWORK, plan),
			Error::<Test>::InvalidRegionPlan
		);
	});
}

#[test]
fn device_transmits_by_the_plan_of_its_region() {
	ExtBuilder::default().build_and_execute(|| {
		alter(0, |view| view.place = view.place.map(|place| Place { region: US915, ..place }));
		assert_eq!(Coverage::challenge_info(0, START), None);
		assert_ok!(Coverage::set_region_plan(root(), NETWORK, RegionPlan::us915()));
		let power = Coverage::challenge_info(0, START).map(|info| info.eirp_centi_dbm);
		assert_eq!(power, Some(RegionPlan::us915().eirp_centi_dbm));
	});
}

#[test]
fn genesis_survives_json() {
	let region_plans = [(3, vec![RegionPlan::us915()])].into();
	let genesis = GenesisConfig::<Test> { region_plans, ..Default::default() };
	let json = serde_json::to_value(&genesis).expect("it is plain data");
	assert!(json["regionPlans"]["3"].is_array(), "{json}");
	let read: GenesisConfig<Test> = serde_json::from_value(json).expect("it is valid");
	assert_eq!(read.region_plans, genesis.region_plans);
}

#[test]
#[should_panic(expected = "UnknownNetwork")]
fn genesis_fails_when_a_plan_is_of_no_network() {
	let region_plans = [(UNPROVEN_NETWORK + 1, vec![RegionPlan::eu868()])].into();
	let genesis = GenesisConfig::<Test> { region_plans, ..Default::default() };
	ExtBuilder::default().build().execute_with(|| genesis.build());
}

#[test]
fn events_keep_their_pinned_indices() {
	use codec::Encode;
	let (plan, origin) = (Box::new(RegionPlan::eu868()), OriginCaller::system(RawOrigin::Root));
	let (old, new) = (None, plan.clone());
	let set: Event<Test> =
		Event::RegionPlanSet { network: 1, region: 2, old, new, origin: origin.clone() };
	let known = [vec![4, 1, 0, 2, 0], plan.encode(), origin.encode()].concat();
	assert_eq!(set.encode(), known);
	let old = plan.clone();
	let retired: Event<Test> =
		Event::RegionPlanRetired { network: 1, region: 2, old, origin: origin.clone() };
	let known = [vec![7, 1, 0, 2], plan.encode(), origin.encode()].concat();
	assert_eq!(retired.encode(), known);
}
