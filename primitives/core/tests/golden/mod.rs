//! The golden vectors that this crate computes itself, one function per file. Numbers that may
//! exceed 2^53 are decimal strings, bytes are hexadecimal, so that every JSON reader gets them
//! whole.

mod api;
mod bytes;
mod mathematics;
mod money;
mod protocol;
mod terms;

use std::path::PathBuf;

use serde_json::Value;

/// A file of vectors.
pub(crate) struct File {
	/// Its name without folder and extension.
	pub(crate) name: &'static str,
	/// Computes what it has to hold.
	pub(crate) compute: fn() -> Value,
}

/// All files, in the order of the alphabet.
pub(crate) const FILES: &[File] = &[
	File { name: "api", compute: api::api },
	File { name: "choice", compute: protocol::choice },
	File { name: "commitment", compute: protocol::commitment },
	File { name: "credit", compute: protocol::credit },
	File { name: "density", compute: mathematics::density },
	File { name: "draw", compute: protocol::draw },
	File { name: "emission", compute: mathematics::emission },
	File { name: "geometry", compute: mathematics::geometry },
	File { name: "money", compute: money::money },
	File { name: "path_loss", compute: mathematics::path_loss },
	File { name: "payloads", compute: protocol::payloads },
	File { name: "reception", compute: mathematics::reception },
	File { name: "selection", compute: protocol::selection },
	File { name: "terms", compute: terms::terms },
	File { name: "units", compute: mathematics::units },
	File { name: "vouchers", compute: money::vouchers },
];

/// Where a file lies.
pub(crate) fn path(name: &str) -> PathBuf {
	PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors")).join(name).with_extension("json")
}

/// The text of a file: one case per line.
pub(crate) fn render(document: &Value) -> String {
	let mut text = String::from("{\n");
	let sections: Vec<String> = document
		.as_object()
		.expect("a document is an object")
		.iter()
		.map(|(name, value)| match value.as_array() {
			Some(cases) => {
				let lines: Vec<String> = cases.iter().map(|case| format!("  {case}")).collect();
				format!(" {:?}: [\n{}\n ]", name, lines.join(",\n"))
			}
			None => format!(" {name:?}: {value}"),
		})
		.collect();
	text.push_str(&sections.join(",\n"));
	text.push_str("\n}\n");
	text
}
