//! The price that fees of transactions go by.

use groma_core::price::Price;
use groma_traits::Prices;

use crate::pallet::{Config, FeePrice, Pallet};

impl<T: Config> Pallet<T> {
	/// The price that fees go by: within a block the last good price when it began, so that no
	/// transaction changes what the next one pays; between two blocks what the next one begins
	/// with, so that clients learn what is charged.
	pub fn fee_price() -> Price {
		FeePrice::<T>::get().unwrap_or_else(<Self as Prices>::last_good)
	}

	/// Fixes the price of fees for a block. It comes before whatever else a block does to the
	/// price: so it is the price that the state before the block has.
	pub(crate) fn fix_fee_price() {
		FeePrice::<T>::put(<Self as Prices>::last_good());
	}

	/// Forgets the price of fees at the end of a block: it is never stored.
	pub(crate) fn release_fee_price() {
		FeePrice::<T>::kill();
	}
}
