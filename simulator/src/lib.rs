//! A field of many gateways in one process.
//!
//! Each simulated gateway stands at a real position and has a separate UDP packet forwarder,
//! which talks to the client's one server socket as a concentrator's would: the field drives the
//! very code that drives hardware. A seeded propagation model, calibrated on measured links,
//! decides who hears whom.
//!
//! | module | what it holds |
//! |---|---|
//! | `positions` | real gateways and towns |
//! | `calibration` | what measured links show about propagation, to test the model |
//! | `propagation` | who hears whom, and how |
//! | [`behaviour`] | honest and cheating strategies |
//! | [`field`] | who stands where and owns what |
//! | [`testimony`] | what everyone states about the beacons of a window, without sockets |
//! | [`air`] | what joins the packet forwarders |
//! | [`forwarder`] | a packet forwarder |
//! | `impostor` | a transmitter of false beacons |
//! | [`doubler`] | a device that signs two beacons for one challenge |
//! | `rogue` | cheats that are software |
//! | `owners` | accounts, funds, onboarding |
//! | `chronicle`, `census` | what the chain has recorded, in total and about each device |
//! | `market` | customers that pay gateways by vouchers, and one that promises too much |
//! | [`prices`] | a price server, with hostile sources |
//! | `live` | a field that runs against a node |
//!
//! What the model leaves out: frames that collide on the air, and gateways that miss a frame
//! because they transmit one.
#![warn(missing_docs)]

pub mod air;
pub mod behaviour;
#[cfg(test)]
mod calibration;
mod census;
mod chronicle;
mod claims;
pub mod cmd;
pub mod doubler;
mod error;
pub mod field;
pub mod forwarder;
mod impostor;
mod live;
mod market;
mod output;
mod owners;
mod placement;
mod positions;
pub mod prices;
mod propagation;
mod rogue;
mod screen;
mod stage;
mod station;
mod status;
mod summary;
pub mod testimony;
