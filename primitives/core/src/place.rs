//! Places: H3 cells, their centres as fixed-point unit vectors, and distances in integers.
//!
//! The one computation in floating point is [`Cell::unit_vector`], at the assertion of a location,
//! by `h3o` without its `std` feature: native and wasm builds then share one mathematical library.

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
/// The finest resolution of H3. Its digit is the last of an index.
const FINEST_RESOLUTION: u8 = 15;
/// Bits of an H3 index per resolution: which child of its parent a cell is, from 0 to 6.
const DIGIT_BITS: u8 = 3;
/// Where the resolution stands in an H3 index.
const RESOLUTION_SHIFT: u8 = 52;

/// An H3 cell of any resolution. Decoding refuses a number that is not a cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Cell(u64);

impl Cell {
	/// The cell with this H3 index.
	pub fn from_index(index: u64) -> Option<Self> {
		CellIndex::try_from(index).ok().map(|cell| Self(cell.into()))
	}

	/// The cell of `resolution` (0 to 15) around a point given in degrees of WGS 84. For clients:
	/// the chain takes cells only.
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
		((self.0 >> RESOLUTION_SHIFT) & 0xF) as u8
	}

	/// Which cell this is of those within one of resolution `above`, down to resolution `finest`:
	/// the digits of its index between the two, three bits each, the coarsest first, all of them
	/// set at resolutions finer than its own. All cells within the same one have different digits.
	/// `None` if the cell is coarser or finer than these two, or `finest` is above 15.
	pub fn digits(self, above: u8, finest: u8) -> Option<u64> {
		let is_among = (above..=finest).contains(&self.resolution()) && finest <= FINEST_RESOLUTION;
		is_among.then(|| (self.0 >> digit_shift(finest)) & digit_mask(above, finest))
	}

	/// This cell and all cells within it, down to resolution `finest`, at most 15. None if the cell
	/// itself is finer.
	pub fn family(self, finest: u8) -> impl Iterator<Item = Self> {
		(self.resolution()..=finest)
			.filter_map(|resolution| Resolution::try_from(resolution).ok())
			.flat_map(move |resolution| self.h3().map(|cell| cell.children(resolution)))
			.flatten()
			.map(|cell| Self(cell.into()))
	}

	/// The cell of a coarser or equal `resolution` that holds this one.
	pub fn parent(self, resolution: u8) -> Option<Self> {
		let resolution = Resolution::try_from(resolution).ok()?;
		self.h3()?.parent(resolution).map(|cell| Self(cell.into()))
	}

	/// The centre as a unit vector from the middle of the earth, each coordinate rounded to the
	/// nearest step.
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

/// Where the digit of a resolution stands in an H3 index.
fn digit_shift(resolution: u8) -> u8 {
	FINEST_RESOLUTION.saturating_sub(resolution).saturating_mul(DIGIT_BITS)
}

/// The digits of all resolutions finer than `above`, down to `finest`.
fn digit_mask(above: u8, finest: u8) -> u64 {
	let bits = finest.saturating_sub(above).saturating_mul(DIGIT_BITS);
	1u64.checked_shl(u32::from(bits)).map_or(u64::MAX, |end| end.saturating_sub(1))
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
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

/// The distance of two points: the square of the chord between them in units of 2^-60 of the
/// squared radius. At 120 km the chord is shorter than the arc by 2 m, which is neglected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Separation {
	chord_squared: u64,
}

