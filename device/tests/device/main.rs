//! The client against a chain and radios of the test's own making.

mod audits;
mod beacons;
mod evidence;
mod fakes;
mod lies;
mod month;
mod outages;
mod reveals;
mod settings;
mod statements;
mod stopping;
mod whole;
