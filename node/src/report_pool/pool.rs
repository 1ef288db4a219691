//! The way of a report from its bytes into the pool.

use std::{
	collections::BTreeMap,
	sync::atomic::{AtomicUsize, Ordering},
};

use groma_core::{
	WindowIndex,
	api::Refusal,
	statement::{Report, Reveal},
};
use parking_lot::{Mutex, MutexGuard};
use sp_api::ApiError;
use sp_core::offchain::OffchainStorage;
use substrate_prometheus_endpoint::{PrometheusError, Registry};
use tokio::sync::broadcast;

use super::{
	LOG_TARGET,
	arrival::Arrival,
	chunks::Chunks,
	index::{Index, Rank, Room},
	metrics::Metrics,
	outcome::{Outcome, Rejection, Verdict},
	series::{Entry, SERIES, Series, delay_max, pair_of},
	verdicts::Verdicts,
};

/// How many of the latest arrivals a subscriber may be behind before it misses some.
const ARRIVALS_KEPT: usize = 256;

/// How many may wait while one asks the chain.
const WAITING_MAX: usize = 32;

/// The pool.
pub(crate) struct ReportPool<V, S: OffchainStorage> {
	pub(super) verdicts: V,
	/// Those who ask the chain.
	turns: Turns,
	/// The window of the best block, as far as it was noticed.
	now: Mutex<Option<WindowIndex>>,
	pub(super) contents: Mutex<Contents<S>>,
	arrivals: broadcast::Sender<Arrival>,
	metrics: Metrics,
}

/// What the pool holds, in memory and on disk.
pub(super) struct Contents<S> {
	/// By window and number of the series.
	index: BTreeMap<(WindowIndex, u8), Index>,
	pub(super) chunks: Chunks<S>,
}

impl<V: Verdicts, S: OffchainStorage> ReportPool<V, S> {
	/// The pool with what an earlier run of the node left in `storage`.
	pub(crate) fn open(
		verdicts: V,
		storage: S,
		registry: Option<&Registry>,
	) -> Result<Self, PrometheusError> {
		let metrics = Metrics::register(registry)?;
		let contents = Contents::load(storage);
		for (series, count) in contents.counts() {
			metrics.hold(series, count);
			log::info!(target: LOG_TARGET, "the pool holds {count} {series}s of an earlier run");
		}
		let (arrivals, _) = broadcast::channel(ARRIVALS_KEPT);
		Ok(Self {
			verdicts,
			turns: Turns::default(),
			now: Mutex::new(None),
			contents: Mutex::new(contents),
			arrivals,
			metrics,
		})
	}

	/// Takes the encoding of a report of a series into the pool.
	pub(crate) fn submit(&self, series: u32, bytes: &[u8]) -> Result<Outcome, Rejection> {
		let series = match Series::by_number(series) {
			Ok(series) => series,
			Err(rejection) => {
				self.metrics.count_of_unknown_series(&rejection);
				return Err(rejection);
			}
		};
		let result = series.read(bytes).and_then(|report| self.take(report));
		self.metrics.count(series.name, &result);
		result
	}

	/// Asks the chain whether its next block would take the encoding of a report, which does not
	/// get into the pool.
	pub(crate) fn check(&self, series: u32, bytes: &[u8]) -> Result<Verdict, Rejection> {
		let report = Series::by_number(series)?.read(bytes)?;
		self.ask(&report)
	}

	/// What comes into the pool from now on.
	pub(crate) fn arrivals(&self) -> broadcast::Receiver<Arrival> {
		self.arrivals.subscribe()
	}

	/// Writes what is not yet on disk.
	pub(crate) fn flush(&self) {
		self.contents.lock().chunks.flush();
	}

