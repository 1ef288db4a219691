//! What a benchmark measured.

use std::fmt;

use groma_core::CoverageReason;

/// A measured number.
#[derive(Clone, Debug, PartialEq)]
struct Figure {
	name: String,
	value: f64,
	/// Empty for a plain number.
	unit: String,
}

/// The figures of one benchmark, in the order in which they are printed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
	benchmark: &'static str,
	figures: Vec<Figure>,
}

impl Report {
	/// An empty report. The name of the benchmark is that of its table in the bounds.
	pub(crate) fn new(benchmark: &'static str) -> Self {
		Self { benchmark, figures: Vec::new() }
	}

	/// Adds a figure.
	pub(crate) fn figure(&mut self, name: &str, value: f64, unit: &str) {
		self.figures.push(Figure { name: name.to_owned(), value, unit: unit.to_owned() });
	}

	pub(crate) fn benchmark(&self) -> &'static str {
		self.benchmark
	}

	/// The value of a figure, if it was measured.
	pub(crate) fn value(&self, name: &str) -> Option<f64> {
		self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
	}
}

/// `name: value unit`, the value with three digits after the point unless it is whole.
impl fmt::Display for Figure {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let digits = if self.value.fract() == 0.0 { 0 } else { 3 };
		write!(f, "{}: {:.digits$}", self.name, self.value)?;
		if self.unit.is_empty() { Ok(()) } else { write!(f, " {}", self.unit) }
	}
}

impl fmt::Display for Report {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.figures.iter().try_for_each(|figure| writeln!(f, "{figure}"))
	}
}

/// The name of a reason in the manner of figures.
pub(crate) fn snake_case(reason: CoverageReason) -> String {
	let mut name = String::new();
	for letter in reason.name().chars() {
		if letter.is_uppercase() && !name.is_empty() {
			name.push('_');
		}
		name.extend(letter.to_lowercase());
	}
	name
}
