//! Tests by behaviour.

mod genesis;
mod governance;
mod raises;
mod random_calls;
