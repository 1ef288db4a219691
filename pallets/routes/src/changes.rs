//! Numbers of changes, by which a client knows that it missed none.

use groma_core::api::RouteVersions;

use crate::{ChangeCounts, Changes, Config, Error, Pallet};

impl<T: Config> Pallet<T> {
	/// Counts a change of routes, and returns its number.
	pub(crate) fn count_route_change() -> Result<u64, Error<T>> {
		let mut counts = Self::change_counts().ok_or(Error::<T>::Unreadable)?;
		counts.routes = counts.routes.saturating_add(1);
		Changes::<T>::put(counts);
		Ok(counts.routes)
	}

	/// Counts a change of offers, and returns its number.
	pub(crate) fn count_offer_change() -> Result<u64, Error<T>> {
		let mut counts = Self::change_counts().ok_or(Error::<T>::Unreadable)?;
		counts.offers = counts.offers.saturating_add(1);
		Changes::<T>::put(counts);
		Ok(counts.offers)
	}

	/// How often routes and offers changed; `None` if that does not decode.
	pub fn versions() -> Option<RouteVersions> {
		let ChangeCounts { routes, offers } = Self::change_counts()?;
		Some(RouteVersions { routes, offers })
	}

	fn change_counts() -> Option<ChangeCounts> {
		groma_stored::value::<Changes<T>, ChangeCounts>().or_absent(ChangeCounts::default())
	}
}
