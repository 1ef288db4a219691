//! The device client as a process that is listened to, and stopped by a signal.

use std::{
	fs,
	net::{SocketAddr, UdpSocket},
	path::PathBuf,
	process::Stdio,
	time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
	io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
	process::{Child, ChildStderr, Command},
	task::JoinHandle,
	time::timeout,
};

use crate::binary;

/// The hardware address of every gateway here.
pub(crate) const MAC: [u8; 8] = [0xAA, 0x55, 0x5A, 0, 0, 0, 1, 1];

/// A client that runs. It is killed when this goes out of scope.
pub struct Client {
	process: Child,
	/// What it says of its progress.
	lines: Lines<BufReader<ChildStderr>>,
	/// What it prints.
	printed: JoinHandle<std::io::Result<String>>,
}

/// How a client came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
	/// The last line that it said of its progress.
	pub last_line: String,
	/// What it printed.
	pub printed: String,
	/// Its exit code; `None` if a signal killed it.
	pub code: Option<i32>,
}

impl End {
	/// The JSON document that it printed.
	///
	/// # Errors
	///
	/// If it printed something else.
	pub fn document(&self) -> Result<Value> {
		serde_json::from_str(&self.printed).with_context(|| format!("no JSON: {}", self.printed))
	}
}

impl Client {
	/// Starts `groma-simulate --json` with further arguments on the node behind `url`, to listen to
	/// what it says of its progress.
	///
	/// # Errors
	///
	/// If the binary does not exist or cannot be run.
	pub fn simulate(url: &str, arguments: &[&str]) -> Result<Self> {
		let mut command = Command::new(binary::simulator()?);
		command.args(["--json", "--endpoint", url]).args(arguments);
		Self::start(command)
	}

	/// Starts `groma-device run` with the files of a gateway, to listen to its log.
	///
	/// # Errors
	///
	/// As for [`Self::simulate`].
	pub fn run(gateway: &Gateway) -> Result<Self> {
		let mut command = Command::new(binary::device()?);
		command.args(["run", "--settings"]).arg(gateway.settings());
		Self::start(command)
	}

	fn start(mut command: Command) -> Result<Self> {
		command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
		let mut process = command.kill_on_drop(true).spawn()?;
		let said = process.stderr.take().context("the log is piped")?;
		let mut stdout = process.stdout.take().context("the output is piped")?;
		let printed = tokio::spawn(async move {
			let mut printed = String::new();
			stdout.read_to_string(&mut printed).await?;
			Ok(printed)
		});
		Ok(Self { process, lines: BufReader::new(said).lines(), printed })
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

	/// Waits for the end.
	///
	/// # Errors
	///
	/// If the client takes longer than `patience`.
	pub async fn end(mut self, patience: Duration) -> Result<End> {
		let ended = async {
			let mut last_line = String::new();
			while let Some(line) = self.lines.next_line().await? {
				last_line = line;
			}
			let (printed, code) = (self.printed.await??, self.process.wait().await?.code());
			Ok(End { last_line, printed, code })
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
	pub async fn end_by(self, signal: &str, patience: Duration) -> Result<End> {
		let id = self.process.id().context("the client has ended")?.to_string();
		ensure!(Command::new("kill").args([signal, &id]).status().await?.success(), "not sent");
		self.end(patience).await
	}
}

/// Runs a command of the client to its end: its exit code, and all that it printed.
///
/// # Errors
///
/// If the binary does not exist or cannot be run.
pub async fn run_to_end(arguments: &[&str]) -> Result<(Option<i32>, String)> {
	run_program(binary::device()?, arguments).await
}

/// As [`run_to_end`], of any program.
pub(crate) async fn run_program(
	program: PathBuf,
	arguments: &[&str],
) -> Result<(Option<i32>, String)> {
	let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().await?;
	let printed = [output.stdout, output.stderr].concat();
	Ok((output.status.code(), String::from_utf8_lossy(&printed).into_owned()))
}

/// Runs a command of the client to its end and returns the JSON document that it prints.
///
/// # Errors
///
/// If it fails, or prints something else.
pub async fn document_of(arguments: &[&str]) -> Result<Value> {
	document_of_program(binary::device()?, arguments).await
}

/// As [`document_of`], of any program.
pub(crate) async fn document_of_program(program: PathBuf, arguments: &[&str]) -> Result<Value> {
	let mut command = Command::new(program);
	let output = command.args(arguments).arg("--json").stdin(Stdio::null()).output().await?;
	let said = String::from_utf8_lossy(&output.stderr);
	ensure!(output.status.success(), "{arguments:?}: {said}");
	serde_json::from_slice(&output.stdout)
		.with_context(|| format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stdout)))
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
