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

/// A binary: what `variable` says, or `name` next to the directory of the running test.
fn find(variable: &str, name: &str) -> Result<PathBuf> {
	let path = match env::var_os(variable) {
		Some(path) => PathBuf::from(path),
		None => env::current_exe()?
			.parent()
			.and_then(|deps| deps.parent())
			.context("the test is not in a target directory")?
			.join(name),
	};
	ensure!(
		path.is_file(),
		"{} does not exist: run `cargo build --release -p {name}` first, or set {variable}",
		path.display()
	);
	Ok(path)
}
