//! Waiting for something to become true.

use std::{
	future::Future,
	time::{Duration, Instant},
};

use anyhow::{Result, bail};

/// How often the question is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// Asks until the answer is `Some`. An error counts as "not yet": a node that starts refuses
/// connections.
///
/// # Errors
///
/// If `patience` runs out; the message says what was waited for, and the last error.
pub async fn eventually<Answer, Asked>(
	what: &str,
	patience: Duration,
	mut ask: impl FnMut() -> Asked,
) -> Result<Answer>
where
	Asked: Future<Output = Result<Option<Answer>>>,
{
	let begin = Instant::now();
	loop {
		let last = match ask().await {
			Ok(Some(answer)) => return Ok(answer),
			Ok(None) => String::from("not so yet"),
			Err(error) => format!("{error:#}"),
		};
		if begin.elapsed() > patience {
			bail!("gave up after {} s: {what} ({last})", patience.as_secs());
		}
		tokio::time::sleep(PAUSE).await;
	}
}
