//! The pool of a node, whose chain answers by its runtime APIs at the best block.

use std::sync::Arc;

use groma_core::WindowIndex;
use groma_runtime_api::ChallengesApi;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;

use super::{outcome::Verdict, pool::ReportPool, series::Entry, verdicts::Verdicts};
use crate::types::{FullClient, OffchainStorage};

/// The report pool of a node.
pub(crate) type FullReportPool = ReportPool<Arc<FullClient>, OffchainStorage>;

impl Verdicts for Arc<FullClient> {
	fn window(&self) -> Result<WindowIndex, ApiError> {
		Ok(self.runtime_api().window(self.info().best_hash)?.index)
	}

	fn verdict(&self, report: &Entry) -> Result<Verdict, ApiError> {
		(report.series.check)(self, self.info().best_hash, &report.bytes)
	}
}
