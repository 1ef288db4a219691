//! Why a call of an owner fails.

use std::{error::Error, path::PathBuf};

/// Why a call of an owner fails.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
	/// The key's URI is of no known form.
	#[error(
		"an owner's key is `file:PATH` of a file with the recovery phrase or the secret, or on \
		 development chains `//Alice` and the like"
	)]
	UnknownForm,
	/// The file cannot be read.
	#[error("{path}: {source}")]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: std::io::Error,
	},
	/// The file holds something else.
	#[error("the owner's key is neither a recovery phrase nor a secret: {0}")]
	Malformed(String),
	/// The node cannot be reached.
	#[error("the node cannot be reached: {0}; check --endpoint or `chain.endpoints`")]
	Unreachable(String),
	/// The runtime does not know the call, or what it answers is not understood.
	#[error("the chain does not understand this build ({0}): update groma-device")]
	Incompatible(String),
	/// The transaction was not included, or failed.
	#[error("the chain refuses: {0}")]
	Refused(String),
	/// Every transaction of the call was overtaken, and none will be included.
	#[error(
		"other transactions of the account took the place of this one {0} times, and it did nothing: see \
		 that the key is used in one place only, and try again"
	)]
	Overtaken(u32),
	/// Nothing tells whether the transaction was included.
	#[error(
		"it is not known what became of transaction {transaction} ({reason}): see whether the chain holds it \
		 before you try again"
	)]
	Unsettled {
		/// Its hash.
		transaction: String,
		/// What was heard last.
		reason: String,
	},
}

impl OwnerError {
	/// Whether nothing was submitted that may still be included, and the same call may succeed
	/// later.
	pub fn is_retryable(&self) -> bool {
		matches!(self, Self::Unreachable(_))
	}
}

pub(super) fn unreachable(error: &dyn Error) -> OwnerError {
	OwnerError::Unreachable(error.to_string())
}

pub(super) fn incompatible(error: &dyn Error) -> OwnerError {
	OwnerError::Incompatible(error.to_string())
}
