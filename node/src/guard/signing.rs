//! What may be signed: the decision, with its record on the disk.

use codec::DecodeAll;
use parking_lot::Mutex;
use sp_core::ed25519;
use sp_runtime::traits::Block as BlockT;
use substrate_prometheus_endpoint::{Counter, PrometheusError, Registry, U64, register};

use super::{
	book::Book,
	chain::Chain,
	ending::Ending,
	hiding::Hiding,
	record::{Kind, OwnBlock, Round, Target, Vote},
	refusal::Refusal,
	summary::Summary,
};
use crate::types::{Block, BlockHash};

type Message = sc_consensus_grandpa::Message<<Block as BlockT>::Header>;

/// Decides what may be signed.
pub(crate) struct Guard {
	book: Mutex<Book>,
	hiding: Mutex<Option<Hiding>>,
	chain: Box<dyn Chain>,
	ending: Ending,
	refusals: Option<Counter<U64>>,
}

impl Guard {
	pub(super) fn new(
		book: Book,
		hiding: Option<Hiding>,
		chain: Box<dyn Chain>,
		ending: Ending,
		registry: Option<&Registry>,
	) -> Result<Self, PrometheusError> {
		let refusals = registry.map(register_refusals).transpose()?;
		Ok(Self { book: Mutex::new(book), hiding: Mutex::new(hiding), chain, ending, refusals })
	}

	/// Lets a vote be signed, given what its key would sign, or ends the node: GRANDPA's voter does
	/// not survive a vote that is not signed.
	///
	/// # Errors
	///
	/// If it may not be signed; the text says why.
	pub(super) fn vote(&self, key: &ed25519::Public, payload: &[u8]) -> Result<(), String> {
		self.decide_vote(key, payload).map_err(|refusal| {
			let reason = self.refused(&refusal);
			self.ending.begin(refusal);
			reason
		})
	}

	/// Lets an own block be imported and announced, or not. It ends the node if this process made
	/// the other block of the slot itself, or if nothing can be recorded. After a restart within a
	/// slot a second block is no surprise, and nothing is lost by leaving it out.
	///
	/// # Errors
	///
	/// If it may not be imported.
	pub(super) fn block(&self, block: OwnBlock) -> Result<(), String> {
		let mut book = self.book.lock();
		book.block(block).map_err(|refusal| {
			let reason = self.refused(&refusal);
			if matches!(refusal, Refusal::Journal(_)) || book.has_made_blocks_by(block.slot) {
				self.ending.begin(refusal);
			}
			reason
		})
	}

	/// Refuses an own block that names no slot, and says why.
	pub(super) fn block_without_slot(&self, hash: BlockHash) -> String {
		self.refused(&Refusal::NoSlot(hash))
	}

	/// Whether the key for votes is hidden from the voter, which asks when a round begins.
	pub(super) fn hides_key(&self) -> bool {
		let mut hiding = self.hiding.lock();
		let Some(next) = hiding.as_mut().map(|hiding| hiding.end(&*self.chain)) else {
			return false;
		};
		let Some(next) = next else { return true };
		if let Err(error) = self.book.lock().show(next) {
			let refusal = Refusal::from(error);
			self.refused(&refusal);
			self.ending.begin(refusal);
			return true;
		}
		log::info!(target: super::LOG_TARGET, "this validator votes again, from {next} on");
		*hiding = None;
		false
	}

	/// What an operator sees of it.
	pub(crate) fn summary(&self) -> Summary {
		self.book.lock().summary()
	}

	fn decide_vote(&self, key: &ed25519::Public, payload: &[u8]) -> Result<(), Refusal> {
		let vote = vote_in(*key, payload).ok_or(Refusal::NoVote)?;
		if self.hiding.lock().is_some() {
			return Err(Refusal::Hidden { asked: vote });
		}
		self.book.lock().vote(vote)
	}

	/// Counts a refusal, and says it.
	fn refused(&self, refusal: &Refusal) -> String {
		if let Some(refusals) = &self.refusals {
			refusals.inc();
		}
		log::error!(target: super::LOG_TARGET, "{refusal}");
		refusal.to_string()
	}
}

fn register_refusals(registry: &Registry) -> Result<Counter<U64>, PrometheusError> {
	let counter = Counter::new(
		"groma_validator_guard_refusals_total",
		"Votes and own blocks that the signing guard refused",
	)?;
	register(counter, registry)
}

/// The vote that a key is to sign: a message, its round and its set, as GRANDPA signs them.
fn vote_in(key: ed25519::Public, payload: &[u8]) -> Option<Vote> {
	let (message, number, set) = <(Message, u64, u64)>::decode_all(&mut &payload[..]).ok()?;
	let kind = match &message {
		Message::PrimaryPropose(_) => Kind::Propose,
		Message::Prevote(_) => Kind::Prevote,
		Message::Precommit(_) => Kind::Precommit,
	};
	let (hash, number_of_target) = message.target();
	let target = Target { hash: *hash, number: number_of_target };
	Some(Vote { round: Round { set, number }, key, kind, target })
}

#[cfg(test)]
pub(super) mod tests {
	use std::path::Path;

	use codec::Encode;
	use sc_consensus_grandpa::{Precommit, Prevote, PrimaryPropose};
	use sp_core::H256;
	use tempfile::TempDir;

	use super::*;
	use crate::guard::{
		chain::tests::Fake,
		memory::Memory,
		record::{Until, tests::vote},
		voter_state::tests::completed,
	};

	type Header = <Block as BlockT>::Header;

