//! How many rows of the store are in which state, for people.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;

use super::{Store, error::StoreError};
use crate::series::SERIES;

/// How many rows are in which state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
	/// Challenges answered.
	pub beacons: BeaconCounts,
	/// Reports, by the plural of their series.
	pub reports: BTreeMap<&'static str, ReportCounts>,
	/// Why reports were refused, most frequent first.
	pub refusals: Vec<RefusalCount>,
	/// Double beacons.
	pub evidence: EvidenceCounts,
}

/// Answers to challenges by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BeaconCounts {
	/// Decided on; whether anything was transmitted is unknown.
	pub committed: u32,
	/// Acknowledged by a packet forwarder.
	pub transmitted: u32,
	/// Taken by no packet forwarder.
	pub failed: u32,
}

/// Reports of a series by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReportCounts {
	/// Their time has not come.
	pub waiting: u32,
	/// On their way.
	pub open: u32,
	/// On the finalized chain, or nothing is left to do.
	pub settled: u32,
	/// Refused by the chain.
	pub refused: u32,
	/// Too late.
	pub expired: u32,
}

/// How often the chain refused a report for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalCount {
	/// The reason.
	pub reason: String,
	/// How often.
	pub count: u32,
}

/// Double beacons by their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EvidenceCounts {
	/// No one is banned for it yet.
	pub open: u32,
	/// Who signed is banned.
	pub banned: u32,
	/// The chain does not take it.
	pub void: u32,
}

impl Store {
	/// How many rows are in which state.
	pub fn summary(&self) -> Result<Summary, StoreError> {
		let connection = self.connection();
		let [committed, transmitted, failed] = counts(&connection, "beacon")?;
		let mut reports = BTreeMap::new();
		for series in SERIES {
			let rows = format!("report WHERE series = {}", series.number);
			let [waiting, open, settled, refused, expired] = counts(&connection, &rows)?;
			let counts = ReportCounts { waiting, open, settled, refused, expired };
			reports.insert(series.plural, counts);
		}
		let [open, banned, void] = counts(&connection, "evidence")?;
		let mut statement = connection.prepare(
			"SELECT refusal, COUNT(*) FROM report
			 WHERE refusal IS NOT NULL GROUP BY refusal ORDER BY 2 DESC",
		)?;
		let refusals = statement
			.query_map([], |row| Ok(RefusalCount { reason: row.get(0)?, count: row.get(1)? }))?;
		Ok(Summary {
			beacons: BeaconCounts { committed, transmitted, failed },
			reports,
			refusals: refusals.collect::<Result<_, _>>()?,
			evidence: EvidenceCounts { open, banned, void },
		})
	}
}

/// How many of some rows are in each state, by the number of the state.
fn counts<const STATES: usize>(
	connection: &Connection,
	rows: &str,
) -> rusqlite::Result<[u32; STATES]> {
	let mut counts = [0; STATES];
	let query = format!("SELECT state, COUNT(*) FROM {rows} GROUP BY state");
	let mut statement = connection.prepare(&query)?;
	let mut rows = statement.query([])?;
	while let Some(row) = rows.next()? {
		if let Some(count) = counts.get_mut(row.get::<_, usize>(0)?) {
			*count = row.get(1)?;
		}
	}
	Ok(counts)
}
