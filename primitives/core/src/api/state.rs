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
	/// Eras, the last first, whose first sessions cannot be read: no offence in them, or in eras
	/// before them, can be reported.
	pub starts: Vec<EraIndex>,
	/// How many validators' work in an epoch cannot be read: it earns nothing. As of all numbers
	/// that follow, so many entries of the state are looked at:
	/// [`ENTRIES_WATCHED_MAX`](crate::protocol::ENTRIES_WATCHED_MAX).
	pub works: u32,
	/// Whether the keys in use cannot be read: no use of a key begins or ends. Or whether it cannot
	/// be read which uses are over: none is forgotten.
	pub key_history: bool,
	/// How many uses of keys cannot be read: what was signed in them cannot be reported. Or of how
	/// many it cannot be read when they were over: they are not forgotten.
	pub key_uses: u32,
	/// How many offences cannot be read: no slash is taken for them.
	pub offences: u32,
	/// Eras, the last first, whose counts of offenders cannot be read: an offence costs the least.
	pub offender_counts: Vec<EraIndex>,
	/// Whether it cannot be read which slashes wait: they apply by calls, or when their offences
	/// are forgotten.
	pub slash_queue: bool,
	/// How many slashes in the queue cannot be read: they apply as without the queue.
	pub slashes: u32,
	/// Whether it cannot be read of which eras offences are forgotten: none is any more.
	pub sweep: bool,
	/// Whether it cannot be read who is out of the next election for an offence: no one is.
	pub barred: bool,
	/// How many provisions for devices cannot be read: they cover nothing and stay.
	pub provisions: u32,
	/// How many operators cannot be read: nothing of them is slashed or rewarded, and no one joins
	/// or leaves.
	pub operators: u32,
	/// How many delegations cannot be read: they stay.
	pub delegations: u32,
	/// How many tranches of delegated stake cannot be read: it is neither slashed nor withdrawn.
	pub tranches: u32,
	/// How many ends of pools that lost all cannot be read: delegations from before are not
	/// settled.
	pub generations: u32,
	/// Whether the meter on what leaves the treasury cannot be read: nothing leaves it.
	pub outflow: bool,
}
