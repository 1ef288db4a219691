//! The traits by which pallets know each other. No pallet depends on a sibling: it names what it needs
//! in its `Config` as one of these traits, and the runtime joins the two ends.
//!
//! | seam | offered by | needed by |
//! |---|---|---|
//! | [`Windows`] | proof-of-coverage | device-registry |
//! | [`Networks`] | networks | device-registry, proof-of-coverage, rewards |
//! | [`Devices`] | device-registry | proof-of-coverage, rewards |
//! | [`DeviceFollowers`] | proof-of-coverage, rewards | device-registry |
//! | [`Provisions`] | the ledger of stake | proof-of-coverage |
//! | [`DeviceOffences`] | the ledger of stake | proof-of-coverage |
//! | [`CoverageRewards`] | rewards | proof-of-coverage |
//! | [`CoverageWork`] | proof-of-coverage | rewards |
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod devices;
mod networks;
mod rewards;
mod stake;
mod windows;

pub use devices::{DeviceFollowers, DeviceLookup, DeviceView, Devices, Place, Signer};
pub use networks::{CoverageTerms, Networks};
pub use rewards::{CoverageRewards, CoverageWork, Work};
pub use stake::{DeviceOffences, Provisions};
pub use windows::Windows;
