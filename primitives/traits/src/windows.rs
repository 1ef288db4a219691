//! The clock of coverage.

use groma_core::WindowIndex;

/// Tells which challenge window it is.
pub trait Windows {
	/// The window of the present block.
	fn current() -> WindowIndex;
}
