//! What others say, as logs and terminals show it.

/// The most characters of a text that are shown.
const LENGTH_MAX: usize = 400;

/// The text of someone else, in one line: what could begin another line or change how it is shown
/// is escaped, and a long text is cut.
pub(crate) fn said(text: &str) -> String {
	let mut shown = String::with_capacity(text.len().min(LENGTH_MAX));
	for (place, character) in text.chars().enumerate() {
		if place == LENGTH_MAX {
			shown.push_str("...");
			break;
		}
		match character.is_control() || is_direction(character) {
			true => shown.extend(character.escape_default()),
			false => shown.push(character),
		}
	}
	shown
}

/// Whether a character is not shown and changes the direction or the order of those that are, or
/// breaks a line.
fn is_direction(character: char) -> bool {
	matches!(
		character,
		'\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn text_stays_in_one_line() {
		for (text, shown) in [
			("no such block", "no such block"),
			("Gro\u{df}e \"quotes\" \\", "Gro\u{df}e \"quotes\" \\"),
			("a\nWARN b\r\n", "a\\nWARN b\\r\\n"),
			("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
			("a\u{202e}b\u{2028}c", "a\\u{202e}b\\u{2028}c"),
		] {
			assert_eq!(said(text), shown);
		}
	}

	#[test]
	fn text_is_cut_when_it_is_long() {
		let shown = said(&"\u{e9}".repeat(100_000));
		assert_eq!(shown.chars().count(), LENGTH_MAX + 3);
		assert!(shown.ends_with("\u{e9}..."));
		assert_eq!(said(&"x".repeat(LENGTH_MAX)).len(), LENGTH_MAX);
	}
}
