//! The tables.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::error::StoreError;

const TABLES: &str = "
	CREATE TABLE chain (genesis BLOB NOT NULL);
	CREATE TABLE beacon (
		device INTEGER NOT NULL,
		window INTEGER NOT NULL,
		committed_at_ms INTEGER NOT NULL,
		airtime_us INTEGER NOT NULL,
		state INTEGER NOT NULL,
		PRIMARY KEY (device, window)
	) WITHOUT ROWID;
	CREATE TABLE report (
		series INTEGER NOT NULL,
		window INTEGER NOT NULL,
		subject INTEGER NOT NULL,
		author INTEGER NOT NULL,
		bytes BLOB NOT NULL,
		state INTEGER NOT NULL,
		refusal TEXT,
		PRIMARY KEY (series, window, subject, author)
	) WITHOUT ROWID;
	CREATE TABLE evidence (
		device INTEGER NOT NULL,
		window INTEGER NOT NULL,
		first BLOB NOT NULL,
		second BLOB NOT NULL,
		state INTEGER NOT NULL,
		PRIMARY KEY (device, window)
	) WITHOUT ROWID;
";
/// What a store of this format may lack, since it was written before there was one.
const WINDOW: &str = "
	CREATE TABLE IF NOT EXISTS last_window (
		id INTEGER PRIMARY KEY CHECK (id = 0),
		bytes BLOB NOT NULL
	);
";
/// The format of these tables. A file that has none yet shows 0.
const FORMAT: u32 = 4;

/// Whether the file is a database whose pages fit together, of the format of this build: half a
/// store would answer as if it were whole.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
	let damaged = |reason| StoreError::Damaged { path: path.to_owned(), reason };
	match connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)) {
		Ok(verdict) if verdict == "ok" => {}
		Ok(verdict) => return Err(damaged(verdict)),
		Err(error) => {
			return Err(match error.sqlite_error_code() {
				Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
					damaged(error.to_string())
				}
				_ => error.into(),
			});
		}
	}
	match format(connection)? {
		FORMAT => Ok(()),
		0 if is_empty(connection)? => Ok(()),
		0 => Err(damaged("it has tables of another program".to_owned())),
		found if found < FORMAT => Err(StoreError::Older { path: path.to_owned(), found }),
		found => Err(StoreError::Newer { path: path.to_owned(), found }),
	}
}

/// Creates the tables of a store that has none.
pub(super) fn create(connection: &mut Connection) -> Result<(), StoreError> {
	if is_empty(connection)? {
		let transaction = connection.transaction()?;
		transaction.execute_batch(TABLES)?;
		transaction.pragma_update(None, "user_version", FORMAT)?;
		transaction.commit()?;
	}
	connection.execute_batch(WINDOW)?;
	Ok(())
}

/// Refuses a store without tables, for those who may only read it.
pub(super) fn expect_tables(connection: &Connection, path: &Path) -> Result<(), StoreError> {
	match is_empty(connection)? {
		true => Err(StoreError::Empty(path.to_owned())),
		false => Ok(()),
	}
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
	connection.query_row("SELECT COUNT(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}

fn format(connection: &Connection) -> rusqlite::Result<u32> {
	let format = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0))?;
	// No format ever had a negative number: such a file was written by something else.
	Ok(u32::try_from(format).unwrap_or(u32::MAX))
}
