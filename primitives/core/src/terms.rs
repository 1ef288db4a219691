//! The terms of a network: what a vote writes, as plain data.
//!
//! Bounds are checked by [`NetworkTerms::validate`] when a call or genesis brings terms. What is
//! stored always decodes: a bound that is tightened later loses no network. A list that is too long
//! and a scale above one do not decode at all; in JSON, the error names the field.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{
	codes::codes,
	density,
	money::{Balance, Credits, GRM, MILLI_GRM},
	protocol::INTERVAL_WINDOWS,
	units::Scale,
};

/// The longest span that terms may set, in windows: a year of windows of 5 minutes.
pub const SPAN_WINDOWS_MAX: u32 = 105_120;
/// The most devices that a density limit may admit to a cell's parent.
pub const DENSITY_LIMIT_MAX: u32 = 1_000_000;
/// The most that a unit of work may earn, in plancks.
pub const UNIT_CAP_MAX: Balance = 100 * GRM;
/// The least stake behind a device, in plancks: below it, identities would cost next to nothing.
pub const STAKE_PER_DEVICE_MIN: Balance = GRM;
/// The most stake behind a device, in plancks.
pub const STAKE_PER_DEVICE_MAX: Balance = 1_000_000 * GRM;
/// The most that a device may earn per epoch as a share of its stake.
pub const YIELD_MAX: Scale = Scale::from_percent(1);
/// The most services that a network sells.
pub const SERVICES_MAX: u32 = 4;
/// The longest name of a service's unit, in bytes.
pub const UNIT_NAME_BYTES_MAX: usize = 12;
/// The most credits that a unit of a service costs: USD 10,000.
pub const CREDITS_PER_UNIT_MAX: u64 = 1_000_000_000;
/// The most credits that a network asks of an owner for one thing: USD 1,000.
pub const FEE_CREDITS_MAX: Credits = 100_000_000;
/// The most units of a service that a device may deliver in a second.
pub const UNITS_PER_DEVICE_SECOND_MAX: u64 = 1_000_000_000;

