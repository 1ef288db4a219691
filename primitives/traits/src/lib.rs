//! The traits by which pallets know each other. No pallet depends on a sibling: it names what it needs
//! in its `Config` as one of these traits, and the runtime joins the two ends.
//!
//! | seam | offered by | needed by |
//! |---|---|---|
//! | [`Windows`] | challenges | device-registry, proof-of-coverage, rewards |
//! | [`EvidenceCalls`] | proof-of-coverage | challenges |
//! | [`ChallengeCost`] | proof-of-coverage, by the network's kind of proof | challenges |
//! | [`Networks`] | networks | device-registry, challenges, proof-of-coverage, rewards |
//! | [`Devices`] | device-registry | proof-of-coverage, rewards |
//! | [`ActiveDevices`] | device-registry | challenges |
//! | [`DeviceFollowers`] | proof-of-coverage, rewards | device-registry |
//! | [`Provisions`] | the ledger of stake | proof-of-coverage |
//! | [`DeviceOffences`] | the ledger of stake | proof-of-coverage |
//! | [`CoverageRewards`] | rewards | proof-of-coverage |
//! | [`CoverageWork`] | proof-of-coverage | rewards |
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod devices;
mod evidence;
mod networks;
mod rewards;
mod stake;
mod windows;

pub use devices::{
	ActiveDevices, DeviceFollowers, DeviceLookup, DeviceView, Devices, Place, Signer,
};
pub use evidence::{ChallengeCost, EvidenceCalls, Load};
pub use networks::Networks;
pub use rewards::{CoverageRewards, CoverageWork, Work};
pub use stake::{DeviceOffences, Provisions};
#[cfg(feature = "runtime-benchmarks")]
pub use windows::WindowsBenchmarkHelper;
pub use windows::{Window, Windows};
