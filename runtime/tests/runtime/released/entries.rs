//! Entries of states, by the keys that pallets and items have.

use frame_support::storage::unhashed;
use sp_core::storage::{Storage, StorageMap};
use sp_io::{TestExternalities, hashing::twox_128};

/// A key of the state and its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Items that have no entry when a runtime begins: no migration runs when code is set, and the
/// price of fees is removed when a block ends.
pub(super) const ABSENT_AT_UPGRADES: [(&str, &str); 2] =
	[("MultiBlockMigrations", "Cursor"), ("PriceFeed", "FeePrice")];

/// What the keys of a storage item begin with.
pub(crate) fn prefix_of(pallet: &str, item: &str) -> Vec<u8> {
	[twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

/// A chain with this state.
pub(super) fn chain_with(pairs: &[Pair]) -> TestExternalities {
	let top: StorageMap = pairs.iter().cloned().collect();
	TestExternalities::new(Storage { top, children_default: Default::default() })
}

/// All keys of the state.
pub(super) fn keys() -> impl Iterator<Item = Vec<u8>> {
	std::iter::successors(sp_io::storage::next_key(&[]), |key| sp_io::storage::next_key(key))
}

/// All entries of the state.
pub(crate) fn pairs() -> Vec<Pair> {
	let value = |key: &Vec<u8>| unhashed::get_raw(key).expect("the key is there");
	keys().map(|key| (key.clone(), value(&key))).collect()
}
