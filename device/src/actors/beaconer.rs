//! Answers challenges: builds the beacon, waits for its moment, and sees that it goes out once.
//!
//! The decision to answer is on disk before anything is transmitted, so that a restart never answers a
//! challenge twice. Within one run the same frame is tried again until a packet forwarder takes it.

use std::{
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

use groma_client::{
	chain::{Chain, ChainError},
	clock::Clock,
	follower::{View, ViewReceiver, next_view},
	registration::Registration,
	shutdown::Shutdown,
	store::{BeaconState, Store, StoreError},
};
use groma_core::{
	DeviceId, WindowIndex,
	api::ChallengeInfo,
	frame::{BEACON_LENGTH, Beacon},
	payload,
	statement::Reveal,
};
use groma_lora::radio::{Mac, Radio, RadioError, Transmission};
use tokio::task::JoinSet;
use tracing::{debug, error, info, warn};

use crate::{
	duty_cycle::{DutyCycle, PERIOD},
	fleet::Gateway,
	metrics::Metrics,
};

/// The pause before the second attempt; it doubles up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(8);
/// By how much the power is lowered when a packet forwarder refuses it, in dB.
const POWER_STEP_DB: u8 = 3;

/// What a beaconer works with.
#[derive(Clone)]
pub struct Tools {
	/// The chain.
	pub chain: Arc<dyn Chain>,
	/// The clock.
	pub clock: Arc<dyn Clock>,
	/// The radio of all gateways.
	pub radio: Arc<dyn Radio>,
	/// What survives a crash.
	pub store: Arc<Store>,
	/// What is counted.
	pub metrics: Arc<Metrics>,
}

/// The beaconer of all gateways of the process.
pub struct Beaconer {
	tools: Tools,
	views: ViewReceiver,
	gateways: Arc<[Gateway]>,
	/// For every gateway, the last window whose challenge was looked at.
	looked_at: Vec<Option<WindowIndex>>,
	/// For every gateway, what it transmitted; `None` until it is read from the store.
	cycles: Vec<Option<Arc<Mutex<DutyCycle>>>>,
	answers: JoinSet<()>,
}

/// One challenge being answered.
struct Answer {
	tools: Tools,
	cycle: Arc<Mutex<DutyCycle>>,
	gateway: Mac,
	beacon: Reveal,
	transmission: Transmission,
	airtime: Duration,
	duty_cycle_ppm: u32,
	/// When to transmit.
	due: Duration,
	/// When the window ends.
	deadline: Duration,
}

/// Why a challenge is not answered now.
#[derive(Debug, thiserror::Error)]
enum BeaconError {
	#[error(transparent)]
	Chain(#[from] ChainError),
	#[error(transparent)]
	Store(#[from] StoreError),
	#[error("the endpoint names a challenge that does not follow from the seed: do not trust it")]
	ForeignChallenge,
	#[error("the chain asks for a modulation that is not LoRa's: update groma-device")]
	UnknownModulation,
}

impl Beaconer {
	/// A beaconer of `gateways`.
	pub fn new(tools: Tools, gateways: Arc<[Gateway]>, views: ViewReceiver) -> Self {
		let looked_at = vec![None; gateways.len()];
		let cycles = vec![None; gateways.len()];
		Self { tools, views, gateways, looked_at, cycles, answers: JoinSet::new() }
	}

	/// Answers challenges until the process is to stop.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		loop {
			tokio::select! {
				() = shutdown.requested() => return,
				view = next_view(&mut self.views) => match view {
					Some(view) => self.look(&view).await,
					None => return,
				},
				Some(_) = self.answers.join_next() => {},
			}
		}
	}

	/// Looks for challenges of the present window that were not looked at.
	async fn look(&mut self, view: &View) {
		for index in 0..self.gateways.len() {
			if self.looked_at[index] == Some(view.window.index) {
				continue;
			}
			let Some(registration) = view.registrations.get(index).cloned().flatten() else {
				continue;
			};
			match self.prepare(index, &registration, view).await {
				Ok(answer) => {
					self.looked_at[index] = Some(view.window.index);
					if let Some(answer) = answer {
						self.answers.spawn(answer.run());
					}
				}
				// The next head gives another chance within the window.
				Err(error) => warn!(
					target: "device::beacon", device = registration.device, %error,
					"cannot tell whether the device is challenged"
				),
			}
		}
	}

	/// The answer of a gateway in the present window; `None` if there is nothing to answer.
	async fn prepare(
		&mut self,
		index: usize,
		registration: &Registration,
		view: &View,
	) -> Result<Option<Answer>, BeaconError> {
		let (device, window) = (registration.device, view.window.index);
		if !registration.takes_part_in(window) {
			return Ok(None);
		}
		let challenge = self.tools.chain.challenge(device, window, view.finalized()).await?;
		let Some(challenge) = challenge else { return Ok(None) };
		if challenge.id != payload::challenge_id(&view.genesis, &view.window.seed, device) {
			return Err(BeaconError::ForeignChallenge);
		}
		if self.tools.store.has_answered(device, window)? {
			debug!(target: "device::beacon", device, window, "answered before");
			return Ok(None);
		}
		let cycle = self.cycle(index, device)?;
		self.tools.metrics.challenges.increment();
		let answer = self.answer(index, registration, &challenge, view, cycle)?;
		let wait = answer.due.saturating_sub(self.tools.clock.now());
		info!(
			target: "device::beacon", device, window, ?wait,
			frequency_hz = challenge.frequency_hz, sf = challenge.data_rate.spreading_factor,
			power_dbm = answer.transmission.power_dbm, "challenged"
		);
		Ok(Some(answer))
	}

	fn answer(
		&self,
		index: usize,
		registration: &Registration,
		challenge: &ChallengeInfo,
		view: &View,
		cycle: Arc<Mutex<DutyCycle>>,
	) -> Result<Answer, BeaconError> {
		let (device, window) = (registration.device, view.window.index);
		let gateway = &self.gateways[index];
		let airtime_us = challenge
			.data_rate
			.airtime_us(BEACON_LENGTH as u32)
			.ok_or(BeaconError::UnknownModulation)?;
		let signature = gateway.key.sign(&payload::beacon(&challenge.id));
		Ok(Answer {
			tools: self.tools.clone(),
			cycle,
			gateway: gateway.mac,
			beacon: Reveal { window, beaconer: device, signature },
			transmission: Transmission {
				frequency_hz: challenge.frequency_hz,
				data_rate: challenge.data_rate,
				power_dbm: gateway.power_dbm(challenge.eirp_centi_dbm),
				payload: Beacon::new(device, window, signature).to_bytes().to_vec(),
			},
			airtime: Duration::from_micros(airtime_us),
			duty_cycle_ppm: registration.duty_cycle_ppm,
			due: view.began_at + Duration::from_millis(challenge.offset_ms),
			deadline: view.ends_at(),
		})
	}

	/// What a gateway transmitted within the last hour, including what it did before a restart.
	fn cycle(
		&mut self,
		index: usize,
		device: DeviceId,
	) -> Result<Arc<Mutex<DutyCycle>>, StoreError> {
		if let Some(cycle) = &self.cycles[index] {
			return Ok(cycle.clone());
		}
		let (now, unix_ms) = (self.tools.clock.now(), self.tools.clock.unix_ms());
		let since = unix_ms.saturating_sub(PERIOD.as_millis() as u64);
		let mut cycle = DutyCycle::default();
		for (moment, airtime_us) in self.tools.store.airtime_since(device, since)? {
			let ago = Duration::from_millis(unix_ms.saturating_sub(moment));
			cycle.spend(now.saturating_sub(ago), Duration::from_micros(airtime_us));
		}
		let cycle = Arc::new(Mutex::new(cycle));
		self.cycles[index] = Some(cycle.clone());
		Ok(cycle)
	}
}

impl Answer {
	async fn run(mut self) {
		self.tools.clock.sleep_until(self.due).await;
		match self.transmit().await {
			Ok(true) => self.tools.metrics.beacons_transmitted.increment(),
			Ok(false) => self.tools.metrics.beacons_failed.increment(),
			Err(error) => {
				self.tools.metrics.beacons_failed.increment();
				error!(target: "device::beacon", device = self.beacon.beaconer, %error, "not answered");
			}
		}
	}

	/// Whether the beacon went out.
	async fn transmit(&mut self) -> Result<bool, StoreError> {
		let (device, window) = (self.beacon.beaconer, self.beacon.window);
		if !self.wait_for_duty_cycle().await {
			warn!(target: "device::beacon", device, window, "the duty cycle leaves no room in the window");
			return Ok(false);
		}
		if !self.tools.store.commit_beacon(&self.beacon, self.tools.clock.unix_ms())? {
			return Ok(true);
		}
		let mut pause = PAUSE_MIN;
		loop {
			let sent_at = self.tools.clock.now();
			let outcome = self.tools.radio.transmit(self.gateway, &self.transmission).await;
			// Without an acknowledgement the frame may have been on the air.
			if matches!(outcome, Ok(()) | Err(RadioError::NotAcknowledged(_))) {
				self.spend(sent_at)?;
			}
			let failure = match outcome {
				Ok(()) => {
					info!(target: "device::beacon", device, window, gateway = %self.gateway, "transmitted");
					self.tools.store.set_beacon_state(device, window, BeaconState::Transmitted)?;
					return Ok(true);
				}
				Err(failure) => failure,
			};
			warn!(target: "device::beacon", device, window, error = %failure, "not transmitted");
			self.adapt(&failure);
			let retry_at = self.tools.clock.now() + pause;
			if !failure.is_retryable() || retry_at + self.airtime >= self.deadline {
				self.tools.store.set_beacon_state(device, window, BeaconState::Failed)?;
				return Ok(false);
			}
			self.tools.clock.sleep_until(retry_at).await;
			if !self.wait_for_duty_cycle().await {
				self.tools.store.set_beacon_state(device, window, BeaconState::Failed)?;
				return Ok(false);
			}
			self.tools.metrics.transmit_retries.increment();
			pause = (pause * 2).min(PAUSE_MAX);
		}
	}

	fn adapt(&mut self, failure: &RadioError) {
		if let RadioError::PowerRefused(_, power) = failure {
			self.transmission.power_dbm = power.saturating_sub(POWER_STEP_DB);
		}
	}

	fn spend(&self, sent_at: Duration) -> Result<(), StoreError> {
		self.cycle.lock().unwrap_or_else(PoisonError::into_inner).spend(sent_at, self.airtime);
		self.tools.store.spend_airtime(
			self.beacon.beaconer,
			self.beacon.window,
			self.airtime.as_micros() as u64,
		)
	}

	/// Waits until the duty cycle has room; `false` if it has none before the window ends.
	async fn wait_for_duty_cycle(&self) -> bool {
		let now = self.tools.clock.now();
		let earliest = self.cycle.lock().unwrap_or_else(PoisonError::into_inner).earliest(
			now,
			self.airtime,
			self.duty_cycle_ppm,
		);
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
}
