//! How a store stands, for people.

use super::{Store, StoreError};

/// How many rows are in which state, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
	/// Challenges answered: committed, transmitted, failed.
	pub beacons: [u32; 3],
	/// Statements: waiting, open, settled, refused, expired.
	pub statements: [u32; 5],
	/// Reveals: waiting, open, settled, refused, expired.
	pub reveals: [u32; 5],
	/// Why statements and reveals were refused, with counts.
	pub refusals: Vec<(String, u32)>,
	/// Evidence of double beacons: open, banned, void.
	pub evidence: [u32; 3],
}

impl Store {
	/// How many rows are in which state.
	pub fn summary(&self) -> Result<Summary, StoreError> {
		let connection = self.connection();
		let mut summary = Summary::default();
		for (table, counts) in [
			("beacon", &mut summary.beacons[..]),
			("statement", &mut summary.statements[..]),
			("reveal", &mut summary.reveals[..]),
			("evidence", &mut summary.evidence[..]),
		] {
			let query = format!("SELECT state, COUNT(*) FROM {table} GROUP BY state");
			let mut statement = connection.prepare(&query)?;
			let mut rows = statement.query([])?;
			while let Some(row) = rows.next()? {
				if let Some(count) = counts.get_mut(row.get::<_, usize>(0)?) {
					*count = row.get(1)?;
				}
			}
		}
		let mut statement = connection.prepare(
			"SELECT refusal, COUNT(*) FROM
			 (SELECT refusal FROM statement UNION ALL SELECT refusal FROM reveal)
			 WHERE refusal IS NOT NULL GROUP BY refusal ORDER BY 2 DESC",
		)?;
		let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
		summary.refusals = rows.collect::<Result<_, _>>()?;
		Ok(summary)
	}
}
