//! Time as the client uses it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use tokio::time::Instant;

/// Where [`SystemClock`] starts, so that moments before the start of the process can be named.
const HEADROOM: Duration = Duration::from_secs(30 * 86_400);

/// Two clocks: a monotonic one, which decides when to transmit, and the wall clock, which may be
/// wrong. By it answers are kept longer than they have to be, and nothing else.
#[async_trait]
pub trait Clock: Send + Sync {
	/// Monotonic time since a moment that lies long before the start of the process.
	fn now(&self) -> Duration;
	/// The wall clock in ms since the Unix epoch.
	fn unix_ms(&self) -> u64;
	/// Returns when [`Self::now`] has reached `moment`.
	async fn sleep_until(&self, moment: Duration);
}

/// The clocks of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
	started: Instant,
}

impl SystemClock {
	/// A clock that starts now.
	pub fn new() -> Self {
		Self { started: Instant::now() }
	}
}

impl Default for SystemClock {
	fn default() -> Self {
		Self::new()
	}
}

#[async_trait]
impl Clock for SystemClock {
	fn now(&self) -> Duration {
		HEADROOM.saturating_add(self.started.elapsed())
	}

	fn unix_ms(&self) -> u64 {
		// A clock before 1970 counts as 1970.
		SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as u64)
	}

	async fn sleep_until(&self, moment: Duration) {
		tokio::time::sleep(moment.saturating_sub(self.now())).await;
	}
}
