//! What must hold of the whole state between blocks.

use alloc::collections::BTreeMap;

use frame_support::{ensure, traits::fungible::InspectHold};
use groma_traits::Emission;
use sp_runtime::TryRuntimeError;

use crate::pallet::{
	CollectorEpochs, Collectors, Config, HoldReason, Indices, LastIndex, OpenFifths, Pallet,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_registrations()?;
		let mut counted = BTreeMap::<_, u32>::new();
		for (epoch, count) in Collectors::<T>::iter_values().flat_map(|it| it.ledger.fifths) {
			let sum = counted.entry(epoch).or_default();
			*sum = sum.saturating_add(count);
		}
		for (epoch, settled) in CollectorEpochs::<T>::iter() {
			ensure!(
				counted.get(&epoch) == Some(&settled.unfolded_fifths),
				"fifths of a closed epoch are not those of its collectors"
			);
		}
		for (epoch, total) in OpenFifths::<T>::iter() {
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
		let last = LastIndex::<T>::get();
		for (index, record) in Collectors::<T>::iter() {
			ensure!((1..=last).contains(&index), "an index was not given away");
			ensure!(
				Indices::<T>::get(&record.account) == Some(index),
				"an account is not known by its index"
			);
			ensure!(!record.is_over(), "a record of nothing is kept");
			let reason = HoldReason::Registration.into();
			let on_hold = T::Currency::balance_on_hold(&reason, &record.account);
			ensure!(on_hold == record.deposit.unwrap_or_default(), "a deposit is not on hold");
		}
		for (account, index) in Indices::<T>::iter() {
			let record = Collectors::<T>::get(index).ok_or("an index has no record")?;
			ensure!(record.account == account, "an index is that of two accounts");
		}
		Ok(())
	}
}
