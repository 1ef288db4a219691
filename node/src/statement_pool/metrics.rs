//! What Prometheus sees of the pool.

use substrate_prometheus_endpoint::{
	CounterVec, GaugeVec, Histogram, HistogramOpts, Opts, PrometheusError, Registry, U64, register,
};

use super::{Outcome, Rejection};

/// A verdict takes some 0.2 ms; one second would mean an overloaded machine.
const CHECK_SECONDS: [f64; 8] = [0.000_1, 0.000_2, 0.000_5, 0.001, 0.005, 0.02, 0.1, 1.0];

/// Statements and reveals by their labels, or nothing if no registry was given.
pub(super) struct Metrics(Option<Registered>);

struct Registered {
	items: GaugeVec<U64>,
	taken: CounterVec<U64>,
	rejected: CounterVec<U64>,
	check_seconds: Histogram,
}

impl Metrics {
	/// Registers the metrics.
	pub(super) fn register(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
		registry.map(Registered::new).transpose().map(Self)
	}

	/// Counts what came of something that was handed in.
	pub(super) fn handed_in(&self, kind: &str, result: &Result<Outcome, Rejection>) {
		let Some(metrics) = &self.0 else { return };
		match result {
			Ok(outcome) => metrics.taken.with_label_values(&[kind, outcome.name()]).inc(),
			Err(rejection) => metrics.rejected.with_label_values(&[kind, rejection.name()]).inc(),
		}
	}

	/// Notes how many of each the pool holds.
	pub(super) fn hold(&self, statements: usize, reveals: usize) {
		let Some(metrics) = &self.0 else { return };
		metrics.items.with_label_values(&[super::STATEMENT]).set(statements as u64);
		metrics.items.with_label_values(&[super::REVEAL]).set(reveals as u64);
	}

	/// Measures how long the chain takes for its verdict.
	pub(super) fn time<Verdict>(&self, check: impl FnOnce() -> Verdict) -> Verdict {
		let _timer = self.0.as_ref().map(|metrics| metrics.check_seconds.start_timer());
		check()
	}
}

impl Registered {
	fn new(registry: &Registry) -> Result<Self, PrometheusError> {
		let by = |name: &str, help: &str| Opts::new(format!("groma_statement_pool_{name}"), help);
		let items = GaugeVec::new(by("items", "What the pool holds, by kind"), &["kind"])?;
		let taken = CounterVec::new(
			by("taken_total", "What was handed in and is in the pool, by kind and outcome"),
			&["kind", "outcome"],
		)?;
		let rejected = CounterVec::new(
			by("rejected_total", "What was handed in and rejected, by kind and reason"),
			&["kind", "reason"],
		)?;
		let check_seconds = HistogramOpts::new(
			"groma_statement_pool_check_seconds",
			"Time for the chain's verdict on a statement or reveal",
		)
		.buckets(CHECK_SECONDS.to_vec());
		let check_seconds = Histogram::with_opts(check_seconds)?;
		Ok(Self {
			items: register(items, registry)?,
			taken: register(taken, registry)?,
			rejected: register(rejected, registry)?,
			check_seconds: register(check_seconds, registry)?,
		})
	}
}
