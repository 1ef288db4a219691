//! The whole runtime, natively: its surface, its presets, and stories that run through real blocks.

mod blob;
mod bytes;
mod chain;
mod coverage;
mod fees;
mod field;
mod governed;
mod integrity;
mod keys;
mod ledger;
mod market;
mod migrations;
mod money;
mod networks;
mod offences;
mod presets;
mod prices;
mod proxies;
mod referenda;
#[cfg(feature = "try-runtime")]
mod released;
mod retirement;
mod routes;
mod safety;
mod services;
mod sessions;
mod snapshot;
mod stake;
mod surface;
mod unreadable;
mod upgrades;
