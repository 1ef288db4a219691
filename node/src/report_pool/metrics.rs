//! What Prometheus sees of the pool.

use substrate_prometheus_endpoint::{
	CounterVec, GaugeVec, Histogram, HistogramOpts, Opts, PrometheusError, Registry, U64, register,
};

use super::outcome::{Outcome, Rejection};

/// A check takes some 0.2 ms; one second would mean an overloaded machine.
const CHECK_SECONDS: [f64; 8] = [0.000_1, 0.000_2, 0.000_5, 0.001, 0.005, 0.02, 0.1, 1.0];

/// The label of reports of unknown series: one for all numbers, which clients choose.
const UNKNOWN: &str = "unknown";

/// Reports by their labels, or nothing if no registry was given.
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

	/// Counts what came of the submission of a report.
	pub(super) fn count(&self, series: &str, result: &Result<Outcome, Rejection>) {
		let Some(metrics) = &self.0 else { return };
		match result {
			Ok(outcome) => metrics.taken.with_label_values(&[series, outcome.name()]).inc(),
			Err(rejection) => metrics.rejected.with_label_values(&[series, rejection.name()]).inc(),
		}
	}

	/// Counts a report of no known series.
	pub(super) fn count_of_unknown_series(&self, rejection: &Rejection) {
		let Some(metrics) = &self.0 else { return };
		metrics.rejected.with_label_values(&[UNKNOWN, rejection.name()]).inc();
	}

	/// Notes how many reports of a series the pool holds.
	pub(super) fn hold(&self, series: &str, count: usize) {
		let Some(metrics) = &self.0 else { return };
		metrics.items.with_label_values(&[series]).set(count as u64);
	}

	/// Measures how long the chain takes to check a report.
	pub(super) fn time<Verdict>(&self, check: impl FnOnce() -> Verdict) -> Verdict {
		let _timer = self.0.as_ref().map(|metrics| metrics.check_seconds.start_timer());
		check()
	}
}

impl Registered {
	fn new(registry: &Registry) -> Result<Self, PrometheusError> {
		let by = |name: &str, help: &str| Opts::new(format!("groma_report_pool_{name}"), help);
		let items = GaugeVec::new(by("items", "Reports in the pool, by series"), &["series"])?;
		let taken = CounterVec::new(
			by("taken_total", "Reports submitted and in the pool, by series and outcome"),
			&["series", "outcome"],
		)?;
		let rejected = CounterVec::new(
			by("rejected_total", "Reports submitted and rejected, by series and reason"),
			&["series", "reason"],
		)?;
		let check_seconds = HistogramOpts::new(
			"groma_report_pool_check_seconds",
			"Time that the chain takes to check a report, in seconds",
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
