//! Where a device stands, as commands take it.

use std::fmt;

use clap::Args;
use groma_client::{
	chain::{At, Chain, RpcChain},
	owner::{Doubt, LocationClaim, Place, region_name},
};
use groma_core::{NetworkId, RegionId, api::LocationInfo};

use super::{confirm::ConfirmArgument, error::CommandError, values};

/// Where a device stands.
#[derive(Debug, Args)]
pub(super) struct PlaceArguments {
	/// Degrees north of the equator.
	#[arg(long, value_name = "DEGREES", value_parser = values::decimal)]
	#[arg(allow_hyphen_values = true, requires = "longitude")]
	latitude: Option<f64>,
	/// Degrees east of Greenwich.
	#[arg(long, value_name = "DEGREES", value_parser = values::decimal)]
	#[arg(allow_hyphen_values = true, requires = "latitude")]
	longitude: Option<f64>,
	/// The radio region at that place: eu868, us915, or the number of another one of the network.
	/// Without it the one of these two that is in use there.
	#[arg(long, value_parser = values::region, requires = "latitude")]
	region: Option<RegionId>,
	/// Antenna gain in dBi, for information. Without it what it was before, or 0.
	#[arg(long, value_name = "DBI", value_parser = values::gain)]
	#[arg(allow_hyphen_values = true, requires = "latitude")]
	gain: Option<i16>,
	/// Height of the antenna above ground in whole metres, for information. Without it what it was
	/// before, or 0.
	#[arg(long, value_name = "METRES", value_parser = values::elevation)]
	#[arg(allow_hyphen_values = true, requires = "latitude")]
	elevation: Option<i16>,
}

/// A place that is to be asserted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ClaimedPlace {
	place: Place,
	pub(super) claim: LocationClaim,
}

impl PlaceArguments {
	/// What of the antenna is not named stays as it was at the former place.
	pub(super) fn keep_antenna(&self, place: &mut ClaimedPlace, former: &LocationInfo) {
		if self.gain.is_none() {
			place.claim.gain_deci_dbi = former.gain_deci_dbi;
		}
		if self.elevation.is_none() {
			place.claim.elevation_m = former.elevation_m;
		}
	}

	/// The place that is to be asserted, if there is one. Asks about what cannot be meant.
	pub(super) fn claimed(
		&self,
		confirm: ConfirmArgument,
	) -> Result<Option<ClaimedPlace>, CommandError> {
		let (Some(latitude), Some(longitude)) = (self.latitude, self.longitude) else {
			return Ok(None);
		};
		let (place, cell) = Place::new(latitude, longitude)
			.and_then(|place| Some((place, place.cell()?)))
			.ok_or_else(|| CommandError::Input(not_on_earth(latitude, longitude)))?;
		let region = self.region_at(place)?;
		for doubt in place.doubts(region) {
			confirm.ask(&doubt.to_string())?;
		}
		let gain_deci_dbi = self.gain.unwrap_or_default();
		let elevation_m = self.elevation.unwrap_or_default();
		let claim = LocationClaim { cell, region, gain_deci_dbi, elevation_m };
		Ok(Some(ClaimedPlace { place, claim }))
	}

	/// The region that was named, or else the known one that is in use there.
	fn region_at(&self, place: Place) -> Result<RegionId, CommandError> {
		let region = self.region.or_else(|| place.regions().first().copied());
		region.ok_or_else(|| CommandError::Input(no_region(place)))
	}
}

impl ClaimedPlace {
	/// Whether the chain takes it for another place than that where the device stands.
	pub(super) fn is_elsewhere(&self, former: &LocationInfo) -> bool {
		self.claim.cell != former.cell || self.claim.region != former.region
	}

	/// Refuses a region that the network does not serve.
	pub(super) async fn check(
		&self,
		chain: &RpcChain,
		network: NetworkId,
	) -> Result<(), CommandError> {
		let region = self.claim.region;
		match chain.region_plan(network, region, At::Best).await? {
			Some(_) => Ok(()),
			None => Err(CommandError::Input(format!(
				"network {network} does not serve region {}: name one that it serves with --region",
				name(region)
			))),
		}
	}
}

/// What is asserted, as it is read before it is signed.
impl fmt::Display for ClaimedPlace {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let LocationClaim { cell, region, gain_deci_dbi, elevation_m } = self.claim;
		let gain = f64::from(gain_deci_dbi) / 10.0;
		write!(
			f,
			"cell {cell} at {}, region {}, antenna {gain} dBi, {elevation_m} m above ground",
			self.place,
			name(region)
		)
	}
}

fn name(region: RegionId) -> String {
	region_name(region).map_or_else(|| region.to_string(), str::to_owned)
}

fn not_on_earth(latitude: f64, longitude: f64) -> String {
	format!(
		"{latitude}, {longitude} is no place on earth: give degrees north from -90 to 90 as --latitude and \
		 degrees east from -180 to 180 as --longitude"
	)
}

