//! Funds of accounts that a benchmark makes up.

use frame_support::traits::fungible::Mutate;
use groma_core::money::Balance;
use groma_runtime::{AccountId, Balances};
use sp_core::storage::Storage;
use sp_state_machine::BasicExternalities;

/// A state in which each of these accounts has so much in addition.
pub(crate) fn endow(
	state: Storage,
	accounts: impl Iterator<Item = AccountId>,
	each: Balance,
) -> anyhow::Result<Storage> {
	let mut externalities = BasicExternalities::new(state);
	externalities.execute_with(|| {
		for account in accounts {
			Balances::mint_into(&account, each)
				.map_err(|error| anyhow::anyhow!("an account has no funds: {error:?}"))?;
		}
		anyhow::Ok(())
	})?;
	Ok(externalities.into_storages())
}
