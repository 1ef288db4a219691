//! The tables, and how the store of an earlier version gets those that it lacks.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::StoreError;

/// What each version of the format adds to the one before.
const STEPS: [&str; 2] = [
	"
	CREATE TABLE chain (genesis BLOB NOT NULL);
	CREATE TABLE beacon (
		device INTEGER NOT NULL,
		window INTEGER NOT NULL,
		committed_at_ms INTEGER NOT NULL,
		airtime_us INTEGER NOT NULL,
		state INTEGER NOT NULL,
		PRIMARY KEY (device, window)
	) WITHOUT ROWID;
	CREATE TABLE statement (
		witness INTEGER NOT NULL,
		beaconer INTEGER NOT NULL,
		window INTEGER NOT NULL,
		rssi_deci_dbm INTEGER NOT NULL,
		snr_deci_db INTEGER NOT NULL,
		commitment BLOB NOT NULL,
		signature BLOB NOT NULL,
		state INTEGER NOT NULL,
		refusal TEXT,
		PRIMARY KEY (witness, beaconer, window)
	) WITHOUT ROWID;
	CREATE TABLE reveal (
		beaconer INTEGER NOT NULL,
		window INTEGER NOT NULL,
		signature BLOB NOT NULL,
		is_own INTEGER NOT NULL,
		state INTEGER NOT NULL,
		refusal TEXT,
		PRIMARY KEY (beaconer, window)
	) WITHOUT ROWID;
	",
	"
	CREATE TABLE evidence (
		device INTEGER NOT NULL,
		window INTEGER NOT NULL,
		first BLOB NOT NULL,
		second BLOB NOT NULL,
		state INTEGER NOT NULL,
		PRIMARY KEY (device, window)
	) WITHOUT ROWID;
	",
];
/// The format that this build reads and writes.
const VERSION: u32 = STEPS.len() as u32;

/// Whether the file is a database whose pages fit together: half a store would answer as if it were whole.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
	let damaged = |reason| StoreError::Damaged { path: path.to_owned(), reason };
	match connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)) {
		Ok(verdict) if verdict == "ok" => Ok(()),
		Ok(verdict) => Err(damaged(verdict)),
		Err(error) => Err(match error.sqlite_error_code() {
			Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
				damaged(error.to_string())
			}
			_ => error.into(),
		}),
	}
}

/// Creates the tables that the store does not have yet.
pub(super) fn bring_up_to_date(connection: &mut Connection) -> Result<(), StoreError> {
	let found = version(connection)?;
	let missing = STEPS.get(found as usize..).ok_or(StoreError::Newer(found))?;
	for (step, version) in missing.iter().zip(found.saturating_add(1)..) {
		let transaction = connection.transaction()?;
		transaction.execute_batch(step)?;
		transaction.pragma_update(None, "user_version", version)?;
		transaction.commit()?;
	}
	Ok(())
}

/// Refuses a store that has not all tables, for those who may only read it.
pub(super) fn expect_present(connection: &Connection) -> Result<(), StoreError> {
	match version(connection)? {
		VERSION => Ok(()),
		older if older < VERSION => Err(StoreError::Older(older)),
		newer => Err(StoreError::Newer(newer)),
	}
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
	let version =
		connection.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0))?;
	// A format never had a negative number: such a file was written by something else.
	Ok(u32::try_from(version).unwrap_or(u32::MAX))
}
