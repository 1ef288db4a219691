//! What `scripts/quickstart` says when it cannot begin.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
	fs,
	net::TcpListener,
	os::unix::fs::PermissionsExt,
	process::{Command, Stdio},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/quickstart");

fn quickstart() -> Command {
	let mut command = Command::new(SCRIPT);
	command.stdin(Stdio::null());
	command
}

/// Whether it fails with a code, and says so.
fn fails(command: &mut Command, code: i32, words: &str) {
	let output = command.output().unwrap();
	let text = String::from_utf8_lossy(&output.stderr);
	assert_eq!(output.status.code(), Some(code), "{text}");
	assert!(text.contains(words), "{text}");
}

#[test]
fn option_is_refused_when_it_is_unknown_or_no_number() {
	fails(quickstart().arg("--bogus"), 2, "--bogus");
	fails(quickstart().args(["--devices", "many"]), 2, "--devices");
	fails(quickstart().arg("--seed"), 2, "--seed");
}

#[test]
fn port_that_is_in_use_is_named() {
	let taken = TcpListener::bind("127.0.0.1:0").unwrap();
	let port = taken.local_addr().unwrap().port().to_string();
	let words = format!("port {port} is in use: stop what listens there, or choose another");
	fails(quickstart().args(["--rpc-port", &port]), 1, &words);
}

#[test]
fn disk_that_is_too_small_is_named_before_anything_is_built() {
	let folder = tempfile::tempdir().unwrap();
	let df = folder.path().join("df");
	fs::write(&df, "#!/bin/sh\necho Disk Size Used Free\necho disk 9 9 1000\n").unwrap();
	fs::set_permissions(&df, fs::Permissions::from_mode(0o755)).unwrap();
	let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
	let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
	let mut command = quickstart();
	command.args(["--rpc-port", &free]).env("PATH", path);
	fails(&mut command, 1, "has 0 GB free");
}
