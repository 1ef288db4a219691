//! Answers to the runtime API: nothing here changes state.

use groma_core::api::{CreditsInfo, OperatorInfo};
use groma_traits::Emission;

use crate::{Config, Operator, Pallet};

impl<T: Config> Pallet<T> {
	/// What an account holds, and who acts for it.
	pub fn credits_info(account: &T::AccountId) -> CreditsInfo<T::AccountId> {
		let held = Self::held_by(account);
		let epoch = T::Emission::present_epoch().unwrap_or_default();
		let info = |operator: Operator<T::AccountId>| OperatorInfo {
			account: operator.account,
			credits_per_epoch: operator.credits_per_epoch,
			committed: if operator.epoch == epoch { operator.committed } else { 0 },
			deposit: operator.deposit,
		};
		CreditsInfo {
			credits: held.credits(),
			basis: held.basis(),
			operators: Self::operators_of(account).into_iter().map(info).collect(),
		}
	}
}
