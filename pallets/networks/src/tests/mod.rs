//! Tests by behaviour.

mod genesis;
mod governance;
mod random_calls;
