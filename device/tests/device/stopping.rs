//! The client as a process: it ends cleanly when it is asked to.

use std::{
	fs,
	io::{BufRead, BufReader},
	path::Path,
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

const CLIENT: &str = env!("CARGO_BIN_EXE_groma-device");
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a signal to a process of this test.
fn signal(process: &Child, name: &str) {
	let sent = Command::new("kill").args([name, &process.id().to_string()]).status();
	assert!(sent.expect("kill is there").success());
}

/// Waits for a process to end; its exit code, if no signal ended it.
fn code_of(mut process: Child) -> Option<i32> {
	let deadline = Instant::now() + PATIENCE;
	loop {
		if let Some(status) = process.try_wait().expect("asked") {
			return status.code();
		}
		if Instant::now() > deadline {
			process.kill().expect("killed");
			panic!("it did not end within {PATIENCE:?}");
		}
		std::thread::sleep(Duration::from_millis(20));
	}
}

/// Settings of one gateway whose node does not exist.
fn write_settings(directory: &Path) {
	let key = format!("file:{}", directory.join("key").display());
	let made = Command::new(CLIENT).args(["key", "generate", &key]).stdout(Stdio::null()).status();
	assert!(made.expect("run").success());
	let settings = format!(
		"[chain]\nendpoints = [\"ws://127.0.0.1:1\"]\n[radio]\nlisten = \"127.0.0.1:0\"\n\
		 [store]\npath = \"{}\"\n[[gateway]]\nmac = \"AA555A0000000101\"\nkey = \"{key}\"\n",
		directory.join("store.db").display()
	);
	fs::write(directory.join("settings.toml"), settings).expect("written");
}

#[test]
fn client_ends_cleanly_on_sigint_and_sigterm() {
	let directory = tempfile::tempdir().expect("a directory");
	write_settings(directory.path());
	for name in ["-INT", "-TERM"] {
		let mut process = Command::new(CLIENT)
			.args(["run", "--settings"])
			.arg(directory.path().join("settings.toml"))
			.env_remove("RUST_LOG")
			.stdin(Stdio::null())
			.stderr(Stdio::piped())
			.spawn()
			.expect("started");
		let mut log = BufReader::new(process.stderr.take().expect("piped")).lines();
		let waits = |line: &String| line.contains("waiting for the chain");
		assert!(log.by_ref().map_while(Result::ok).any(|line| waits(&line)), "{name}");
		signal(&process, name);
		let last = log.map_while(Result::ok).last().expect("a last line");
		assert!(last.contains("stopped"), "{name}: {last}");
		assert_eq!(code_of(process), Some(0), "{name}");
	}
}

#[test]
fn client_says_that_it_is_done_when_its_answer_cannot_be_written() {
	let directory = tempfile::tempdir().expect("a directory");
	let path = directory.path().join("key");
	let key = format!("file:{}", path.display());
	for words in [["key", "generate", &key], ["key", "show", &key]] {
		let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
		let output = Command::new(CLIENT).args(words).stdout(full).output().expect("run");
		let text = String::from_utf8_lossy(&output.stderr);
		assert_eq!(output.status.code(), Some(3), "{words:?}: {text}");
		assert!(text.starts_with("groma-device: it is done, but the answer"), "{text}");
		assert_eq!(text.trim().lines().count(), 1, "{text}");
		assert!(path.exists());
	}
}

#[test]
fn client_says_what_is_wrong_in_one_line_and_fails() {
	let directory = tempfile::tempdir().expect("a directory");
	let missing = directory.path().join("missing.toml");
	let missing = missing.to_str().expect("text");
	for (arguments, hint) in [
		(&["run", "--settings", missing][..], "settings.example.toml"),
		(&["report", "--account", "//Alice", "--settings", missing], "settings.example.toml"),
		(&["report", "--account", "some words", "--settings", missing], "file:PATH"),
		(&["key", "show", "tpm:0"], "file:/path/to/key"),
	] {
		let output = Command::new(CLIENT).args(arguments).output().expect("run");
		let text = String::from_utf8_lossy(&output.stderr);
		assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
		assert!(text.starts_with("groma-device: ") && text.contains(hint), "{text}");
		assert_eq!(text.trim().lines().count(), 1, "{text}");
	}
}
