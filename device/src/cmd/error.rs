//! Why a command fails.

use groma_client::{chain::ChainError, keys::KeyError, owner::OwnerError, store::StoreError};

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
}
