//! Real positions on the ground: gateways that exist, and towns around which larger fields are laid
//! out.

use groma_core::{
	RegionId,
	place::{Cell, EARTH_RADIUS_M, LOCATION_RESOLUTION, UnitVector},
	region,
};

/// Positions of real LoRa gateways; `data/README.md` names their sources and licences.
const GATEWAYS: &str = include_str!("../data/gateways-lora-real.csv");

/// Countries whose towns follow the European region plan: those of CEPT where real gateways of the
/// embedded positions stand, and their neighbours.
const EUROPE: [&str; 28] = [
	"AT", "BE", "BG", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE",
	"IT", "LT", "LU", "LV", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];
/// Countries whose towns follow the North American region plan.
const NORTH_AMERICA: [&str; 2] = ["CA", "US"];

/// A point in degrees of WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Position {
	/// Degrees north, -90 to 90.
	pub(crate) latitude: f64,
	/// Degrees east, -180 to 180.
	pub(crate) longitude: f64,
}

impl Position {
	/// The point that lies `metres` away in the direction of `bearing` (radians, clockwise from
	/// north), along a great circle.
	pub(crate) fn moved(self, metres: f64, bearing: f64) -> Self {
		let angle = metres / EARTH_RADIUS_M as f64;
		let (latitude, longitude) = (self.latitude.to_radians(), self.longitude.to_radians());
		let sine = latitude.sin() * angle.cos() + latitude.cos() * angle.sin() * bearing.cos();
		let north = sine.clamp(-1.0, 1.0).asin();
		let east = longitude
			+ (bearing.sin() * angle.sin() * latitude.cos())
				.atan2(angle.cos() - latitude.sin() * north.sin());
		Self {
			latitude: north.to_degrees(),
			longitude: (east.to_degrees() + 540.0).rem_euclid(360.0) - 180.0,
		}
	}

	/// The cell that an owner asserts for a device at this point; `None` if the point is not on the
	/// globe.
	pub(crate) fn cell(self) -> Option<Cell> {
		Cell::from_degrees(self.latitude, self.longitude, LOCATION_RESOLUTION)
	}

	/// The point itself as radio sees it: to about half a metre.
	pub(crate) fn vector(self) -> Option<UnitVector> {
		Cell::from_degrees(self.latitude, self.longitude, 15)?.unit_vector()
	}

	/// The distance in metres, rounded down; `None` if either point is not on the globe.
	pub(crate) fn metres_to(self, other: Self) -> Option<u64> {
		Some(self.vector()?.separation(other.vector()?).metres())
	}

	/// From this point to `other`: metres and bearing, as [`Self::moved`] takes them.
	fn offset_to(self, other: Self) -> Option<(f64, f64)> {
		let metres = self.metres_to(other)? as f64;
		let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
		let east = (other.longitude - self.longitude).to_radians();
		let bearing = (east.sin() * to.cos())
			.atan2(from.cos() * to.sin() - from.sin() * to.cos() * east.cos());
		Some((metres, bearing))
	}
}

/// A town as a seed of a large field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Town {
	/// Its centre.
	pub(crate) centre: Position,
	/// Its radio region.
	pub(crate) region: RegionId,
}

/// The real gateways whose positions are part of the program. All stand in Europe.
pub(crate) fn gateways() -> Vec<Position> {
	Table::new(GATEWAYS)
		.map(|table| table.rows().filter_map(|row| row.position()).collect())
		.unwrap_or_default()
}

/// The towns of a table with the columns `country`, `lat` and `lon`, most populous first. Towns of
/// countries whose region plan the simulator doesn't know are left out.
pub(crate) fn towns(text: &str) -> Vec<Town> {
	let Some(table) = Table::new(text) else { return Vec::new() };
	table
		.rows()
		.filter_map(|row| {
			Some(Town { centre: row.position()?, region: region_of(row.field("country")?)? })
		})
		.collect()
}

