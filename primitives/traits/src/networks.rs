//! Which networks exist, and on which terms.

use alloc::vec::Vec;

use groma_core::{NetworkId, RegionId, money::Balance, region::RegionPlan, units::Scale};

/// The terms of a network that coverage and its rewards are judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageTerms {
	/// Windows between two challenges of a device, on average, where the chain can afford them.
	pub challenge_interval_windows: u32,
	/// Windows from the effect of a location until its device may take part.
	pub maturity_windows: u32,
	/// Windows after that in which [`Self::ramp_scale`] applies.
	pub ramp_windows: u32,
	/// What units are multiplied by during the ramp.
	pub ramp_scale: Scale,
	/// What units of self-made devices are multiplied by.
	pub self_made_scale: Scale,
	/// The most devices that a cell of each of [`groma_core::density::RESOLUTIONS`] passes on.
	pub density_limits: [u32; groma_core::density::RESOLUTIONS.len()],
	/// The network's share of the coverage pool and of the chain's budget of challenges.
	pub coverage_weight: Scale,
	/// The most plancks that one coverage unit earns.
	pub unit_cap: Balance,
	/// Plancks of stake that stand behind each device.
	pub stake_per_device: Balance,
	/// The most that a device earns per epoch, as a share of its stake.
	pub yield_max: Scale,
}

/// The networks.
pub trait Networks {
	/// The terms of a network; `None` if there is no such network.
	fn terms(network: NetworkId) -> Option<CoverageTerms>;

	/// The plan of a region in a network.
	fn region_plan(network: NetworkId, region: RegionId) -> Option<RegionPlan>;

	/// Whether devices may join the network now.
	fn is_open(network: NetworkId) -> bool;

	/// Every network, in ascending order. Bounded by the type of the pallet that offers it.
	fn ids() -> Vec<NetworkId>;
}
