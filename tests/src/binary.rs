//! Where the binaries are: in the target directory of the running test, unless the environment says
//! otherwise.

use std::{env, path::PathBuf};

use anyhow::{Context, Result, ensure};

/// The node: `$GROMA_NODE`, or `groma-node` of the profile under which the test was built.
pub fn node() -> Result<PathBuf> {
	find("GROMA_NODE", "groma-node")
}

/// The device client: `$GROMA_DEVICE`, or `groma-device` of the same profile.
pub fn device() -> Result<PathBuf> {
	find("GROMA_DEVICE", "groma-device")
}

/// The field simulator: `$GROMA_SIMULATE`, or `groma-simulate` of the same profile.
pub fn simulator() -> Result<PathBuf> {
	find("GROMA_SIMULATE", "groma-simulate")
}

/// The price server: `$GROMA_PRICES`, or `groma-prices` of the same profile.
pub fn prices() -> Result<PathBuf> {
	find("GROMA_PRICES", "groma-prices")
}

/// The payer's client: `$GROMA_PAYER`, or `groma-payer` of the same profile.
pub fn payer() -> Result<PathBuf> {
	find("GROMA_PAYER", "groma-payer")
}

/// The code that tests upgrade to, compressed: `$GROMA_VARIANT`, or what was built with the tests
/// of the runtime. No program has it.
pub fn variant() -> Result<PathBuf> {
	let path = match env::var_os("GROMA_VARIANT") {
		Some(path) => PathBuf::from(path),
		None => profile()?.join("wbuild/groma-runtime/variant_binary.rs.compact.compressed.wasm"),
	};
	ensure!(
		path.is_file(),
		"{} does not exist: run `cargo build --release --workspace --all-targets` first, or set \
		 GROMA_VARIANT",
		path.display()
	);
	Ok(path)
}

/// The directory of the profile under which the test was built.
fn profile() -> Result<PathBuf> {
	let test = env::current_exe()?;
	let profile = test.parent().and_then(|deps| deps.parent());
	Ok(profile.context("the test is not in a target directory")?.to_owned())
}

/// A binary: what `variable` says, or `name` next to the directory of the running test.
fn find(variable: &str, name: &str) -> Result<PathBuf> {
	let path = match env::var_os(variable) {
		Some(path) => PathBuf::from(path),
		None => profile()?.join(name),
	};
	ensure!(
		path.is_file(),
		"{} does not exist: run `cargo build --release -p {name}` first, or set {variable}",
		path.display()
	);
	Ok(path)
}
