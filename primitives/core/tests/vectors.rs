//! The checked-in vectors are what this crate computes, and its geometry is that of the H3
//! reference library.

mod golden;

use groma_core::place::{Cell, EARTH_RADIUS_M, VECTOR_FRACTION_BITS};
use serde_json::Value;

/// Fails if a file differs from what is computed now.
fn assert_up_to_date(name: &str) {
	let file = golden::FILES.iter().find(|file| file.name == name).expect("the file is listed");
	let checked_in = std::fs::read_to_string(golden::path(name)).expect("the file is checked in");
	let computed = golden::render(&(file.compute)());
	for (line, (old, new)) in checked_in.lines().zip(computed.lines()).enumerate() {
		assert_eq!(old, new, "{name}.json, line {}", line + 1);
	}
	assert_eq!(checked_in, computed, "{name}.json has another length");
}

macro_rules! up_to_date {
	($($test:ident: $file:literal,)+) => {
		$(
			#[test]
			fn $test() {
				assert_up_to_date($file);
			}
		)+
	};
}

up_to_date! {
	answers_are_those_of_the_vectors: "api",
	choice_is_that_of_the_vectors: "choice",
	commitment_is_that_of_the_vectors: "commitment",
	credit_is_that_of_the_vectors: "credit",
	density_is_that_of_the_vectors: "density",
	draw_is_that_of_the_vectors: "draw",
	emission_is_that_of_the_vectors: "emission",
	geometry_is_that_of_the_vectors: "geometry",
	money_is_that_of_the_vectors: "money",
	path_loss_is_that_of_the_vectors: "path_loss",
	payloads_are_those_of_the_vectors: "payloads",
	reception_is_that_of_the_vectors: "reception",
	selection_is_that_of_the_vectors: "selection",
	terms_are_those_of_the_vectors: "terms",
	units_are_those_of_the_vectors: "units",
	vouchers_are_those_of_the_vectors: "vouchers",
}

#[test]
fn every_vector_file_is_tested() {
	let folder = golden::path("x").parent().map(std::fs::read_dir).expect("a folder");
	let mut names: Vec<String> = folder
		.expect("the folder exists")
		.map(|entry| entry.expect("readable").path())
		.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
		.filter(|name| name != "geometry_h3")
		.collect();
	names.sort();
	assert_eq!(names, golden::FILES.iter().map(|file| file.name).collect::<Vec<_>>());
}

/// The records of a list in the reference geometry.
fn reference(list: &str) -> Vec<Value> {
	let text = std::fs::read_to_string(golden::path("geometry_h3")).expect("checked in");
	let document: Value = serde_json::from_str(&text).expect("the reference is JSON");
	document[list].as_array().expect("a list").clone()
}

fn cell(value: &Value) -> Cell {
	serde_json::from_value(value.clone()).expect("the reference holds cells")
}

fn degrees(value: &Value) -> (f64, f64) {
	(value[0].as_f64().expect("a latitude"), value[1].as_f64().expect("a longitude"))
}

#[test]
fn cells_are_those_of_the_reference_library() {
	for record in reference("cells") {
		let expected = cell(&record["cell"]);
		let (latitude, longitude) = degrees(&record["point"]);
		assert_eq!(Cell::from_degrees(latitude, longitude, 12), Some(expected));
		for (resolution, parent) in record["parents"].as_object().expect("parents") {
			let resolution = resolution.parse().expect("a number");
			assert_eq!(expected.parent(resolution), Some(cell(parent)), "{expected}");
		}
	}
}

#[test]
fn unit_vectors_are_those_of_the_reference_library() {
	let one = f64::from(1 << VECTOR_FRACTION_BITS);
	for record in reference("cells") {
		let (latitude, longitude) = degrees(&record["centre"]);
		let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
		let expected =
			[latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()];
		let vector = cell(&record["cell"]).unit_vector().expect("a cell has a centre");
		for (fixed, exact) in [vector.x, vector.y, vector.z].into_iter().zip(expected) {
			let error = (f64::from(fixed) - exact * one).abs();
			assert!(error <= 0.51, "{}: {error} steps off", record["cell"]);
		}
	}
}

/// The radius of the reference library, whose fraction of a metre is dropped here: 3 cm at 1,000
/// km.
const REFERENCE_RADIUS_M: f64 = 6_371_007.180918475;

/// Two centres are each up to half a step (3 mm) off per coordinate, and metres are rounded down.
#[test]
fn distances_are_those_of_the_reference_library() {
	let radius = EARTH_RADIUS_M as f64;
	for record in reference("pairs") {
		let arc = record["great_circle_m"].as_f64().expect("metres");
		let chord = 2.0 * radius * (arc / (2.0 * REFERENCE_RADIUS_M)).sin();
		let vector = |name: &str| cell(&record[name]).unit_vector().expect("a cell has a centre");
		let separation = vector("a").separation(vector("b"));
		let metres = (separation.chord_squared() as f64).sqrt() / f64::from(1 << 30) * radius;
		assert!((metres - chord).abs() < 0.02, "{record}: {metres} {chord}");
		let whole = separation.metres() as f64;
		assert!(whole <= chord + 0.02 && chord - whole < 1.02, "{record}: {whole} {chord}");
		if arc <= 120_000.0 {
			assert!(arc - whole < 3.0, "{record}: the arc is neglected too much");
		}
	}
}
