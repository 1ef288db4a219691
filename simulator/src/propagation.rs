//! How radio reaches from one gateway to another: free-space loss, shadowing of each path, fading
//! of each frame, the noise of each receiver, and what a concentrator reports of it.
//!
//! Everything is drawn from one seed: the same field hears the same on every run.

use groma_core::{
	place::Separation,
	radio::{self, Reception, Transmission},
	region::DataRate,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Thermal noise in 125 kHz at room temperature, -174 dBm/Hz: no receiver is quieter.
const THERMAL_NOISE_DBM: f64 = -123.0;

/// Fading beyond this many standard deviations doesn't happen: the normal draw is cut off here.
const FADING_MAX: f64 = 4.0;

/// What is drawn; each has a separate stream of random numbers.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(crate) enum Draw {
	Shadowing = 1,
	Fading = 2,
	Noise = 3,
	Placement = 4,
	Key = 5,
	Cheat = 6,
}

/// Random numbers for one purpose and up to three subjects.
pub(crate) fn random(seed: u64, draw: Draw, subjects: [u64; 2]) -> ChaCha8Rng {
	let mut key = [0; 32];
	for (bytes, word) in key.chunks_exact_mut(8).zip([seed, draw as u64, subjects[0], subjects[1]])
	{
		bytes.copy_from_slice(&word.to_le_bytes());
	}
	ChaCha8Rng::from_seed(key)
}

/// A number of the standard normal distribution (Box and Muller).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
	let radius = (-2.0 * (1.0 - rng.r#gen::<f64>()).ln()).sqrt();
	radius * (std::f64::consts::TAU * rng.r#gen::<f64>()).cos()
}

/// The parameters of propagation, all in dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Model {
	/// Median loss beyond free space.
	pub(crate) median_excess_db: f64,
	/// Standard deviation of that loss from path to path.
	pub(crate) shadowing_db: f64,
	/// Standard deviation from frame to frame of one path.
	pub(crate) fading_db: f64,
	/// Median noise power of a receiver in 125 kHz, in dBm.
	pub(crate) noise_dbm: f64,
	/// Standard deviation of that noise from receiver to receiver.
	pub(crate) noise_spread_db: f64,
	/// The highest signal-to-noise ratio that a receiver reports.
	pub(crate) snr_ceiling_db: f64,
}

impl Model {
	/// What `calibration::calibrate` finds in the links from a tower to hotspots in a town, the one
	/// measurement at hand whose both ends are mounted as those of gateways are. A test repeats it.
	pub(crate) const MEASURED: Self = Self {
		median_excess_db: 58.1,
		shadowing_db: 22.1,
		fading_db: 4.4,
		noise_dbm: -117.5,
		noise_spread_db: 9.3,
		snr_ceiling_db: 8.5,
	};
}

/// Radio between numbered stations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Propagation {
	seed: u64,
	model: Model,
}

impl Propagation {
	/// Propagation by `model`, drawn from `seed`.
	pub(crate) fn new(seed: u64, model: Model) -> Self {
		Self { seed, model }
	}

	/// What the second station reports of a frame that the first one sends over `separation`;
	/// `None` if it can't demodulate it. `frame` distinguishes the frames of a path.
	pub(crate) fn receive(
		&self,
		(from, to): (u32, u32),
		separation: Separation,
		transmission: &Transmission,
		frame: u64,
	) -> Option<Reception> {
		let fading = normal(&mut self.path(Draw::Fading, from, to, frame));
		let fading = self.model.fading_db * fading.clamp(-FADING_MAX, FADING_MAX);
		let excess = self.path_excess_db(from, to) + fading;
		let signal = free_space_dbm(separation, transmission) - excess.max(0.0);
		self.report(signal, self.noise_dbm(to), transmission.data_rate)
	}

