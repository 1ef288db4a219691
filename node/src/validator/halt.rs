//! How a validator stops at once: what signs with session keys ends, and then the process.

use std::{future::Future, sync::Arc};

use futures::future;
use tokio::sync::watch;

use super::foreign::ForeignBlock;

/// Ends what makes blocks and votes when another machine has the same session keys.
#[derive(Clone)]
pub(crate) struct Halt {
	reason: Arc<watch::Sender<Option<ForeignBlock>>>,
	/// Whether nothing ends, whatever the reason.
	is_off: bool,
}

impl Halt {
	/// Nothing is to end yet, or if `is_off` at all.
	pub(crate) fn new(is_off: bool) -> Self {
		let (reason, _) = watch::channel(None);
		Self { reason: Arc::new(reason), is_off }
	}

	/// Ends everything that runs under it, for a reason. Returns whether it does.
	pub(crate) fn halt(&self, reason: ForeignBlock) -> bool {
		if !self.is_off {
			self.reason.send_replace(Some(reason));
		}
		!self.is_off
	}

	/// Why everything ended, if it did.
	pub(crate) fn reason(&self) -> Option<ForeignBlock> {
		self.reason.borrow().clone()
	}

	/// Does some work until it ends by itself, or until all has to end.
	pub(crate) async fn run(self, work: impl Future<Output = ()> + Send + 'static) {
		let mut reason = self.reason.subscribe();
		let halted = async move {
			// It fails only without a sender, and `self` is one.
			let _ = reason.wait_for(Option::is_some).await;
		};
		// The first one is polled first, so that nothing is signed any more.
		future::select(Box::pin(halted), Box::pin(work)).await;
	}
}

#[cfg(test)]
mod tests {
	use std::sync::atomic::{AtomicU32, Ordering};

	use futures::{FutureExt, executor::block_on};
	use sp_consensus_babe::Slot;

	use super::*;

	#[test]
	fn work_ends_by_itself_when_nothing_halts_it() {
		let halt = Halt::new(false);
		block_on(halt.clone().run(async {}));
		assert_eq!(halt.reason(), None);
	}

	#[test]
	fn work_is_not_polled_any_more_when_all_has_to_end() {
		let (halt, polls) = (Halt::new(false), Arc::new(AtomicU32::new(0)));
		let counted = polls.clone();
		let work = future::poll_fn(move |_| {
			counted.fetch_add(1, Ordering::Relaxed);
			std::task::Poll::<()>::Pending
		});
		let mut running = Box::pin(halt.clone().run(work));
		assert_eq!((&mut running).now_or_never(), None);
		assert_eq!(polls.load(Ordering::Relaxed), 1);
		let reason = ForeignBlock::made_up(Slot::from(8));
		assert!(halt.halt(reason.clone()));
		block_on(running);
		assert_eq!(polls.load(Ordering::Relaxed), 1);
		assert_eq!(halt.reason(), Some(reason));
		// What begins afterwards ends, too.
		block_on(halt.run(future::pending()));
	}

	#[test]
	fn nothing_ends_when_it_is_off() {
		let halt = Halt::new(true);
		let mut running = Box::pin(halt.clone().run(future::pending()));
		assert!(!halt.halt(ForeignBlock::made_up(Slot::from(8))));
		assert_eq!((&mut running).now_or_never(), None);
		assert_eq!(halt.reason(), None);
	}
}
