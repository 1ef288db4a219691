//! A call of the chain.

use codec::Encode;
use subxt::{OnlineClient, SubstrateConfig};

use super::error::{OwnerError, incompatible, unreachable};

/// A call of the chain, as bytes that the present runtime understands. Its encoding is the call's,
/// so that calls can be arguments of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedCall(pub(super) Vec<u8>);

impl Encode for PreparedCall {
	fn encode(&self) -> Vec<u8> {
		self.0.clone()
	}
}

impl PreparedCall {
	/// The call `pallet.call` with these arguments.
	pub async fn new(
		client: &OnlineClient<SubstrateConfig>,
		pallet: &str,
		call: &str,
		arguments: impl Encode,
	) -> Result<Self, OwnerError> {
		let at = client.at_current_block().await.map_err(|error| unreachable(&error))?;
		let metadata = at.metadata();
		let found = metadata
			.pallet_by_name(pallet)
			.ok_or_else(|| OwnerError::Incompatible(format!("it has no pallet {pallet}")))?;
		let variant = found
			.call_variant_by_name(call)
			.ok_or_else(|| OwnerError::Incompatible(format!("it has no call {pallet}.{call}")))?;
		let bytes = [vec![found.call_index(), variant.index], arguments.encode()].concat();
		// The metadata has to understand the arguments, to the last byte.
		at.tx().from_call_data_bytes(&bytes).map_err(|error| incompatible(&error))?;
		Ok(Self(bytes))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn calls_encode_as_arguments_of_calls() {
		let calls = vec![PreparedCall(vec![1, 2, 3]), PreparedCall(vec![4])];
		assert_eq!(calls.encode(), [8, 1, 2, 3, 4]);
	}
}
