//! Why the store cannot be used.

use std::{
	io::{self, ErrorKind},
	path::PathBuf,
};

/// What to do with a file that this build cannot read, and what that costs.
const START_AGAIN: &str = "move it away, with the files next to it that end in `-wal` and `-shm`, and start \
	again; reports that were not settled, evidence that was not reported and the airtime of the last hour \
	are lost with it";

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// The disk or the database fails. It may pass, for example when the disk is full.
	#[error("the store cannot be used: {0}; check the disk's space and health")]
	Database(#[from] rusqlite::Error),
	/// The file cannot be created, locked or read.
	#[error("{path}: {source}; {}", advice(.source))]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// There is something else that is no file.
	#[error("{0} is a device, a pipe or a socket: set `store.path` to a file")]
	NotAFile(PathBuf),
	/// The file is no store, or a damaged one.
	#[error("{path} is no store or a damaged one ({reason}): {START_AGAIN}")]
	Damaged {
		/// Which file.
		path: PathBuf,
		/// What the database says.
		reason: String,
	},
	/// Another process uses the store.
	#[error("{0} is in use: is another groma-device running?")]
	InUse(PathBuf),
	/// The store belongs to another chain.
	#[error(
		"the store belongs to another chain: set `store.path` to a separate file for each chain"
	)]
	OtherChain,
	/// The store cannot be read without write access to its directory.
	#[error(
		"{0} cannot be read without write access to its directory, because {0}-wal holds what was written \
		 last: run this as the user of `groma-device run`, or copy both files to a directory of yours and \
		 set `store.path`"
	)]
	Unfinished(PathBuf),
	/// The store holds nothing yet.
	#[error("{0} is empty: nothing has run on it yet")]
	Empty(PathBuf),
	/// A newer version of the client wrote the store.
	#[error("{path} has format {found}, which a newer version wrote: update this program")]
	Newer {
		/// Which file.
		path: PathBuf,
		/// Its format.
		found: u32,
	},
	/// A newer version of the client keeps reports in the store that this one does not know.
	#[error(
		"the store holds reports of series {0}, which this build does not know: update this program"
	)]
	UnknownSeries(u8),
	/// An older version of the client wrote the store.
	#[error(
		"{path} has format {found}, which an older version wrote and this one does not read: {START_AGAIN}"
	)]
	Older {
		/// Which file.
		path: PathBuf,
		/// Its format.
		found: u32,
	},
}

/// What to do about a file that cannot be used.
fn advice(error: &io::Error) -> &'static str {
	match error.kind() {
		ErrorKind::PermissionDenied => {
			"run this as the user of `groma-device run`, or let this user read and write the file"
		}
		ErrorKind::NotFound => "make its directory, or correct `store.path`",
		ErrorKind::ReadOnlyFilesystem => "set `store.path` to a place that can be written",
		ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free space on the disk",
		_ => "correct `store.path`, or check the disk's health",
	}
}
