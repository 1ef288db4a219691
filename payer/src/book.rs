//! What was signed: for every device of every channel the last voucher. It must survive a crash at
//! any point, since two vouchers that promise the same credits to two devices cost the bond.
//!
//! A promise is on the disk before its voucher is made. After a crash the same promise gives the
//! same voucher again, since signatures are deterministic, and a lesser one is refused.

use std::{
	fs::{self, OpenOptions},
	io,
	os::unix::fs::OpenOptionsExt,
	path::{Path, PathBuf},
	sync::{Mutex, MutexGuard, PoisonError},
	time::Duration,
};

use codec::{DecodeAll, Encode};
use groma_core::{
	ChannelId, DeviceId, money::Credits, terms::ServiceTerms, voucher::Seat, words::Hash,
};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior};

/// The format of the tables. A file that has none yet shows 0.
const FORMAT: u32 = 1;
const TABLES: &str = "
	CREATE TABLE channel (
		genesis BLOB NOT NULL,
		channel INTEGER NOT NULL,
		credits INTEGER NOT NULL,
		seats_max INTEGER NOT NULL,
		terms BLOB NOT NULL,
		PRIMARY KEY (genesis, channel)
	) WITHOUT ROWID;
	CREATE TABLE promise (
		genesis BLOB NOT NULL,
		channel INTEGER NOT NULL,
		device INTEGER NOT NULL,
		credits INTEGER NOT NULL,
		units INTEGER NOT NULL,
		PRIMARY KEY (genesis, channel, device)
	) WITHOUT ROWID;
";
/// How long one process waits for another that signs at the same moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a book cannot be used, or a voucher is not signed.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
	/// The disk or the database fails. It may pass, for example when the disk is full.
	#[error("the book cannot be used: {0}; check --book, the disk's space and its health")]
	Database(#[from] rusqlite::Error),
	/// The file cannot be created or read.
	#[error("{path}: {source}; check --book, and that its directory exists and is yours to write")]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// There is something else that is no file.
	#[error("{0} is a device, a pipe or a socket: name a file with --book")]
	NotAFile(PathBuf),
	/// The file is no book, or a damaged one.
	#[error(
		"{path} is no book or a damaged one ({reason}): sign nothing more for its channels, close them, and \
		 open others with a new book"
	)]
	Damaged {
		/// Which file.
		path: PathBuf,
		/// What is wrong.
		reason: String,
	},
	/// Another version wrote the book.
	#[error("{path} has format {found}, which another version wrote: use that version")]
	Format {
		/// Which file.
		path: PathBuf,
		/// Its format.
		found: u32,
	},
	/// What is stored of a channel does not decode.
	#[error("what the book says of channel {0} does not decode: close it, and open another")]
	Unreadable(ChannelId),
	/// The channel was opened with another book.
	#[error(
		"the book does not know channel {0} of this chain: name the book with which it was opened by --book, or \
		 see `groma-payer adopt --help`"
	)]
	UnknownChannel(ChannelId),
	/// The book says something else of the channel.
	#[error("the book knows channel {0} of this chain with other terms: is it another chain's?")]
	OtherChannel(ChannelId),
	/// More was signed for the device before.
	#[error(
		"device {device} was promised {} credits for {} units of channel {channel} before: a later voucher \
		 promises more credits, and no fewer units",
		.last.credits, .last.units
	)]
	Less {
		/// The channel.
		channel: ChannelId,
		/// The device.
		device: DeviceId,
		/// What was signed last.
		last: Seat,
	},
	/// The channel does not hold so many credits.
	#[error(
		"channel {channel} holds {credits} credits, {others} of them promised to other devices: this voucher \
		 would cost its bond; open another channel"
	)]
	Overdrawn {
		/// The channel.
		channel: ChannelId,
		/// The credits with which it was opened.
		credits: Credits,
		/// What other devices were promised.
		others: Credits,
	},
	/// The channel has no seat for another device.
	#[error("all {seats_max} seats of channel {channel} are taken: open another channel")]
	NoSeat {
		/// The channel.
		channel: ChannelId,
		/// How many it has.
		seats_max: u16,
	},
	/// The service does not cost so much, or so little.
	#[error(
		"{units} units cost {least} to {most} credits, not {credits}: the chain would not pay the voucher"
	)]
	OutsidePrice {
		/// What was to be promised.
		credits: Credits,
		/// For how many units.
		units: u64,
		/// The least that they cost.
		least: u128,
		/// The most that they cost.
		most: u128,
	},
	/// The numbers are beyond those of any channel.
	#[error("credits and units are at most {}", i64::MAX)]
	TooMany,
}

