//! Why a command fails.

use std::{io, path::PathBuf};

use groma_client::{
	chain::ChainError, console::Unwritten, keys::KeyError, owner::OwnerError, short_text::NotText,
};

use crate::{book::BookError, voucher::NoVoucher};

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
	/// The process cannot wait for sockets.
	#[error(
		"the process cannot wait for sockets: {0}; see how many files it may open (`ulimit -n`)"
	)]
	Runtime(io::Error),
	/// The signer's key cannot be used.
	#[error(transparent)]
	Key(#[from] KeyError),
	/// The book cannot be used, or a voucher is not signed.
	#[error(transparent)]
	Book(#[from] BookError),
	/// The chain does not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The account cannot be used, or its call fails.
	#[error(transparent)]
	Owner(#[from] OwnerError),
	/// A file of vouchers cannot be read.
	#[error("{path} cannot be read: {source}; correct the path")]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// A file of vouchers is no text.
	#[error("{path} {fault}: split it, or save it as lines of text")]
	NotText {
		/// Which file.
		path: PathBuf,
		/// What it is.
		fault: NotText,
	},
	/// A file of vouchers holds something else.
	#[error("{path}: {fault}")]
	NoVoucher {
		/// Which file.
		path: PathBuf,
		/// What is wrong.
		fault: NoVoucher,
	},
	/// The answer cannot be shown.
	#[error(transparent)]
	Unwritten(#[from] Unwritten),
	/// The answer cannot be written as JSON.
	#[error("the answer cannot be written as JSON: {0}")]
	Json(#[from] serde_json::Error),
	/// What was asked for does not fit.
	#[error("{0}")]
	Input(String),
	/// Some of what was asked for is done, and some is not.
	#[error("{0}")]
	Partly(String),
}

impl CommandError {
	/// The exit code by which scripts distinguish errors. 2 is that of arguments that do not fit.
	pub fn exit_code(&self) -> u8 {
		match self {
			Self::Partly(_) | Self::Unwritten(_) | Self::Owner(OwnerError::Unread(_)) => 3,
			Self::Owner(OwnerError::Unsettled { .. }) => 4,
			_ => 1,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn exit_codes_tell_what_was_done() {
		let unsettled = OwnerError::Unsettled { transaction: "0x1".into(), reason: "gone".into() };
		for (error, code) in [
			(CommandError::Input("no".to_owned()), 1),
			(OwnerError::Refused("no".to_owned()).into(), 1),
			(BookError::UnknownChannel(7).into(), 1),
			(CommandError::Partly("one of two".to_owned()), 3),
			(OwnerError::Unread("no event".to_owned()).into(), 3),
			(unsettled.into(), 4),
		] {
			assert_eq!(error.exit_code(), code, "{error}");
		}
	}
}
