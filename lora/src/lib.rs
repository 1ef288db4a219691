//! LoRa gateways as a client sees them: what a radio is, and the protocol that packet forwarders
//! speak.
#![warn(missing_docs)]

pub mod gwmp;
pub mod radio;
