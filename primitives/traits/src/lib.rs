//! The traits by which pallets know each other. No pallet depends on a sibling: it names what it
//! needs in its `Config` as one of these traits, and the runtime joins the two ends.
//!
//! | seam | offered by | needed by |
//! |---|---|---|
//! | [`Windows`] | challenges | device-registry, metered-service, networks, price-feed, proof-of-coverage, rewards, stake |
//! | [`EvidenceCalls`] | proof-of-coverage | challenges |
//! | [`Bundler`] | proof-of-coverage | collector |
//! | [`ChallengeCost`] | proof-of-coverage, by the network's kind of proof | challenges |
//! | [`Networks`] | networks | challenges, device-registry, metered-service, proof-of-coverage, rewards, routes, stake |
//! | [`Regions`] | proof-of-coverage, by the network's kind of proof | device-registry |
//! | [`Devices`] | device-registry | metered-service, proof-of-coverage, rewards, routes |
//! | [`ActiveDevices`] | device-registry | challenges |
//! | [`NetworkDevices`] | device-registry | networks |
//! | [`DeviceFollowers`] | proof-of-coverage, rewards | device-registry |
//! | [`Provisions`] | stake | challenges, proof-of-coverage |
//! | [`DeviceOffences`] | stake | proof-of-coverage |
//! | [`Backing`] | stake | validators |
//! | [`Eras`] | validators | stake |
//! | [`HasKeys`] | validators | stake |
//! | [`Emission`] | emission | collector, data-credits, metered-service, rewards, stake, validators |
//! | [`Epochs`] | emission | device-registry, networks |
//! | [`OnEpochClosed`] | collector, rewards, validators | emission |
//! | [`SupplyRewards`] | rewards | proof-of-coverage |
//! | [`SupplyWork`] | proof-of-coverage | rewards |
//! | [`Collectors`] | collector | proof-of-coverage |
//! | [`Standstill`] | the runtime | challenges, collector, device-registry, emission, metered-service, networks, price-feed, proof-of-coverage, validators |
//! | [`Prices`] | price-feed | whatever is priced in USD |
//! | [`Validators`] | the session's set | price-feed |
//! | [`FeedWork`] | validators | price-feed |
//! | [`CreditAccounts`] | data-credits | device-registry, metered-service, rewards |
//! | [`Operators`] | data-credits | metered-service, routes |
//! | [`LotHolders`] | metered-service | data-credits |
//! | [`Demand`] | rewards | metered-service |
//!
//! What only benchmarks need of another pallet is a separate trait, whose name ends in
//! `BenchmarkHelper`. What every kind of proof asks of a device before it looks at evidence is in
//! [`standing`].
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod backing;
mod bundler;
mod collectors;
mod credits;
mod demand;
mod devices;
mod emission;
mod evidence;
mod networks;
mod prices;
mod regions;
mod rewards;
mod stake;
pub mod standing;
mod standstill;
mod validators;
mod windows;

#[cfg(feature = "runtime-benchmarks")]
pub use backing::ErasBenchmarkHelper;
pub use backing::{Backed, Backing, EraSpans, Eras, HasKeys, Slashed};
pub use bundler::Bundler;
pub use collectors::Collectors;
#[cfg(feature = "runtime-benchmarks")]
pub use collectors::CollectorsBenchmarkHelper;
pub use credits::{CreditAccounts, LotHolders, Operators};
pub use demand::{Demand, Payment};
#[cfg(feature = "runtime-benchmarks")]
pub use devices::DevicesBenchmarkHelper;
pub use devices::{
	ActiveDevices, DeviceFollowers, DeviceLookup, DeviceView, Devices, FirstSlot, NetworkDevices,
	Owner, Place, Signer,
};
#[cfg(feature = "runtime-benchmarks")]
pub use emission::EmissionBenchmarkHelper;
pub use emission::{ClosedEpoch, Emission, Epochs, OnEpochClosed, Pools};
pub use evidence::{ChallengeCost, EvidenceCalls, Load};
pub use networks::Networks;
pub use prices::Prices;
pub use regions::Regions;
pub use rewards::{OpenWork, SupplyRewards, SupplyWork};
#[cfg(feature = "runtime-benchmarks")]
pub use rewards::{SupplyRewardsBenchmarkHelper, SupplyWorkBenchmarkHelper};
pub use stake::{DeviceOffences, Offence, Provisions};
pub use standstill::Standstill;
#[cfg(feature = "runtime-benchmarks")]
pub use validators::ValidatorsBenchmarkHelper;
pub use validators::{FeedWork, Validators};
#[cfg(feature = "runtime-benchmarks")]
pub use windows::WindowsBenchmarkHelper;
pub use windows::{Window, Windows};
