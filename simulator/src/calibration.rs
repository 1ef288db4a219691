//! Where the numbers of the propagation model come from: frames of real radios.
//!
//! Receivers report only what they could demodulate, so the strong links among those that exist.
//! The calibration therefore maximises the likelihood of each frame *given that it was heard*: the
//! excess loss follows a normal distribution cut off at what that receiver could still demodulate.

use groma_core::{place::Separation, radio, region::DataRate};

use crate::{
	positions::{Row, Table},
	propagation::Model,
};

/// What a LoRa end device in Europe radiates where the measurement doesn't say, in dBm.
const POWER_DEFAULT_DBM: f64 = 14.0;
/// The frequency where the measurement doesn't say it, in Hz.
const FREQUENCY_DEFAULT_HZ: f64 = 868_100_000.0;
/// Links shorter than this are left out: blurred positions and strong receivers spoil them.
const DISTANCE_MIN_M: f64 = 300.0;
/// Above this the noise can't be distinguished from the sum of signal and noise, in dB.
const SNR_FOR_NOISE_MAX_DB: f64 = 5.0;
/// Frames of one pair whose distance differs by less than this factor share one path.
const SAME_PATH: f64 = 1.05;
/// The fewest frames of a path that show its fading.
const PATH_FRAMES_MIN: usize = 8;

/// One frame that a real receiver reported.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MeasuredLink {
	/// Which measurement campaign it belongs to.
	pub(crate) source: String,
	/// Transmitter and receiver.
	pub(crate) pair: String,
	/// Distance in metres.
	pub(crate) distance_m: f64,
	/// Channel centre in Hz.
	pub(crate) frequency_hz: f64,
	/// Radiated power in dBm.
	pub(crate) power_dbm: f64,
	/// Spreading factor, 7 to 12.
	pub(crate) spreading_factor: u8,
	/// Channel power in dBm.
	pub(crate) rssi_dbm: f64,
	/// Signal-to-noise ratio in dB.
	pub(crate) snr_db: f64,
}

impl MeasuredLink {
	fn from_row(row: &Row<'_, '_>) -> Option<Self> {
		let (pair, _serial) = row.field("link_id")?.rsplit_once('/')?;
		Some(Self {
			source: row.field("source")?.to_owned(),
			pair: pair.to_owned(),
			distance_m: row.number("distance_m")?,
			frequency_hz: row.number("freq_hz").unwrap_or(FREQUENCY_DEFAULT_HZ),
			power_dbm: row.number("tx_power_dbm").unwrap_or(POWER_DEFAULT_DBM),
			spreading_factor: row.field("spreading_factor")?.parse().ok()?,
			rssi_dbm: row.number("rssi_dbm")?,
			snr_db: row.number("snr_db")?,
		})
	}

	/// Loss beyond free space in dB.
	pub(crate) fn excess_db(&self) -> f64 {
		self.budget_db() - signal_dbm(self.rssi_dbm, self.snr_db)
	}

	/// The greatest excess loss at which the receiver would still have reported the frame, in dB.
	pub(crate) fn audible_excess_db(&self) -> f64 {
		let rate = DataRate { spreading_factor: self.spreading_factor, bandwidth_khz: 125 };
		let weakest = radio::demodulation_limit(rate) - radio::SNR_MARGIN;
		self.budget_db()
			- channel_noise_dbm(self.rssi_dbm, self.snr_db)
			- f64::from(weakest) / 100.0
	}

	/// What would arrive in free space, in dBm.
	fn budget_db(&self) -> f64 {
		let separation = Separation::from_metres(self.distance_m as u64);
		let loss = radio::free_space_loss(separation, self.frequency_hz as u32);
		self.power_dbm - f64::from(loss) / 100.0
	}
}

/// The frames of a table with the columns of `bench/data/lora-links.csv`.
pub(crate) fn measured_links(text: &str) -> Vec<MeasuredLink> {
	Table::new(text)
		.map(|table| table.rows().filter_map(|row| MeasuredLink::from_row(&row)).collect())
		.unwrap_or_default()
}

