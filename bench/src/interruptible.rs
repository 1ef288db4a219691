//! Work that ends in order when it is interrupted, so that no process and no folder stays behind.

use std::{future::Future, time::Duration};

use anyhow::bail;
use tokio::{
	runtime::Runtime,
	signal::unix::{SignalKind, signal},
};

/// How long tasks that were left running may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs `work` on a separate runtime until it is done, or until the program is asked to stop:
/// then the work is dropped, with whatever it started.
pub(crate) fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
	let runtime = Runtime::new()?;
	let outcome = runtime.block_on(async {
		let mut interrupt = signal(SignalKind::interrupt())?;
		let mut terminate = signal(SignalKind::terminate())?;
		tokio::select! {
			outcome = work => outcome,
			_ = interrupt.recv() => bail!("interrupted"),
			_ = terminate.recv() => bail!("asked to stop"),
		}
	});
	runtime.shutdown_timeout(PATIENCE);
	outcome
}
