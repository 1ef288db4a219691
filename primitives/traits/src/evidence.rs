//! What every kind of proof brings on chain: which calls carry evidence, and what one challenge
//! costs.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::NetworkId;
use impl_trait_for_tuples::impl_for_tuples;
use scale_info::TypeInfo;
use sp_runtime::Weight;

/// What transactions take of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Load {
	/// Execution time in picoseconds.
	pub ref_time: u64,
	/// Length in bytes.
	pub length: u32,
}

impl Load {
	/// Both together.
	pub fn with(self, other: Self) -> Self {
		Self {
			ref_time: self.ref_time.saturating_add(other.ref_time),
			length: self.length.saturating_add(other.length),
		}
	}

	/// One of so many equal parts; rounded down.
	pub fn part(self, of: u32) -> Self {
		let of = of.max(1);
		Self { ref_time: self.ref_time / u64::from(of), length: self.length / of }
	}

	/// Whether neither exceeds the limit.
	pub fn fits(self, limit: Self) -> bool {
		self.ref_time <= limit.ref_time && self.length <= limit.length
	}
}

/// What one challenge costs the chain.
pub trait ChallengeCost {
	/// What the evidence of one challenge of a network takes of blocks, from the first report about
	/// it to its settlement. Nothing if devices of the network are never challenged.
	fn of(network: NetworkId) -> Load;
}

/// Which calls carry evidence. Only a call itself counts: what a batch holds does not.
pub trait EvidenceCalls<Call> {
	/// Whether the call belongs into the lane that blocks keep for evidence.
	fn is_evidence(call: &Call) -> bool;

	/// Whether such a call may bring something new, at a look that costs little. By it the
	/// transaction pool decides what comes first.
	fn may_bring_new(call: &Call, is_signed: bool) -> bool;

	/// Whether more of what a bundle carries is on chain already or out of its window than is not,
	/// so that it cannot be mostly new: it is left out of blocks, and what is new in it comes in
	/// another bundle. Also whether a call, in the lane or not, proves what is proven already. An
	/// exact answer, at few reads per group and without a signature. Never true of a call that
	/// carries nothing.
	fn is_stale(call: &Call) -> bool;

	/// What [`Self::is_stale`] takes at most.
	fn staleness_weight(call: &Call) -> Weight;
}

#[impl_for_tuples(1, 8)]
impl<Call> EvidenceCalls<Call> for Tuple {
	for_tuples!( where #( Tuple: EvidenceCalls<Call> )* );

	fn is_evidence(call: &Call) -> bool {
		for_tuples!( #( if Tuple::is_evidence(call) { return true } )* );
		false
	}

	fn may_bring_new(call: &Call, is_signed: bool) -> bool {
		for_tuples!( #( if Tuple::may_bring_new(call, is_signed) { return true } )* );
		false
	}

	fn is_stale(call: &Call) -> bool {
		for_tuples!( #( if Tuple::is_stale(call) { return true } )* );
		false
	}

	fn staleness_weight(call: &Call) -> Weight {
		let mut weight = Weight::zero();
		for_tuples!( #( weight = weight.saturating_add(Tuple::staleness_weight(call)); )* );
		weight
	}
}
