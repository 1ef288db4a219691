//! Radio regions: channels, data rates, and the limits that the law puts on a transmission.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::words::RegionId;

/// The region plan of Europe, 863 to 870 MHz.
pub const EU868: RegionId = 0;
/// The region plan of North America, 902 to 928 MHz.
pub const US915: RegionId = 1;

/// The most channels that a plan lists.
pub const CHANNELS_MAX: u32 = 16;
/// The most data rates that a plan lists.
pub const DATA_RATES_MAX: u32 = 4;

/// A LoRa modulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataRate {
	/// Spreading factor, 7 to 12.
	pub spreading_factor: u8,
	/// Bandwidth in kHz: 125, 250 or 500.
	pub bandwidth_khz: u16,
}

impl DataRate {
	/// Whether the modulation is one of LoRa's.
	pub fn is_lora(&self) -> bool {
		(7..=12).contains(&self.spreading_factor) && matches!(self.bandwidth_khz, 125 | 250 | 500)
	}

	/// Time on the air of a frame of `bytes` bytes in microseconds, rounded up: coding rate 4/5,
	/// explicit header, CRC, eight preamble symbols, low-data-rate optimisation where a symbol
	/// lasts 16 ms or more (Semtech AN1200.13, section 4). `None` for a modulation that is not
	/// LoRa's.
	pub fn airtime_us(&self, bytes: u32) -> Option<u64> {
		if !self.is_lora() {
			return None;
		}
		let factor = u64::from(self.spreading_factor);
		let symbol_ns = (1_000_000u64 << factor) / u64::from(self.bandwidth_khz);
		let optimised: u64 = if symbol_ns >= 16_000_000 { 2 } else { 0 };
		let bits = (8 * u64::from(bytes) + 28 + 16).saturating_sub(4 * factor);
		let payload_symbols = 8 + bits.div_ceil(4 * (factor - optimised)) * 5;
		// The preamble lasts 12.25 symbols, so the total is counted in quarters of one.
		Some(((4 * payload_symbols + 49) * symbol_ns).div_ceil(4_000))
	}
}

/// What devices of a region may transmit as a beacon.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionPlan {
	/// The region.
	pub region: RegionId,
	/// Highest radiated power (EIRP) that the region allows, in hundredths of a dBm.
	pub eirp_centi_dbm: i16,
	/// Longest time on the air of one transmission in ms; 0 where the region sets none.
	pub dwell_ms_max: u16,
	/// Share of time that a device may transmit in parts per million; 1,000,000 where no limit is
	/// set.
	pub duty_cycle_ppm: u32,
	/// Uplink channel centres in Hz.
	pub channels: BoundedVec<u32, ConstU32<CHANNELS_MAX>>,
	/// Data rates that carry a beacon within the payload and dwell-time limits.
	pub data_rates: BoundedVec<DataRate, ConstU32<DATA_RATES_MAX>>,
}

impl RegionPlan {
	/// Whether the plan can be followed: channels between 100 MHz and 3 GHz, LoRa data rates at
	/// which a beacon keeps the dwell time, a power from 0 to 40 dBm, a duty cycle of at most the
	/// whole time.
	pub fn is_valid(&self) -> bool {
		let dwell_us = match self.dwell_ms_max {
			0 => u64::MAX,
			ms => u64::from(ms) * 1_000,
		};
		!self.channels.is_empty()
			&& !self.data_rates.is_empty()
			&& self.channels.iter().all(|hz| (100_000_000..=3_000_000_000).contains(hz))
			&& self.data_rates.iter().all(|rate| {
				rate.airtime_us(crate::frame::BEACON_LENGTH as u32).is_some_and(|us| us <= dwell_us)
			}) && (0..=4_000).contains(&self.eirp_centi_dbm)
			&& (1..=1_000_000).contains(&self.duty_cycle_ppm)
	}

	/// The plan of Europe (ETSI EN 300 220, LoRaWAN Regional Parameters RP002): the eight usual
	/// uplink channels, SF7 to SF9 at 125 kHz, 14 dBm ERP = 16.15 dBm EIRP, 1 % duty cycle.
	pub fn eu868() -> Self {
		Self {
			region: EU868,
			eirp_centi_dbm: 1_615,
			dwell_ms_max: 0,
			duty_cycle_ppm: 10_000,
			channels: bounded([
				868_100_000,
				868_300_000,
				868_500_000,
				867_100_000,
				867_300_000,
				867_500_000,
				867_700_000,
				867_900_000,
			]),
			data_rates: bounded([sf(7), sf(8), sf(9)]),
		}
	}

	/// The plan of North America (FCC part 15.247, RP002): the eight channels of the second
	/// sub-band, SF7 and SF8 at 125 kHz, 36 dBm EIRP, 400 ms dwell time.
	pub fn us915() -> Self {
		Self {
			region: US915,
			eirp_centi_dbm: 3_600,
			dwell_ms_max: 400,
			duty_cycle_ppm: 1_000_000,
			channels: bounded([
				903_900_000,
				904_100_000,
				904_300_000,
				904_500_000,
				904_700_000,
				904_900_000,
				905_100_000,
				905_300_000,
			]),
			data_rates: bounded([sf(7), sf(8)]),
		}
	}
}

fn sf(spreading_factor: u8) -> DataRate {
	DataRate { spreading_factor, bandwidth_khz: 125 }
}

/// The items as a bounded vector; anything beyond the bound is left out.
fn bounded<T, const N: usize, const BOUND: u32>(items: [T; N]) -> BoundedVec<T, ConstU32<BOUND>> {
	BoundedVec::truncate_from(items.into_iter().collect())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::frame::BEACON_LENGTH;

	#[test]
	fn built_in_plans_are_valid() {
		assert!(RegionPlan::eu868().is_valid());
		assert!(RegionPlan::us915().is_valid());
	}

	#[test]
	fn airtime_agrees_with_the_formula_worked_by_hand() {
		// 118, 103 and 93 payload symbols and 12.25 of preamble, each of 1.024, 2.048 and 4.096 ms.
		assert_eq!(sf(7).airtime_us(72), Some(133_376));
		assert_eq!(sf(8).airtime_us(72), Some(236_032));
		assert_eq!(sf(9).airtime_us(72), Some(431_104));
	}

	#[test]
	fn plan_is_invalid_when_a_data_rate_breaks_the_dwell_time() {
		let mut plan = RegionPlan::us915();
		plan.data_rates = bounded([sf(9)]);
		assert!(sf(9).airtime_us(BEACON_LENGTH as u32).is_some_and(|us| us > 400_000));
		assert!(!plan.is_valid());
	}

	#[test]
	fn airtime_is_none_when_the_modulation_is_not_lora() {
		assert_eq!(DataRate { spreading_factor: 6, bandwidth_khz: 125 }.airtime_us(1), None);
		assert_eq!(DataRate { spreading_factor: 7, bandwidth_khz: 0 }.airtime_us(1), None);
	}
}
