//! Tests by behaviour.

mod conservation;
mod ledgers;
mod registration;
mod worker;
