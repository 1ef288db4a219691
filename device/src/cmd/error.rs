//! Why a command fails.

use groma_client::{
	audit::AuditError, chain::ChainError, keys::KeyError, owner::OwnerError, store::StoreError,
};

use crate::{server::ServerError, settings::SettingsError};

/// Why a command fails.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
	/// The settings cannot be used.
	#[error(transparent)]
	Settings(#[from] SettingsError),
	/// A session key cannot be used.
	#[error(transparent)]
	Key(#[from] KeyError),
	/// The store cannot be used.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The chain does not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The server does not run.
	#[error(transparent)]
	Server(#[from] ServerError),
	/// The owner's key cannot be used.
	#[error(transparent)]
	Owner(#[from] OwnerError),
	/// Payouts cannot be recomputed.
	#[error(transparent)]
	Audit(#[from] AuditError),
	/// A listener cannot be opened.
	#[error("{what} cannot be opened: {source}")]
	Listen {
		/// Which setting.
		what: String,
		/// What the system says.
		source: std::io::Error,
	},
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
			Self::Partly(_) => 3,
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
			(CommandError::Partly("one of two".to_owned()), 3),
			(unsettled.into(), 4),
		] {
			assert_eq!(error.exit_code(), code, "{error}");
		}
	}
}
