//! One challenge being answered.

use std::{
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};

use groma_client::store::{BeaconState, StoreError};
use groma_core::statement::Reveal;
use groma_lora::radio::{Mac, RadioError, Transmission};
use tracing::{debug, error, info, warn};

use super::station::{Station, Tools};

/// The pause before the second attempt; it doubles up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(8);
/// The pause before another power is asked for.
const POWER_PAUSE: Duration = Duration::from_millis(100);
/// How long each copy of a beacon may wait for its acknowledgement. There are no more copies than
/// these: without an acknowledgement each may have been on the air.
const PATIENCE: [Duration; 3] =
	[Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(20)];
/// The least of that at the end of a window.
const PATIENCE_MIN: Duration = Duration::from_secs(2);

/// One challenge being answered.
pub(super) struct Answer {
	pub(super) tools: Tools,
	pub(super) station: Arc<Mutex<Station>>,
	pub(super) gateway: Mac,
	pub(super) beacon: Reveal,
	/// The frame, at the highest power that is allowed.
	pub(super) transmission: Transmission,
	pub(super) airtime: Duration,
	pub(super) duty_cycle_ppm: u32,
	/// When to transmit.
	pub(super) due: Duration,
	/// When the window ends.
	pub(super) deadline: Duration,
}

/// What became of a beacon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
	Transmitted,
	/// It was handed to the packet forwarder, which did not say what it did with it.
	Unacknowledged,
	Failed,
}

/// The attempts to transmit a beacon.
struct Attempts {
	/// The highest power that is allowed, in dBm.
	allowed_dbm: u8,
	/// Copies that were not acknowledged.
	copies: usize,
	/// The pause before the next attempt.
	pause: Duration,
	/// Whether the log says why it is not transmitted at once.
	is_explained: bool,
}

impl Answer {
	pub(super) async fn run(mut self) {
		self.tools.clock.sleep_until(self.due).await;
		let metrics = self.tools.metrics.clone();
		match self.transmit().await {
			Ok(Outcome::Transmitted) => metrics.beacons_transmitted.increment(),
			Ok(Outcome::Unacknowledged) => metrics.beacons_unacknowledged.increment(),
			Ok(Outcome::Failed) => metrics.beacons_failed.increment(),
			Err(error) => {
				metrics.beacons_failed.increment();
				error!(target: "device::beacon", device = self.beacon.beaconer, %error, "not answered");
			}
		}
	}

	async fn transmit(&mut self) -> Result<Outcome, StoreError> {
		let (device, window) = (self.beacon.beaconer, self.beacon.window);
		if !self.wait_for_duty_cycle().await {
			warn!(target: "device::beacon", device, window, "the duty cycle leaves no room in the window");
			return Ok(Outcome::Failed);
		}
		if !self.tools.store.commit_beacon(&self.beacon, self.tools.clock.unix_ms())? {
			return Ok(Outcome::Transmitted);
		}
		let allowed_dbm = self.transmission.power_dbm;
		let first = self.station().powers.first(allowed_dbm);
		self.transmission.power_dbm = first;
		let mut attempts =
			Attempts { allowed_dbm, copies: 0, pause: PAUSE_MIN, is_explained: false };
		loop {
			let Err(failure) = self.attempt(&mut attempts).await? else {
				return Ok(Outcome::Transmitted);
			};
			let Some(pause) = self.pause_after(&failure, &mut attempts) else {
				return self.give_up(&failure, &attempts);
			};
			let retry_at = self.tools.clock.now() + pause;
			if retry_at + self.airtime >= self.deadline {
				return self.give_up(&failure, &attempts);
			}
			self.tools.clock.sleep_until(retry_at).await;
			if !self.wait_for_duty_cycle().await {
				return self.give_up(&failure, &attempts);
			}
			self.tools.metrics.transmit_retries.increment();
		}
	}

