//! Tests by behaviour.

mod attestation;
mod bans;
mod changes;
mod decoding;
mod fees;
mod folding;
mod founded;
mod holders;
mod keys;
mod lists;
mod page_versions;
mod queries;
mod random_actions;
mod registration;
mod retirement;
mod slots;
mod state_size;
mod transfers;
mod unreadable_lists;
