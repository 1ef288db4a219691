//! The Semtech UDP protocol (GWMP version 2) in both roles: the [`Server`], to which the packet
//! forwarders of many gateways speak, and the [`Forwarder`] of one gateway.
//!
//! The protocol has no authentication: whoever reaches the server's socket can speak for a gateway.
//! Frames are believed no more than anything else that comes by radio, but a stranger could divert
//! transmissions, so the socket belongs on loopback unless the operator decides otherwise.
//!
//! | datagram | from | what it says |
//! |---|---|---|
//! | PUSH_DATA | packet forwarder | frames that the gateway received, or its status |
//! | PUSH_ACK | server | they arrived |
//! | PULL_DATA | packet forwarder | the gateway can be reached at this address |
//! | PULL_ACK | server | the request arrived |
//! | PULL_RESP | server | a frame to transmit |
//! | TX_ACK | packet forwarder | whether it will be transmitted |

mod datagram;
mod downlink;
mod forwarder;
mod server;
mod socket;
mod uplink;

pub use self::{
	downlink::{Downlink, Request, Start},
	forwarder::Forwarder,
	server::{Event, Observer, Sender, Server, server},
	socket::Socket,
	uplink::{Received, Refusal},
};
