//! One node as a process.

use std::{
	fs::{self, File, OpenOptions},
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use serde::de::DeserializeOwned;
use serde_json::Value;
use subxt::rpcs::{RpcClient, UserError, client::RpcParams};
use tempfile::TempDir;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

use crate::{binary, patience::eventually};

/// How long a node may take until its JSON-RPC server listens.
const START_PATIENCE: Duration = Duration::from_secs(90);
/// How many of the last lines of a log are shown when a test fails.
const TAIL_LINES: usize = 60;

/// How a node is started.
#[derive(Clone, Debug)]
pub struct NodeOptions {
	name: String,
	chain: String,
	/// Keys of the keystore: their types and what they are made of.
	keys: Vec<(&'static str, String)>,
	has_metrics: bool,
	disk_mib: u64,
	/// Where it keeps what it has, if that is to outlive it or was there before.
	base_path: Option<PathBuf>,
	arguments: Vec<String>,
}

impl NodeOptions {
	/// A node called `name` of the chain `dev`, `local` or a file.
	pub fn new(name: &str, chain: &str) -> Self {
		let (name, chain) = (name.into(), chain.into());
		Self {
			name,
			chain,
			keys: Vec::new(),
			has_metrics: false,
			disk_mib: 0,
			base_path: None,
			arguments: Vec::new(),
		}
	}

	/// The same with another argument.
	pub fn with(mut self, argument: impl Into<String>) -> Self {
		self.arguments.push(argument.into());
		self
	}

	/// The same with further arguments.
	pub fn with_all<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
		self.arguments.extend(arguments.into_iter().map(String::from));
		self
	}

	/// The same as a collector: with the sr25519 key of `uri` and off-chain workers.
	pub fn collecting_as(mut self, uri: &str) -> Self {
		self.keys.push(("coll", uri.into()));
		self.with_workers()
	}

	/// The same as a feeder: with the sr25519 key of `uri` and off-chain workers.
	pub fn feeding_as(mut self, uri: &str) -> Self {
		self.keys.push(("pric", uri.into()));
		self.with_workers()
	}

	/// The same with off-chain workers. The option is named once at most.
	fn with_workers(self) -> Self {
		match self.arguments.iter().any(|argument| argument == "--offchain-worker") {
			true => self,
			false => self.with_all(["--offchain-worker", "always"]),
		}
	}

	/// The same with a base path that others made.
	pub fn at(mut self, base_path: impl Into<PathBuf>) -> Self {
		self.base_path = Some(base_path.into());
		self
	}

	/// The same with metrics for Prometheus.
	pub fn with_metrics(mut self) -> Self {
		self.has_metrics = true;
		self.with_all(["--prometheus-port", "0"])
	}

	/// The same, but it ends when less disk space than this is free, in MiB.
	pub fn needing_disk(mut self, mib: u64) -> Self {
		self.disk_mib = mib;
		self
	}

	/// Starts the node and waits until it can be asked.
	///
	/// # Errors
	///
	/// If the binary does not exist, or the node ends or does not listen in time; its log is shown.
	pub async fn start(self) -> Result<Node> {
		let directory = tempfile::tempdir()?;
		let mut node = Node { options: self, directory, process: None, address: String::new() };
		node.insert_keys()?;
		node.start_again().await?;
		Ok(node)
	}
}

/// A running node. It is killed, and its directory removed, when this goes out of scope.
#[derive(Debug)]
pub struct Node {
	options: NodeOptions,
	directory: TempDir,
	process: Option<Child>,
	address: String,
}

impl Node {
	/// Kills the node at once, as `kill -9` does.
	///
	/// # Errors
	///
	/// If it does not run.
	pub fn kill(&mut self) -> Result<()> {
		let mut process = self.process.take().context("the node does not run")?;
		process.kill()?;
		process.wait()?;
		Ok(())
	}

	/// Waits until the node ends by itself.
	///
	/// # Errors
	///
	/// If it does not run, or goes on for longer than `patience`.
	pub async fn wait_for_end(&mut self, patience: Duration) -> Result<ExitStatus> {
		let begin = Instant::now();
		loop {
			let process = self.process.as_mut().context("the node does not run")?;
			if let Some(status) = process.try_wait()? {
				self.process = None;
				return Ok(status);
			}
			ensure!(begin.elapsed() < patience, "{} does not end", self.options.name);
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	}

	/// Starts the node with the directory that it had.
	///
	/// # Errors
	///
	/// As for [`NodeOptions::start`].
	pub async fn start_again(&mut self) -> Result<()> {
		ensure!(self.process.is_none(), "{} runs already", self.options.name);
		let log_begin = fs::metadata(self.log_path()).map_or(0, |log| log.len() as usize);
		self.process = Some(self.command()?.spawn()?);
		let address = eventually("the JSON-RPC server listens", START_PATIENCE, || async {
			let log = fs::read_to_string(self.log_path())?;
			let log = log.get(log_begin..).unwrap_or_default();
			Ok(address_after(log, "Running JSON-RPC server: addr="))
		});
		self.address = address.await?;
		Ok(())
	}

	/// Calls a method.
	///
	/// # Errors
	///
	/// If the node cannot be reached, answers with an error, or with another type.
	pub async fn call<Answer: DeserializeOwned>(
		&self,
		method: &str,
		params: RpcParams,
	) -> Result<Answer> {
		let answer = self.client().await?.request(method, params).await;
		answer.map_err(|error| anyhow!("{}: {method}: {error}", self.options.name))
	}

	/// Calls a method that must fail, and returns the code and the data of its error.
	///
	/// # Errors
	///
	/// If the node cannot be reached, or the method succeeds.
	pub async fn refusal(&self, method: &str, params: RpcParams) -> Result<(i32, Value)> {
		match self.client().await?.request::<Value>(method, params).await {
			Err(subxt::rpcs::Error::User(UserError { code, data, .. })) => {
				let data = data.map_or(Ok(Value::Null), |data| serde_json::from_str(data.get()))?;
				Ok((code, data))
			}
			Err(error) => Err(anyhow!("{}: {method}: {error}", self.options.name)),
			Ok(answer) => Err(anyhow!("{}: {method} answered {answer}", self.options.name)),
		}
	}

	/// A client of this node.
	///
	/// # Errors
	///
	/// If the node cannot be reached.
	pub async fn client(&self) -> Result<RpcClient> {
		RpcClient::from_insecure_url(&self.url())
			.await
			.map_err(|error| anyhow!("{}: {error}", self.options.name))
	}

	/// Where the node serves JSON-RPC.
	pub fn url(&self) -> String {
		format!("ws://{}", self.address)
	}

	/// The chain with which it was started: a preset, or the path of a specification.
	pub fn chain(&self) -> &str {
		&self.options.chain
	}

	/// Where the node keeps what it has: the base path.
	pub fn base_path(&self) -> PathBuf {
		self.options.base_path.clone().unwrap_or_else(|| self.directory.path().join("base"))
	}

	/// Where other nodes reach it: a multiaddress with its peer id.
	///
	/// # Errors
	///
	/// If the node does not answer or does not listen on the loopback address.
	pub async fn peer_address(&self) -> Result<String> {
		let addresses: Vec<String> =
			self.call("system_localListenAddresses", RpcParams::new()).await?;
		addresses
			.into_iter()
			.find(|address| address.starts_with("/ip4/127.0.0.1/tcp/"))
			.context("the node listens on no loopback address")
	}

	/// A metric of the node as Prometheus gets it: the sum over its labels.
	///
	/// # Errors
	///
	/// If the node shows no metrics, or not this one.
	pub async fn metric(&self, name: &str) -> Result<f64> {
		let log = self.log()?;
		let address = address_after(&log, "Prometheus exporter started at ");
		let mut stream = TcpStream::connect(address.context("the node shows no metrics")?).await?;
		stream
			.write_all(b"GET /metrics HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n")
			.await?;
		let mut text = String::new();
		stream.read_to_string(&mut text).await?;
		sum_of(&text, name).with_context(|| format!("the node shows no {name}"))
	}

	/// What the node has logged.
	///
	/// # Errors
	///
	/// If the log cannot be read.
	pub fn log(&self) -> Result<String> {
		Ok(fs::read_to_string(self.log_path())?)
	}

	fn command(&self) -> Result<Command> {
		let log = OpenOptions::new().create(true).append(true).open(self.log_path())?;
		let mut command = Command::new(binary::node()?);
		command
			.args(["--chain", &self.options.chain, "--name", &self.options.name, "--base-path"])
			.arg(self.base_path())
			.args(["--listen-addr", "/ip4/127.0.0.1/tcp/0", "--rpc-port", "0"])
			.args(["--no-mdns", "--allow-private-ip", "--no-telemetry"])
			.args((!self.options.has_metrics).then_some("--no-prometheus"))
			.args(["--db-storage-threshold", &self.options.disk_mib.to_string()])
			.args(["--db-storage-polling-period", "1"])
			.args(&self.options.arguments)
			.stdin(Stdio::null())
			.stdout(log.try_clone()?)
			.stderr(log);
		Ok(command)
	}

	fn insert_keys(&self) -> Result<()> {
		for (key_type, uri) in &self.options.keys {
			let output = Command::new(binary::node()?)
				.args(["key", "insert", "--chain", &self.options.chain, "--base-path"])
				.arg(self.base_path())
				.args(["--scheme", "sr25519", "--key-type", key_type, "--suri", uri])
				.output()?;
			ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
		}
		Ok(())
	}

	fn log_path(&self) -> PathBuf {
		self.directory.path().join("node.log")
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		if let Some(mut process) = self.process.take() {
			// A process that is gone already cannot be killed: nothing to do.
			let _ = process.kill().and_then(|()| process.wait());
		}
		if std::thread::panicking() {
			eprintln!("--- the end of the log of {} ---", self.options.name);
			eprintln!("{}", tail(&self.log_path()));
		}
	}
}

/// Runs the binary to its end, for commands and for flags that it refuses: whether it succeeded,
/// and all that it printed. A node that does not refuse is ended after two minutes, and has not
/// succeeded.
///
/// # Errors
///
/// If the binary does not exist or cannot be run.
pub fn run_to_end(arguments: &[&str]) -> Result<(bool, String)> {
	let output = Command::new("timeout")
		.args(["--kill-after=10", "120"])
		.arg(binary::node()?)
		.args(arguments)
		.stdin(Stdio::null())
		.output()?;
	let printed = [output.stdout, output.stderr].concat();
	Ok((output.status.success(), String::from_utf8_lossy(&printed).into_owned()))
}

/// The sum of all values of a metric in Prometheus' text format.
fn sum_of(text: &str, name: &str) -> Option<f64> {
	let values = text.lines().filter_map(|line| {
		let (labelled, value) = line.rsplit_once(' ')?;
		let found = labelled.split('{').next() == Some(name);
		found.then(|| value.parse::<f64>().ok()).flatten()
	});
	values.reduce(|sum, value| sum + value)
}

/// The last address that a node says it listens at, after these words.
fn address_after(log: &str, words: &str) -> Option<String> {
	let (_, addresses) = log.rsplit_once(words)?;
	// The line may still be in the course of being written.
	let (line, _) = addresses.split_once('\n')?;
	let first = line.split(',').next()?.trim();
	(!first.is_empty()).then(|| first.to_string())
}

fn tail(path: &Path) -> String {
	let log = File::open(path).and_then(std::io::read_to_string).unwrap_or_default();
	let lines: Vec<&str> = log.lines().collect();
	lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn address_is_found_when_the_line_is_complete() {
		let line = "2026 Running JSON-RPC server: addr=127.0.0.1:4242,[::1]:4242";
		let address = |log: &str| address_after(log, "addr=");
		assert_eq!(address(line), None);
		assert_eq!(address(&format!("{line}\n")), Some("127.0.0.1:4242".to_string()));
		assert_eq!(address("nothing\n"), None);
	}

	#[test]
	fn metric_is_summed_over_its_labels() {
		let text = "# HELP items What\nitems{kind=\"a\"} 2\nitems{kind=\"b\"} 0.5\nitems_sum 9\n";
		assert_eq!(sum_of(text, "items"), Some(2.5));
		assert_eq!(sum_of(text, "item"), None);
	}
}
