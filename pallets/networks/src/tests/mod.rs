//! Tests by behaviour.

mod genesis;
mod governance;
mod terms;
