//! Payouts of an epoch, recomputed from what lies on chain.
//!
//! ```text
//!        epoch e-1 │ epoch e                          │ epoch e+1
//!  ──[ ]───[ ]─────┼──[first]───[closes e-1]── .. ──[last]──[ ]───[closes e]──
//!          before ─┘                 settled_before                 settled
//! ```
//!
//! What work earns is owed from block `settled` on, and what customers pay at once. So between
//! `settled_before` and `settled` a device comes to be owed what its work of epoch e earned, and
//! what vouchers pay in these blocks; and what is claimed for it goes.

mod archive;
mod check;
mod deeds;
mod earnings;
mod error;
mod report;
mod span;
#[cfg(test)]
mod tests;

pub use archive::{Archive, NodeArchive};
pub use check::audit;
pub use deeds::Deed;
pub use earnings::{EpochEarnings, earnings};
pub use error::AuditError;
pub use report::{Difference, Report};
pub use span::Span;
