//! What is stored about a network, how genesis describes one, and why terms are refused.

use alloc::string::String;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	BoundedVec,
	traits::{ConstU32, OriginTrait, PalletError},
};
use groma_core::{
	money::Balance,
	protocol::NAME_BYTES_MAX,
	terms::{NetworkStatus, NetworkTerms, TermsField},
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Any origin of the runtime without the filters that come with it.
pub(crate) type CallerOf<T> =
	<<T as frame_system::Config>::RuntimeOrigin as OriginTrait>::PalletsOrigin;

/// A network's name as bytes of UTF-8.
pub type NetworkName = BoundedVec<u8, ConstU32<NAME_BYTES_MAX>>;

/// A network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct NetworkRecord {
	/// What people call it: UTF-8, not empty.
	pub name: NetworkName,
	/// What it asks and grants.
	pub terms: NetworkTerms,
	/// Whether devices join it and are challenged.
	pub status: NetworkStatus,
	/// When it was created, in ms since the Unix epoch; 0 for networks of the genesis.
	pub founded_ms: u64,
}

/// A network that someone founded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct FoundedNetwork<AccountId> {
	/// Who founded it, and changes its terms.
	pub founder: AccountId,
	/// Plancks on hold from the founder until it is dissolved.
	pub deposit: Balance,
	/// The network.
	pub record: NetworkRecord,
}

/// A network that exists from genesis on; its id is its position in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisNetwork {
	/// What people call it: at most [`NAME_BYTES_MAX`] bytes.
	pub name: String,
	/// What it asks and grants.
	pub terms: NetworkTerms,
}

/// The field for which terms are refused.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RefusedField(pub TermsField);

impl PalletError for RefusedField {
	const MAX_ENCODED_SIZE: usize = 1;
}

/// Whether the bytes are a name: UTF-8, not empty.
pub(crate) fn is_name(bytes: &[u8]) -> bool {
	!bytes.is_empty() && core::str::from_utf8(bytes).is_ok()
}
