//! Places: H3 cells, their centres as fixed-point unit vectors, and distances in integers.
//!
//! The one computation in floating point is [`Cell::unit_vector`], at the assertion of a location, by
//! `h3o` without its `std` feature: native and wasm builds then share one mathematical library.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use h3o::{CellIndex, LatLng, Resolution};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Resolution of an asserted location: cells of about 300 m².
pub const LOCATION_RESOLUTION: u8 = 12;
/// The sphere's radius in metres, as H3 has it (mean radius of the authalic WGS 84 sphere).
pub const EARTH_RADIUS_M: u64 = 6_371_007;
/// Binary digits after the point of a [`UnitVector`]: a step is about 6 mm on the ground.
pub const VECTOR_FRACTION_BITS: u32 = 30;

/// An H3 cell of any resolution. Decoding refuses a number that is not a cell.
#[derive(
	Clone,
	Copy,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Cell(u64);

impl Cell {
	/// The cell with this H3 index.
	pub fn from_index(index: u64) -> Option<Self> {
		CellIndex::try_from(index).ok().map(|cell| Self(cell.into()))
	}

	/// The cell of `resolution` (0 to 15) around a point given in degrees of WGS 84. For clients: the
	/// chain takes cells only.
	pub fn from_degrees(latitude: f64, longitude: f64, resolution: u8) -> Option<Self> {
		let resolution = Resolution::try_from(resolution).ok()?;
		let point = LatLng::new(latitude, longitude).ok()?;
		Some(Self(point.to_cell(resolution).into()))
	}

	/// The H3 index.
	pub fn index(self) -> u64 {
		self.0
	}

	/// The resolution, 0 to 15.
	pub fn resolution(self) -> u8 {
		((self.0 >> 52) & 0xF) as u8
	}

	/// The cell of a coarser or equal `resolution` that holds this one.
	pub fn parent(self, resolution: u8) -> Option<Self> {
		let resolution = Resolution::try_from(resolution).ok()?;
		self.h3()?.parent(resolution).map(|cell| Self(cell.into()))
	}

	/// The centre in degrees: latitude, longitude. For clients and people.
	pub fn centre_degrees(self) -> Option<(f64, f64)> {
		let centre = LatLng::from(self.h3()?);
		Some((centre.lat(), centre.lng()))
	}

	/// The centre as a unit vector from the middle of the earth, each coordinate rounded to the nearest
	/// step.
	pub fn unit_vector(self) -> Option<UnitVector> {
		let centre = LatLng::from(self.h3()?);
		let (latitude, longitude) = (centre.lat_radians(), centre.lng_radians());
		let across = libm::cos(latitude);
		let fixed =
			|coordinate: f64| libm::round(coordinate * f64::from(1 << VECTOR_FRACTION_BITS));
		Some(UnitVector {
			x: fixed(across * libm::cos(longitude)) as i32,
			y: fixed(across * libm::sin(longitude)) as i32,
			z: fixed(libm::sin(latitude)) as i32,
		})
	}

	fn h3(self) -> Option<CellIndex> {
		CellIndex::try_from(self.0).ok()
	}
}

impl core::fmt::Debug for Cell {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		write!(f, "{:x}", self.0)
	}
}

impl core::fmt::Display for Cell {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		write!(f, "{:x}", self.0)
	}
}

impl Decode for Cell {
	fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
		Self::from_index(u64::decode(input)?).ok_or_else(|| "not an H3 cell".into())
	}
}

/// In text a cell is its index in hexadecimal, as all H3 tools print it.
impl Serialize for Cell {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for Cell {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = alloc::string::String::deserialize(deserializer)?;
		u64::from_str_radix(text.trim_start_matches("0x"), 16)
			.ok()
			.and_then(Self::from_index)
			.ok_or_else(|| serde::de::Error::custom("not an H3 cell in hexadecimal"))
	}
}

/// A point on the sphere, each coordinate in units of 2^-30.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct UnitVector {
	/// Towards latitude 0, longitude 0.
	pub x: i32,
	/// Towards latitude 0, longitude 90 degrees east.
	pub y: i32,
	/// Towards the north pole.
	pub z: i32,
}

impl UnitVector {
	/// How far apart two points are.
	pub fn separation(self, other: Self) -> Separation {
		let square = |a: i32, b: i32| {
			let difference = i64::from(a).abs_diff(i64::from(b));
			difference.saturating_mul(difference)
		};
		Separation {
			chord_squared: square(self.x, other.x)
				.saturating_add(square(self.y, other.y))
				.saturating_add(square(self.z, other.z)),
		}
	}
}

/// The distance of two points: the square of the chord between them in units of 2^-60 of the squared
/// radius. At 120 km the chord is shorter than the arc by 2 m, which is neglected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Separation {
	chord_squared: u64,
}

impl Separation {
	/// The separation of points whose chord is `metres` (at most two radii), rounded down.
	pub fn from_metres(metres: u64) -> Self {
		let metres = u128::from(metres.min(2 * EARTH_RADIUS_M));
		let radius = u128::from(EARTH_RADIUS_M);
		let squared = (metres * metres << (2 * VECTOR_FRACTION_BITS)) / (radius * radius);
		Self { chord_squared: squared as u64 }
	}

	/// The chord in metres, rounded down.
	pub fn metres(self) -> u64 {
		((u128::from(self.chord_squared.isqrt()) * u128::from(EARTH_RADIUS_M))
			>> VECTOR_FRACTION_BITS) as u64
	}

	/// The squared chord in units of 2^-60.
	pub fn chord_squared(self) -> u64 {
		self.chord_squared
	}
}
