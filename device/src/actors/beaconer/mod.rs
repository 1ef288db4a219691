//! Answers challenges: builds the beacon, waits for its moment, and sees that it goes out once.
//!
//! The decision to answer is on disk before anything is transmitted, so that a restart never
//! answers a challenge twice. Within one run the same frame is tried again until a packet forwarder
//! takes it, and as long as it cannot have been on the air more than a few times.

mod answer;
mod past;
mod power;
mod station;

pub use station::Tools;

use std::{
	sync::{Arc, Mutex},
	time::Duration,
};

use groma_client::{
	chain::Source,
	follower::{View, ViewReceiver, next_view},
	outage::Outage,
	registration::Registration,
	shutdown::Shutdown,
	store::StoreError,
};
use groma_core::{
	DeviceId, WindowIndex,
	api::ChallengeInfo,
	frame::{BEACON_LENGTH, Beacon},
	payload,
	selection::Selection,
	statement::Reveal,
};
use groma_lora::radio::Transmission;
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

use self::{answer::Answer, past::Past, power::Powers, station::Station};
use super::error::ActorError;
use crate::{duty_cycle::DutyCycle, fleet::Gateway};

/// The beaconer of all gateways of the process.
pub struct Beaconer {
	tools: Tools,
	views: ViewReceiver,
	gateways: Arc<[Gateway]>,
	/// For every gateway, the last window whose challenge was looked at.
	looked_at: Vec<Option<WindowIndex>>,
	/// What is remembered of every gateway; `None` until it is read from the store.
	stations: Vec<Option<Arc<Mutex<Station>>>>,
	answers: JoinSet<()>,
	/// Since when it is unknown of a challenged device whether it has to answer.
	outage: Outage,
}

/// The challenge of a device in the present window, as it follows from the seed and the threshold;
/// `None` if it has none.
fn challenge_of(registration: &Registration, view: &View) -> Option<ChallengeInfo> {
	let Registration { device, network, .. } = *registration;
	let (window, plan) = (&view.window, registration.plan.as_ref()?);
	if !registration.takes_part_in(window.index) || !window.challenges(device, network) {
		return None;
	}
	let slot = Selection::new(&window.seed, device).beacon_slot(plan, window.duration_ms)?;
	Some(ChallengeInfo {
		id: payload::challenge_id(&view.genesis, &window.seed, device),
		frequency_hz: slot.frequency_hz,
		data_rate: slot.data_rate,
		eirp_centi_dbm: plan.eirp_centi_dbm,
		offset_ms: slot.offset_ms,
	})
}

impl Beaconer {
	/// A beaconer of `gateways`.
	pub fn new(tools: Tools, gateways: Arc<[Gateway]>, views: ViewReceiver) -> Self {
		let looked_at = vec![None; gateways.len()];
		let stations = vec![None; gateways.len()];
		let (answers, outage) = (JoinSet::new(), Outage::default());
		Self { tools, views, gateways, looked_at, stations, answers, outage }
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
		let (mut has_looked, mut failed) = (false, None);
		for index in 0..self.gateways.len() {
			if self.looked_at[index] == Some(view.window.index) {
				continue;
			}
			let Some(registration) = view.registrations.get(index).cloned().flatten() else {
				continue;
			};
			has_looked = true;
			match self.prepare(index, &registration, view).await {
				Ok(answer) => {
					self.looked_at[index] = Some(view.window.index);
					if let Some(answer) = answer {
						self.answers.spawn(answer.run());
					}
				}
				// The next head gives another chance within the window.
				Err(error) => failed = Some((registration.device, error)),
			}
		}
		let now = self.tools.clock.now();
		match failed {
			Some((device, error)) => {
				if let Some(lasting) = self.outage.goes_on(now) {
					warn!(
						target: "device::beacon", device, %error, lasting_s = lasting.as_secs(),
						"whether the device has to answer a challenge is unknown"
					);
				}
			}
			None if has_looked => {
				if let Some(lasted) = self.outage.ends(now) {
					info!(
						target: "device::beacon", lasted_s = lasted.as_secs(),
						"it is known again which challenges to answer"
					);
				}
			}
			None => {}
		}
	}

