//! Feeders and their feeds, and what follows from them: the spot price and its means.

use alloc::vec::Vec;

use frame_support::{
	ensure,
	traits::{Get, Time},
	weights::Weight,
};
use groma_core::price::{Price, lower_median};
use groma_traits::{Standstill, Validators, Windows};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	pallet::{Config, Error, Event, FeederOf, Feeders, Feeds, Pallet, State},
	types::{Feed, PriceState},
	weights::WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// Names the feeder of a validator, or takes the name back.
	pub(crate) fn do_set_feeder(
		validator: T::AccountId,
		feeder: Option<T::AccountId>,
	) -> DispatchResult {
		if feeder.is_some() {
			let is_present = T::Validators::present().contains(&validator);
			ensure!(is_present, Error::<T>::NotValidator);
		}
		if let Some(feeder) = &feeder {
			let named_by = Feeders::<T>::get(feeder);
			ensure!(named_by.is_none_or(|other| other == validator), Error::<T>::FeederOfAnother);
		}
		if let Some(former) = FeederOf::<T>::take(&validator) {
			Feeders::<T>::remove(former);
		}
		if let Some(feeder) = &feeder {
			Feeders::<T>::insert(feeder, &validator);
			FeederOf::<T>::insert(&validator, feeder);
		}
		Self::deposit_event(Event::FeederSet { validator, feeder });
		Ok(())
	}

	/// Takes a feed. Returns how many validators and feeds it had to look at.
	pub(crate) fn do_feed(feeder: &T::AccountId, price: Price) -> Result<u32, DispatchError> {
		let validator = Feeders::<T>::get(feeder).ok_or(Error::<T>::NotFeeder)?;
		let mut state = State::<T>::get().ok_or(Error::<T>::Unreadable)?;
		let mut feeds = Feeds::<T>::get().into_inner();
		Self::follow_session(&mut state, &mut feeds);
		let now_ms = T::Time::now();
		let feed = Feed { validator: validator.clone(), price, at_ms: now_ms };
		match feeds.iter_mut().find(|feed| feed.validator == validator) {
			Some(last) => {
				ensure!(last.admits(price, now_ms), Error::<T>::TooSoon);
				*last = feed;
			}
			None => {
				// Who has a feed is in the set.
				let is_present = T::Validators::present().contains(&validator);
				ensure!(is_present, Error::<T>::NotValidator);
				feeds.push(feed);
			}
		}
		Self::work_out(&mut state, &feeds, now_ms);
		let size = state.validators.max(feeds.len() as u32);
		Self::keep(state, feeds)?;
		Self::deposit_event(Event::PriceFed { validator, price });
		Ok(size)
	}

	/// At the beginning of a block: works out the price again if a feed became too old or the
	/// session is another one, and ends the bootstrap price when its time is over. While the chain
	/// stands still this waits; what is stale is stale all the same.
	pub(crate) fn tick() -> Weight {
		let quiet = T::WeightInfo::on_initialize();
		if T::Standstill::now() {
			return quiet;
		}
		let Some(mut state) = State::<T>::get() else { return quiet };
		let now_ms = T::Time::now();
		let is_time_over =
			state.bootstrap_was.is_none() && T::Windows::current() >= T::BootstrapWindows::get();
		let is_other_session = T::Validators::session() != state.session;
		if !is_time_over && !is_other_session && now_ms < state.look_again_ms {
			return quiet;
		}
		let mut feeds = Feeds::<T>::get().into_inner();
		Self::follow_session(&mut state, &mut feeds);
		Self::work_out(&mut state, &feeds, now_ms);
		if is_time_over {
			Self::end_bootstrap(&mut state);
		}
		let size = state.validators.max(feeds.len() as u32);
		if let Err(fault) = Self::keep(state, feeds) {
			frame_support::defensive!("feeds that were kept fit", fault);
		}
		quiet.saturating_add(T::WeightInfo::look(size))
	}

	/// Forgets the feeds of validators that left, if the session is another one than the last time.
	fn follow_session(state: &mut PriceState, feeds: &mut Vec<Feed<T::AccountId>>) {
		let session = T::Validators::session();
		if session == state.session {
			return;
		}
		let mut present = T::Validators::present();
		present.sort_unstable();
		feeds.retain(|feed| present.binary_search(&feed.validator).is_ok());
		state.session = session;
		state.validators = present.len() as u32;
	}

	/// Works out the price as of now. If the feeds that count are a quorum, their lower median is
	/// the spot price, and holds until so many of them are too old that the rest is none.
	fn work_out(state: &mut PriceState, feeds: &[Feed<T::AccountId>], now_ms: u64) {
		state.advance(now_ms);
		let fresh = || feeds.iter().filter(move |feed| feed.is_fresh(now_ms));
		let mut ends: Vec<u64> = fresh().map(Feed::stale_at_ms).collect();
		state.look_again_ms = ends.iter().copied().min().unwrap_or(u64::MAX);
		let needed = Self::quorum(state.validators);
		let mut prices: Vec<Price> = fresh().map(|feed| feed.price).collect();
		// With the n-th of the feeds, from that which ends last, the quorum of n is lost.
		let end = ends.len().checked_sub(needed as usize).map(|n| *ends.select_nth_unstable(n).1);
		match (end, lower_median(&mut prices)) {
			(Some(end), Some(spot)) => {
				state.agree(spot, end, now_ms);
				Self::end_bootstrap(state);
			}
			_ => state.disagree(now_ms),
		}
	}

	/// How many of so many validators are a quorum: at least one.
	pub(crate) fn quorum(validators: u32) -> u32 {
		T::Quorum::get().mul_ceil(validators).max(1)
	}

	/// Ends the bootstrap price for good, if it has not ended before.
	fn end_bootstrap(state: &mut PriceState) {
		if state.bootstrap_was.is_none() {
			let price = T::BootstrapPrice::get();
			state.bootstrap_was = Some(price);
			Self::deposit_event(Event::BootstrapEnded { price });
		}
	}

	fn keep(state: PriceState, feeds: Vec<Feed<T::AccountId>>) -> DispatchResult {
		Feeds::<T>::put(Self::bounded(feeds)?);
		State::<T>::put(state);
		Ok(())
	}

	fn bounded(
		feeds: Vec<Feed<T::AccountId>>,
	) -> Result<frame_support::BoundedVec<Feed<T::AccountId>, T::MaxValidators>, DispatchError> {
		feeds.try_into().map_err(|_| Error::<T>::TooManyFeeds.into())
	}
}
