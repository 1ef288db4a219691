//! The device client as a process that is listened to, and stopped by a signal.

use std::{
	fs,
	net::{SocketAddr, UdpSocket},
	process::Stdio,
	time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::{
	io::{AsyncBufReadExt, AsyncRead, BufReader, Lines},
	process::{Child, Command},
	time::timeout,
};

use crate::binary;

/// The hardware address of every gateway here.
pub(crate) const MAC: [u8; 8] = [0xAA, 0x55, 0x5A, 0, 0, 0, 1, 1];

/// A client that runs. It is killed when this goes out of scope.
pub struct Client {
	process: Child,
	lines: Lines<BufReader<Box<dyn AsyncRead + Send + Unpin>>>,
}

/// How a client came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
	/// The last line that it said.
	pub last_line: String,
	/// Its exit code; `None` if a signal killed it.
	pub code: Option<i32>,
}

impl Client {
	/// Starts `groma-simulate` with further arguments on the node behind `url`, to listen to what it prints.
	///
	/// # Errors
	///
	/// If the binary does not exist or cannot be run.
	pub fn simulate(url: &str, arguments: &[&str]) -> Result<Self> {
		let mut command = Command::new(binary::simulator()?);
		command.args(["--rpc", url]).args(arguments).stdout(Stdio::piped());
		let mut process = command.stdin(Stdio::null()).kill_on_drop(true).spawn()?;
		let printed = process.stdout.take().context("the output is piped")?;
		Ok(Self { process, lines: lines_of(printed) })
	}

	/// Starts `groma-device run` with the files of a gateway, to listen to its log.
	///
	/// # Errors
	///
	/// As for [`Self::simulate`].
	pub fn run(gateway: &Gateway) -> Result<Self> {
		let mut command = Command::new(binary::device()?);
		command.args(["run", "--settings"]).arg(gateway.settings());
		command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
		let mut process = command.spawn()?;
		let log = process.stderr.take().context("the log is piped")?;
		Ok(Self { process, lines: lines_of(log) })
	}

	/// The next line that contains `text`, and how many came before it.
	///
	/// # Errors
	///
	/// If the client ends before, or takes longer than `patience`.
	pub async fn line_with(&mut self, text: &str, patience: Duration) -> Result<(String, usize)> {
		let found = async {
			let mut passed = 0;
			while let Some(line) = self.lines.next_line().await? {
				if line.contains(text) {
					return Ok((line, passed));
				}
				passed += 1;
			}
			bail!("the client ended without saying `{text}`")
		};
		timeout(patience, found).await.with_context(|| format!("the client never said `{text}`"))?
	}

	/// Waits for the first line of which `is_it` is true.
	///
	/// # Errors
	///
	/// As for [`Self::line_with`].
	pub async fn line_where(
		&mut self,
		is_it: impl Fn(&str) -> bool,
		patience: Duration,
	) -> Result<String> {
		let found = async {
			while let Some(line) = self.lines.next_line().await? {
				if is_it(&line) {
					return Ok(line);
				}
			}
			bail!("the client ended before it said what was waited for")
		};
		timeout(patience, found).await.context("the client never said what was waited for")?
	}

	/// Waits for the end, and returns the lines until then and the exit code.
	///
	/// # Errors
	///
	/// If the client takes longer than `patience`.
	pub async fn end(mut self, patience: Duration) -> Result<(Vec<String>, Option<i32>)> {
		let ended = async {
			let mut lines = Vec::new();
			while let Some(line) = self.lines.next_line().await? {
				lines.push(line);
			}
			Ok((lines, self.process.wait().await?.code()))
		};
		timeout(patience, ended).await.context("the client did not end")?
	}

	/// Kills the client at once, as `kill -9` does.
	///
	/// # Errors
	///
	/// If it has ended already.
	pub async fn kill(mut self) -> Result<()> {
		Ok(self.process.kill().await?)
	}

	/// Sends a signal, such as `-INT`, and waits for the end.
	///
	/// # Errors
	///
	/// If the client does not run, or takes longer than `patience`.
	pub async fn end_by(mut self, signal: &str, patience: Duration) -> Result<End> {
		let id = self.process.id().context("the client has ended")?.to_string();
		ensure!(Command::new("kill").args([signal, &id]).status().await?.success(), "not sent");
		let ended = async {
			let mut last_line = String::new();
			while let Some(line) = self.lines.next_line().await? {
				last_line = line;
			}
			Ok(End { last_line, code: self.process.wait().await?.code() })
		};
		timeout(patience, ended).await.context("the client did not end")?
	}
}

fn lines_of(
	stream: impl AsyncRead + Send + Unpin + 'static,
) -> Lines<BufReader<Box<dyn AsyncRead + Send + Unpin>>> {
	BufReader::new(Box::new(stream) as Box<dyn AsyncRead + Send + Unpin>).lines()
}

/// Runs a command of the client to its end: its exit code, and all that it printed.
///
/// # Errors
///
/// If the binary does not exist or cannot be run.
pub async fn run_to_end(arguments: &[&str]) -> Result<(Option<i32>, String)> {
	let output =
		Command::new(binary::device()?).args(arguments).stdin(Stdio::null()).output().await?;
	let printed = [output.stdout, output.stderr].concat();
	Ok((output.status.code(), String::from_utf8_lossy(&printed).into_owned()))
}

/// The files of a gateway whose key is registered nowhere: settings, key, store.
pub struct Gateway {
	directory: TempDir,
	radio: SocketAddr,
}

impl Gateway {
	/// The files of a gateway that speaks to the node behind `url`.
	///
	/// # Errors
	///
	/// If they cannot be written, or the client makes no key.
	pub async fn new(url: &str) -> Result<Self> {
		let directory = tempfile::tempdir()?;
		let radio = UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
		let gateway = Self { directory, radio };
		let (code, printed) = run_to_end(&["key", "generate", &gateway.key()]).await?;
		ensure!(code == Some(0), "{printed}");
		gateway.write_settings(url)?;
		Ok(gateway)
	}

	/// The URI of its key.
	pub fn key(&self) -> String {
		format!("file:{}", self.directory.path().join("key").display())
	}

	/// The path of its settings.
	pub fn settings(&self) -> String {
		self.directory.path().join("settings.toml").display().to_string()
	}

	/// Where its client listens for packet forwarders.
	pub fn radio(&self) -> SocketAddr {
		self.radio
	}

	fn write_settings(&self, url: &str) -> std::io::Result<()> {
		let mac: String = MAC.iter().map(|byte| format!("{byte:02X}")).collect();
		let settings = format!(
			"[chain]\nendpoints = [\"{url}\"]\nagreeing_endpoints = 1\n\
			 [radio]\nlisten = \"{}\"\n[store]\npath = \"{}/store.db\"\n\
			 [[gateway]]\nmac = \"{mac}\"\nkey = \"{}\"\n",
			self.radio,
			self.directory.path().display(),
			self.key()
		);
		fs::write(self.settings(), settings)
	}
}
