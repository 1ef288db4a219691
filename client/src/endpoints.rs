//! Which endpoints a client takes: one that can never work, one that others on the way could read
//! and change, and one that is named twice, are refused before anything connects.

use url::{Host, Url};

use crate::said::said;

/// Why an endpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
	/// There is none.
	#[error("at least one node has to be named, such as ws://127.0.0.1:9944")]
	None,
	/// It can never work.
	#[error(
		"`{}` is no endpoint ({reason}): write wss://HOST, or ws://127.0.0.1:9944", shown(.url)
	)]
	NoEndpoint {
		/// What was named.
		url: String,
		/// What is wrong with it.
		reason: String,
	},
	/// What goes to another machine and back is neither encrypted nor authenticated.
	#[error(
		"`{}` is not encrypted: anyone on the way can answer in place of the node; use wss://, or \
		 allow plaintext in your own network (`allow_plaintext`)", shown(.0)
	)]
	Plaintext(String),
	/// Two of them lead to one node.
	#[error(
		"`{}` and `{}` are one node, which would agree with itself: name each once",
		shown(.0), shown(.1)
	)]
	Twice(String, String),
}

/// The longest part of a path that is shown. Names such as `rpc` are shorter, keys longer.
const PART_LENGTH_MAX: usize = 8;

/// An endpoint as logs and errors name it: without what may be a key, which are a user with a
/// password, what follows `?` or `#`, and long parts of the path.
pub fn shown(text: &str) -> String {
	let Some((url, host)) = Url::parse(text).ok().and_then(|url| {
		let host = url.host_str()?.to_owned();
		Some((url, host))
	}) else {
		return shown_anyway(text);
	};
	let mut shown = format!("{}://{host}", url.scheme());
	if let Some(port) = url.port() {
		shown += &format!(":{port}");
	}
	for part in url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()) {
		shown.push('/');
		shown += if part.len() <= PART_LENGTH_MAX { part } else { "..." };
	}
	if url.query().is_some() || url.fragment().is_some() {
		shown += "?...";
	}
	shown
}

/// The same of what is no URL with a host.
fn shown_anyway(text: &str) -> String {
	let text = text.rsplit_once('@').map_or(text, |(_, behind)| behind);
	let end = text.find(['?', '#']).unwrap_or(text.len());
	said(text.get(..end).unwrap_or_default())
}

/// Checks endpoints. Without TLS they have to be on this machine, unless `allow_plaintext`.
pub fn check(urls: &[String], allow_plaintext: bool) -> Result<(), EndpointError> {
	if urls.is_empty() {
		return Err(EndpointError::None);
	}
	let mut places: Vec<(Place, &str)> = Vec::with_capacity(urls.len());
	for text in urls {
		let place = Place::of(text)
			.map_err(|reason| EndpointError::NoEndpoint { url: text.clone(), reason })?;
		if !place.is_encrypted && place.host != Address::Loopback && !allow_plaintext {
			return Err(EndpointError::Plaintext(text.clone()));
		}
		if let Some((_, other)) = places.iter().find(|(other, _)| other.is_same(&place)) {
			return Err(EndpointError::Twice((*other).to_owned(), text.clone()));
		}
		places.push((place, text));
	}
	Ok(())
}

/// Where an endpoint is.
struct Place {
	is_encrypted: bool,
	host: Address,
	port: u16,
	path: String,
}

/// A machine. All names of this one are alike.
#[derive(PartialEq, Eq)]
enum Address {
	Loopback,
	Other(String),
}

impl Place {
	fn of(text: &str) -> Result<Self, String> {
		let url = Url::parse(text).map_err(|error| error.to_string())?;
		let is_encrypted = match url.scheme() {
			"ws" => false,
			"wss" => true,
			other => return Err(format!("it begins with `{other}:`, neither ws:// nor wss://")),
		};
		let port = url.port_or_known_default().filter(|port| *port > 0);
		Ok(Self {
			is_encrypted,
			host: Address::of(url.host().ok_or("it names no host")?),
			port: port.ok_or("there is no such port")?,
			path: url.path().trim_end_matches('/').to_owned() + url.query().unwrap_or_default(),
		})
	}

	fn is_same(&self, other: &Self) -> bool {
		(&self.host, self.port, &self.path) == (&other.host, other.port, &other.path)
	}
}

