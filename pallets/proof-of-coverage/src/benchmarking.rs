//! Benchmarks of every call, hook and authorization, at their worst.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may fail")]

mod world;

use alloc::{vec, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	pallet_prelude::TransactionSource,
	traits::{Authorize, EnsureOrigin, Get},
	weights::{Weight, WeightMeter},
};
use frame_system::RawOrigin;
use groma_core::{
	CoverageReason,
	protocol::{OWN_STATEMENTS_MAX, RECORDS_MAX, REVEAL_DELAY, WITNESSES_JUDGED},
	region::{CHANNELS_MAX, DATA_RATES_MAX, DataRate, EU868, RegionPlan},
	units::Units,
	words::{SessionKey, Signature},
};
use groma_paged_map::{DEVICES_PER_PAGE, PageId};
use groma_traits::{Collectors, Devices, Networks, Windows};

use crate::{
	Activities, Call, Challenges, Config, OwnStatements, Pallet, Reasons, RegionPlans, WeightInfo,
	activity, density,
	evidence_calls_impl::are_mostly_stated,
	own_statements,
	standing::is_covered,
	statements::{ranks_of, stored_challenge},
	types::*,
};
use world::*;

/// A key of small order, which registration refuses. The keystore signs as deterministically as
/// every honest client does, so two signatures of one message have to come from elsewhere.
const WEAK_KEY: SessionKey = {
	let mut key = [0; 32];
	key[0] = 1;
	SessionKey(key)
};

