//! What validators are reported for, and what it costs them. Only here are offences, their counts
//! and the queue of slashes written.

use alloc::vec::Vec;
use core::marker::PhantomData;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use groma_core::{EraIndex, money::Balance};
use groma_stored::Stored;
use groma_traits::{Backing, Eras, Standstill};
use scale_info::TypeInfo;
use sp_runtime::{DispatchResult, Perbill, SaturatedConversion};
use sp_staking::offence::{Kind, Offence as Report, OffenceError, ReportOffence};

use crate::{
	fraction::{difference, fraction},
	key_history::Signer,
	pallet::{
		Config, Error, Event, Offences, OffenderCounts, Pallet, Slashes, SlashesEnds, SweptOffences,
	},
	queue::Queue,
	weights::WeightInfo,
};

/// The offence is of an era that is forgotten or is to come, or its session is in none.
const ERA_UNKNOWN: u8 = 1;
/// The validator was in no set of the era.
const NOT_IN_SET: u8 = 2;

/// An offence of a validator in an era, whatever it was.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Offence<AccountId> {
	/// Who reported it; `None` if no one gets a share.
	pub reporter: Option<AccountId>,
	/// What stood behind the validator when the set of the era was elected, in plancks.
	pub base: Balance,
	/// How many members that set has.
	pub members: u32,
	/// The part of the base that it has paid.
	pub paid: Perbill,
	/// The era in which it pays what it owes then; `None` if nothing waits.
	pub due: Option<EraIndex>,
	/// Whether it pays no more, whatever is reported.
	pub is_cancelled: bool,
	/// What it was, by the id that reports of its kind have.
	pub kind: Kind,
	/// The number of the block with the report.
	pub reported_at: u32,
}

/// A slash that waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Slash<AccountId> {
	/// The era in which it is due.
	pub due: EraIndex,
	/// The era of the offence.
	pub era: EraIndex,
	/// The offender.
	pub validator: AccountId,
}

/// Slashes that wait, by the order of their reports, which is that of their eras.
pub(crate) struct Waiting<T>(PhantomData<T>);

impl<T: Config> Queue for Waiting<T> {
	type Item = Slash<T::AccountId>;
	type Ends = SlashesEnds<T>;
	type Items = Slashes<T>;
}

pub(crate) fn stored_offence<T: Config>(
	era: EraIndex,
	validator: &T::AccountId,
) -> Stored<Offence<T::AccountId>> {
	groma_stored::double_entry::<Offences<T>, EraIndex, T::AccountId, Offence<T::AccountId>>(
		era, validator,
	)
}

pub(crate) fn stored_count<T: Config>(era: EraIndex) -> Stored<u32> {
	groma_stored::entry::<OffenderCounts<T>, EraIndex, u32>(era)
}

pub(crate) fn stored_swept<T: Config>() -> Stored<EraIndex> {
	groma_stored::value::<SweptOffences<T>, EraIndex>()
}

impl<T: Config> Pallet<T> {
	/// The offence of a validator in an era; `None` if none is known, or if it does not decode.
	pub fn offence_of(era: EraIndex, validator: &T::AccountId) -> Option<Offence<T::AccountId>> {
		stored_offence::<T>(era, validator).value()
	}

	/// How many offenders of an era are not cancelled. A count that does not decode is read as
	/// none, so that offences cost the least.
	pub fn offenders(era: EraIndex) -> u32 {
		stored_count::<T>(era).or_absent(0).unwrap_or_default()
	}

	/// Adds to the count of offenders of an era. What does not decode stays.
	fn change_count(era: EraIndex, change: impl FnOnce(u32) -> u32) {
		if let Some(count) = stored_count::<T>(era).or_absent(0) {
			OffenderCounts::<T>::insert(era, change(count));
		}
	}

	/// Records an offence of a validator in a session: it pays after the deferral, and who of the
	/// era has paid already owes more from then on.
	pub(crate) fn record_offence(
		(validator, session): Signer<T>,
		kind: Kind,
		reporter: Option<T::AccountId>,
	) -> Result<(), OffenceError> {
		let era = Self::era_of(session).ok_or(OffenceError::Other(ERA_UNKNOWN))?;
		ensure!(
			stored_offence::<T>(era, &validator) == Stored::Absent,
			OffenceError::DuplicateReport
		);
		let set = Self::set_of(era).ok_or(OffenceError::Other(ERA_UNKNOWN))?;
		let seat = set.iter().find(|seat| seat.validator == validator);
		let base = seat.ok_or(OffenceError::Other(NOT_IN_SET))?.total;
		let members = u32::try_from(set.len()).unwrap_or(u32::MAX);
		Self::change_count(era, |count| count.saturating_add(1));
		let owed = fraction(Self::offenders(era), members, T::FractionMin::get());
		Self::raise_others(era, owed);
		let offence = Offence {
			reporter,
			base,
			members,
			paid: Perbill::zero(),
			due: None,
			is_cancelled: false,
			kind,
			reported_at: frame_system::Pallet::<T>::block_number().saturated_into(),
		};
		let due = Self::defer(era, &validator, offence);
		Self::bar(&validator, owed);
		Self::deposit_event(Event::OffenceReported { era, validator, due });
		Ok(())
	}

