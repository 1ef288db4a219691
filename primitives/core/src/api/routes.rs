//! Routes of payers and offers of devices, in pages.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	DeviceId,
	route::{AddressRange, Offer, Route},
	words::JoinEui,
};

/// A payer, and which packets of LoRaWAN devices it buys.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteInfo<AccountId> {
	/// The payer.
	pub payer: AccountId,
	/// Where its packets go; absent as long as it has set nothing.
	pub route: Option<Route>,
	/// The addresses of its devices, which no other payer has.
	pub ranges: Vec<AddressRange>,
	/// The JoinEUIs of which it buys requests to join: others may have the same.
	pub join_euis: Vec<JoinEui>,
}

/// A page of payers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutePage<AccountId> {
	/// How often anything about routes changed; absent if the chain cannot read it.
	pub version: Option<u64>,
	/// The payers of the page, in an order that means nothing.
	pub routes: Vec<RouteInfo<AccountId>>,
	/// The payer after which the next page begins; absent if this is the last one.
	pub next: Option<AccountId>,
}

/// What a device sells.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferInfo<AccountId> {
	/// The device.
	pub device: DeviceId,
	/// The owner that set the offer.
	pub owner: AccountId,
	/// The offer.
	pub offer: Offer,
	/// Whether the device still belongs to that owner, and its network has the service on such
	/// terms. Otherwise nothing should be bought by the offer.
	pub is_current: bool,
}

/// A page of offers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferPage<AccountId> {
	/// How often any offer changed; absent if the chain cannot read it.
	pub version: Option<u64>,
	/// The offers of the devices of the page, in an order that means nothing.
	pub offers: Vec<OfferInfo<AccountId>>,
	/// The device after which the next page begins; absent if this is the last one.
	pub next: Option<DeviceId>,
}

/// How often something changed. A client that has the same numbers has the same routes and offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteVersions {
	/// Of routes: endpoints, ranges of addresses, JoinEUIs.
	pub routes: u64,
	/// Of offers.
	pub offers: u64,
}
