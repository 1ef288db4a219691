//! The end of a node for the sake of the guard: who ends it says why.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::refusal::Refusal;

/// The reason for which the node is to end, once there is one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
	reason: Mutex<Option<Refusal>>,
	begun: Notify,
}

impl Ending {
	/// Has the node end. The first reason stays.
	pub(super) fn begin(&self, reason: Refusal) {
		self.0.reason.lock().get_or_insert(reason);
		self.0.begun.notify_one();
	}

	/// Waits until the node is to end.
	pub(crate) async fn begun(&self) {
		self.0.begun.notified().await;
	}

	/// Takes the reason, if there is one.
	pub(crate) fn take(&self) -> Option<Refusal> {
		self.0.reason.lock().take()
	}
}

#[cfg(test)]
mod tests {
	use futures::FutureExt;

	use super::*;

	#[test]
	fn first_reason_stays_and_who_waits_later_is_notified() {
		let ending = Ending::default();
		assert!(ending.begun().now_or_never().is_none());
		ending.begin(Refusal::NoVote);
		ending.begin(Refusal::NoSlot(Default::default()));
		assert!(ending.clone().begun().now_or_never().is_some());
		assert!(matches!(ending.take(), Some(Refusal::NoVote)));
		assert!(ending.take().is_none());
	}
}
