//! Prometheus metrics over a minimal HTTP listener.

use std::{
	fmt::Write,
	io,
	marker::PhantomData,
	net::SocketAddr,
	sync::{
		Arc,
		atomic::{AtomicU64, Ordering},
	},
	time::Duration,
};

use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	time::timeout,
};
use tracing::{debug, info};

use crate::shutdown::Shutdown;

/// A client that does not send or take its few bytes within this is dropped.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);
/// Requests served at the same time.
const CLIENTS_MAX: usize = 8;

/// A number that is shown to Prometheus.
#[derive(Debug, Default)]
pub struct Metric(AtomicU64);

impl Metric {
	/// Counts one more.
	pub fn increment(&self) {
		self.0.fetch_add(1, Ordering::Relaxed);
	}

	/// Sets a gauge.
	pub fn set(&self, value: u64) {
		self.0.store(value, Ordering::Relaxed);
	}

	/// The number now.
	pub fn get(&self) -> u64 {
		self.0.load(Ordering::Relaxed)
	}
}

/// The values of a label, which distinguish the numbers of one name.
pub trait Labels: Send + Sync {
	/// The name of the label.
	const NAME: &'static str;
	/// Its values.
	fn values() -> Vec<&'static str>;
}

/// Numbers of one name, one for each value of a label.
#[derive(Debug)]
pub struct Labelled<L> {
	metrics: Vec<Metric>,
	labels: PhantomData<L>,
}

impl<L: Labels> Default for Labelled<L> {
	fn default() -> Self {
		let metrics = L::values().iter().map(|_| Metric::default()).collect();
		Self { metrics, labels: PhantomData }
	}
}

impl<L: Labels> Labelled<L> {
	/// Counts one more of the value with this index.
	pub fn increment(&self, index: usize) {
		if let Some(metric) = self.metrics.get(index) {
			metric.increment();
		}
	}

	/// The number of the value with this index.
	pub fn get(&self, index: usize) -> u64 {
		self.metrics.get(index).map_or(0, Metric::get)
	}
}

/// One or more numbers of one name.
pub trait Samples {
	/// Writes them in Prometheus' text format, a line each.
	fn render(&self, name: &str, text: &mut String);
}

// Writing to a string cannot fail.
impl Samples for Metric {
	fn render(&self, name: &str, text: &mut String) {
		let _ = writeln!(text, "{name} {}", self.get());
	}
}

impl<L: Labels> Samples for Labelled<L> {
	fn render(&self, name: &str, text: &mut String) {
		for (value, metric) in L::values().iter().zip(&self.metrics) {
			let _ = writeln!(text, "{name}{{{}=\"{value}\"}} {}", L::NAME, metric.get());
		}
	}
}

/// Numbers that are shown to Prometheus.
pub trait Source: Send + Sync {
	/// Writes them in Prometheus' text format, with a prefix before each name.
	fn render(&self, prefix: &str, text: &mut String);
}

