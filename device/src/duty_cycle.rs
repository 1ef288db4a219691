//! The share of time that a gateway may transmit, kept over a sliding hour.

use std::{collections::VecDeque, time::Duration};

/// The period over which regulators average.
pub(crate) const PERIOD: Duration = Duration::from_secs(3_600);

/// What one gateway transmitted within the last hour.
#[derive(Clone, Debug, Default)]
pub(crate) struct DutyCycle {
	/// When each transmission began, and how long it lasted.
	spent: VecDeque<(Duration, Duration)>,
}

impl DutyCycle {
	/// Records a transmission that began at `moment`.
	pub(crate) fn spend(&mut self, moment: Duration, airtime: Duration) {
		self.spent.push_back((moment, airtime));
	}

	/// The earliest moment from `now` on at which a transmission of `airtime` keeps within
	/// `limit_ppm` parts per million; `None` if it never does.
	pub(crate) fn earliest(
		&mut self,
		now: Duration,
		airtime: Duration,
		limit_ppm: u32,
	) -> Option<Duration> {
		self.spent.retain(|(moment, _)| *moment + PERIOD > now);
		let allowance = PERIOD.mul_f64(f64::from(limit_ppm.min(1_000_000)) / 1e6);
		let mut used: Duration = self.spent.iter().map(|(_, airtime)| *airtime).sum();
		let mut earliest = now;
		for (moment, past) in &self.spent {
			if used + airtime <= allowance {
				break;
			}
			used = used.saturating_sub(*past);
			earliest = earliest.max(*moment + PERIOD);
		}
		(used + airtime <= allowance).then_some(earliest)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const START: Duration = Duration::from_secs(1_000_000);
	const AIRTIME: Duration = Duration::from_millis(431);
	/// 1 %: 36 s of an hour.
	const LIMIT: u32 = 10_000;

	#[test]
	fn transmission_is_free_while_the_hour_has_room() {
		let mut cycle = DutyCycle::default();
		for _ in 0..83 {
			assert_eq!(cycle.earliest(START, AIRTIME, LIMIT), Some(START));
			cycle.spend(START, AIRTIME);
		}
		assert_eq!(cycle.earliest(START, AIRTIME, LIMIT), Some(START + PERIOD));
	}

	#[test]
	fn transmission_waits_until_enough_of_the_past_leaves_the_hour() {
		let mut cycle = DutyCycle::default();
		cycle.spend(START, Duration::from_secs(20));
		cycle.spend(START + Duration::from_secs(60), Duration::from_secs(16));
		let now = START + Duration::from_secs(120);
		assert_eq!(cycle.earliest(now, Duration::from_secs(10), LIMIT), Some(START + PERIOD));
		let both = START + Duration::from_secs(60) + PERIOD;
		assert_eq!(cycle.earliest(now, Duration::from_secs(30), LIMIT), Some(both));
		assert_eq!(cycle.earliest(START + 2 * PERIOD, AIRTIME, LIMIT), Some(START + 2 * PERIOD));
	}

	#[test]
	fn transmission_is_impossible_when_it_exceeds_the_whole_allowance() {
		assert_eq!(DutyCycle::default().earliest(START, Duration::from_secs(37), LIMIT), None);
		assert_eq!(
			DutyCycle::default().earliest(START, Duration::from_secs(37), 1_000_000),
			Some(START)
		);
	}
}
