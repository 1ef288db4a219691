//! Holds the radio rules against real links: how many of the honest ones of 300 m and more do they
//! accept?

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, ensure};
use groma_core::{
	CoverageReason,
	place::Separation,
	radio::{self, DISTANCE_MIN_M, Reception, Transmission},
	region::{DataRate, RegionPlan},
};

use crate::report::{Report, snake_case};

/// What EU868 end devices use where a measurement recorded nothing else.
const DEFAULT_FREQUENCY_HZ: u32 = 868_100_000;
const DEFAULT_POWER_DBM: f64 = 14.0;
const DEFAULT_BANDWIDTH_KHZ: u16 = 125;

#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Measurements other than those of bench/data/lora-links.csv, with the same columns.
	#[arg(long, value_name = "FILE")]
	input: Option<PathBuf>,
}

/// One frame that one receiver heard.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Link {
	distance_m: f64,
	frequency_hz: u32,
	data_rate: DataRate,
	power_dbm: f64,
	reception: Reception,
}

/// How a set of links was judged.
#[derive(Default)]
struct Tally {
	judged: usize,
	refused: BTreeMap<CoverageReason, usize>,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let links = match &arguments.input {
		Some(path) => {
			let text = std::fs::read_to_string(path);
			text.map_err(anyhow::Error::from)
				.and_then(|text| parse(&text))
				.with_context(|| format!("cannot read links from {}", path.display()))?
		}
		None => {
			parse(include_str!("../data/lora-links.csv")).context("bench/data/lora-links.csv")?
		}
	};
	judge_all(&links, report);
	Ok(())
}

/// The share is judged as the chain does, by the EIRP that the region allows. As a stricter figure
/// next to it, the power that the transmitter is known or assumed to have used.
fn judge_all(links: &[Link], report: &mut Report) {
	let eirp = radio::CentiDb::from(RegionPlan::eu868().eirp_centi_dbm);
	let far: Vec<&Link> =
		links.iter().filter(|link| link.distance_m >= DISTANCE_MIN_M as f64).collect();
	let by_region = Tally::of(&far, |_| eirp);
	let by_power = Tally::of(&far, |link| (link.power_dbm * 100.0).round() as radio::CentiDb);

	let mut count = |name: &str, links: usize| report.figure(name, links as f64, "links");
	count("rows", links.len());
	count("rows_nearer_than_300_m", links.len() - far.len());
	count("judged", by_region.judged);
	count("refused", by_region.refused.values().sum());
	for reason in reasons() {
		let refused = by_region.refused.get(&reason).copied().unwrap_or_default();
		count(&format!("refused_{}", snake_case(reason)), refused);
	}
	report.figure("accepted_share", by_region.accepted_percent(), "%");
	report.figure("accepted_share_by_transmit_power", by_power.accepted_percent(), "%");
}

/// The reasons for which distance and reception are refused.
fn reasons() -> [CoverageReason; 6] {
	use CoverageReason::*;
	[TooClose, TooFar, SignalTooStrong, SnrImplausible, NoiseFloorImplausible, RssiImplausible]
}

impl Tally {
	fn of(links: &[&Link], eirp: impl Fn(&Link) -> radio::CentiDb) -> Self {
		let mut tally = Self { judged: links.len(), ..Self::default() };
		for link in links {
			if let Err(reason) = link.judge(eirp(link)) {
				*tally.refused.entry(reason).or_default() += 1;
			}
		}
		tally
	}

	/// Not a number if nothing was judged.
	fn accepted_percent(&self) -> f64 {
		let refused: usize = self.refused.values().sum();
		100.0 * (self.judged - refused) as f64 / self.judged as f64
	}
}

impl Link {
	fn judge(&self, eirp: radio::CentiDb) -> Result<(), CoverageReason> {
		let separation = Separation::from_metres(self.distance_m as u64);
		let (frequency_hz, data_rate) = (self.frequency_hz, self.data_rate);
		radio::judge_distance(separation)?;
		radio::judge_reception(
			self.reception,
			Transmission { eirp, frequency_hz, data_rate },
			separation,
		)
	}

	fn from_row(row: &Row) -> anyhow::Result<Self> {
		Ok(Self {
			distance_m: row.required("distance_m")?,
			frequency_hz: row.optional("freq_hz")?.unwrap_or(DEFAULT_FREQUENCY_HZ),
			data_rate: DataRate {
				spreading_factor: row.required("spreading_factor")?,
				bandwidth_khz: row.optional("bandwidth_khz")?.unwrap_or(DEFAULT_BANDWIDTH_KHZ),
			},
			power_dbm: row.optional("tx_power_dbm")?.unwrap_or(DEFAULT_POWER_DBM),
			reception: Reception {
				rssi_deci_dbm: deci(row.required("rssi_dbm")?)?,
				snr_deci_db: deci(row.required("snr_db")?)?,
			},
		})
	}
}

