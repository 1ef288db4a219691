//! Bytes that no device would send: the pool refuses them, and holds no more because of them.

use codec::Encode;
use groma_core::{
	api::Refusal,
	payload::Observation,
	statement::{BeaconPair, Reveal, Statement},
	words::Signature,
};
use proptest::{
	prelude::*,
	sample::Index,
	test_runner::{Config, TestRunner},
};
use sp_api::ApiError;
use sp_core::offchain::storage::InMemOffchainStorage;

use super::{ReportPool, Verdict, Verdicts, series::Entry};

/// The window of the chain.
const WINDOW: u32 = 10;
/// The only signature that is genuine.
const GENUINE: Signature = Signature([7; 64]);

/// How many cases fuzzing tests read: few, or as many as the environment says. The long run has ten
/// million: `GROMA_FUZZ_CASES=10000000 scripts/test groma-node`.
pub(crate) fn fuzz_cases() -> u32 {
	std::env::var("GROMA_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000)
}

/// A chain that takes what has a genuine signature.
struct Strict;

impl Verdicts for Strict {
	fn window(&self) -> Result<u32, ApiError> {
		Ok(WINDOW)
	}

	fn verdict(&self, report: &Entry) -> Result<Verdict, ApiError> {
		let is_genuine = report.bytes.ends_with(&GENUINE.0);
		Ok(is_genuine.then_some(None).ok_or(Refusal::BadSignature.into()))
	}
}

fn reports() -> Vec<Vec<u8>> {
	let observation = Observation {
		witness: 2,
		collector: 3,
		rssi_deci_dbm: -900,
		snr_deci_db: 50,
		commitment: [1; 8],
	};
	let (window, beaconer, signature) = (WINDOW, 1, GENUINE);
	vec![
		Statement { window, beaconer, observation, signature }.encode(),
		Reveal { window: WINDOW - 2, beaconer, signature }.encode(),
		BeaconPair {
			window: WINDOW - 2,
			beaconer,
			signature_a: Signature([8; 64]),
			signature_b: signature,
		}
		.encode(),
	]
}

/// A series and bytes: random ones, or a report with a byte changed, cut off or appended.
fn case() -> impl Strategy<Value = (u32, Vec<u8>)> {
	let bytes = prop_oneof![
		1 => proptest::collection::vec(any::<u8>(), 0..300),
		4 => (any::<Index>(), any::<Index>(), 1u8..).prop_map(|(which, place, bits)| {
			let mut bytes = which.get(&reports()).clone();
			let place = place.index(bytes.len());
			bytes[place] ^= bits;
			bytes
		}),
		1 => (any::<Index>(), any::<Index>()).prop_map(|(which, end)| {
			let mut bytes = which.get(&reports()).clone();
			bytes.truncate(end.index(bytes.len()));
			bytes
		}),
		1 => (any::<Index>(), proptest::collection::vec(any::<u8>(), 1..20)).prop_map(
			|(which, tail)| [which.get(&reports()).clone(), tail].concat()
		),
	];
	(prop_oneof![9 => 0..3u32, 1 => any::<u32>()], bytes)
}

#[test]
fn pool_holds_what_it_took_whatever_the_bytes_are() {
	let pool =
		ReportPool::open(Strict, InMemOffchainStorage::default(), None).expect("no registry");
	let held = || pool.contents.lock().counts().iter().map(|(_, count)| count).sum::<usize>();
	let config = Config { cases: fuzz_cases(), failure_persistence: None, ..Config::default() };
	let checked = TestRunner::new(config).run(&case(), |(series, bytes)| {
		let before = held();
		let is_valid = pool.check(series, &bytes).is_ok_and(|verdict| verdict.is_ok());
		prop_assert_eq!(held(), before, "a check changes nothing");
		let is_new = pool.submit(series, &bytes).is_ok_and(|outcome| outcome.name() == "accepted");
		prop_assert!(is_valid || !is_new, "what the chain refuses is not taken");
		// A new one may take the place of another about the same beacon.
		prop_assert!((before..=before + usize::from(is_new)).contains(&held()));
		Ok(())
	});
	checked.expect("nothing panics");
	assert!(held() <= 90_000, "{}", held());
}
