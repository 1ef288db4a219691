//! The state itself: what of it cannot be read.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{EraIndex, NetworkId};

/// What of the state does not decode, and stands still for that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct UnreadableInfo {
	/// Whether the clock of windows cannot be read: the window goes on without end.
	pub window_clock: bool,
	/// Whether the clock of epochs or the books of the emission cannot be read: no epoch closes.
	pub epochs: bool,
	/// The networks whose records cannot be read, so that none of their devices is challenged or
	/// judged, or how many active devices they have, so that none is challenged.
	pub networks: Vec<NetworkId>,
	/// Whether what is known of the price cannot be read: nothing is minted, fed or claimed.
	pub price: bool,
	/// Whether the books of credits cannot be read: nothing is minted or claimed.
	pub credits: bool,
	/// Whether the counter of channels, or what their graces depend on, cannot be read: none is
	/// opened or finished.
	pub channels: bool,
	/// Whether raises of the stake per device cannot be read: no terms are updated and no raise
	/// comes into force, or units of a network wait.
	pub raises: bool,
	/// The networks whose sum of stake cannot be read: nothing is provisioned for them or thaws.
	pub stake: Vec<NetworkId>,
	/// Whether the clock of eras cannot be read: no one is elected and no era ends.
	pub eras: bool,
	/// Whether the list of candidates cannot be read: no one declares or resigns, and the set
	/// stays.
	pub candidates: bool,
	/// Eras, the last first, whose sets cannot be read, with the stake that stood behind them.
	pub sets: Vec<EraIndex>,
	/// Whether the number of validators with points cannot be read: in an epoch that is not closed
	/// no further validator gets any.
	pub points: bool,
	/// Whether the sums over what is delegated cannot be read: how much waits to be burned is not
	/// known.
	pub delegated: bool,
}
