//! What the client does, one actor a file. [`crate::server`] joins them.

pub mod auditor;
pub mod beaconer;
mod error;
pub mod reporter;
pub mod revealer;
pub mod witness;
