//! Answers about slashes that wait or were cancelled: nothing here changes state.

use alloc::vec::Vec;

use groma_core::{
	EraIndex,
	api::{OffenceId, OffenceKind, SlashInfo, SlashPage},
	protocol::PAGE_LENGTH_MAX,
	units::Scale,
};
use groma_stored::Stored;
use sp_runtime::Perbill;
use sp_staking::offence::Kind;

use crate::{
	fraction::difference,
	offences::{Offence, stored_offence},
	pallet::{Config, Offences, Pallet},
};

impl<T: Config> Pallet<T> {
	/// Slashes that wait or were cancelled, of at most [`PAGE_LENGTH_MAX`] offences, in the order
	/// of the state. The next page begins after the last offence of the one before, even if that is
	/// forgotten by then. `kind_of` says what the id of a kind of report means.
	pub fn pending_slashes(
		after: Option<OffenceId<T::AccountId>>,
		kind_of: impl Fn(Kind) -> OffenceKind,
	) -> SlashPage<T::AccountId> {
		let mut offences = match after {
			Some(OffenceId { era, validator }) => {
				Offences::<T>::iter_keys_from(Offences::<T>::hashed_key_for(era, validator))
			}
			None => Offences::<T>::iter_keys(),
		};
		let of_page: Vec<_> = offences.by_ref().take(PAGE_LENGTH_MAX).collect();
		let has_more = offences.next().is_some();
		let last = of_page.last().filter(|_| has_more);
		let next =
			last.map(|(era, validator)| OffenceId { era: *era, validator: validator.clone() });
		let mut page = SlashPage { slashes: Vec::new(), unreadable: Vec::new(), next };
		for (era, validator) in of_page {
			match stored_offence::<T>(era, &validator) {
				Stored::Value(offence) if offence.due.is_some() || offence.is_cancelled => {
					let kind = kind_of(offence.kind);
					page.slashes.push(Self::slash_info(era, validator, offence, kind));
				}
				Stored::Undecodable => page.unreadable.push(OffenceId { era, validator }),
				Stored::Value(_) | Stored::Absent => {}
			}
		}
		page
	}

	/// What an offence costs by what is known now. One that is cancelled costs what was paid for
	/// it.
	fn slash_info(
		era: EraIndex,
		validator: T::AccountId,
		offence: Offence<T::AccountId>,
		kind: OffenceKind,
	) -> SlashInfo<T::AccountId> {
		let owed = match offence.due {
			Some(_) => Self::owed_for(era, &offence),
			None => offence.paid,
		};
		SlashInfo {
			era,
			validator,
			kind: kind.into(),
			reported_at: offence.reported_at,
			due: offence.due,
			is_cancelled: offence.is_cancelled,
			amount: difference(offence.base, offence.paid, owed),
			base: offence.base,
			fraction: scale_of(owed),
			paid: scale_of(offence.paid),
			offenders: Self::offenders(era),
			members: offence.members,
			reporter: offence.reporter,
		}
	}
}

/// The same part of one.
fn scale_of(part: Perbill) -> Scale {
	Scale::from_billionths(part.deconstruct())
}