/// What the book knows of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedChannel {
	/// The credits with which it was opened.
	pub credits: Credits,
	/// The most devices that it pays.
	pub seats_max: u16,
	/// The terms of its service.
	pub terms: ServiceTerms,
}

/// The book of a signer.
pub struct Book(Mutex<Connection>);

impl Book {
	/// Opens or creates the book at `path`. Several processes may sign with one book at a time.
	pub fn open(path: &Path) -> Result<Self, BookError> {
		let failed = |source| BookError::File { path: path.to_owned(), source };
		// Opening a pipe would wait for its other end.
		if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
			return Err(BookError::NotAFile(path.to_owned()));
		}
		OpenOptions::new()
			.create(true)
			.truncate(false)
			.write(true)
			.mode(0o600)
			.open(path)
			.map_err(failed)?;
		let mut connection = Connection::open(path)?;
		check(&connection, path)?;
		prepare(&mut connection)?;
		Ok(Self(Mutex::new(connection)))
	}

	/// A book that is gone with the process, for tests and simulations.
	pub fn in_memory() -> Result<Self, BookError> {
		let mut connection = Connection::open_in_memory()?;
		prepare(&mut connection)?;
		Ok(Self(Mutex::new(connection)))
	}

	/// Records a channel, and what was claimed of it: nothing, if it was opened just now. A channel
	/// that is known already keeps what was signed for it.
	pub fn add_channel(
		&self,
		genesis: &Hash,
		channel: ChannelId,
		record: &BookedChannel,
		claimed: &[(DeviceId, Seat)],
	) -> Result<(), BookError> {
		let mut connection = self.connection();
		let writing = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
		match booked(&writing, genesis, channel)? {
			Some(known) if known == *record => {}
			Some(_) => return Err(BookError::OtherChannel(channel)),
			None => {
				writing.execute(
					"INSERT INTO channel VALUES (?1, ?2, ?3, ?4, ?5)",
					(
						genesis,
						integer(channel)?,
						integer(record.credits)?,
						record.seats_max,
						record.terms.encode(),
					),
				)?;
			}
		}
		for (device, seat) in claimed {
			let last = last(&writing, genesis, channel, *device)?.unwrap_or_default();
			if seat.credits > last.credits {
				write(&writing, genesis, channel, *device, seat)?;
			}
		}
		Ok(writing.commit()?)
	}

	/// What is known of a channel; `None` if the book does not know it.
	pub fn channel(
		&self,
		genesis: &Hash,
		channel: ChannelId,
	) -> Result<Option<BookedChannel>, BookError> {
		booked(&self.connection(), genesis, channel)
	}

	/// What was promised to a device last.
	pub fn last(
		&self,
		genesis: &Hash,
		channel: ChannelId,
		device: DeviceId,
	) -> Result<Option<Seat>, BookError> {
		last(&self.connection(), genesis, channel, device)
	}

	/// What all devices together were promised out of a channel, in credits.
	pub fn promised(&self, genesis: &Hash, channel: ChannelId) -> Result<Credits, BookError> {
		Ok(others(&self.connection(), genesis, channel, None)?.0)
	}

	/// Records what a device is promised in all, if the channel holds it and it is not less than
	/// before. It is on the disk when this returns.
	pub fn promise(
		&self,
		genesis: &Hash,
		channel: ChannelId,
		device: DeviceId,
		total: &Seat,
	) -> Result<(), BookError> {
		let mut connection = self.connection();
		// Another process that signs with this book waits.
		let writing = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
		let record =
			booked(&writing, genesis, channel)?.ok_or(BookError::UnknownChannel(channel))?;
		match last(&writing, genesis, channel, device)? {
			Some(last) if last == *total => return Ok(()),
			Some(last) if total.credits <= last.credits || total.units < last.units => {
				return Err(BookError::Less { channel, device, last });
			}
			_ => {}
		}
		let (others, seats) = others(&writing, genesis, channel, Some(device))?;
		expect_room(channel, &record, total, others, seats)?;
		write(&writing, genesis, channel, device, total)?;
		Ok(writing.commit()?)
	}

	fn connection(&self) -> MutexGuard<'_, Connection> {
		// A panic elsewhere leaves no transaction half done: SQLite rolls it back.
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// Refuses a promise that the chain would not pay, or not in full. `others` and `seats` are the
/// credits and the number of the other devices.
fn expect_room(
	channel: ChannelId,
	record: &BookedChannel,
	total: &Seat,
	others: Credits,
	seats: u32,
) -> Result<(), BookError> {
	let BookedChannel { credits, seats_max, ref terms } = *record;
	if !terms.admits(total.credits, total.units) || total.credits == 0 {
		let cost = |per_unit: u64| u128::from(total.units).saturating_mul(u128::from(per_unit));
		return Err(BookError::OutsidePrice {
			credits: total.credits,
			units: total.units,
			least: cost(terms.credits_per_unit_min).max(1),
			most: cost(terms.credits_per_unit_max),
		});
	}
	if seats >= u32::from(seats_max) {
		return Err(BookError::NoSeat { channel, seats_max });
	}
	match others.checked_add(total.credits) {
		Some(promised) if promised <= credits => Ok(()),
		_ => Err(BookError::Overdrawn { channel, credits, others }),
	}
}

