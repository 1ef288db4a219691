//! Commands that documents name, so that tests run what people read.

use std::{fs, path::Path};

use anyhow::{Context, Result};

/// The commands of a document, by its path in the source tree: the lines of its indented blocks.
/// A line that ends in a backslash goes on in the next one.
///
/// # Errors
///
/// If the document cannot be read.
pub fn commands(document: &str) -> Result<Vec<String>> {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(document);
	let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
	Ok(commands_in(&text))
}

fn commands_in(text: &str) -> Vec<String> {
	let lines = text.lines().filter_map(|line| line.strip_prefix("    ")).map(str::trim);
	let mut commands = Vec::new();
	let mut begun = String::new();
	for line in lines {
		match line.strip_suffix('\\') {
			Some(part) => begun.push_str(part),
			None => commands.push(std::mem::take(&mut begun) + line),
		}
	}
	commands
}

/// The words of a command, as a shell parts them: spaces within single quotes part nothing.
pub fn words(command: &str) -> Vec<String> {
	let mut words = Vec::new();
	for (index, part) in command.split('\'').enumerate() {
		match index % 2 {
			0 => words.extend(part.split_whitespace().map(str::to_owned)),
			_ => words.push(part.to_owned()),
		}
	}
	words
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn commands_are_the_lines_of_blocks_with_what_follows_a_backslash() {
		let text = "Text:\n\n    one two > FILE\n    three \\\n      'four five' \\\n      six\n\n- list\n";
		assert_eq!(commands_in(text), ["one two > FILE", "three 'four five' six"]);
		assert_eq!(words("three 'four  five' six"), ["three", "four  five", "six"]);
	}
}
