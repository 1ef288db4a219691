//! The client against a chain and radios of the test's own making.

mod beacons;
mod crashes;
mod deliveries;
mod fakes;
mod packet_forwarders;
mod reveals;
mod statements;
mod whole;