macro_rules! terms {
	(
		$(#[doc = $doc:literal])+
		$name:ident { $($(#[$field_attribute:meta])+ $field:ident: $type:ty,)* }
	) => {
		$(#[doc = $doc])+
		#[derive(Clone, Debug, PartialEq, Eq)]
		#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
		#[derive(Serialize, Deserialize)]
		#[serde(rename_all = "camelCase", deny_unknown_fields)]
		pub struct $name {
			$($(#[$field_attribute])+ pub $field: $type,)*
		}
	};
}

terms! {
	/// What a network asks and grants.
	NetworkTerms {
		/// Where its devices stand.
		place: PlaceTerms,
		/// How often they are challenged.
		lottery: LotteryTerms,
		/// What proven work earns.
		supply: SupplyTerms,
		/// Stake behind each device, in plancks: [`STAKE_PER_DEVICE_MIN`] to
		/// [`STAKE_PER_DEVICE_MAX`]. Suggested: 50 GRM.
		#[serde(with = "crate::text::amount")]
		stake_per_device: Balance,
		/// What its devices prove. A network never changes the kind.
		proof: Proof,
		/// What customers can buy: at most [`SERVICES_MAX`] services.
		#[serde(deserialize_with = "named::services")]
		services: BoundedVec<ServiceTerms, ConstU32<SERVICES_MAX>>,
		/// What owners pay for registering and moving devices.
		fees: FeeTerms,
	}
}

terms! {
	/// How often devices are challenged.
	LotteryTerms {
		/// Windows between two challenges of a device, on average, where the lane has room for
		/// them: 1 to [`SPAN_WINDOWS_MAX`]. Suggested: [`INTERVAL_WINDOWS`].
		interval_windows: u32,
		/// The network's share of the room that blocks keep for evidence. The shares of all
		/// networks sum to at most one.
		#[serde(deserialize_with = "named::lane_share")]
		lane_share: Scale,
	}
}

terms! {
	/// What proven work earns.
	SupplyTerms {
		/// The network's share of the supply pool. The shares of all networks sum to at most one.
		#[serde(deserialize_with = "named::weight")]
		weight: Scale,
		/// The most that one unit earns, in plancks: at most [`UNIT_CAP_MAX`]. Suggested: 0.01 GRM.
		#[serde(with = "crate::text::amount")]
		unit_cap: Balance,
		/// The most that a device earns per epoch, as a share of its stake: at most [`YIELD_MAX`].
		/// Suggested: 0.3 %.
		#[serde(deserialize_with = "named::yield_max")]
		yield_max: Scale,
		/// What units of self-made devices are multiplied by. Suggested: 50 %.
		#[serde(deserialize_with = "named::self_made_scale")]
		self_made_scale: Scale,
		/// Windows in which [`Self::ramp_scale`] applies to a new device, from the first in which
		/// it may take part: at most [`SPAN_WINDOWS_MAX`]. Suggested: 4,320 windows.
		ramp_windows: u32,
		/// What units are multiplied by during the ramp. Suggested: 10 %.
		#[serde(deserialize_with = "named::ramp_scale")]
		ramp_scale: Scale,
	}
}

terms! {
	/// A service that customers can buy, measured in units.
	ServiceTerms {
		/// What one unit is called.
		unit: UnitName,
		/// The fewest credits that one unit costs: 1 to [`Self::credits_per_unit_max`].
		credits_per_unit_min: u64,
		/// The most credits that one unit costs: at most [`CREDITS_PER_UNIT_MAX`].
		credits_per_unit_max: u64,
		/// The most units that one device delivers in a second: 1 to
		/// [`UNITS_PER_DEVICE_SECOND_MAX`].
		units_per_device_second_max: u64,
	}
}

terms! {
	/// What owners pay, in credits that earn no one anything.
	FeeTerms {
		/// Credits for registering a device: at most [`FEE_CREDITS_MAX`]. Its first location is
		/// part of that. Suggested: 50,000, which are USD 0.50.
		onboarding_credits: Credits,
		/// Credits for each later location: at most [`FEE_CREDITS_MAX`]. Suggested: 50,000.
		location_credits: Credits,
	}
}

terms! {
	/// The terms of proof of coverage that no other kind of proof has.
	CoverageTerms {}
}

/// Where the devices of a network stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum PlaceTerms {
	/// Anywhere: its devices assert no location.
	#[codec(index = 0)]
	Anywhere,
	/// At a location that the owner asserts.
	#[codec(index = 1)]
	Fixed {
		/// Windows from the effect of a location until its device may take part: at most
		/// [`SPAN_WINDOWS_MAX`]. Suggested: 576 windows.
		maturity_windows: u32,
		/// The most devices that a cell of each of [`density::RESOLUTIONS`] passes to its parent:
		/// each 1 to [`DENSITY_LIMIT_MAX`].
		#[serde(deserialize_with = "named::density_limits")]
		density_limits: [u32; density::RESOLUTIONS.len()],
	},
}

/// What the devices of a network prove. Variants are only ever appended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Proof {
	/// Nothing: the network lives by what customers pay.
	#[codec(index = 0)]
	Unproven,
	/// Radio coverage, by beacons that others hear.
	#[codec(index = 1)]
	Coverage(CoverageTerms),
	/// A kind that only tests know.
	#[cfg(feature = "made-up-proof")]
	#[codec(index = 255)]
	MadeUp,
}

/// Whether devices join a network and are challenged in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NetworkStatus {
	/// Devices join, are challenged and earn.
	#[codec(index = 0)]
	Open,
	/// No device joins. Those that serve the network are challenged and earn.
	#[codec(index = 1)]
	Closed,
	/// No device joins and none is challenged. What was earned can be claimed.
	#[codec(index = 2)]
	Halted,
}

/// The name of a service's unit, such as `24 bytes`: UTF-8, padded with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct UnitName(pub [u8; UNIT_NAME_BYTES_MAX]);

codes! {
	/// The fields of [`NetworkTerms`] that can be refused.
	TermsField {
		/// A density limit is out of bounds.
		DensityLimits = 0, "place.densityLimits";
		/// The maturity is out of bounds.
		MaturityWindows = 1, "place.maturityWindows";
		/// This kind of proof needs devices at a fixed location.
		Place = 2, "place";
		/// The interval is out of bounds.
		IntervalWindows = 3, "lottery.intervalWindows";
		/// A network that proves nothing has no share of the lane.
		LaneShare = 4, "lottery.laneShare";
		/// A network that proves nothing has no share of the supply pool.
		SupplyWeight = 5, "supply.weight";
		/// The cap per unit is out of bounds.
		UnitCap = 6, "supply.unitCap";
		/// The yield is out of bounds.
		YieldMax = 7, "supply.yieldMax";
		/// The ramp is out of bounds.
		RampWindows = 8, "supply.rampWindows";
		/// The stake per device is out of bounds.
		StakePerDevice = 9, "stakePerDevice";
		/// The unit of a service has no proper name, or two services have the same.
		ServiceUnit = 10, "services.unit";
		/// The least price of a service is 0 or above the most.
		ServiceCreditsMin = 11, "services.creditsPerUnitMin";
		/// The rate of a service is out of bounds.
		ServiceRate = 12, "services.unitsPerDeviceSecondMax";
		/// The most that a service costs is out of bounds.
		ServiceCreditsMax = 13, "services.creditsPerUnitMax";
		/// What onboarding costs is out of bounds.
		OnboardingCredits = 14, "fees.onboardingCredits";
		/// What a later location costs is out of bounds.
		LocationCredits = 15, "fees.locationCredits";
	}
}

impl PlaceTerms {
	/// Windows from the effect of a location until its device may take part.
	pub fn maturity_windows(&self) -> u32 {
		match self {
			Self::Anywhere => 0,
			Self::Fixed { maturity_windows, .. } => *maturity_windows,
		}
	}

	/// The most devices that a cell of each resolution passes to its parent: no limit without
	/// places.
	pub fn density_limits(&self) -> [u32; density::RESOLUTIONS.len()] {
		match self {
			Self::Anywhere => [u32::MAX; density::RESOLUTIONS.len()],
			Self::Fixed { density_limits, .. } => *density_limits,
		}
	}

	/// Whether both are of one kind, on whatever terms: devices stand at a location, or anywhere.
	pub fn is_kind_of(&self, other: &Self) -> bool {
		core::mem::discriminant(self) == core::mem::discriminant(other)
	}
}

impl Proof {
	/// Whether both are of one kind, on whatever terms.
	pub fn is_kind_of(&self, other: &Self) -> bool {
		core::mem::discriminant(self) == core::mem::discriminant(other)
	}
}

impl ServiceTerms {
	/// LoRaWAN packets: `ceil(bytes / 24)` credits each, so 1 to 11 for at most 242 bytes. A
	/// concentrator with 16 demodulators hears at most some 350 in a second, at SF7.
	pub fn lorawan_packets() -> Self {
		Self {
			unit: UnitName(*b"packet\0\0\0\0\0\0"),
			credits_per_unit_min: 1,
			credits_per_unit_max: 11,
			units_per_device_second_max: 400,
		}
	}

	/// Whether so many units may cost so many credits in all.
	pub fn admits(&self, credits: u64, units: u64) -> bool {
		let cost = |per_unit: u64| u128::from(units).saturating_mul(u128::from(per_unit));
		(cost(self.credits_per_unit_min)..=cost(self.credits_per_unit_max))
			.contains(&u128::from(credits))
	}
}

impl UnitName {
	/// The name of this text; `None` if it is empty, too long, or has control characters.
	pub fn new(text: &str) -> Option<Self> {
		let mut bytes = [0; UNIT_NAME_BYTES_MAX];
		bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
		Some(Self(bytes)).filter(|name| name.text().is_some())
	}

	/// The text; `None` if the bytes are no proper name.
	pub fn text(&self) -> Option<&str> {
		let end = self.0.iter().rposition(|byte| *byte != 0)?;
		let text = core::str::from_utf8(self.0.get(..=end)?).ok()?;
		Some(text).filter(|text| !text.chars().any(char::is_control))
	}
}

impl Serialize for UnitName {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(self.text().unwrap_or_default())
	}
}

impl<'de> Deserialize<'de> for UnitName {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = alloc::string::String::deserialize(deserializer)?;
		Self::new(&text).ok_or_else(|| D::Error::custom("not a name of 1 to 12 bytes"))
	}
}

/// Reads the fields whose types refuse something, so that the error names the field:
/// `#[serde(deserialize_with = "named::services")]`.
mod named {
	use alloc::vec::Vec;

	use bounded_collections::{BoundedVec, ConstU32};
	use serde::{Deserialize, Deserializer, de::Error};

	use super::{SERVICES_MAX, ServiceTerms};
	use crate::{density, units::Scale};

	macro_rules! readers {
		($($field:ident: $type:ty = $name:literal;)+) => {
			$(pub(super) fn $field<'de, D: Deserializer<'de>>(
				deserializer: D,
			) -> Result<$type, D::Error> {
				<$type>::deserialize(deserializer)
					.map_err(|fault| D::Error::custom(format_args!(concat!($name, ": {}"), fault)))
			})+
		};
	}

	readers! {
		density_limits: [u32; density::RESOLUTIONS.len()] = "place.densityLimits";
		lane_share: Scale = "lottery.laneShare";
		weight: Scale = "supply.weight";
		yield_max: Scale = "supply.yieldMax";
		self_made_scale: Scale = "supply.selfMadeScale";
		ramp_scale: Scale = "supply.rampScale";
		any_services: Vec<ServiceTerms> = "services";
	}

	pub(super) fn services<'de, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<BoundedVec<ServiceTerms, ConstU32<SERVICES_MAX>>, D::Error> {
		any_services(deserializer)?
			.try_into()
			.map_err(|_| D::Error::custom(format_args!("services: at most {SERVICES_MAX}")))
	}
}

impl NetworkTerms {
	/// The most that a device earns per epoch, in plancks.
	pub fn device_cap(&self) -> Balance {
		self.supply.yield_max.of(self.stake_per_device)
	}

	/// Whether every number is within its bounds and all fits the kind of proof; the error names
	/// the first field that is refused.
	pub fn validate(&self) -> Result<(), TermsField> {
		self.validate_place()?;
		self.validate_proof()?;
		let checks = [
			(
				(1..=SPAN_WINDOWS_MAX).contains(&self.lottery.interval_windows),
				TermsField::IntervalWindows,
			),
			(self.supply.unit_cap <= UNIT_CAP_MAX, TermsField::UnitCap),
			(self.supply.yield_max <= YIELD_MAX, TermsField::YieldMax),
			(self.supply.ramp_windows <= SPAN_WINDOWS_MAX, TermsField::RampWindows),
			(
				(STAKE_PER_DEVICE_MIN..=STAKE_PER_DEVICE_MAX).contains(&self.stake_per_device),
				TermsField::StakePerDevice,
			),
			(self.fees.onboarding_credits <= FEE_CREDITS_MAX, TermsField::OnboardingCredits),
			(self.fees.location_credits <= FEE_CREDITS_MAX, TermsField::LocationCredits),
		];
		all_hold(checks)?;
		self.services.iter().enumerate().try_for_each(|(place, service)| {
			let is_repeated = self.services.iter().take(place).any(|it| it.unit == service.unit);
			all_hold([
				(service.unit.text().is_some() && !is_repeated, TermsField::ServiceUnit),
				(
					(1..=service.credits_per_unit_max).contains(&service.credits_per_unit_min),
					TermsField::ServiceCreditsMin,
				),
				(
					service.credits_per_unit_max <= CREDITS_PER_UNIT_MAX,
					TermsField::ServiceCreditsMax,
				),
				(
					(1..=UNITS_PER_DEVICE_SECOND_MAX)
						.contains(&service.units_per_device_second_max),
					TermsField::ServiceRate,
				),
			])
		})
	}

	fn validate_place(&self) -> Result<(), TermsField> {
		let PlaceTerms::Fixed { maturity_windows, density_limits } = &self.place else {
			return Ok(());
		};
		all_hold([
			(
				density_limits.iter().all(|limit| (1..=DENSITY_LIMIT_MAX).contains(limit)),
				TermsField::DensityLimits,
			),
			(*maturity_windows <= SPAN_WINDOWS_MAX, TermsField::MaturityWindows),
		])
	}

	/// What the kind of proof asks of the other terms.
	fn validate_proof(&self) -> Result<(), TermsField> {
		match self.proof {
			Proof::Unproven => all_hold([
				(self.lottery.lane_share == Scale::ZERO, TermsField::LaneShare),
				(self.supply.weight == Scale::ZERO, TermsField::SupplyWeight),
			]),
			Proof::Coverage(_) => {
				all_hold([(self.place != PlaceTerms::Anywhere, TermsField::Place)])
			}
			#[cfg(feature = "made-up-proof")]
			Proof::MadeUp => Ok(()),
		}
	}
}

/// Names the first field whose check does not hold.
fn all_hold<const N: usize>(checks: [(bool, TermsField); N]) -> Result<(), TermsField> {
	checks.into_iter().try_for_each(|(holds, field)| holds.then_some(()).ok_or(field))
}

/// The terms of a network of coverage before any vote on them: four challenges a day, two days of
/// maturity and fifteen of ramp with windows of 5 minutes.
impl Default for NetworkTerms {
	fn default() -> Self {
		Self {
			place: PlaceTerms::default(),
			lottery: LotteryTerms::default(),
			supply: SupplyTerms::default(),
			stake_per_device: 50 * GRM,
			proof: Proof::Coverage(CoverageTerms {}),
			services: BoundedVec::new(),
			fees: FeeTerms::default(),
		}
	}
}

impl Default for FeeTerms {
	fn default() -> Self {
		Self { onboarding_credits: 50_000, location_credits: 50_000 }
	}
}

impl Default for PlaceTerms {
	fn default() -> Self {
		Self::Fixed { maturity_windows: 576, density_limits: density::DEFAULT_LIMITS }
	}
}

impl Default for LotteryTerms {
	fn default() -> Self {
		Self { interval_windows: INTERVAL_WINDOWS, lane_share: Scale::ONE }
	}
}

impl Default for SupplyTerms {
	fn default() -> Self {
		Self {
			weight: Scale::ONE,
			unit_cap: 10 * MILLI_GRM,
			yield_max: Scale::from_billionths(3_000_000),
			self_made_scale: Scale::from_percent(50),
			ramp_windows: 4_320,
			ramp_scale: Scale::from_percent(10),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{collections::BTreeSet, vec, vec::Vec};

	fn service(unit: &str) -> ServiceTerms {
		ServiceTerms {
			unit: UnitName::new(unit).expect("a name"),
			credits_per_unit_min: 1,
			credits_per_unit_max: 11,
			units_per_device_second_max: 100,
		}
	}

	fn selling(services: Vec<ServiceTerms>) -> NetworkTerms {
		let services = BoundedVec::try_from(services).expect("few");
		NetworkTerms { services, ..Default::default() }
	}

	fn changed(change: impl FnOnce(&mut NetworkTerms)) -> NetworkTerms {
		let mut terms = selling(vec![service("24 bytes")]);
		change(&mut terms);
		terms
	}

	fn at(maturity_windows: u32, limit: u32) -> PlaceTerms {
		PlaceTerms::Fixed { maturity_windows, density_limits: [1, 1, limit, 1, 1] }
	}

	/// Each of the ways in which a field of the terms may be refused.
	fn faulty_terms() -> Vec<(TermsField, NetworkTerms)> {
		use TermsField::*;
		let above = Scale::from_billionths(YIELD_MAX.billionths() + 1);
		vec![
			(DensityLimits, changed(|it| it.place = at(576, 0))),
			(DensityLimits, changed(|it| it.place = at(576, DENSITY_LIMIT_MAX + 1))),
			(MaturityWindows, changed(|it| it.place = at(SPAN_WINDOWS_MAX + 1, 1))),
			(Place, changed(|it| it.place = PlaceTerms::Anywhere)),
			(IntervalWindows, changed(|it| it.lottery.interval_windows = 0)),
			(IntervalWindows, changed(|it| it.lottery.interval_windows = SPAN_WINDOWS_MAX + 1)),
			(LaneShare, changed(|it| it.proof = Proof::Unproven)),
			(
				SupplyWeight,
				changed(|it| {
					it.proof = Proof::Unproven;
					it.lottery.lane_share = Scale::ZERO;
				}),
			),
			(UnitCap, changed(|it| it.supply.unit_cap = UNIT_CAP_MAX + 1)),
			(YieldMax, changed(|it| it.supply.yield_max = above)),
			(RampWindows, changed(|it| it.supply.ramp_windows = SPAN_WINDOWS_MAX + 1)),
			(StakePerDevice, changed(|it| it.stake_per_device = STAKE_PER_DEVICE_MIN - 1)),
			(StakePerDevice, changed(|it| it.stake_per_device = STAKE_PER_DEVICE_MAX + 1)),
			(ServiceUnit, changed(|it| it.services[0].unit = UnitName([0; 12]))),
			(ServiceUnit, changed(|it| it.services[0].unit = UnitName([0xFF; 12]))),
			(ServiceUnit, selling(vec![service("hour"), service("hour")])),
			(ServiceCreditsMin, changed(|it| it.services[0].credits_per_unit_min = 0)),
			(ServiceCreditsMin, changed(|it| it.services[0].credits_per_unit_min = 12)),
			(
				ServiceCreditsMax,
				changed(|it| it.services[0].credits_per_unit_max = CREDITS_PER_UNIT_MAX + 1),
			),
			(ServiceRate, changed(|it| it.services[0].units_per_device_second_max = 0)),
			(OnboardingCredits, changed(|it| it.fees.onboarding_credits = FEE_CREDITS_MAX + 1)),
			(LocationCredits, changed(|it| it.fees.location_credits = FEE_CREDITS_MAX + 1)),
		]
	}

	#[test]
	fn refused_field_is_named() {
		for (field, terms) in faulty_terms() {
			assert_eq!(terms.validate(), Err(field), "{terms:?}");
			assert!(field.name().split('.').all(|part| !part.is_empty()));
		}
		let tested: BTreeSet<_> = faulty_terms().into_iter().map(|(field, _)| field).collect();
		assert_eq!(tested.len(), TermsField::ALL.len());
	}

	#[test]
	fn stored_terms_decode_whatever_bounds_they_break() {
		for (_, terms) in faulty_terms() {
			assert_eq!(NetworkTerms::decode(&mut &terms.encode()[..]), Ok(terms));
		}
	}

	#[test]
	fn terms_that_fit_their_kind_are_accepted() {
		assert_eq!(NetworkTerms::default().validate(), Ok(()));
		assert_eq!(selling(vec![service("24 bytes"), service("hour")]).validate(), Ok(()));
		let unproven = changed(|it| {
			it.proof = Proof::Unproven;
			it.place = PlaceTerms::Anywhere;
			it.lottery.lane_share = Scale::ZERO;
			it.supply.weight = Scale::ZERO;
		});
		assert_eq!(unproven.validate(), Ok(()));
		assert!(!unproven.proof.is_kind_of(&NetworkTerms::default().proof));
	}

	#[test]
	fn default_terms_are_those_of_the_protocol() {
		let terms = NetworkTerms::default();
		assert_eq!(terms.lottery.interval_windows, 72);
		assert_eq!(terms.supply.unit_cap, 10_000_000_000);
		assert_eq!(terms.stake_per_device, 50_000_000_000_000);
		assert_eq!(terms.device_cap(), 150_000_000_000);
		assert_eq!((terms.fees.onboarding_credits, terms.fees.location_credits), (50_000, 50_000));
	}

	#[test]
	fn lorawan_packets_cost_one_to_eleven_credits() {
		let packets = ServiceTerms::lorawan_packets();
		assert_eq!(packets.unit.text(), Some("packet"));
		assert_eq!(242u64.div_ceil(24), packets.credits_per_unit_max);
		for (credits, units, is_admitted) in [
			(0, 0, true),
			(1, 0, false),
			(4, 5, false),
			(5, 5, true),
			(55, 5, true),
			(56, 5, false),
			(u64::MAX, u64::MAX, true),
			(1, u64::MAX, false),
		] {
			assert_eq!(packets.admits(credits, units), is_admitted, "{credits} for {units}");
		}
		assert_eq!(
			NetworkTerms {
				services: BoundedVec::truncate_from(vec![packets]),
				..Default::default()
			}
			.validate(),
			Ok(())
		);
	}

	#[test]
	fn unit_names_survive_json_and_others_are_refused() {
		let name = UnitName::new("24 bytes").expect("a name");
		assert_eq!(serde_json::to_string(&name).unwrap(), "\"24 bytes\"");
		assert_eq!(serde_json::from_str::<UnitName>("\"24 bytes\"").unwrap(), name);
		for wrong in ["\"\"", "\"thirteen byte\"", "\"a\\u0000b\"", "\"\\n\"", "7"] {
			assert!(serde_json::from_str::<UnitName>(wrong).is_err(), "{wrong}");
		}
	}

	/// What JSON of terms says in which one value, at this path, is another.
	fn fault(path: &str, value: serde_json::Value) -> alloc::string::String {
		let mut json = serde_json::to_value(NetworkTerms::default()).unwrap();
		*json.pointer_mut(path).expect("there is such a field") = value;
		serde_json::from_value::<NetworkTerms>(json).unwrap_err().to_string()
	}

	#[test]
	fn scale_above_one_is_refused_in_json_with_its_field() {
		for (path, field) in [
			("/lottery/laneShare", "lottery.laneShare"),
			("/supply/weight", "supply.weight"),
			("/supply/yieldMax", "supply.yieldMax"),
			("/supply/selfMadeScale", "supply.selfMadeScale"),
			("/supply/rampScale", "supply.rampScale"),
		] {
			let fault = fault(path, 1_000_000_001.into());
			assert!(fault.contains(field) && fault.contains("at most one"), "{fault}");
		}
	}

	#[test]
	fn list_of_another_length_is_refused_in_json_with_its_field() {
		let five: Vec<_> = ["a", "b", "c", "d", "e"].map(service).to_vec();
		let fault_of_five = fault("/services", serde_json::to_value(&five).unwrap());
		assert!(fault_of_five.contains("services: at most 4"), "{fault_of_five}");
		for limits in [vec![1; 4], vec![1; 6]] {
			let fault = fault("/place/fixed/densityLimits", limits.into());
			assert!(fault.contains("place.densityLimits"), "{fault}");
		}
	}

	#[test]
	fn unknown_fields_are_refused_in_json() {
		let mut json = serde_json::to_value(NetworkTerms::default()).unwrap();
		json["place"]["fixed"]["maturity"] = 1.into();
		assert!(serde_json::from_value::<NetworkTerms>(json).is_err());
		let mut json = serde_json::to_value(NetworkTerms::default()).unwrap();
		json["coverageWeight"] = 1.into();
		assert!(serde_json::from_value::<NetworkTerms>(json).is_err());
	}
}
