//! The simulator as a process.

use std::process::Command;

#[test]
fn simulator_says_what_is_wrong_in_one_line_and_fails() {
	let output = Command::new(env!("CARGO_BIN_EXE_groma-simulate"))
		.args(["--endpoint", "ws://127.0.0.1:1"])
		.output()
		.expect("run");
	let text = String::from_utf8_lossy(&output.stderr);
	assert_eq!(output.status.code(), Some(1), "{text}");
	assert!(text.starts_with("groma-simulate: ") && text.contains("cannot be reached"), "{text}");
	assert_eq!(text.trim().lines().count(), 1, "{text}");
}
