//! Prices that tests set.

use frame_support::parameter_types;
use groma_core::money::Price;
use groma_traits::Prices;

use crate::Fakes;

parameter_types! {
	/// The price at which credits are minted, in nano-USD per GRM; 0 while it is stale.
	pub storage MintPrice: u64 = 100_000_000;
	/// The mean of the last closed epoch, in nano-USD per GRM.
	pub storage EpochMean: u64 = 100_000_000;
	/// The last good price, in nano-USD per GRM.
	pub storage LastGood: u64 = 100_000_000;
	/// Whether the price cannot be read.
	pub storage PriceIsUnreadable: bool = false;
}

impl<T, C> Prices for Fakes<T, C> {
	fn is_readable() -> bool {
		!PriceIsUnreadable::get()
	}

	fn mint_price() -> Option<Price> {
		Price::new(MintPrice::get())
	}

	fn closed_epoch_mean() -> Price {
		Price::clamp(EpochMean::get())
	}

	fn last_good() -> Price {
		Price::clamp(LastGood::get())
	}
}
