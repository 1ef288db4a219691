//! What must be true of the stored networks after every block.

use frame_support::ensure;
use groma_core::{protocol::NETWORKS_MAX, units::ONE};
use groma_traits::Networks as _;
use sp_runtime::TryRuntimeError;

use crate::{
	dispatch::Shares,
	pallet::{Config, Networks, Pallet},
	types::is_name,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant that the crate's documentation lists.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_networks()
	}

	fn check_networks() -> Result<(), TryRuntimeError> {
		ensure!(Networks::<T>::count() <= NETWORKS_MAX, "there are too many networks");
		let mut shares = Shares::default();
		for network in Self::ids() {
			let record = Networks::<T>::get(network).ok_or("network ids are not dense")?;
			ensure!(is_name(&record.name), "a network has no proper name");
			shares = shares.with(Shares::of(&record.terms));
		}
		ensure!(shares.supply <= ONE, "supply weights exceed the whole");
		ensure!(shares.lane <= ONE, "lane shares exceed the whole");
		let stored = Networks::<T>::iter_keys().count();
		ensure!(stored == Self::ids().len(), "the counter of networks is wrong");
		Ok(())
	}
}
