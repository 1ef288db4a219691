//! What those who found a chain add to the preset `production`.

use frame_support::build_struct_json_patch;
use pallet_ranked_collective::Rank;
use serde_json::Value;

use crate::{
	AccountId, Balance, BalancesConfig, BlockNumber, OriginsConfig, PriceFeedConfig,
	RuntimeGenesisConfig, SessionConfig, SessionKeys, VestingConfig,
};

/// What those who found a chain add. Nothing of it is checked here.
#[derive(Clone, Debug, Default)]
pub struct Founders {
	/// Accounts with what they have, in plancks. The treasury is one of them.
	pub balances: Vec<(AccountId, Balance)>,
	/// Accounts whose balance vests: the block in which it begins, the blocks that it takes, and
	/// the plancks that are free from the beginning.
	pub vesting: Vec<(AccountId, BlockNumber, BlockNumber, Balance)>,
	/// Validators with their session keys.
	pub validators: Vec<(AccountId, SessionKeys)>,
	/// Validators with the accounts that send prices for them.
	pub feeders: Vec<(AccountId, AccountId)>,
	/// Members of the fellowship with their ranks.
	pub fellows: Vec<(AccountId, Rank)>,
}

impl Founders {
	/// What the genesis has beyond the preset, as a JSON patch.
	pub fn patch(self) -> Value {
		let Self { balances, vesting, validators, feeders, fellows } = self;
		let keys: Vec<_> = validators
			.into_iter()
			.map(|(account, keys)| (account.clone(), account, keys))
			.collect();
		build_struct_json_patch!(RuntimeGenesisConfig {
			balances: BalancesConfig { balances },
			vesting: VestingConfig { vesting },
			session: SessionConfig { keys },
			price_feed: PriceFeedConfig { feeders },
			origins: OriginsConfig { fellows },
		})
	}
}
