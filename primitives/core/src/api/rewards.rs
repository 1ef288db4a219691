//! Epochs, what is owed to whom, what a network earned.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	EpochIndex,
	api::{Code, Coded, RaiseInfo},
	emission,
	money::{Balance, DemandShares},
	settlement::{self, NetworkEpoch},
	terms::NetworkStatus,
	units::{Scale, Units},
};

/// The clock of rewards.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EpochInfo {
	/// The epoch of the present block.
	pub current: EpochIndex,
	/// The last closed epoch.
	pub last_closed: Option<EpochIndex>,
	/// Length of an epoch in ms.
	pub duration_ms: u64,
	/// Emitted by the schedule so far but minted for no one, in plancks.
	#[serde(with = "crate::text::amount")]
	pub unminted: Balance,
}

/// What a device has earned and has not yet been paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct RewardsInfo<AccountId> {
	/// What closed epochs owe, by payee, in plancks. A claim pays it, unless it is too small to
	/// open the payee's account.
	#[serde(with = "crate::text::amounts")]
	pub owed: Vec<(AccountId, Balance)>,
	/// Units of an epoch that is not closed yet.
	pub open_units: Units,
	/// The epoch of those units.
	pub open_epoch: Option<EpochIndex>,
	/// The most plancks that the device can earn in the epoch of those units, or in the present one
	/// if there are none: by the least stake per device that was in force since it began.
	#[serde(with = "crate::text::amount")]
	pub epoch_cap: Balance,
}

impl<AccountId> RewardsInfo<AccountId> {
	/// What a claim would pay to all payees together, in plancks.
	pub fn owed_total(&self) -> Balance {
		self.owed.iter().fold(0, |sum, (_, amount)| sum.saturating_add(*amount))
	}
}

/// A network's work in a closed epoch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkEpochInfo {
	/// The epoch.
	pub epoch: EpochIndex,
	/// All units of all devices.
	pub units: Units,
	/// The pool in plancks.
	#[serde(with = "crate::text::amount")]
	pub pool: Balance,
	/// What one unit earned in plancks, rounded down.
	#[serde(with = "crate::text::amount")]
	pub per_unit: Balance,
	/// The most plancks that a device could earn.
	#[serde(with = "crate::text::amount")]
	pub device_cap: Balance,
}

impl NetworkEpochInfo {
	/// What a device earned that had so many of the units, in plancks.
	pub fn reward(&self, units: Units) -> Balance {
		// What a unit earned is the most that it can earn now.
		NetworkEpoch::settle(self.units, self.pool, self.per_unit, self.device_cap)
			.fold(units)
			.reward
	}
}

/// By what the payouts of a network are computed at this moment: everyone can recompute them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PayoutTerms {
	/// The share of the emission for verified work.
	pub supply_share: Scale,
	/// The network's share of that.
	pub weight: Scale,
	/// The most that one unit earns, in plancks.
	pub unit_cap: Balance,
	/// The most that a device earns in the first epoch that is not closed, in plancks: by the least
	/// stake per device that was in force since it began.
	pub device_cap: Balance,
	/// When the network was created, in ms since the Unix epoch; 0 if at genesis.
	pub founded_ms: u64,
	/// The first timestamp of the chain, in ms since the Unix epoch.
	pub chain_began_ms: u64,
	/// Length of an epoch in ms.
	pub epoch_length_ms: u64,
	/// What owners of devices and validators get of what was burned for a service.
	pub shares: DemandShares,
}

impl PayoutTerms {
	/// The pool of the network in an epoch that is settled on these terms, in plancks.
	pub fn pool(&self, epoch: EpochIndex) -> Balance {
		let length = self.epoch_length_ms;
		let elapsed = |epoch| emission::elapsed_ms_before(epoch, length, self.chain_began_ms);
		let emitted = emission::between(elapsed(epoch), elapsed(epoch.saturating_add(1)));
		let began_ms = emission::began_ms(epoch, length);
		let age_ms = settlement::age_ms(began_ms, self.founded_ms, self.chain_began_ms);
		settlement::network_pool(self.supply_share.of(emitted), self.weight, age_ms)
	}

