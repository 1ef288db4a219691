//! Tests by behaviour.

mod worker;
