//! A price server: sources of the price of GRM on one port, honest ones and hostile ones, for
//! chains on one machine. `GET /NAME` asks a source, `PUT /NAME?price=0.2&behaviour=lies` changes
//! it, and `PUT /?price=0.2` changes the price of all.

use std::{
	collections::BTreeMap,
	fmt, io,
	net::SocketAddr,
	str::FromStr,
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	time::{sleep, timeout},
};

/// The longest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// How long a client may take for its request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a source that hangs keeps the connection open.
const HANG: Duration = Duration::from_secs(600);
/// The time between two bytes of a source that trickles.
const TRICKLE: Duration = Duration::from_secs(1);
/// What a flood consists of, and how often it is sent: one gigabyte.
const FLOOD: (usize, usize) = (64 * 1024, 16 * 1024);
/// The length that a head states whose body is open: the connection's end is its end.
const OPEN: &str = "";

/// What a source does when it is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
	/// It answers with the price.
	#[default]
	Honest,
	/// It answers with a hundred times the price.
	Lies,
	/// It takes the question and does not answer.
	Hangs,
	/// It sends a byte of its answer in a second.
	Trickles,
	/// It answers with a web page.
	Page,
	/// It answers with status 500.
	Fails,
	/// It sends a redirect to another source.
	Redirects,
	/// It sends a gigabyte.
	Floods,
}

impl Behaviour {
	/// All of them, by their names.
	const ALL: [(&str, Self); 8] = [
		("honest", Self::Honest),
		("lies", Self::Lies),
		("hangs", Self::Hangs),
		("trickles", Self::Trickles),
		("page", Self::Page),
		("fails", Self::Fails),
		("redirects", Self::Redirects),
		("floods", Self::Floods),
	];
}

impl FromStr for Behaviour {
	type Err = Refusal;

	fn from_str(text: &str) -> Result<Self, Refusal> {
		let found = Self::ALL.into_iter().find(|(name, _)| *name == text);
		found.map(|(_, behaviour)| behaviour).ok_or(Refusal::Behaviour)
	}
}

/// Why a change is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// No source has this name.
	#[error("there is no such source")]
	Source,
	/// No behaviour has this name.
	#[error("a source is honest, or it lies, hangs, trickles, page, fails, redirects, floods")]
	Behaviour,
	/// The price is no decimal number.
	#[error("a price is a decimal number such as 0.1, in USD per GRM")]
	Price,
	/// It asks for something else.
	#[error("a change is PUT /NAME?price=0.1&behaviour=lies")]
	Request,
}

/// A price in USD per GRM as decimal text: digits, and a point with digits behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usd(String);

impl FromStr for Usd {
	type Err = Refusal;

	fn from_str(text: &str) -> Result<Self, Refusal> {
		let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
		let is_number = |part: &str| {
			!part.is_empty() && part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_digit())
		};
		let is_plain = whole == "0" || !whole.starts_with('0');
		let is_price = is_number(whole) && is_number(fraction) && is_plain;
		is_price.then(|| Self(text.into())).ok_or(Refusal::Price)
	}
}

impl fmt::Display for Usd {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(&self.0)
	}
}

/// A source.
#[derive(Clone, Debug)]
struct Source {
	price: Usd,
	behaviour: Behaviour,
}

/// The sources by their names.
#[derive(Clone, Debug)]
struct Sources(Arc<Mutex<BTreeMap<String, Source>>>);

/// A server that listens.
#[derive(Debug)]
pub struct PriceServer {
	listener: TcpListener,
	sources: Sources,
}

impl PriceServer {
	/// Listens at an address, with honest sources that all name this price.
	pub async fn bind(
		address: SocketAddr,
		names: impl IntoIterator<Item = String>,
		price: &Usd,
	) -> io::Result<Self> {
		let source = Source { price: price.clone(), behaviour: Behaviour::Honest };
		let sources = names.into_iter().map(|name| (name, source.clone())).collect();
		let sources = Sources(Arc::new(Mutex::new(sources)));
		Ok(Self { listener: TcpListener::bind(address).await?, sources })
	}

