//! How reports come on chain: each kind of proof makes the bundles of its series of reports,
//! and the collector fills, signs and submits them.

use alloc::vec::Vec;

use groma_core::{
	WindowIndex,
	statement::{Report, ReportKey},
	words::Hash,
};

use crate::Load;

/// A bundle of reports of one series in the making: what the chain would take of them, as one call.
pub trait Bundler<Call>: Sized {
	/// What it bundles.
	type Report: Report;

	/// The windows whose reports a collector is to bring in the next block, oldest first. The hash
	/// of the collector's account spreads when several begin with the running window.
	fn windows(collector: &Hash) -> Vec<WindowIndex>;

	/// Whether the chain may still take a report with this key in the next block: its window is not
	/// over, and it is not on chain. Says nothing about what such a report would contain.
	fn is_open(key: &ReportKey) -> bool;

	/// An empty bundle, which may take so much of a block.
	fn new(room: Load) -> Self;

	/// Adds what the chain would take of these reports in the next block, as far as there is room.
	/// The first always finds some, so that no report waits forever.
	fn add(&mut self, reports: Vec<Self::Report>);

	/// Whether it has no room left, so that others may be waiting.
	fn is_full(&self) -> bool;

	/// The call, and what it carries; `None` if that is nothing.
	fn finish(self) -> Option<(Call, Vec<ReportKey>)>;
}
