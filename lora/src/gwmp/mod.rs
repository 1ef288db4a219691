//! The Semtech UDP protocol (GWMP) in both roles: the [`Server`], to which the packet
//! forwarders of many gateways speak, and the [`Forwarder`] of one gateway.
//!
//! The protocol has no authentication: anyone who reaches the server's socket can speak for a
//! gateway. Frames are believed no more than anything else that comes by radio, but a stranger
//! could divert transmissions, so the socket belongs on loopback unless the operator decides
//! otherwise, the first address that asks for a gateway's frames keeps them until it is silent, and
//! answers count only from the host to which a frame went.
//!
//! What real packet forwarders send is read as far as it can be: [`Cause`] names the rest.
//!
//! | datagram | from | what it says |
//! |---|---|---|
//! | PUSH_DATA | packet forwarder | frames that the gateway received, or its status |
//! | PUSH_ACK | server | they arrived |
//! | PULL_DATA | packet forwarder | the gateway can be reached at this address |
//! | PULL_ACK | server | the request arrived |
//! | PULL_RESP | server | a frame to transmit |
//! | TX_ACK | packet forwarder | whether it will be transmitted |

mod addresses;
mod answers;
mod cause;
mod datagram;
mod downlink;
mod forwarder;
mod frames;
mod json;
mod said;
mod sent;
mod server;
mod socket;
mod uplink;

pub use self::{
	cause::Cause,
	downlink::{Downlink, Request, Start},
	forwarder::Forwarder,
	frames::Skipped,
	server::{Event, Observer, Sender, Served, Server, server},
	socket::Socket,
	uplink::{Contents, Received, TransmitRefusal, read},
};
