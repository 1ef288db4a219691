//! What is stored about a network, and how genesis describes one.

use alloc::{string::String, vec::Vec};

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use groma_core::{protocol::NAME_BYTES_MAX, region::RegionPlan};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::terms::NetworkTerms;

/// A network's name as bytes of UTF-8.
pub type NetworkName = BoundedVec<u8, ConstU32<NAME_BYTES_MAX>>;

/// A network.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct NetworkRecord {
	/// What people call it: UTF-8, not empty.
	pub name: NetworkName,
	/// What it asks and grants.
	pub terms: NetworkTerms,
	/// Whether devices may join it.
	pub is_open: bool,
}

/// A network that exists from genesis on; its id is its position in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisNetwork {
	/// What people call it: at most [`NAME_BYTES_MAX`] bytes.
	pub name: String,
	/// What it asks and grants.
	pub terms: NetworkTerms,
	/// The plans of its regions.
	pub region_plans: Vec<RegionPlan>,
}

/// Whether the bytes are a name: UTF-8, not empty.
pub(crate) fn is_name(bytes: &[u8]) -> bool {
	!bytes.is_empty() && core::str::from_utf8(bytes).is_ok()
}
