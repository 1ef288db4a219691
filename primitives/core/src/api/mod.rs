//! The answers of the runtime APIs as plain values, so that a client decodes what `state_call`
//! returns without knowing the runtime.

mod coverage;
mod registry;
mod rewards;

pub use coverage::*;
pub use registry::*;
pub use rewards::*;
