//! What a network asks of owners, besides the fee of a transaction.

use std::fmt;

use groma_core::{
	NetworkId,
	lot::HeldLot,
	money::{Balance, Credits},
	protocol::is_founded,
	terms::{FeeTerms, NetworkTerms},
};
use subxt::dynamic::Value;

use super::{
	connection::{Connection, stored},
	error::OwnerError,
};
use crate::{
	amount::Amount,
	chain::{AccountId, At, RpcChain},
};

/// What a network asks for one thing, as the chain takes it at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkFee {
	/// How many credits it is.
	pub credits: Credits,
	/// How many the owner has.
	pub held: Credits,
	/// The plancks that are burned in their place if that is fewer; `None` if the price of GRM
	/// cannot be read.
	pub burned: Option<Balance>,
}

impl NetworkFee {
	/// A fee of `credits` as `owner` would pay it.
	pub async fn of(
		chain: &RpcChain,
		client: &Connection,
		owner: AccountId,
		credits: Credits,
	) -> Result<Self, OwnerError> {
		let keys = vec![Value::from_bytes(owner.0)];
		let held = stored::<HeldLot>(client, "DataCredits", "Accounts", keys).await?;
		let price = chain.price(At::Best).await?;
		Ok(Self {
			credits,
			held: held.map_or(0, |held| held.credits()),
			burned: price.map(|price| price.last_good.burn_for(credits)),
		})
	}
}

/// As it is read before something is signed. A fee is paid in credits or as GRM, never in parts.
impl fmt::Display for NetworkFee {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { credits, held, burned } = *self;
		if credits == 0 {
			return f.write_str("nothing");
		}
		if held >= credits {
			return write!(f, "{credits} of the owner's {held} credits");
		}
		let grm = burned.map_or_else(|| "GRM".to_owned(), |plancks| Amount(plancks).to_string());
		write!(f, "{grm}, which are burned: {credits} credits, of which the owner has {held}")
	}
}

/// What a network asks of owners; `None` if there is no such network.
pub async fn fee_terms(
	client: &Connection,
	network: NetworkId,
) -> Result<Option<FeeTerms>, OwnerError> {
	let keys = vec![Value::u128(network.into())];
	// A record begins with the name and the terms; before them stand founder and deposit, if
	// someone founded the network.
	if is_founded(network) {
		type Founded = (AccountId, Balance, Vec<u8>, NetworkTerms);
		let record = stored::<Founded>(client, "Networks", "FoundedNetworks", keys).await?;
		return Ok(record.map(|(_, _, _, terms)| terms.fees));
	}
	let record = stored::<(Vec<u8>, NetworkTerms)>(client, "Networks", "Networks", keys).await?;
	Ok(record.map(|(_, terms)| terms.fees))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn fee_says_what_it_takes() {
		let fee = |credits, held| NetworkFee { credits, held, burned: Some(5_000_000_000_000) };
		assert_eq!(fee(0, 9).to_string(), "nothing");
		assert_eq!(fee(50_000, 50_000).to_string(), "50000 of the owner's 50000 credits");
		assert_eq!(
			fee(50_000, 49_999).to_string(),
			"5 GRM, which are burned: 50000 credits, of which the owner has 49999"
		);
		let unknown = NetworkFee { burned: None, ..fee(50_000, 0) };
		assert!(unknown.to_string().starts_with("GRM, which are burned"), "{unknown}");
	}
}
