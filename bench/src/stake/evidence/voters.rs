//! Two votes of a validator in one round.

use std::ops::RangeInclusive;

use anyhow::Context;
use codec::{Decode, Encode};
use groma_runtime::Grandpa;
use pallet_validators::KeyProof;
use rand::{Rng, RngCore};
use rand_chacha::ChaCha8Rng;
use sp_core::{Pair, ed25519};

use super::{
	mutations::{Evidence, Mutation, another, flip_bit, pallet_index, unreduced},
	world,
};
use crate::native::ask;

/// The numbers of the call that takes a report, and of that which takes an unsigned one.
const REPORT: u8 = 0;
const REPORT_UNSIGNED: u8 = 1;

/// What a vote is for, as it is encoded. That a true report is accepted shows that it is.
#[derive(Clone, Copy, PartialEq, Eq, Encode)]
enum Kind {
	#[codec(index = 0)]
	Prevote,
	#[codec(index = 1)]
	Precommit,
}

impl Kind {
	fn other(self) -> Self {
		match self {
			Self::Prevote => Self::Precommit,
			Self::Precommit => Self::Prevote,
		}
	}
}

/// The block that a vote is for: its hash and its number.
type Target = ([u8; 32], u32);

/// What is known of a validator that voted twice.
pub(super) struct TwoVotes {
	voter: ed25519::Pair,
	innocent: ed25519::Pair,
	set: u64,
	/// The sessions of the set: a proof of any of them is true.
	sessions: RangeInclusive<u32>,
	proof: KeyProof,
}

/// What a report says.
pub(super) struct Report {
	set: u64,
	kind: Kind,
	round: u64,
	voter: ed25519::Public,
	votes: [(Target, ed25519::Signature); 2],
	proof: KeyProof,
}

impl TwoVotes {
	/// Finds out whose key it is in the present set.
	pub(super) fn find() -> anyhow::Result<Self> {
		let voter: ed25519::Pair = world::pair(world::GUILTY)?;
		let set = Grandpa::current_set_id();
		let question = (set, voter.public()).encode();
		let proof: Option<Vec<u8>> = ask("GrandpaApi_generate_key_ownership_proof", &question)?;
		let proof = proof.context("the key is in use")?;
		let last = Grandpa::session_for_set(set).context("the set is remembered")?;
		let before = set.checked_sub(1).and_then(Grandpa::session_for_set);
		Ok(Self {
			voter,
			innocent: world::pair(world::INNOCENT)?,
			set,
			sessions: before.map_or(0, |session| session + 1)..=last,
			proof: KeyProof::decode(&mut &proof[..])?,
		})
	}
}

/// A vote of someone for any block.
fn vote(
	voter: &ed25519::Pair,
	kind: Kind,
	round: u64,
	set: u64,
	random: &mut ChaCha8Rng,
) -> (Target, ed25519::Signature) {
	let target = target(random);
	(target, voter.sign(&(kind, target, round, set).encode()))
}

fn target(random: &mut ChaCha8Rng) -> Target {
	let mut hash = [0; 32];
	random.fill_bytes(&mut hash);
	(hash, random.r#gen())
}

impl Evidence for TwoVotes {
	const NAME: &'static str = "two_votes";
	const UNSIGNED_CALL: Option<u8> = Some(REPORT_UNSIGNED);
	const MUTATIONS: &'static [Mutation<Self>] = &[
		Mutation { name: "same_vote", make: |_, report, _| report.votes[1] = report.votes[0] },
		Mutation {
			name: "same_vote_unreduced",
			make: |_, report, random| {
				let (target, signature) = report.votes[0];
				let signature = unreduced(signature.0, random);
				report.votes[1] = (target, ed25519::Signature::from_raw(signature));
			},
		},
		Mutation {
			name: "another_set",
			make: |_, report, random| report.set = another_wide(report.set, random),
		},
		Mutation {
			name: "another_round",
			make: |_, report, random| report.round = another_wide(report.round, random),
		},
		Mutation { name: "another_kind", make: |_, report, _| report.kind = report.kind.other() },
		Mutation {
			name: "another_voter",
			make: |it, report, _| report.voter = it.innocent.public(),
		},
		Mutation {
			name: "one_of_each_kind",
			make: |it, report, random| {
				let Report { kind, round, set, .. } = *report;
				report.votes[1] = vote(&it.voter, kind.other(), round, set, random);
			},
		},
		Mutation {
			name: "votes_of_two_rounds",
			make: |it, report, random| {
				let Report { kind, round, set, .. } = *report;
				let other = another_wide(round, random);
				report.votes[1] = vote(&it.voter, kind, other, set, random);
			},
		},
		Mutation {
			name: "votes_of_two_sets",
			make: |it, report, random| {
				let Report { kind, round, set, .. } = *report;
				let other = another_wide(set, random);
				report.votes[1] = vote(&it.voter, kind, round, other, random);
			},
		},
		Mutation {
			name: "signed_by_another",
			make: |it, report, random| {
				let Report { kind, round, set, .. } = *report;
				report.votes[1] = vote(&it.innocent, kind, round, set, random);
			},
		},
		Mutation {
			name: "changed_after_signing",
			make: |_, report, random| {
				let which: usize = random.gen_range(0..2);
				report.votes[which].0 = target(random);
			},
		},
		Mutation {
			name: "bit_of_a_signature",
			make: |_, report, random| {
				let which: usize = random.gen_range(0..2);
				flip_bit(&mut report.votes[which].1.0, random);
			},
		},
		Mutation {
			name: "signatures_changed_places",
			make: |_, report, _| {
				let [first, second] = &mut report.votes;
				std::mem::swap(&mut first.1, &mut second.1);
			},
		},
		Mutation {
			name: "another_session",
			make: |it, report, random| {
				while it.sessions.contains(&report.proof.session) {
					report.proof.session = another(report.proof.session, random);
				}
			},
		},
		Mutation {
			name: "another_use_of_the_key",
			make: |_, report, random| report.proof.first = another(report.proof.first, random),
		},
	];

	type Report = Report;

	/// Two votes of one kind in any round, each for any block.
	fn truth(&self, random: &mut ChaCha8Rng) -> Report {
		let (set, round) = (self.set, random.r#gen());
		let kind = if random.gen_ratio(1, 2) { Kind::Prevote } else { Kind::Precommit };
		let votes = [(); 2].map(|()| vote(&self.voter, kind, round, set, random));
		Report { set, kind, round, voter: self.voter.public(), votes, proof: self.proof }
	}

	fn call(report: Report) -> Vec<u8> {
		let Report { set, kind, round, voter, votes: [first, second], proof } = report;
		let equivocation = (set, kind, round, voter, first, second);
		[&[pallet_index::<Grandpa>(), REPORT][..], &equivocation.encode(), &proof.encode()].concat()
	}
}

/// Another number: often a near one.
fn another_wide(number: u64, random: &mut ChaCha8Rng) -> u64 {
	let most = if random.gen_ratio(1, 2) { 4 } else { u64::MAX };
	number.wrapping_add(random.gen_range(1..=most))
}
