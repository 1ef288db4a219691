//! Who is elected. Only here are the sets of eras written.

use alloc::vec::Vec;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	BoundedVec,
	traits::{
		Get,
		fungible::Inspect,
		tokens::{Fortitude, Preservation},
	},
};
use groma_core::{EraIndex, money::Balance};
use groma_stored::Stored;
use groma_traits::{Backed, Backing};
use pallet_session::{NextKeys, Pallet as Session};
use scale_info::TypeInfo;
use sp_runtime::SaturatedConversion;

use crate::pallet::{Config, Elected, Event, Pallet};

/// No plan has fewer members than this many, or than the present set if that is smaller.
pub const SET_FLOOR: usize = 4;

const LOG_TARGET: &str = "runtime::validators";

/// The most sets that the beginning of an era forgets: more than it adds.
const FORGOTTEN_MAX: u32 = 2;

/// A member of the set of an era, and what stood behind it when it was elected.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Seat<AccountId> {
	/// The member.
	pub validator: AccountId,
	/// Own plancks.
	pub own: Balance,
	/// Own plancks, and those that are delegated to it.
	pub total: Balance,
}

type SetOf<T> =
	BoundedVec<Seat<<T as frame_system::Config>::AccountId>, <T as Config>::MaxValidators>;

/// The least members of a plan that follows a set of this many.
pub(crate) fn floor_of(present: usize) -> usize {
	present.min(SET_FLOOR)
}

/// What is stored of the set of an era.
pub(crate) fn stored_set<T: Config>(era: EraIndex) -> Stored<SetOf<T>> {
	groma_stored::entry::<Elected<T>, _, SetOf<T>>(era)
}

impl<T: Config> Pallet<T> {
	/// The set of an era with its stake; `None` if the era is forgotten, is not elected yet, or
	/// does not decode.
	pub fn set_of(era: EraIndex) -> Option<Vec<Seat<T::AccountId>>> {
		stored_set::<T>(era).value().map(BoundedVec::into_inner)
	}

	/// The seat that a candidate would have now; `None` if it has less than the least stake of its
	/// own, or no keys that decode: the session pallet would leave it out of the set.
	pub(crate) fn seat_of(candidate: &T::AccountId) -> Option<Seat<T::AccountId>> {
		Self::seat_above(candidate, T::OwnStakeMin::get())
	}

	/// The same, for callers who know the least stake already and ask for many candidates.
	pub(crate) fn seat_above(
		candidate: &T::AccountId,
		own_stake_min: Balance,
	) -> Option<Seat<T::AccountId>> {
		let Backed { own, total } = T::Backing::of(candidate);
		let has_enough = own >= own_stake_min;
		let is_eligible = has_enough && Session::<T>::load_keys(candidate).is_some();
		is_eligible.then(|| Seat { validator: candidate.clone(), own, total })
	}

	/// Those who have session keys when the chain is founded, each with what it can provision of
	/// its own: candidates, and the set of the first era.
	pub(crate) fn found_set() -> Vec<T::AccountId> {
		let validators = Self::keyed_at_genesis();
		validators.iter().for_each(Self::provision_at_genesis);
		Self::declare_at_genesis(&validators);
		Self::remember_set(0, seats_as_they_are::<T>(validators.clone()));
		validators
	}

	/// Provisions what genesis says for a validator, or what its account can hold. One that holds
	/// less than can be provisioned at all validates with nothing behind it.
	fn provision_at_genesis(validator: &T::AccountId) {
		let (keep, all) = (Preservation::Protect, Fortitude::Force);
		let held = <T as pallet_session::Config>::Currency::reducible_balance(validator, keep, all);
		let amount = T::GenesisProvision::get().min(held.saturated_into());
		if let Err(error) = T::Backing::provision(validator, amount) {
			log::warn!(target: LOG_TARGET, "{validator:?} provisions nothing: {error:?}");
		}
	}

	/// Everyone who has session keys, sorted by account. For genesis alone.
	pub(crate) fn keyed_at_genesis() -> Vec<T::AccountId> {
		let mut validators: Vec<_> = NextKeys::<T>::iter_keys().collect();
		validators.sort();
		validators
	}

	/// Elects the set of an era: of those who can be elected the seats go to who has most behind
	/// it, and of equals to the lower accounts. The set is sorted by account, so that it is the
	/// same as long as its members are. The present set stays if fewer than the floor can be
	/// elected.
	pub(crate) fn elect(era: EraIndex) -> Vec<T::AccountId> {
		let present = Session::<T>::validators();
		let floor = floor_of(present.len());
		let candidates = Self::candidates().unwrap_or_default();
		let barred = Self::barred();
		let own_stake_min = T::OwnStakeMin::get();
		let may_be_elected = |it: &&T::AccountId| barred.binary_search(*it).is_err();
		let seat_of = |it: &T::AccountId| Self::seat_above(it, own_stake_min);
		let mut seats: Vec<_> =
			candidates.iter().filter(may_be_elected).filter_map(seat_of).collect();
		Self::unbar();
		if seats.len() < floor {
			let eligible = seats.len() as u32;
			Self::remember_set(era, seats_as_they_are::<T>(present.clone()));
			Self::deposit_event(Event::SetKept { era, eligible });
			return present;
		}
		seats.sort_by(|a, b| b.total.cmp(&a.total).then_with(|| a.validator.cmp(&b.validator)));
		seats.truncate(seats_to_fill::<T>().max(floor));
		seats.sort_by(|a, b| a.validator.cmp(&b.validator));
		let elected = seats.iter().map(|seat| seat.validator.clone()).collect();
		let stake = seats.iter().fold(0, |sum: Balance, seat| sum.saturating_add(seat.total));
		Self::deposit_event(Event::SetElected { era, seats: seats.len() as u32, stake });
		Self::remember_set(era, seats);
		elected
	}

	/// Sets are within their bound before: nothing is cut off.
	fn remember_set(era: EraIndex, seats: Vec<Seat<T::AccountId>>) {
		Elected::<T>::insert(era, SetOf::<T>::truncate_from(seats));
	}

	/// Forgets the sets of eras below `remembered`, a few at a time, beginning with `oldest`.
	/// Returns the oldest that is left.
	pub(crate) fn forget_sets(oldest: EraIndex, remembered: EraIndex) -> EraIndex {
		let left = remembered.min(oldest.saturating_add(FORGOTTEN_MAX)).max(oldest);
		(oldest..left).for_each(Elected::<T>::remove);
		left
	}
}

/// How many seats there are, within what a set can have.
fn seats_to_fill<T: Config>() -> usize {
	T::Seats::get().min(T::MaxValidators::get()) as usize
}

/// These members with what stands behind them now, whatever that is.
fn seats_as_they_are<T: Config>(members: Vec<T::AccountId>) -> Vec<Seat<T::AccountId>> {
	let seat_of = |validator| {
		let Backed { own, total } = T::Backing::of(&validator);
		Seat { validator, own, total }
	};
	members.into_iter().map(seat_of).collect()
}
