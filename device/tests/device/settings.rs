//! Settings that hold anything. Every case names the seed by which it comes again.

use std::{
	fs,
	os::unix::fs::symlink,
	path::{Path, PathBuf},
	process::Command,
};

use groma_device::settings::{Settings, SettingsError};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

const CASES: u64 = 300;
const EXAMPLE: &[u8] = include_bytes!("../../settings.example.toml");

/// What a case does to a good file.
fn spoiled(good: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
	let mut bytes = good.to_vec();
	match rng.gen_range(0..5) {
		0 => bytes.truncate(rng.gen_range(0..good.len())),
		1 => bytes.extend(random(rng, 300)),
		2 => bytes = random(rng, 2_000),
		_ => {
			for _ in 0..rng.gen_range(1..16) {
				let place = rng.gen_range(0..bytes.len());
				bytes[place] = rng.r#gen();
			}
		}
	}
	bytes
}

fn random(rng: &mut ChaCha8Rng, length_max: usize) -> Vec<u8> {
	let mut bytes = vec![0; rng.gen_range(0..length_max)];
	rng.fill_bytes(&mut bytes);
	bytes
}

fn directory() -> (tempfile::TempDir, PathBuf) {
	let directory = tempfile::tempdir().expect("a directory");
	let path = directory.path().join("file");
	(directory, path)
}

#[test]
fn settings_are_read_or_refused_with_a_reason_whatever_they_hold() {
	let (_directory, path) = directory();
	for seed in 0..CASES {
		let mut rng = ChaCha8Rng::seed_from_u64(seed);
		fs::write(&path, spoiled(EXAMPLE, &mut rng)).expect("written");
		match Settings::load(&path) {
			Ok(settings) => {
				assert!(!settings.chain.endpoints.is_empty(), "seed {seed}");
				assert!(settings.chain.agreeing_endpoints > 0, "seed {seed}");
				assert!(settings.store.history_windows >= 4, "seed {seed}");
				// The key of the example does not exist here.
				assert!(settings.gateway.is_empty() || settings.gateways().is_err(), "seed {seed}");
			}
			Err(SettingsError::Range(reason)) => assert!(reason.contains('`'), "seed {seed}"),
			Err(error @ SettingsError::Endpoints(_)) => {
				assert!(error.to_string().starts_with("`chain.endpoints`: "), "seed {seed}");
			}
			Err(SettingsError::Filter(error)) => {
				assert!(error.to_string().contains('`'), "seed {seed}");
			}
			Err(error) => {
				let text = error.to_string();
				assert!(text.contains(&path.display().to_string()), "seed {seed}: {text}");
			}
		}
	}
}

#[test]
fn settings_are_refused_when_they_are_endless_or_no_file() {
	let (directory, _) = directory();
	let endless = Settings::load(Path::new("/dev/zero"));
	assert!(matches!(endless, Err(SettingsError::NotText(..))), "{endless:?}");
	let folder = Settings::load(directory.path());
	assert!(matches!(folder, Err(SettingsError::File { .. })), "{folder:?}");
	let folder = folder.expect_err("a directory").to_string();
	assert!(folder.ends_with("name the file in it with --settings"), "{folder}");
	let pipe = directory.path().join("pipe");
	assert!(Command::new("mkfifo").arg(&pipe).status().expect("it is there").success());
	let pipe = Settings::load(&pipe);
	assert!(matches!(pipe, Err(SettingsError::Pipe(_))), "{pipe:?}");
}

#[test]
fn settings_are_refused_with_what_to_do_when_the_way_to_them_is_wrong() {
	let (directory, path) = directory();
	symlink(&path, directory.path().join("loop")).expect("linked");
	symlink(directory.path().join("loop"), &path).expect("linked");
	let endless = Settings::load(&path).expect_err("a loop").to_string();
	assert!(endless.ends_with("; name another with --settings"), "{endless}");
	let file = directory.path().join("plain");
	fs::write(&file, EXAMPLE).expect("written");
	let below = Settings::load(&file.join("settings.toml")).expect_err("no directory").to_string();
	assert!(below.ends_with("; name another with --settings"), "{below}");
	let source = std::io::ErrorKind::PermissionDenied.into();
	let denied = SettingsError::File { path, source }.to_string();
	assert!(denied.contains("let the user who runs this read it"), "{denied}");
}

/// What comes of settings that hold these bytes.
fn loaded(bytes: &[u8]) -> Result<Settings, String> {
	let (_directory, path) = directory();
	fs::write(&path, bytes).expect("written");
	Settings::load(&path).map_err(|error| {
		let text = error.to_string();
		assert!(text.contains(&path.display().to_string()) && !text.contains('\n'), "{text}");
		text
	})
}

#[test]
fn settings_are_read_whatever_an_editor_writes_around_them() {
	let lines = std::str::from_utf8(EXAMPLE).expect("text");
	let windows = format!("\u{FEFF}{}", lines.replace('\n', "\r\n"));
	for bytes in [windows.as_bytes(), &lines.as_bytes()[..lines.len() - 1]] {
		assert_eq!(loaded(bytes).expect("read").gateway.len(), 1);
	}
	for bytes in [&b""[..], b"\n", b"\xEF\xBB\xBF", b"# nothing\r\n"] {
		assert_eq!(loaded(bytes).expect("read").gateway.len(), 0, "{bytes:?}");
	}
	let wide: Vec<u8> = lines.encode_utf16().flat_map(u16::to_le_bytes).collect();
	let utf16 = loaded(&[&[0xFF, 0xFE], &wide[..]].concat()).expect_err("UTF-16");
	assert!(utf16.contains("UTF-16: save it as UTF-8"), "{utf16}");
	let path = loaded(b"/etc/groma-device/settings.toml\n").expect_err("a path");
	assert!(path.contains("line 1"), "{path}");
}

#[test]
fn settings_are_found_under_a_link_and_missing_ones_named() {
	let (directory, path) = directory();
	fs::write(&path, EXAMPLE).expect("written");
	let link = directory.path().join("link");
	symlink(&path, &link).expect("linked");
	assert_eq!(Settings::load(&link).expect("read").gateway.len(), 1);
	fs::remove_file(&path).expect("removed");
	for missing in [path, link] {
		let error = Settings::load(&missing).expect_err("missing");
		assert!(matches!(&error, SettingsError::File { path, .. } if *path == missing), "{error}");
		assert!(error.to_string().contains(&missing.display().to_string()), "{error}");
	}
}
