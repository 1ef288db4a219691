//! When a gateway transmitted before the process started. The wall clock that the store recorded
//! may have been wrong, or may be wrong now, so the chain's windows say it as well, and the later
//! moment counts. What lies in the future by the wall clock was recorded by a wrong one.

use std::time::Duration;

use groma_client::{follower::View, store::Airtime};
use groma_core::WindowIndex;

use crate::duty_cycle::PERIOD;

/// The time before a moment.
pub(super) struct Past<'a> {
	pub(super) view: &'a View,
	/// The moment on the monotonic clock.
	pub(super) now: Duration,
	/// The moment by the wall clock, in ms.
	pub(super) unix_ms: u64,
}

impl Past<'_> {
	/// From which window on, or since when by the wall clock in ms, a transmission may lie within
	/// the last [`PERIOD`].
	pub(super) fn begin(&self) -> (WindowIndex, u64) {
		let period_ms = PERIOD.as_millis() as u64;
		let windows = period_ms.div_ceil(self.view.window.duration_ms.max(1));
		let windows = WindowIndex::try_from(windows).unwrap_or(WindowIndex::MAX);
		(self.view.window.index.saturating_sub(windows), self.unix_ms.saturating_sub(period_ms))
	}

	/// When a transmission ended at the latest, on the monotonic clock.
	pub(super) fn moment(&self, spent: &Airtime) -> Duration {
		self.by_window(spent.window).max(self.by_wall_clock(spent.committed_at_ms))
	}

	/// At the latest when its window ended. A window that is still to come says nothing.
	fn by_window(&self, window: WindowIndex) -> Duration {
		let length = Duration::from_millis(self.view.window.duration_ms);
		match self.view.window.index.checked_sub(window) {
			None => Duration::ZERO,
			Some(0) => self.now,
			Some(passed) => self.view.began_at.saturating_sub(length.saturating_mul(passed - 1)),
		}
	}

	fn by_wall_clock(&self, committed_at_ms: u64) -> Duration {
		let ago = self.unix_ms.checked_sub(committed_at_ms).map(Duration::from_millis);
		ago.map_or(Duration::ZERO, |ago| self.now.saturating_sub(ago))
	}
}

#[cfg(test)]
mod tests {
	use groma_client::fakes::view;

	use super::*;

	const NOW: Duration = Duration::from_secs(1_000_000);
	const UNIX_MS: u64 = 1_800_000_000_000;
	const IN_2100_MS: u64 = 4_102_444_800_000;

	/// For how many seconds a transmission has been over at least, in minute 2 of window 100 of
	/// five minutes.
	fn ago(window: WindowIndex, committed_at_ms: u64, unix_ms: u64) -> u64 {
		let view = view(100, 20, &[], NOW);
		let past = Past { view: &view, now: NOW, unix_ms };
		(NOW - past.moment(&Airtime { window, committed_at_ms, airtime_us: 1 })).as_secs()
	}

	#[test]
	fn windows_say_when_it_was_while_the_wall_clock_is_wrong() {
		for wrong in [5, IN_2100_MS] {
			for window in [(100, 0), (99, 120), (98, 420), (90, 2_820)] {
				assert_eq!(ago(window.0, wrong, UNIX_MS), window.1, "{wrong}");
				assert_eq!(ago(window.0, UNIX_MS, wrong), window.1, "{wrong}");
			}
		}
	}

	#[test]
	fn wall_clock_says_when_it_was_if_windows_passed_faster_than_they_should() {
		assert_eq!(ago(88, UNIX_MS - 90_000, UNIX_MS), 90);
		assert_eq!(ago(98, UNIX_MS - 3_000_000, UNIX_MS), 420);
	}

	#[test]
	fn what_lies_in_the_future_is_not_just_now() {
		assert_eq!(ago(88, UNIX_MS + 1_000, UNIX_MS), 3_420);
		assert_eq!(ago(101, UNIX_MS + 1_000, UNIX_MS), NOW.as_secs());
	}

	#[test]
	fn an_hour_begins_twelve_windows_ago() {
		let view = view(100, 20, &[], NOW);
		let past = Past { view: &view, now: NOW, unix_ms: UNIX_MS };
		assert_eq!(past.begin(), (88, UNIX_MS - 3_600_000));
		let absurd = groma_core::api::WindowInfo { duration_ms: 0, ..view.window.clone() };
		let view = View { window: absurd, ..view };
		let past = Past { view: &view, now: NOW, unix_ms: 5 };
		assert_eq!(past.begin(), (0, 0));
	}
}
