//! Reads JSON as packet forwarders write it: by `printf`, into buffers that are too short, with
//! texts that their owners typed. Where one member of a frame is no JSON, `serde_json` gives up all
//! of it; here every member stands for itself. What is JSON is read as what it says.
//!
//! Nothing here allocates beyond the texts and names that it returns, nothing recurses, and every
//! step moves forward.

use std::{borrow::Cow, ops::Range};

/// How deeply lists and objects may lie within each other. Frames need three levels.
const DEPTH_MAX: usize = 16;

/// A part of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Member<'a> {
	/// A name without quotes and escapes, and its value as it is written.
	Named(Cow<'a, [u8]>, &'a [u8]),
	/// Something without a name.
	Stray(&'a [u8]),
}

/// What a value says where a number is expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
	/// A number, written as one or as a text.
	Is(f64),
	/// A number with a decimal comma.
	DecimalComma,
	/// Nothing, or something else.
	Absent,
}

impl Number {
	/// The number, if it is one.
	pub(super) fn value(self) -> Option<f64> {
		match self {
			Self::Is(value) => Some(value),
			Self::DecimalComma | Self::Absent => None,
		}
	}
}

/// The length of the value with which `bytes` begins; `None` if it does not end, its brackets do
/// not match, or it lies too deep.
pub(super) fn value_length(bytes: &[u8]) -> Option<usize> {
	match bytes.first()? {
		b'"' => text_length(bytes),
		b'{' | b'[' => bracketed_length(bytes),
		_ => Some(bytes.iter().position(|byte| b",]}".contains(byte)).unwrap_or(bytes.len())),
	}
}

/// The length of a text with its quotes.
fn text_length(bytes: &[u8]) -> Option<usize> {
	let mut at = 1;
	loop {
		match bytes.get(at)? {
			b'"' => return Some(at + 1),
			b'\\' => at += 2,
			_ => at += 1,
		}
	}
}

/// The length of an object or a list.
fn bracketed_length(bytes: &[u8]) -> Option<usize> {
	let mut open = [0; DEPTH_MAX];
	let (mut depth, mut at) = (0, 0);
	loop {
		match *bytes.get(at)? {
			b'"' => {
				at += text_length(bytes.get(at..)?)?;
				continue;
			}
			bracket @ (b'{' | b'[') => {
				*open.get_mut(depth)? = bracket;
				depth += 1;
			}
			bracket @ (b'}' | b']') => {
				// The closing brackets stand two places behind the opening ones.
				depth = depth.checked_sub(1).filter(|at| open.get(*at) == Some(&(bracket - 2)))?;
				if depth == 0 {
					return Some(at + 1);
				}
			}
			_ => {}
		}
		at += 1;
	}
}

/// The members of an object in their order, as often as a name comes. An object that is cut off has
/// those before the cut.
pub(super) fn members(object: &[u8]) -> impl Iterator<Item = Member<'_>> {
	Parts { rest: object.strip_prefix(b"{").unwrap_or(object), closing: b'}' }.map(|part| {
		let name = part.first().filter(|byte| **byte == b'"').and_then(|_| text_length(part));
		let named = name.and_then(|length| {
			let value = part.get(length..)?.trim_ascii_start().strip_prefix(b":")?;
			Some(Member::Named(name_of(part.get(..length)?), first_value(value.trim_ascii())))
		});
		named.unwrap_or(Member::Stray(part))
	})
}

/// What a name in quotes says. One that is no JSON says what is written.
fn name_of(quoted: &[u8]) -> Cow<'_, [u8]> {
	let inner = quoted.strip_prefix(b"\"").unwrap_or(quoted);
	let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
	if !inner.contains(&b'\\') {
		return Cow::Borrowed(inner);
	}
	match serde_json::from_slice::<String>(quoted) {
		Ok(name) => Cow::Owned(name.into_bytes()),
		Err(_) => Cow::Borrowed(inner),
	}
}

/// Where the first text that says `name` is in bytes that need not be JSON, with its quotes. A name
/// of letters and digits can be written with escapes of one kind only.
pub(super) fn find_name(bytes: &[u8], name: &[u8]) -> Option<Range<usize>> {
	let quotes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'"');
	quotes.map(|(at, _)| at).find_map(|at| {
		let length = name_length(bytes.get(at..)?, name)?;
		Some(at..at + length)
	})
}

