//! How long the key for votes is hidden from the voter, which asks for it when a round begins and
//! goes on without it.

use std::time::{Duration, Instant};

use sp_blockchain::Result;

use super::{
	chain::Chain,
	record::{Round, Until},
	voter_state::VoterState,
};

/// A voter asks for each key of its set when a round begins; the database is asked once for all of
/// them.
const LOOK_PERIOD: Duration = Duration::from_millis(200);

/// How long the key is hidden.
#[derive(Debug)]
pub(super) struct Hiding {
	until: Until,
	/// The slot in which this process began.
	begun: u64,
	/// The session of the first block after it for which more than two thirds voted.
	session: Option<u32>,
	looked: Option<Instant>,
}

impl Hiding {
	/// The key is hidden from now, a slot, on.
	pub(super) fn new(until: Until, begun: u64) -> Self {
		Self { until, begun, session: None, looked: None }
	}

	/// Ends the hiding if its time is over: then this is the round that the voter begins.
	pub(super) fn end(&mut self, chain: &dyn Chain) -> Option<Round> {
		if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_PERIOD) {
			return None;
		}
		self.looked = Some(Instant::now());
		self.try_end(chain).unwrap_or_else(|error| {
			log::debug!(target: super::LOG_TARGET, "the database cannot be asked: {error}");
			None
		})
	}

	fn try_end(&mut self, chain: &dyn Chain) -> Result<Option<Round>> {
		let Some(state) = chain.voter_state()? else { return Ok(None) };
		let next = state.next_round();
		let is_over = match self.until {
			Until::Round(last) => next > last,
			Until::Session => self.see_session_end(&state, chain)?,
		};
		Ok(is_over.then_some(next))
	}

	/// Looks whether the voter completed a round with a block of a later session than the first
	/// such block that was made after the start.
	///
	/// Two thirds voted for that block after the start. They had precommitted in all rounds before
	/// the last one in which this validator can have voted, so the completed round is not before
	/// that one, and what begins now is after it.
	fn see_session_end(&mut self, state: &VoterState, chain: &dyn Chain) -> Result<bool> {
		let Some(block) = state.last_block() else { return Ok(false) };
		if chain.slot_of(block)?.is_none_or(|slot| slot <= self.begun) {
			return Ok(false);
		}
		let Some(session) = chain.session_at(block)? else { return Ok(false) };
		Ok(session > *self.session.get_or_insert(session))
	}
}

#[cfg(test)]
mod tests {
	use sp_core::H256;

	use super::*;
	use crate::guard::{chain::tests::Fake, voter_state::tests::completed};

	/// From which round on a hidden key is shown when the voter has completed the round `last`, for
	/// the block of this number.
	fn end(hiding: &mut Hiding, chain: &Fake, last: (u64, u64), block: u8) -> Option<Round> {
		let (set, number) = last;
		chain.set(|it| it.state = Some(completed(Round { set, number }, block)));
		hiding.looked = None;
		hiding.end(chain)
	}

	#[test]
	fn key_is_hidden_until_the_voter_is_past_the_round() {
		let chain = Fake::default();
		let mut hiding = Hiding::new(Until::Round(Round { set: 2, number: 5 }), 0);
		assert_eq!(hiding.end(&chain), None, "nothing is known of the voter");
		for last in [(1, 900), (2, 3), (2, 4)] {
			assert_eq!(end(&mut hiding, &chain, last, 1), None, "{last:?}");
		}
		let next = Round { set: 2, number: 6 };
		assert_eq!(end(&mut hiding, &chain, (2, 5), 1), Some(next));
		assert_eq!(end(&mut hiding, &chain, (3, 0), 1), Some(Round { set: 3, number: 1 }));
	}

	#[test]
	fn key_is_hidden_until_the_session_after_a_block_that_is_new() {
		let chain = Fake::default();
		let hash = H256::repeat_byte;
		chain.set(|it| {
			it.slots = [(hash(1), 99), (hash(2), 100), (hash(3), 101), (hash(4), 110)].into();
			it.sessions =
				[(hash(1), 6), (hash(2), 7), (hash(3), 8), (hash(4), 8), (hash(5), 9)].into();
		});
		let mut hiding = Hiding::new(Until::Session, 100);
		// Old sessions that are synced, the one of the first new block, and a block of which
		// nothing is known.
		for (number, block) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)] {
			assert_eq!(end(&mut hiding, &chain, (0, number), block), None, "{block}");
		}
		chain.set(|it| it.slots.extend([(hash(5), 111)]));
		let next = Round { set: 0, number: 7 };
		assert_eq!(end(&mut hiding, &chain, (0, 6), 5), Some(next));
	}

	#[test]
	fn database_is_asked_once_for_all_keys_of_a_round() {
		let chain = Fake::default();
		let mut hiding = Hiding::new(Until::Round(Round { set: 0, number: 1 }), 0);
		assert_eq!(end(&mut hiding, &chain, (0, 0), 1), None);
		chain.set(|it| it.state = Some(completed(Round { set: 0, number: 1 }, 1)));
		assert!(hiding.looked.is_some());
		// However slow the machine is, this was just now.
		hiding.looked = Some(Instant::now() + 1_000 * LOOK_PERIOD);
		assert_eq!(hiding.end(&chain), None, "it was just asked");
	}
}
