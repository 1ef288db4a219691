//! Forgetting what is closed.

use groma_core::{
	WindowIndex,
	statement::{Report, Reveal},
};
use rusqlite::params;

use super::{Store, error::StoreError, evidence, reports::ReportState};

/// How long answers to challenges are kept at least, by the wall clock in ms: two days.
const ANSWERS_KEPT_MS: u64 = 2 * 86_400_000;
/// A clock without a battery may start behind what it showed before, by so many ms at most: a day.
const LAG_MAX_MS: u64 = 86_400_000;
/// A wall clock that shows less is wrong, in ms since the Unix epoch: 1 January 2026.
const PRESENT_MIN_MS: u64 = 1_767_225_600_000;

impl Store {
	/// Forgets what is closed about windows before `window`. What is on its way stays, and so does
	/// the answer to its challenge. So do answers of the last two days by the wall clock, which
	/// shows `unix_ms` now: were an endpoint's window false, forgetting them would have challenges
	/// answered twice.
	pub fn prune(&self, window: WindowIndex, unix_ms: u64) -> Result<(), StoreError> {
		let mut connection = self.connection();
		let transaction = connection.transaction()?;
		let (waiting, open) = (ReportState::Waiting.code(), ReportState::Open.code());
		transaction.execute(
			"DELETE FROM report WHERE window < ?1 AND state NOT IN (?2, ?3)",
			params![window, waiting, open],
		)?;
		let (since_ms, until_ms) = kept(unix_ms);
		transaction.execute(
			"DELETE FROM beacon
			 WHERE window < ?1 AND committed_at_ms NOT BETWEEN ?2 AND ?3 AND NOT EXISTS (
				SELECT 1 FROM report
				WHERE report.subject = beacon.device AND report.window = beacon.window
				AND report.series = ?4 AND report.state IN (?5, ?6)
			 )",
			params![window, since_ms, until_ms, Reveal::SERIES, waiting, open],
		)?;
		evidence::prune(&transaction, window)?;
		Ok(transaction.commit()?)
	}
}

/// Between which moments answers are kept, whatever their window. What lies in the future was
/// committed while the clock was wrong, and has only its window, unless the clock is wrong now.
fn kept(unix_ms: u64) -> (i64, i64) {
	let since = unix_ms.saturating_sub(ANSWERS_KEPT_MS);
	let until = match unix_ms < PRESENT_MIN_MS {
		true => u64::MAX,
		false => unix_ms.saturating_add(LAG_MAX_MS),
	};
	[since, until].map(|moment| i64::try_from(moment).unwrap_or(i64::MAX)).into()
}

#[cfg(test)]
mod tests {
	use super::*;

	const DAY_MS: i64 = 86_400_000;

	#[test]
	fn answers_of_two_days_are_kept_and_those_of_a_wrong_clock_are_not() {
		let now = 1_800_000_000_000;
		assert_eq!(kept(now as u64), (now - 2 * DAY_MS, now + DAY_MS));
	}

	#[test]
	fn answers_are_kept_while_the_clock_is_wrong() {
		assert_eq!(kept(120_000), (0, i64::MAX));
		assert_eq!(kept(u64::MAX).1, i64::MAX);
	}
}
