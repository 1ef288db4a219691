//! What must be true of the stored networks after every block.

use frame_support::ensure;
use groma_core::{protocol::NETWORKS_MAX, units::ONE};
use groma_traits::Networks as _;
use sp_runtime::TryRuntimeError;

use crate::{
	dispatch::Shares,
	pallet::{Config, Pallet},
	raises::RaiseList,
	types::is_name,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant that the crate's documentation lists.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_networks()
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
