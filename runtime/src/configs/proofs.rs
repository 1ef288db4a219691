//! The kinds of proof, and how what concerns all of them is asked of the one that a network has.

use frame_support::traits::Get;
use groma_core::{NetworkId, terms::Proof};
use groma_traits::{ChallengeCost, Load};
use pallet_challenges::{EvidenceLane, Track};

use crate::{Networks, ProofOfCoverage, Runtime};

/// The kinds of proof. A new kind is named here.
pub type Kinds = (ProofOfCoverage,);

/// Asks the kind of proof that a network has.
pub struct ByKind;

impl ChallengeCost for ByKind {
	fn of(network: NetworkId) -> Load {
		match <Networks as groma_traits::Networks>::terms(network).map(|terms| terms.proof) {
			Some(Proof::Coverage(_)) => ProofOfCoverage::challenge_cost(),
			Some(Proof::Unproven) | None => Load::default(),
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
