//! Calls of a proxy on behalf of another account.

use subxt::{OnlineClient, SubstrateConfig, error::DispatchError, extrinsics::ExtrinsicEvents};

use super::{
	call::PreparedCall,
	error::{OwnerError, failure_text, incompatible, unreachable},
	receipt::Receipt,
};
use crate::chain::AccountId;

/// The kind of address that is an account's id.
const BY_ID: u8 = 0;
/// Any type of proxy will do that allows the call.
const ANY_TYPE: Option<()> = None;
/// What the outcome of the inner call begins with if it failed.
const FAILED: u8 = 1;

/// The call that has a proxy make `call` for `principal`.
pub(super) async fn wrap(
	client: &OnlineClient<SubstrateConfig>,
	principal: AccountId,
	call: &PreparedCall,
) -> Result<PreparedCall, OwnerError> {
	let arguments = ((BY_ID, principal), ANY_TYPE, call);
	PreparedCall::new(client, "Proxy", "proxy", arguments).await
}

/// Fails if the inner call did: the proxy's own call succeeds all the same.
pub(super) async fn expect_success(
	client: &OnlineClient<SubstrateConfig>,
	events: &ExtrinsicEvents<SubstrateConfig>,
) -> Result<(), OwnerError> {
	let Some(failure) = inner_failure(events)? else { return Ok(()) };
	let at = client.at_current_block().await.map_err(|error| unreachable(&error))?;
	let failure =
		DispatchError::decode_from(failure, at.metadata()).map_err(|error| incompatible(&error))?;
	let fee = Receipt::of(events)?.fee;
	Err(OwnerError::Failed { reason: failure_text(&failure), fee })
}

/// The error of the call that a proxy made, if it failed.
fn inner_failure(events: &ExtrinsicEvents<SubstrateConfig>) -> Result<Option<Vec<u8>>, OwnerError> {
	for event in events.iter() {
		let event = event.map_err(|error| incompatible(&error))?;
		if (event.pallet_name(), event.event_name()) == ("Proxy", "ProxyExecuted") {
			return Ok(failure_in(event.field_bytes()).map(<[u8]>::to_vec));
		}
	}
	Ok(None)
}

/// The error in the fields of the event of an executed proxy call; `None` if it succeeded.
fn failure_in(fields: &[u8]) -> Option<&[u8]> {
	match fields.split_first() {
		Some((&FAILED, failure)) => Some(failure),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use codec::Encode;

	use super::*;

	#[test]
	fn proxy_call_encodes_as_the_chain_takes_it() {
		let arguments = ((BY_ID, AccountId::from([7; 32])), ANY_TYPE, PreparedCall(vec![9, 8]));
		assert_eq!(arguments.encode(), [&[0][..], &[7; 32], &[0], &[9, 8]].concat());
	}

	#[test]
	fn failure_of_the_inner_call_is_found() {
		assert_eq!(failure_in(&[0]), None);
		assert_eq!(failure_in(&[1, 3, 11, 5, 0, 0, 0]), Some(&[3, 11, 5, 0, 0, 0][..]));
		assert_eq!(failure_in(&[]), None);
	}
}
