//! Which regions a network serves.

use groma_core::{NetworkId, RegionId};

/// The regions of networks. What a region is follows from the network's kind of proof: of radio
/// coverage, the channels and limits that the law of a country allows.
pub trait Regions {
	/// Whether a device of the network can be in the region. A network whose kind of proof knows no
	/// regions has region 0 alone.
	fn has(network: NetworkId, region: RegionId) -> bool;
}
