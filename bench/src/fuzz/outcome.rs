//! What became of an input.

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
	/// It was read.
	Read,
	/// Something in it could not be read, or it was not taken.
	Refused,
}