/// A level in tenths, rounded to the nearest.
fn deci(level: f64) -> anyhow::Result<i16> {
	let tenths = (level * 10.0).round();
	ensure!((-32_768.0..=32_767.0).contains(&tenths), "{level} is no level of a radio");
	Ok(tenths as i16)
}

/// The fields of a line by the names of the header.
struct Row<'a> {
	fields: BTreeMap<&'a str, &'a str>,
}

impl Row<'_> {
	fn optional<V>(&self, column: &str) -> anyhow::Result<Option<V>>
	where
		V: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
	{
		match self.fields.get(column) {
			None | Some(&"") => Ok(None),
			Some(text) => Ok(Some(text.parse().with_context(|| format!("{column}: {text}"))?)),
		}
	}

	fn required<V>(&self, column: &str) -> anyhow::Result<V>
	where
		V: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
	{
		self.optional(column)?.with_context(|| format!("{column} is missing"))
	}
}

/// Reads comma-separated lines below a header. No column of these files holds a comma or a quote.
fn parse(text: &str) -> anyhow::Result<Vec<Link>> {
	let mut lines = text.lines();
	let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
	let lines = lines.zip(2..).filter(|(line, _)| !line.trim().is_empty());
	let links = lines.map(|(line, number)| {
		let fields: Vec<&str> = line.split(',').map(str::trim).collect();
		ensure!(fields.len() == columns.len(), "line {number} has {} fields", fields.len());
		let fields = columns.iter().copied().zip(fields).collect();
		Link::from_row(&Row { fields }).with_context(|| format!("line {number}"))
	});
	links.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	const HEADER: &str =
		"distance_m,freq_hz,bandwidth_khz,spreading_factor,tx_power_dbm,rssi_dbm,snr_db";

	fn value(rows: &str, name: &str) -> f64 {
		let links = parse(&format!("{HEADER}\n{rows}")).expect("valid rows");
		let mut report = Report::new("links");
		judge_all(&links, &mut report);
		report.value(name).expect("the figure is reported")
	}

	#[test]
	fn unknown_fields_are_those_of_eu868_end_devices() {
		let link = parse(&format!("{HEADER}\n1000,,,12,,-110.5,-3")).expect("valid")[0];
		assert_eq!((link.frequency_hz, link.power_dbm), (868_100_000, 14.0));
		assert_eq!(link.data_rate, DataRate { spreading_factor: 12, bandwidth_khz: 125 });
		assert_eq!(link.reception, Reception { rssi_deci_dbm: -1_105, snr_deci_db: -30 });
	}

	#[test]
	fn links_nearer_than_300_m_are_counted_but_not_judged() {
		let rows = "299,,,7,,-20,5\n300,,,7,,-100,5";
		assert_eq!(value(rows, "rows_nearer_than_300_m"), 1.0);
		assert_eq!(value(rows, "judged"), 1.0);
		assert_eq!(value(rows, "accepted_share"), 100.0);
	}

	#[test]
	fn refused_links_are_counted_by_reason() {
		let rows = "1000,,,7,,-40,5\n130000,,,7,,-110,5\n1000,,,7,,-100,5\n1000,,,7,,-100,5";
		assert_eq!(value(rows, "accepted_share"), 50.0);
		assert_eq!(value(rows, "refused_signal_too_strong"), 1.0);
		assert_eq!(value(rows, "refused_too_far"), 1.0);
		assert_eq!(value(rows, "refused_too_close"), 0.0);
	}

	#[test]
	fn share_is_no_number_when_nothing_is_judged() {
		assert!(value("", "accepted_share").is_nan());
	}

	#[test]
	fn rows_are_refused_when_they_are_malformed() {
		for row in ["1000,,,7,,-100", "1000,,,,,-100,5", "x,,,7,,-100,5", "1000,,,7,,-9999,5"] {
			assert!(parse(&format!("{HEADER}\n{row}")).is_err(), "{row}");
		}
	}

	/// Bytes of a good table changed at random (by SplitMix64): what comes of it are links that can
	/// be judged, or an error that names the line.
	#[test]
	fn spoiled_tables_are_read_or_refused_with_the_line() {
		let good: Vec<&str> = include_str!("../data/lora-links.csv").lines().take(30).collect();
		let good = good.join("\n").into_bytes();
		let mut state = 1_u64;
		let mut random = |end: usize| {
			state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
			let bits = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
			(bits ^ (bits >> 27)) as usize % end
		};
		let (mut read, mut refused) = (0, 0);
		for case in 0..2_000 {
			let mut bytes = good.clone();
			for _ in 0..=random(4) {
				let place = random(bytes.len());
				bytes[place] = b"0123456789-.,eEinfNa\n\xFF"[random(22)];
			}
			bytes.truncate(1 + random(2 * good.len()));
			match parse(&String::from_utf8_lossy(&bytes)) {
				Ok(links) => {
					read += 1;
					judge_all(&links, &mut Report::new("links"));
				}
				Err(error) => {
					refused += 1;
					assert!(format!("{error:#}").contains("line "), "case {case}: {error:#}");
				}
			}
		}
		assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
	}
}
