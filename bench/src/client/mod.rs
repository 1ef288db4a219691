//! What the device client takes of a small gateway: resident memory and processor time. The real
//! program serves one gateway that is registered on the chain of a real node, and a packet
//! forwarder brings it data frames over UDP.

mod floor;
mod forwarder;
mod process;

use std::{
	net::{SocketAddr, TcpListener, UdpSocket},
	path::{Path, PathBuf},
	time::Duration,
};

use anyhow::{Context, ensure};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

use crate::{interruptible, report::Report, usage::Usage};
use forwarder::{Forwarder, MAC};
use process::{Process, program, run_to_end};

/// How long a program may take to get ready.
const PATIENCE: Duration = Duration::from_secs(120);
const MEGABYTE: f64 = 1e6;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Frames that the gateway hears.
	#[arg(long, default_value_t = 3_000, value_name = "N")]
	packets: u16,
	/// How many of them it hears in a second.
	#[arg(long, default_value_t = 300, value_name = "N")]
	per_second: u32,
	/// For how long it hears nothing before, in seconds.
	#[arg(long, default_value_t = 30, value_name = "SECONDS")]
	idle: u64,
	/// The client to measure, instead of the `groma-device` that was built with the benchmark.
	#[arg(long, value_name = "FILE")]
	program: Option<PathBuf>,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	ensure!(arguments.packets > 0, "give --packets of at least 1");
	interruptible::run(measure(arguments, report))
}

async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let directory = tempfile::tempdir()?;
	let progress = indicatif::ProgressBar::new_spinner();
	progress.enable_steady_tick(Duration::from_millis(200));
	progress.set_message("starting a chain");
	let (node, endpoint) = start_node(directory.path()).await?;
	progress.set_message("registering a gateway");
	let device = match &arguments.program {
		Some(device) => std::path::absolute(device)?,
		None => program("groma-device")?,
	};
	let (mut client, addresses) = start_client(&device, directory.path(), &endpoint).await?;
	let mut forwarder = Forwarder::open(MAC, addresses.radio).await?;

	progress.set_message("hearing nothing");
	let awake = Usage::of(client.id()?)?;
	forwarder.idle(Duration::from_secs(arguments.idle)).await?;
	ensure!(forwarder.is_connected(), "the client does not answer its packet forwarder");
	let idle = Usage::of(client.id()?)?;

	progress.set_message("hearing data");
	forwarder.hear(arguments.packets, arguments.per_second).await?;
	let handled = i64::from(arguments.packets);
	client
		.wait_for("all frames are handled", Duration::from_secs(10), async |_| {
			Ok((addresses.metric("receptions_total").await? >= handled).then_some(()))
		})
		.await?;
	let busy = Usage::of(client.id()?)?;
	let (acknowledged, dropped) =
		(forwarder.acknowledged(), addresses.metric("receptions_dropped_total").await?);
	drop((client, node));
	progress.set_message("hearing data without a client");
	let floor = floor::per_packet(arguments.packets, arguments.per_second).await?;

	let count = arguments.packets;
	report.figure("packets", count.into(), "");
	report.figure("packets_acknowledged", acknowledged as f64, "");
	report.figure("packets_dropped", dropped as f64, "");
	report.figure("resident_idle", idle.resident as f64 / MEGABYTE, "MB");
	report.figure(&format!("resident_after_{count}"), busy.resident as f64 / MEGABYTE, "MB");
	report.figure("resident_peak", busy.resident_peak as f64 / MEGABYTE, "MB");
	let rate = Rate::of(idle.since(&awake));
	let (cpu, passed) = busy.since(&idle);
	let per_packet = |cpu: Duration| cpu.as_secs_f64() * 1e6 / f64::from(count);
	report.figure("cpu_idle", rate.0 * 1e6, "us per second");
	report.figure("cpu_per_packet", per_packet(rate.beyond(cpu, passed)), "us");
	report.figure("cpu_per_packet_with_idle", per_packet(cpu), "us");
	report.figure("cpu_per_packet_of_the_machine", floor.as_secs_f64() * 1e6, "us");
	Ok(())
}

/// The processor time that the client takes anyway, in seconds per second.
#[derive(Clone, Copy, Debug)]
struct Rate(f64);

impl Rate {
	fn of((cpu, passed): (Duration, Duration)) -> Self {
		Self(if passed.is_zero() { 0.0 } else { cpu.as_secs_f64() / passed.as_secs_f64() })
	}

	/// What of `cpu` it would not have taken anyway.
	fn beyond(self, cpu: Duration, passed: Duration) -> Duration {
		cpu.saturating_sub(passed.mul_f64(self.0))
	}
}

/// A chain of one validator on this machine, and where its JSON-RPC is.
async fn start_node(directory: &Path) -> anyhow::Result<(Process, String)> {
	let base = directory.join("node");
	let base = base.to_str().context("the folder for temporary files has no plain name")?;
	let mut node = Process::start(
		&program("groma-node")?,
		&[
			"--dev",
			"--base-path",
			base,
			"--no-mdns",
			"--no-prometheus",
			"--no-telemetry",
			"--listen-addr",
			"/ip4/127.0.0.1/tcp/0",
			"--rpc-port",
			"0",
			"--db-storage-threshold",
			"0",
		],
		directory.join("node.log"),
	)?;
	let address = node
		.wait_for("the chain makes blocks", PATIENCE, async |node| {
			let log = node.log();
			let makes_blocks = log.contains("Imported #1");
			Ok(listen_address(&log).filter(|_| makes_blocks))
		})
		.await?;
	Ok((node, format!("ws://{address}")))
}

