//! Where a simulation says what.

use serde::Serialize;

/// How a simulation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
	/// Progress and the summary as text on standard output.
	Text,
	/// The summary as one JSON document on standard output, progress on standard error.
	Json,
}

impl Output {
	/// Says how things go.
	pub(crate) fn say(self, text: &str) {
		match self {
			Self::Text => println!("{text}"),
			Self::Json => eprintln!("{text}"),
		}
	}

	/// Prints a document, if that was asked for.
	pub(crate) fn print(self, document: &impl Serialize) -> Result<(), serde_json::Error> {
		if self == Self::Json {
			println!("{}", serde_json::to_string_pretty(document)?);
		}
		Ok(())
	}
}
