//! Feeders and their feeds, and what follows from them: the spot price and its means.

use alloc::vec::Vec;

use frame_support::{
	ensure,
	traits::{Get, Time},
	weights::Weight,
};
use groma_core::price::{Price, lower_median};
use groma_stored::Stored;
use groma_traits::{Standstill, Validators, Windows};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	pallet::{Config, Error, Event, FeederOf, Feeders, Feeds, Pallet, State},
	types::{Feed, PriceState},
	weights::WeightInfo,
};

/// The latest feed of each validator, as it is stored.
type FeedsOf<T> = frame_support::BoundedVec<
	Feed<<T as frame_system::Config>::AccountId>,
	<T as Config>::MaxValidators,
>;

/// Why a feed would be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedRefusal {
	/// The account feeds for no validator of the present set.
	NotFeeder,
	/// The last feed of its validator is too young, and the price moved too little since.
	TooSoon,
	/// What is known of the price, the feeds, or the validator of the feeder cannot be read.
	Unreadable,
}

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
			match Self::validator_of(feeder) {
				Stored::Value(other) => ensure!(other == validator, Error::<T>::FeederOfAnother),
				Stored::Absent => (),
				Stored::Undecodable => return Err(Error::<T>::Unreadable.into()),
			}
		}
		let former = Self::feeder_of(&validator);
		ensure!(!former.is_undecodable(), Error::<T>::Unreadable);
		if let Some(former) = former.value() {
			FeederOf::<T>::remove(&validator);
			Feeders::<T>::remove(former);
		}
		if let Some(feeder) = &feeder {
			Feeders::<T>::insert(feeder, &validator);
			FeederOf::<T>::insert(&validator, feeder);
		}
		Self::deposit_event(Event::FeederSet { validator, feeder });
		Ok(())
	}

	/// Whose feeder an account is.
	pub(crate) fn validator_of(feeder: &T::AccountId) -> Stored<T::AccountId> {
		groma_stored::entry::<Feeders<T>, _, T::AccountId>(feeder)
	}

	/// Who feeds for a validator.
	pub(crate) fn feeder_of(validator: &T::AccountId) -> Stored<T::AccountId> {
		groma_stored::entry::<FeederOf<T>, _, T::AccountId>(validator)
	}

	/// What is known of the price; `None` if it cannot be read.
	pub(crate) fn state() -> Option<PriceState> {
		groma_stored::value::<State<T>, PriceState>().value()
	}

	/// The latest feeds; `None` if they cannot be read.
	pub(crate) fn feeds() -> Option<Vec<Feed<T::AccountId>>> {
		let feeds =
			groma_stored::value::<Feeds<T>, FeedsOf<T>>().or_absent(FeedsOf::<T>::default());
		feeds.map(FeedsOf::<T>::into_inner)
	}

	/// What keeps the next block from taking a feed: for the transaction pool, and for blocks
	/// before a transaction pays. Nothing changes.
	pub fn check_feed(feeder: &T::AccountId, price: Price) -> Result<(), FeedRefusal> {
		let stored = Self::validator_of(feeder);
		let validator = stored.ok_or(FeedRefusal::NotFeeder, FeedRefusal::Unreadable)?;
		if !T::Validators::present().contains(&validator) {
			return Err(FeedRefusal::NotFeeder);
		}
		let (Some(feeds), Some(_)) = (Self::feeds(), Self::state()) else {
			return Err(FeedRefusal::Unreadable);
		};
		let now_ms = T::Time::now();
		let is_too_soon = |feed: &Feed<T::AccountId>| !feed.admits(price, now_ms);
		match feeds.iter().find(|feed| feed.validator == validator) {
			Some(last) if is_too_soon(last) => Err(FeedRefusal::TooSoon),
			_ => Ok(()),
		}
	}

	/// Takes a feed. Returns how many validators and feeds it had to look at.
	pub(crate) fn do_feed(feeder: &T::AccountId, price: Price) -> Result<u32, DispatchError> {
		let stored = Self::validator_of(feeder);
		let validator = stored.ok_or(Error::<T>::NotFeeder, Error::<T>::Unreadable)?;
		let mut state = Self::state().ok_or(Error::<T>::Unreadable)?;
		let mut feeds = Self::feeds().ok_or(Error::<T>::Unreadable)?;
		Self::follow_session(&mut state, &mut feeds);
		let now_ms = T::Time::now();
		let feed = Feed { validator: validator.clone(), price, at_ms: now_ms };
		match feeds.iter_mut().find(|feed| feed.validator == validator) {
			Some(last) => {
				ensure!(last.admits(price, now_ms), Error::<T>::TooSoon);
				Self::note_fed(last, now_ms);
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

	/// Has the time counted for which the last feed of a validator was fresh. The next one follows
	/// it, so no time is counted twice, however often it feeds.
	fn note_fed(last: &Feed<T::AccountId>, now_ms: u64) {
		let fed_ms = last.fresh_ms(now_ms);
		<T::FeedWork as groma_traits::FeedWork<_>>::note_fed(&last.validator, fed_ms);
	}

	/// At the beginning of a block: works out the price again if a feed became too old or the
	/// session is another one, and ends the bootstrap price when its time is over. While the chain
	/// stands still this waits; what is stale is stale all the same.
	pub(crate) fn tick() -> Weight {
		let quiet = T::WeightInfo::on_initialize();
		if T::Standstill::now() {
			return quiet;
		}
		let Some(mut state) = Self::state() else { return quiet };
		let now_ms = T::Time::now();
		let is_time_over =
			state.bootstrap_was.is_none() && T::Windows::current() >= T::BootstrapWindows::get();
		let is_other_session = T::Validators::session() != state.session;
		if !is_time_over && !is_other_session && now_ms < state.look_again_ms {
			return quiet;
		}
		// Feeds that cannot be read count for none, and stay as they are: the price becomes stale.
		let readable = Self::feeds();
		let has_feeds = readable.is_some();
		let mut feeds = readable.unwrap_or_default();
		Self::follow_session(&mut state, &mut feeds);
		Self::work_out(&mut state, &feeds, now_ms);
		if is_time_over {
			Self::end_bootstrap(&mut state);
		}
		let size = state.validators.max(feeds.len() as u32);
		if !has_feeds {
			State::<T>::put(state);
		} else if let Err(fault) = Self::keep(state, feeds) {
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

	/// Ends the bootstrap price permanently, if it has not ended before.
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

	fn bounded(feeds: Vec<Feed<T::AccountId>>) -> Result<FeedsOf<T>, DispatchError> {
		feeds.try_into().map_err(|_| Error::<T>::TooManyFeeds.into())
	}
}