impl Address {
	fn of(host: Host<&str>) -> Self {
		let is_loopback = match host {
			Host::Domain(name) => {
				let name = name.trim_end_matches('.');
				name == "localhost" || name.ends_with(".localhost")
			}
			Host::Ipv4(address) => address.is_loopback(),
			Host::Ipv6(address) => address.to_canonical().is_loopback(),
		};
		match is_loopback {
			true => Self::Loopback,
			false => Self::Other(host.to_string().trim_end_matches('.').to_owned()),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn checked(urls: &[&str], allow_plaintext: bool) -> Result<(), EndpointError> {
		let urls: Vec<String> = urls.iter().map(|url| (*url).to_owned()).collect();
		check(&urls, allow_plaintext)
	}

	#[test]
	fn endpoint_is_refused_when_it_can_never_work() {
		for url in [
			"http://127.0.0.1:9944",
			"https://rpc.example.org",
			"127.0.0.1:9944",
			"localhost:9944",
			"ws://",
			"ws://:9944",
			"wss://rpc.example.org:0",
			"wss://rpc.example.org:99999",
			"",
		] {
			let refused = checked(&[url], true);
			assert!(matches!(&refused, Err(EndpointError::NoEndpoint { .. })), "{url}");
			let text = refused.expect_err("refused").to_string();
			assert!(text.contains(&format!("`{url}`")) && text.contains("wss://HOST"), "{text}");
		}
		assert_eq!(checked(&[], true), Err(EndpointError::None));
	}

	#[test]
	fn endpoint_without_encryption_has_to_be_on_this_machine_or_allowed() {
		for url in [
			"ws://127.0.0.1:9944",
			"ws://127.8.8.8",
			"ws://localhost:9944/",
			"ws://LOCALHOST:9944",
			"ws://[::1]:9944",
			"wss://rpc.example.org",
			"wss://10.0.0.4:9944/rpc?key=1",
		] {
			assert_eq!(checked(&[url], false), Ok(()), "{url}");
		}
		for url in [
			"ws://rpc.example.org:9944",
			"ws://10.0.0.4:9944",
			"ws://0.0.0.0:9944",
			"ws://[2001:db8::1]:9944",
			"ws://localhost.example.org",
			"ws://127.0.0.1.example.org",
		] {
			assert_eq!(checked(&[url], false), Err(EndpointError::Plaintext(url.to_owned())));
			assert_eq!(checked(&[url], true), Ok(()), "{url}");
		}
	}

	#[test]
	fn endpoint_is_shown_without_its_keys() {
		for (url, expected) in [
			("wss://rpc.example.org", "wss://rpc.example.org"),
			("WSS://RPC.example.org:443/", "wss://rpc.example.org"),
			("ws://[::1]:9944/rpc", "ws://[::1]:9944/rpc"),
			("wss://me:secret@rpc.example.org/v2/0123456789abcdef", "wss://rpc.example.org/v2/..."),
			("wss://rpc.example.org/?key=secret", "wss://rpc.example.org?..."),
			("wss://rpc.example.org/ws#secret", "wss://rpc.example.org/ws?..."),
			("me:secret@rpc.example.org:9944?key=secret", "rpc.example.org:9944"),
			("localhost:9944", "localhost:9944"),
			("", ""),
		] {
			assert_eq!(shown(url), expected, "{url}");
		}
		for url in ["https://me:secret@a/0123456789secret", "ws://me:secret@a/?secret"] {
			let refused = checked(&[url], false).expect_err("refused").to_string();
			assert!(!refused.contains("secret"), "{refused}");
		}
	}

	#[test]
	fn endpoints_are_refused_when_two_are_one_node() {
		for (one, other) in [
			("ws://127.0.0.1:9944", "ws://localhost:9944"),
			("ws://127.0.0.1:9944", "ws://[::1]:9944/"),
			("wss://rpc.example.org", "WSS://RPC.example.org:443/"),
			("wss://rpc.example.org/a", "wss://rpc.example.org./a/"),
		] {
			let twice = EndpointError::Twice(one.to_owned(), other.to_owned());
			assert_eq!(checked(&[one, "wss://other", other], false), Err(twice));
		}
		for (one, other) in [
			("ws://127.0.0.1:9944", "ws://127.0.0.1:9945"),
			("wss://rpc.example.org/a", "wss://rpc.example.org/b"),
			("wss://a.example.org", "wss://b.example.org"),
		] {
			assert_eq!(checked(&[one, other], false), Ok(()));
		}
	}
}
