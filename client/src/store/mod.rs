//! What must survive a crash at any point: which challenges were answered, what was stated, what has yet to
//! be revealed, and evidence against other devices. `docs/design` says why it is SQLite.
//!
//! Every method that writes returns once the data is on the disk.

mod error;
mod evidence;
mod schema;
mod summary;

use std::{
	fs::{File, OpenOptions, TryLockError},
	os::unix::fs::OpenOptionsExt,
	path::Path,
	sync::{Mutex, MutexGuard, PoisonError},
};

use groma_core::{
	DeviceId, WindowIndex,
	api::Refusal,
	payload::Observation,
	words::{Hash, Signature},
};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::parcel::{Parcel, ParcelKey, Reveal, Statement};

pub use error::StoreError;
pub use evidence::{EVIDENCE_MAX, EvidenceState};
pub use summary::Summary;

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

/// How far a statement or a reveal came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParcelState {
	/// A reveal whose time has not come.
	Waiting,
	/// On its way.
	Open,
	/// On the finalized chain, or nothing is left to do.
	Settled,
	/// The chain will never take it.
	Refused(Refusal),
	/// It did not reach the chain in time.
	Expired,
}

impl ParcelState {
	fn code(self) -> u8 {
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
			Self::Refused(refusal) => Some(format!("{refusal:?}")),
			_ => None,
		}
	}
}

/// The store.
pub struct Store {
	connection: Mutex<Connection>,
	/// Held as long as the store is open.
	_lock: Option<File>,
}

impl Store {
	/// Opens or creates the store at `path`, for this process alone.
	pub fn open(path: &Path) -> Result<Self, StoreError> {
		let lock = lock(path)?;
		// Beacon signatures are secrets until they are revealed.
		OpenOptions::new()
			.create(true)
			.truncate(false)
			.write(true)
			.mode(0o600)
			.open(path)
			.map_err(|source| StoreError::File { path: path.to_owned(), source })?;
		let connection = Connection::open(path)?;
		schema::check(&connection, path)?;
		Self::prepare(connection, Some(lock))
	}

