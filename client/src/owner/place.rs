//! Places as people type them, and what speaks against them. A place is asserted for days, and its
//! region decides the frequencies on which a device transmits.

use std::fmt;

use groma_core::{
	RegionId,
	place::{Cell, LOCATION_RESOLUTION},
	region,
};

/// So near to 0, 0 there is nothing but sea, in degrees.
const NEAR_ZERO: f64 = 1.0;

/// A point on earth in degrees of WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
	latitude: f64,
	longitude: f64,
}

/// A part of the earth where a region's plan is in use, roughly: what lies outside is asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
	region: RegionId,
	/// From south to north, in degrees.
	latitudes: (f64, f64),
	/// From west to east, in degrees.
	longitudes: (f64, f64),
}

const fn area(region: RegionId, latitudes: (f64, f64), longitudes: (f64, f64)) -> Area {
	Area { region, latitudes, longitudes }
}

/// Where the plans of the known regions are in use.
const AREAS: [Area; 12] = [
	// Europe from Cyprus to the North Cape, from Ireland to the Black Sea.
	area(region::EU868, (34.0, 72.0), (-11.0, 45.0)),
	// Iceland.
	area(region::EU868, (63.0, 67.0), (-25.0, -13.0)),
	// Azores, Madeira, Canary Islands.
	area(region::EU868, (27.0, 40.0), (-32.0, -13.0)),
	// The Caucasus.
	area(region::EU868, (38.3, 44.0), (45.0, 51.0)),
	// Svalbard.
	area(region::EU868, (74.0, 81.0), (10.0, 34.0)),
	// Canada and the United States, from Florida to the Arctic.
	area(region::US915, (24.0, 84.0), (-141.5, -52.0)),
	// Alaska.
	area(region::US915, (51.0, 72.0), (-180.0, -129.0)),
	// The Aleutian Islands beyond the date line.
	area(region::US915, (51.0, 54.0), (172.0, 180.0)),
	// Mexico.
	area(region::US915, (14.0, 33.0), (-118.0, -86.0)),
	// Hawaii.
	area(region::US915, (18.0, 29.0), (-179.0, -154.0)),
	// Puerto Rico and the Virgin Islands.
	area(region::US915, (17.5, 18.7), (-68.0, -64.0)),
	// Guam and the Northern Mariana Islands.
	area(region::US915, (13.0, 20.7), (144.0, 146.5)),
];

/// What the known regions are called.
const NAMES: [(RegionId, &str); 2] = [(region::EU868, "eu868"), (region::US915, "us915")];

/// The name of a region, if it is known here.
pub fn region_name(region: RegionId) -> Option<&'static str> {
	NAMES.iter().find(|(id, _)| *id == region).map(|(_, name)| *name)
}

/// What speaks against a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
	/// It is next to 0, 0.
	NearZero,
	/// The region's plan is not in use there.
	OutsideRegion {
		/// The place.
		place: Place,
		/// The region.
		region: RegionId,
	},
}

impl Area {
	fn contains(&self, place: Place) -> bool {
		let (south, north) = self.latitudes;
		let (west, east) = self.longitudes;
		(south..=north).contains(&place.latitude) && (west..=east).contains(&place.longitude)
	}
}

impl Place {
	/// The point at degrees north and degrees east; `None` beyond the poles and the date line,
	/// where H3 goes on.
	pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
		let is_on_earth =
			(-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
		is_on_earth.then_some(Self { latitude, longitude })
	}

	/// The cell that the chain is given.
	pub fn cell(self) -> Option<Cell> {
		Cell::from_degrees(self.latitude, self.longitude, LOCATION_RESOLUTION)
	}

	/// The known regions whose plans are in use there.
	pub fn regions(self) -> Vec<RegionId> {
		let mut regions: Vec<_> =
			AREAS.iter().filter(|area| area.contains(self)).map(|area| area.region).collect();
		regions.dedup();
		regions
	}

	/// The place with latitude and longitude swapped, if it is one where a known region's plan is
	/// in use: what was meant, most likely, if here none is.
	pub fn swapped(self) -> Option<Self> {
		let swapped = Self::new(self.longitude, self.latitude)?;
		(!swapped.regions().is_empty()).then_some(swapped)
	}

	/// Whether it lies next to 0, 0.
	pub fn is_near_zero(self) -> bool {
		self.latitude.abs() < NEAR_ZERO && self.longitude.abs() < NEAR_ZERO
	}

	/// What speaks against the place with a region. About regions that are not known here nothing
	/// is said.
	pub fn doubts(self, region: RegionId) -> Vec<Doubt> {
		let is_outside = region_name(region).is_some() && !self.regions().contains(&region);
		let outside = Doubt::OutsideRegion { place: self, region };
		let doubts =
			[self.is_near_zero().then_some(Doubt::NearZero), is_outside.then_some(outside)];
		doubts.into_iter().flatten().collect()
	}
}