	/// Where it listens.
	pub fn address(&self) -> io::Result<SocketAddr> {
		self.listener.local_addr()
	}

	/// Answers until it is dropped.
	pub async fn serve(self) -> io::Result<()> {
		loop {
			let (stream, _) = self.listener.accept().await?;
			let sources = self.sources.clone();
			tokio::spawn(async move {
				// A client that goes away is no failure of the server.
				if let Err(error) = sources.answer(stream).await {
					tracing::debug!(target: "simulator::prices", %error, "a client went away");
				}
			});
		}
	}
}

impl Sources {
	async fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
		let Some(head) = timeout(PATIENCE, read_head(&mut stream)).await?? else { return Ok(()) };
		let mut words = head.split_ascii_whitespace();
		let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
		let (path, query) = target.split_once('?').unwrap_or((target, ""));
		let name = path.trim_start_matches('/');
		match method {
			"GET" => match self.find(name) {
				Some(source) => source.answer(&mut stream).await,
				None => reply(&mut stream, "404 Not Found", &Refusal::Source.to_string()).await,
			},
			"PUT" => match self.change(name, query) {
				Ok(()) => reply(&mut stream, "200 OK", "changed").await,
				Err(refusal) => reply(&mut stream, "400 Bad Request", &refusal.to_string()).await,
			},
			_ => reply(&mut stream, "405 Method Not Allowed", &Refusal::Request.to_string()).await,
		}
	}

	fn find(&self, name: &str) -> Option<Source> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
	}

	/// Changes one source or, without a name, all of them: nothing if anything is wrong.
	fn change(&self, name: &str, query: &str) -> Result<(), Refusal> {
		let (mut price, mut behaviour) = (None, None);
		for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
			match key {
				"price" => price = Some(value.parse::<Usd>()?),
				"behaviour" => behaviour = Some(value.parse::<Behaviour>()?),
				_ => return Err(Refusal::Request),
			}
		}
		if price.is_none() && behaviour.is_none() {
			return Err(Refusal::Request);
		}
		let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		if !name.is_empty() && !sources.contains_key(name) {
			return Err(Refusal::Source);
		}
		for (_, source) in sources.iter_mut().filter(|(it, _)| name.is_empty() || *it == name) {
			source.price = price.clone().unwrap_or_else(|| source.price.clone());
			source.behaviour = behaviour.unwrap_or(source.behaviour);
		}
		Ok(())
	}
}

