//! The questions that the pool asks the chain.

use groma_core::WindowIndex;
use sp_api::ApiError;

use super::{outcome::Verdict, series::Entry};

/// A chain that knows which reports its next block would take.
pub(crate) trait Verdicts: Send + Sync {
	/// The window of the best block.
	fn window(&self) -> Result<WindowIndex, ApiError>;
	/// Whether a report would be taken.
	fn verdict(&self, report: &Entry) -> Result<Verdict, ApiError>;
}
