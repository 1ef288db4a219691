//! Arbitrary bytes.

/// The `n`-th of the arbitrary 32 bytes that the vectors use as seeds, keys and accounts.
pub(super) fn bytes(n: u32) -> [u8; 32] {
	sp_crypto_hashing::blake2_256(&n.to_le_bytes())
}
