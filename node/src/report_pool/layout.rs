//! The watch over the layout of the pool: the runtime's collector finds only what this node writes
//! in the layout that the runtime reads.

use groma_core::pool_layout::LAYOUT;
use groma_runtime_api::ReportPoolApi;
use sp_api::ProvideRuntimeApi;
use substrate_prometheus_endpoint::{Gauge, PrometheusError, Registry, U64, register};

use super::LOG_TARGET;
use crate::types::{BlockHash, FullClient};

/// What the runtime says of the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
	/// It reads what this node writes.
	Same,
	/// It reads another.
	Other(u32),
	/// It does not say: it is older than the question.
	Unnamed,
}

/// Compares the layout of this node with that of the runtime, and says so when they differ.
pub(crate) struct LayoutWatch {
	/// What was found last, so that it is logged once.
	last: Option<Layout>,
	is_readable: Option<Gauge<U64>>,
}

impl LayoutWatch {
	/// A watch that has not looked yet.
	pub(crate) fn new(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
		let gauge = |registry| {
			let gauge = Gauge::new(
				"groma_report_pool_layout_readable",
				"1 if the runtime reads the layout in which this node writes its report pool",
			)?;
			register(gauge, registry)
		};
		Ok(Self { last: None, is_readable: registry.map(gauge).transpose()? })
	}

	/// Asks the runtime at a block.
	pub(crate) fn look(&mut self, client: &FullClient, at: BlockHash) {
		self.note(client.runtime_api().layout(at).ok());
	}

	/// Records the layout that the runtime names, if it names one.
	fn note(&mut self, named: Option<u32>) {
		let found = match named {
			Some(LAYOUT) => Layout::Same,
			Some(layout) => Layout::Other(layout),
			None => Layout::Unnamed,
		};
		if let Some(gauge) = &self.is_readable {
			gauge.set((found == Layout::Same).into());
		}
		if self.last.replace(found) == Some(found) {
			return;
		}
		match found {
			Layout::Same => log::debug!(target: LOG_TARGET, "the runtime reads layout {LAYOUT}"),
			Layout::Other(layout) => log::warn!(
				target: LOG_TARGET,
				"the runtime reads the report pool in layout {layout}, and this node writes layout \
				 {LAYOUT}: nothing that devices submit here is collected. Run a version of groma-node \
				 that is as new as the runtime",
			),
			Layout::Unnamed => log::warn!(
				target: LOG_TARGET,
				"the runtime does not say in which layout it reads the report pool: it is older than \
				 this node, and may not collect what devices submit here",
			),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn layout_is_readable_only_when_the_runtime_names_it() {
		let mut watch = LayoutWatch::new(Some(&Registry::new())).expect("a new registry");
		for (named, found, readable) in [
			(Some(LAYOUT), Layout::Same, 1),
			(Some(LAYOUT + 1), Layout::Other(LAYOUT + 1), 0),
			(None, Layout::Unnamed, 0),
			(Some(LAYOUT), Layout::Same, 1),
		] {
			watch.note(named);
			assert_eq!(watch.last, Some(found));
			assert_eq!(watch.is_readable.as_ref().map(Gauge::get), Some(readable));
		}
	}
}
