//! The questions that the pool asks the chain.

use groma_core::WindowIndex;
use sp_api::ApiError;

use super::{outcome::Verdict, series::Entry};

/// The chain, as the pool asks it.
pub(crate) trait Verdicts: Send + Sync {
	/// The window of the best block.
	fn window(&self) -> Result<WindowIndex, ApiError>;
	/// Whether the next block would take a report.
	fn verdict(&self, report: &Entry) -> Result<Verdict, ApiError>;
}
