//! Chain specifications whose genesis holds more than their preset says.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::node::run_to_end;

/// A raw chain specification. Its file goes when this does.
pub struct Specification {
	json: Value,
	directory: TempDir,
}

impl Specification {
	/// The one of a preset: `dev` or `local`.
	///
	/// # Errors
	///
	/// If the node prints none.
	pub fn of(chain: &str) -> Result<Self> {
		let (succeeded, printed) = run_to_end(&["export-chain-spec", "--chain", chain, "--raw"])?;
		ensure!(succeeded, "{printed}");
		let begin = printed.find('{').context("no JSON is printed")?;
		let json = serde_json::from_str(&printed[begin..])?;
		Ok(Self { json, directory: tempfile::tempdir()? })
	}

	/// The same with a value of its state, both the key and the value in hexadecimal.
	pub fn with(mut self, key: &str, value: &str) -> Self {
		self.json["genesis"]["raw"]["top"][key] = value.into();
		self
	}

	/// Writes it and returns the path of the file.
	///
	/// # Errors
	///
	/// If it cannot be written.
	pub fn write(&self) -> Result<String> {
		let path = self.directory.path().join("chain.json");
		fs::write(&path, self.json.to_string())?;
		Ok(path.display().to_string())
	}
}
