//! Where a node keeps the sources of the price that its operator named, and where the off-chain
//! worker reports what they answered: keys and values of the *persistent* off-chain local storage.
//!
//! | key | value | written by |
//! |---|---|---|
//! | [`sources_key`] | a list of [`Source`] | the node, when it starts: what is not named any more is gone |
//! | [`report_key`] | a [`WorkerReport`] | the worker; the node removes it when it starts |
//!
//! All values are SCALE-encoded.

use alloc::{string::String, vec::Vec};
use core::{fmt, str::FromStr};

use codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{payload::concat, price::Price};

/// The longest URL of a source, in bytes.
pub const URL_BYTES_MAX: usize = 1_024;
/// The longest path into an answer, in bytes.
pub const PATH_BYTES_MAX: usize = 256;

/// The version of all this. It is part of every key and rises with any change of keys or values:
/// the node and the runtime, which is newer or older, write for each other.
pub const LAYOUT: u32 = 1;

/// Begins all keys of [`LAYOUT`].
const PREFIX: &[u8] = b"groma/price/1/";

/// Where the sources are.
pub fn sources_key() -> Vec<u8> {
	concat(&[PREFIX, b"sources"])
}

/// Where the worker's report is.
pub fn report_key() -> Vec<u8> {
	concat(&[PREFIX, b"report"])
}

/// Where the lock of the worker is.
pub fn lock_key() -> Vec<u8> {
	concat(&[PREFIX, b"lock"])
}

/// A source of the price: what to fetch, and where in the answer the number stands. As text it is
/// `URL|path.to.number`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Source {
	/// What is fetched: `http://` or `https://`. The answer is JSON.
	pub url: String,
	/// The way to the number, in steps that dots separate: names of members, and indices of lists.
	pub path: String,
}

impl Source {
	/// The steps of the path.
	pub fn steps(&self) -> impl Iterator<Item = &str> {
		self.path.split('.')
	}

	/// The host of the URL, without its port, in the case in which it was written.
	pub fn host(&self) -> &str {
		let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
		let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
		// The port, if any, follows the last colon that is not within an IPv6 address.
		match authority.rsplit_once(':') {
			Some((host, port)) if !port.ends_with(']') => host,
			_ => authority,
		}
	}
}

/// As the operator writes it.
impl fmt::Display for Source {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		write!(f, "{}|{}", self.url, self.path)
	}
}

/// Why a text names no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceFault {
	/// It has no `|`.
	NoPath,
	/// A step of the path is empty, or the path is too long.
	BadPath,
	/// The URL is not one of HTTP, has no host, names a user, or is too long.
	BadUrl,
}

impl fmt::Display for SourceFault {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(match self {
			Self::NoPath => "a source is written URL|path.to.number, and this has no `|`",
			Self::BadPath => "the path behind the `|` has an empty step, or more than 256 bytes",
			Self::BadUrl => {
				"the URL in front of the `|` begins with http:// or https://, has a host, no user, \
				 no blanks and at most 1024 bytes"
			}
		})
	}
}

impl core::error::Error for SourceFault {}

impl FromStr for Source {
	type Err = SourceFault;

	fn from_str(text: &str) -> Result<Self, SourceFault> {
		let (url, path) = text.rsplit_once('|').ok_or(SourceFault::NoPath)?;
		let source = Self { url: url.into(), path: path.into() };
		if path.len() > PATH_BYTES_MAX || source.steps().any(str::is_empty) {
			return Err(SourceFault::BadPath);
		}
		let is_http = url.starts_with("http://") || url.starts_with("https://");
		let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
		let host = source.host();
		let is_of_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
		let names_host = !host.is_empty() && host.bytes().all(is_of_host);
		if !is_http || !is_plain || !names_host || url.len() > URL_BYTES_MAX {
			return Err(SourceFault::BadUrl);
		}
		Ok(source)
	}
}

/// Why a source gave no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, TypeInfo)]
pub enum SourceFailure {
	/// It could not be reached, or broke off.
	#[codec(index = 0)]
	Unreachable,
	/// It did not answer in time.
	#[codec(index = 1)]
	TimedOut,
	/// It answered with another status than 200; redirects are not followed.
	#[codec(index = 2)]
	Status,
	/// Its answer is longer than 64 KiB.
	#[codec(index = 3)]
	TooLong,
	/// Its answer is not JSON, or is nested too deeply.
	#[codec(index = 4)]
	NotJson,
	/// Nothing stands where the path leads, or something that is no number.
	#[codec(index = 5)]
	NoNumber,
	/// The number is no price: negative, beyond all bounds, or with too many digits.
	#[codec(index = 6)]
	NoPrice,
}

