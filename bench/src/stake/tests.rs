//! Short forms of the benchmark. They look at no time.

use super::{crowd, eras, evidence, history};
use crate::report::Report;

#[test]
fn operations_read_and_write_as_often_whatever_the_number_of_delegators_and_devices() {
	let mut report = Report::new("stake");
	crowd::run(40, 1, &mut report).expect("it runs");
	for operation in crowd::names() {
		let value = |name: &str| report.value(&format!("{name}_of_{operation}"));
		assert_eq!(value("difference"), Some(0.0), "{operation}");
		assert!(value("reads").is_some_and(|reads| reads >= 1.0), "{operation} reads nothing");
		let writes = value("writes").expect("it is counted");
		assert_eq!(writes > 0.0, operation != "coverage", "{operation} writes {writes} times");
	}
	assert_eq!(report.value("difference_of_operations"), Some(0.0));
}

/// That 300 are elected, replaced and rewarded is checked where it is measured.
#[test]
fn elections_and_epochs_touch_every_candidate_and_every_validator() {
	let mut report = Report::new("stake");
	eras::run(&mut report).expect("it runs");
	let at_least = |name: &str, least: f64| {
		let value = report.value(name).expect("it is reported");
		assert!(value >= least, "{name} is {value}");
	};
	at_least("reads_of_election", 2_000.0);
	at_least("reads_of_closing", 600.0);
	at_least("writes_of_closing", 600.0);
	at_least("reads_of_change", 300.0);
	for name in ["weight_of_election", "weight_of_closing", "weight_of_change"] {
		at_least(name, f64::MIN_POSITIVE);
		assert!(report.value(name).is_some_and(|share| share <= 10.0), "{name}");
	}
}

#[test]
fn delegators_have_what_an_exact_model_says() {
	for seed in 1..4 {
		let mut report = Report::new("stake");
		history::run(&[1, 2, 30], 400, seed, &mut report).expect("it runs");
		let value = |name: &str| report.value(name).expect("it is reported");
		assert!(value("most_off_per_operation") <= 1.0, "seed {seed}:\n{report}");
		assert_eq!(value("totals_off"), 0.0, "seed {seed}:\n{report}");
		assert!(value("operations") >= 300.0, "seed {seed}:\n{report}");
		assert!(value("slashes") >= 5.0, "seed {seed}:\n{report}");
	}
}

#[test]
fn false_evidence_is_refused_and_costs_who_signs_it_a_fee() {
	const CASES: f64 = 300.0;
	let mut report = Report::new("stake");
	evidence::run(CASES as u64, 3, &mut report).expect("it runs");
	for kind in ["double_beacon", "two_blocks", "two_votes"] {
		let value = |of: &str| report.value(&format!("{of}_of_{kind}"));
		assert_eq!(value("false"), Some(CASES), "{kind}");
		for none in ["accepted", "left_out", "free", "pooled"] {
			assert_eq!(value(none), Some(0.0), "{none} of {kind}:\n{report}");
		}
		assert!(value("least_fee").is_some_and(|fee| fee > 0.0), "{kind}:\n{report}");
	}
}
