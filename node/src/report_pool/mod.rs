//! The report pool: what devices submit to this node, until its collector has brought it on chain
//! or its time is over. The pool is local to the node and bounded; the chain's own checks decide
//! what it takes.
//!
//! | file | what it knows |
//! |---|---|
//! | `series.rs` | the table of series: how reports of each are read, bounded and checked |
//! | `pool.rs` | the way of a report from its bytes into the pool |
//! | `index.rs` | what is in the pool, in memory |
//! | `chunks.rs`, `older.rs` | what is in the pool, on disk |
//! | `layout.rs` | whether the runtime reads what is on disk |
//! | `verdicts.rs`, `chain.rs` | the questions to the chain |
//! | `outcome.rs`, `arrival.rs`, `metrics.rs` | what clients, subscribers and Prometheus see |

mod arrival;
mod chain;
mod chunks;
#[cfg(test)]
mod fuzz;
mod index;
mod layout;
mod metrics;
mod older;
mod outcome;
mod pool;
mod series;
#[cfg(test)]
mod tests;
mod verdicts;

pub(crate) use arrival::Arrival;
pub(crate) use chain::FullReportPool;
#[cfg(test)]
pub(crate) use fuzz::fuzz_cases;
pub(crate) use layout::LayoutWatch;
pub(crate) use outcome::{Outcome, Rejection, Verdict};
pub(crate) use pool::ReportPool;
pub(crate) use verdicts::Verdicts;

/// The target of the pool's log lines.
pub(crate) const LOG_TARGET: &str = "groma::pool";
