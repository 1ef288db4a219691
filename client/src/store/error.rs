//! Why the store cannot be used.

use std::{io, path::PathBuf};

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// The disk or the database fails. It may pass, for example when the disk is full.
	#[error("the store cannot be used: {0}; check the disk's space and health")]
	Database(#[from] rusqlite::Error),
	/// The file cannot be created or locked.
	#[error("{path}: {source}")]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// The file is no store, or a damaged one.
	#[error(
		"{path} is no store or a damaged one ({reason}): move it away and start again; what was not settled \
		 yet is lost, no more"
	)]
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
		"the store belongs to another chain: set `store.path` to a file of its own for each chain"
	)]
	OtherChain,
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
		"{path} has format {found}, which an older version wrote: move it away and start again; reports \
		 that were not settled are lost, nothing else"
	)]
	Older {
		/// Which file.
		path: PathBuf,
		/// Its format.
		found: u32,
	},
}
