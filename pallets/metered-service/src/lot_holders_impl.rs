//! What the books of credits ask.

use groma_core::money::Balance;
use groma_traits::LotHolders;

use crate::{Channels, Config, Pallet};

impl<T: Config> LotHolders for Pallet<T> {
	fn held() -> (u128, Balance) {
		let readable = Channels::<T>::iter_keys().filter_map(|id| Self::stored_channel(id).ok());
		readable.fold((0, 0), |(credits, basis): (u128, Balance), channel| {
			(
				credits.saturating_add(u128::from(channel.lot.credits())),
				basis.saturating_add(channel.lot.basis()),
			)
		})
	}
}
