//! How every actor is stopped.

use tokio::{
	signal::unix::{SignalKind, signal},
	sync::watch,
};

/// Stops all holders of a [`Shutdown`].
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// Held by an actor; resolves once the process is to stop.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// A trigger and what it triggers.
pub fn channel() -> (Trigger, Shutdown) {
	let (sender, receiver) = watch::channel(false);
	(Trigger(sender), Shutdown(receiver))
}

impl Trigger {
	/// Asks every actor to stop. Dropping the trigger does the same.
	pub fn fire(&self) {
		self.0.send_replace(true);
	}
}

impl Shutdown {
	/// Waits until the process is to stop. It may be dropped and called again.
	pub async fn requested(&mut self) {
		// An error means that the trigger is gone, which is as good a reason to stop.
		let _ = self.0.wait_for(|stop| *stop).await;
	}
}

/// Waits for SIGINT or SIGTERM; without end where the system offers no signals.
pub async fn signal_received() {
	match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
		(Ok(mut interrupt), Ok(mut terminate)) => {
			tokio::select! {
				_ = interrupt.recv() => {},
				_ = terminate.recv() => {},
			}
		}
		_ => std::future::pending().await,
	}
}
