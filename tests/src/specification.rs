//! Chain specifications whose genesis holds more than their preset says, or something else.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::{network::BlockNumber, node::run_to_end};

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
		Self::exported(&["--chain", chain, "--raw"])
	}

	/// The one of a preset whose genesis is changed: `changes` are merged into the preset, and what
	/// is no object takes the place of what the preset has.
	///
	/// # Errors
	///
	/// If the node prints none, or refuses the changes.
	pub fn founded(chain: &str, changes: &Value) -> Result<Self> {
		Self::founded_by(chain, |genesis| merge(genesis, changes))
	}

	/// The one of a preset that something changes.
	///
	/// # Errors
	///
	/// As for [`Self::founded`].
	pub fn founded_by(chain: &str, change: impl FnOnce(&mut Value)) -> Result<Self> {
		let mut plain = Self::exported(&["--chain", chain])?;
		let genesis = plain.json.pointer_mut("/genesis/runtimeGenesis/patch");
		change(genesis.context("the specification has no preset")?);
		let path = plain.write()?;
		Self::exported(&["--chain", &path, "--raw"])
	}

	fn exported(arguments: &[&str]) -> Result<Self> {
		let arguments = [&["export-chain-spec"][..], arguments].concat();
		let (succeeded, printed) = run_to_end(&arguments)?;
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

	/// The same with code that nodes run instead of that of the chain, on top of block `number` and
	/// later ones, as long as both have the same version.
	pub fn with_substitute(mut self, number: BlockNumber, code: &[u8]) -> Self {
		let code = format!("0x{}", hex::encode(code));
		self.json["codeSubstitutes"][number.to_string()] = code.into();
		self
	}

	/// Writes it and returns the path of the file, which is always the same.
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

/// Puts changes into a value: objects are merged, anything else is replaced.
fn merge(value: &mut Value, changes: &Value) {
	match (value, changes) {
		(Value::Object(value), Value::Object(changes)) => {
			for (name, change) in changes {
				merge(value.entry(name.clone()).or_insert(Value::Null), change);
			}
		}
		(value, change) => *value = change.clone(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	#[test]
	fn changes_replace_what_is_no_object() {
		let mut value = json!({ "kept": 1, "list": [1, 2], "inner": { "kept": 1, "changed": 2 } });
		merge(&mut value, &json!({ "list": [3], "inner": { "changed": 4 }, "added": { "a": 5 } }));
		let inner = json!({ "kept": 1, "changed": 4 });
		let expected = json!({ "kept": 1, "list": [3], "inner": inner, "added": { "a": 5 } });
		assert_eq!(value, expected);
	}

	#[test]
	fn amounts_above_64_bits_are_kept() {
		let text = r#"{"amount":196000000000000000000}"#;
		let value: Value = serde_json::from_str(text).expect("JSON");
		assert_eq!(value.to_string(), text);
	}
}
