//! The terms of a network, with the bounds that no vote can cross.

use codec::{Decode, DecodeWithMemTracking, Encode, Input, MaxEncodedLen};
use groma_core::{
	density,
	money::{Balance, GRM, MILLI_GRM},
	units::Scale,
};
use groma_traits::CoverageTerms;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The longest span that terms may set, in windows: a year of windows of five minutes.
pub const SPAN_WINDOWS_MAX: u32 = 105_120;
/// The most devices that a density limit may admit to a cell's parent.
pub const DENSITY_LIMIT_MAX: u32 = 1_000_000;
/// The most plancks that a coverage unit may earn.
pub const UNIT_CAP_MAX: Balance = 100 * GRM;
/// The least plancks of stake behind a device: below it, identities would cost next to nothing.
pub const STAKE_PER_DEVICE_MIN: Balance = GRM;
/// The most plancks of stake behind a device.
pub const STAKE_PER_DEVICE_MAX: Balance = 1_000_000 * GRM;
/// The most that a device may earn per epoch as a share of its stake.
pub const YIELD_MAX: Scale = Scale::from_percent(1);

/// What a network asks and grants. Decoding refuses terms that [`NetworkTerms::validate`] refuses.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkTerms {
	/// Windows between two challenges of a device, on average, where the chain can afford them: 1 to
	/// [`SPAN_WINDOWS_MAX`].
	pub challenge_interval_windows: u32,
	/// Windows from the effect of a location until its device may take part: at most
	/// [`SPAN_WINDOWS_MAX`].
	pub maturity_windows: u32,
	/// Windows after that in which [`Self::ramp_scale`] applies: at most [`SPAN_WINDOWS_MAX`].
	pub ramp_windows: u32,
	/// What units are multiplied by during the ramp.
	pub ramp_scale: Scale,
	/// What units of self-made devices are multiplied by.
	pub self_made_scale: Scale,
	/// The most devices that a cell of each of [`density::RESOLUTIONS`] passes on: each 1 to
	/// [`DENSITY_LIMIT_MAX`].
	pub density_limits: [u32; density::RESOLUTIONS.len()],
	/// The network's share of the coverage pool and of the chain's budget of challenges. The shares of
	/// all networks sum to at most one.
	pub coverage_weight: Scale,
	/// The most plancks that one coverage unit earns: at most [`UNIT_CAP_MAX`].
	pub unit_cap: Balance,
	/// Plancks of stake behind each device: [`STAKE_PER_DEVICE_MIN`] to [`STAKE_PER_DEVICE_MAX`].
	pub stake_per_device: Balance,
	/// The most that a device earns per epoch, as a share of its stake: at most [`YIELD_MAX`].
	pub yield_max: Scale,
}

impl NetworkTerms {
	/// Whether every number is within its bounds; the error names the first that is not.
	pub fn validate(&self) -> Result<(), &'static str> {
		let checks = [
			(
				(1..=SPAN_WINDOWS_MAX).contains(&self.challenge_interval_windows),
				"the challenge interval is out of bounds",
			),
			(self.maturity_windows <= SPAN_WINDOWS_MAX, "the maturity is out of bounds"),
			(self.ramp_windows <= SPAN_WINDOWS_MAX, "the ramp is out of bounds"),
			(
				self.density_limits.iter().all(|limit| (1..=DENSITY_LIMIT_MAX).contains(limit)),
				"a density limit is out of bounds",
			),
			(self.unit_cap <= UNIT_CAP_MAX, "the cap per unit is out of bounds"),
			(
				(STAKE_PER_DEVICE_MIN..=STAKE_PER_DEVICE_MAX).contains(&self.stake_per_device),
				"the stake per device is out of bounds",
			),
			(self.yield_max <= YIELD_MAX, "the yield is out of bounds"),
		];
		checks.into_iter().try_for_each(|(holds, fault)| holds.then_some(()).ok_or(fault))
	}
}

/// The terms of a network that nobody has voted on yet: four challenges a day, two days of maturity and
/// fifteen of ramp with windows of five minutes.
impl Default for NetworkTerms {
	fn default() -> Self {
		Self {
			challenge_interval_windows: 72,
			maturity_windows: 576,
			ramp_windows: 4_320,
			ramp_scale: Scale::from_percent(10),
			self_made_scale: Scale::from_percent(50),
			density_limits: density::DEFAULT_LIMITS,
			coverage_weight: Scale::ONE,
			unit_cap: 10 * MILLI_GRM,
			stake_per_device: 50 * GRM,
			yield_max: Scale::from_billionths(3_000_000),
		}
	}
}

impl Decode for NetworkTerms {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		let terms = Self {
			challenge_interval_windows: Decode::decode(input)?,
			maturity_windows: Decode::decode(input)?,
			ramp_windows: Decode::decode(input)?,
			ramp_scale: Decode::decode(input)?,
			self_made_scale: Decode::decode(input)?,
			density_limits: Decode::decode(input)?,
			coverage_weight: Decode::decode(input)?,
			unit_cap: Decode::decode(input)?,
			stake_per_device: Decode::decode(input)?,
			yield_max: Decode::decode(input)?,
		};
		terms.validate()?;
		Ok(terms)
	}
}

impl From<NetworkTerms> for CoverageTerms {
	fn from(terms: NetworkTerms) -> Self {
		Self {
			challenge_interval_windows: terms.challenge_interval_windows,
			maturity_windows: terms.maturity_windows,
			ramp_windows: terms.ramp_windows,
			ramp_scale: terms.ramp_scale,
			self_made_scale: terms.self_made_scale,
			density_limits: terms.density_limits,
			coverage_weight: terms.coverage_weight,
			unit_cap: terms.unit_cap,
			stake_per_device: terms.stake_per_device,
			yield_max: terms.yield_max,
		}
	}
}
