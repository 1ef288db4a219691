//! The reports that this process made or carries, in one table for all series.

use codec::DecodeAll;
use groma_core::{
	DeviceId, WindowIndex,
	api::{Code, Refusal},
	payload::Observation,
	statement::{Report, ReportKey, Reveal, Statement},
	words::Signature,
};
use rusqlite::{Connection, Row, params, types::Type};

use super::{Store, error::StoreError};
use crate::{report::EncodedReport, series::Series};

/// The columns that [`read`] takes.
const COLUMNS: &str = "series, window, subject, author, bytes";

/// How far a report came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
	/// A reveal whose time has not come.
	Waiting,
	/// On its way.
	Open,
	/// On the finalized chain, or nothing is left to do.
	Settled,
	/// The chain will never take it.
	Refused(Code<Refusal>),
	/// It did not reach the chain in time.
	Expired,
}

impl ReportState {
	pub(super) fn code(self) -> u8 {
		match self {
			Self::Waiting => 0,
			Self::Open => 1,
			Self::Settled => 2,
			Self::Refused(_) => 3,
			Self::Expired => 4,
		}
	}

	fn refusal(self) -> Option<String> {
		match self {
			Self::Refused(refusal) => Some(refusal.to_string()),
			_ => None,
		}
	}
}

impl Store {
	/// Keeps a statement, and the beacon that it is about, to reveal it later. `false` if the
	/// witness has stated about the beacon before.
	pub fn keep_statement(
		&self,
		statement: &Statement,
		beacon: &Signature,
	) -> Result<bool, StoreError> {
		let mut connection = self.connection();
		let transaction = connection.transaction()?;
		let is_new = keep(&transaction, &(*statement).into(), ReportState::Open)?;
		if is_new {
			let Statement { window, beaconer, .. } = *statement;
			let reveal = Reveal { window, beaconer, signature: *beacon };
			keep(&transaction, &reveal.into(), ReportState::Waiting)?;
		}
		transaction.commit()?;
		Ok(is_new)
	}

	/// Puts a statement in the place of the same one that named another collector, if that is on
	/// its way. `false` if it is not, or if anything else differs: a witness says one thing about a
	/// beacon.
	pub fn name_collector(&self, statement: &Statement) -> Result<bool, StoreError> {
		let report = EncodedReport::from(*statement);
		let key = report.key;
		let mut connection = self.connection();
		let transaction = connection.transaction()?;
		let collector = statement.observation.collector;
		let is_same = open_statement(&transaction, key)?.is_some_and(|kept| {
			Observation { collector, ..kept.observation } == statement.observation
		});
		if is_same {
			transaction
				.prepare_cached(
					"UPDATE report SET bytes = ?5
					 WHERE series = ?1 AND window = ?2 AND subject = ?3 AND author = ?4",
				)?
				.execute(params![key.series, key.window, key.subject, key.author, report.bytes])?;
		}
		transaction.commit()?;
		Ok(is_same)
	}

	/// Reports that are on their way.
	pub fn open_reports(&self) -> Result<Vec<EncodedReport>, StoreError> {
		let connection = self.connection();
		let query = format!("SELECT {COLUMNS} FROM report WHERE state = ?1");
		let mut statement = connection.prepare_cached(&query)?;
		statement.query_and_then([ReportState::Open.code()], read)?.collect()
	}

	/// What was stated about the beacons of a window, in any state.
	pub fn statements_about(&self, window: WindowIndex) -> Result<Vec<Statement>, StoreError> {
		let connection = self.connection();
		let query = format!("SELECT {COLUMNS} FROM report WHERE series = ?1 AND window = ?2");
		let mut statement = connection.prepare_cached(&query)?;
		let reports = statement
			.query_and_then(params![Statement::SERIES, window], |row| decode(&read(row)?))?;
		reports.collect()
	}

