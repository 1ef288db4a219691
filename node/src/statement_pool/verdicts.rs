//! What the chain says about a statement or a reveal: its runtime APIs at the best block.

use std::sync::Arc;

use groma_core::{
	WindowIndex,
	api::Refusal,
	statement::{Reveal, Statement},
};
use groma_runtime_api::CoverageApi;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;

use crate::types::FullClient;

/// Whoever knows what the chain would take in its next block.
pub(crate) trait Verdicts: Send + Sync {
	/// The window of the best block.
	fn window(&self) -> Result<WindowIndex, ApiError>;
	/// Whether a statement would be taken.
	fn statement(&self, statement: &Statement) -> Result<Result<(), Refusal>, ApiError>;
	/// Whether a reveal would be taken.
	fn reveal(&self, reveal: &Reveal) -> Result<Result<(), Refusal>, ApiError>;
}

impl Verdicts for Arc<FullClient> {
	fn window(&self) -> Result<WindowIndex, ApiError> {
		Ok(self.runtime_api().window(self.info().best_hash)?.index)
	}

	fn statement(&self, statement: &Statement) -> Result<Result<(), Refusal>, ApiError> {
		self.runtime_api().check_statement(self.info().best_hash, *statement)
	}

	fn reveal(&self, reveal: &Reveal) -> Result<Result<(), Refusal>, ApiError> {
		self.runtime_api().check_reveal(self.info().best_hash, *reveal)
	}
}
