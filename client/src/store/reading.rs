//! Looking at a store, while another process may use it, and without write access.

use std::{
	ffi::OsString,
	fmt::Write,
	fs::{self, File},
	io,
	os::unix::ffi::OsStrExt,
	path::Path,
	sync::Mutex,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Store, error::StoreError, expect_file, schema};

impl Store {
	/// Whether there is a file at `path`.
	pub fn exists(path: &Path) -> Result<bool, StoreError> {
		path.try_exists().map_err(failed(path))
	}

	/// Opens the store at `path` to look at it while another process may use it. No write access is
	/// needed, neither to the file nor to its directory.
	pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
		expect_file(path)?;
		// SQLite says no more than that it cannot open the file.
		let metadata = File::open(path).and_then(|file| file.metadata()).map_err(failed(path))?;
		if metadata.is_dir() {
			return Err(failed(path)(io::ErrorKind::IsADirectory.into()));
		}
		let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
		match Self::to_read(connection, path) {
			Err(StoreError::Database(error)) if is_about_writing(&error) => {
				Self::open_at_rest(path)
			}
			opened => opened,
		}
	}

	/// Opens a store of which nothing is in use. SQLite keeps two files next to a database, also
	/// for those who only read. Where these cannot be made, they are not needed as long as nothing
	/// waits in the first of them.
	fn open_at_rest(path: &Path) -> Result<Self, StoreError> {
		let mut log = OsString::from(path);
		log.push("-wal");
		match fs::metadata(&log) {
			Ok(log) if log.len() > 0 => return Err(StoreError::Unfinished(path.to_owned())),
			Err(error) if error.kind() != io::ErrorKind::NotFound => {
				return Err(failed(Path::new(&log))(error));
			}
			_ => {}
		}
		let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
		Self::to_read(Connection::open_with_flags(immutable(path), flags)?, path)
	}

	fn to_read(connection: Connection, path: &Path) -> Result<Self, StoreError> {
		schema::check(&connection, path)?;
		schema::expect_tables(&connection, path)?;
		Ok(Self { connection: Mutex::new(connection), _lock: None })
	}
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
	let path = path.to_owned();
	move |source| StoreError::File { path, source }
}

/// Whether SQLite could not make the files next to the database.
fn is_about_writing(error: &rusqlite::Error) -> bool {
	matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// The URI of a database that does not change while it is read.
fn immutable(path: &Path) -> String {
	// What follows two slashes is the name of a host, which is empty.
	let mut uri = String::from(if path.is_absolute() { "file://" } else { "file:" });
	for byte in path.as_os_str().as_bytes() {
		match byte {
			b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
			byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
			byte => {
				// Writing to a string cannot fail.
				let _ = write!(uri, "%{byte:02X}");
			}
		}
	}
	uri.push_str("?immutable=1");
	uri
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn path_of_any_bytes_is_a_uri() {
		assert_eq!(
			immutable(Path::new("/var/lib/a-b_1.db")),
			"file:///var/lib/a-b_1.db?immutable=1"
		);
		assert_eq!(immutable(Path::new("a?b #%ü")), "file:a%3Fb%20%23%25%C3%BC?immutable=1");
	}
}
