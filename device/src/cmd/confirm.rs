//! Questions to the person at the terminal.

use clap::Args;
use groma_client::console;

use super::error::CommandError;

/// How a command asks.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ConfirmArgument {
	/// Answer every question with yes, as where there is no terminal.
	#[arg(long)]
	yes: bool,
}

impl ConfirmArgument {
	/// Asks whether `statement` is meant. Without a terminal there is no one to ask, and it fails.
	pub(super) fn ask(self, statement: &str) -> Result<(), CommandError> {
		if self.yes {
			return Ok(());
		}
		// Tests are run at terminals, and ask no one.
		let is_terminal = !cfg!(test) && console::is_terminal();
		console::confirm(statement, is_terminal)
			.map_err(|error| CommandError::Input(error.to_string()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn question_is_an_error_without_a_terminal_unless_it_is_answered_beforehand() {
		assert!(ConfirmArgument { yes: true }.ask("it is far away").is_ok());
		let error = ConfirmArgument { yes: false }.ask("it is far away").expect_err("no one there");
		assert!(error.to_string().ends_with("--yes"), "{error}");
	}
}