	/// Lets an offence wait for its slash. Returns the era in which it is due.
	fn defer(era: EraIndex, validator: &T::AccountId, offence: Offence<T::AccountId>) -> EraIndex {
		T::Backing::pend(validator, era);
		Self::enqueue(era, validator, offence)
	}

	/// Puts the slash of an offence at the end of the queue. It is due after the deferral, and not
	/// in this era in any case, so that the queue comes to its end. Returns when.
	fn enqueue(
		era: EraIndex,
		validator: &T::AccountId,
		offence: Offence<T::AccountId>,
	) -> EraIndex {
		let due = Self::active().saturating_add(T::DeferralEras::get().max(1));
		Offences::<T>::insert(era, validator, Offence { due: Some(due), ..offence });
		Waiting::<T>::push(Slash { due, era, validator: validator.clone() });
		due
	}

	/// Who of an era has paid less than it owes now pays the difference after a deferral of its
	/// own. Who waits already pays what it owes when it is due.
	fn raise_others(era: EraIndex, owed: Perbill) {
		let offenders: Vec<_> = Offences::<T>::iter_key_prefix(era).collect();
		for validator in offenders {
			let Some(offence) = stored_offence::<T>(era, &validator).value() else { continue };
			if offence.due.is_none() && !offence.is_cancelled && offence.paid < owed {
				Self::defer(era, &validator, offence);
			}
		}
	}

	/// Slashes an offender what it owes now, if it is due.
	pub(crate) fn do_apply_slash(era: EraIndex, validator: T::AccountId) -> DispatchResult {
		ensure!(!T::Standstill::now(), Error::<T>::StandsStill);
		let offence = stored_offence::<T>(era, &validator)
			.ok_or(Error::<T>::OffenceUnknown, Error::<T>::Unreadable)?;
		ensure!(!offence.is_cancelled, Error::<T>::SlashCancelled);
		let due = offence.due.ok_or(Error::<T>::NothingDue)?;
		ensure!(due <= Self::active(), Error::<T>::NothingDue);
		ensure!(T::Backing::is_readable(&validator), Error::<T>::Unreadable);
		Self::slash(era, validator, offence);
		Ok(())
	}

	/// The part of its base that an offence of an era costs by what is known now.
	pub(crate) fn owed_for(era: EraIndex, offence: &Offence<T::AccountId>) -> Perbill {
		let least = T::FractionMin::get();
		fraction(Self::offenders(era), offence.members, least).max(offence.paid)
	}

	fn slash(era: EraIndex, validator: T::AccountId, offence: Offence<T::AccountId>) {
		let owed = Self::owed_for(era, &offence);
		let amount = difference(offence.base, offence.paid, owed);
		let slashed = T::Backing::slash(&validator, era, amount, offence.reporter.as_ref());
		T::Backing::release(&validator, era);
		Offences::<T>::insert(era, &validator, Offence { paid: owed, due: None, ..offence });
		let taken = slashed.own.saturating_add(slashed.delegated);
		Self::deposit_event(Event::OffenceSlashed { era, validator, fraction: owed, taken });
	}

	/// Ends what an offender owes, permanently. A slash that waits is not cancelled while what
	/// stands behind the offender does not decode: there it would be noted as waiting permanently.
	pub(crate) fn do_cancel_slash(era: EraIndex, validator: T::AccountId) -> DispatchResult {
		let offence = stored_offence::<T>(era, &validator)
			.ok_or(Error::<T>::OffenceUnknown, Error::<T>::Unreadable)?;
		ensure!(!offence.is_cancelled, Error::<T>::SlashCancelled);
		if offence.due.is_some() {
			ensure!(T::Backing::is_readable(&validator), Error::<T>::Unreadable);
			T::Backing::release(&validator, era);
		}
		let cancelled = Offence { due: None, is_cancelled: true, ..offence };
		Offences::<T>::insert(era, &validator, cancelled);
		Self::change_count(era, |count| count.saturating_sub(1));
		Self::deposit_event(Event::SlashCancelled { era, validator });
		Ok(())
	}

