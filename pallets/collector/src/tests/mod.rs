//! Tests by behaviour.

mod conservation;
mod ledgers;
mod worker;
