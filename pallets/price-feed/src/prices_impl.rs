//! What others ask: prices, and the notice that an epoch is over.

use frame_support::{
	traits::{Get, Time},
	weights::Weight,
};
use groma_core::{
	api::PriceInfo,
	money::Balance,
	price::{HeldPrices, Price},
};
use groma_traits::{ClosedEpoch, OnEpochClosed, Prices};

use crate::{
	pallet::{Config, Event, Pallet, State},
	types::PriceState,
	weights::WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// The price at which credits are minted, as one state has it.
	fn mint_price_of(state: &PriceState, now_ms: u64) -> Option<Price> {
		if state.bootstrap_was.is_none() {
			return Some(T::BootstrapPrice::get());
		}
		Some(state.spot(now_ms)?.min(state.mean(now_ms)?))
	}

	fn last_good_of(state: &PriceState) -> Price {
		let market = state.market.map(|market| market.spot);
		market.or(state.bootstrap_was).unwrap_or_else(T::BootstrapPrice::get)
	}

	fn epoch_mean_of(state: &PriceState) -> Price {
		state.epoch_mean.or(state.bootstrap_was).unwrap_or_else(T::BootstrapPrice::get)
	}

	/// Whether state and feeds can be read.
	pub fn has_readable_state() -> bool {
		Self::state().is_some() && Self::feeds().is_some()
	}

	/// What is known of the price, for clients. `None` if the state or the feeds cannot be read.
	pub fn price_info() -> Option<PriceInfo> {
		let state = Self::state()?;
		let now_ms = T::Time::now();
		let feeds = Self::feeds()?;
		let newest = feeds.iter().map(|feed| feed.at_ms).max();
		Some(PriceInfo {
			spot: state.spot(now_ms),
			mean: state.mean(now_ms),
			mint: Self::mint_price_of(&state, now_ms),
			epoch_mean: Self::epoch_mean_of(&state),
			last_good: Self::last_good_of(&state),
			age_ms: newest.map(|at_ms| now_ms.saturating_sub(at_ms)),
			fresh_feeders: feeds.iter().filter(|feed| feed.is_fresh(now_ms)).count() as u32,
			quorum: Self::quorum(state.validators),
			validators: state.validators,
			bootstrap: state.bootstrap_was.is_none().then(T::BootstrapPrice::get),
		})
	}
}

/// While the state cannot be read, nothing is minted, nothing is claimed and no channel is opened:
/// those who need the price ask [`Prices::is_readable`] first. Fees go by the bootstrap price.
impl<T: Config> Prices for Pallet<T> {
	fn is_readable() -> bool {
		Self::state().is_some()
	}

	fn mint_price() -> Option<Price> {
		Self::mint_price_of(&Self::state()?, T::Time::now())
	}

	fn closed_epoch_mean() -> Price {
		Self::state().map_or_else(T::BootstrapPrice::get, |state| Self::epoch_mean_of(&state))
	}

	fn last_good() -> Price {
		Self::state().map_or_else(T::BootstrapPrice::get, |state| Self::last_good_of(&state))
	}
}

/// An epoch's prices are those from one close to the next: the block that closes an epoch belongs
/// to it, since no one knows its end before.
impl<T: Config> OnEpochClosed for Pallet<T> {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		if let Some(mut state) = Self::state() {
			state.advance(T::Time::now());
			state.epoch_mean = state.epoch.mean().or(state.epoch_mean);
			state.epoch = HeldPrices::NONE;
			State::<T>::put(state);
			let mean = Self::epoch_mean_of(&state);
			Self::deposit_event(Event::EpochPriced { epoch: closed.epoch, mean });
		}
		T::WeightInfo::close_epoch()
	}

	fn owed() -> Balance {
		0
	}
}
