//! Questions to the person at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

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
		if cfg!(test) || !io::stdin().is_terminal() {
			return Err(CommandError::Input(format!(
				"{statement}: nothing was done, and no terminal is there to ask at; if it is meant, say the same \
				 with --yes"
			)));
		}
		ask_at(io::stdin().lock(), io::stderr(), statement)
	}
}

/// Asks on `output` and reads the answer from `input`.
fn ask_at(
	mut input: impl BufRead,
	mut output: impl Write,
	statement: &str,
) -> Result<(), CommandError> {
	let mut answer = String::new();
	let asked = write!(output, "{statement}. Go on? [y/N] ")
		.and_then(|()| output.flush())
		.and_then(|()| input.read_line(&mut answer));
	let is_yes = ["y", "yes"].contains(&answer.trim().to_lowercase().as_str());
	match asked {
		Ok(_) if is_yes => Ok(()),
		_ => Err(CommandError::Input("nothing was done".to_owned())),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_yes_is_a_yes() {
		for (answer, is_yes) in [("y\n", true), ("YES\r\n", true), ("n\n", false), ("", false)] {
			let mut output = Vec::new();
			let asked = ask_at(answer.as_bytes(), &mut output, "it burns 1 GRM");
			assert_eq!(asked.is_ok(), is_yes, "{answer:?}");
			assert_eq!(output, b"it burns 1 GRM. Go on? [y/N] ");
		}
	}

	#[test]
	fn question_is_an_error_without_a_terminal_unless_it_is_answered_beforehand() {
		assert!(ConfirmArgument { yes: true }.ask("it burns 1 GRM").is_ok());
		let error = ConfirmArgument { yes: false }.ask("it burns 1 GRM").expect_err("no one");
		assert!(error.to_string().ends_with("--yes"), "{error}");
	}
}