	/// Hands the frame to the packet forwarder once.
	async fn attempt(
		&mut self,
		attempts: &mut Attempts,
	) -> Result<Result<(), RadioError>, StoreError> {
		let (device, window) = (self.beacon.beaconer, self.beacon.window);
		let sent_at = self.tools.clock.now();
		let patience = PATIENCE.get(attempts.copies).copied().unwrap_or(PATIENCE_MIN);
		let patience = patience.min(self.deadline.saturating_sub(sent_at)).max(PATIENCE_MIN);
		let radio = self.tools.radio.clone();
		let outcome = radio.transmit(self.gateway, &self.transmission, patience).await;
		// Without an acknowledgement the frame may have been on the air.
		if matches!(outcome, Ok(()) | Err(RadioError::NotAcknowledged(_))) {
			self.spend(sent_at)?;
		}
		let power_dbm = self.transmission.power_dbm;
		match &outcome {
			Ok(()) => {
				info!(
					target: "device::beacon", device, window, gateway = %self.gateway, power_dbm,
					"transmitted"
				);
				self.station().powers.record(attempts.allowed_dbm, power_dbm);
				self.tools.store.set_beacon_state(device, window, BeaconState::Transmitted)?;
			}
			Err(error @ RadioError::NotAcknowledged(_)) => {
				attempts.copies += 1;
				debug!(target: "device::beacon", device, window, %error, "not acknowledged");
			}
			Err(error) if attempts.is_explained => {
				debug!(target: "device::beacon", device, window, %error, "not transmitted");
			}
			// The others of this challenge are like it.
			Err(error) => {
				attempts.is_explained = true;
				warn!(target: "device::beacon", device, window, %error, "not transmitted yet");
			}
		}
		Ok(outcome)
	}

	/// How long to wait before the next attempt; `None` if there is to be none.
	fn pause_after(&mut self, failure: &RadioError, attempts: &mut Attempts) -> Option<Duration> {
		match failure {
			RadioError::PowerRefused(_, refused_dbm) => {
				let next = self.station().powers.next(attempts.allowed_dbm, *refused_dbm)?;
				self.transmission.power_dbm = next;
				Some(POWER_PAUSE)
			}
			// It waited for the acknowledgement.
			RadioError::NotAcknowledged(_) => {
				(attempts.copies < PATIENCE.len()).then_some(Duration::ZERO)
			}
			failure if failure.is_retryable() => {
				let pause = attempts.pause;
				attempts.pause = (pause * 2).min(PAUSE_MAX);
				Some(pause)
			}
			_ => None,
		}
	}

	/// Gives the beacon up. Of one that was handed over it stays unknown whether it was
	/// transmitted.
	fn give_up(&self, error: &RadioError, attempts: &Attempts) -> Result<Outcome, StoreError> {
		let (device, window) = (self.beacon.beaconer, self.beacon.window);
		let copies = attempts.copies;
		if copies > 0 {
			warn!(
				target: "device::beacon", device, window, copies, %error,
				"whether the beacon was transmitted is unknown"
			);
			return Ok(Outcome::Unacknowledged);
		}
		warn!(
			target: "device::beacon", device, window, %error, allowed_dbm = attempts.allowed_dbm,
			last_dbm = self.transmission.power_dbm, "the beacon is given up"
		);
		self.tools.store.set_beacon_state(device, window, BeaconState::Failed)?;
		Ok(Outcome::Failed)
	}

	fn spend(&self, sent_at: Duration) -> Result<(), StoreError> {
		self.station().cycle.spend(sent_at, self.airtime);
		self.tools.store.spend_airtime(
			self.beacon.beaconer,
			self.beacon.window,
			self.airtime.as_micros() as u64,
		)
	}

	/// Waits until the duty cycle has room; `false` if it has none before the window ends.
	async fn wait_for_duty_cycle(&self) -> bool {
		let now = self.tools.clock.now();
		let earliest = self.station().cycle.earliest(now, self.airtime, self.duty_cycle_ppm);
		match earliest {
			Some(moment) if moment + self.airtime < self.deadline => {
				if moment > now {
					self.tools.metrics.duty_cycle_waits.increment();
					self.tools.clock.sleep_until(moment).await;
				}
				true
			}
			_ => false,
		}
	}

	fn station(&self) -> MutexGuard<'_, Station> {
		self.station.lock().unwrap_or_else(PoisonError::into_inner)
	}
}
