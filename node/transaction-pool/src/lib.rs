#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod in_turn;
mod metrics;
mod own_calls;
#[cfg(test)]
mod tests;
mod tracks;
mod two_pools;

pub use metrics::registry_of;
pub use tracks::Tracks;
pub use two_pools::TwoPools;