impl Separation {
	/// The separation of points whose chord is `metres` (at most two radii), rounded down.
	pub fn from_metres(metres: u64) -> Self {
		let metres = u128::from(metres.min(2 * EARTH_RADIUS_M));
		let radius = u128::from(EARTH_RADIUS_M);
		let squared = ((metres * metres) << (2 * VECTOR_FRACTION_BITS)) / (radius * radius);
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

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{collections::BTreeSet, vec::Vec};
	use proptest::prelude::*;

	const ONE: f64 = (1u64 << VECTOR_FRACTION_BITS) as f64;

	fn cell() -> impl Strategy<Value = Cell> {
		(-90.0f64..=90.0, -180.0f64..180.0).prop_map(|(latitude, longitude)| {
			Cell::from_degrees(latitude, longitude, LOCATION_RESOLUTION).expect("a point on earth")
		})
	}

	fn vector(cell: Cell) -> UnitVector {
		cell.unit_vector().expect("a cell has a centre")
	}

	/// Latitude and longitude of a cell's centre in degrees.
	fn centre_degrees(cell: Cell) -> (f64, f64) {
		let centre = LatLng::from(cell.h3().expect("it is a cell"));
		(centre.lat(), centre.lng())
	}

	/// The great-circle distance of two points in degrees, by the haversine formula.
	fn haversine_m(a: (f64, f64), b: (f64, f64)) -> f64 {
		let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
		let across = a.0.to_radians().cos() * b.0.to_radians().cos();
		let square = half(b.0 - a.0) + across * half(b.1 - a.1);
		2.0 * EARTH_RADIUS_M as f64 * square.sqrt().min(1.0).asin()
	}

	#[test]
	fn number_is_refused_when_it_is_not_a_cell() {
		for index in [0, 1, u64::MAX, 0x8c1f_9301_4275_9ff0, 0x0c1f_9301_4275_9fff] {
			assert_eq!(Cell::from_index(index), None);
			assert!(Cell::decode(&mut &index.encode()[..]).is_err());
		}
		assert!(serde_json::from_str::<Cell>("\"zz\"").is_err());
		assert!(serde_json::from_str::<Cell>("\"0\"").is_err());
	}

	#[test]
	fn point_is_refused_when_it_is_not_a_number_or_the_resolution_does_not_exist() {
		assert_eq!(Cell::from_degrees(f64::NAN, 0.0, 12), None);
		assert_eq!(Cell::from_degrees(0.0, f64::INFINITY, 12), None);
		assert_eq!(Cell::from_degrees(0.0, 0.0, 16), None);
	}

	#[test]
	fn pentagon_has_a_smaller_family() {
		let pentagon = Cell::from_index(0x0800_9fff_ffff_ffff).expect("a pentagon of resolution 0");
		let digits = pentagon.family(2).filter_map(|cell| cell.digits(0, 2));
		assert_eq!(digits.collect::<BTreeSet<_>>().len(), 1 + 6 + 41);
		assert_eq!(pentagon.digits(0, 16), None);
	}

	#[test]
	fn separation_of_metres_survives_the_whole_range() {
		for metres in (0..1_000).chain([120_000, 1_000_000, 2 * EARTH_RADIUS_M]) {
			let back = Separation::from_metres(metres).metres();
			assert!(back == metres || back + 1 == metres, "{metres} {back}");
		}
		assert_eq!(Separation::from_metres(u64::MAX), Separation::from_metres(2 * EARTH_RADIUS_M));
	}

	#[test]
	fn antipodes_do_not_overflow() {
		let pole = |z| UnitVector { x: 0, y: 0, z };
		let metres = pole(1 << 30).separation(pole(-(1 << 30))).metres();
		assert_eq!(metres, 2 * EARTH_RADIUS_M);
		let extreme = |n| UnitVector { x: n, y: n, z: n };
		assert_eq!(extreme(i32::MIN).separation(extreme(i32::MAX)).chord_squared(), u64::MAX);
	}

	proptest! {
		#[test]
		fn any_number_is_a_cell_or_refused(index: u64) {
			if let Some(cell) = Cell::from_index(index) {
				prop_assert!(cell.resolution() <= 15);
				prop_assert!(cell.unit_vector().is_some());
			}
		}

		#[test]
		fn random_bytes_never_panic(bytes: Vec<u8>) {
			if let Ok(cell) = Cell::decode(&mut &bytes[..]) {
				prop_assert_eq!(Cell::from_index(cell.index()), Some(cell));
			}
		}

		#[test]
		fn cell_survives_encoding_and_text(cell in cell()) {
			prop_assert_eq!(Cell::decode(&mut &cell.encode()[..]), Ok(cell));
			let text = serde_json::to_string(&cell).expect("a cell is text");
			prop_assert_eq!(serde_json::from_str::<Cell>(&text).ok(), Some(cell));
			let centre = centre_degrees(cell);
			prop_assert_eq!(Cell::from_degrees(centre.0, centre.1, 12), Some(cell));
		}

		#[test]
		fn parent_has_its_resolution_and_a_finer_one_is_none(cell in cell(), resolution in 0u8..20) {
			let parent = cell.parent(resolution);
			prop_assert_eq!(parent.is_some(), resolution <= LOCATION_RESOLUTION);
			if let Some(parent) = parent {
				prop_assert_eq!(parent.resolution(), resolution);
				prop_assert_eq!(parent.parent(0), cell.parent(0));
			}
		}

		#[test]
		fn digits_tell_a_family_apart(cell in cell(), resolution in 0u8..10) {
			let ancestor = cell.parent(resolution).expect("coarser");
			let finest = resolution + 2;
			let family = ancestor.family(finest).collect::<Vec<_>>();
			let digits = |cell: &Cell| cell.digits(resolution, finest);
			let distinct = family.iter().filter_map(digits).collect::<BTreeSet<_>>();
			prop_assert_eq!(distinct.len(), family.len());
			prop_assert_eq!(family.len(), if ancestor.h3().is_some_and(CellIndex::is_pentagon) { 48 } else { 57 });
			prop_assert_eq!(digits(&ancestor), Some(0b111_111));
			for member in &family {
				prop_assert_eq!(member.parent(resolution), Some(ancestor));
				prop_assert!(member.resolution() <= finest && digits(member) <= Some(0b111_111));
			}
			prop_assert!(family.contains(&cell.parent(finest).expect("coarser")));
			prop_assert_eq!(digits(&cell), None);
			prop_assert_eq!(cell.parent(0).and_then(|coarse| coarse.digits(1, 2)), None);
		}

		#[test]
		fn vector_has_unit_length(cell in cell()) {
			let vector = vector(cell);
			let square = |n: i32| (f64::from(n) / ONE).powi(2);
			let length = (square(vector.x) + square(vector.y) + square(vector.z)).sqrt();
			prop_assert!((length - 1.0).abs() < 2.0 / ONE);
		}

		#[test]
		fn separation_is_symmetric_and_zero_for_one_place(a in cell(), b in cell()) {
			let (a, b) = (vector(a), vector(b));
			prop_assert_eq!(a.separation(b), b.separation(a));
			prop_assert_eq!(a.separation(a).chord_squared(), 0);
		}

		#[test]
		fn chord_is_the_arc_within_three_metres_below_120_km(
			a in cell(),
			north in -1.0f64..1.0,
			east in -1.0f64..1.0,
		) {
			let (latitude, longitude) = centre_degrees(a);
			prop_assume!(latitude.abs() < 88.0);
			let b = Cell::from_degrees(latitude + north, longitude + east, 12).expect("on earth");
			let arc = haversine_m((latitude, longitude), centre_degrees(b));
			prop_assume!(arc <= 120_000.0);
			let chord = vector(a).separation(vector(b)).metres() as f64;
			prop_assert!(chord <= arc + 0.02 && arc - chord < 3.0, "{chord} {arc}");
		}

		#[test]
		fn separation_of_metres_never_falls(a in 0u64..3 * EARTH_RADIUS_M, b in 0u64..3 * EARTH_RADIUS_M) {
			let (near, far) = (a.min(b), a.max(b));
			prop_assert!(Separation::from_metres(near) <= Separation::from_metres(far));
		}
	}
}
