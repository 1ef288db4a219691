//! What GRM is worth.

use groma_core::money::Price;

/// What the chain knows of the price of GRM, in nano-USD per GRM.
pub trait Prices {
	/// Whether what is known of the price can be read. If not, the prices below but for the first
	/// are substitutes, by which nothing may be paid and no bond be measured.
	fn is_readable() -> bool {
		true
	}

	/// The price at which credits are minted now: the lower of spot and mean; `None` while the
	/// price is stale.
	fn mint_price() -> Option<Price>;

	/// The mean of the last closed epoch; the bootstrap price until one has closed.
	fn closed_epoch_mean() -> Price;

	/// The last good price: for fees. Never stale.
	fn last_good() -> Price;
}
