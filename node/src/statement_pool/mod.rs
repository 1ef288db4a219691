//! The statement pool: what devices hand to this node, until its collector brings it on chain or its time
//! is over. It is local to the node and bounded; the chain's own checks decide what gets in.

mod arrival;
mod chunks;
mod index;
mod metrics;
mod outcome;
#[cfg(test)]
mod tests;
mod verdicts;

use std::collections::BTreeMap;

use codec::DecodeAll;
use groma_core::{
	WindowIndex,
	protocol::REVEAL_DELAY,
	statement::{Reveal, Statement},
};
use parking_lot::Mutex;
use sp_api::ApiError;
use sp_core::offchain::OffchainStorage;
use substrate_prometheus_endpoint::{PrometheusError, Registry};
use tokio::sync::broadcast;

pub(crate) use arrival::Arrival;
use chunks::Chunks;
use index::{Room, WindowIndex as Index};
use metrics::Metrics;
pub(crate) use outcome::{Outcome, Rejection};
pub(crate) use verdicts::Verdicts;

/// The target of the pool's log lines.
const LOG_TARGET: &str = "groma::pool";
/// The names of the two kinds of things in the pool.
const STATEMENT: &str = "statement";
const REVEAL: &str = "reveal";
/// How many of the latest arrivals a subscriber may be behind before it misses some.
const ARRIVALS_KEPT: usize = 256;
/// How many past windows are kept: those whose beacons are still to be revealed, and one more, since a
/// re-organization may lead back into the previous window.
const PAST_WINDOWS: WindowIndex = REVEAL_DELAY + 1;

/// The pool.
pub(crate) struct StatementPool<V, S: OffchainStorage> {
	verdicts: V,
	/// Held while the chain is asked.
	turn: Mutex<()>,
	contents: Mutex<Contents<S>>,
	arrivals: broadcast::Sender<Arrival>,
	metrics: Metrics,
}

/// What the pool holds, in memory and on disk.
struct Contents<S> {
	index: BTreeMap<WindowIndex, Index>,
	chunks: Chunks<S>,
}

impl<V: Verdicts, S: OffchainStorage> StatementPool<V, S> {
	/// The pool with what an earlier run of the node left in `storage`.
	pub(crate) fn open(
		verdicts: V,
		storage: S,
		registry: Option<&Registry>,
	) -> Result<Self, PrometheusError> {
		let metrics = Metrics::register(registry)?;
		let index = Mutex::new(BTreeMap::<WindowIndex, Index>::new());
		let chunks = Chunks::load(
			storage,
			|item| index.lock().entry(item.window).or_default().insert_statement(item),
			|item| index.lock().entry(item.window).or_default().insert_reveal(item),
		);
		let contents = Contents { index: index.into_inner(), chunks };
		let (statements, reveals) = contents.counts();
		metrics.hold(statements, reveals);
		log::info!(target: LOG_TARGET, "opened with {statements} statements, {reveals} reveals");
		let (arrivals, _) = broadcast::channel(ARRIVALS_KEPT);
		Ok(Self {
			verdicts,
			turn: Mutex::new(()),
			contents: Mutex::new(contents),
			arrivals,
			metrics,
		})
	}

	/// Takes in the encoding of a [`Statement`].
	pub(crate) fn submit_statement(&self, bytes: &[u8]) -> Result<Outcome, Rejection> {
		let result = self.take_statement(bytes);
		self.metrics.handed_in(STATEMENT, &result);
		result
	}

	/// Takes in the encoding of a [`Reveal`].
	pub(crate) fn submit_reveal(&self, bytes: &[u8]) -> Result<Outcome, Rejection> {
		let result = self.take_reveal(bytes);
		self.metrics.handed_in(REVEAL, &result);
		result
	}

	/// Asks the chain. One question at a time: a flood of them must not use up the instances of the
	/// runtime that the node needs for blocks, and thousands fit a second.
	pub(crate) fn ask<Verdict>(&self, question: impl FnOnce(&V) -> Verdict) -> Verdict {
		let _turn = self.turn.lock();
		self.metrics.time(|| question(&self.verdicts))
	}