/// Gateways of a town: the real gateways around `model` with the distances and directions that they
/// have from it, laid around the town's centre.
pub(crate) fn transplant(
	model: Position,
	neighbours: &[Position],
	centre: Position,
) -> Vec<Position> {
	neighbours
		.iter()
		.filter_map(|neighbour| model.offset_to(*neighbour))
		.map(|(metres, bearing)| centre.moved(metres, bearing))
		.collect()
}

fn region_of(country: &str) -> Option<RegionId> {
	if EUROPE.contains(&country) {
		Some(region::EU868)
	} else if NORTH_AMERICA.contains(&country) {
		Some(region::US915)
	} else {
		None
	}
}

/// Comma-separated text with a header row. A field that itself holds a comma is in double quotes.
pub(crate) struct Table<'a> {
	columns: Vec<&'a str>,
	body: std::str::Lines<'a>,
}

/// One row of a [`Table`].
pub(crate) struct Row<'t, 'a> {
	columns: &'t [&'a str],
	fields: Vec<&'a str>,
}

impl<'a> Table<'a> {
	/// Reads the header; `None` if there is none.
	pub(crate) fn new(text: &'a str) -> Option<Self> {
		let mut lines = text.lines();
		Some(Self { columns: split(lines.next()?), body: lines })
	}

	/// The rows below the header.
	pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_, 'a>> {
		self.body.clone().map(|line| Row { columns: &self.columns, fields: split(line) })
	}
}

impl<'a> Row<'_, 'a> {
	/// The field of a column; `None` if there is no such column or it is empty.
	pub(crate) fn field(&self, column: &str) -> Option<&'a str> {
		let index = self.columns.iter().position(|name| *name == column)?;
		self.fields.get(index).copied().filter(|field| !field.is_empty())
	}

	/// The number in a column.
	pub(crate) fn number(&self, column: &str) -> Option<f64> {
		self.field(column)?.parse().ok().filter(|number: &f64| number.is_finite())
	}

	/// The point in the columns `lat` and `lon`.
	pub(crate) fn position(&self) -> Option<Position> {
		Some(Position { latitude: self.number("lat")?, longitude: self.number("lon")? })
	}
}

/// The fields of a line, without their quotes.
fn split(line: &str) -> Vec<&str> {
	let mut is_quoted = false;
	line.split(|character| {
		is_quoted ^= character == '"';
		character == ',' && !is_quoted
	})
	.map(|field| field.trim().trim_matches('"'))
	.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_embedded_position_is_in_europe() {
		let gateways = gateways();
		assert_eq!(gateways.len(), 460);
		assert!(gateways.iter().all(|position| {
			(35.0..72.0).contains(&position.latitude)
				&& (-10.0..30.0).contains(&position.longitude)
				&& position.cell().is_some()
		}));
	}

	#[test]
	fn moving_covers_the_distance_when_measured_back() {
		let start = gateways()[0];
		for (metres, bearing) in [(300.0, 0.0), (5_000.0, 1.0), (120_000.0, 4.0)] {
			let measured = start.metres_to(start.moved(metres, bearing)).expect("on the globe");
			assert!((measured as f64 - metres).abs() < 3.0 + metres * 1e-4, "{measured} {metres}");
		}
	}

	#[test]
	fn transplanted_gateways_keep_their_distances() {
		let real = gateways();
		let town = Position { latitude: 41.38, longitude: 2.17 };
		let moved = transplant(real[100], &real[95..110], town);
		for (before, after) in real[95..110].iter().zip(&moved) {
			let expected = real[100].metres_to(*before).expect("on the globe");
			let found = town.metres_to(*after).expect("on the globe");
			assert!(expected.abs_diff(found) <= 3 + expected / 10_000, "{expected} {found}");
		}
	}

	#[test]
	fn quoted_commas_do_not_split_a_field() {
		let text =
			"name,country,lat,lon\n\"Washington, D.C.\",US,38.9,-77.0\nX,ZZ,1,1\nY,FR,bad,2\n";
		let towns = towns(text);
		assert_eq!(towns.len(), 1);
		assert_eq!(towns[0].region, region::US915);
	}
}
