//! Files that should hold a short text, and may hold anything.

use std::io::{self, Read};

/// All of a text of at most `length_max` bytes; `None` if it is longer or not UTF-8.
pub fn read(source: impl Read, length_max: u64) -> io::Result<Option<String>> {
	let mut bytes = Vec::new();
	source.take(length_max.saturating_add(1)).read_to_end(&mut bytes)?;
	if bytes.len() as u64 > length_max {
		return Ok(None);
	}
	Ok(String::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn text_is_read_when_it_is_short_enough() {
		assert_eq!(read(&b"abc"[..], 3).expect("read"), Some("abc".to_owned()));
		assert_eq!(read(&b"abcd"[..], 3).expect("read"), None);
		assert_eq!(read(io::repeat(b'a'), 3).expect("read"), None);
	}

	#[test]
	fn text_is_refused_when_it_is_not_utf_8() {
		assert_eq!(read(&[0xFF, 0xFE][..], 3).expect("read"), None);
	}
}
