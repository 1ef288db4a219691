//! An outage as a log tells it: when it begins, every ten minutes while it lasts, and when it is
//! over.

use std::time::Duration;

/// The time between two lines about an outage that lasts.
const TOLD_EVERY: Duration = Duration::from_secs(600);

/// An outage, if there is one.
#[derive(Debug, Default)]
pub struct Outage(Option<Lasting>);

#[derive(Debug)]
struct Lasting {
	since: Duration,
	told_at: Duration,
}

impl Outage {
	/// Records that something fails at `now`. How long it has failed by then, if that is to be
	/// told.
	pub fn goes_on(&mut self, now: Duration) -> Option<Duration> {
		match &mut self.0 {
			None => {
				self.0 = Some(Lasting { since: now, told_at: now });
				Some(Duration::ZERO)
			}
			Some(lasting) if now.saturating_sub(lasting.told_at) >= TOLD_EVERY => {
				lasting.told_at = now;
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
	fn outage_of_an_hour_is_told_seven_times() {
		let mut outage = Outage::default();
		let told: Vec<_> = (100..=3_700)
			.filter_map(|second| outage.goes_on(Duration::from_secs(second)))
			.map(|lasting| lasting.as_secs())
			.collect();
		assert_eq!(told, [0, 600, 1_200, 1_800, 2_400, 3_000, 3_600]);
		let lasted = outage.ends(Duration::from_secs(3_701)).map(|lasted| lasted.as_secs());
		assert_eq!(lasted, Some(3_601));
		assert_eq!(outage.ends(Duration::from_secs(3_702)), None);
	}
}
