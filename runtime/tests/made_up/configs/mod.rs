//! The files of the chain's runtime, but for [`proofs`]; and what the made-up kind is joined to.

#[path = "../../../src/configs/base.rs"]
pub mod base;
#[path = "../../../src/configs/coverage.rs"]
pub mod coverage;
#[path = "../../../src/configs/filter.rs"]
pub mod filter;
#[path = "../../../src/configs/governance.rs"]
pub mod governance;
pub mod made_up;
#[path = "../../../src/configs/money.rs"]
pub mod money;
#[path = "../../../src/configs/parameters.rs"]
pub mod parameters;
#[path = "../../../src/configs/prices.rs"]
pub mod prices;
pub mod proofs;
#[path = "../../../src/configs/ranged.rs"]
pub mod ranged;
#[path = "../../../src/configs/services.rs"]
pub mod services;
#[path = "../../../src/configs/session.rs"]
pub mod session;
#[path = "../../../src/configs/standstill.rs"]
pub mod standstill;
#[path = "../../../src/configs/tools.rs"]
pub mod tools;
