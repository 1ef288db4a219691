//! Whether the chain stands still.

/// Whether a migration runs or safe mode is on. While it does, no hook writes what a stepped
/// migration may touch: nothing is closed, folded, pruned or swept, and collectors send nothing.
pub trait Standstill {
	/// Whether the present block stands still.
	fn now() -> bool;
}

/// A chain that never stands still.
impl Standstill for () {
	fn now() -> bool {
		false
	}
}
