//! Files that should hold a short text, and may hold anything.

use std::io::{self, Read};

/// What some editors write before the text.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Why bytes are no short text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
	/// They are too many.
	#[error("is longer than {0} bytes")]
	TooLong(u64),
	/// They are text in another encoding, as PowerShell's `>` writes it.
	#[error("is text in UTF-16: save it as UTF-8, without `>` of PowerShell")]
	Utf16,
	/// They are no text in UTF-8.
	#[error("is not text in UTF-8")]
	NotUtf8,
}

/// All of a text of at most `length_max` bytes, without a byte order mark.
pub fn read(source: impl Read, length_max: u64) -> io::Result<Result<String, NotText>> {
	let mut bytes = Vec::new();
	source.take(length_max.saturating_add(1)).read_to_end(&mut bytes)?;
	if bytes.len() as u64 > length_max {
		return Ok(Err(NotText::TooLong(length_max)));
	}
	Ok(decode(bytes))
}

fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
	if is_utf16(&bytes) {
		return Err(NotText::Utf16);
	}
	let mut text = String::from_utf8(bytes).map_err(|_| NotText::NotUtf8)?;
	if text.starts_with(BYTE_ORDER_MARK) {
		text.drain(..BYTE_ORDER_MARK.len_utf8());
	}
	Ok(text)
}

/// Whether the bytes begin with the mark of UTF-16, or more than half of their pairs hold a zero,
/// as letters and digits do there.
fn is_utf16(bytes: &[u8]) -> bool {
	let pairs = bytes.chunks_exact(2);
	let zeros = pairs.clone().filter(|pair| pair.contains(&0)).count();
	matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) || zeros > pairs.len() / 2
}

#[cfg(test)]
mod tests {
	use super::*;

	fn text(bytes: &[u8]) -> Result<String, NotText> {
		read(bytes, 40).expect("read")
	}

	#[test]
	fn text_is_read_when_it_is_short_enough() {
		assert_eq!(read(&b"abc"[..], 3).expect("read"), Ok("abc".to_owned()));
		assert_eq!(read(&b"abcd"[..], 3).expect("read"), Err(NotText::TooLong(3)));
		assert_eq!(read(io::repeat(b'a'), 3).expect("read"), Err(NotText::TooLong(3)));
		assert_eq!(text(b""), Ok(String::new()));
	}

	#[test]
	fn byte_order_mark_is_no_part_of_the_text() {
		assert_eq!(text(b"\xEF\xBB\xBFabc\r\n"), Ok("abc\r\n".to_owned()));
	}

	#[test]
	fn utf_16_is_named() {
		let units = || "abc\r\n".encode_utf16();
		let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
		let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
		for bytes in
			[[&[0xFF, 0xFE], &little[..]].concat(), [&[0xFE, 0xFF], &big[..]].concat(), little, big]
		{
			assert_eq!(text(&bytes), Err(NotText::Utf16), "{bytes:?}");
		}
	}

	#[test]
	fn text_is_refused_when_it_is_not_utf_8() {
		assert_eq!(text(&[b'a', 0xFF, b'b']), Err(NotText::NotUtf8));
	}
}
