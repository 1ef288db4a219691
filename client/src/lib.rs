//! The library of all programs that talk to the chain: device clients, simulators, routers.
//!
//! ```text
//!  nodes ──RPC──▶ chain ──▶ follower ──views──▶ the actors of a client
//!    ▲                                               │ reports
//!    └──────────────── delivery ◀────────────────────┤
//!                          └──────────▶ store ◀──────┘
//! ```
//!
//! [`chain::Chain`], [`clock::Clock`] and [`keys::DeviceKey`] are traits, so that tests and
//! simulations put their own in the place of nodes, clocks and hardware.
#![warn(missing_docs)]

pub mod amount;
pub mod audit;
pub mod chain;
pub mod clock;
pub mod console;
pub mod delivery;
pub mod endpoints;
pub mod evidence;
#[cfg(feature = "fakes")]
pub mod fakes;
pub mod follower;
pub mod keys;
pub mod logging;
pub mod metrics;
pub mod mirror;
pub mod outage;
pub mod owner;
pub mod registration;
pub mod report;
mod said;
pub mod secret;
mod series;
pub mod short_text;
pub mod shutdown;
pub mod store;
