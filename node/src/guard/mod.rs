//! The signing guard of a validator: what would contradict what its keys signed before does not
//! leave the node.
//!
//! A database loses its last writes when a node is killed, and more of them when the power fails.
//! What GRANDPA stores about its votes goes with them, and a node that starts again would vote a
//! second time in a round: an offence of an honest validator. So the guard has a separate file,
//! and a line of it is on the disk before a vote is signed or an own block is imported.
//!
//! | file | what it holds |
//! |---|---|
//! | `record.rs`, `journal.rs` | the lines of the file, and how they are written and read |
//! | `memory.rs`, `book.rs` | what is known of what was signed, with the file as one |
//! | `signing.rs`, `refusal.rs`, `ending.rs` | the decision, why it is no, and the end of the node |
//! | `keystore.rs`, `block_import.rs` | the two ways out that lead through it |
//! | `opening.rs`, `voter_state.rs` | the start: the voter repeats what was signed, or cannot vote |
//! | `hiding.rs`, `chain.rs` | how long it cannot, by what the database says |
//! | `summary.rs` | what an operator sees |

mod block_import;
mod book;
mod chain;
mod ending;
mod hiding;
mod journal;
mod keystore;
mod memory;
mod opening;
mod record;
mod refusal;
#[cfg(test)]
mod sdk_tests;
mod signing;
mod summary;
mod voter_state;

pub(crate) use block_import::GuardedImport;
pub(crate) use ending::Ending;
pub(crate) use keystore::guarded;
pub(crate) use opening::{Opening, Options};
pub(crate) use refusal::Refusal;
pub(crate) use signing::Guard;
pub(crate) use summary::Summary;

/// The target of the log lines of the guard.
pub(crate) const LOG_TARGET: &str = "groma::guard";
