//! Evidence against devices, until they are banned or the chain no longer takes it.

use groma_core::{WindowIndex, words::Signature};
use rusqlite::{Transaction, params};

use super::{Store, error::StoreError};
use crate::evidence::DoubleBeacon;

/// The most evidence that is kept, closed or not. Who is caught is banned, so there is hardly ever
/// more than one.
pub const EVIDENCE_MAX: u32 = 256;

/// How far evidence came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceState {
	/// No one is banned for it yet.
	Open = 0,
	/// Who signed is banned.
	Banned = 1,
	/// The chain does not take it, or no longer.
	Void = 2,
}

impl Store {
	/// Keeps evidence. `false` if there is evidence against the device that is not void, or no
	/// room.
	pub fn keep_evidence(&self, evidence: &DoubleBeacon) -> Result<bool, StoreError> {
		let [Signature(first), Signature(second)] = evidence.signatures;
		let inserted = self
			.connection()
			.prepare_cached(
				"INSERT OR IGNORE INTO evidence SELECT ?1, ?2, ?3, ?4, ?5
				 WHERE NOT EXISTS (SELECT 1 FROM evidence WHERE device = ?1 AND state <> ?6)
				 AND (SELECT COUNT(*) FROM evidence) < ?7",
			)?
			.execute(params![
				evidence.device,
				evidence.window,
				first,
				second,
				EvidenceState::Open as u8,
				EvidenceState::Void as u8,
				EVIDENCE_MAX,
			])?;
		Ok(inserted == 1)
	}

	/// Evidence against devices that are not banned yet, the oldest first.
	pub fn open_evidence(&self) -> Result<Vec<DoubleBeacon>, StoreError> {
		let connection = self.connection();
		let mut statement = connection.prepare_cached(
			"SELECT window, device, first, second FROM evidence WHERE state = ?1
			 ORDER BY window, device",
		)?;
		let rows = statement.query_map([EvidenceState::Open as u8], |row| {
			Ok(DoubleBeacon {
				window: row.get(0)?,
				device: row.get(1)?,
				signatures: [Signature(row.get(2)?), Signature(row.get(3)?)],
			})
		})?;
		Ok(rows.collect::<Result<_, _>>()?)
	}

	/// Changes the state of evidence.
	pub fn set_evidence_state(
		&self,
		evidence: &DoubleBeacon,
		state: EvidenceState,
	) -> Result<(), StoreError> {
		self.connection()
			.prepare_cached("UPDATE evidence SET state = ?3 WHERE device = ?1 AND window = ?2")?
			.execute(params![evidence.device, evidence.window, state as u8])?;
		Ok(())
	}
}

/// Forgets what is closed about windows before `window`.
pub(super) fn prune(transaction: &Transaction<'_>, window: WindowIndex) -> rusqlite::Result<()> {
	transaction.execute(
		"DELETE FROM evidence WHERE window < ?1 AND state <> ?2",
		params![window, EvidenceState::Open as u8],
	)?;
	Ok(())
}
