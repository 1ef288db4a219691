//! The client against a chain and radios of the test's own making.

mod audits;
mod bad_input;
mod beacons;
mod crashes;
mod deliveries;
mod evidence;
mod fakes;
mod outages;
mod packet_forwarders;
mod reveals;
mod statements;
mod stopping;
mod whole;
