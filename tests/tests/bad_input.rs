//! Random parameters to every method of the node: it answers or says why not, keeps nothing, and
//! goes on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use groma_tests::node::NodeOptions;
use serde_json::{Value, json};
use subxt::rpcs::{Error, UserError, client::RpcParams};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// How often every method is called.
const CASES: u64 = 60;
/// What JSON-RPC itself says to parameters that cannot be read.
const INVALID_PARAMS: i32 = -32602;
/// The node's own: the state is not there, a parameter is out of range, not taken into the pool,
/// too much to check, no claim can bring it.
const OWN_ERRORS: std::ops::RangeInclusive<i32> = 7001..=7005;
/// More than the node takes in a request.
const OVERSIZED: usize = 20_000_000;

/// A generator whose numbers follow from its seed (SplitMix64).
struct Generator(u64);

impl Generator {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
		let mut bits = self.0;
		bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
		bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
		bits ^ (bits >> 31)
	}

	fn below(&mut self, end: u64) -> u64 {
		self.next() % end
	}

	fn hexadecimal(&mut self, length: u64) -> Value {
		let bytes: Vec<u8> = (0..length).map(|_| self.next() as u8).collect();
		json!(format!("0x{}", hex::encode(bytes)))
	}

	/// Something that may stand where a parameter stands.
	fn value(&mut self) -> Value {
		let length = self.below(300);
		match self.below(14) {
			0 => Value::Null,
			1 => json!(self.below(2) == 0),
			2 => json!(self.next()),
			3 => json!(-(self.below(u64::from(u32::MAX)) as i64)),
			4 => json!(f64::from_bits(self.next()).abs().min(1e300)),
			5..7 => json!(self.below(20)),
			7 => self.hexadecimal(32),
			8 => self.hexadecimal(92),
			9 => self.hexadecimal(72),
			10 => self.hexadecimal(length),
			11 => json!(char::from(self.next() as u8).to_string().repeat(10_000)),
			12 => json!([self.next(), [[[]]], { "a": null }]),
			_ => json!("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
		}
	}

	fn params(&mut self) -> RpcParams {
		let mut params = RpcParams::new();
		for _ in 0..self.below(6) {
			params.push(self.value()).unwrap();
		}
		params
	}
}

/// Sends to the JSON-RPC server what is no request, and one that is too large. It costs the sender
/// its connection, so that writing may fail.
async fn send_noise(address: &str) {
	let mut generator = Generator(7);
	for _ in 0..40 {
		let mut stream = TcpStream::connect(address).await.unwrap();
		let noise: Vec<u8> = (0..generator.below(5_000)).map(|_| generator.next() as u8).collect();
		let _ = stream.write_all(&noise).await;
	}
	let head = format!(
		"POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
		 Content-Length: {OVERSIZED}\r\n\r\n"
	);
	let mut stream = TcpStream::connect(address).await.unwrap();
	let _ = stream.write_all(head.as_bytes()).await;
	let _ = stream.write_all(&vec![b'5'; OVERSIZED]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_answer_or_say_why_not_whatever_they_are_asked() {
	let mut node = NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap();
	let listed: Value = node.call("rpc_methods", RpcParams::new()).await.unwrap();
	let methods = listed["methods"].as_array().unwrap().iter().filter_map(Value::as_str);
	let methods: Vec<&str> = methods
		.filter(|method| method.starts_with("groma_") && !method.contains("ubscribe"))
		.collect();
	assert!(methods.len() >= 21, "{methods:?}");

	let client = node.client().await.unwrap();
	let (mut answered, mut refused) = (0, 0);
	for method in &methods {
		for seed in 0..CASES {
			let params = Generator(seed).params();
			match client.request::<Value>(method, params).await {
				Ok(_) => answered += 1,
				Err(Error::User(UserError { code, message, .. })) => {
					refused += 1;
					let is_known = code == INVALID_PARAMS || OWN_ERRORS.contains(&code);
					assert!(is_known, "{method}, seed {seed}: {code} {message}");
					assert!(!message.is_empty(), "{method}, seed {seed}");
				}
				Err(error) => panic!("{method}, seed {seed}: {error}"),
			}
		}
	}
	assert!(answered > 0 && refused > 0, "{answered} answered, {refused} refused");

	send_noise(node.url().trim_start_matches("ws://")).await;
	node.call::<Value>("groma_window", RpcParams::new()).await.unwrap();

	node.kill().unwrap();
	node.start_again().await.unwrap();
	let log = node.log().unwrap();
	assert!(!log.contains("panicked"), "{log}");
	let kept: Vec<_> = log.lines().filter(|line| line.contains("of an earlier run")).collect();
	// Statements, reveals and pairs, at both starts.
	assert_eq!(kept.len(), 6);
	assert!(kept.iter().all(|line| line.contains("the pool holds 0 ")), "{kept:?}");
}
