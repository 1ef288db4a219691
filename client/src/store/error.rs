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
	/// A newer version of the client wrote the store.
	#[error("a newer groma-device wrote the store (format {0}): update this one")]
	Newer(u32),
	/// An older version of the client wrote the store, and this one has not run on it.
	#[error("an older groma-device wrote the store (format {0}): start `groma-device run` first")]
	Older(u32),
}