	/// What comes into the pool from now on.
	pub(crate) fn arrivals(&self) -> broadcast::Receiver<Arrival> {
		self.arrivals.subscribe()
	}

	/// Writes what is not yet on disk.
	pub(crate) fn flush(&self) {
		self.contents.lock().chunks.flush();
	}

	/// Forgets the windows whose time is over at the best block.
	pub(crate) fn forget_past_windows(&self) -> Result<(), ApiError> {
		let now = self.verdicts.window()?;
		let mut contents = self.contents.lock();
		contents.forget_before(now.saturating_sub(PAST_WINDOWS));
		let (statements, reveals) = contents.counts();
		self.metrics.hold(statements, reveals);
		Ok(())
	}

	/// A statement is first looked up, then checked by the chain, and only then counted: whoever forges
	/// statements of a witness takes nothing of its quota.
	fn take_statement(&self, bytes: &[u8]) -> Result<Outcome, Rejection> {
		let statement =
			Statement::decode_all(&mut &bytes[..]).map_err(|_| Rejection::Malformed(STATEMENT))?;
		let window = statement.window;
		if admit(self.contents.lock().window(window).room_for_statement(&statement))?
			== Outcome::Known
		{
			return Ok(Outcome::Known);
		}
		self.ask(|chain| chain.statement(&statement))?.map_err(Rejection::Refused)?;

		let mut contents = self.contents.lock();
		// Another thread may have taken the place meanwhile.
		let outcome = admit(contents.window(window).room_for_statement(&statement))?;
		if outcome == Outcome::Accepted {
			if !contents.chunks.push_statement(statement) {
				return Err(Rejection::Full);
			}
			contents.index.entry(window).or_default().insert_statement(&statement);
			// Nobody need listen.
			let _ = self.arrivals.send(Arrival::Statement {
				window,
				beaconer: statement.beaconer,
				witness: statement.observation.witness,
			});
		}
		Ok(outcome)
	}

	fn take_reveal(&self, bytes: &[u8]) -> Result<Outcome, Rejection> {
		let reveal =
			Reveal::decode_all(&mut &bytes[..]).map_err(|_| Rejection::Malformed(REVEAL))?;
		let window = reveal.window;
		if admit(self.contents.lock().window(window).room_for_reveal(&reveal))? == Outcome::Known {
			return Ok(Outcome::Known);
		}
		self.ask(|chain| chain.reveal(&reveal))?.map_err(Rejection::Refused)?;

		let mut contents = self.contents.lock();
		let outcome = admit(contents.window(window).room_for_reveal(&reveal))?;
		if outcome == Outcome::Accepted {
			if !contents.chunks.push_reveal(reveal) {
				return Err(Rejection::Full);
			}
			contents.index.entry(window).or_default().insert_reveal(&reveal);
			let _ = self.arrivals.send(Arrival::Reveal { window, beaconer: reveal.beaconer });
		}
		Ok(outcome)
	}
}

impl<V, S: OffchainStorage> Drop for StatementPool<V, S> {
	fn drop(&mut self) {
		self.contents.lock().chunks.flush();
	}
}

impl<S: OffchainStorage> Contents<S> {
	/// What is there of a window.
	fn window(&self, window: WindowIndex) -> &Index {
		const NOTHING: &Index = &Index::EMPTY;
		self.index.get(&window).unwrap_or(NOTHING)
	}

	fn forget_before(&mut self, oldest: WindowIndex) {
		self.index = self.index.split_off(&oldest);
		self.chunks.remove_before(oldest);
	}

	/// How many statements and reveals there are.
	fn counts(&self) -> (usize, usize) {
		self.index
			.values()
			.map(Index::counts)
			.fold((0, 0), |sum, add| (sum.0 + add.0, sum.1 + add.1))
	}
}

/// What it means for a submission that there is room, or none.
fn admit(room: Room) -> Result<Outcome, Rejection> {
	match room {
		Room::Free => Ok(Outcome::Accepted),
		Room::Known => Ok(Outcome::Known),
		Room::Taken => Err(Rejection::Contradiction),
		Room::QuotaReached => Err(Rejection::QuotaReached),
		Room::Full => Err(Rejection::Full),
	}
}
