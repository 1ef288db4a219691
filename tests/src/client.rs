//! The device client as a process that is listened to, and stopped by a signal.

use std::{fs, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::{
	io::{AsyncBufReadExt, AsyncRead, BufReader, Lines},
	process::{Child, Command},
	time::timeout,
};

use crate::binary;

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
	/// Starts `groma-device simulate` with further arguments on the node behind `url`, to listen to what it prints.
	///
	/// # Errors
	///
	/// If the binary does not exist or cannot be run.
	pub fn simulate(url: &str, arguments: &[&str]) -> Result<Self> {
		let mut command = Command::new(binary::device()?);
		command.args(["simulate", "--rpc", url]).args(arguments).stdout(Stdio::piped());
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
		command.args(["run", "--settings"]).arg(gateway.0.path().join("settings.toml"));
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

/// The files of a gateway whose key is registered nowhere: settings, key, store.
pub struct Gateway(TempDir);

impl Gateway {
	/// The files of a gateway that speaks to the node behind `url`.
	///
	/// # Errors
	///
	/// If they cannot be written, or the client makes no key.
	pub async fn new(url: &str) -> Result<Self> {
		let directory = tempfile::tempdir()?;
		let key = format!("file:{}", directory.path().join("key").display());
		let made = Command::new(binary::device()?).args(["key", "generate", &key]).output().await?;
		ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
		write_settings(directory.path(), url)?;
		Ok(Self(directory))
	}
}

fn write_settings(directory: &Path, url: &str) -> std::io::Result<()> {
	let settings = format!(
		"[chain]\nendpoints = [\"{url}\"]\nagreeing_endpoints = 1\n\
		 [radio]\nlisten = \"127.0.0.1:0\"\n[store]\npath = \"{0}/store.db\"\n\
		 [[gateway]]\nmac = \"AA555A0000000101\"\nkey = \"file:{0}/key\"\n",
		directory.display()
	);
	fs::write(directory.join("settings.toml"), settings)
}
