//! What spends and bounties weigh: as their pallets say, and for those who spend what it takes to
//! know what is left of their limit.

use frame_support::weights::Weight;

use crate::Runtime;

/// The values that are read at most to know what is left of a limit: how many spends and bounties
/// are approved, and the one of each that was approved last.
const LIMIT_READS: u64 = 4;

/// The weights of `pallet-treasury`.
pub struct Treasury;
/// The weights of `pallet-bounties`.
pub struct Bounties;

type ShippedTreasury = pallet_treasury::weights::SubstrateWeight<Runtime>;
type ShippedBounties = pallet_bounties::weights::SubstrateWeight<Runtime>;

/// Together with the look at what the same dispatch approved before.
fn with_limit(weight: Weight) -> Weight {
	weight.saturating_add(<Runtime as frame_system::Config>::DbWeight::get().reads(LIMIT_READS))
}

impl pallet_treasury::WeightInfo for Treasury {
	fn spend_local() -> Weight {
		with_limit(<ShippedTreasury as pallet_treasury::WeightInfo>::spend_local())
	}

	fn remove_approval() -> Weight {
		<ShippedTreasury as pallet_treasury::WeightInfo>::remove_approval()
	}

	fn on_initialize_proposals(p: u32) -> Weight {
		<ShippedTreasury as pallet_treasury::WeightInfo>::on_initialize_proposals(p)
	}

	fn spend() -> Weight {
		with_limit(<ShippedTreasury as pallet_treasury::WeightInfo>::spend())
	}

	fn payout() -> Weight {
		<ShippedTreasury as pallet_treasury::WeightInfo>::payout()
	}

	fn check_status() -> Weight {
		<ShippedTreasury as pallet_treasury::WeightInfo>::check_status()
	}

	fn void_spend() -> Weight {
		<ShippedTreasury as pallet_treasury::WeightInfo>::void_spend()
	}
}

impl pallet_bounties::WeightInfo for Bounties {
	fn propose_bounty(d: u32) -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::propose_bounty(d)
	}

	fn approve_bounty() -> Weight {
		with_limit(<ShippedBounties as pallet_bounties::WeightInfo>::approve_bounty())
	}

	fn propose_curator() -> Weight {
		with_limit(<ShippedBounties as pallet_bounties::WeightInfo>::propose_curator())
	}

	fn approve_bounty_with_curator() -> Weight {
		with_limit(<ShippedBounties as pallet_bounties::WeightInfo>::approve_bounty_with_curator())
	}

	fn unassign_curator() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::unassign_curator()
	}

	fn accept_curator() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::accept_curator()
	}

	fn award_bounty() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::award_bounty()
	}

	fn claim_bounty() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::claim_bounty()
	}

	fn close_bounty_proposed() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::close_bounty_proposed()
	}

	fn close_bounty_active() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::close_bounty_active()
	}

	fn extend_bounty_expiry() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::extend_bounty_expiry()
	}

	fn spend_funds(b: u32) -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::spend_funds(b)
	}

	fn poke_deposit() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::poke_deposit()
	}

	fn reclaim_bounty_funds() -> Weight {
		<ShippedBounties as pallet_bounties::WeightInfo>::reclaim_bounty_funds()
	}
}
