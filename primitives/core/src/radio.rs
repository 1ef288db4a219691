//! Radio: free-space loss, and the bounds that a plausible reception keeps. The bounds are drawn
//! from real links. All arithmetic is in integers; levels are in hundredths of a decibel.

use crate::{
	place::{EARTH_RADIUS_M, Separation, VECTOR_FRACTION_BITS},
	reason::CoverageReason,
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
pub const SNR_MAX: CentiDb = 2_000;
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
/// Binary digits after the point of a logarithm.
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

/// The loss between isotropic antennas in free space, `20 log10(4 pi d f / c)`; never below 0. The
/// error against floating point is below 0.05 dB.
pub fn free_space_loss(separation: Separation, frequency_hz: u32) -> CentiDb {
	let (Some(chord), Some(frequency)) =
		(decibels(separation.chord_squared().into()), decibels(u128::from(frequency_hz)))
	else {
		return 0;
	};
	(chord + 2 * frequency + constant_terms()).max(0)
}

/// `20 log10(4 pi R / (2^30 c))`: what turns a squared chord in units of 2^-60 and a frequency in
/// Hz into a loss.
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
pub fn judge_distance(separation: Separation) -> Result<(), CoverageReason> {
	if separation < Separation::from_metres(DISTANCE_MIN_M) {
		return Err(CoverageReason::TooClose);
	}
	if separation > Separation::from_metres(DISTANCE_MAX_M) {
		return Err(CoverageReason::TooFar);
	}
	Ok(())
}

/// Whether a reception is plausible for a transmission over a distance. Signal power, not channel
/// power, is compared with free space: weak links lie below the noise.
pub fn judge_reception(
	reception: Reception,
	transmission: Transmission,
	separation: Separation,
) -> Result<(), CoverageReason> {
	let rssi = CentiDb::from(reception.rssi_deci_dbm) * 10;
	let snr = CentiDb::from(reception.snr_deci_db) * 10;
	if !(RSSI_MIN..=RSSI_MAX).contains(&rssi) {
		return Err(CoverageReason::RssiImplausible);
	}
	let weakest = demodulation_limit(transmission.data_rate) - SNR_MARGIN;
	if !(weakest..=SNR_MAX).contains(&snr) {
		return Err(CoverageReason::SnrImplausible);
	}
	if rssi - snr - bandwidth_gain(transmission.data_rate) < NOISE_FLOOR_MIN {
		return Err(CoverageReason::NoiseFloorImplausible);
	}
	let signal = rssi + snr.min(0);
	let loss = free_space_loss(separation, transmission.frequency_hz);
	if signal > transmission.eirp + ANTENNA_ALLOWANCE + TOLERANCE - loss {
		return Err(CoverageReason::SignalTooStrong);
	}
	Ok(())
}

/// The signal-to-noise ratio below which a data rate cannot be demodulated: -7.5 dB at SF7, 2.5 dB
/// less for each further factor (Semtech SX1276 datasheet, table 13).
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

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec::Vec;
	use proptest::prelude::*;

	const SF7: DataRate = DataRate { spreading_factor: 7, bandwidth_khz: 125 };

	fn transmission(data_rate: DataRate) -> Transmission {
		Transmission { eirp: 1_615, frequency_hz: 868_100_000, data_rate }
	}

	fn judge(rssi: i16, snr: i16, metres: u64) -> Result<(), CoverageReason> {
		let reception = Reception { rssi_deci_dbm: rssi, snr_deci_db: snr };
		judge_reception(reception, transmission(SF7), Separation::from_metres(metres))
	}

	/// How far the loss is off floating point, in dB.
	fn loss_error(metres: u64, frequency_hz: u32) -> f64 {
		let separation = Separation::from_metres(metres);
		let factor = 4.0 * core::f64::consts::PI * metres as f64 * f64::from(frequency_hz)
			/ LIGHT_M_PER_S as f64;
		(f64::from(free_space_loss(separation, frequency_hz)) / 100.0 - 20.0 * factor.log10()).abs()
	}

	#[test]
	fn loss_is_exact_to_a_twentieth_decibel_over_a_grid_of_the_whole_range() {
		let mut distances: Vec<u64> = (1..1_000).collect();
		distances.extend((0..=600).map(|n| 10f64.powf(3.0 + f64::from(n) / 200.0) as u64));
		let frequencies = (0..=58u32).map(|n| 100_000_000 + n * 50_000_000);
		for frequency_hz in frequencies {
			for metres in &distances {
				let error = loss_error(*metres, frequency_hz);
				assert!(error < 0.05, "{metres} m, {frequency_hz} Hz: {error} dB off");
			}
		}
	}

	#[test]
	fn loss_is_zero_when_there_is_no_distance_or_frequency() {
		assert_eq!(free_space_loss(Separation::from_metres(0), 868_100_000), 0);
		assert_eq!(free_space_loss(Separation::from_metres(1_000), 0), 0);
		assert_eq!(decibels(0), None);
	}

	#[test]
	fn distance_is_judged_at_its_bounds() {
		let judge = |metres| judge_distance(Separation::from_metres(metres));
		assert_eq!(judge(299), Err(CoverageReason::TooClose));
		assert_eq!(judge(300), Ok(()));
		assert_eq!(judge(120_000), Ok(()));
		assert_eq!(judge(120_001), Err(CoverageReason::TooFar));
	}

	#[test]
	fn strength_is_refused_when_no_receiver_reports_it() {
		assert_eq!(judge(-1_481, 0, 1_000), Err(CoverageReason::RssiImplausible));
		assert_eq!(judge(-199, 0, 1_000), Err(CoverageReason::RssiImplausible));
	}

	#[test]
	fn snr_is_refused_when_the_data_rate_cannot_have_it() {
		assert_eq!(judge(-1_200, -125, 1_000), Ok(()));
		assert_eq!(judge(-1_200, -126, 1_000), Err(CoverageReason::SnrImplausible));
		assert_eq!(judge(-1_000, 200, 1_000), Ok(()));
		assert_eq!(judge(-1_000, 201, 1_000), Err(CoverageReason::SnrImplausible));
	}

	#[test]
	fn noise_floor_is_refused_when_it_is_below_what_a_receiver_has() {
		assert_eq!(judge(-1_180, 100, 1_000), Ok(()));
		assert_eq!(judge(-1_181, 100, 1_000), Err(CoverageReason::NoiseFloorImplausible));
		// Four times the bandwidth has four times the noise.
		let wide = DataRate { bandwidth_khz: 500, ..SF7 };
		let reception = Reception { rssi_deci_dbm: -1_180, snr_deci_db: 100 };
		let separation = Separation::from_metres(1_000);
		let judgement = judge_reception(reception, transmission(wide), separation);
		assert_eq!(judgement, Err(CoverageReason::NoiseFloorImplausible));
	}

	#[test]
	fn signal_is_refused_when_it_is_stronger_than_free_space_allows() {
		// 16.15 + 6 + 3 dBm - 91.22 dB at 1 km and 868.1 MHz.
		assert_eq!(judge(-661, 100, 1_000), Ok(()));
		assert_eq!(judge(-660, 100, 1_000), Err(CoverageReason::SignalTooStrong));
		// Below the noise, the signal is weaker than the channel.
		assert_eq!(judge(-600, -120, 1_000), Ok(()));
	}

	#[test]
	fn demodulation_limits_are_those_of_the_datasheet() {
		let limit = |spreading_factor| {
			demodulation_limit(DataRate { spreading_factor, bandwidth_khz: 125 })
		};
		let limits: Vec<CentiDb> = (7..=12).map(limit).collect();
		assert_eq!(limits, [-750, -1_000, -1_250, -1_500, -1_750, -2_000]);
	}

	proptest! {
		#[test]
		fn loss_is_exact_to_a_twentieth_decibel(
			exponent in 0.0f64..=6.0,
			frequency_hz in 100_000_000u32..=3_000_000_000,
		) {
			let metres = 10f64.powf(exponent) as u64;
			prop_assert!(loss_error(metres, frequency_hz) < 0.05);
		}

		#[test]
		fn decibels_are_those_of_floating_point(value in 1u128.., shift in 0u32..127) {
			let value = (value >> shift).max(1);
			let exact = 1_000.0 * (value as f64).log10();
			let error = (f64::from(decibels(value).expect("not 0")) - exact).abs();
			prop_assert!(error < 0.501, "{value}: {error}");
		}

		#[test]
		fn loss_never_falls_with_distance(
			a in 0u64..2_000_000,
			b in 0u64..2_000_000,
			frequency_hz in 1u32..,
		) {
			let loss = |metres| free_space_loss(Separation::from_metres(metres), frequency_hz);
			prop_assert!(loss(a.min(b)) <= loss(a.max(b)));
		}

		#[test]
		fn reception_that_is_plausible_far_away_is_plausible_nearer(
			rssi in -1_500i16..0,
			snr in -300i16..200,
			far in 300u64..120_000,
			near in 300u64..120_000,
		) {
			prop_assume!(near < far);
			if judge(rssi, snr, far).is_ok() {
				prop_assert_eq!(judge(rssi, snr, near), Ok(()));
			}
		}

		#[test]
		fn any_reception_is_judged_without_panic(
			rssi: i16,
			snr: i16,
			metres: u64,
			eirp in -32_768i32..32_768,
			frequency_hz: u32,
			spreading_factor: u8,
			bandwidth_khz: u16,
		) {
			let data_rate = DataRate { spreading_factor, bandwidth_khz };
			let reception = Reception { rssi_deci_dbm: rssi, snr_deci_db: snr };
			let transmission = Transmission { eirp, frequency_hz, data_rate };
			let judgement = judge_reception(reception, transmission, Separation::from_metres(metres));
			if judgement.is_ok() {
				prop_assert!((-1_480..=-200).contains(&rssi));
			}
		}
	}
}
