//! Which node a command asks. The rule is that of the clients of devices and payers.

use std::fmt;

use url::{Host, Url};

/// Where a node listens that runs on this machine with default options.
const LOCAL_NODE: &str = "ws://127.0.0.1:9944";

/// The longest part of a path that is shown. Names such as `rpc` are shorter, keys longer.
const PART_LENGTH_MAX: usize = 8;

/// Why a node is not asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EndpointFault {
	/// It can never work. The text may hold a key, and is not repeated.
	#[error("this is no endpoint ({0}): write wss://HOST, or ws://127.0.0.1:9944")]
	NoEndpoint(String),
	/// What goes to another machine and back is neither encrypted nor authenticated.
	#[error(
		"`{0}` is not encrypted: anyone on the way can answer in place of the node; use wss://, or \
		 --allow-plaintext in your own network"
	)]
	Plaintext(Endpoint),
}

/// The JSON-RPC of a node. It is shown without what may be a key, which are a user with a password,
/// what follows `?` or `#`, and long parts of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint(Url);

/// Which node a command asks.
#[derive(Debug, clap::Args)]
pub(crate) struct AskedNode {
	/// The node's JSON-RPC, as `ws://HOST:PORT` or `wss://HOST:PORT`.
	#[arg(long, value_name = "URL", default_value = LOCAL_NODE)]
	endpoint: String,

	/// Reach the node without encryption, although it is on another machine.
	#[arg(long)]
	allow_plaintext: bool,
}

impl AskedNode {
	/// Its endpoint, if it may be asked.
	pub(crate) fn endpoint(&self) -> Result<Endpoint, EndpointFault> {
		Endpoint::of(&self.endpoint, self.allow_plaintext)
	}
}

impl Endpoint {
	/// The endpoint that a text names. Without TLS it has to be on this machine, unless
	/// `allow_plaintext`.
	pub(crate) fn of(text: &str, allow_plaintext: bool) -> Result<Self, EndpointFault> {
		let no_endpoint = |reason: &str| EndpointFault::NoEndpoint(reason.to_owned());
		let url = Url::parse(text).map_err(|error| no_endpoint(&error.to_string()))?;
		let is_encrypted = match url.scheme() {
			"ws" => false,
			"wss" => true,
			_ => return Err(no_endpoint("it begins with neither ws:// nor wss://")),
		};
		let is_here = is_loopback(url.host().ok_or_else(|| no_endpoint("it names no host"))?);
		match is_encrypted || is_here || allow_plaintext {
			true => Ok(Self(url)),
			false => Err(EndpointFault::Plaintext(Self(url))),
		}
	}

	/// All of it, to connect to.
	pub(crate) fn url(&self) -> &str {
		self.0.as_str()
	}
}

impl fmt::Display for Endpoint {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self(url) = self;
		write!(f, "{}://{}", url.scheme(), url.host_str().unwrap_or_default())?;
		if let Some(port) = url.port() {
			write!(f, ":{port}")?;
		}
		for part in url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()) {
			write!(f, "/{}", if part.len() <= PART_LENGTH_MAX { part } else { "..." })?;
		}
		match url.query().or(url.fragment()) {
			Some(_) => f.write_str("?..."),
			None => Ok(()),
		}
	}
}

fn is_loopback(host: Host<&str>) -> bool {
	match host {
		Host::Domain(name) => {
			let name = name.trim_end_matches('.');
			name == "localhost" || name.ends_with(".localhost")
		}
		Host::Ipv4(address) => address.is_loopback(),
		Host::Ipv6(address) => address.to_canonical().is_loopback(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn endpoint_without_encryption_is_on_this_machine_unless_that_is_allowed() {
		for here in ["ws://127.0.0.1:9944", "ws://localhost", "ws://[::1]:9944", "wss://10.0.0.7"] {
			assert!(Endpoint::of(here, false).is_ok(), "{here}");
		}
		for elsewhere in ["ws://10.0.0.7:9944", "ws://example.com", "ws://127.0.0.1.example.com"] {
			let refusal = Endpoint::of(elsewhere, false).expect_err(elsewhere).to_string();
			assert!(refusal.contains("--allow-plaintext"), "{refusal}");
			assert!(Endpoint::of(elsewhere, true).is_ok(), "{elsewhere}");
		}
		for text in ["http://127.0.0.1:9944", "127.0.0.1:9944", "ws://", "", "secret"] {
			let refusal = Endpoint::of(text, true).expect_err(text);
			assert!(matches!(&refusal, EndpointFault::NoEndpoint(_)), "{text}: {refusal}");
			assert!(!refusal.to_string().contains("secret"), "{refusal}");
		}
	}

	#[test]
	fn endpoint_is_shown_without_keys() {
		for (text, shown) in [
			("ws://127.0.0.1:9944", "ws://127.0.0.1:9944"),
			("wss://me:secret@example.com/rpc", "wss://example.com/rpc"),
			("wss://example.com/0123456789secret?key=secret", "wss://example.com/...?..."),
			("wss://example.com:1/#secret", "wss://example.com:1?..."),
		] {
			let endpoint = Endpoint::of(text, false).expect(text);
			assert_eq!(endpoint.to_string(), shown);
			assert!(endpoint.url().contains("secret") == text.contains("secret"), "{text}");
		}
		let refusal = Endpoint::of("ws://me:secret@example.com", false).expect_err("plaintext");
		assert!(!refusal.to_string().contains("secret"), "{refusal}");
	}
}