	/// The reception of a typical audible path over `separation`: what a cheat that never heard the
	/// frame would make up.
	pub(crate) fn plausible(
		&self,
		separation: Separation,
		transmission: &Transmission,
		subjects: [u32; 2],
	) -> Reception {
		let mut rng = random(self.seed, Draw::Cheat, subjects.map(u64::from));
		let strongest = free_space_dbm(separation, transmission);
		let noise = self.model.noise_dbm;
		let weakest = noise + f64::from(radio::demodulation_limit(transmission.data_rate)) / 100.0;
		let signal = weakest + (strongest - weakest).max(0.0) * rng.gen_range(0.1..0.7);
		self.measured(signal, noise)
	}

	/// Whether two stations hear each other, but for fading.
	pub(crate) fn is_mutual(
		&self,
		(a, b): (u32, u32),
		separation: Separation,
		transmission: &Transmission,
	) -> bool {
		let signal = free_space_dbm(separation, transmission) - self.path_excess_db(a, b).max(0.0);
		[a, b].into_iter().all(|receiver| {
			self.report(signal, self.noise_dbm(receiver), transmission.data_rate).is_some()
		})
	}

	/// Whether either of two stations may hear the other when fading favours it as much as it ever
	/// does.
	pub(crate) fn may_reach(
		&self,
		(a, b): (u32, u32),
		separation: Separation,
		transmission: &Transmission,
	) -> bool {
		let excess = self.path_excess_db(a, b) - FADING_MAX * self.model.fading_db;
		let signal = free_space_dbm(separation, transmission) - excess.max(0.0);
		[a, b].into_iter().any(|receiver| {
			self.report(signal, self.noise_dbm(receiver), transmission.data_rate).is_some()
		})
	}

	/// The loss beyond free space of the path between two stations, the same both ways; it may be
	/// negative before fading.
	fn path_excess_db(&self, a: u32, b: u32) -> f64 {
		let mut rng = self.path(Draw::Shadowing, a.min(b), a.max(b), 0);
		self.model.median_excess_db + self.model.shadowing_db * normal(&mut rng)
	}

	/// The noise power of a receiver in dBm.
	fn noise_dbm(&self, receiver: u32) -> f64 {
		let spread = normal(&mut random(self.seed, Draw::Noise, [receiver.into(), 0]));
		(self.model.noise_dbm + self.model.noise_spread_db * spread).max(THERMAL_NOISE_DBM)
	}

	fn report(&self, signal: f64, noise: f64, data_rate: DataRate) -> Option<Reception> {
		let noise = noise + 10.0 * (f64::from(data_rate.bandwidth_khz) / 125.0).log10();
		let limit = f64::from(radio::demodulation_limit(data_rate)) / 100.0;
		(signal - noise >= limit).then(|| self.measured(signal, noise))
	}

	/// As a concentrator reports it: channel power in whole dBm, the ratio in tenths of a dB.
	fn measured(&self, signal: f64, noise: f64) -> Reception {
		let rssi = 10.0 * (10f64.powf(signal / 10.0) + 10f64.powf(noise / 10.0)).log10();
		let snr = (signal - noise).min(self.model.snr_ceiling_db);
		Reception {
			rssi_deci_dbm: (rssi.round() * 10.0) as i16,
			snr_deci_db: (snr * 10.0).round() as i16,
		}
	}

	fn path(&self, draw: Draw, from: u32, to: u32, frame: u64) -> ChaCha8Rng {
		random(self.seed, draw, [u64::from(from) << 32 | u64::from(to), frame])
	}
}

/// What an isotropic antenna receives in free space, in dBm.
fn free_space_dbm(separation: Separation, transmission: &Transmission) -> f64 {
	let loss = radio::free_space_loss(separation, transmission.frequency_hz);
	f64::from(transmission.eirp - loss) / 100.0
}

#[cfg(test)]
mod tests {
	use groma_core::{
		CoverageReason,
		radio::{judge_distance, judge_reception},
	};

	use super::*;
	use crate::{
		calibration::{MeasuredLink, calibrate, measured_links, median},
		station::typical_transmission,
	};

	/// The measured links, from the benchmarks' folder; they are too many to be part of the crate.
	fn links(sources: &[&str]) -> Vec<MeasuredLink> {
		let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/data/lora-links.csv");
		let text = std::fs::read_to_string(path).expect("bench/data holds the measured links");
		let mut links = measured_links(&text);
		assert_eq!(links.len(), 2_800);
		links.retain(|link| sources.contains(&link.source.as_str()));
		links
	}

