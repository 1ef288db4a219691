//! An outage as a log shows it: a line when it begins, one every ten minutes while it lasts, and
//! one when it is over.

use std::time::Duration;

/// The time between two lines about an outage that lasts.
const SAID_EVERY: Duration = Duration::from_secs(600);

/// An outage, if there is one.
#[derive(Debug, Default)]
pub struct Outage(Option<Lasting>);

#[derive(Debug)]
struct Lasting {
	since: Duration,
	said_at: Duration,
}

impl Outage {
	/// Records that something fails at `now`. How long it has failed by then, if the log is to say
	/// so.
	pub fn goes_on(&mut self, now: Duration) -> Option<Duration> {
		match &mut self.0 {
			None => {
				self.0 = Some(Lasting { since: now, said_at: now });
				Some(Duration::ZERO)
			}
			Some(lasting) if now.saturating_sub(lasting.said_at) >= SAID_EVERY => {
				lasting.said_at = now;
				Some(now.saturating_sub(lasting.since))
			}
			Some(_) => None,
		}
	}

	/// Records that it works again. How long it had failed, if it had.
	pub fn ends(&mut self, now: Duration) -> Option<Duration> {
		self.0.take().map(|lasting| now.saturating_sub(lasting.since))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn outage_of_an_hour_is_said_seven_times() {
		let mut outage = Outage::default();
		let said: Vec<_> = (100..=3_700)
			.filter_map(|second| outage.goes_on(Duration::from_secs(second)))
			.map(|lasting| lasting.as_secs())
			.collect();
		assert_eq!(said, [0, 600, 1_200, 1_800, 2_400, 3_000, 3_600]);
		let lasted = outage.ends(Duration::from_secs(3_701)).map(|lasted| lasted.as_secs());
		assert_eq!(lasted, Some(3_601));
		assert_eq!(outage.ends(Duration::from_secs(3_702)), None);
	}
}
