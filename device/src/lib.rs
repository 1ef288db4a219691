//! The device client of Groma. It runs beside a LoRa packet forwarder, beacons when the chain
//! challenges it, states what it hears, reveals when the time has come, and keeps what it said on disk
//! until it is settled on chain.
//!
//! ```text
//!  packet forwarders ──GWMP──▶ gwmp ──receptions──▶ witness ──statements──▶ delivery ──▶ nodes
//!          ▲                    ▲                      │                       ▲
//!          └────PULL_RESP───────┤                    store                  revealer
//!                            beaconer ──────────────────┴──────────────────────┘
//!                               ▲            follower (windows, places) ──▶ everyone
//! ```
//!
//! [`radio::Radio`], [`clock::Clock`], [`keys::SessionKey`] and [`chain::Chain`] are traits, and
//! [`server::Server`] joins their implementations: hardware, the field simulator and the tests differ in
//! nothing else.
#![warn(missing_docs)]

pub mod amount;
pub mod beaconer;
pub mod chain;
pub mod clock;
pub mod cmd;
pub mod delivery;
pub mod duty_cycle;
pub mod fleet;
pub mod follower;
pub mod gwmp;
pub mod keys;
pub mod metrics;
pub mod owner;
pub mod parcel;
pub mod radio;
pub mod registration;
pub mod revealer;
pub mod server;
pub mod settings;
pub mod shutdown;
pub mod simulator;
pub mod store;
pub mod witness;
