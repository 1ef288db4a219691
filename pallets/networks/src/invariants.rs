//! What must be true of the stored networks after every block.

use alloc::collections::BTreeMap;

use frame_support::{ensure, traits::fungible::InspectHold};
use groma_core::{
	money::Balance,
	protocol::{NETWORKS_MAX, is_founded},
	terms::{PlaceTerms, Proof},
	units::ONE,
};
use groma_traits::Networks as _;
use sp_runtime::TryRuntimeError;

use crate::{
	dispatch::Shares,
	pallet::{Config, FoundedNetworks, HoldReason, Pallet},
	raises::RaiseList,
	types::is_name,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant that the crate's documentation lists.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_networks()?;
		Self::check_founded()
	}

	fn check_networks() -> Result<(), TryRuntimeError> {
		Self::check_raises()?;
		ensure!(Self::count() <= NETWORKS_MAX, "there are too many networks");
		let dense = (0..).take(Self::count() as usize);
		ensure!(Self::ids().into_iter().eq(dense), "network ids are not dense");
		let mut shares = Shares::default();
		for network in Self::ids() {
			let record = Self::stored(network).value().ok_or("a network does not decode")?;
			ensure!(is_name(&record.name), "a network has no proper name");
			shares = shares.with(Shares::of(&record.terms));
		}
		ensure!(shares.supply <= ONE, "supply weights exceed the whole");
		ensure!(shares.lane <= ONE, "lane shares exceed the whole");
		Ok(())
	}

	fn check_founded() -> Result<(), TryRuntimeError> {
		let next = Self::next_founded().map_err(|_| "the next id does not decode")?;
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		for network in FoundedNetworks::<T>::iter_keys() {
			ensure!(is_founded(network) && network < next, "a founded network has a strange id");
			let founded = Self::stored_founded(network).value();
			let founded = founded.ok_or("a founded network does not decode")?;
			let terms = founded.record.terms;
			ensure!(is_name(&founded.record.name), "a founded network has no proper name");
			ensure!(
				terms.proof == Proof::Unproven && terms.place == PlaceTerms::Anywhere,
				"a founded network is more than a market"
			);
			let sum = deposits.entry(founded.founder).or_default();
			*sum = sum.saturating_add(founded.deposit);
		}
		// Of every account, since nothing may stay on hold when its network is gone.
		for account in frame_system::Account::<T>::iter_keys() {
			let deposit = deposits.remove(&account).unwrap_or_default();
			let on_hold = T::Currency::balance_on_hold(&HoldReason::Founding.into(), &account);
			ensure!(on_hold == deposit, "a founder's deposits are not on hold");
		}
		ensure!(deposits.is_empty(), "a network has a founder without an account");
		Ok(())
	}

	fn check_raises() -> Result<(), TryRuntimeError> {
		let raises = Self::stored_raises().or_absent(RaiseList::new());
		let raises = raises.ok_or("the raises do not decode")?;
		ensure!(
			raises.iter().enumerate().all(|(place, raise)| {
				raises.iter().take(place).all(|other| other.network != raise.network)
			}),
			"a network has two raises"
		);
		for raise in raises {
			let record = Self::stored(raise.network).value().ok_or("a raise has no network")?;
			ensure!(
				raise.stake_per_device > record.terms.stake_per_device,
				"a raise that is announced raises nothing"
			);
		}
		Ok(())
	}
}
