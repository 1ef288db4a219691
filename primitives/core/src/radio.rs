//! Radio: free-space loss, and the bounds that a plausible reception keeps. The bounds are drawn from
//! real links. All arithmetic is in integers; levels are in hundredths of a decibel.

use crate::{
	place::{EARTH_RADIUS_M, Separation, VECTOR_FRACTION_BITS},
	reason::ReasonCode,
	region::DataRate,
};

/// A level or a ratio in hundredths of a decibel (or of a dBm).
pub type CentiDb = i32;

/// The fixed allowance for the receiving antenna. The gain that an owner asserts is never used.
pub const ANTENNA_ALLOWANCE: CentiDb = 600;
/// What a receiver's measurement may be off.
pub const TOLERANCE: CentiDb = 300;
/// How far below its demodulation limit a receiver may still report a frame.
pub const SNR_MARGIN: CentiDb = 500;
/// The highest signal-to-noise ratio that receivers report.
pub const SNR_MAX: CentiDb = 1_500;
/// The lowest noise floor of a receiver, referred to 125 kHz.
pub const NOISE_FLOOR_MIN: CentiDb = -12_800;
/// The weakest strength that receivers report.
pub const RSSI_MIN: CentiDb = -14_800;
/// The greatest strength that receivers report.
pub const RSSI_MAX: CentiDb = -2_000;
/// Least distance of a valid link in metres.
pub const DISTANCE_MIN_M: u64 = 300;
/// Greatest distance of a valid link in metres.
pub const DISTANCE_MAX_M: u64 = 120_000;

/// The speed of light in m/s.
const LIGHT_M_PER_S: u64 = 299_792_458;
/// log2(10) / 10 in units of 2^-32: hundredths of a decibel are binary logarithms divided by it.
const FRACTION_BITS: u32 = 32;
/// 1000 * log10(2) in units of 2^-32.
const CENTI_DB_PER_OCTAVE: i128 = 1_292_913_986_475;

/// `10 log10(value)` in hundredths of a decibel, rounded to the nearest; `None` for 0. The binary
/// logarithm is found digit by digit, squaring the mantissa, to 2^-32.
pub fn decibels(value: u128) -> Option<CentiDb> {
	let exponent = value.checked_ilog2()?;
	// The mantissa in [1, 2) with 63 digits after the point.
	let mut mantissa =
		if exponent <= 63 { value << (63 - exponent) } else { value >> (exponent - 63) };
	let mut logarithm = i128::from(exponent) << FRACTION_BITS;
	for digit in (0..FRACTION_BITS).rev() {
		mantissa = (mantissa * mantissa) >> 63;
		if mantissa >> 64 != 0 {
			mantissa >>= 1;
			logarithm |= 1 << digit;
		}
	}
	let product = logarithm * CENTI_DB_PER_OCTAVE;
	Some(((product + (1 << (2 * FRACTION_BITS - 1))) >> (2 * FRACTION_BITS)) as CentiDb)
}

/// The loss between isotropic antennas in free space, `20 log10(4 pi d f / c)`; never below 0. The error
/// against floating point is below 0.05 dB.
pub fn free_space_loss(separation: Separation, frequency_hz: u32) -> CentiDb {
	let (Some(chord), Some(frequency)) =
		(decibels(separation.chord_squared().into()), decibels(u128::from(frequency_hz)))
	else {
		return 0;
	};
	(chord + 2 * frequency + constant_terms()).max(0)
}

/// `20 log10(4 pi R / (2^30 c))`: what turns a squared chord in units of 2^-60 and a frequency in Hz
/// into a loss.
fn constant_terms() -> CentiDb {
	// 4 pi R in micrometres: an integer large enough to carry the digits of pi.
	const FOUR_PI_RADIUS_UM: u128 = 12_566_370_614_359 * EARTH_RADIUS_M as u128 / 1_000_000;
	let in_metres = decibels(FOUR_PI_RADIUS_UM).unwrap_or_default() - 6_000;
	let light = decibels(u128::from(LIGHT_M_PER_S)).unwrap_or_default();
	let fraction = decibels(1u128 << VECTOR_FRACTION_BITS).unwrap_or_default();
	2 * (in_metres - light - fraction)
}

/// A reception as the receiver reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reception {
	/// Received signal strength (channel power) in tenths of a dBm.
	pub rssi_deci_dbm: i16,
	/// Signal-to-noise ratio in tenths of a dB.
	pub snr_deci_db: i16,
}

/// A transmission as the challenge prescribes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmission {
	/// Radiated power that the region allows, in hundredths of a dBm.
	pub eirp: CentiDb,
	/// Channel centre in Hz.
	pub frequency_hz: u32,
	/// Modulation.
	pub data_rate: DataRate,
}

/// Whether two places are far enough apart, and near enough, for a valid link.
pub fn judge_distance(separation: Separation) -> Result<(), ReasonCode> {
	if separation < Separation::from_metres(DISTANCE_MIN_M) {
		return Err(ReasonCode::TooClose);
	}
	if separation > Separation::from_metres(DISTANCE_MAX_M) {
		return Err(ReasonCode::TooFar);
	}
	Ok(())
}

/// Whether a reception is plausible for a transmission over a distance. Signal power, not channel power,
/// is compared with free space: weak links lie below the noise.
pub fn judge_reception(
	reception: Reception,
	transmission: Transmission,
	separation: Separation,
) -> Result<(), ReasonCode> {
	let rssi = CentiDb::from(reception.rssi_deci_dbm) * 10;
	let snr = CentiDb::from(reception.snr_deci_db) * 10;
	if !(RSSI_MIN..=RSSI_MAX).contains(&rssi) {
		return Err(ReasonCode::RssiImplausible);
	}
	let weakest = demodulation_limit(transmission.data_rate) - SNR_MARGIN;
	if !(weakest..=SNR_MAX).contains(&snr) {
		return Err(ReasonCode::SnrImplausible);
	}
	if rssi - snr - bandwidth_gain(transmission.data_rate) < NOISE_FLOOR_MIN {
		return Err(ReasonCode::NoiseFloorImplausible);
	}
	let signal = rssi + snr.min(0);
	let loss = free_space_loss(separation, transmission.frequency_hz);
	if signal > transmission.eirp + ANTENNA_ALLOWANCE + TOLERANCE - loss {
		return Err(ReasonCode::SignalTooStrong);
	}
	Ok(())
}

/// The signal-to-noise ratio below which a data rate cannot be demodulated: -7.5 dB at SF7, 2.5 dB less
/// for each further factor (Semtech SX1276 datasheet, table 13).
pub fn demodulation_limit(data_rate: DataRate) -> CentiDb {
	-750 - 250 * (CentiDb::from(data_rate.spreading_factor.clamp(7, 12)) - 7)
}

/// `10 log10(bandwidth / 125 kHz)`.
fn bandwidth_gain(data_rate: DataRate) -> CentiDb {
	match data_rate.bandwidth_khz {
		500 => 602,
		250 => 301,
		_ => 0,
	}
}
