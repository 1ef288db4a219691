//! What figures have to reach.

use std::{collections::BTreeMap, fmt, path::Path};

use anyhow::Context;
use serde::Deserialize;

use crate::report::Report;

/// The range in which a figure has to lie.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bound {
	at_least: Option<f64>,
	at_most: Option<f64>,
}

/// Bounds by benchmark and figure.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Bounds(BTreeMap<String, BTreeMap<String, Bound>>);

/// A figure that is not where it has to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Miss {
	name: String,
	/// None if the benchmark didn't report the figure at all.
	value: Option<f64>,
	bound: Bound,
}

impl Bounds {
	pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
		Ok(toml::from_str(text)?)
	}

	pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
		let text = std::fs::read_to_string(path);
		let bounds = text.map_err(anyhow::Error::from).and_then(|text| Self::parse(&text));
		bounds.with_context(|| format!("cannot read bounds from {}", path.display()))
	}

	/// The figures of a report that miss their bound, or that have one and are absent.
	pub(crate) fn missed_by(&self, report: &Report) -> Vec<Miss> {
		let Some(bounds) = self.0.get(report.benchmark()) else { return Vec::new() };
		bounds
			.iter()
			.map(|(name, bound)| Miss {
				name: format!("{}.{name}", report.benchmark()),
				value: report.value(name),
				bound: *bound,
			})
			.filter(|miss| !miss.value.is_some_and(|value| miss.bound.admits(value)))
			.collect()
	}
}

impl Bound {
	/// Whether the value is in range. What is not a number never is.
	fn admits(self, value: f64) -> bool {
		!value.is_nan()
			&& self.at_least.is_none_or(|least| value >= least)
			&& self.at_most.is_none_or(|most| value <= most)
	}
}

impl fmt::Display for Miss {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self.value {
			Some(value) => write!(f, "{} is {value}", self.name)?,
			None => write!(f, "{} was not reported", self.name)?,
		}
		if let Some(least) = self.bound.at_least {
			write!(f, ", at least {least} is needed")?;
		}
		if let Some(most) = self.bound.at_most {
			write!(f, ", at most {most} is allowed")?;
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn report(value: f64) -> Report {
		let mut report = Report::new("links");
		report.figure("share", value, "%");
		report
	}

	#[test]
	fn figure_is_missed_when_it_is_out_of_range_absent_or_no_number() {
		let bounds = Bounds::parse(
			"[links]\nshare = { at_least = 99.5, at_most = 100 }\n[other]\nx = { at_most = 1 }",
		)
		.expect("valid");
		let missed = |value| bounds.missed_by(&report(value)).len();
		assert_eq!([missed(99.4), missed(99.5), missed(100.0), missed(100.1)], [1, 0, 0, 1]);
		assert_eq!(missed(f64::NAN), 1);
		let absent = bounds.missed_by(&Report::new("links"));
		assert_eq!(
			absent[0].to_string(),
			"links.share was not reported, at least 99.5 is needed, at most 100 is allowed"
		);
	}

	#[test]
	fn bounds_are_refused_when_a_word_is_misspelt() {
		assert!(Bounds::parse("[links]\nshare = { at_lest = 99.5 }").is_err());
	}

	#[test]
	fn checked_in_bounds_are_valid() {
		assert!(Bounds::parse(include_str!("../bounds.toml")).is_ok());
	}

	#[test]
	fn report_prints_one_figure_per_line() {
		let mut report = report(99.96);
		report.figure("rows", 3.0, "");
		assert_eq!(report.to_string(), "share: 99.960 %\nrows: 3\n");
	}
}
