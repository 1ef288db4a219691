//! How devices transmit in the regions of networks.

use frame_support::{assert_noop, assert_ok, traits::BuildGenesisConfig as _};
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
		System::assert_last_event(Event::RegionPlanSet { network: NETWORK, region: US915 }.into());
	});
}

#[test]
fn plan_is_refused_when_the_origin_is_not_governance() {
	ExtBuilder::default().build_and_execute(|| {
		let signed = RuntimeOrigin::signed(account(1));
		assert_noop!(Coverage::set_region_plan(signed, NETWORK, RegionPlan::eu868()), BadOrigin);
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
fn event_keeps_its_pinned_index() {
	use codec::Encode;
	let event: Event<Test> = Event::RegionPlanSet { network: 1, region: 2 };
	assert_eq!(event.encode(), [4, 1, 0, 2]);
}
