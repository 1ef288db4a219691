//! What the books of credits ask.

use groma_core::money::Balance;
use groma_traits::LotHolders;

use crate::{Channels, Config, Pallet};

impl<T: Config> LotHolders for Pallet<T> {
	fn held() -> (u128, Balance) {
		Channels::<T>::iter_values().fold((0, 0), |(credits, basis): (u128, Balance), channel| {
			(
				credits.saturating_add(u128::from(channel.lot.credits())),
				basis.saturating_add(channel.lot.basis()),
			)
		})
	}
}
