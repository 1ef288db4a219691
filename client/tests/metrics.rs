//! Metrics as Prometheus reads them.

#![allow(missing_docs, reason = "what a test declares has no reader")]

use groma_client::{
	metrics,
	metrics::{Labels, Source},
};

#[derive(Debug)]
pub struct Colours;

impl Labels for Colours {
	const NAME: &'static str = "colour";

	fn values() -> Vec<&'static str> {
		vec!["red", "blue"]
	}
}

metrics! {
	/// Metrics of a test.
	Painted:
	walls<Colours>: "counter" = "Walls.",
}

#[test]
fn numbers_of_one_name_are_distinguished_by_their_label() {
	let painted = Painted::default();
	painted.walls.increment(1);
	painted.walls.increment(2);
	assert_eq!([0, 1, 2].map(|colour| painted.walls.get(colour)), [0, 1, 0]);
	let mut text = String::new();
	painted.render("groma_test", &mut text);
	let name = "groma_test_walls_total";
	let (help, kind) = ("# HELP groma_test_walls_total Walls.", "counter");
	assert_eq!(
		text,
		format!(
			"{help}\n# TYPE {name} {kind}\n{name}{{colour=\"red\"}} 0\n{name}{{colour=\"blue\"}} 1\n"
		)
	);
}