	/// An epoch in which all devices of the network earned `units`, settled on these terms.
	pub fn settle(&self, epoch: EpochIndex, units: Units) -> NetworkEpoch {
		NetworkEpoch::settle(units, self.pool(epoch), self.unit_cap, self.device_cap)
	}
}

impl Coded for NetworkStatus {}

/// A network at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkInfo {
	/// Its name for people.
	pub name: alloc::string::String,
	/// Active devices.
	pub active_devices: u32,
	/// Windows between two challenges of a device, on average, in the current window.
	pub challenge_interval_windows: u32,
	/// Whether devices join it and are challenged.
	pub status: Code<NetworkStatus>,
	/// Its share of the supply pool.
	pub supply_weight: Scale,
	/// Its share of the room that blocks keep for evidence.
	pub lane_share: Scale,
	/// Units of the current epoch so far.
	pub open_units: Units,
	/// The last closed epoch with work.
	pub last_epoch: Option<NetworkEpochInfo>,
	/// Plancks of stake that it asks for behind each device.
	#[serde(with = "crate::text::amount")]
	pub stake_per_device: Balance,
	/// A raise of that which is announced.
	pub raise: Option<RaiseInfo>,
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		emission::DAY_MS,
		money::GRM,
		units::{ONE, Units},
	};

	const BEGAN_MS: u64 = 20_000 * DAY_MS;

	fn terms() -> PayoutTerms {
		PayoutTerms {
			supply_share: Scale::from_percent(50),
			weight: Scale::ONE,
			unit_cap: GRM / 100,
			device_cap: 15 * GRM / 100,
			founded_ms: 0,
			chain_began_ms: BEGAN_MS,
			epoch_length_ms: DAY_MS,
			shares: DemandShares::default(),
		}
	}

	#[test]
	fn pool_is_the_share_of_the_emission_halved_by_the_age_of_the_network() {
		let half_a_day = 200_000_000 * GRM / 1_460;
		assert_eq!(terms().pool(20_000), half_a_day);
		// Rounding down may shift a planck from a day to the next.
		assert!(terms().pool(20_364).abs_diff(half_a_day) <= 1);
		assert_eq!(terms().pool(20_365), half_a_day / 2);
		let later = PayoutTerms { founded_ms: BEGAN_MS + 300 * DAY_MS, ..terms() };
		assert_eq!(later.pool(20_365), half_a_day, "it is 65 days old");
		let tenth = PayoutTerms { weight: Scale::from_percent(10), ..terms() };
		assert_eq!(tenth.pool(20_000), half_a_day / 10);
	}

	#[test]
	fn first_epoch_emits_for_the_time_since_the_start_alone() {
		let late = PayoutTerms { chain_began_ms: BEGAN_MS + DAY_MS / 2, ..terms() };
		let difference = terms().pool(20_000) / 2 - late.pool(20_000);
		assert!(difference <= 1, "{difference}");
		assert_eq!(late.pool(19_999), 0, "there was no chain");
	}

	#[test]
	fn settled_epoch_pays_by_the_terms() {
		let mut settled = terms().settle(20_000, Units(25 * ONE));
		assert_eq!((settled.per_unit, settled.device_cap), (GRM / 100, 15 * GRM / 100));
		assert_eq!(settled.fold(Units(5 * ONE)).reward, 5 * GRM / 100);
		assert_eq!(settled.fold(Units(16 * ONE)).reward, 15 * GRM / 100, "it is capped");
		let info = NetworkEpochInfo {
			epoch: 20_000,
			units: settled.units,
			pool: settled.pool,
			per_unit: settled.per_unit,
			device_cap: settled.device_cap,
		};
		assert_eq!(info.reward(Units(5 * ONE)), 5 * GRM / 100);
		assert_eq!(info.reward(Units(16 * ONE)), 15 * GRM / 100);
	}
}
