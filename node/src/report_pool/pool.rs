//! The way of a report from its bytes into the pool.

use std::collections::BTreeMap;

use groma_core::WindowIndex;
use parking_lot::Mutex;
use sp_api::ApiError;
use sp_core::offchain::OffchainStorage;
use substrate_prometheus_endpoint::{PrometheusError, Registry};
use tokio::sync::broadcast;

use super::{
	LOG_TARGET,
	arrival::Arrival,
	chunks::Chunks,
	index::{Index, Room},
	metrics::Metrics,
	outcome::{Outcome, Rejection, Verdict},
	series::{Entry, SERIES, Series, delay_max},
	verdicts::Verdicts,
};

/// How many of the latest arrivals a subscriber may be behind before it misses some.
const ARRIVALS_KEPT: usize = 256;

/// The pool.
pub(crate) struct ReportPool<V, S: OffchainStorage> {
	pub(super) verdicts: V,
	/// Held while the chain is asked.
	turn: Mutex<()>,
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
			turn: Mutex::new(()),
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
		Ok(self.ask(&report)?)
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
		let mut contents = self.contents.lock();
		contents.forget_before(now.saturating_sub(delay_max() + 1));
		for (series, count) in contents.counts() {
			self.metrics.hold(series, count);
		}
		Ok(())
	}

	/// A report is first looked up, then checked by the chain, and only then counted: forgeries use
	/// up the quota of no device.
	fn take(&self, report: Entry) -> Result<Outcome, Rejection> {
		if self.contents.lock().admit(&report)? == Outcome::Known {
			return Ok(Outcome::Known);
		}
		self.ask(&report)?.map_err(Rejection::Refused)?;

		let mut contents = self.contents.lock();
		// Another thread may have taken the place meanwhile.
		let outcome = contents.admit(&report)?;
		if outcome == Outcome::Accepted {
			contents.push(&report)?;
			// An error means that there is no subscriber.
			let _ = self.arrivals.send(Arrival::from(&report));
		}
		Ok(outcome)
	}

	/// Asks the chain. One question at a time: a flood of them must not use up the instances of the
	/// runtime that the node needs for blocks, and thousands fit a second.
	fn ask(&self, report: &Entry) -> Result<Verdict, ApiError> {
		let _turn = self.turn.lock();
		self.metrics.time(|| self.verdicts.verdict(report))
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
		let chunks = Chunks::load(storage, |report| {
			index.entry(place(report)).or_default().insert(report);
		});
		Self { index, chunks }
	}

	/// What the submission of a report would come to.
	fn admit(&self, report: &Entry) -> Result<Outcome, Rejection> {
		const NOTHING: &Index = &Index::EMPTY;
		let series = report.series.name;
		match self.index.get(&place(report)).unwrap_or(NOTHING).room_for(report) {
			Room::Free => Ok(Outcome::Accepted),
			Room::Known => Ok(Outcome::Known),
			Room::Taken => Err(Rejection::Contradiction(series)),
			Room::QuotaReached => Err(Rejection::QuotaReached(series)),
			Room::Full => Err(Rejection::Full(series)),
		}
	}

	fn push(&mut self, report: &Entry) -> Result<(), Rejection> {
		if !self.chunks.push(report) {
			return Err(Rejection::Full(report.series.name));
		}
		self.index.entry(place(report)).or_default().insert(report);
		Ok(())
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
