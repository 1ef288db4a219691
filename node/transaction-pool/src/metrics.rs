//! The metrics of the SDK's pools, which both register under the same names: a label
//! distinguishes them.

use std::collections::HashMap;

use substrate_prometheus_endpoint::{
	PrometheusError, Registry,
	prometheus::{
		core::{Collector, Desc},
		proto::MetricFamily,
	},
};

/// A registry within that of the node, for the metrics of one of the two pools: they get the label
/// `track`.
pub fn registry_of(
	registry: Option<&Registry>,
	track: &str,
) -> Result<Option<Registry>, PrometheusError> {
	let Some(registry) = registry else { return Ok(None) };
	let labels = HashMap::from([("track".to_owned(), track.to_owned())]);
	let inner = Registry::new_custom(None, Some(labels))?;
	let desc = Desc::new(
		format!("groma_transaction_pool_{track}"),
		"The metrics of one of the two transaction pools".to_owned(),
		Vec::new(),
		HashMap::new(),
	)?;
	registry.register(Box::new(Nested { inner: inner.clone(), desc }))?;
	Ok(Some(inner))
}

/// A registry as a part of another. The description stands for all that it holds, which is
/// registered later.
struct Nested {
	inner: Registry,
	desc: Desc,
}

impl Collector for Nested {
	fn desc(&self) -> Vec<&Desc> {
		vec![&self.desc]
	}

	fn collect(&self) -> Vec<MetricFamily> {
		self.inner.gather()
	}
}

#[cfg(test)]
mod tests {
	use substrate_prometheus_endpoint::{Gauge, U64, register};

	use super::*;

	#[test]
	fn metrics_of_both_pools_have_one_name_and_two_labels() {
		let registry = Registry::new();
		for (track, value) in [("evidence", 3), ("ordinary", 5)] {
			let inner =
				registry_of(Some(&registry), track).expect("no clash").expect("there is one");
			let gauge = Gauge::<U64>::new("sub_txpool_test", "Of a test").expect("it is valid");
			register(gauge, &inner).expect("no clash").set(value);
		}
		let families = registry.gather();
		assert_eq!(families.len(), 1);
		let found: Vec<_> = families[0]
			.get_metric()
			.iter()
			.map(|metric| {
				let label = &metric.get_label()[0];
				(label.get_name(), label.get_value(), metric.get_gauge().get_value())
			})
			.collect();
		assert_eq!(found, [("track", "evidence", 3.0), ("track", "ordinary", 5.0)]);
		assert!(registry_of(None, "evidence").expect("no clash").is_none());
	}
}
