//! How devices transmit in the regions of networks of coverage. Only here are plans written.

use frame_support::ensure;
use groma_core::{NetworkId, RegionId, region::RegionPlan, terms::Proof};
use groma_stored::Stored;
use groma_traits::Networks;
use sp_runtime::DispatchResult;

use crate::pallet::{Config, Error, Event, Pallet, RegionPlans};

impl<T: Config> Pallet<T> {
	/// Stores a plan that can be followed, for a network that proves coverage.
	pub(crate) fn do_set_region_plan(network: NetworkId, plan: RegionPlan) -> DispatchResult {
		let terms = T::Networks::terms(network).ok_or(Error::<T>::UnknownNetwork)?;
		ensure!(matches!(terms.proof, Proof::Coverage(_)), Error::<T>::OtherProof);
		ensure!(plan.is_valid(), Error::<T>::InvalidRegionPlan);
		let region = plan.region;
		let is_unreadable = Self::stored_plan(network, region).is_undecodable();
		ensure!(!is_unreadable, Error::<T>::PlanUnreadable);
		RegionPlans::<T>::insert(network, region, plan);
		Self::deposit_event(Event::RegionPlanSet { network, region });
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
