//! What pallets ask that sell services.

use frame_support::traits::Get;
use groma_core::{DeviceId, NetworkId, lot::Lot};
use groma_traits::{CreditAccounts, Demand, Emission, Payment, Prices};

use crate::{Config, Pallet};

impl<T: Config> Demand<T::AccountId> for Pallet<T> {
	fn is_payable() -> bool {
		T::Emission::present_epoch().is_some()
			&& T::Prices::is_readable()
			&& T::Credits::are_books_readable()
	}

	/// The minimum of basis and value is taken of this lot alone, never over sums: so what others
	/// burned changes nothing here. It is paid in full, out of the burn.
	fn pay(
		device: DeviceId,
		network: NetworkId,
		owner: &T::AccountId,
		lot: Lot,
		units: u64,
	) -> Result<Payment, Lot> {
		let Some(epoch) = T::Emission::present_epoch() else { return Err(lot) };
		let is_readable = T::Prices::is_readable()
			&& T::Credits::are_books_readable()
			&& Self::stored_owed(device, owner).is_some();
		if !is_readable {
			return Err(lot);
		}
		let price = T::Prices::closed_epoch_mean();
		let claim = T::DemandShares::get().claim(lot.credits(), lot.basis(), price);
		if !T::Emission::remint(claim.paid, lot.basis()) {
			return Err(lot);
		}
		let (credits, basis) = T::Credits::burn(lot);
		let payment = Payment { basis, value: claim.value, paid: claim.paid };
		Self::add_demand(network, epoch, credits, units, &payment);
		Self::credit(device, owner, claim.paid);
		Ok(payment)
	}
}
