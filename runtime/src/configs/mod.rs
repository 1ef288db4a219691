//! One file per domain: the `Config` of each pallet and the adapters between pallets.

pub mod base;
pub mod coverage;
pub mod filter;
pub mod governance;
pub mod money;
pub mod parameters;
pub mod prices;
pub mod proofs;
pub mod ranged;
pub mod services;
pub mod session;
pub mod standstill;
pub mod tools;