	/// Drops the windows of which the chain takes nothing more at the best block. One more is kept,
	/// since a re-organization may lead back into the previous window.
	pub(crate) fn forget_past_windows(&self) -> Result<(), ApiError> {
		let now = self.verdicts.window()?;
		*self.now.lock() = Some(now);
		let mut contents = self.contents.lock();
		contents.forget_before(now.saturating_sub(delay_max() + 1));
		for (series, count) in contents.counts() {
			self.metrics.hold(series, count);
		}
		Ok(())
	}

	/// A report is first looked at and looked up, then checked by the chain, and only then counted:
	/// forgeries use up the quota of no device.
	fn take(&self, report: Entry) -> Result<Outcome, Rejection> {
		if self.contents.lock().admit(&report)? == Outcome::Known {
			self.look_for_pair(&report);
			return Ok(Outcome::Known);
		}
		let rank = self.ask(&report)?.map_err(Rejection::Refused)?;

		let mut contents = self.contents.lock();
		// Another thread may have taken the place meanwhile.
		let outcome = contents.put(&report, rank)?;
		if outcome == Outcome::Accepted {
			// An error means that there is no subscriber.
			let _ = self.arrivals.send(Arrival::from(&report));
		}
		Ok(outcome)
	}

	/// The pool holds one reveal of a beacon. Another one that is as genuine proves that the device
	/// signed twice: the two get into the pool as a pair, which the collector reports.
	fn look_for_pair(&self, report: &Entry) {
		let Some(pair) = self.contents.lock().pair_with(report) else { return };
		let (device, window) = (pair.key.subject, pair.key.window);
		if let Ok(Outcome::Accepted) = self.take(pair) {
			log::warn!(
				target: LOG_TARGET,
				"device {device} signed two beacons in window {window}: a collector reports it",
			);
		}
	}

	/// Asks the chain, unless the node sees by itself that the chain would not take the report.
	fn ask(&self, report: &Entry) -> Result<Verdict, Rejection> {
		if let Some(refusal) = self.refusal(report)? {
			return Ok(Err(refusal.into()));
		}
		let _turn = self.turns.wait().ok_or(Rejection::Busy)?;
		Ok(self.metrics.time(|| self.verdicts.verdict(report))?)
	}

	/// How many ask the chain, for a test.
	#[cfg(test)]
	pub(super) fn waiting(&self) -> usize {
		self.turns.present.load(Ordering::Relaxed)
	}

	/// What the node sees without the chain: whether the window can be one whose reports are taken,
	/// now or in the next block, and what the series knows of a key.
	fn refusal(&self, report: &Entry) -> Result<Option<Refusal>, Rejection> {
		let mut noticed = self.now.lock();
		let now = match *noticed {
			Some(now) => now,
			None => *noticed.insert(self.verdicts.window()?),
		};
		let (series, window) = (report.series, report.key.window);
		let is_over = window.saturating_add(series.delay_max) < now;
		// The next block may begin the next window.
		let is_to_come = window > now.saturating_add(1);
		if is_over || is_to_come {
			return Ok(Some(Refusal::WindowClosed));
		}
		Ok((series.refusal)(&report.key))
	}
}

/// Those who ask the chain, one at a time: a flood of questions must not use up the instances of
/// the runtime that the node needs for blocks, and thousands fit a second. Each waits on one of the
/// threads of JSON-RPC, which other methods need as well: so few may wait.
#[derive(Default)]
struct Turns {
	turn: Mutex<()>,
	/// How many there are, with the one whose turn it is.
	present: AtomicUsize,
}

/// The turn of one that asks.
struct Turn<'a> {
	present: &'a AtomicUsize,
	_held: MutexGuard<'a, ()>,
}

impl Turns {
	/// Waits for a turn; `None` if as many as may wait do.
	fn wait(&self) -> Option<Turn<'_>> {
		let enter = |present: usize| (present <= WAITING_MAX).then_some(present + 1);
		let order = Ordering::Relaxed;
		self.present.fetch_update(order, order, enter).ok()?;
		Some(Turn { present: &self.present, _held: self.turn.lock() })
	}
}

