//! Clocks that a test moves.

use std::{
	sync::{
		Arc,
		atomic::{AtomicU64, Ordering},
	},
	time::Duration,
};

use async_trait::async_trait;

use crate::clock::{Clock, SystemClock};

/// The clocks of a machine whose wall clock is wrong, and stands still unless the test moves it.
pub struct SkewedClock {
	/// The monotonic clock.
	pub monotonic: SystemClock,
	/// What the wall clock shows, in ms since the Unix epoch.
	pub unix_ms: AtomicU64,
}

impl SkewedClock {
	/// Clocks whose wall clock shows this.
	pub fn new(unix_ms: u64) -> Arc<Self> {
		Arc::new(Self { monotonic: SystemClock::new(), unix_ms: unix_ms.into() })
	}
}

#[async_trait]
impl Clock for SkewedClock {
	fn now(&self) -> Duration {
		self.monotonic.now()
	}

	fn unix_ms(&self) -> u64 {
		self.unix_ms.load(Ordering::Relaxed)
	}

	async fn sleep_until(&self, moment: Duration) {
		self.monotonic.sleep_until(moment).await;
	}
}