/// The length of the text with which `bytes` begins, with its quotes, if it says `name`.
fn name_length(bytes: &[u8], name: &[u8]) -> Option<usize> {
	let mut rest = bytes.strip_prefix(b"\"")?;
	for byte in name {
		rest = match rest.strip_prefix(b"\\u") {
			Some(escaped) => {
				let (digits, behind) = escaped.split_at_checked(4)?;
				(code_of(digits) == Some(u32::from(*byte))).then_some(behind)?
			}
			None => rest.strip_prefix(&[*byte])?,
		};
	}
	let behind = rest.strip_prefix(b"\"")?;
	Some(bytes.len() - behind.len())
}

/// The number that hexadecimal digits say.
fn code_of(digits: &[u8]) -> Option<u32> {
	digits.iter().try_fold(0u32, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))
}

/// The values of a list.
pub(super) fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
	Parts { rest: list.strip_prefix(b"[").unwrap_or(list), closing: b']' }
}

/// What stands between the commas of an object or a list.
struct Parts<'a> {
	rest: &'a [u8],
	closing: u8,
}

impl<'a> Iterator for Parts<'a> {
	type Item = &'a [u8];

	fn next(&mut self) -> Option<&'a [u8]> {
		let mut rest = self.rest.trim_ascii_start();
		while let Some(behind) = rest.strip_prefix(b",") {
			rest = behind.trim_ascii_start();
		}
		if rest.first().is_none_or(|byte| *byte == self.closing) {
			self.rest = &[];
			return None;
		}
		let (part, behind) = rest.split_at_checked(part_length(rest)).unwrap_or((rest, &[]));
		self.rest = behind;
		Some(part.trim_ascii())
	}
}

/// The length of one part: a value, or a name and its value. What stands behind the value, such as
/// the rest of a text that holds quotes, belongs to it up to the comma before the next name.
fn part_length(rest: &[u8]) -> usize {
	let mut at = 0;
	let skip = |at: usize| rest.get(at..).and_then(value_length).map(|length| at + length);
	let skip_space = |at: usize| {
		at + rest.get(at..).map_or(0, |rest| rest.len() - rest.trim_ascii_start().len())
	};
	let is = |at: usize, byte: u8| rest.get(at) == Some(&byte);
	if is(at, b'"') {
		let Some(behind) = skip(at) else { return rest.len() };
		at = skip_space(behind);
		if !is(at, b':') {
			return behind;
		}
		at = skip_space(at + 1);
	}
	let Some(behind) = skip(at) else { return rest.len() };
	at = skip_space(behind.max(1));
	while at < rest.len() && !b",]}".contains(rest.get(at).unwrap_or(&b',')) {
		// Behind the value of a member stands what is not JSON: go on at the next name.
		let next =
			(at..rest.len()).find(|place| is(*place, b',') && is(skip_space(place + 1), b'"'));
		at = next.unwrap_or(rest.len());
	}
	at
}

/// A value without what stands behind it.
fn first_value(bytes: &[u8]) -> &[u8] {
	let length = value_length(bytes).unwrap_or(bytes.len());
	bytes.get(..length).unwrap_or(bytes).trim_ascii()
}

/// The text that a value is; `None` if it is something else. Bytes that are no text are replaced.
pub(super) fn text(value: &[u8]) -> Option<Cow<'_, str>> {
	let inner = value.strip_prefix(b"\"")?;
	let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
	if !inner.contains(&b'\\') {
		return Some(String::from_utf8_lossy(inner));
	}
	serde_json::from_slice(value).ok().map(Cow::Owned)
}

/// The number that a value is.
pub(super) fn number(value: &[u8]) -> Number {
	let written = match text(value) {
		Some(text) => text,
		None => String::from_utf8_lossy(value),
	};
	let written = written.trim();
	// What the standard library reads beyond this, such as `nan`, is no number.
	if written.is_empty() || written.bytes().any(|byte| !b"+-.,0123456789eE".contains(&byte)) {
		return Number::Absent;
	}
	match written.parse::<f64>() {
		Ok(number) if number.is_finite() => Number::Is(number),
		_ if is_decimal_comma(written) => Number::DecimalComma,
		_ => Number::Absent,
	}
}