impl SourceFailure {
	/// All of them, by their numbers.
	pub const ALL: [Self; 7] = [
		Self::Unreachable,
		Self::TimedOut,
		Self::Status,
		Self::TooLong,
		Self::NotJson,
		Self::NoNumber,
		Self::NoPrice,
	];

	/// Its name in metrics.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Unreachable => "unreachable",
			Self::TimedOut => "timed_out",
			Self::Status => "status",
			Self::TooLong => "too_long",
			Self::NotJson => "not_json",
			Self::NoNumber => "no_number",
			Self::NoPrice => "no_price",
		}
	}
}

/// What became of the questions to one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SourceReport {
	/// What it answered last; `None` if it was never asked.
	pub last: Option<Result<Price, SourceFailure>>,
	/// How often it failed, by the number of the failure.
	pub failures: [u64; SourceFailure::ALL.len()],
}

impl SourceReport {
	/// Notes an answer.
	pub fn note(&mut self, answer: Result<Price, SourceFailure>) {
		if let Err(failure) = answer {
			let index = SourceFailure::ALL.iter().position(|one| *one == failure);
			if let Some(count) = index.and_then(|index| self.failures.get_mut(index)) {
				*count = count.saturating_add(1);
			}
		}
		self.last = Some(answer);
	}
}

/// What the worker did since the node started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct WorkerReport {
	/// When the sources were asked last, in ms since the Unix epoch; 0 if never.
	pub asked_ms: u64,
	/// The median of what they answered then; `None` if too few did.
	pub price: Option<Price>,
	/// What became of the questions to each source, in the order of the sources.
	pub sources: Vec<SourceReport>,
	/// Feeds that were handed to the transaction pool.
	pub feeds: u64,
	/// Feeds that the transaction pool refused.
	pub refused: u64,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn keys_name_the_layout() {
		assert_eq!(PREFIX, format!("groma/price/{LAYOUT}/").as_bytes());
	}

	#[test]
	fn source_is_read_and_written_as_its_operator_writes_it() {
		let cases = [
			("https://a.example/v1/price?ids=grm|grm.usd", "a.example", vec!["grm", "usd"]),
			("http://127.0.0.1:9961/x|0.last", "127.0.0.1", vec!["0", "last"]),
			("http://[::1]:80/x|price", "[::1]", vec!["price"]),
			("http://[::1]|price", "[::1]", vec!["price"]),
			("https://a.example/?a|b|c", "a.example", vec!["c"]),
		];
		for (text, host, steps) in cases {
			let source: Source = text.parse().expect("a source");
			assert_eq!((source.host(), source.steps().collect::<Vec<_>>()), (host, steps));
			assert_eq!(source.to_string(), text);
			assert_eq!(Source::decode(&mut &source.encode()[..]), Ok(source));
		}
	}

	#[test]
	fn text_that_names_no_source_is_refused() {
		let long = format!("http://{}/|x", "a".repeat(URL_BYTES_MAX));
		let cases = [
			("https://a.example/price", SourceFault::NoPath),
			("https://a.example/price|", SourceFault::BadPath),
			("https://a.example/price|a..b", SourceFault::BadPath),
			("ftp://a.example/price|a", SourceFault::BadUrl),
			("a.example/price|a", SourceFault::BadUrl),
			("http:///price|a", SourceFault::BadUrl),
			("http://user@a.example/price|a", SourceFault::BadUrl),
			("https://a.example|b|c", SourceFault::BadUrl),
			("http://a.example/pri ce|a", SourceFault::BadUrl),
			(&long, SourceFault::BadUrl),
		];
		for (text, fault) in cases {
			assert_eq!(text.parse::<Source>(), Err(fault), "{text}");
		}
	}

	#[test]
	fn failures_are_counted_by_their_numbers() {
		let mut report = SourceReport::default();
		report.note(Err(SourceFailure::NoPrice));
		report.note(Err(SourceFailure::NoPrice));
		report.note(Ok(Price::MIN));
		assert_eq!(report.failures, [0, 0, 0, 0, 0, 0, 2]);
		assert_eq!(report.last, Some(Ok(Price::MIN)));
		for (number, failure) in SourceFailure::ALL.into_iter().enumerate() {
			assert_eq!(failure.encode(), [number as u8]);
		}
	}
}
