//! What must hold of the whole state between blocks.

use alloc::collections::BTreeSet;

use frame_support::{ensure, traits::Time};
use sp_runtime::TryRuntimeError;

use crate::pallet::{Config, FeederOf, Feeders, Pallet};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for validator in FeederOf::<T>::iter_keys() {
			let feeder = Self::feeder_of(&validator).value().ok_or("a feeder does not decode")?;
			let named_by = Self::validator_of(&feeder).value();
			ensure!(named_by == Some(validator), "a validator lacks its feeder");
		}
		for feeder in Feeders::<T>::iter_keys() {
			let validator = Self::validator_of(&feeder).value();
			let validator = validator.ok_or("the validator of a feeder does not decode")?;
			let named = Self::feeder_of(&validator).value();
			ensure!(named == Some(feeder), "a feeder lacks its validator");
		}
		let now_ms = T::Time::now();
		let feeds = Self::feeds().ok_or("the feeds cannot be read")?;
		let validators: BTreeSet<_> = feeds.iter().map(|feed| feed.validator.clone()).collect();
		ensure!(validators.len() == feeds.len(), "a validator has two feeds");
		ensure!(feeds.iter().all(|feed| feed.at_ms <= now_ms), "a feed is of the future");
		let state = Self::state().ok_or("what is known of the price cannot be read")?;
		ensure!(
			feeds.len() as u32 <= state.validators || feeds.is_empty(),
			"there are more feeds than validators"
		);
		let Some(market) = state.market else { return Ok(()) };
		ensure!(state.bootstrap_was.is_some(), "the bootstrap price outlived the first quorum");
		ensure!(market.counted_ms <= now_ms, "the mean weighs the future");
		Ok(())
	}
}
