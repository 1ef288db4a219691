//! Chains of several validators. These tests wait more than they compute, so they are one program,
//! which runs two at a time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod double_signing;
mod founding;
mod panicking_runtime;
mod second_network;
mod validator_status;
mod validators_killed;
mod zombienet;