/// The address in the line by which a node says where it serves JSON-RPC.
fn listen_address(log: &str) -> Option<String> {
	let (_, addresses) = log.split_once("Running JSON-RPC server: addr=")?;
	// The line may still be in the course of being written.
	let (line, _) = addresses.split_once('\n')?;
	line.split(',').next().map(|first| first.trim().to_owned())
}

/// Where a client listens.
#[derive(Clone, Copy)]
struct Addresses {
	radio: SocketAddr,
	metrics: SocketAddr,
}

impl Addresses {
	/// Two that are free now.
	fn free() -> anyhow::Result<Self> {
		Ok(Self {
			radio: UdpSocket::bind("127.0.0.1:0")?.local_addr()?,
			metrics: TcpListener::bind("127.0.0.1:0")?.local_addr()?,
		})
	}

	/// A number that the client shows to Prometheus.
	async fn metric(&self, name: &str) -> anyhow::Result<i64> {
		let mut stream = TcpStream::connect(self.metrics).await?;
		stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").await?;
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await?;
		metric(&answer, name).with_context(|| format!("the client shows no {name}"))
	}
}

/// The value of a metric in Prometheus' text format.
fn metric(text: &str, name: &str) -> Option<i64> {
	let name = format!("groma_device_{name} ");
	text.lines().find_map(|line| line.strip_prefix(&name))?.trim().parse().ok()
}

/// Registers a gateway and runs its client until it knows that.
async fn start_client(
	device: &Path,
	directory: &Path,
	endpoint: &str,
) -> anyhow::Result<(Process, Addresses)> {
	let key = format!("file:{}", directory.join("session.key").display());
	run_to_end(device, &["key", "generate", &key]).await?;
	run_to_end(
		device,
		&[
			"onboard",
			"--key",
			&key,
			"--owner",
			"//Bob",
			"--latitude",
			"52.52",
			"--longitude",
			"13.405",
			"--endpoint",
			endpoint,
		],
	)
	.await?;
	let addresses = Addresses::free()?;
	let settings = directory.join("settings.toml");
	std::fs::write(&settings, settings_text(directory, endpoint, addresses, &key))?;
	let settings = settings.to_str().context("the folder has no plain name")?;
	let log = directory.join("client.log");
	let mut client = Process::start(device, &["run", "--settings", settings], log)?;
	client
		.wait_for("the client knows its gateway", PATIENCE, async |_| {
			Ok((addresses.metric("gateways_onboarded").await? == 1).then_some(()))
		})
		.await?;
	Ok((client, addresses))
}

fn settings_text(directory: &Path, endpoint: &str, addresses: Addresses, key: &str) -> String {
	let mac: String = MAC.iter().map(|byte| format!("{byte:02X}")).collect();
	let Addresses { radio, metrics } = addresses;
	let store = directory.join("store.db");
	format!(
		"[chain]\nendpoints = [{endpoint:?}]\n[radio]\nlisten = \"{radio}\"\n[store]\npath = {store:?}\n\
		 [metrics]\nlisten = \"{metrics}\"\n[[gateway]]\nmac = \"{mac}\"\nkey = {key:?}\n"
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn idle_time_is_no_packets_fault() {
		let rate = Rate::of((Duration::from_millis(100), Duration::from_secs(10)));
		let beyond = rate.beyond(Duration::from_millis(350), Duration::from_secs(5));
		assert_eq!(beyond.as_millis(), 300);
		assert!(rate.beyond(Duration::from_millis(10), Duration::from_secs(5)).is_zero());
	}

	#[test]
	fn metric_is_found_by_its_whole_name() {
		let text = "# HELP groma_device_receptions_total Frames.\ngroma_device_receptions_total 7\n\
			groma_device_receptions_dropped_total 2\n";
		assert_eq!(metric(text, "receptions_total"), Some(7));
		assert_eq!(metric(text, "receptions"), None);
	}

	#[test]
	fn address_is_found_when_the_line_is_complete() {
		let line = "2026 Running JSON-RPC server: addr=127.0.0.1:4242,[::1]:4242";
		assert_eq!(listen_address(line), None);
		assert_eq!(listen_address(&format!("{line}\n")).as_deref(), Some("127.0.0.1:4242"));
	}

	#[test]
	fn settings_are_what_a_client_takes() {
		let addresses = Addresses::free().expect("there are ports");
		let text = settings_text(Path::new("/tmp/x"), "ws://127.0.0.1:1", addresses, "file:/k");
		let table: toml::Table = text.parse().expect("TOML");
		let settings: groma_device::settings::Settings = table.try_into().expect("settings");
		assert_eq!(settings.gateway.len(), 1);
		assert_eq!(settings.radio.listen, addresses.radio);
	}
}
