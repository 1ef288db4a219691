//! How devices transmit in the regions of networks of coverage. Only here are plans written.

use alloc::boxed::Box;

use frame_support::ensure;
use groma_core::{NetworkId, RegionId, region::RegionPlan, terms::Proof};
use groma_stored::Stored;
use groma_traits::Networks;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	CallerOf,
	pallet::{Config, Error, Event, Pallet, RegionPlans},
};

impl<T: Config> Pallet<T> {
	/// Stores a plan that can be followed, for a network that proves coverage, and returns the one
	/// that was there.
	pub(crate) fn put_region_plan(
		network: NetworkId,
		plan: RegionPlan,
	) -> Result<Option<RegionPlan>, DispatchError> {
		let terms = T::Networks::terms(network).ok_or(Error::<T>::UnknownNetwork)?;
		ensure!(matches!(terms.proof, Proof::Coverage(_)), Error::<T>::OtherProof);
		ensure!(plan.is_valid(), Error::<T>::InvalidRegionPlan);
		let region = plan.region;
		let old = match Self::stored_plan(network, region) {
			Stored::Value(old) => Some(old),
			Stored::Absent => None,
			Stored::Undecodable => return Err(Error::<T>::PlanUnreadable.into()),
		};
		RegionPlans::<T>::insert(network, region, plan);
		Ok(old)
	}

	pub(crate) fn do_set_region_plan(
		origin: CallerOf<T>,
		network: NetworkId,
		plan: RegionPlan,
	) -> DispatchResult {
		let (region, new) = (plan.region, Box::new(plan.clone()));
		let old = Self::put_region_plan(network, plan)?.map(Box::new);
		Self::deposit_event(Event::RegionPlanSet { network, region, old, new, origin });
		Ok(())
	}

	pub(crate) fn do_retire_region_plan(
		origin: CallerOf<T>,
		network: NetworkId,
		region: RegionId,
	) -> DispatchResult {
		let stored = Self::stored_plan(network, region);
		let old = stored.ok_or(Error::<T>::NoRegionPlan, Error::<T>::PlanUnreadable)?;
		RegionPlans::<T>::remove(network, region);
		let old = Box::new(old);
		Self::deposit_event(Event::RegionPlanRetired { network, region, old, origin });
		Ok(())
	}

	/// How devices transmit in a region of a network.
	pub(crate) fn stored_plan(network: NetworkId, region: RegionId) -> Stored<RegionPlan> {
		groma_stored::double_entry::<RegionPlans<T>, NetworkId, RegionId, RegionPlan>(
			network, region,
		)
	}
}

/// A network of coverage serves the regions that it has plans for.
impl<T: Config> groma_traits::Regions for Pallet<T> {
	fn has(network: NetworkId, region: RegionId) -> bool {
		RegionPlans::<T>::contains_key(network, region)
	}
}
