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
//! What the witness hears and what the auditor finds revealed on chain may prove that another device cheats: the
//! reporter brings such evidence to the chain.
//!
//! [`radio::Radio`], [`clock::Clock`], [`keys::SessionKey`] and [`chain::Chain`] are traits, and
//! [`server::Server`] joins their implementations: hardware, the field simulator and the tests differ in
//! nothing else.
#![warn(missing_docs)]

pub mod amount;
pub mod auditor;
pub mod beaconer;
pub mod chain;
pub mod clock;
pub mod cmd;
pub mod delivery;
pub mod duty_cycle;
pub mod evidence;
pub mod fleet;
pub mod follower;
pub mod gwmp;
pub mod keys;
pub mod metrics;
mod outage;
pub mod owner;
pub mod parcel;
pub mod radio;
pub mod registration;
pub mod reporter;
pub mod revealer;
pub mod server;
pub mod settings;
mod short_text;
pub mod shutdown;
pub mod simulator;
pub mod store;
pub mod witness;
