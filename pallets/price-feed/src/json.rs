//! A number in JSON by its path, as the text that stands there: libraries for JSON make a number a
//! float, or keep its text only if a crate elsewhere asks for it.
//!
//! The whole of the text has to be JSON, or a number that was cut off would pass for another one.

use groma_core::price_layout::SourceFailure;

/// Objects and lists within each other beyond this are refused.
const DEPTH_MAX: u32 = 64;

/// The text of the number, or of the string, at the end of `path`: names of members and indices of
/// lists. Of members with the same name the first counts. Names and strings are compared and
/// returned as they are written, with their escapes.
pub(crate) fn text_at<'a>(json: &'a [u8], path: &[&str]) -> Result<&'a [u8], SourceFailure> {
	let mut reader = Reader { rest: json, found: None };
	let is_json = reader.value(Some(path), DEPTH_MAX).is_some() && {
		reader.skip_blanks();
		reader.rest.is_empty()
	};
	if !is_json {
		return Err(SourceFailure::NotJson);
	}
	reader.found.ok_or(SourceFailure::NoNumber)
}

/// What is left to read. Its methods read one thing each; `None` says that this is not JSON.
struct Reader<'a> {
	rest: &'a [u8],
	found: Option<&'a [u8]>,
}

impl<'a> Reader<'a> {
	fn peek(&self) -> Option<u8> {
		self.rest.first().copied()
	}

	fn next(&mut self) -> Option<u8> {
		let (byte, rest) = self.rest.split_first()?;
		self.rest = rest;
		Some(*byte)
	}

	/// Reads this byte.
	fn expect(&mut self, byte: u8) -> Option<()> {
		(self.next()? == byte).then_some(())
	}

	/// Reads one of these bytes if it comes next.
	fn accept(&mut self, bytes: &[u8]) -> bool {
		let is_next = self.peek().is_some_and(|byte| bytes.contains(&byte));
		if is_next {
			self.next();
		}
		is_next
	}

	fn skip_blanks(&mut self) {
		while self.accept(b" \t\r\n") {}
	}

	/// What was read since `from` was left to read, but for `behind` bytes at its end.
	fn since(&self, from: &'a [u8], behind: usize) -> Option<&'a [u8]> {
		from.get(..from.len().checked_sub(self.rest.len())?.checked_sub(behind)?)
	}

	/// Reads a value. With a path, what it leads to is in it; without one, it is passed over.
	fn value(&mut self, path: Option<&[&str]>, depth: u32) -> Option<()> {
		let depth = depth.checked_sub(1)?;
		self.skip_blanks();
		match self.peek()? {
			b'{' => self.object(path, depth),
			b'[' => self.list(path, depth),
			b'"' => {
				let text = self.string()?;
				self.offer(path, text);
				Some(())
			}
			b't' => self.word(b"true"),
			b'f' => self.word(b"false"),
			b'n' => self.word(b"null"),
			_ => {
				let text = self.number()?;
				self.offer(path, text);
				Some(())
			}
		}
	}

	/// Takes a text if the path ends at it.
	fn offer(&mut self, path: Option<&[&str]>, text: &'a [u8]) {
		if path.is_some_and(<[&str]>::is_empty) {
			self.found = Some(text);
		}
	}

	fn object(&mut self, path: Option<&[&str]>, depth: u32) -> Option<()> {
		let mut step = path.and_then(<[&str]>::split_first);
		self.expect(b'{')?;
		self.skip_blanks();
		if self.accept(b"}") {
			return Some(());
		}
		loop {
			self.skip_blanks();
			let name = self.string()?;
			self.skip_blanks();
			self.expect(b':')?;
			let inner = step.take_if(|(first, _)| first.as_bytes() == name).map(|(_, rest)| rest);
			self.value(inner, depth)?;
			self.skip_blanks();
			match self.next()? {
				b',' => (),
				b'}' => return Some(()),
				_ => return None,
			}
		}
	}

	fn list(&mut self, path: Option<&[&str]>, depth: u32) -> Option<()> {
		let step = path.and_then(<[&str]>::split_first);
		let mut wanted = step.and_then(|(first, rest)| Some((first.parse::<usize>().ok()?, rest)));
		self.expect(b'[')?;
		self.skip_blanks();
		if self.accept(b"]") {
			return Some(());
		}
		for index in 0usize.. {
			let inner = wanted.take_if(|(first, _)| *first == index).map(|(_, rest)| rest);
			self.value(inner, depth)?;
			self.skip_blanks();
			match self.next()? {
				b',' => (),
				b']' => return Some(()),
				_ => return None,
			}
		}
		None
	}

	fn word(&mut self, word: &[u8]) -> Option<()> {
		word.iter().try_for_each(|byte| self.expect(*byte))
	}

	/// Reads a string, and returns what stands between its quotes.
	fn string(&mut self) -> Option<&'a [u8]> {
		self.expect(b'"')?;
		let from = self.rest;
		loop {
			match self.next()? {
				b'"' => return self.since(from, 1),
				b'\\' => self.escape()?,
				0..=0x1F => return None,
				_ => (),
			}
		}
	}