	/// The signature with which a device's beacon is kept, if it is.
	pub fn beacon_signature(
		&self,
		device: DeviceId,
		window: WindowIndex,
	) -> Result<Option<Signature>, StoreError> {
		let query = format!(
			"SELECT {COLUMNS} FROM report
			 WHERE series = ?1 AND window = ?2 AND subject = ?3 AND author = ?3"
		);
		let connection = self.connection();
		let mut statement = connection.prepare_cached(&query)?;
		let mut reveals = statement
			.query_and_then(params![Reveal::SERIES, window, device], |row| {
				decode::<Reveal>(&read(row)?)
			})?;
		Ok(reveals.next().transpose()?.map(|reveal| reveal.signature))
	}

	/// Beacons that have yet to be revealed, and whether they are this process's own.
	pub fn waiting_reveals(&self) -> Result<Vec<(Reveal, bool)>, StoreError> {
		let connection = self.connection();
		let query = format!(
			"SELECT {COLUMNS}, EXISTS (
				SELECT 1 FROM beacon
				WHERE beacon.device = report.subject AND beacon.window = report.window
			 ) FROM report WHERE series = ?1 AND state = ?2"
		);
		let mut statement = connection.prepare_cached(&query)?;
		let waiting = ReportState::Waiting.code();
		let reveals = statement
			.query_and_then(params![Reveal::SERIES, waiting], |row| -> Result<_, StoreError> {
				Ok((decode(&read(row)?)?, row.get(5)?))
			})?;
		reveals.collect()
	}

	/// Changes the state of a report.
	pub fn set_state(&self, key: ReportKey, state: ReportState) -> Result<(), StoreError> {
		self.connection()
			.prepare_cached(
				"UPDATE report SET state = ?5, refusal = ?6
				 WHERE series = ?1 AND window = ?2 AND subject = ?3 AND author = ?4",
			)?
			.execute(params![
				key.series,
				key.window,
				key.subject,
				key.author,
				state.code(),
				state.refusal()
			])?;
		Ok(())
	}
}

/// Keeps a report; `false` if there is one with its key, which stays as it is.
pub(super) fn keep(
	connection: &Connection,
	report: &EncodedReport,
	state: ReportState,
) -> rusqlite::Result<bool> {
	let key = report.key;
	let inserted = connection
		.prepare_cached("INSERT OR IGNORE INTO report VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)")?
		.execute(params![
			key.series,
			key.window,
			key.subject,
			key.author,
			report.bytes,
			state.code()
		])?;
	Ok(inserted == 1)
}

/// The statement with this key, if it is on its way.
fn open_statement(
	connection: &Connection,
	key: ReportKey,
) -> Result<Option<Statement>, StoreError> {
	let query = format!(
		"SELECT {COLUMNS} FROM report
		 WHERE series = ?1 AND window = ?2 AND subject = ?3 AND author = ?4 AND state = ?5"
	);
	let open = ReportState::Open.code();
	let mut statement = connection.prepare_cached(&query)?;
	let mut found = statement
		.query_and_then(params![key.series, key.window, key.subject, key.author, open], |row| {
			decode::<Statement>(&read(row)?)
		})?;
	found.next().transpose()
}

/// Reads the [`COLUMNS`] of a row.
fn read(row: &Row<'_>) -> Result<EncodedReport, StoreError> {
	let number: u8 = row.get(0)?;
	let series = Series::of(number).ok_or(StoreError::UnknownSeries(number))?;
	let key = ReportKey {
		series: number,
		window: row.get(1)?,
		subject: row.get(2)?,
		author: row.get(3)?,
	};
	Ok(EncodedReport { key, series, bytes: row.get(4)? })
}

/// What a report says.
fn decode<R: Report>(report: &EncodedReport) -> Result<R, StoreError> {
	R::decode_all(&mut &report.bytes[..]).map_err(|error| {
		rusqlite::Error::FromSqlConversionFailure(4, Type::Blob, Box::new(error)).into()
	})
}
