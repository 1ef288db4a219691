//! What holds in every state.

use alloc::collections::BTreeMap;

use frame_support::{
	ensure,
	traits::{Get, fungible::Inspect},
};
use groma_core::{emission, money::Balance, units::Units};
use sp_runtime::TryRuntimeError;

use crate::{
	Burned, Clock, CollectorEpochs, Collectors, Config, Minted, NetworkEpochs, OpenStatements,
	OpenUnits, Owed, Pallet, Reserve, Splits, Unminted, Waiting,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_schedule()?;
		Self::check_supply()?;
		Self::check_solvency()?;
		Self::check_coverage()?;
		Self::check_statements()?;
		ensure!(
			Splits::<T>::iter_values().all(|split| split.is_valid()),
			"a payout split does not sum to 100 %"
		);
		Ok(())
	}

	/// What the pot owes: its own deposit, devices, collectors, and what is not folded yet, of which
	/// less than one planck per fold is dust.
	pub fn liabilities() -> Balance {
		let unfolded = NetworkEpochs::<T>::iter_values().map(|settled| settled.unfolded);
		let statements = CollectorEpochs::<T>::iter_values().map(|settled| {
			settled.per_statement.saturating_mul(Balance::from(settled.unfolded_statements))
		});
		let collectors = Collectors::<T>::iter_values().map(|ledger| ledger.owed);
		Owed::<T>::iter_values()
			.chain(unfolded)
			.chain(statements)
			.chain(collectors)
			.fold(Reserve::<T>::get(), Balance::saturating_add)
	}

	fn check_schedule() -> Result<(), TryRuntimeError> {
		let scheduled = Clock::<T>::get()
			.map_or(0, |clock| emission::cumulative(clock.elapsed_ms_before(clock.open)));
		let booked = Minted::<T>::get().saturating_add(Unminted::<T>::get());
		ensure!(scheduled == booked, "the schedule is not minted + unminted");
		Ok(())
	}

	/// Every token comes from genesis or the schedule. The supply is less by what holders burned by calls
	/// of their own, which is not counted.
	fn check_supply() -> Result<(), TryRuntimeError> {
		let issued = T::GenesisSupply::get().saturating_add(Minted::<T>::get());
		let accounted = T::Currency::total_issuance().saturating_add(Burned::<T>::get());
		ensure!(accounted <= issued, "there are tokens from elsewhere than genesis and schedule");
		Ok(())
	}

	/// Gifts may raise the pot above what it owes; nothing lowers it.
	fn check_solvency() -> Result<(), TryRuntimeError> {
		let balance = T::Currency::total_balance(&Self::pot());
		ensure!(balance >= Self::liabilities(), "the pot holds less than it owes");
		Ok(())
	}

	fn check_coverage() -> Result<(), TryRuntimeError> {
		let mut waiting = BTreeMap::<_, Units>::new();
		for work in Waiting::<T>::iter_values() {
			let sum = waiting.entry((work.network, work.epoch)).or_default();
			*sum = sum.saturating_add(work.units);
		}
		for (network, epoch, settled) in NetworkEpochs::<T>::iter() {
			ensure!(Self::is_closed(epoch), "an open epoch is settled");
			ensure!(settled.unfolded_units <= settled.units, "more is unfolded than there was");
			ensure!(
				settled.unfolded >= settled.worth(settled.unfolded_units),
				"an epoch cannot pay all units that are not folded"
			);
			ensure!(
				waiting.get(&(network, epoch)).is_none_or(|sum| *sum <= settled.unfolded_units),
				"more units wait than are unfolded"
			);
		}
		ensure!(
			OpenUnits::<T>::iter_keys().all(|(epoch, _)| !Self::is_closed(epoch)),
			"a closed epoch kept open units"
		);
		Ok(())
	}

	fn check_statements() -> Result<(), TryRuntimeError> {
		let mut counted = BTreeMap::<_, u32>::new();
		for (epoch, count) in Collectors::<T>::iter_values().flat_map(|ledger| ledger.statements) {
			let sum = counted.entry(epoch).or_default();
			*sum = sum.saturating_add(count);
		}
		for (epoch, settled) in CollectorEpochs::<T>::iter() {
			ensure!(
				counted.get(&epoch) == Some(&settled.unfolded_statements),
				"statements of a closed epoch are not those of its collectors"
			);
		}
		for (epoch, total) in OpenStatements::<T>::iter() {
			ensure!(!Self::is_closed(epoch), "a closed epoch kept open statements");
			ensure!(
				counted.get(&epoch) == Some(&total),
				"statements of an open epoch are not those of its collectors"
			);
		}
		Ok(())
	}
}
