//! What programs for people have in common: questions at the terminal, answers on the standard
//! output, and values of arguments.

use std::{
	fmt,
	io::{self, BufRead, IsTerminal, Write},
	str::FromStr,
};

use crate::chain::AccountId;

/// Why something is not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unconfirmed {
	/// No one is there to ask.
	#[error(
		"{0}: nothing was signed, and no terminal is there to ask at; if it is meant, say the same with --yes"
	)]
	NoTerminal(String),
	/// The answer is not yes.
	#[error("nothing was signed")]
	Declined,
}

/// Whether someone is there to ask.
pub fn is_terminal() -> bool {
	io::stdin().is_terminal()
}

/// Asks whether `statement` is meant, unless `is_terminal` says that no one is there to ask.
pub fn confirm(statement: &str, is_terminal: bool) -> Result<(), Unconfirmed> {
	match is_terminal {
		true => ask_at(io::stdin().lock(), io::stderr(), statement),
		false => Err(Unconfirmed::NoTerminal(statement.to_owned())),
	}
}

/// Asks on `output` and reads the answer from `input`.
fn ask_at(
	mut input: impl BufRead,
	mut output: impl Write,
	statement: &str,
) -> Result<(), Unconfirmed> {
	let mut answer = String::new();
	let asked = write!(output, "{statement}. Go on? [y/N] ")
		.and_then(|()| output.flush())
		.and_then(|()| input.read_line(&mut answer));
	let is_yes = ["y", "yes"].contains(&answer.trim().to_lowercase().as_str());
	match asked {
		Ok(_) if is_yes => Ok(()),
		_ => Err(Unconfirmed::Declined),
	}
}

/// Why an answer cannot be shown. What it is about is done all the same.
#[derive(Debug, thiserror::Error)]
#[error("it is done, but the answer cannot be written ({0}): free space, or send it elsewhere")]
pub struct Unwritten(io::Error);

/// Prints an answer on the standard output. An output that is not read to its end, such as a pipe
/// to `head`, is no error.
pub fn print(answer: impl fmt::Display) -> Result<(), Unwritten> {
	print_on(io::stdout().lock(), answer)
}

fn print_on(mut output: impl Write, answer: impl fmt::Display) -> Result<(), Unwritten> {
	match writeln!(output, "{answer}").and_then(|()| output.flush()) {
		Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Unwritten(error)),
		_ => Ok(()),
	}
}

/// The account of an address, or what to write in its place.
pub fn address(text: &str) -> Result<AccountId, String> {
	AccountId::from_str(text).map_err(|_| {
		"write the whole address as wallets show it; a letter of this one is wrong or missing"
			.into()
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_yes_is_a_yes() {
		for (answer, is_yes) in [
			("y\n", true),
			("YES\r\n", true),
			("n\n", false),
			("\n", false),
			("", false),
			("yesterday\n", false),
		] {
			let mut output = Vec::new();
			let asked = ask_at(answer.as_bytes(), &mut output, "it is far away");
			assert_eq!(asked.is_ok(), is_yes, "{answer:?}");
			assert_eq!(output, b"it is far away. Go on? [y/N] ");
		}
	}

	#[test]
	fn question_is_an_error_without_a_terminal() {
		let error = confirm("it is far away", false).expect_err("no one there");
		let text = error.to_string();
		assert!(text.starts_with("it is far away: nothing was signed"), "{text}");
		assert!(text.ends_with("--yes"), "{text}");
	}

	/// An output that takes nothing.
	struct Failing(io::ErrorKind);

	impl Write for Failing {
		fn write(&mut self, _: &[u8]) -> io::Result<usize> {
			Err(self.0.into())
		}

		fn flush(&mut self) -> io::Result<()> {
			Ok(())
		}
	}

	#[test]
	fn answer_that_cannot_be_written_is_an_error_unless_no_one_reads_on() {
		let mut output = Vec::new();
		assert!(print_on(&mut output, 7).is_ok());
		assert_eq!(output, b"7\n");
		assert!(print_on(Failing(io::ErrorKind::BrokenPipe), 7).is_ok());
		let error = print_on(Failing(io::ErrorKind::StorageFull), 7).expect_err("full");
		let text = error.to_string();
		assert!(text.starts_with("it is done, but") && text.contains("free space"), "{text}");
	}

	#[test]
	fn address_is_refused_when_a_letter_is_wrong() {
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		assert_eq!(address(alice).map(|account| account.to_string()), Ok(alice.to_owned()));
		for text in [&alice[..47], &alice.replace('w', "x"), "//Alice", ""] {
			assert!(address(text).is_err(), "{text}");
		}
	}
}
