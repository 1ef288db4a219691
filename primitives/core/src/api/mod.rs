//! The answers of the runtime APIs as plain values, so that a client decodes what `state_call`
//! returns without knowing the runtime.

mod challenges;
mod collectors;
mod coverage;
pub mod methods;
mod prices;
mod registry;
mod rewards;
mod state;

pub use challenges::*;
pub use collectors::*;
pub use coverage::*;
pub use prices::*;
pub use registry::*;
pub use rewards::*;
pub use state::*;
