//! What every part of Groma agrees on: its words, the bytes that are hashed and signed, and the
//! mathematics of places, radio links and rewards.
//!
//! This crate knows no FRAME, no storage and no clock. Everything in it is a function from values
//! to values, so that the runtime, the device client, the simulator and a client in another
//! language compute the same results from the same golden vectors.
//!
//! | module | what it fixes |
//! |---|---|
//! | [`terms`] | what a vote writes about a network |
//! | [`words`] | identifiers and the classes of evidence |
//! | [`protocol`] | the numbers of the protocol |
//! | [`reason`] | why something that was included earned nothing |
//! | [`region`] | channels, data rates and power limits of a radio region |
//! | [`statement`] | the reports of coverage as they travel |
//! | [`payload`] | every byte string that is hashed or signed |
//! | [`selection`] | who is challenged, who may witness, who is judged |
//! | [`frame`] | the beacon on the air |
//! | [`session_key`] | which ed25519 keys are refused |
//! | [`place`] | H3 cells, unit vectors, distances |
//! | [`radio`] | free-space loss and the bounds of a plausible reception |
//! | [`units`] | units of proven work and the scales that multiply them |
//! | [`coverage`] | what a settled challenge of coverage is worth |
//! | [`density`] | how crowded places are scaled down |
//! | [`emission`] | the emission schedule |
//! | [`settlement`] | what the work of one network in one epoch earns |
//! | [`pool_layout`] | where a node keeps what its collector is to bundle |
//! | [`money`] | the token's units and supply, what credits cost and pay |
//! | [`lot`] | credits with what was burned for them |
//! | [`voucher`] | promises of a payer to a device |
//! | [`route`] | endpoints, addresses of LoRaWAN, what payers buy and devices sell |
//! | [`price`] | the price of GRM, its median and its means |
//! | [`price_layout`] | where a node keeps what its price worker reads and reports |
//! | [`api`] | what the runtime APIs answer, and their names |
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(all(feature = "made-up-proof", target_family = "wasm"))]
compile_error!("no blob has the kind of proof that only tests know: see docs/design/0017");

pub mod api;
mod codes;
pub mod coverage;
pub mod density;
pub mod emission;
pub mod frame;
pub mod lot;
pub mod money;
pub mod payload;
pub mod place;
pub mod pool_layout;
pub mod price;
pub mod price_layout;
pub mod protocol;
pub mod radio;
pub mod reason;
pub mod region;
pub mod route;
pub mod selection;
pub mod session_key;
pub mod settlement;
pub mod statement;
pub mod terms;
mod text;
pub mod units;
pub mod voucher;
pub mod words;

pub use reason::{CoverageReason, Reason};
pub use words::{
	ChannelId, CollectorIndex, DeviceId, EpochIndex, EraIndex, EvidenceClass, MakerId, NetworkId,
	RegionId, WindowIndex,
};