/// Declares a set of metrics: each with its name, its [`Labels`] in angle brackets if it has any,
/// its kind and its help.
#[macro_export]
macro_rules! metrics {
	(
		$(#[doc = $doc:literal])+
		$name:ident: $($field:ident $(<$labels:ty>)?: $kind:literal = $help:literal,)+
	) => {
		$(#[doc = $doc])+
		#[derive(Debug, Default)]
		pub struct $name {
			$(#[doc = $help] pub $field: $crate::metrics!(@type $($labels)?),)+
		}

		impl $crate::metrics::Source for $name {
			fn render(&self, prefix: &str, text: &mut String) {
				use std::fmt::Write;
				$(
					let suffix = if $kind == "counter" { "_total" } else { "" };
					let name = format!("{prefix}_{}{suffix}", stringify!($field));
					// Writing to a string cannot fail.
					let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} {}", $help, $kind);
					$crate::metrics::Samples::render(&self.$field, &name, text);
				)+
			}
		}
	};
	(@type) => { $crate::metrics::Metric };
	(@type $labels:ty) => { $crate::metrics::Labelled<$labels> };
}

metrics! {
	/// What the client counts of the chain and of its reports.
	Metrics:
	best_block: "gauge" = "Number of the best block.",
	finalized_block: "gauge" = "Number of the last finalized block.",
	window: "gauge" = "The finalized challenge window.",
	gateways_onboarded: "gauge" = "Gateways of this process whose key the chain knows.",
	reports_handed_in: "counter" = "Statements and reveals given to a node.",
	reports_submitted: "counter" = "Statements and reveals submitted as own transactions.",
	reports_settled: "counter" = "Statements and reveals found on the finalized chain.",
	reports_refused: "counter" = "Statements and reveals that the chain will never take.",
	reports_expired: "counter" = "Statements and reveals that did not reach the chain in time.",
	reports_open: "gauge" = "Statements and reveals that are not settled yet.",
	endpoints_contradicting: "counter" = "Times that an endpoint was caught contradicting others.",
	chain_errors: "counter" = "Requests that an endpoint did not answer.",
	runtime_unreadable: "gauge" = "Functions of the runtime that this version cannot read: update it.",
	chain_failovers: "counter" = "Changes from one endpoint to another.",
}

/// Serves metrics under every path of an address.
pub struct Exporter {
	listener: TcpListener,
	prefix: &'static str,
	sources: Vec<Arc<dyn Source>>,
}

impl Exporter {
	/// Listens on `address`. The name of every metric begins with `prefix`.
	pub async fn bind(
		address: SocketAddr,
		prefix: &'static str,
		sources: Vec<Arc<dyn Source>>,
	) -> io::Result<Self> {
		let listener = TcpListener::bind(address).await?;
		info!(target: "client::metrics", address = %listener.local_addr()?, "serving metrics");
		Ok(Self { listener, prefix, sources })
	}

	/// The address that clients have to ask.
	pub fn local_address(&self) -> io::Result<SocketAddr> {
		self.listener.local_addr()
	}

	/// Serves until the process is to stop.
	pub async fn run(self, mut shutdown: Shutdown) {
		let clients = Arc::new(tokio::sync::Semaphore::new(CLIENTS_MAX));
		loop {
			tokio::select! {
				() = shutdown.requested() => return,
				accepted = self.listener.accept() => match accepted {
					Ok((stream, _)) => {
						let Ok(permit) = clients.clone().try_acquire_owned() else { continue };
						let text = self.render();
						tokio::spawn(async move {
							let _ = timeout(CLIENT_TIMEOUT, answer(stream, text)).await;
							drop(permit);
						});
					},
					Err(error) => {
						debug!(target: "client::metrics", %error);
						// Out of file descriptors, for example: it does not pass by asking at once.
						tokio::time::sleep(Duration::from_millis(200)).await;
					},
				},
			}
		}
	}
}

impl Exporter {
	fn render(&self) -> String {
		let mut text = String::new();
		for source in &self.sources {
			source.render(self.prefix, &mut text);
		}
		text
	}
}

/// Answers one request of HTTP/1, whatever it asks for.
async fn answer(mut stream: TcpStream, text: String) -> io::Result<()> {
	let mut request = [0; 1_024];
	let mut length = 0;
	while !request[..length].windows(4).any(|end| end == b"\r\n\r\n") && length < request.len() {
		match stream.read(&mut request[length..]).await? {
			0 => return Ok(()),
			more => length += more,
		}
	}
	let head = format!(
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\
		 Connection: close\r\n\r\n",
		text.len()
	);
	stream.write_all(head.as_bytes()).await?;
	stream.write_all(text.as_bytes()).await?;
	stream.shutdown().await
}

#[cfg(test)]
mod tests {
	use super::*;

	#[tokio::test]
	async fn exporter_answers_in_the_text_format() {
		let metrics = Arc::new(Metrics::default());
		metrics.reports_settled.increment();
		metrics.window.set(7);
		let address = SocketAddr::from(([127, 0, 0, 1], 0));
		let exporter = Exporter::bind(address, "groma_test", vec![metrics]).await.expect("bound");
		let address = exporter.local_address().expect("bound");
		let (trigger, shutdown) = crate::shutdown::channel();
		let task = tokio::spawn(exporter.run(shutdown));

		let mut stream = TcpStream::connect(address).await.expect("connected");
		stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").await.expect("sent");
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await.expect("received");
		assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
		assert!(answer.contains("\ngroma_test_reports_settled_total 1\n"));
		assert!(answer.contains("# TYPE groma_test_window gauge\ngroma_test_window 7\n"));

		trigger.fire();
		task.await.expect("stopped");
	}
}