/// The model that explains the frames best; `None` if they are too few.
pub(crate) fn calibrate(links: &[MeasuredLink]) -> Option<Model> {
	let links: Vec<_> = links.iter().filter(|link| link.distance_m >= DISTANCE_MIN_M).collect();
	let fading_db = median(path_spreads(&links))?;
	let (median_excess_db, spread_db) = fit_truncated(&links);
	let noise = receiver_noise(&links);
	let noise_dbm = median(noise.clone())?;
	Some(Model {
		median_excess_db,
		shadowing_db: (spread_db * spread_db - fading_db * fading_db).max(0.0).sqrt(),
		fading_db,
		noise_dbm,
		noise_spread_db: robust_spread(noise)?,
		snr_ceiling_db: links.iter().map(|link| link.snr_db).reduce(f64::max)?,
	})
}

/// Mean and standard deviation of the normal distribution whose part below each link's audible
/// limit makes the links likeliest: a descent by coordinates, the step halved where no step helps.
fn fit_truncated(links: &[&MeasuredLink]) -> (f64, f64) {
	let mut best = (50.0, 12.0);
	let mut least = unlikelihood(links, best);
	let mut step = 16.0;
	while step > 0.01 {
		let (mean, deviation) = best;
		let candidates = [
			(mean + step, deviation),
			(mean - step, deviation),
			(mean, deviation + step),
			(mean, (deviation - step).max(1.0)),
		];
		let next = candidates
			.into_iter()
			.map(|candidate| (unlikelihood(links, candidate), candidate))
			.min_by(|a, b| a.0.total_cmp(&b.0));
		match next {
			Some((value, candidate)) if value < least => (least, best) = (value, candidate),
			_ => step /= 2.0,
		}
	}
	best
}

/// The negative logarithm of the likelihood, without constant terms.
fn unlikelihood(links: &[&MeasuredLink], (mean, deviation): (f64, f64)) -> f64 {
	links
		.iter()
		.map(|link| {
			let offset = (link.excess_db() - mean) / deviation;
			let heard = normal_cdf((link.audible_excess_db() - mean) / deviation);
			deviation.ln() + offset * offset / 2.0 + heard.max(1e-300).ln()
		})
		.sum()
}

/// The share of a normal distribution below `z` standard deviations.
fn normal_cdf(z: f64) -> f64 {
	libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0
}

/// The standard deviations of the excess loss along single paths.
fn path_spreads(links: &[&MeasuredLink]) -> Vec<f64> {
	by_pair(links)
		.filter(|frames| {
			let distances = frames.iter().map(|frame| frame.distance_m);
			let nearest = distances.clone().fold(f64::INFINITY, f64::min);
			frames.len() >= PATH_FRAMES_MIN && distances.fold(0.0, f64::max) < nearest * SAME_PATH
		})
		.map(|frames| deviation(frames.iter().map(|frame| frame.excess_db())))
		.collect()
}

/// The median noise power of each receiver in dBm, referred to 125 kHz.
fn receiver_noise(links: &[&MeasuredLink]) -> Vec<f64> {
	by_pair(links)
		.filter_map(|frames| {
			let weak = frames.iter().filter(|frame| frame.snr_db < SNR_FOR_NOISE_MAX_DB);
			median(weak.map(|frame| channel_noise_dbm(frame.rssi_dbm, frame.snr_db)).collect())
		})
		.collect()
}

fn by_pair<'a>(links: &[&'a MeasuredLink]) -> impl Iterator<Item = Vec<&'a MeasuredLink>> {
	let mut pairs = std::collections::BTreeMap::<&str, Vec<&MeasuredLink>>::new();
	for link in links {
		pairs.entry(&link.pair).or_default().push(link);
	}
	pairs.into_values()
}

fn deviation(values: impl Iterator<Item = f64> + Clone) -> f64 {
	let count = values.clone().count().max(1) as f64;
	let mean = values.clone().sum::<f64>() / count;
	(values.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
	values.sort_by(f64::total_cmp);
	values.get(values.len() / 2).copied()
}

/// The standard deviation by the median absolute deviation, which outliers don't move.
fn robust_spread(values: Vec<f64>) -> Option<f64> {
	let middle = median(values.clone())?;
	Some(1.4826 * median(values.into_iter().map(|value| (value - middle).abs()).collect())?)
}

/// The power of a signal of which a receiver reports channel power and ratio, in dBm.
fn signal_dbm(rssi_dbm: f64, snr_db: f64) -> f64 {
	channel_noise_dbm(rssi_dbm, snr_db) + snr_db
}

/// The power of the noise of which a receiver reports channel power and ratio, in dBm.
fn channel_noise_dbm(rssi_dbm: f64, snr_db: f64) -> f64 {
	rssi_dbm - 10.0 * (1.0 + 10f64.powf(snr_db / 10.0)).log10()
}
