//! The state itself: what of it cannot be read.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::NetworkId;

/// What of the state does not decode, and stands still for that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct UnreadableInfo {
	/// Whether the clock of windows cannot be read: the window goes on without end.
	pub window_clock: bool,
	/// Whether the clock of epochs or the books of the emission cannot be read: no epoch closes.
	pub epochs: bool,
	/// The networks whose records cannot be read: none of their devices is challenged or judged.
	pub networks: Vec<NetworkId>,
}