/// What is wrong with a place where no known region is in use.
fn no_region(place: Place) -> String {
	match (place.is_near_zero(), place.swapped()) {
		(true, _) => format!("{}: correct --latitude and --longitude", Doubt::NearZero),
		(false, Some(swapped)) => format!(
			"no known radio region is in use at {place}: if latitude and longitude are swapped, the place is \
			 {swapped}"
		),
		(false, None) => format!(
			"no known radio region is in use at {place}: correct the place, or name with --region the one \
			 whose frequencies are lawful there"
		),
	}
}

#[cfg(test)]
mod tests {
	use clap::Parser;
	use groma_core::region;

	use super::*;

	#[derive(Debug, Parser)]
	struct Line {
		#[command(flatten)]
		place: PlaceArguments,
		#[command(flatten)]
		confirm: ConfirmArgument,
	}

	/// What comes of a command line; tests have no terminal.
	fn claimed(line: &str) -> Result<Option<ClaimedPlace>, String> {
		let words = std::iter::once("test").chain(line.split_whitespace());
		let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
		line.place.claimed(line.confirm).map_err(|error| error.to_string())
	}

	fn region_of(line: &str) -> RegionId {
		claimed(line).expect(line).expect("a place").claim.region
	}

	#[test]
	fn region_follows_from_the_place_unless_it_is_named() {
		assert_eq!(region_of("--latitude 52.52 --longitude 13.405"), region::EU868);
		assert_eq!(region_of("--latitude 40.7128 --longitude -74.006"), region::US915);
		assert_eq!(region_of("--latitude -33.87 --longitude 151.21 --region 7"), 7);
		assert_eq!(claimed(""), Ok(None));
	}

	#[test]
	fn place_that_cannot_be_meant_is_refused_with_what_to_do() {
		for (line, part) in [
			("--latitude 95 --longitude 13", "no place on earth"),
			("--latitude 52 --longitude 181", "no place on earth"),
			("--latitude 0 --longitude 0", "0, 0 is in the sea"),
			("--latitude 0 --longitude 0 --region eu868", "--yes"),
			("--latitude 13.405 --longitude 52.52", "the place is 52.52, 13.405"),
			("--latitude 40.7128 --longitude -74.006 --region eu868", "--region us915"),
			("--latitude 90 --longitude 10", "--region"),
			("--latitude 52,52 --longitude 13,405", "write a decimal point, 52.52"),
			("--latitude 52.52", "--longitude"),
			("--gain 5", "--latitude"),
			("--elevation 12", "--latitude"),
			("--region eu868", "--latitude"),
			("--latitude 52.52 --longitude 13.4 --elevation 12.5", "write whole metres, 13"),
			("--latitude 52.52 --longitude 13.4 --elevation 40000", "9000 metres"),
			("--latitude 52.52 --longitude 13.4 --gain 2,15", "write a decimal point, 2.15"),
			("--latitude north --longitude 13.4", "write a number"),
		] {
			let error = claimed(line).expect_err(line);
			assert!(error.contains(part), "{line}: {error}");
		}
	}

	#[test]
	fn doubts_are_dispelled_by_yes() {
		assert_eq!(region_of("--latitude 0 --longitude 0 --region us915 --yes"), region::US915);
		assert_eq!(region_of("--latitude 90 --longitude 10 --region eu868 --yes"), region::EU868);
		assert_eq!(region_of("--latitude 0 --longitude 180 --region 0 --yes"), region::EU868);
	}

	#[test]
	fn antenna_stays_as_it_was_unless_it_is_named() {
		let kept = |line: &str| {
			let words = ["test", "--latitude", "52.52", "--longitude", "13.405"].into_iter();
			let line = Line::try_parse_from(words.chain(line.split_whitespace())).expect("a line");
			let mut place = line.place.claimed(line.confirm).expect("read").expect("a place");
			let LocationClaim { cell, region, .. } = place.claim;
			let (gain_deci_dbi, elevation_m) = (80, 30);
			let former = LocationInfo {
				cell,
				region,
				since: 1,
				eligible_from: 2,
				gain_deci_dbi,
				elevation_m,
			};
			line.place.keep_antenna(&mut place, &former);
			(place.claim.gain_deci_dbi, place.claim.elevation_m)
		};
		assert_eq!(kept(""), (80, 30));
		assert_eq!(kept("--gain 0"), (0, 30));
		assert_eq!(kept("--elevation -3 --gain 2.1"), (21, -3));
	}

	#[test]
	fn what_is_signed_is_shown() {
		let line = "--latitude 52.52 --longitude 13.405 --gain 2.15 --elevation 12";
		let text = claimed(line).expect("read").expect("a place").to_string();
		assert!(text.contains("at 52.52, 13.405, region eu868, antenna 2.2 dBi, 12 m"), "{text}");
	}
}
