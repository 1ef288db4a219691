//! The whole runtime, natively: its surface, its presets, and stories that run through real blocks.

mod bytes;
mod chain;
mod coverage;
mod fees;
mod field;
mod governance;
mod governed;
mod ledger;
mod market;
mod money;
mod networks;
mod offences;
mod presets;
mod prices;
mod proxies;
mod referenda;
mod retirement;
mod routes;
mod services;
mod sessions;
mod snapshot;
mod stake;
mod surface;
mod unreadable;
