//! What the client logs, as its operator reads it.

use std::{
	io::{self, Write},
	sync::{Arc, Mutex, PoisonError},
};

use tracing::{Level, subscriber::DefaultGuard};
use tracing_subscriber::fmt::MakeWriter;

/// The lines that are logged at `info` on the thread of the test, from its making on.
pub struct Log {
	lines: Lines,
	_guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Log {
	/// Begins to listen.
	pub fn start() -> Self {
		let lines = Lines::default();
		let subscriber = tracing_subscriber::fmt()
			.with_max_level(Level::INFO)
			.with_ansi(false)
			.without_time()
			.with_writer(lines.clone())
			.finish();
		Self { lines, _guard: tracing::subscriber::set_default(subscriber) }
	}

	/// The lines that contain `text`.
	pub fn lines_with(&self, text: &str) -> Vec<String> {
		let bytes = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner);
		let all = String::from_utf8_lossy(&bytes);
		all.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
	}
}

impl Write for Lines {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
		Ok(bytes.len())
	}

	fn flush(&mut self) -> io::Result<()> {
		Ok(())
	}
}

impl<'a> MakeWriter<'a> for Lines {
	type Writer = Self;

	fn make_writer(&'a self) -> Self {
		self.clone()
	}
}
