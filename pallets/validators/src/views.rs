//! Answers to the runtime API: nothing here changes state. What another pallet knows is left out,
//! and the runtime adds it.

use alloc::vec::Vec;

use frame_support::traits::Get;
use groma_core::{
	EraIndex,
	api::{EraInfo, EraSetInfo, MemberInfo, ValidatorInfo},
	money::Balance,
	protocol::LIST_LENGTH_MAX,
};
use groma_traits::{Emission, HasKeys};
use pallet_session::Pallet as Session;

use crate::{
	election::{Seat, stored_set},
	fraction::difference,
	pallet::{Config, Pallet, Workers},
	points::{stored_work, stored_workers},
};

/// Sets that are remembered besides those of eras in which offences can be proven: of the active
/// era, and of the next one.
const SETS_AHEAD: u32 = 2;

impl<T: Config> Pallet<T> {
	/// The clock of eras, and what elections go by; `None` if the clock does not decode.
	pub fn era_info() -> Option<EraInfo> {
		let clock = Self::clock()?;
		Some(EraInfo {
			active: clock.active,
			session: Session::<T>::current_index(),
			end: clock.end,
			next: clock.next,
			oldest: clock.oldest,
			validators: Session::<T>::validators().len() as u32,
			stake: Self::set_of(clock.active).map(|set| stake_of(&set)),
			seats: T::Seats::get(),
			own_stake_min: T::OwnStakeMin::get(),
			candidates: Self::candidates().map(|candidates| candidates.len() as u32),
			unsettled: None,
			recent_yield: 0,
		})
	}

	/// The set of an era, or of the active one, from a place on: `limit` members, from 1 to
	/// [`LIST_LENGTH_MAX`]; other numbers count as the nearest. `None` if the era is forgotten or
	/// is not elected yet, or if its set or the clock does not decode.
	pub fn set_info(
		era: Option<EraIndex>,
		from: u32,
		limit: u32,
	) -> Option<EraSetInfo<T::AccountId>> {
		let era = match era {
			Some(era) => era,
			None => Self::clock()?.active,
		};
		let set = Self::set_of(era)?;
		let (count, stake) = (set.len() as u32, stake_of(&set));
		let limit = limit.clamp(1, LIST_LENGTH_MAX);
		let disabled = Self::disabled_now();
		let part = set.into_iter().skip(from as usize).take(limit as usize);
		let validators = part
			.map(|Seat { validator, own, total }| MemberInfo {
				own,
				total,
				points: Self::present_points(&validator),
				is_disabled: disabled.contains(&validator),
				commission: None,
				is_open: false,
				recent_yield: 0,
				account: validator,
			})
			.collect();
		let next = from.saturating_add(limit);
		Some(EraSetInfo { era, count, stake, validators, next: (next < count).then_some(next) })
	}

	/// What there is to know of an account as a validator.
	pub fn validator_info(account: T::AccountId) -> ValidatorInfo<T::AccountId> {
		let candidates = Self::candidates();
		let next = Self::clock().filter(|clock| clock.next.is_some());
		let elected = next.and_then(|clock| Self::set_of(clock.counted()));
		ValidatorInfo {
			has_keys: Self::has_keys(&account),
			is_candidate: candidates.map(|list| list.binary_search(&account).is_ok()),
			is_active: Session::<T>::validators().contains(&account),
			is_elected: elected.map(|set| set.iter().any(|seat| seat.validator == account)),
			is_disabled: Self::disabled_now().contains(&account),
			points: Self::present_points(&account),
			backing: None,
			is_barred: Self::is_barred(&account),
			pending_slash: None,
			keys: Vec::new(),
			account,
		}
	}

	/// Plancks that slashes of a validator for offences of these eras take, as far as is known now:
	/// what is reported until they are due can make it more, and there may be less to take. `None`
	/// if one of the offences is not known, or does not decode.
	pub fn pending_slash(validator: &T::AccountId, eras: &[EraIndex]) -> Option<Balance> {
		eras.iter().try_fold(0, |sum: Balance, era| {
			let offence = Self::offence_of(*era, validator)?;
			let owed = Self::owed_for(*era, &offence);
			let amount = difference(offence.base, offence.paid, owed);
			Some(sum.saturating_add(if offence.due.is_some() { amount } else { 0 }))
		})
	}

	/// Eras, the last first, whose sets do not decode; none if the clock does not.
	pub fn unreadable_sets() -> Vec<EraIndex> {
		let Some(clock) = Self::clock() else { return Vec::new() };
		let most = T::EvidenceEras::get().saturating_add(SETS_AHEAD) as usize;
		let remembered = (clock.oldest..=clock.counted()).rev().take(most);
		remembered.filter(|era| stored_set::<T>(*era).is_undecodable()).collect()
	}

	/// Whether the clock of eras decodes.
	pub fn has_readable_clock() -> bool {
		Self::clock().is_some()
	}

	/// Whether the numbers of those with points decode.
	pub fn has_readable_points() -> bool {
		Workers::<T>::iter_keys().all(|epoch| !stored_workers::<T>(epoch).is_undecodable())
	}

	/// The points of a validator in the present epoch; 0 if they do not decode.
	fn present_points(validator: &T::AccountId) -> u64 {
		let work = T::Emission::present_epoch()
			.and_then(|epoch| stored_work::<T>(epoch, validator).value());
		work.map_or(0, |work| work.points(T::FeedPoints::get()))
	}

	/// The validators that may not author now.
	fn disabled_now() -> Vec<T::AccountId> {
		let validators = Session::<T>::validators();
		Session::<T>::disabled_validators()
			.into_iter()
			.filter_map(|index| validators.get(index as usize).cloned())
			.collect()
	}
}

/// Plancks that stood behind a set when it was elected.
fn stake_of<AccountId>(set: &[Seat<AccountId>]) -> Balance {
	set.iter().fold(0, |sum: Balance, seat| sum.saturating_add(seat.total))
}