fn is_decimal_comma(written: &str) -> bool {
	written.split_once(',').is_some_and(|(whole, fraction)| {
		whole.parse::<i64>().is_ok() && fraction.bytes().all(|byte| byte.is_ascii_digit())
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use serde_json::Value;

	fn named(object: &str) -> Vec<(String, String)> {
		let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
		members(object.as_bytes())
			.map(|member| match member {
				Member::Named(name, value) => (text(&name), text(value)),
				Member::Stray(part) => (String::from("?"), text(part)),
			})
			.collect()
	}

	fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
		expected.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
	}

	#[test]
	fn value_ends_with_its_brackets_or_quotes() {
		for (text, length) in [
			("\"a\\\"b\",1", Some(6)),
			("{\"a\":\"}\"},", Some(9)),
			("[[],{\"a\":[1]}]]", Some(14)),
			("-12.5]", Some(5)),
			("{]", None),
			("{\"a\":1", None),
			("\"a", None),
			("\"a\\", None),
			("", None),
		] {
			assert_eq!(value_length(text.as_bytes()), length, "{text}");
		}
		assert_eq!(value_length(&[b'['; 60_000]), None);
	}

	#[test]
	fn members_are_found_in_any_spelling() {
		let spaced = " { \"a\" : 1 ,\r\n\"b\":[ 2, 3 ],\t\"c\":{\"d\":\"x,y\"}, \"e\":null } ";
		let expected = [("a", "1"), ("b", "[ 2, 3 ]"), ("c", "{\"d\":\"x,y\"}"), ("e", "null")];
		assert_eq!(named(spaced.trim()), pairs(&expected));
		assert_eq!(named("{}"), []);
		assert_eq!(named("{\"a\":1,\"a\":2}"), pairs(&[("a", "1"), ("a", "2")]));
	}

	#[test]
	fn members_are_found_next_to_what_is_no_json() {
		for (object, expected) in [
			(r#"{"a":-nan,"b":1}"#, vec![("a", "-nan"), ("b", "1")]),
			(r#"{"a":,"b":1}"#, vec![("a", ""), ("b", "1")]),
			(r#"{"a":?,"b":1}"#, vec![("a", "?"), ("b", "1")]),
			(r#"{"a":2026-02-03T04:05,"b":1}"#, vec![("a", "2026-02-03T04:05"), ("b", "1")]),
			(r#"{"a":"the "big" roof","b":1}"#, vec![("a", "\"the \""), ("b", "1")]),
			(r#"{"a":868,500000,"b":1}"#, vec![("a", "868"), ("?", "500000"), ("b", "1")]),
			(r#"{"a":1,"b":"cut"#, vec![("a", "1"), ("b", "\"cut")]),
			(r#"{"a":1,"b":[1,"#, vec![("a", "1"), ("b", "[1,")]),
			(r#"{"a":1,"b"#, vec![("a", "1"), ("?", "\"b")]),
			(r#"{"a" 1,"b":2}"#, vec![("?", "\"a\""), ("?", "1"), ("b", "2")]),
		] {
			assert_eq!(named(object), pairs(&expected), "{object}");
		}
	}

	#[test]
	fn names_are_read_with_escapes() {
		for (object, name) in [
			(r#"{"\u0072xpk":1}"#, "rxpk"),
			(r#"{"r\u0078p\u006B":1}"#, "rxpk"),
			(r#"{"a\/b\"c":1}"#, "a/b\"c"),
			(r#"{"a\x":1}"#, "a\\x"),
			(r#"{"a\u00":1}"#, "a\\u00"),
		] {
			assert_eq!(named(object), pairs(&[(name, "1")]), "{object}");
		}
	}

	#[test]
	fn name_is_found_in_any_spelling() {
		let found = |text: &str| {
			find_name(text.as_bytes(), b"rxpk").and_then(|range| text.get(range)).map(str::to_owned)
		};
		for name in [
			r#""rxpk""#,
			r#""\u0072xpk""#,
			r#""r\u0078p\u006b""#,
			r#""r\u0078p\u006B""#,
			r#""\u0072\u0078\u0070\u006b""#,
		] {
			assert_eq!(found(&format!("{{\"a\":1,{name}:[")).as_deref(), Some(name));
		}
		for text in [
			r#""rxp""#,
			r#""rxpks""#,
			r#""rxpk"#,
			r#""\u0073xpk""#,
			r#""\u+072xpk""#,
			r#""\u072xpk""#,
			r#""\u007"#,
			r#""rxpk\""#,
			r#""\\u0072xpk""#,
			"rxpk",
			"",
		] {
			assert_eq!(found(text), None, "{text}");
		}
	}

	#[test]
	fn numbers_are_read_as_numbers_and_as_texts() {
		for text in ["-103", " -103 ", "\"-103\"", "\" -103 \"", "-103.0", "-1.03e2", "\"-103.00\""]
		{
			assert_eq!(number(text.trim().as_bytes()), Number::Is(-103.0), "{text}");
		}
		for text in
			["", "null", "nan", "-nan", "inf", "\"nan\"", "?", "[1]", "true", "1e999", "0x10"]
		{
			assert_eq!(number(text.as_bytes()), Number::Absent, "{text}");
		}
		for text in ["\"868,1\"", "-2,5"] {
			assert_eq!(number(text.as_bytes()), Number::DecimalComma, "{text}");
		}
	}

	#[test]
	fn texts_are_read_with_escapes_and_without_utf8() {
		assert_eq!(text(br#""4\/5""#).as_deref(), Some("4/5"));
		assert_eq!(text(br#""\u0034""#).as_deref(), Some("4"));
		assert_eq!(text(b"\"M\xfcnchen\"").as_deref(), Some("M\u{fffd}nchen"));
		assert_eq!(text(b"\"tab\there\"").as_deref(), Some("tab\there"));
		assert_eq!(text(b"\"cut off"), Some(Cow::Borrowed("cut off")));
		assert_eq!(text(b"12"), None);
	}

	fn any_json() -> impl Strategy<Value = Value> {
		let leaf = prop_oneof![
			Just(Value::Null),
			any::<bool>().prop_map(Value::from),
			any::<i32>().prop_map(Value::from),
			"\\PC{0,8}|[{}\\[\\]\",:\\\\ ]{0,6}".prop_map(Value::from),
		];
		leaf.prop_recursive(4, 40, 5, |inner| {
			prop_oneof![
				prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
				prop::collection::btree_map("[a-z]{1,4}|[a\"\\\\\n]{1,4}", inner, 0..5)
					.prop_map(|map| Value::Object(map.into_iter().collect())),
			]
		})
	}

	proptest! {
		#[test]
		fn json_is_read_as_by_serde(value in any_json(), pretty: bool) {
			let written = if pretty {
				serde_json::to_string_pretty(&value)
			} else {
				serde_json::to_string(&value)
			}.expect("JSON");
			match &value {
				Value::Object(object) => {
					prop_assert_eq!(value_length(written.as_bytes()), Some(written.len()));
					let mut found = 0;
					for member in members(written.as_bytes()) {
						let Member::Named(name, value) = member else {
							return Err(TestCaseError::fail("a member without a name"));
						};
						let name = std::str::from_utf8(&name).expect("a name");
						let value: Value = serde_json::from_slice(value).expect("JSON");
						prop_assert_eq!(Some(&value), object.get(name));
						found += 1;
					}
					prop_assert_eq!(found, object.len());
				}
				Value::Array(list) => {
					let read: Vec<Value> = elements(written.as_bytes())
						.map(|element| serde_json::from_slice(element).expect("JSON"))
						.collect();
					prop_assert_eq!(&read, list);
				}
				Value::String(written_text) => {
					let read = text(written.as_bytes());
					prop_assert_eq!(read.as_deref(), Some(written_text.as_str()));
				}
				Value::Number(it) => {
					prop_assert_eq!(number(written.as_bytes()).value(), it.as_f64());
				}
				Value::Null | Value::Bool(_) => {
					prop_assert_eq!(number(written.as_bytes()), Number::Absent);
				}
			}
		}

		#[test]
		fn random_bytes_never_panic_and_always_end(bytes: Vec<u8>) {
			let _ = value_length(&bytes);
			prop_assert!(members(&bytes).count() <= bytes.len());
			prop_assert!(elements(&bytes).count() <= bytes.len());
			let _ = (text(&bytes), number(&bytes), find_name(&bytes, b"rxpk"));
		}

		#[test]
		fn random_json_like_text_never_panics(bytes in "[{}\\[\\]\",:\\\\a1 ]{0,60}") {
			let bytes = bytes.as_bytes();
			let _ = value_length(bytes);
			prop_assert!(members(bytes).count() <= bytes.len());
			prop_assert!(elements(bytes).count() <= bytes.len());
		}
	}
}
