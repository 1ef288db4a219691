//! Why a command fails.

use std::io::ErrorKind;

use groma_client::{
	audit::AuditError, chain::ChainError, console::Unwritten, keys::KeyError, owner::OwnerError,
	store::StoreError,
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
	#[error("{what} cannot be opened: {source}{}", advice(.source))]
	Listen {
		/// Which setting.
		what: String,
		/// What the system says.
		source: std::io::Error,
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

/// What to do about an address at which no one can listen.
fn advice(error: &std::io::Error) -> &'static str {
	match error.kind() {
		ErrorKind::AddrInUse => {
			"; stop what has the port, such as another groma-device, or choose another in the settings"
		}
		ErrorKind::AddrNotAvailable => "; name an address of this machine in the settings",
		ErrorKind::PermissionDenied => "; choose a port above 1023 in the settings",
		_ => "",
	}
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
	fn address_that_is_taken_or_foreign_comes_with_what_to_do() {
		let listen = |kind: ErrorKind| {
			CommandError::Listen { what: "radio.listen".to_owned(), source: kind.into() }
				.to_string()
		};
		for (kind, part) in [
			(ErrorKind::AddrInUse, "stop what has the port"),
			(ErrorKind::AddrNotAvailable, "name an address of this machine"),
			(ErrorKind::PermissionDenied, "a port above 1023"),
		] {
			let text = listen(kind);
			assert!(text.starts_with("radio.listen cannot be opened: "), "{text}");
			assert!(text.contains(part), "{text}");
		}
	}

	#[test]
	fn exit_codes_tell_what_was_done() {
		let unsettled = OwnerError::Unsettled { transaction: "0x1".into(), reason: "gone".into() };
		for (error, code) in [
			(CommandError::Input("no".to_owned()), 1),
			(OwnerError::Refused("no".to_owned()).into(), 1),
			(CommandError::Partly("one of two".to_owned()), 3),
			(OwnerError::Unread("no event".to_owned()).into(), 3),
			(unsettled.into(), 4),
		] {
			assert_eq!(error.exit_code(), code, "{error}");
		}
	}
}