impl Drop for Turn<'_> {
	fn drop(&mut self) {
		self.present.fetch_sub(1, Ordering::Relaxed);
	}
}

impl<V, S: OffchainStorage> Drop for ReportPool<V, S> {
	fn drop(&mut self) {
		self.contents.lock().chunks.flush();
	}
}

impl<S: OffchainStorage> Contents<S> {
	fn load(storage: S) -> Self {
		let mut index = BTreeMap::<_, Index>::new();
		let chunks = Chunks::load(storage, |report, lies| {
			index.entry(place(report)).or_default().insert(report, None, lies);
		});
		Self { index, chunks }
	}

	/// What the submission of a report would come to, before its rank is known.
	fn admit(&self, report: &Entry) -> Result<Outcome, Rejection> {
		outcome(report, self.index(report).room_for(report))
	}

	/// Takes a report that the chain would take, in a free place or in that of the one that ranks
	/// last about its subject.
	fn put(&mut self, report: &Entry, rank: Rank) -> Result<Outcome, Rejection> {
		let room = self.index(report).room_for_ranked(report, rank);
		let outcome = outcome(report, room)?;
		let lies = match room {
			Room::Free => self.chunks.push(report),
			Room::InsteadOf(_, lies) => self.chunks.replace(lies, report).then_some(lies),
			_ => return Ok(outcome),
		};
		let lies = lies.ok_or(Rejection::Full(report.series.name))?;
		let index = self.index.entry(place(report)).or_default();
		if let Room::InsteadOf(author, _) = room {
			index.remove(author, report.key.subject);
		}
		index.insert(report, rank, lies);
		Ok(outcome)
	}

	/// The pair that a reveal makes with another one of the same beacon, if there is one.
	fn pair_with(&self, report: &Entry) -> Option<Entry> {
		if report.series.number != Reveal::SERIES {
			return None;
		}
		let place = self.index(report).place_of(&report.key)?;
		let held = self.chunks.lying_at(place, report);
		pair_of(held.filter(|held| *held != report.bytes)?, &report.bytes)
	}

	/// What is held of the series and window of a report.
	fn index(&self, report: &Entry) -> &Index {
		const NOTHING: &Index = &Index::EMPTY;
		self.index.get(&place(report)).unwrap_or(NOTHING)
	}

	fn forget_before(&mut self, oldest: WindowIndex) {
		self.index = self.index.split_off(&(oldest, u8::MIN));
		self.chunks.remove_before(oldest);
	}

	/// The names of the series, and how many reports there are of each.
	pub(super) fn counts(&self) -> [(&'static str, usize); SERIES.len()] {
		SERIES.each_ref().map(|series| {
			let all = self.index.iter().filter(|((_, number), _)| *number == series.number);
			(series.name, all.map(|(_, index)| index.len()).sum())
		})
	}
}

/// What comes of the submission of a report for which there is so much room.
fn outcome(report: &Entry, room: Room) -> Result<Outcome, Rejection> {
	let series = report.series.name;
	match room {
		Room::Free | Room::InsteadOf(..) => Ok(Outcome::Accepted),
		Room::Known => Ok(Outcome::Known),
		Room::Taken => Err(Rejection::Contradiction(series)),
		Room::QuotaReached => Err(Rejection::QuotaReached(series)),
		Room::Outranked => Err(Rejection::Outranked(series)),
		Room::Full => Err(Rejection::Full(series)),
	}
}

/// Where the index holds a report: its window and the number of its series.
fn place(report: &Entry) -> (WindowIndex, u8) {
	(report.key.window, report.series.number)
}

impl From<&Entry> for Arrival {
	fn from(report: &Entry) -> Self {
		let (series, key) = (report.series, report.key);
		Self {
			series: series.number,
			name: series.name,
			window: key.window,
			subject: key.subject,
			author: key.author,
		}
	}
}