/// Whether the file is a database whose pages fit together, of the format of this build.
fn check(connection: &Connection, path: &Path) -> Result<(), BookError> {
	let damaged = |reason| BookError::Damaged { path: path.to_owned(), reason };
	connection.busy_timeout(PATIENCE)?;
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
	// In this order: another process may make the tables, and with them the format, in between.
	let is_empty = is_empty(connection)?;
	match (format(connection)?, is_empty) {
		(FORMAT, _) | (0, true) => Ok(()),
		(0, false) => Err(damaged("it has tables of another program".to_owned())),
		(found, _) => Err(BookError::Format { path: path.to_owned(), found }),
	}
}

fn prepare(connection: &mut Connection) -> Result<(), BookError> {
	connection.busy_timeout(PATIENCE)?;
	// The name of the journal is durable only once its directory is: EXTRA syncs that as well.
	connection.pragma_update(None, "synchronous", "EXTRA")?;
	// Two processes may create the tables at the same moment.
	let writing = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
	if is_empty(&writing)? {
		writing.execute_batch(TABLES)?;
		writing.pragma_update(None, "user_version", FORMAT)?;
	}
	Ok(writing.commit()?)
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
	connection.query_row("SELECT COUNT(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}

fn format(connection: &Connection) -> rusqlite::Result<u32> {
	let format = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0))?;
	Ok(u32::try_from(format).unwrap_or(u32::MAX))
}

fn booked(
	connection: &Connection,
	genesis: &Hash,
	channel: ChannelId,
) -> Result<Option<BookedChannel>, BookError> {
	let row: Option<(i64, u16, Vec<u8>)> = connection
		.query_row(
			"SELECT credits, seats_max, terms FROM channel WHERE genesis = ?1 AND channel = ?2",
			(genesis, integer(channel)?),
			|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
		)
		.optional()?;
	let Some((credits, seats_max, terms)) = row else { return Ok(None) };
	let unreadable = || BookError::Unreadable(channel);
	let terms = ServiceTerms::decode_all(&mut &terms[..]).map_err(|_| unreadable())?;
	let credits = Credits::try_from(credits).map_err(|_| unreadable())?;
	Ok(Some(BookedChannel { credits, seats_max, terms }))
}

fn last(
	connection: &Connection,
	genesis: &Hash,
	channel: ChannelId,
	device: DeviceId,
) -> Result<Option<Seat>, BookError> {
	let row: Option<(i64, i64)> = connection
		.query_row(
			"SELECT credits, units FROM promise WHERE genesis = ?1 AND channel = ?2 AND device = ?3",
			(genesis, integer(channel)?, device),
			|row| Ok((row.get(0)?, row.get(1)?)),
		)
		.optional()?;
	let Some((credits, units)) = row else { return Ok(None) };
	match (Credits::try_from(credits), u64::try_from(units)) {
		(Ok(credits), Ok(units)) => Ok(Some(Seat { credits, units })),
		_ => Err(BookError::Unreadable(channel)),
	}
}

