//! What is stored of payers, addresses, JoinEUIs and offers.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use groma_core::{
	money::Balance,
	protocol::{JOIN_EUIS_PER_PAYER_MAX, PAYERS_PER_JOIN_EUI_MAX, RANGES_PER_PAYER_MAX},
	route::{AddressRange, Offer, Route},
	terms::SERVICES_MAX,
	words::{DevAddr, JoinEui},
};
use scale_info::TypeInfo;

/// A route, and what its payer paid for its state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct HeldRoute {
	/// The route.
	pub route: Route,
	/// Plancks on hold from the payer.
	#[codec(compact)]
	pub deposit: Balance,
}

/// A payer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PayerRecord {
	/// Where its packets go.
	pub route: Option<HeldRoute>,
	/// Its addresses.
	pub ranges: BoundedVec<AddressRange, ConstU32<RANGES_PER_PAYER_MAX>>,
	/// The JoinEUIs that it has claimed.
	pub join_euis: BoundedVec<JoinEui, ConstU32<JOIN_EUIS_PER_PAYER_MAX>>,
}

impl PayerRecord {
	/// Whether nothing of it has to be kept.
	pub(crate) fn is_empty(&self) -> bool {
		self.route.is_none() && self.ranges.is_empty() && self.join_euis.is_empty()
	}
}

/// A range of addresses that is allotted, under its last address.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Allotment<AccountId> {
	/// Its first address.
	pub first: DevAddr,
	/// Whose it is.
	pub payer: AccountId,
}

/// A payer that claimed a JoinEUI.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct JoinClaim<AccountId> {
	/// The payer.
	pub payer: AccountId,
	/// Plancks on hold from it.
	#[codec(compact)]
	pub deposit: Balance,
}

/// The payers that share a JoinEUI.
pub type JoinClaims<AccountId> =
	BoundedVec<JoinClaim<AccountId>, ConstU32<PAYERS_PER_JOIN_EUI_MAX>>;

/// An offer, and who paid for its state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct OfferRecord<AccountId> {
	/// The owner of the device that set it.
	pub owner: AccountId,
	/// The offer.
	pub offer: Offer,
	/// Plancks on hold from the owner.
	#[codec(compact)]
	pub deposit: Balance,
}

/// The offers of a device: at most one for each service of its network.
pub type OfferRecords<AccountId> = BoundedVec<OfferRecord<AccountId>, ConstU32<SERVICES_MAX>>;

/// How often something changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ChangeCounts {
	/// Routes: endpoints, ranges of addresses, JoinEUIs.
	pub routes: u64,
	/// Offers.
	pub offers: u64,
}
