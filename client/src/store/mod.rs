//! What must survive a crash at any point: which challenges were answered, the reports that are not
//! settled, evidence against other devices, and the last window that was agreed on. `docs/design`
//! says why it is SQLite.
//!
//! Every method that writes returns once the data is on the disk.

mod answers;
mod error;
mod evidence;
mod prune;
mod reading;
mod reports;
mod schema;
mod summary;
mod windows;

use std::{
	fs::{self, File, OpenOptions, TryLockError},
	os::unix::fs::OpenOptionsExt,
	path::Path,
	sync::{Mutex, MutexGuard, PoisonError},
};

use groma_core::words::Hash;
use rusqlite::{Connection, OptionalExtension};

pub use self::{
	answers::{Airtime, BeaconState},
	error::StoreError,
	evidence::{EVIDENCE_MAX, EvidenceState},
	reports::ReportState,
	summary::{BeaconCounts, EvidenceCounts, RefusalCount, ReportCounts, Summary},
};

/// The store.
pub struct Store {
	connection: Mutex<Connection>,
	/// Held as long as the store is open.
	_lock: Option<File>,
}

impl Store {
	/// Opens or creates the store at `path`, for this process alone.
	pub fn open(path: &Path) -> Result<Self, StoreError> {
		let failed = |source| StoreError::File { path: path.to_owned(), source };
		expect_file(path)?;
		// Beacon signatures are secrets until they are revealed.
		OpenOptions::new()
			.create(true)
			.truncate(false)
			.write(true)
			.mode(0o600)
			.open(path)
			.map_err(failed)?;
		// A store is one under every link that leads to it.
		let path = &path.canonicalize().map_err(failed)?;
		let lock = lock(path)?;
		let connection = Connection::open(path)?;
		schema::check(&connection, path)?;
		Self::prepare(connection, Some(lock))
	}

	/// A store that is gone with the process, for tests and simulations.
	pub fn in_memory() -> Result<Self, StoreError> {
		Self::prepare(Connection::open_in_memory()?, None)
	}

	fn prepare(mut connection: Connection, lock: Option<File>) -> Result<Self, StoreError> {
		connection.pragma_update(None, "journal_mode", "WAL")?;
		connection.pragma_update(None, "synchronous", "FULL")?;
		connection.pragma_update(None, "cache_size", -256)?;
		schema::create(&mut connection)?;
		Ok(Self { connection: Mutex::new(connection), _lock: lock })
	}

	/// Binds the store to a chain, or checks that it is the one it was bound to.
	pub fn bind(&self, genesis: &Hash) -> Result<(), StoreError> {
		let connection = self.connection();
		let bound: Option<Hash> =
			connection.query_row("SELECT genesis FROM chain", [], |row| row.get(0)).optional()?;
		match bound {
			Some(bound) if bound == *genesis => Ok(()),
			Some(_) => Err(StoreError::OtherChain),
			None => {
				connection.execute("INSERT INTO chain VALUES (?1)", [genesis])?;
				Ok(())
			}
		}
	}

	fn connection(&self) -> MutexGuard<'_, Connection> {
		// A panic elsewhere leaves no transaction half done: SQLite rolls it back.
		self.connection.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// Refuses what is no file before it is opened, since opening a pipe would wait for its other end.
fn expect_file(path: &Path) -> Result<(), StoreError> {
	match fs::metadata(path) {
		Ok(found) if !found.is_file() && !found.is_dir() => {
			Err(StoreError::NotAFile(path.to_owned()))
		}
		// Opening it makes it, or says what is wrong.
		_ => Ok(()),
	}
}

fn lock(path: &Path) -> Result<File, StoreError> {
	let path = path.with_added_extension("lock");
	let failed = |source| StoreError::File { path: path.clone(), source };
	let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
	let file = file.map_err(failed)?;
	match file.try_lock() {
		Ok(()) => Ok(file),
		Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path)),
		Err(TryLockError::Error(source)) => Err(failed(source)),
	}
}