	/// Opens the store at `path` to look at it while another process may use it.
	pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
		let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
		let connection = Connection::open_with_flags(path, flags)?;
		schema::check(&connection, path)?;
		schema::expect_present(&connection)?;
		Ok(Self { connection: Mutex::new(connection), _lock: None })
	}

	/// A store that is gone with the process, for tests and simulations.
	pub fn in_memory() -> Result<Self, StoreError> {
		Self::prepare(Connection::open_in_memory()?, None)
	}

	fn prepare(mut connection: Connection, lock: Option<File>) -> Result<Self, StoreError> {
		connection.pragma_update(None, "journal_mode", "WAL")?;
		connection.pragma_update(None, "synchronous", "FULL")?;
		connection.pragma_update(None, "cache_size", -256)?;
		schema::bring_up_to_date(&mut connection)?;
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

	/// Whether the challenge of a device in a window was answered, or was about to be.
	pub fn has_answered(&self, device: DeviceId, window: WindowIndex) -> Result<bool, StoreError> {
		Ok(self
			.connection()
			.prepare_cached("SELECT 1 FROM beacon WHERE device = ?1 AND window = ?2")?
			.exists([device, window])?)
	}

	/// Takes the decision to answer a challenge with a beacon, and to reveal it later. `false` if it was
	/// taken before: then nothing may be transmitted.
	pub fn commit_beacon(&self, beacon: &Reveal, unix_ms: u64) -> Result<bool, StoreError> {
		let mut connection = self.connection();
		let transaction = connection.transaction()?;
		let is_new = transaction.execute(
			"INSERT OR IGNORE INTO beacon VALUES (?1, ?2, ?3, 0, ?4)",
			params![beacon.beaconer, beacon.window, unix_ms as i64, BeaconState::Committed as u8],
		)? == 1;
		if is_new {
			keep_reveal(&transaction, beacon, true)?;
		}
		transaction.commit()?;
		Ok(is_new)
	}

	/// Takes note that a beacon was, or may have been, on the air for so long once more.
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

	/// When a device transmitted since a moment, by the wall clock in ms, and for how many µs.
	pub fn airtime_since(
		&self,
		device: DeviceId,
		unix_ms: u64,
	) -> Result<Vec<(u64, u64)>, StoreError> {
		let connection = self.connection();
		let mut statement = connection.prepare_cached(
			"SELECT committed_at_ms, airtime_us FROM beacon
			 WHERE device = ?1 AND committed_at_ms >= ?2 AND airtime_us > 0 ORDER BY committed_at_ms",
		)?;
		let rows = statement.query_map(params![device, unix_ms as i64], |row| {
			Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64))
		})?;
		Ok(rows.collect::<Result<_, _>>()?)
	}

	/// Keeps a statement, and the beacon that it is about, to reveal it later. `false` if the witness has
	/// stated about the beacon before.
	pub fn keep_statement(
		&self,
		statement: &Statement,
		beacon: &Signature,
	) -> Result<bool, StoreError> {
		let mut connection = self.connection();
		let transaction = connection.transaction()?;
		let observation = &statement.observation;
		let is_new = transaction.execute(
			"INSERT OR IGNORE INTO statement VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL)",
			params![
				observation.witness,
				statement.beaconer,
				statement.window,
				observation.rssi_deci_dbm,
				observation.snr_deci_db,
				observation.commitment,
				statement.signature.0,
				ParcelState::Open.code(),
			],
		)? == 1;
		if is_new {
			let Statement { window, beaconer, .. } = *statement;
			keep_reveal(&transaction, &Reveal { window, beaconer, signature: *beacon }, false)?;
		}
		transaction.commit()?;
		Ok(is_new)
	}

	/// Statements and reveals that are on their way.
	pub fn open_parcels(&self) -> Result<Vec<Parcel>, StoreError> {
		let connection = self.connection();
		let mut statement = connection.prepare_cached(
			"SELECT witness, beaconer, window, rssi_deci_dbm, snr_deci_db, commitment, signature
			 FROM statement WHERE state = ?1",
		)?;
		let rows = statement.query_map([ParcelState::Open.code()], |row| {
			read_statement(row).map(Parcel::Statement)
		})?;
		let mut parcels: Vec<Parcel> = rows.collect::<Result<_, _>>()?;
		drop(statement);
		let reveals = reveals_in(&connection, ParcelState::Open)?;
		parcels.extend(reveals.into_iter().map(|(reveal, _)| Parcel::Reveal(reveal)));
		Ok(parcels)
	}

	/// What was stated about the beacons of a window, whatever became of it.
	pub fn statements_about(&self, window: WindowIndex) -> Result<Vec<Statement>, StoreError> {
		let connection = self.connection();
		let mut statement = connection.prepare_cached(
			"SELECT witness, beaconer, window, rssi_deci_dbm, snr_deci_db, commitment, signature
			 FROM statement WHERE window = ?1",
		)?;
		let rows = statement.query_map([window], read_statement)?;
		Ok(rows.collect::<Result<_, _>>()?)
	}

	/// The signature with which a device's beacon is kept, if it is.
	pub fn beacon_signature(
		&self,
		device: DeviceId,
		window: WindowIndex,
	) -> Result<Option<Signature>, StoreError> {
		Ok(self
			.connection()
			.prepare_cached("SELECT signature FROM reveal WHERE beaconer = ?1 AND window = ?2")?
			.query_row([device, window], |row| row.get(0).map(Signature))
			.optional()?)
	}

	/// Beacons that have yet to be revealed, and whether they are this process's own.
	pub fn waiting_reveals(&self) -> Result<Vec<(Reveal, bool)>, StoreError> {
		reveals_in(&self.connection(), ParcelState::Waiting)
	}

	/// Changes the state of a statement or a reveal.
	pub fn set_state(&self, key: ParcelKey, state: ParcelState) -> Result<(), StoreError> {
		let connection = self.connection();
		match key {
			ParcelKey::Statement { witness, beaconer, window } => connection
				.prepare_cached(
					"UPDATE statement SET state = ?4, refusal = ?5
					 WHERE witness = ?1 AND beaconer = ?2 AND window = ?3",
				)?
				.execute(params![witness, beaconer, window, state.code(), state.refusal()])?,
			ParcelKey::Reveal { beaconer, window } => connection
				.prepare_cached(
					"UPDATE reveal SET state = ?3, refusal = ?4 WHERE beaconer = ?1 AND window = ?2",
				)?
				.execute(params![beaconer, window, state.code(), state.refusal()])?,
		};
		Ok(())
	}

	/// Forgets what is closed about windows before `window`. What is on its way stays. So do answers that
	/// were committed after `unix_ms` by the wall clock: were an endpoint's window false, forgetting them would
	/// have challenges answered twice.
	pub fn prune(&self, window: WindowIndex, unix_ms: u64) -> Result<(), StoreError> {
		let mut connection = self.connection();
		let transaction = connection.transaction()?;
		transaction.execute(
			"DELETE FROM beacon WHERE window < ?1 AND committed_at_ms < ?2",
			params![window, unix_ms as i64],
		)?;
		let (waiting, open) = (ParcelState::Waiting.code(), ParcelState::Open.code());
		for table in ["statement", "reveal"] {
			transaction.execute(
				&format!("DELETE FROM {table} WHERE window < ?1 AND state NOT IN (?2, ?3)"),
				params![window, waiting, open],
			)?;
		}
		evidence::prune(&transaction, window)?;
		Ok(transaction.commit()?)
	}

	fn connection(&self) -> MutexGuard<'_, Connection> {
		// A panic elsewhere leaves no transaction half done: SQLite rolls it back.
		self.connection.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Keeps a beacon; one that is kept already stays as it is, but becomes own if it is.
fn keep_reveal(
	transaction: &Transaction<'_>,
	reveal: &Reveal,
	is_own: bool,
) -> Result<(), StoreError> {
	transaction.execute(
		"INSERT INTO reveal VALUES (?1, ?2, ?3, ?4, ?5, NULL)
		 ON CONFLICT DO UPDATE SET is_own = MAX(is_own, excluded.is_own)",
		params![
			reveal.beaconer,
			reveal.window,
			reveal.signature.0,
			is_own,
			ParcelState::Waiting.code()
		],
	)?;
	Ok(())
}

fn reveals_in(
	connection: &Connection,
	state: ParcelState,
) -> Result<Vec<(Reveal, bool)>, StoreError> {
	let mut statement = connection.prepare_cached(
		"SELECT beaconer, window, signature, is_own FROM reveal WHERE state = ?1",
	)?;
	let rows = statement.query_map([state.code()], |row| {
		let reveal = Reveal {
			beaconer: row.get(0)?,
			window: row.get(1)?,
			signature: Signature(row.get(2)?),
		};
		Ok((reveal, row.get(3)?))
	})?;
	Ok(rows.collect::<Result<_, _>>()?)
}

fn read_statement(row: &Row<'_>) -> rusqlite::Result<Statement> {
	Ok(Statement {
		beaconer: row.get(1)?,
		window: row.get(2)?,
		observation: Observation {
			witness: row.get(0)?,
			rssi_deci_dbm: row.get(3)?,
			snr_deci_db: row.get(4)?,
			commitment: row.get(5)?,
		},
		signature: Signature(row.get(6)?),
	})
}