	/// The answer of a gateway in the present window; `None` if there is nothing to answer.
	async fn prepare(
		&mut self,
		index: usize,
		registration: &Registration,
		view: &View,
	) -> Result<Option<Answer>, ActorError> {
		let (device, window) = (registration.device, view.window.index);
		let Some(challenge) = challenge_of(registration, view) else { return Ok(None) };
		if self.tools.store.has_answered(device, window)? {
			debug!(target: "device::beacon", device, window, "answered before");
			return Ok(None);
		}
		if !self.gateways[index].keeps_within(challenge.eirp_centi_dbm) {
			warn!(
				target: "device::beacon", device, window,
				"no beacon is sent, since the antenna radiates more than the region allows even at 0 dBm: \
				 correct `antenna_gain_db`, or use an antenna of less gain"
			);
			return Ok(None);
		}
		if !self.can_answer(&challenge, device, view).await {
			return Ok(None);
		}
		let station = self.station(index, device, view)?;
		let answer = self.answer(index, registration, &challenge, view, station)?;
		self.tools.metrics.challenges.increment();
		let wait = answer.due.saturating_sub(self.tools.clock.now());
		info!(
			target: "device::beacon", device, window, ?wait,
			frequency_hz = challenge.frequency_hz, sf = challenge.data_rate.spreading_factor,
			power_dbm = answer.transmission.power_dbm, "challenged"
		);
		Ok(Some(answer))
	}

	/// Whether a challenged device can take part: one that no stake covers, for example, spares the
	/// air. A node that cannot say so keeps no device from answering.
	async fn can_answer(&self, challenge: &ChallengeInfo, device: DeviceId, view: &View) -> bool {
		let window = view.window.index;
		match self.tools.chain.challenge(device, window, view.agreed()).await {
			Ok(Some(said)) => {
				if said.id != challenge.id {
					let about = "the challenge of a device";
					self.tools.chain.distrust(Source::Answers, about).await;
				}
				true
			}
			Ok(None) => {
				info!(target: "device::beacon", device, window, "challenged, but cannot take part");
				false
			}
			Err(error) => {
				debug!(target: "device::beacon", device, window, %error, "answered all the same");
				true
			}
		}
	}

	fn answer(
		&self,
		index: usize,
		registration: &Registration,
		challenge: &ChallengeInfo,
		view: &View,
		station: Arc<Mutex<Station>>,
	) -> Result<Answer, ActorError> {
		let (device, window) = (registration.device, view.window.index);
		let gateway = &self.gateways[index];
		let airtime_us = challenge
			.data_rate
			.airtime_us(BEACON_LENGTH as u32)
			.ok_or(ActorError::UnknownModulation)?;
		let signature = gateway.key.sign(&payload::beacon(&challenge.id));
		Ok(Answer {
			tools: self.tools.clone(),
			station,
			gateway: gateway.mac,
			beacon: Reveal { window, beaconer: device, signature },
			transmission: Transmission {
				frequency_hz: challenge.frequency_hz,
				data_rate: challenge.data_rate,
				power_dbm: gateway.power_dbm(challenge.eirp_centi_dbm),
				payload: Beacon::new(device, window, signature).to_bytes().to_vec(),
			},
			airtime: Duration::from_micros(airtime_us),
			duty_cycle_ppm: registration.plan.as_ref().map_or(0, |plan| plan.duty_cycle_ppm),
			due: view.began_at + Duration::from_millis(challenge.offset_ms),
			deadline: view.ends_at(),
		})
	}

	/// What is remembered of a gateway, including what it transmitted before a restart.
	fn station(
		&mut self,
		index: usize,
		device: DeviceId,
		view: &View,
	) -> Result<Arc<Mutex<Station>>, StoreError> {
		if let Some(station) = &self.stations[index] {
			return Ok(station.clone());
		}
		let past = Past { view, now: self.tools.clock.now(), unix_ms: self.tools.clock.unix_ms() };
		let (window, unix_ms) = past.begin();
		let spent = self.tools.store.airtime_since(device, window, unix_ms)?;
		let mut spent: Vec<_> = spent
			.iter()
			.map(|spent| (past.moment(spent), Duration::from_micros(spent.airtime_us)))
			.collect();
		spent.sort_unstable();
		let mut cycle = DutyCycle::default();
		for (moment, airtime) in spent {
			cycle.spend(moment, airtime);
		}
		let station = Arc::new(Mutex::new(Station { cycle, powers: Powers::default() }));
		self.stations[index] = Some(station.clone());
		Ok(station)
	}
}
