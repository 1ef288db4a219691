//! What stands in the state of a block.

use anyhow::Result;
use codec::Decode;
use sp_crypto_hashing::twox_128;
use subxt::rpcs::client::rpc_params;

use crate::node::Node;

/// The key of a value, or of an entry of a map, of which the hashed parts are given.
pub fn entry(pallet: &str, item: &str, parts: &[&[u8]]) -> String {
	let prefix = [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat();
	hexadecimal(&[&prefix[..], &parts.concat()].concat())
}

/// Bytes as JSON-RPC has them.
pub fn hexadecimal(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

impl Node {
	/// The bytes that stand at a key in the state of a block, the best one for `None`.
	///
	/// # Errors
	///
	/// If the node does not answer, or no longer has that state.
	pub async fn stored_bytes(&self, key: &str, block: Option<&str>) -> Result<Option<Vec<u8>>> {
		let value: Option<String> = self.call("state_getStorage", rpc_params![key, block]).await?;
		let bytes = value.map(|value| hex::decode(value.trim_start_matches("0x")));
		Ok(bytes.transpose()?)
	}

	/// The value that stands at a key in the state of a block, the best one for `None`.
	///
	/// # Errors
	///
	/// As for [`Self::stored_bytes`], or if it is another type.
	pub async fn stored<V: Decode>(&self, key: &str, block: Option<&str>) -> Result<Option<V>> {
		let bytes = self.stored_bytes(key, block).await?;
		Ok(bytes.map(|bytes| V::decode(&mut &bytes[..])).transpose()?)
	}
}