	/// Slashes who is due, and forgets what can no longer be proven, as far as the meter allows.
	pub(crate) fn sweep(meter: &mut WeightMeter) {
		let base = <T as Config>::WeightInfo::sweep_base();
		if meter.try_consume(base).is_err() || T::Standstill::now() {
			return;
		}
		let Some(clock) = Self::clock() else { return };
		let step = Self::apply_slash_weight();
		while meter.can_consume(step) && Self::slash_next(clock.active) {
			meter.consume(step);
		}
		let step = <T as Config>::WeightInfo::forget_key();
		if let Some(remembered) = Self::first_session_of(clock.oldest) {
			while meter.can_consume(step) && Self::forget_key(remembered) {
				meter.consume(step);
			}
		}
		let step = Self::forget_offence_weight();
		while meter.can_consume(step) && Self::forget_offence(clock.active) {
			meter.consume(step);
		}
	}

	/// Takes the next slash off the queue and applies it, if it is due. Returns whether there may
	/// be more. One that no longer waits, or waits for a later era, is dropped. One that cannot
	/// take anything now, since what stands behind the offender does not decode, waits again.
	fn slash_next(active: EraIndex) -> bool {
		match Waiting::<T>::front() {
			Some(Stored::Value(Slash { due, era, validator })) if due <= active => {
				let offence = stored_offence::<T>(era, &validator).value();
				match offence.filter(|offence| offence.due == Some(due)) {
					Some(offence) if T::Backing::is_readable(&validator) => {
						Self::slash(era, validator, offence);
					}
					Some(offence) => {
						Self::enqueue(era, &validator, offence);
					}
					None => {}
				}
			}
			Some(Stored::Value(_)) | None => return false,
			Some(Stored::Absent | Stored::Undecodable) => {}
		}
		Waiting::<T>::pop();
		true
	}

	/// Forgets an offence, or that there are none, of the oldest era that is not swept, if no slash
	/// of it can wait. A slash that still does is applied before; while it cannot be, since what
	/// stands behind the offender does not decode, nothing is forgotten. Returns whether there may
	/// be more.
	pub(crate) fn forget_offence(active: EraIndex) -> bool {
		let Some(swept) = stored_swept::<T>().or_absent(0) else { return false };
		if Self::last_due(swept) >= active {
			return false;
		}
		let readable =
			|validator: &T::AccountId| !stored_offence::<T>(swept, validator).is_undecodable();
		match Offences::<T>::iter_key_prefix(swept).find(readable) {
			Some(validator) => {
				let offence = stored_offence::<T>(swept, &validator).value();
				if let Some(waits) = offence.filter(|offence| offence.due.is_some()) {
					if !T::Backing::is_readable(&validator) {
						return false;
					}
					Self::slash(swept, validator.clone(), waits);
				}
				Offences::<T>::remove(swept, validator);
			}
			None => {
				if !stored_count::<T>(swept).is_undecodable() {
					OffenderCounts::<T>::remove(swept);
				}
				SweptOffences::<T>::put(swept.saturating_add(1));
			}
		}
		true
	}

	/// The last era in which a slash of an offence of this era can be due.
	fn last_due(era: EraIndex) -> EraIndex {
		era.saturating_add(T::EvidenceEras::get()).saturating_add(T::DeferralEras::get())
	}

	/// What a slash weighs, with the stake that it touches.
	pub(crate) fn apply_slash_weight() -> Weight {
		<T as Config>::WeightInfo::apply_slash()
			.saturating_add(T::Backing::slash_weight())
			.saturating_add(T::Backing::pend_weight())
	}

	/// What forgetting an offence weighs, with a slash that waited too long.
	pub(crate) fn forget_offence_weight() -> Weight {
		<T as Config>::WeightInfo::forget_offence().saturating_add(Self::apply_slash_weight())
	}

	/// What a report weighs beyond the check of its proof, if `offenders` of its era were slashed
	/// already.
	pub fn report_weight(offenders: u32) -> Weight {
		<T as Config>::WeightInfo::report_offence(offenders).saturating_add(
			T::Backing::pend_weight().saturating_mul(u64::from(offenders).saturating_add(1)),
		)
	}
}

impl<T, R> ReportOffence<T::AccountId, Signer<T>, R> for Pallet<T>
where
	T: Config,
	R: Report<Signer<T>>,
{
	fn report_offence(reporters: Vec<T::AccountId>, report: R) -> Result<(), OffenceError> {
		let reporter = reporters.into_iter().next();
		for signer in report.offenders() {
			Self::record_offence(signer, R::ID, reporter.clone())?;
		}
		Ok(())
	}

	/// What can no longer be reported is known as well.
	fn is_known_offence(offenders: &[Signer<T>], _: &R::Slot) -> bool {
		let is_known = |(validator, session): &Signer<T>| {
			Self::era_of(*session)
				.is_none_or(|era| stored_offence::<T>(era, validator) != Stored::Absent)
		};
		offenders.iter().all(is_known)
	}
}
