//! Ranks of the fellowship, and its instances of pallets.

use pallet_ranked_collective::Rank;

/// The fellowship's instance of the collective.
pub type FellowshipCollectiveInstance = frame_support::instances::Instance1;
/// The fellowship's instance of referenda.
pub type FellowshipReferendaInstance = frame_support::instances::Instance2;

/// The highest rank.
pub const RANK_MAX: Rank = 9;
/// The rank from which a member proposes and votes. Those below learn.
pub const RANK_TO_VOTE: Rank = 3;
/// The fewest members of this rank by whom something is whitelisted: one or two would be a key.
pub const FELLOWS_MIN: u32 = 3;
