//! Forgetting what is closed.

use groma_core::{
	WindowIndex,
	statement::{Report, Reveal},
};
use rusqlite::params;

use super::{Store, error::StoreError, evidence, reports::ReportState};

impl Store {
	/// Forgets what is closed about windows before `window`. What is on its way stays, and so does
	/// the answer to its challenge. So do answers that were committed after `unix_ms` by the wall
	/// clock: were an endpoint's window false, forgetting them would have challenges answered
	/// twice.
	pub fn prune(&self, window: WindowIndex, unix_ms: u64) -> Result<(), StoreError> {
		let mut connection = self.connection();
		let transaction = connection.transaction()?;
		let (waiting, open) = (ReportState::Waiting.code(), ReportState::Open.code());
		transaction.execute(
			"DELETE FROM report WHERE window < ?1 AND state NOT IN (?2, ?3)",
			params![window, waiting, open],
		)?;
		transaction.execute(
			"DELETE FROM beacon WHERE window < ?1 AND committed_at_ms < ?2 AND NOT EXISTS (
				SELECT 1 FROM report
				WHERE report.subject = beacon.device AND report.window = beacon.window
				AND report.series = ?3 AND report.state IN (?4, ?5)
			 )",
			params![window, unix_ms as i64, Reveal::SERIES, waiting, open],
		)?;
		evidence::prune(&transaction, window)?;
		Ok(transaction.commit()?)
	}
}
