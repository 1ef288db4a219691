//! Chains and nodes that tests wait for: here they wait more than they compute, so they are one
//! program, which runs two at a time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod command_line;
mod double_signing;
mod founding;
mod gateway;
mod groma_methods;
mod other_genesis;
mod owners_day;
mod panicking_runtime;
mod payers_day;
mod prices;
mod reconnecting;
mod second_network;
mod session_keys;
mod single_node;
mod stopping;
mod validator_status;
mod validators_killed;
mod zombienet;
