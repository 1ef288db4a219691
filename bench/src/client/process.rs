//! The programs of the project as processes that end with the one that started them.

use std::{
	env,
	fs::File,
	path::{Path, PathBuf},
	process::Stdio,
	time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tokio::process::{Child, Command};

/// How often a condition is looked at again.
const PAUSE: Duration = Duration::from_millis(200);
/// How many of the last lines of a log are shown when something fails.
const TAIL_LINES: usize = 15;

/// A program of the folder in which the running one lies: what was built with it.
pub(crate) fn program(name: &str) -> anyhow::Result<PathBuf> {
	let path = env::current_exe()?.with_file_name(name);
	ensure!(path.is_file(), "{} does not exist: build the whole workspace", path.display());
	Ok(path)
}

/// Runs a program to its end.
pub(crate) async fn run_to_end(program: &Path, arguments: &[&str]) -> anyhow::Result<()> {
	let output = Command::new(program)
		.args(arguments)
		.stdin(Stdio::null())
		.kill_on_drop(true)
		.output()
		.await
		.with_context(|| format!("{} does not start", program.display()))?;
	let said = String::from_utf8_lossy(&output.stderr);
	ensure!(output.status.success(), "{} {arguments:?} failed: {said}", program.display());
	Ok(())
}

/// A program that runs until this is dropped. What it says goes to a file.
pub(crate) struct Process {
	child: Child,
	log: PathBuf,
}

impl Process {
	/// Starts a program.
	pub(crate) fn start(program: &Path, arguments: &[&str], log: PathBuf) -> anyhow::Result<Self> {
		let file = File::create(&log)?;
		let child = Command::new(program)
			.args(arguments)
			.stdin(Stdio::null())
			.stdout(file.try_clone()?)
			.stderr(file)
			.spawn()
			.with_context(|| format!("{} does not start", program.display()))?;
		Ok(Self { child, log })
	}

	/// Its number, as long as it runs.
	pub(crate) fn id(&self) -> anyhow::Result<u32> {
		self.child.id().with_context(|| format!("the process ended: {}", self.last_words()))
	}

	/// What it has said.
	pub(crate) fn log(&self) -> String {
		std::fs::read_to_string(&self.log).unwrap_or_default()
	}

	/// Waits until `look` finds something, as long as the process runs and `patience` lasts. What
	/// `look` fails with means "not yet".
	pub(crate) async fn wait_for<T>(
		&mut self,
		what: &str,
		patience: Duration,
		mut look: impl AsyncFnMut(&Self) -> anyhow::Result<Option<T>>,
	) -> anyhow::Result<T> {
		let begin = Instant::now();
		loop {
			let last = match look(self).await {
				Ok(Some(found)) => return Ok(found),
				Ok(None) => String::from("not so yet"),
				Err(error) => format!("{error:#}"),
			};
			if let Some(status) = self.child.try_wait()? {
				bail!("waiting until {what}: the process ended, {status}\n{}", self.last_words());
			}
			if begin.elapsed() > patience {
				bail!("gave up waiting until {what} ({last})\n{}", self.last_words());
			}
			tokio::time::sleep(PAUSE).await;
		}
	}

	fn last_words(&self) -> String {
		let log = self.log();
		let lines: Vec<&str> = log.lines().collect();
		lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n")
	}
}

impl Drop for Process {
	/// Ends it and waits for that, so that nothing is written any more where it worked.
	fn drop(&mut self) {
		// A process that is gone already cannot be ended.
		let _ = self.child.start_kill();
		for _ in 0..100 {
			match self.child.try_wait() {
				Ok(None) => std::thread::sleep(Duration::from_millis(20)),
				_ => return,
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	async fn shell(script: &str, directory: &Path) -> Process {
		let log = directory.join("log");
		Process::start(Path::new("/bin/sh"), &["-c", script], log).expect("a shell")
	}

	#[tokio::test]
	async fn last_words_are_shown_when_a_process_ends_too_early() {
		let directory = tempfile::tempdir().expect("a folder");
		let mut process = shell("echo alas; exit 3", directory.path()).await;
		let patience = Duration::from_secs(10);
		let waited = process.wait_for("never", patience, async |_| Ok(None::<()>)).await;
		let error = waited.expect_err("it ends").to_string();
		assert!(error.contains("alas") && error.contains("exit status: 3"), "{error}");
	}

	#[tokio::test]
	async fn process_is_gone_when_it_was_dropped() {
		let directory = tempfile::tempdir().expect("a folder");
		let process = shell("exec sleep 600", directory.path()).await;
		let folder = PathBuf::from(format!("/proc/{}", process.id().expect("it runs")));
		assert!(folder.exists());
		drop(process);
		assert!(!folder.exists());
	}

	#[test]
	fn missing_program_says_what_to_do() {
		let error = program("no-such-program").expect_err("missing").to_string();
		assert!(error.contains("build the whole workspace"), "{error}");
	}
}
