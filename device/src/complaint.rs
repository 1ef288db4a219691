//! What is wrong with a settings file, in one line that says where it is and what to do.

use std::fmt;

/// What to write in the place of what is no list.
pub(crate) const NOT_A_LIST: &str = "write a list in brackets, such as [\"wss://HOST\"]";

/// What is wrong with a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
	/// The number of the line, from 1 on, if it is about one.
	pub line: Option<usize>,
	/// What is wrong there.
	pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
	/// A number has a decimal comma.
	DecimalComma,
	/// The id of a gateway is not in quotes.
	IdWithoutQuotes,
	/// The table of a gateway is in single brackets, as that of what there is only one of.
	SingleBrackets,
	/// A list is not in brackets.
	NotAList,
	/// There is no such setting; what there is instead.
	Unknown(String),
	/// Something else, as the reader of TOML says it.
	Other(String),
}

impl Complaint {
	/// What an error of the reader is about. Readers of TOML say what they expected at a place,
	/// which is seldom what has to be done.
	pub(crate) fn about(text: &str, error: &toml::de::Error) -> Self {
		let before = error.span().and_then(|span| text.as_bytes().get(..span.start));
		let line = before.map(|before| before.iter().filter(|byte| **byte == b'\n').count());
		let written = line.and_then(|line| text.lines().nth(line)).unwrap_or_default();
		let message = error.message();
		// The second such table is a duplicate of the first.
		let may_be_brackets = wants_list(message) || message.contains("duplicate");
		let problem = match may_be_brackets && text.lines().any(is_single_gateway) {
			true => Problem::SingleBrackets,
			false => problem_of(written, message),
		};
		Self { line: line.map(|line| line + 1), problem }
	}
}

/// Whether a list is expected, according to the reader. What stands in its place may be an endpoint
/// with a key in it, and is not repeated.
pub(crate) fn wants_list(message: &str) -> bool {
	message.contains("expected a sequence")
}

/// Whether a line begins the table of a gateway as if there were only one.
fn is_single_gateway(line: &str) -> bool {
	let line = line.split('#').next().unwrap_or_default().trim();
	line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).map(str::trim) == Some("gateway")
}

fn problem_of(line: &str, message: &str) -> Problem {
	let (name, value) = line.split_once('=').unwrap_or_default();
	let value = value.split('#').next().unwrap_or_default().trim();
	if is_decimal_comma(value.trim_matches('"')) {
		return Problem::DecimalComma;
	}
	if name.trim() == "mac" && !value.starts_with(['"', '\'']) {
		return Problem::IdWithoutQuotes;
	}
	if wants_list(message) {
		return Problem::NotAList;
	}
	let message = message.trim().replace('\n', ", ");
	match message.strip_prefix("unknown field ") {
		Some(unknown) => Problem::Unknown(unknown.to_owned()),
		None => Problem::Other(message),
	}
}

/// Whether a value is a number with a decimal comma.
fn is_decimal_comma(value: &str) -> bool {
	let is_whole =
		|digits: &str| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
	value.split_once(',').is_some_and(|(whole, fraction)| {
		is_whole(whole.trim_start_matches(['-', '+'])) && is_whole(fraction.trim())
	})
}

impl fmt::Display for Complaint {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		if let Some(line) = self.line {
			write!(f, "line {line}: ")?;
		}
		self.problem.fmt(f)
	}
}

impl fmt::Display for Problem {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::DecimalComma => f.write_str("write the number with a decimal point, such as 2.5"),
			Self::IdWithoutQuotes => f.write_str(
				"write the gateway id in quotes, such as \"AA555A0000000101\": 16 hexadecimal digits, \
				 `gateway_ID` in the packet forwarder's settings",
			),
			Self::SingleBrackets => {
				f.write_str("write [[gateway]] in two brackets, since there may be several")
			}
			Self::NotAList => f.write_str(NOT_A_LIST),
			Self::Unknown(unknown) => write!(
				f,
				"there is no setting {unknown}; correct the name, `settings.example.toml` shows all"
			),
			Self::Other(message) => f.write_str(message),
		}
	}
}