/// The longest plan that can be followed.
fn longest_plan() -> RegionPlan {
	let rate = DataRate { spreading_factor: 7, bandwidth_khz: 125 };
	RegionPlan {
		channels: BoundedVec::truncate_from(vec![868_100_000; CHANNELS_MAX as usize]),
		data_rates: BoundedVec::truncate_from(vec![rate; DATA_RATES_MAX as usize]),
		..RegionPlan::eu868()
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn submit_statements(g: Linear<1, { T::MaxGroupsPerBundle::get() }>) {
		go_to::<T>(WINDOW);
		let groups = (0..g).map(|n| group::<T>(n * 100, 1).1).collect::<Vec<_>>();
		groups.iter().for_each(hear::<T>);
		let groups = BoundedVec::truncate_from(groups);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), groups);
		assert_eq!(Challenges::<T>::iter().count() as u32, g);
	}

	#[benchmark]
	fn rank_records() {
		go_to::<T>(WINDOW);
		let (_, group) = group::<T>(0, 1);
		fill::<T>(&group);
		let seed = T::Windows::window(WINDOW).unwrap().seed;
		let ranks;
		#[block]
		{
			let challenge = stored_challenge::<T>(WINDOW, group.beaconer).value();
			ranks = challenge.map(|challenge| ranks_of(&seed, group.beaconer, &challenge));
		}
		assert_eq!(ranks.map(|ranks| ranks.len() as u32), Some(RECORDS_MAX));
	}

	#[benchmark]
	fn look_at_stake() {
		let view = T::Devices::at(device::<T>(0).device, WINDOW).unwrap();
		let stake = T::Networks::terms(view.network).unwrap().stake_per_device;
		let is_backed;
		#[block]
		{
			is_backed = is_covered::<T>(&view, stake);
		}
		assert!(is_backed);
	}

	#[benchmark]
	fn take_statements(s: Linear<1, { RECORDS_MAX }>) {
		go_to::<T>(WINDOW);
		let (_, group) = group::<T>(0, s);
		fill::<T>(&group);
		let groups = vec![group.clone()];
		let tally;
		#[block]
		{
			tally = Pallet::<T>::do_submit_statements(groups).0;
		}
		assert_eq!(tally, Tally { new: s, ..Tally::default() });
		assert!(is_full_and_holds::<T>(&group));
	}

	#[benchmark]
	fn refuse_statements(s: Linear<1, { RECORDS_MAX }>) {
		go_to::<T>(WINDOW);
		// They would take the places of others, but distance, the last rule, is against them: 222
		// km.
		let (_, group) = group_with::<T>(0, s, |n| device_in_row::<T>(n, 42.0));
		fill::<T>(&group);
		let before = Challenges::<T>::get(WINDOW, group.beaconer);
		let beaconer = group.beaconer;
		let tally;
		#[block]
		{
			tally = Pallet::<T>::do_submit_statements(vec![group]).0;
		}
		assert_eq!(tally, Tally { refused: s, ..Tally::default() });
		assert_eq!(Challenges::<T>::get(WINDOW, beaconer), before);
	}

	#[benchmark]
	fn submit_reveals(c: Linear<1, { T::MaxGroupsPerBundle::get() }>) {
		go_to::<T>(WINDOW);
		let collector = collector::<T>();
		let reveals = (0..c).map(|n| stated::<T>(collector, n * 100, 1)).collect::<Vec<_>>();
		reveals.iter().for_each(|reveal| count::<T>(reveal.beaconer));
		go_to::<T>(WINDOW + REVEAL_DELAY);
		let caller: T::AccountId = whitelisted_caller();
		let reveals = BoundedVec::truncate_from(reveals);
		let before = booked::<T>(collector);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), reveals);
		assert_eq!(Challenges::<T>::iter().count(), 0);
		assert!(has_risen(booked::<T>(collector), before));
	}

	#[benchmark]
	fn settle_records(r: Linear<1, { WITNESSES_JUDGED as u32 }>) {
		go_to::<T>(WINDOW);
		let collector = collector::<T>();
		let reveal = stated::<T>(collector, 0, r);
		count::<T>(reveal.beaconer);
		go_to::<T>(WINDOW + REVEAL_DELAY);
		let before = booked::<T>(collector);
		let tally;
		#[block]
		{
			tally = Pallet::<T>::do_submit_reveals(&[reveal]).0;
		}
		assert_eq!(tally, Tally::one());
		assert!(has_risen(booked::<T>(collector), before));
		let activity = Activities::<T>::get(reveal.beaconer).unwrap_or_default();
		assert!(activity.open_work.is_some_and(|work| work.units() > Units::ZERO));
	}

	#[benchmark]
	fn credit_collector() {
		go_to::<T>(WINDOW);
		let collector = collector::<T>();
		let (_, before) = booked::<T>(collector);
		#[block]
		{
			T::Collectors::credit(collector, 5);
		}
		assert_eq!(booked::<T>(collector).1, before + 5);
	}

	#[benchmark]
	fn count_reason() {
		let device = device::<T>(0).device;
		let last = *CoverageReason::ALL.last().unwrap();
		#[block]
		{
			activity::count_reason::<T>(device, last);
		}
		assert!(Reasons::<T>::get(device).is_some_and(|reasons| reasons.of(last) == 1));
	}

	#[benchmark]
	fn recount() {
		go_to::<T>(WINDOW);
		let next = place_of::<T>(device_in_row::<T>(1, -30.0).device);
		let device = device::<T>(0).device;
		count::<T>(device);
		let former = place_of::<T>(device);
		let limits = T::Networks::terms(next.network).unwrap().place.density_limits();
		#[block]
		{
			Activities::<T>::mutate(device, |activity| {
				density::count::<T>(&mut activity.counted, next, &limits);
			});
		}
		assert_eq!(Activities::<T>::get(device).unwrap().counted, Some(next));
		assert_eq!((counted_at::<T>(former), counted_at::<T>(next)), ([0; 5], [1; 5]));
	}

	#[benchmark]
	fn submit_own_statement() {
		go_to::<T>(WINDOW);
		let (_, group) = group::<T>(0, 1);
		#[extrinsic_call]
		_(RawOrigin::Authorized, group.statement(&group.statements[0]));
		let challenge = Challenges::<T>::get(WINDOW, group.beaconer).unwrap();
		assert!(challenge.is_stated_by(group.statements[0].observation.witness));
		assert_eq!(OwnStatements::<T>::iter_prefix(WINDOW).count(), 1);
	}

	#[benchmark]
	fn authorize_submit_own_statement() {
		go_to::<T>(WINDOW);
		let (_, group) = group::<T>(0, 1);
		let statement = group.statement(&group.statements[0]);
		let call = Call::<T>::submit_own_statement { statement };
		let authorized;
		#[block]
		{
			authorized = call.authorize(TransactionSource::External);
		}
		assert!(matches!(authorized, Some(Ok(_))));
	}

	#[benchmark]
	fn submit_own_reveal(r: Linear<1, { WITNESSES_JUDGED as u32 }>) {
		go_to::<T>(WINDOW);
		let collector = collector::<T>();
		let reveal = stated::<T>(collector, 0, r);
		count::<T>(reveal.beaconer);
		go_to::<T>(WINDOW + REVEAL_DELAY);
		let before = booked::<T>(collector);
		#[extrinsic_call]
		_(RawOrigin::Authorized, reveal);
		assert_eq!(Challenges::<T>::iter().count(), 0);
		assert!(has_risen(booked::<T>(collector), before));
	}

	#[benchmark]
	fn authorize_submit_own_reveal() {
		go_to::<T>(WINDOW);
		let reveal = stated::<T>(0, 0, RECORDS_MAX);
		go_to::<T>(WINDOW + REVEAL_DELAY);
		let call = Call::<T>::submit_own_reveal { reveal };
		let authorized;
		#[block]
		{
			authorized = call.authorize(TransactionSource::External);
		}
		assert!(matches!(authorized, Some(Ok(_))));
	}

	#[benchmark]
	fn report_double_beacon() {
		go_to::<T>(WINDOW);
		let device = register::<T>(0, 40.0, WEAK_KEY);
		count::<T>(device);
		// Under a key of small order every signature by a point of small order verifies.
		let (mut a, b) = (Signature([0; 64]), Signature([0; 64]));
		a.0[0] = 1;
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), WINDOW, device, a, b);
		assert!(T::Devices::signer(device, WINDOW).is_some_and(|signer| signer.is_banned));
		assert_eq!(Activities::<T>::get(device).unwrap().counted, None);
	}

	#[benchmark]
	fn expire_device() {
		go_to::<T>(WINDOW);
		let device = device::<T>(0).device;
		count::<T>(device);
		let place = place_of::<T>(device);
		Activities::<T>::mutate(device, |activity| activity.was_heard(WINDOW));
		go_to::<T>(WINDOW * 2);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), device);
		assert_eq!(counted_at::<T>(place), [0; 5]);
	}

	#[benchmark]
	fn set_region_plan() -> Result<(), BenchmarkError> {
		let origin =
			T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let network = T::Networks::ids()[0];
		RegionPlans::<T>::insert(network, EU868, RegionPlan::eu868());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network, longest_plan());
		assert_eq!(RegionPlans::<T>::get(network, EU868), Some(longest_plan()));
		Ok(())
	}

	#[benchmark]
	fn retire_region_plan() -> Result<(), BenchmarkError> {
		let origin =
			T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let network = T::Networks::ids()[0];
		RegionPlans::<T>::insert(network, EU868, longest_plan());
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, network, EU868);
		assert_eq!(RegionPlans::<T>::get(network, EU868), None);
		Ok(())
	}

	#[benchmark]
	fn prune_window() {
		go_to::<T>(WINDOW);
		crate::PruneCursor::<T>::put(WINDOW - REVEAL_DELAY - 1);
		#[block]
		{
			Pallet::<T>::prune(Weight::MAX);
		}
		assert_eq!(crate::PruneCursor::<T>::get(), Some(WINDOW - REVEAL_DELAY));
	}

	#[benchmark]
	fn prune_challenge(r: Linear<1, { RECORDS_MAX }>) {
		go_to::<T>(WINDOW);
		stated::<T>(0, 0, r);
		crate::PruneCursor::<T>::put(WINDOW);
		go_to::<T>(WINDOW + REVEAL_DELAY + 1);
		#[block]
		{
			Pallet::<T>::prune(Weight::MAX);
		}
		assert_eq!(Challenges::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn prune_own_statements() {
		let (page, _) = PageId::of(0);
		OwnStatements::<T>::insert(WINDOW, page, [OWN_STATEMENTS_MAX; DEVICES_PER_PAGE as usize]);
		// For the page alone: what follows it is looked for at the cost of one more.
		let limit = <T as Config>::WeightInfo::prune_own_statements();
		let mut meter = WeightMeter::with_limit(limit);
		let is_done;
		#[block]
		{
			is_done = own_statements::prune::<T>(WINDOW, &mut meter);
		}
		assert!(!is_done);
		assert_eq!(OwnStatements::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn look_for_new(g: Linear<1, { T::MaxGroupsPerBundle::get() }>) {
		go_to::<T>(WINDOW);
		let groups = (0..g).map(|n| known_group::<T>(n * 100)).collect::<Vec<_>>();
		let is_stale;
		#[block]
		{
			is_stale = are_mostly_stated::<T>(&groups);
		}
		assert!(is_stale);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().devices(0).build_for_benchmarks(),
		crate::mock::Test
	);
}
