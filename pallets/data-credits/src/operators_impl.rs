//! What pallets ask before an account acts for a payer.

use frame_support::pallet_prelude::{DispatchResult, ensure};
use groma_core::money::Credits;

use crate::{Config, Error, Pallet};

impl<T: Config> groma_traits::Operators<T::AccountId> for Pallet<T> {
	fn ensure_operator(payer: &T::AccountId, who: &T::AccountId) -> DispatchResult {
		if payer == who {
			return Ok(());
		}
		let operators = Self::stored_operators(payer)?;
		ensure!(operators.iter().any(|known| known.account == *who), Error::<T>::NotOperator);
		Ok(())
	}

	fn commit(payer: &T::AccountId, who: &T::AccountId, credits: Credits) -> DispatchResult {
		if payer == who {
			return Ok(());
		}
		Self::do_commit(payer, who, credits)
	}
}
