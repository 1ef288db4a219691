//! Plots as SVG: one line per scenario, years from left to right.

use std::fmt::Write;

use super::story::{Outcome, Year, grm};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
/// Room for the numbers on the left, and below.
const LEFT: f64 = 60.0;
const BELOW: f64 = 40.0;
const ABOVE: f64 = 40.0;
/// Room for the names on the right.
const RIGHT: f64 = 130.0;
/// Horizontal lines with numbers.
const LINES: u32 = 5;
const COLOURS: [&str; 8] =
	["#1b6ca8", "#d1495b", "#66a182", "#8d6a9f", "#edae49", "#2e4057", "#00798c", "#a05a2c"];

/// A plot of something that every year has.
pub(crate) struct Plot<'a> {
	/// What is shown, with its unit.
	pub(crate) title: &'static str,
	name: &'static str,
	of: fn(&Year) -> f64,
	outcomes: &'a [Outcome],
}

/// All plots.
pub(crate) fn all(outcomes: &[Outcome]) -> Vec<Plot<'_>> {
	let plot = |name, title, of| Plot { title, name, of, outcomes };
	vec![
		plot("supply", "GRM that exists, in millions", |year: &Year| {
			grm(year.supply.issuance) / 1e6
		}),
		plot("burn", "GRM burned in a year, less what claims brought back, in millions", |year| {
			(grm(year.burned) - grm(year.reminted)) / 1e6
		}),
		plot("usd-per-gb", "USD that owners were paid per GB", Year::usd_per_gb),
		plot("demand", "Part of the pay of gateways that customers paid, in percent", |year| {
			100.0 * year.share_of_demand()
		}),
		plot("pay", "USD per gateway and day", Year::usd_per_gateway_day),
	]
}

impl Plot<'_> {
	/// The name of its file.
	pub(crate) fn file_name(&self) -> String {
		format!("{}.svg", self.name)
	}

	/// The file.
	pub(crate) fn render(&self) -> String {
		let most = self.values().fold(0.0, f64::max);
		let top = round_up(most);
		let mut svg = format!(
			"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
			 font-family=\"sans-serif\" font-size=\"11\">\n\
			 <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
			 <text x=\"{LEFT}\" y=\"22\" font-size=\"14\">{}</text>\n",
			self.title
		);
		self.axes(&mut svg, top);
		for (n, outcome) in self.outcomes.iter().enumerate() {
			self.line(&mut svg, n, outcome, top);
		}
		svg.push_str("</svg>\n");
		svg
	}

	fn values(&self) -> impl Iterator<Item = f64> {
		let of = self.of;
		self.outcomes.iter().flat_map(move |outcome| outcome.years.iter().map(of))
	}

	fn years(&self) -> usize {
		self.outcomes.iter().map(|outcome| outcome.years.len()).max().unwrap_or_default().max(2)
	}

	/// Where a value of a year, from 0, is.
	fn point(&self, year: usize, value: f64, top: f64) -> (f64, f64) {
		let across = year as f64 / (self.years() - 1) as f64;
		let up = value / top;
		(LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BELOW - up * (HEIGHT - BELOW - ABOVE))
	}

	fn axes(&self, svg: &mut String, top: f64) {
		for n in 0..=LINES {
			let value = top * f64::from(n) / f64::from(LINES);
			let (_, y) = self.point(0, value, top);
			let _ = writeln!(
				svg,
				"<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>\n\
				 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
				WIDTH - RIGHT,
				LEFT - 6.0,
				y + 4.0,
				number(value)
			);
		}
		for year in (0..self.years()).filter(|year| year % 5 == 4 || *year == 0) {
			let (x, y) = self.point(year, 0.0, top);
			let _ = writeln!(
				svg,
				"<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">year {}</text>",
				y + 18.0,
				year + 1
			);
		}
	}

	fn line(&self, svg: &mut String, n: usize, outcome: &Outcome, top: f64) {
		let colour = COLOURS.get(n % COLOURS.len()).copied().unwrap_or("#000000");
		let points: Vec<String> = outcome
			.years
			.iter()
			.enumerate()
			.map(|(year, values)| {
				let (x, y) = self.point(year, (self.of)(values), top);
				format!("{x:.1},{y:.1}")
			})
			.collect();
		let y = ABOVE + 10.0 + 16.0 * n as f64;
		let x = WIDTH - RIGHT + 12.0;
		let _ = writeln!(
			svg,
			"<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n\
			 <line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" \
			 stroke-width=\"3\"/>\n<text x=\"{}\" y=\"{}\">{}</text>",
			points.join(" "),
			x + 14.0,
			x + 18.0,
			y + 4.0,
			outcome.scenario.name
		);
	}
}

/// The next number of the form 1, 2 or 5 times a power of ten.
fn round_up(most: f64) -> f64 {
	let mut power = 1.0;
	while power < most {
		power *= 10.0;
	}
	while power > most * 10.0 && power > 1e-9 {
		power /= 10.0;
	}
	let at_most = |top: &f64| most <= *top;
	[power / 10.0, power / 5.0, power / 2.0, power].into_iter().find(at_most).unwrap_or(power)
}

/// A number with as many digits as it needs.
fn number(value: f64) -> String {
	match value {
		value if value >= 10.0 || value == 0.0 => format!("{value:.0}"),
		value if value >= 1.0 => format!("{value:.1}"),
		value => format!("{value:.3}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn scale_ends_at_a_round_number_above_all_values() {
		for (most, top) in [(0.7, 1.0), (1.5, 2.0), (3.0, 5.0), (471.0, 500.0), (0.03, 0.05)] {
			assert!((round_up(most) - top).abs() < 1e-9, "{most}: {}", round_up(most));
		}
		assert!(round_up(0.0) > 0.0, "nothing is divided by zero");
	}
}
