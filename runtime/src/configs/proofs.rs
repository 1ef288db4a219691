//! The kinds of proof, and how what concerns all of them is asked of the one that a network has.
//!
//! `Proof::MadeUp` exists where tests are built and nowhere else, and here it has no pallet. In
//! `runtime/tests/made_up` it has one: the copy of this file there shows what a further kind adds.

use frame_support::traits::Get;
use groma_core::{DeviceId, EpochIndex, NetworkId, RegionId, terms::Proof};
use groma_traits::{ChallengeCost, Load, OpenWork, Regions, SupplyWork};
use pallet_challenges::{EvidenceLane, Track};
use pallet_proof_of_coverage::{
	PairBundler as Pairs, RevealBundler as Reveals, StatementBundler as Statements,
};

use crate::{Networks, ProofOfCoverage, Rewards, Runtime};

/// The kinds of proof. A new kind is named here.
pub type Kinds = (ProofOfCoverage,);

/// Pallets that drop what they keep of a device when it is removed. Kinds of proof come first: they
/// hand the last work of the device over to the rewards.
pub type Followers = (Kinds, Rewards);

/// What collectors bundle. Of two series that are due at the same time the first comes first. Pairs
/// come last: they are outside the lane of evidence, and in a full block what is signed after one
/// waits for it.
pub type Bundlers = (Reveals<Runtime>, Statements<Runtime>, Pairs<Runtime>);

/// Asks the kind of proof that a network has.
pub struct ByKind;

/// The kind of proof of a network.
fn kind_of(network: NetworkId) -> Proof {
	let terms = <Networks as groma_traits::Networks>::terms(network);
	terms.map_or(Proof::Unproven, |terms| terms.proof)
}

impl ChallengeCost for ByKind {
	fn of(network: NetworkId) -> Load {
		match kind_of(network) {
			Proof::Coverage(_) => ProofOfCoverage::challenge_cost(),
			Proof::Unproven => Load::default(),
			#[cfg(feature = "made-up-proof")]
			Proof::MadeUp => Load::default(),
		}
	}
}

impl SupplyWork for ByKind {
	fn peek(network: NetworkId, device: DeviceId) -> Option<OpenWork> {
		match kind_of(network) {
			Proof::Coverage(_) => ProofOfCoverage::peek(network, device),
			Proof::Unproven => None,
			#[cfg(feature = "made-up-proof")]
			Proof::MadeUp => None,
		}
	}

	fn take_before(network: NetworkId, device: DeviceId, current: EpochIndex) -> Option<OpenWork> {
		match kind_of(network) {
			Proof::Coverage(_) => ProofOfCoverage::take_before(network, device, current),
			Proof::Unproven => None,
			#[cfg(feature = "made-up-proof")]
			Proof::MadeUp => None,
		}
	}
}

impl Regions for ByKind {
	fn has(network: NetworkId, region: RegionId) -> bool {
		match <Networks as groma_traits::Networks>::terms(network).map(|terms| terms.proof) {
			Some(Proof::Coverage(_)) => ProofOfCoverage::has(network, region),
			Some(_) => region == RegionId::default(),
			None => false,
		}
	}
}

/// The most that evidence of all kinds may take of a block.
pub struct EvidenceLimit;

impl Get<Load> for EvidenceLimit {
	fn get() -> Load {
		EvidenceLane::<Runtime>::limit(Track::Evidence)
	}
}
