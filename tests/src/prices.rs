//! The price server as a process.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::{
	io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
	net::TcpStream,
	process::{Child, Command},
};

use crate::binary;

/// A price server. It is killed when this goes out of scope.
pub struct PriceServer {
	_process: Child,
	address: String,
}

impl PriceServer {
	/// Starts a server of honest sources that all name a price in USD per GRM.
	///
	/// # Errors
	///
	/// If the binary does not exist or does not listen.
	pub async fn start(sources: &str, price: &str) -> Result<Self> {
		let mut process = Command::new(binary::prices()?)
			.args(["--listen", "127.0.0.1:0", "--sources", sources, "--price", price])
			.stdin(Stdio::null())
			.stdout(Stdio::piped())
			.kill_on_drop(true)
			.spawn()?;
		let output = process.stdout.take().context("its output is piped")?;
		let line = BufReader::new(output).lines().next_line().await?;
		let line = line.context("it ends without a word")?;
		let (_, address) = line.split_once("http://").context("it names no address")?;
		Ok(Self { _process: process, address: address.trim().into() })
	}

	/// A source as it is named to a node.
	pub fn source(&self, name: &str) -> String {
		format!("http://{}/{name}|grm.usd", self.address)
	}

	/// Changes a source, such as `b?behaviour=lies`, or all of them: `?price=0.2`.
	///
	/// # Errors
	///
	/// If the server is gone or refuses.
	pub async fn put(&self, change: &str) -> Result<()> {
		let mut stream = TcpStream::connect(&self.address).await?;
		let request = format!("PUT /{change} HTTP/1.1\r\nhost: prices\r\n\r\n");
		stream.write_all(request.as_bytes()).await?;
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await?;
		ensure!(answer.starts_with("HTTP/1.1 200"), "{change}: {answer}");
		Ok(())
	}
}