impl Source {
	async fn answer(&self, stream: &mut TcpStream) -> io::Result<()> {
		let price = &self.price;
		let body = format!(r#"{{"grm":{{"usd":{price}}}}}"#);
		match self.behaviour {
			Behaviour::Honest => reply(stream, "200 OK", &body).await,
			Behaviour::Lies => {
				reply(stream, "200 OK", &format!(r#"{{"grm":{{"usd":{price}e2}}}}"#)).await
			}
			Behaviour::Hangs => {
				sleep(HANG).await;
				Ok(())
			}
			Behaviour::Trickles => {
				stream.write_all(head("200 OK", OPEN).as_bytes()).await?;
				for byte in body.bytes() {
					sleep(TRICKLE).await;
					stream.write_all(&[byte]).await?;
				}
				stream.shutdown().await
			}
			Behaviour::Page => reply(stream, "200 OK", "<!DOCTYPE html><p>rate limit").await,
			Behaviour::Fails => reply(stream, "500 Internal Server Error", &body).await,
			Behaviour::Redirects => {
				let head = head("302 Found", "location: /a\r\ncontent-length: 0\r\n");
				stream.write_all(head.as_bytes()).await?;
				stream.shutdown().await
			}
			Behaviour::Floods => {
				stream.write_all(head("200 OK", OPEN).as_bytes()).await?;
				let (bytes, times) = FLOOD;
				let blanks = vec![b' '; bytes];
				for _ in 0..times {
					stream.write_all(&blanks).await?;
				}
				stream.shutdown().await
			}
		}
	}
}

/// Reads the head of a request; `None` if the client goes away before its end, or sends too much.
async fn read_head(stream: &mut TcpStream) -> io::Result<Option<String>> {
	let mut head = Vec::new();
	let mut buffer = [0; 1_024];
	while !head.windows(4).any(|end| end == b"\r\n\r\n") {
		let length = stream.read(&mut buffer).await?;
		if length == 0 || head.len() + length > HEAD_BYTES_MAX {
			return Ok(None);
		}
		head.extend_from_slice(&buffer[..length]);
	}
	Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}

fn head(status: &str, headers: &str) -> String {
	format!(
		"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}connection: close\r\n\r\n"
	)
}

async fn reply(stream: &mut TcpStream, status: &str, body: &str) -> io::Result<()> {
	let head = head(status, &format!("content-length: {}\r\n", body.len()));
	stream.write_all(format!("{head}{body}").as_bytes()).await?;
	stream.shutdown().await
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Starts a server of two sources.
	async fn server() -> SocketAddr {
		let names = ["a", "b"].map(String::from);
		let price = "0.1".parse().expect("a price");
		let any = "127.0.0.1:0".parse().expect("an address");
		let server = PriceServer::bind(any, names, &price).await.expect("it listens");
		let address = server.address().expect("it has an address");
		tokio::spawn(server.serve());
		address
	}

	/// The status and the body of an answer.
	async fn ask(address: SocketAddr, request: &str) -> (u16, String) {
		let mut stream = TcpStream::connect(address).await.expect("it listens");
		let request = format!("{request} HTTP/1.1\r\nhost: test\r\n\r\n");
		stream.write_all(request.as_bytes()).await.expect("it reads");
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await.expect("it answers");
		let (head, body) = answer.split_once("\r\n\r\n").expect("the head ends");
		let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
		(status, body.into())
	}

	#[tokio::test]
	async fn sources_answer_by_their_behaviour() {
		let address = server().await;
		let honest = |price: &str| (200, format!(r#"{{"grm":{{"usd":{price}}}}}"#));
		assert_eq!(ask(address, "GET /a").await, honest("0.1"));
		assert_eq!(ask(address, "PUT /b?price=1.5&behaviour=lies").await.0, 200);
		assert_eq!(ask(address, "GET /b").await, honest("1.5e2"));
		assert_eq!(ask(address, "GET /a").await, honest("0.1"));
		assert_eq!(ask(address, "PUT /?price=2").await.0, 200);
		assert_eq!(ask(address, "GET /a").await, honest("2"));
		assert_eq!(ask(address, "GET /b").await, honest("2e2"));
		for (behaviour, status) in [("fails", 500), ("page", 200), ("redirects", 302)] {
			assert_eq!(ask(address, &format!("PUT /a?behaviour={behaviour}")).await.0, 200);
			assert_eq!(ask(address, "GET /a").await.0, status, "{behaviour}");
		}
		assert_eq!(ask(address, "PUT /?behaviour=honest").await.0, 200);
		assert_eq!(ask(address, "GET /b").await, honest("2"));
	}

	#[tokio::test]
	async fn source_that_hangs_does_not_answer_and_stops_no_other() {
		let address = server().await;
		assert_eq!(ask(address, "PUT /a?behaviour=hangs").await.0, 200);
		let hung = timeout(Duration::from_millis(300), ask(address, "GET /a")).await;
		assert!(hung.is_err());
		assert_eq!(ask(address, "GET /b").await.0, 200);
	}

	#[tokio::test]
	async fn request_that_makes_no_sense_is_refused_and_changes_nothing() {
		let address = server().await;
		let refused = [
			("GET /c", 404),
			("PUT /c?price=1", 400),
			("PUT /a", 400),
			("PUT /a?price=-1", 400),
			("PUT /a?price=1e9", 400),
			("PUT /a?price=01", 400),
			("PUT /a?price=5&behaviour=sings", 400),
			("PUT /a?cost=5", 400),
			("POST /a?price=5", 405),
		];
		for (request, status) in refused {
			assert_eq!(ask(address, request).await.0, status, "{request}");
		}
		assert_eq!(ask(address, "GET /a").await.1, r#"{"grm":{"usd":0.1}}"#);
	}
}
