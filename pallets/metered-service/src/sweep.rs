//! The seats of channels that ended are removed with what is left of blocks' weight. Where the last
//! block stopped shows in what is left: the first seat of the first channel.

use frame_support::weights::{Weight, WeightMeter};
use groma_core::ChannelId;
use groma_traits::Standstill;

use crate::{Config, Pallet, Seats, Swept, WeightInfo};

impl<T: Config> Pallet<T> {
	/// Has the seats of a channel removed.
	pub(crate) fn sweep_later(channel: ChannelId) {
		Swept::<T>::insert(channel, ());
	}

	/// Removes seats of channels that ended, as far as `limit` allows; none while the chain stands
	/// still.
	pub(crate) fn sweep(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		while meter.try_consume(T::WeightInfo::sweep_channel()).is_ok() {
			if T::Standstill::now() {
				break;
			}
			let Some(channel) = Swept::<T>::iter_keys().next() else { break };
			if !sweep_seats::<T>(channel, &mut meter) {
				break;
			}
			Swept::<T>::remove(channel);
		}
		meter.consumed()
	}
}

/// Removes seats of a channel and says whether none is left.
fn sweep_seats<T: Config>(channel: ChannelId, meter: &mut WeightMeter) -> bool {
	let mut seats = Seats::<T>::drain_prefix(channel);
	while meter.try_consume(T::WeightInfo::sweep_seat()).is_ok() {
		if seats.next().is_none() {
			return true;
		}
	}
	false
}
