//! The runtime APIs that the node's JSON-RPC, its report pool and light clients call. Every answer
//! is a plain value of `groma_core::api`, so that `state_call` gives a light client what JSON-RPC
//! gives a dApp.
//!
//! Each API has a version, which rises when a function is added or changes. What changes keeps its
//! old form under `#[changed_in]` for two releases. Answers grow at their end without a new
//! version: see `groma_core::api`.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod challenges;
mod collectors;
mod coverage;
mod credits;
mod prices;
mod registry;
mod report_pool;
mod rewards;
mod routes;
mod stake;
mod state;
mod validators;

pub use groma_core::api::*;

pub use challenges::*;
pub use collectors::*;
pub use coverage::*;
pub use credits::*;
pub use prices::*;
pub use registry::*;
pub use report_pool::*;
pub use rewards::*;
pub use routes::*;
pub use stake::*;
pub use state::*;
pub use validators::*;
