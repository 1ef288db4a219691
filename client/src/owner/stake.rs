//! What an owner sets aside behind its devices, as calls of the chain.

use codec::Encode;
use groma_core::{NetworkId, money::Balance};
use subxt::{OnlineClient, SubstrateConfig};

use super::{call::PreparedCall, error::OwnerError};

/// The pallet of stake.
const STAKE: &str = "Stake";

/// What stake stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub enum Purpose {
	/// The owner's devices of a network.
	#[codec(index = 0)]
	Devices(NetworkId),
}

/// A change of what an owner set aside. Amounts are plancks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakeChange {
	/// More is set aside.
	Provision(Balance),
	/// Some begins to thaw.
	Thaw(Balance),
	/// What has thawed is released.
	Withdraw,
}

impl StakeChange {
	/// The call that makes the change.
	pub async fn call(
		&self,
		client: &OnlineClient<SubstrateConfig>,
		purpose: Purpose,
	) -> Result<PreparedCall, OwnerError> {
		match *self {
			Self::Provision(amount) => {
				PreparedCall::new(client, STAKE, "provision", (purpose, amount)).await
			}
			Self::Thaw(amount) => PreparedCall::new(client, STAKE, "thaw", (purpose, amount)).await,
			Self::Withdraw => PreparedCall::new(client, STAKE, "withdraw", purpose).await,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn purpose_encodes_as_calls_take_it() {
		let provision = (Purpose::Devices(258), 5u128).encode();
		assert_eq!(provision[..4], [0, 2, 1, 5]);
		assert_eq!(provision.len(), 19);
	}
}
