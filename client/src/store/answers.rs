//! Which challenges were answered, and the airtime that it took.

use groma_core::{DeviceId, WindowIndex, statement::Reveal};
use rusqlite::params;

use super::{
	Store,
	error::StoreError,
	reports::{self, ReportState},
};

/// How far the answer to a challenge came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeaconState {
	/// The decision to answer is on disk; whether anything was transmitted is unknown.
	Committed = 0,
	/// A packet forwarder acknowledged the beacon.
	Transmitted = 1,
	/// No packet forwarder took it within the window.
	Failed = 2,
}

/// What the answer to a challenge took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Airtime {
	/// The window of the challenge.
	pub window: WindowIndex,
	/// When the answer was decided on, by the wall clock, in ms since the Unix epoch. That clock
	/// may have been wrong.
	pub committed_at_ms: u64,
	/// For how long it was, or may have been, on the air, in µs.
	pub airtime_us: u64,
}

impl Store {
	/// Whether the challenge of a device in a window was answered, or was about to be.
	pub fn has_answered(&self, device: DeviceId, window: WindowIndex) -> Result<bool, StoreError> {
		Ok(self
			.connection()
			.prepare_cached("SELECT 1 FROM beacon WHERE device = ?1 AND window = ?2")?
			.exists([device, window])?)
	}

	/// Takes the decision to answer a challenge with a beacon, and to reveal it later. `false` if
	/// it was taken before: then nothing may be transmitted.
	pub fn commit_beacon(&self, beacon: &Reveal, unix_ms: u64) -> Result<bool, StoreError> {
		let mut connection = self.connection();
		let transaction = connection.transaction()?;
		let is_new = transaction.execute(
			"INSERT OR IGNORE INTO beacon VALUES (?1, ?2, ?3, 0, ?4)",
			params![beacon.beaconer, beacon.window, unix_ms as i64, BeaconState::Committed as u8],
		)? == 1;
		if is_new {
			reports::keep(&transaction, &(*beacon).into(), ReportState::Waiting)?;
		}
		transaction.commit()?;
		Ok(is_new)
	}

	/// Records that a beacon was, or may have been, on the air for so long once more.
	pub fn spend_airtime(
		&self,
		device: DeviceId,
		window: WindowIndex,
		airtime_us: u64,
	) -> Result<(), StoreError> {
		self.connection()
			.prepare_cached(
				"UPDATE beacon SET airtime_us = airtime_us + ?3 WHERE device = ?1 AND window = ?2",
			)?
			.execute(params![device, window, airtime_us as i64])?;
		Ok(())
	}

	/// Changes the state of an answer.
	pub fn set_beacon_state(
		&self,
		device: DeviceId,
		window: WindowIndex,
		state: BeaconState,
	) -> Result<(), StoreError> {
		self.connection()
			.prepare_cached("UPDATE beacon SET state = ?3 WHERE device = ?1 AND window = ?2")?
			.execute(params![device, window, state as u8])?;
		Ok(())
	}

	/// What a device may have transmitted in `window` and later ones, or since `unix_ms` by the
	/// wall clock, in ms.
	pub fn airtime_since(
		&self,
		device: DeviceId,
		window: WindowIndex,
		unix_ms: u64,
	) -> Result<Vec<Airtime>, StoreError> {
		let connection = self.connection();
		let mut statement = connection.prepare_cached(
			"SELECT window, committed_at_ms, airtime_us FROM beacon
			 WHERE device = ?1 AND airtime_us > 0 AND (window >= ?2 OR committed_at_ms >= ?3)
			 ORDER BY window",
		)?;
		let rows = statement.query_map(params![device, window, unix_ms as i64], |row| {
			Ok(Airtime {
				window: row.get(0)?,
				committed_at_ms: row.get::<_, i64>(1)? as u64,
				airtime_us: row.get::<_, i64>(2)? as u64,
			})
		})?;
		Ok(rows.collect::<Result<_, _>>()?)
	}
}
