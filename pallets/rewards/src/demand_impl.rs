//! What pallets ask that sell services.

use frame_support::traits::Get;
use groma_core::{
	DeviceId, NetworkId,
	lot::Lot,
	money::{Balance, Credits},
};
use groma_traits::{CreditAccounts, Demand, Emission, Payment, Prices};

use crate::{Config, Pallet};

impl<T: Config> Demand<T::AccountId> for Pallet<T> {
	fn is_payable() -> bool {
		T::Emission::present_epoch().is_some()
			&& T::Prices::is_readable()
			&& T::Credits::are_books_readable()
	}

	/// The minimum of basis and value is taken of this lot alone, never over sums: so what others
	/// burned changes nothing here. It is paid in full, out of the burn, as is what validators get
	/// of the same minimum when the epoch is closed.
	fn pay(
		device: DeviceId,
		network: NetworkId,
		owner: &T::AccountId,
		lot: Lot,
		units: u64,
	) -> Result<Payment, Lot> {
		let Some(epoch) = T::Emission::present_epoch() else { return Err(lot) };
		if !<Self as Demand<T::AccountId>>::is_payable()
			|| Self::stored_owed(device, owner).is_none()
		{
			return Err(lot);
		}
		let payment = payment_for::<T>(lot.credits(), lot.basis());
		if !T::Emission::remint(epoch, &payment) {
			return Err(lot);
		}
		let (credits, _) = T::Credits::burn(lot);
		Self::add_demand(network, epoch, credits, units, &payment);
		Self::credit(device, owner, payment.paid);
		Ok(payment)
	}

	fn quote(credits: Credits, basis: Balance) -> Option<Payment> {
		<Self as Demand<T::AccountId>>::is_payable().then(|| payment_for::<T>(credits, basis))
	}
}

/// What a claim of credits with this basis comes to.
fn payment_for<T: Config>(credits: Credits, basis: Balance) -> Payment {
	let price = T::Prices::closed_epoch_mean();
	let claim = T::DemandShares::get().claim(credits, basis, price);
	let (value, paid, for_validators) = (claim.value, claim.paid, claim.for_validators);
	Payment { basis, value, paid, for_validators }
}