	/// Reads the rest of an escape.
	fn escape(&mut self) -> Option<()> {
		match self.next()? {
			b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
			b'u' => (0..4).try_for_each(|_| self.next()?.is_ascii_hexdigit().then_some(())),
			_ => None,
		}
	}

	/// Reads a number, and returns its text.
	fn number(&mut self) -> Option<&'a [u8]> {
		let from = self.rest;
		self.accept(b"-");
		if !self.accept(b"0") {
			self.digits()?;
		}
		if self.accept(b".") {
			self.digits()?;
		}
		if self.accept(b"eE") {
			self.accept(b"+-");
			self.digits()?;
		}
		self.since(from, 0)
	}

	/// Reads at least one digit.
	fn digits(&mut self) -> Option<()> {
		self.accept(b"0123456789").then_some(())?;
		while self.accept(b"0123456789") {}
		Some(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use SourceFailure::{NoNumber, NotJson};
	use proptest::prelude::*;

	fn at<'a>(json: &'a str, path: &str) -> Result<&'a str, SourceFailure> {
		let path: Vec<_> = path.split('.').collect();
		text_at(json.as_bytes(), &path).map(|text| core::str::from_utf8(text).expect("it was text"))
	}

	#[test]
	fn number_is_found_by_its_path() {
		let cases = [
			(r#"{"price":1.5}"#, "price", "1.5"),
			(r#" { "a" : [ 1 , { "b" : "0.25" } ] } "#, "a.1.b", "0.25"),
			(
				r#"{"result":{"XXBTZUSD":{"c":["0.1000","3"]}},"error":[]}"#,
				"result.XXBTZUSD.c.0",
				"0.1000",
			),
			(r#"[[1,2],[3,-4e-5]]"#, "1.1", "-4e-5"),
			(r#"{"x":{"price":9},"price":1}"#, "price", "1"),
			(r#"{"price":1,"price":2}"#, "price", "1"),
			(r#"{"0":7}"#, "0", "7"),
			(r#"{"a":"\u00e9\"","é":1E400,"t":[true,false,null]}"#, "é", "1E400"),
			// A float would make another number of it.
			(
				r#"{"p":0.1000000000000000055511151231257827}"#,
				"p",
				"0.1000000000000000055511151231257827",
			),
		];
		for (json, path, text) in cases {
			assert_eq!(at(json, path), Ok(text), "{json}");
		}
	}

	#[test]
	fn path_that_leads_to_no_number_or_string_finds_nothing() {
		let json = r#"{"a":{"b":1},"l":[1],"t":true,"n":null}"#;
		for path in ["x", "a", "a.c", "a.b.c", "l", "l.1", "l.x", "l.-1", "t", "n", "0"] {
			assert_eq!(at(json, path), Err(NoNumber), "{path}");
		}
	}

	#[test]
	fn what_is_not_json_to_its_end_is_refused() {
		let page = "<!DOCTYPE html><html><body>rate limit</body></html>";
		let cases = [
			"",
			" ",
			page,
			"{",
			"}",
			r#"{"price":1"#,
			r#"{"price":1}}"#,
			r#"{"price":1} x"#,
			r#"{"price":}"#,
			r#"{"price" 1}"#,
			r#"{price:1}"#,
			r#"{'price':1}"#,
			r#"{"price":1,}"#,
			r#"{"price":[1,]}"#,
			r#"{"price":01}"#,
			r#"{"price":+1}"#,
			r#"{"price":.5}"#,
			r#"{"price":5.}"#,
			r#"{"price":1e}"#,
			r#"{"price":NaN}"#,
			r#"{"price":Infinity}"#,
			r#"{"price":0x1}"#,
			r#"{"price":"1}"#,
			r#"{"price":"\x"}"#,
			r#"{"price":"\u12"}"#,
			"{\"price\":\"\n\"}",
			r#"{"price":tree}"#,
			r#"{"price":1 2}"#,
		];
		for json in cases {
			assert_eq!(at(json, "price"), Err(NotJson), "{json}");
		}
	}

	#[test]
	fn deep_nesting_is_refused_and_costs_no_stack() {
		let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
		assert_eq!(at(&nested(63), &vec!["0"; 63].join(".")), Ok("1"));
		assert_eq!(at(&nested(64), &vec!["0"; 64].join(".")), Err(NotJson));
		assert_eq!(at(&"[".repeat(65_536), "0"), Err(NotJson));
		assert_eq!(at(&"{\"a\":".repeat(13_000), "a"), Err(NotJson));
	}

	/// JSON with the text of a number in it, and the path to that.
	fn documents() -> impl Strategy<Value = (String, String, String)> {
		let number = "(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?";
		let leaf = number.prop_map(|number| (number.clone(), String::new(), number));
		leaf.prop_recursive(8, 40, 4, |inner| {
			let filler =
				prop_oneof!["null", "true", "\"[^\"\\\\\\pC]{0,8}\"", "\\[\\]", "-1", "\\{\\}"];
			prop_oneof![
				(inner.clone(), "[a-z]{1,6}", filler.clone()).prop_map(
					|((json, path, number), name, filler)| {
						let json = format!(
							"{{ \"{name}_\":{filler},\"{name}\" : {json} ,\"z\":{filler}}}"
						);
						(json, format!("{name}.{path}"), number)
					}
				),
				(inner, 0usize..4, filler).prop_map(|((json, path, number), index, filler)| {
					let json = format!("[{}{json},\t{filler}]", format!("{filler},").repeat(index));
					(json, format!("{index}.{path}"), number)
				}),
			]
		})
	}

	proptest! {
		#[test]
		fn number_is_found_in_any_document((json, path, number) in documents()) {
			// Every step left a dot behind it.
			let path = path.strip_suffix('.').unwrap_or(&path);
			if !path.is_empty() {
				prop_assert_eq!(at(&json, path), Ok(number.as_str()));
			}
		}

		#[test]
		fn document_that_is_cut_off_is_refused((json, path, _) in documents(), part in 0.0f64..1.0) {
			let path = path.strip_suffix('.').unwrap_or(&path);
			let cut = (json.len() as f64 * part) as usize;
			if !path.is_empty() && json.is_char_boundary(cut) {
				prop_assert_eq!(at(&json[..cut], path), Err(NotJson));
			}
		}

		#[test]
		fn no_bytes_end_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
			let found = text_at(&bytes, &["a", "0"]);
			prop_assert!(found.is_err() || found.is_ok_and(|text| text.len() < bytes.len()));
		}

		#[test]
		fn nothing_like_json_ends_the_reader(text in "[\\[\\]{}:,\"\\\\0-9eE.+a-z -]{0,80}") {
			if let Ok(found) = at(&text, "a") {
				prop_assert!(text.contains(found));
			}
		}
	}
}
