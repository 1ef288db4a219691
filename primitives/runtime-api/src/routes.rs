//! Routes of payers and offers of devices.
//!
//! A client that mirrors them reads all pages as of one block, and then follows the events of
//! `pallet-routes`, each of which has the number of its change. If [`RouteVersions`] are what it
//! has, it missed nothing.

use codec::Codec;
use groma_core::{
	DeviceId,
	api::{OfferPage, RouteInfo, RoutePage, RouteVersions},
};

sp_api::decl_runtime_apis! {
	/// Who buys which packets, and what devices sell. What does not decode is left out.
	#[api_version(1)]
	pub trait RoutesApi<AccountId> where AccountId: Codec {
		/// How often routes and offers changed; `None` if that cannot be read.
		fn versions() -> Option<RouteVersions>;
		/// Payers after `after`, or from the first on: `limit` of them (1 to 256; other numbers
		/// count as the nearest).
		fn routes(after: Option<AccountId>, limit: u32) -> RoutePage<AccountId>;
		/// A payer; `None` if it has no route, no addresses and no JoinEUI.
		fn route(payer: AccountId) -> Option<RouteInfo<AccountId>>;
		/// Offers of the devices after `after`, or from the first on: of `limit` devices (1 to 256;
		/// other numbers count as the nearest).
		fn offers(after: Option<DeviceId>, limit: u32) -> OfferPage<AccountId>;
	}
}
