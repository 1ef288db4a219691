//! The answers of the runtime APIs as plain values, so that a client decodes what `state_call`
//! returns without knowing the runtime.
//!
//! They outlive releases: fields are appended and never change, so that a client reads the front of
//! an answer and ignores what follows, and codes are a [`Code`]. What cannot be done so is a new
//! function and a new version of its API. `primitives/core/vectors/api.json` has an encoding of
//! each, and CONTRIBUTING.md the recipe.

mod challenges;
mod code;
mod collectors;
mod coverage;
mod credits;
pub mod methods;
mod prices;
mod registry;
mod rewards;
mod routes;
mod session_keys;
mod stake;
mod state;
mod validators;

pub use challenges::*;
pub use code::{Code, Coded};
pub use collectors::*;
pub use coverage::*;
pub use credits::*;
pub use prices::*;
pub use registry::*;
pub use rewards::*;
pub use routes::*;
pub use session_keys::*;
pub use stake::*;
pub use state::*;
pub use validators::*;