/// The credits and the number of the devices of a channel other than `device`.
fn others(
	connection: &Connection,
	genesis: &Hash,
	channel: ChannelId,
	device: Option<DeviceId>,
) -> Result<(Credits, u32), BookError> {
	let (credits, count): (i64, u32) = connection.query_row(
		"SELECT COALESCE(SUM(credits), 0), COUNT(*) FROM promise
		 WHERE genesis = ?1 AND channel = ?2 AND device IS NOT ?3",
		(genesis, integer(channel)?, device),
		|row| Ok((row.get(0)?, row.get(1)?)),
	)?;
	let credits = Credits::try_from(credits).map_err(|_| BookError::Unreadable(channel))?;
	Ok((credits, count))
}

fn write(
	writing: &Transaction<'_>,
	genesis: &Hash,
	channel: ChannelId,
	device: DeviceId,
	total: &Seat,
) -> Result<(), BookError> {
	writing.execute(
		"INSERT OR REPLACE INTO promise VALUES (?1, ?2, ?3, ?4, ?5)",
		(genesis, integer(channel)?, device, integer(total.credits)?, integer(total.units)?),
	)?;
	Ok(())
}

/// SQLite's integers have a sign.
fn integer(number: u64) -> Result<i64, BookError> {
	i64::try_from(number).map_err(|_| BookError::TooMany)
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;

	use super::*;

	const GENESIS: Hash = [1; 32];

	fn record(credits: Credits, seats_max: u16) -> BookedChannel {
		BookedChannel { credits, seats_max, terms: ServiceTerms::lorawan_packets() }
	}

	fn book(credits: Credits, seats_max: u16) -> Book {
		let book = Book::in_memory().expect("a book");
		book.add_channel(&GENESIS, 7, &record(credits, seats_max), &[]).expect("added");
		book
	}

	fn promise(book: &Book, device: DeviceId, credits: u64, units: u64) -> Result<(), BookError> {
		book.promise(&GENESIS, 7, device, &Seat { credits, units })
	}

	#[test]
	fn promises_grow_and_are_kept() {
		let book = book(100, 2);
		promise(&book, 1, 10, 5).expect("the first");
		promise(&book, 1, 12, 5).expect("more");
		assert_eq!(book.last(&GENESIS, 7, 1).unwrap(), Some(Seat { credits: 12, units: 5 }));
		promise(&book, 2, 20, 20).expect("another device");
		assert_eq!(book.promised(&GENESIS, 7).unwrap(), 32);
		assert_eq!(book.last(&[2; 32], 7, 1).unwrap(), None, "of another chain");
	}

	#[test]
	fn promise_is_refused_when_less_was_not_signed_before() {
		let book = book(100, 2);
		promise(&book, 1, 10, 5).expect("the first");
		promise(&book, 1, 10, 5).expect("the same gives the same voucher");
		for (credits, units) in [(9, 5), (10, 4), (10, 6), (11, 4), (9, 9)] {
			let refused = promise(&book, 1, credits, units);
			assert!(matches!(refused, Err(BookError::Less { .. })), "{credits} for {units}");
		}
		assert_eq!(book.last(&GENESIS, 7, 1).unwrap(), Some(Seat { credits: 10, units: 5 }));
	}

	#[test]
	fn promise_is_refused_when_the_channel_does_not_hold_it() {
		let book = book(100, 2);
		promise(&book, 1, 60, 60).expect("the first");
		assert!(matches!(
			promise(&book, 2, 41, 41),
			Err(BookError::Overdrawn { channel: 7, credits: 100, others: 60 })
		));
		promise(&book, 2, 40, 40).expect("all that is left");
		assert!(matches!(promise(&book, 1, 61, 60), Err(BookError::Overdrawn { .. })));
		assert!(matches!(promise(&book, 3, 1, 1), Err(BookError::NoSeat { seats_max: 2, .. })));
	}

	#[test]
	fn promise_is_refused_when_the_chain_would_not_pay_it() {
		let book = book(1_000, 2);
		for (credits, units) in [(0, 0), (1, 0), (4, 5), (56, 5)] {
			let refused = promise(&book, 1, credits, units);
			assert!(matches!(refused, Err(BookError::OutsidePrice { .. })), "{credits}, {units}");
		}
		assert_eq!(book.promised(&GENESIS, 7).unwrap(), 0);
	}

	#[test]
	fn channel_is_refused_when_the_book_does_not_know_it_or_knows_another() {
		let book = book(100, 2);
		let unknown = book.promise(&GENESIS, 8, 1, &Seat { credits: 1, units: 1 });
		assert!(matches!(unknown, Err(BookError::UnknownChannel(8))));
		let other = book.add_channel(&GENESIS, 7, &record(101, 2), &[]);
		assert!(matches!(other, Err(BookError::OtherChannel(7))));
	}

	#[test]
	fn channel_that_is_added_again_keeps_what_was_signed() {
		let book = book(100, 4);
		promise(&book, 1, 10, 10).expect("signed");
		let claimed = [(1, Seat { credits: 5, units: 5 }), (2, Seat { credits: 6, units: 6 })];
		book.add_channel(&GENESIS, 7, &record(100, 4), &claimed).expect("again");
		assert_eq!(book.last(&GENESIS, 7, 1).unwrap(), Some(Seat { credits: 10, units: 10 }));
		assert_eq!(book.last(&GENESIS, 7, 2).unwrap(), Some(Seat { credits: 6, units: 6 }));
		assert_eq!(book.channel(&GENESIS, 7).unwrap(), Some(record(100, 4)));
	}

	#[test]
	fn book_is_read_again_and_shared_between_processes() {
		let directory = tempfile::tempdir().expect("a directory");
		let path = directory.path().join("book.db");
		let first = Book::open(&path).expect("made");
		first.add_channel(&GENESIS, 7, &record(100, 2), &[]).expect("added");
		promise(&first, 1, 10, 10).expect("signed");
		let second = Book::open(&path).expect("opened");
		assert!(matches!(promise(&second, 1, 9, 9), Err(BookError::Less { .. })));
		promise(&second, 2, 90, 90).expect("signed");
		drop(second);
		assert!(matches!(promise(&first, 1, 11, 11), Err(BookError::Overdrawn { .. })));
	}

	#[test]
	fn file_that_is_no_book_is_refused_and_kept() {
		let directory = tempfile::tempdir().expect("a directory");
		let path = directory.path().join("book.db");
		let content = vec![b'x'; 10_000];
		std::fs::write(&path, &content).expect("written");
		assert!(matches!(Book::open(&path), Err(BookError::Damaged { .. })));
		assert_eq!(std::fs::read(&path).expect("read"), content);
		let nowhere = Book::open(&directory.path().join("none/book.db"));
		assert!(matches!(nowhere, Err(BookError::File { .. })));
	}

	#[test]
	fn book_is_refused_when_it_is_a_pipe() {
		let directory = tempfile::tempdir().expect("a directory");
		let path = directory.path().join("book.db");
		let made = std::process::Command::new("mkfifo").arg(&path).status();
		assert!(made.expect("it is there").success());
		let error = Book::open(&path).err().expect("refused");
		assert!(matches!(error, BookError::NotAFile(_)), "{error}");
		assert!(error.to_string().ends_with("name a file with --book"), "{error}");
	}

	#[test]
	fn book_of_another_version_is_refused() {
		let directory = tempfile::tempdir().expect("a directory");
		let path = directory.path().join("book.db");
		drop(Book::open(&path).expect("made"));
		let connection = Connection::open(&path).expect("opened");
		connection.pragma_update(None, "user_version", FORMAT + 1).expect("written");
		drop(connection);
		assert!(matches!(Book::open(&path), Err(BookError::Format { found: 2, .. })));
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(64))]

		#[test]
		fn channel_never_promises_more_than_it_holds_and_no_device_less_than_before(
			promises in proptest::collection::vec((0u32..6, 0u64..60, 0u64..60), 1..60),
		) {
			let book = book(100, 4);
			for (device, credits, units) in promises {
				let before = book.last(&GENESIS, 7, device).unwrap();
				let signed = promise(&book, device, credits, units).is_ok();
				let after = book.last(&GENESIS, 7, device).unwrap();
				match signed {
					true => prop_assert_eq!(after, Some(Seat { credits, units })),
					false => prop_assert_eq!(after, before),
				}
				let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
				prop_assert!(after.credits >= before.credits && after.units >= before.units);
				prop_assert!(book.promised(&GENESIS, 7).unwrap() <= 100);
			}
		}
	}
}
