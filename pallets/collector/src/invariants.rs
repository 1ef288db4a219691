//! What must hold of the whole state between blocks.

use alloc::collections::BTreeMap;

use frame_support::{ensure, traits::fungible::InspectHold};
use groma_traits::Emission;
use sp_runtime::TryRuntimeError;

use crate::{
	ledgers::{earnings, open_fifths},
	pallet::{CollectorEpochs, Collectors, Config, HoldReason, Indices, OpenFifths, Pallet},
	registration::last_index,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_registrations()?;
		let mut counted = BTreeMap::<_, u32>::new();
		for index in Collectors::<T>::iter_keys() {
			let record = Self::record_at(index).value().ok_or("a collector does not decode")?;
			for (epoch, count) in record.ledger.fifths {
				let sum = counted.entry(epoch).or_default();
				*sum = sum.saturating_add(count);
			}
		}
		for epoch in CollectorEpochs::<T>::iter_keys() {
			let settled = earnings::<T>(epoch).value().ok_or("an epoch does not decode")?;
			ensure!(
				counted.get(&epoch) == Some(&settled.unfolded_fifths),
				"fifths of a closed epoch are not those of its collectors"
			);
		}
		for epoch in OpenFifths::<T>::iter_keys() {
			let total = open_fifths::<T>(epoch).value().ok_or("open fifths do not decode")?;
			ensure!(!T::Emission::is_closed(epoch), "a closed epoch kept open fifths");
			ensure!(
				counted.get(&epoch) == Some(&total),
				"fifths of an open epoch are not those of its collectors"
			);
		}
		Ok(())
	}

	/// Each account has one index, which was given away, and its deposit is on hold.
	fn check_registrations() -> Result<(), TryRuntimeError> {
		let last = last_index::<T>().or_absent(0).ok_or("the last index does not decode")?;
		for index in Collectors::<T>::iter_keys() {
			let record = Self::record_at(index).value().ok_or("a collector does not decode")?;
			ensure!((1..=last).contains(&index), "an index was not given away");
			ensure!(
				Self::record_of(&record.account)?.is_some_and(|(found, _)| found == index),
				"an account is not known by its index"
			);
			ensure!(!record.is_over(), "a record of nothing is kept");
			let reason = HoldReason::Registration.into();
			let on_hold = T::Currency::balance_on_hold(&reason, &record.account);
			ensure!(on_hold == record.deposit.unwrap_or_default(), "a deposit is not on hold");
		}
		for account in Indices::<T>::iter_keys() {
			let (_, record) = Self::record_of(&account)?.ok_or("an index has no record")?;
			ensure!(record.account == account, "an index is that of two accounts");
		}
		Ok(())
	}
}
