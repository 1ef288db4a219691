//! Two blocks of a validator in one slot.

use anyhow::Context;
use codec::{Decode, Encode};
use groma_core::protocol::SLOT_MS;
use groma_runtime::{Babe, Hash, Header, Runtime};
use pallet_validators::KeyProof;
use rand::{Rng, RngCore};
use rand_chacha::ChaCha8Rng;
use sp_consensus_babe::{
	AuthorityId, BABE_ENGINE_ID, EquivocationProof,
	digests::{PreDigest, SecondaryPlainPreDigest},
};
use sp_core::{Pair, sr25519};
use sp_runtime::{Digest, DigestItem, traits::Header as _};

use super::{
	mutations::{Evidence, Mutation, another, flip_bit, pallet_index},
	world,
};
use crate::native::ask;

/// The numbers of the call that takes a report, and of that which takes an unsigned one.
const REPORT: u8 = 0;
const REPORT_UNSIGNED: u8 = 1;
/// Places of validators in the set: it plays no part which they are.
const PLACE: u32 = 1;
const OTHER_PLACE: u32 = 2;
/// Another engine than BABE, which seals no blocks.
const OTHER_ENGINE: [u8; 4] = *b"FRNK";

/// What is known of a validator that made two blocks.
pub(super) struct TwoBlocks {
	author: sr25519::Pair,
	innocent: sr25519::Pair,
	slot: u64,
	proof: KeyProof,
}

/// What a report says.
pub(super) struct Report {
	offender: sr25519::Public,
	slot: u64,
	headers: [Header; 2],
	proof: KeyProof,
}

impl TwoBlocks {
	/// Finds out whose key it is in the present slot.
	pub(super) fn find() -> anyhow::Result<Self> {
		let author: sr25519::Pair = world::pair(world::GUILTY)?;
		let slot = pallet_timestamp::Now::<Runtime>::get() / SLOT_MS;
		let question = (slot, author.public()).encode();
		let proof: Option<Vec<u8>> = ask("BabeApi_generate_key_ownership_proof", &question)?;
		let proof = proof.context("the key is in use")?;
		let innocent = world::pair(world::INNOCENT)?;
		Ok(Self { author, innocent, slot, proof: KeyProof::decode(&mut &proof[..])? })
	}

	/// A block of the author in a slot.
	fn block(&self, slot: u64, random: &mut ChaCha8Rng) -> Header {
		sealed(header(PLACE, slot, random), &self.author)
	}
}

impl Evidence for TwoBlocks {
	const NAME: &'static str = "two_blocks";
	const UNSIGNED_CALL: Option<u8> = Some(REPORT_UNSIGNED);
	const MUTATIONS: &'static [Mutation<Self>] = &[
		Mutation {
			name: "same_block",
			make: |_, report, _| report.headers[1] = report.headers[0].clone(),
		},
		Mutation {
			name: "another_slot",
			make: |_, report, random| report.slot = another_slot(report.slot, random),
		},
		Mutation {
			name: "blocks_of_two_slots",
			make: |it, report, random| {
				let slot = another_slot(it.slot, random);
				report.headers[1] = it.block(slot, random);
			},
		},
		Mutation {
			name: "blocks_of_two_places",
			make: |it, report, random| {
				let other = header(OTHER_PLACE, it.slot, random);
				report.headers[1] = sealed(other, &it.author);
			},
		},
		Mutation {
			name: "another_offender",
			make: |it, report, _| report.offender = it.innocent.public(),
		},
		Mutation {
			name: "sealed_by_another",
			make: |it, report, random| {
				report.headers[1] = sealed(header(PLACE, it.slot, random), &it.innocent);
			},
		},
		Mutation {
			name: "changed_after_the_seal",
			make: |_, report, random| change(&mut report.headers[1], random),
		},
		Mutation {
			name: "bit_of_a_seal",
			make: |_, report, random| {
				let header = &mut report.headers[random.gen_range(0..2_usize)];
				if let Some(DigestItem::Seal(_, seal)) = header.digest_mut().logs.last_mut() {
					flip_bit(seal, random);
				}
			},
		},
		Mutation {
			name: "seals_changed_places",
			make: |_, report, _| {
				let [first, second] = &mut report.headers;
				let seals = (first.digest_mut().pop(), second.digest_mut().pop());
				first.digest_mut().logs.extend(seals.1);
				second.digest_mut().logs.extend(seals.0);
			},
		},
		Mutation {
			name: "sealed_twice",
			make: |_, report, _| {
				let seal = report.headers[1].digest().logs.last().cloned();
				report.headers[1].digest_mut().logs.extend(seal);
			},
		},
		Mutation {
			name: "without_a_seal",
			make: |_, report, _| drop(report.headers[1].digest_mut().pop()),
		},
		Mutation {
			name: "sealed_by_another_engine",
			make: |_, report, _| {
				if let Some(DigestItem::Seal(engine, _)) =
					report.headers[1].digest_mut().logs.last_mut()
				{
					*engine = OTHER_ENGINE;
				}
			},
		},
		Mutation {
			name: "without_a_slot",
			make: |it, report, random| {
				let mut header = header(PLACE, it.slot, random);
				header.digest_mut().logs.clear();
				report.headers[1] = sealed(header, &it.author);
			},
		},
		Mutation {
			name: "another_session",
			make: |_, report, random| {
				report.proof.session = another(report.proof.session, random);
			},
		},
		Mutation {
			name: "another_use_of_the_key",
			make: |_, report, random| report.proof.first = another(report.proof.first, random),
		},
	];

	type Report = Report;

	/// Two blocks that no one else made. Any two are different, as what they hold is random.
	fn truth(&self, random: &mut ChaCha8Rng) -> Report {
		let headers = [self.block(self.slot, random), self.block(self.slot, random)];
		Report { offender: self.author.public(), slot: self.slot, headers, proof: self.proof }
	}

	fn call(report: Report) -> Vec<u8> {
		let Report { offender, slot, headers: [first_header, second_header], proof } = report;
		let offender = AuthorityId::from(offender);
		let equivocation =
			EquivocationProof { offender, slot: slot.into(), first_header, second_header };
		[&[pallet_index::<Babe>(), REPORT][..], &equivocation.encode(), &proof.encode()].concat()
	}
}

fn another_slot(slot: u64, random: &mut ChaCha8Rng) -> u64 {
	let distance = random.gen_range(1..=64);
	if random.gen_ratio(1, 2) { slot + distance } else { slot - distance }
}

/// A header of someone in a slot, of which everything else is random.
fn header(place: u32, slot: u64, random: &mut ChaCha8Rng) -> Header {
	let slot = slot.into();
	let digest =
		PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: place, slot });
	Header::new(
		random.r#gen(),
		hash(random),
		hash(random),
		hash(random),
		Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, digest.encode())] },
	)
}

fn hash(random: &mut ChaCha8Rng) -> Hash {
	let mut hash = Hash::zero();
	random.fill_bytes(hash.as_bytes_mut());
	hash
}

fn sealed(mut header: Header, author: &sr25519::Pair) -> Header {
	let seal = author.sign(header.hash().as_ref());
	header.digest_mut().push(DigestItem::Seal(BABE_ENGINE_ID, seal.encode()));
	header
}

/// Changes something of a header other than its digest.
fn change(header: &mut Header, random: &mut ChaCha8Rng) {
	match random.gen_range(0..4) {
		0 => header.set_number(another(*header.number(), random)),
		1 => header.set_parent_hash(hash(random)),
		2 => header.set_state_root(hash(random)),
		_ => header.set_extrinsics_root(hash(random)),
	}
}
