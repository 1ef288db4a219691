//! The device client of Groma. It runs next to a LoRa packet forwarder, beacons when the chain
//! challenges it, states what it hears, reveals when the time has come, and keeps what it said on
//! disk until it is settled on chain.
//!
//! ```text
//!  packet forwarders ──GWMP──▶ gwmp ──receptions──▶ witness ──statements──▶ delivery ──▶ nodes
//!          ▲                    ▲                      │                       ▲
//!          └────PULL_RESP───────┤                    store                  revealer
//!                            beaconer ──────────────────┴──────────────────────┘
//!                               ▲            follower (windows, places) ──▶ everyone
//! ```
//!
//! What the witness hears and what the auditor finds revealed on chain may prove that another
//! device cheats: the reporter brings such evidence to the chain.
//!
//! The radio, the clock, the keys and the chain are traits, and [`server::Server`] joins their
//! implementations: hardware, the field simulator and the tests differ in nothing else.
#![warn(missing_docs)]

pub mod actors;
pub mod cmd;
mod complaint;
mod duty_cycle;
pub mod fleet;
pub mod metrics;
pub mod server;
pub mod settings;