	#[test]
	fn pinned_model_is_what_the_measured_links_give() {
		let found = calibrate(&links(&["helium-ems"])).expect("the links suffice");
		let rounded = |value: f64| (value * 10.0).round() / 10.0;
		let found = Model {
			median_excess_db: rounded(found.median_excess_db),
			shadowing_db: rounded(found.shadowing_db),
			fading_db: rounded(found.fading_db),
			noise_dbm: rounded(found.noise_dbm),
			noise_spread_db: rounded(found.noise_spread_db),
			snr_ceiling_db: rounded(found.snr_ceiling_db),
		};
		assert_eq!(found, Model::MEASURED);
	}

	/// The median excess loss of simulated frames, over the distances and to the receivers of real
	/// ones, that their receivers would have reported.
	fn simulated_median(links: &[&MeasuredLink]) -> f64 {
		let model = Model::MEASURED;
		let mut heard = Vec::new();
		for (index, link) in links.iter().enumerate() {
			for draw in 0..40 {
				let mut rng = random(7, Draw::Cheat, [index as u64, draw]);
				let spread = model.shadowing_db.hypot(model.fading_db);
				let excess = (model.median_excess_db + spread * normal(&mut rng)).max(0.0);
				if excess <= link.audible_excess_db() {
					heard.push(excess);
				}
			}
		}
		median(heard).expect("some are heard")
	}

	#[test]
	fn simulated_links_lose_as_much_as_real_ones_of_the_same_distance() {
		let links = links(&["helium-ems", "helium-ftd"]);
		for span in [300.0..1_000.0, 1_000.0..3_000.0, 3_000.0..10_000.0] {
			let here: Vec<_> =
				links.iter().filter(|link| span.contains(&link.distance_m)).collect();
			let real = median(here.iter().map(|link| link.excess_db()).collect()).expect("links");
			let simulated = simulated_median(&here);
			println!(
				"{span:?} m: {} real frames, median excess {real:.1} dB, simulated {simulated:.1} dB",
				here.len()
			);
			assert!((real - simulated).abs() < 8.0, "{span:?}: {real} dB real, {simulated} dB");
		}
	}

	#[test]
	fn every_simulated_reception_passes_the_rules() {
		let propagation = Propagation::new(1, Model::MEASURED);
		let mut heard = 0;
		for (pair, metres) in (0..4_000u32).zip((300..120_000u64).step_by(29)) {
			let separation = Separation::from_metres(metres);
			let transmission = typical_transmission(0, 7 + (pair % 3) as u8);
			judge_distance(separation).expect("within the bounds");
			let sites = (2 * pair, 2 * pair + 1);
			let Some(reception) = propagation.receive(sites, separation, &transmission, 0) else {
				continue;
			};
			heard += 1;
			assert_eq!(reception.rssi_deci_dbm % 10, 0);
			assert_eq!(
				judge_reception(reception, transmission, separation),
				Ok::<_, CoverageReason>(())
			);
		}
		assert!(heard > 100, "{heard}");
	}

	#[test]
	fn made_up_receptions_pass_the_rules_too() {
		let propagation = Propagation::new(1, Model::MEASURED);
		for pair in 0..500u32 {
			let separation = Separation::from_metres(300 + 40 * u64::from(pair));
			let transmission = typical_transmission(0, 9);
			let reception = propagation.plausible(separation, &transmission, [pair, pair + 1]);
			assert_eq!(judge_reception(reception, transmission, separation), Ok(()));
		}
	}

	#[test]
	fn paths_are_the_same_both_ways_and_on_every_run() {
		let propagation = Propagation::new(5, Model::MEASURED);
		assert_eq!(propagation.path_excess_db(3, 9), propagation.path_excess_db(9, 3));
		assert_ne!(propagation.path_excess_db(3, 9), propagation.path_excess_db(3, 8));
		let other = Propagation::new(6, Model::MEASURED);
		assert_ne!(propagation.path_excess_db(3, 9), other.path_excess_db(3, 9));
	}
}