	/// What the key of a vote signs.
	pub(in crate::guard) fn payload_of(vote: &Vote) -> Vec<u8> {
		let Target { hash: target_hash, number: target_number } = vote.target;
		let message = match vote.kind {
			Kind::Propose => {
				Message::PrimaryPropose(PrimaryPropose::<Header> { target_hash, target_number })
			}
			Kind::Prevote => Message::Prevote(Prevote::<Header> { target_hash, target_number }),
			Kind::Precommit => {
				Message::Precommit(Precommit::<Header> { target_hash, target_number })
			}
		};
		(message, vote.round.number, vote.round.set).encode()
	}

	/// A guard with an empty file in a directory.
	pub(in crate::guard) fn guard_in(
		directory: &Path,
		hidden: Option<Until>,
		chain: &Fake,
	) -> (Guard, Ending) {
		let path = directory.join("signing-guard");
		let book = Book::begin(&path, H256::zero(), Memory::default(), hidden);
		let hiding = hidden.map(|until| Hiding::new(until, 0));
		let ending = Ending::default();
		let guard = Guard::new(
			book.expect("it is written"),
			hiding,
			Box::new(chain.clone()),
			ending.clone(),
			Some(&Registry::new()),
		);
		(guard.expect("nothing is registered yet"), ending)
	}

	/// How many refusals are counted.
	pub(in crate::guard) fn refusals(guard: &Guard) -> u64 {
		guard.refusals.as_ref().expect("it is registered").get()
	}

	fn directory() -> TempDir {
		tempfile::tempdir().expect("there is room")
	}

	#[test]
	fn vote_of_every_kind_is_read_out_of_what_is_signed() {
		for kind in [Kind::Propose, Kind::Prevote, Kind::Precommit] {
			let vote = vote((3, 51), kind, 9);
			let payload = payload_of(&vote);
			assert_eq!(vote_in(vote.key, &payload), Some(vote));
			assert_eq!(vote_in(vote.key, &payload[1..]), None);
			assert_eq!(vote_in(vote.key, &[payload, vec![0]].concat()), None);
		}
		// What proves the owner of a key.
		assert_eq!(vote_in(ed25519::Public::from([1; 32]), b"POP_owner"), None);
	}

	#[test]
	fn second_vote_ends_the_node_and_is_counted() {
		let directory = directory();
		let (guard, ending) = guard_in(directory.path(), None, &Fake::default());
		let (signed, other) = (vote((0, 1), Kind::Prevote, 1), vote((0, 1), Kind::Prevote, 2));
		for _ in 0..2 {
			guard.vote(&signed.key, &payload_of(&signed)).expect("it contradicts nothing");
		}
		assert!(ending.take().is_none());
		assert_eq!(refusals(&guard), 0);
		let reason = guard.vote(&other.key, &payload_of(&other)).expect_err("it is another");
		assert!(reason.contains("guard-refused.md"), "{reason}");
		assert!(matches!(ending.take(), Some(Refusal::OtherVote { .. })));
		assert_eq!(refusals(&guard), 1);
		assert!(guard.vote(&signed.key, b"anything else").is_err());
		assert!(matches!(ending.take(), Some(Refusal::NoVote)));
	}

	#[test]
	fn second_block_ends_the_node_if_this_process_made_the_first() {
		let directory = directory();
		let (guard, ending) = guard_in(directory.path(), None, &Fake::default());
		let block = |slot, byte| OwnBlock { slot, hash: H256::repeat_byte(byte) };
		guard.book.lock().block(block(4, 1)).expect("it contradicts nothing");
		assert!(guard.block(block(4, 2)).is_err());
		assert!(matches!(ending.take(), Some(Refusal::OtherBlock { .. })));
		assert_eq!(refusals(&guard), 1);
	}

	#[test]
	fn hidden_key_is_shown_when_its_time_is_over_and_stays_so() {
		let directory = directory();
		let chain = Fake::default();
		let until = Until::Round(Round { set: 0, number: 5 });
		let (guard, ending) = guard_in(directory.path(), Some(until), &chain);
		let next = vote((0, 6), Kind::Prevote, 1);
		assert!(guard.hides_key());
		assert!(guard.vote(&next.key, &payload_of(&next)).is_err(), "it is hidden");
		assert!(matches!(ending.take(), Some(Refusal::Hidden { .. })));
		chain.set(|it| it.state = Some(completed(Round { set: 0, number: 5 }, 1)));
		*guard.hiding.lock() = Some(Hiding::new(until, 0));
		assert!(!guard.hides_key());
		guard.vote(&next.key, &payload_of(&next)).expect("it contradicts nothing");
		chain.set(|it| it.state = None);
		assert!(!guard.hides_key());
	}

	#[test]
	fn summary_of_a_running_guard_is_that_of_its_file() {
		let directory = directory();
		let until = Until::Round(Round { set: 0, number: 5 });
		let chain = Fake::default();
		let (guard, _) = guard_in(directory.path(), Some(until), &chain);
		let read = || Summary::read(directory.path()).expect("it is whole").expect("it is there");
		assert_eq!(guard.summary().hidden_until, Some(until));
		assert_eq!(guard.summary(), read());
		chain.set(|it| it.state = Some(completed(Round { set: 0, number: 5 }, 1)));
		*guard.hiding.lock() = Some(Hiding::new(until, 0));
		assert!(!guard.hides_key());
		let signed = vote((0, 6), Kind::Prevote, 1);
		guard.vote(&signed.key, &payload_of(&signed)).expect("it contradicts nothing");
		let own = OwnBlock { slot: 4, hash: H256::repeat_byte(1) };
		guard.block(own).expect("it contradicts nothing");
		assert_eq!(guard.summary(), read());
		assert_eq!(guard.summary().last_vote, Some(signed));
		assert_eq!((guard.summary().last_block, guard.summary().hidden_until), (Some(own), None));
	}
}