impl fmt::Display for Place {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}, {}", self.latitude, self.longitude)
	}
}

impl fmt::Display for Doubt {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self::OutsideRegion { place, region } = self else {
			return f.write_str(
				"0, 0 is in the sea, and what programs write that do not know where they are",
			);
		};
		let name = |region| region_name(region).unwrap_or("another");
		write!(f, "the frequencies of region {} are not in use at {place}", name(*region))?;
		match place.regions().first() {
			Some(fitting) => write!(f, ", those of {0} are (--region {0})", name(*fitting)),
			None => match place.swapped() {
				Some(swapped) => {
					write!(f, "; if latitude and longitude are swapped, it is at {swapped}")
				}
				None => Ok(()),
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const BERLIN: (f64, f64) = (52.52, 13.405);
	const NEW_YORK: (f64, f64) = (40.7128, -74.006);

	fn place((latitude, longitude): (f64, f64)) -> Place {
		Place::new(latitude, longitude).expect("a place on earth")
	}

	#[test]
	fn place_is_refused_when_it_is_beyond_the_poles_or_the_date_line() {
		for (latitude, longitude) in [
			(90.1, 0.0),
			(-91.0, 0.0),
			(0.0, 180.1),
			(0.0, -181.0),
			(f64::NAN, 0.0),
			(0.0, f64::INFINITY),
		] {
			assert_eq!(Place::new(latitude, longitude), None, "{latitude}, {longitude}");
		}
	}

	#[test]
	fn poles_and_the_date_line_are_places() {
		let cell = |latitude, longitude| place((latitude, longitude)).cell();
		assert!(cell(90.0, 10.0).is_some());
		assert_eq!(cell(90.0, 10.0), cell(90.0, 77.0));
		assert_eq!(cell(-90.0, 10.0), cell(-90.0, -170.0));
		assert_eq!(cell(10.0, 180.0), cell(10.0, -180.0));
	}

	#[test]
	fn zero_is_doubted() {
		assert!(place((0.0, 0.0)).doubts(7).contains(&Doubt::NearZero));
		assert!(place((0.02, -0.4)).doubts(7).contains(&Doubt::NearZero));
		// São Tomé, and Greenwich.
		for there in [(0.34, 6.73), (51.48, 0.0)] {
			assert!(!place(there).is_near_zero(), "{there:?}");
		}
	}

	#[test]
	fn region_is_taken_where_its_plan_is_in_use() {
		let europe = [
			BERLIN,
			(35.17, 33.36),
			(70.98, 25.97),
			(64.15, -21.94),
			(37.74, -25.67),
			(28.12, -15.43),
			(41.72, 44.79),
			(40.41, 49.87),
			(38.72, -9.14),
		];
		for there in europe {
			assert_eq!(place(there).doubts(region::EU868), [], "{there:?}");
			assert_eq!(place(there).regions(), [region::EU868], "{there:?}");
		}
		let america = [
			NEW_YORK,
			(61.22, -149.9),
			(24.56, -81.78),
			(47.56, -52.71),
			(19.43, -99.13),
			(21.31, -157.86),
			(18.47, -66.11),
			(52.9, 173.0),
		];
		for there in america {
			assert_eq!(place(there).doubts(region::US915), [], "{there:?}");
		}
	}

	#[test]
	fn region_of_another_continent_is_doubted_and_the_right_one_named() {
		for (there, region, fitting) in
			[(NEW_YORK, region::EU868, "us915"), (BERLIN, region::US915, "eu868")]
		{
			let doubts = place(there).doubts(region);
			let text = doubts.first().expect("a doubt").to_string();
			assert!(text.contains(&format!("--region {fitting}")), "{text}");
		}
		for nowhere in [(-33.87, 151.21), (90.0, 10.0), (0.0, 180.0), (13.75, 100.5)] {
			assert!(place(nowhere).regions().is_empty(), "{nowhere:?}");
			assert_eq!(place(nowhere).doubts(region::EU868).len(), 1, "{nowhere:?}");
		}
	}

	#[test]
	fn swapped_degrees_are_recognized() {
		for there in [BERLIN, NEW_YORK, (46.48, 30.73), (59.91, 10.75)] {
			let swapped = place((there.1, there.0));
			assert!(swapped.regions().is_empty(), "{there:?}");
			let text = swapped.doubts(region::EU868)[0].to_string();
			assert!(text.ends_with(&format!("it is at {}, {}", there.0, there.1)), "{text}");
		}
		assert_eq!(place(BERLIN).swapped(), None);
	}

	#[test]
	fn unknown_region_is_not_doubted() {
		assert_eq!(place(NEW_YORK).doubts(9), []);
		assert_eq!((region_name(9), region_name(region::US915)), (None, Some("us915")));
	}
}
