//! Who is out of the next election, and may not author, for an offence. Only here is it written.

use alloc::vec::Vec;

use frame_support::BoundedVec;
use groma_stored::Stored;
use pallet_session::Pallet as Session;
use sp_runtime::Perbill;
use sp_staking::offence::OffenceSeverity;

use crate::pallet::{Barred, Config, Pallet};

/// At most a third of the present set, rounded down, is barred from an election.
pub(crate) const BARRED_PART: usize = 3;

type BarredList<T> =
	BoundedVec<<T as frame_system::Config>::AccountId, <T as Config>::MaxValidators>;

pub(crate) fn stored_barred<T: Config>() -> Stored<BarredList<T>> {
	groma_stored::value::<Barred<T>, BarredList<T>>()
}

impl<T: Config> Pallet<T> {
	/// Who is out of the next election, sorted; no one, if that does not decode.
	pub(crate) fn barred() -> Vec<T::AccountId> {
		stored_barred::<T>().value().map(BoundedVec::into_inner).unwrap_or_default()
	}

	/// Whether an account is out of the next election.
	pub fn is_barred(account: &T::AccountId) -> bool {
		Self::barred().binary_search(account).is_ok()
	}

	/// Disables an offender in the present session, unless a third of the set is disabled. Takes it
	/// off the list of candidates and out of the next election, unless a third of the set is out.
	pub(crate) fn bar(offender: &T::AccountId, severity: Perbill) {
		Session::<T>::report_offence(offender.clone(), OffenceSeverity(severity));
		let Some(mut barred) = stored_barred::<T>().or_absent(BoundedVec::new()) else { return };
		let Err(place) = barred.binary_search(offender) else { return };
		let most = Session::<T>::validators().len().checked_div(BARRED_PART).unwrap_or_default();
		if barred.len() >= most || barred.try_insert(place, offender.clone()).is_err() {
			return;
		}
		Barred::<T>::put(barred);
		if Self::is_candidate(offender) {
			Self::remove_candidates(core::slice::from_ref(offender));
		}
	}

	/// The election for which they were barred is over. A list that does not decode stays.
	pub(crate) fn unbar() {
		if matches!(stored_barred::<T>(), Stored::Value(_)) {
			Barred::<T>::kill();
		}
	}
}
