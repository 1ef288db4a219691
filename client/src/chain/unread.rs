//! What of the runtime this build cannot read: after an upgrade it may be too old for it.

use std::{
	collections::BTreeSet,
	sync::{Arc, Mutex, PoisonError},
};

use tracing::{error, info};

use super::ChainError;
use crate::metrics::Metrics;

/// The functions of the runtime whose answers are not understood, and those of which the log has
/// said so. There are as many as the client knows, so both are bounded.
pub(super) struct Unread {
	functions: Mutex<Functions>,
	metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Functions {
	unread: BTreeSet<String>,
	/// Endpoints may run different runtimes for a while: what comes and goes is logged once.
	said: BTreeSet<String>,
}

impl Unread {
	/// Everything can be read until something cannot.
	pub(super) fn new(metrics: Arc<Metrics>) -> Self {
		Self { functions: Mutex::default(), metrics }
	}

	/// Records whether a function's answer was understood: it was not if `error` says so. Another
	/// error says nothing about it.
	pub(super) fn note(&self, function: &str, error: Option<&ChainError>) {
		let mut functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
		match error {
			None => {
				if functions.unread.remove(function) {
					info!(target: "client::chain", function, "the chain is understood again");
				}
			}
			Some(ChainError::Incompatible { reason, .. }) => {
				functions.unread.insert(function.to_owned());
				if functions.said.insert(function.to_owned()) {
					error!(
						target: "client::chain", function, reason,
						"this version cannot read the runtime of the chain: update this program"
					);
				}
			}
			Some(_) => {}
		}
		self.metrics.runtime_unreadable.set(functions.unread.len() as u64);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn functions_are_counted_while_they_are_not_understood() {
		let metrics = Arc::<Metrics>::default();
		let unread = Unread::new(metrics.clone());
		let endpoint = "node".to_owned();
		let incompatible =
			ChainError::Incompatible { endpoint: endpoint.clone(), reason: "short".to_owned() };
		let busy = ChainError::NotReady { endpoint, reason: "busy".to_owned() };
		for (function, error, count) in [
			("one", Some(&busy), 0),
			("one", Some(&incompatible), 1),
			("two", Some(&incompatible), 2),
			("one", Some(&incompatible), 2),
			("one", Some(&busy), 2),
			("one", None, 1),
			("two", None, 0),
		] {
			unread.note(function, error);
			assert_eq!(metrics.runtime_unreadable.get(), count, "{function} {error:?}");
		}
	}
}
