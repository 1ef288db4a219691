//! The bounds that no vote can cross.

use codec::{Decode, Encode, MaxEncodedLen};
use groma_core::units::Scale;
use proptest::prelude::*;
use sp_runtime::traits::Dispatchable;

use crate::{mock::*, *};

/// Each of the ways in which one number of the terms may be out of its bounds.
fn faulty_terms() -> Vec<NetworkTerms> {
	let terms = NetworkTerms::default();
	let limits = |limit| [1, 1, limit, 1, 1];
	vec![
		NetworkTerms { challenge_interval_windows: 0, ..terms },
		NetworkTerms { challenge_interval_windows: SPAN_WINDOWS_MAX + 1, ..terms },
		NetworkTerms { maturity_windows: SPAN_WINDOWS_MAX + 1, ..terms },
		NetworkTerms { ramp_windows: SPAN_WINDOWS_MAX + 1, ..terms },
		NetworkTerms { density_limits: limits(0), ..terms },
		NetworkTerms { density_limits: limits(DENSITY_LIMIT_MAX + 1), ..terms },
		NetworkTerms { unit_cap: UNIT_CAP_MAX + 1, ..terms },
		NetworkTerms { stake_per_device: STAKE_PER_DEVICE_MIN - 1, ..terms },
		NetworkTerms { stake_per_device: STAKE_PER_DEVICE_MAX + 1, ..terms },
		NetworkTerms { yield_max: Scale::from_billionths(YIELD_MAX.billionths() + 1), ..terms },
	]
}

#[test]
fn terms_are_not_decoded_when_any_number_is_out_of_bounds() {
	for terms in faulty_terms() {
		assert!(terms.validate().is_err(), "{terms:?}");
		assert!(NetworkTerms::decode(&mut &terms.encode()[..]).is_err(), "{terms:?}");
	}
}

#[test]
fn terms_survive_encoding_when_they_are_within_bounds() {
	let terms = NetworkTerms::default();
	assert_eq!(NetworkTerms::decode(&mut &terms.encode()[..]), Ok(terms));
	assert!(terms.encode().len() <= NetworkTerms::max_encoded_len());
}

#[test]
fn default_terms_are_those_of_the_protocol() {
	let terms = NetworkTerms::default();
	assert_eq!(terms.challenge_interval_windows, 72);
	assert_eq!(terms.unit_cap, 10_000_000_000);
	assert_eq!(terms.stake_per_device, 50_000_000_000_000);
	assert_eq!(terms.yield_max.of(1_000), 3);
}

proptest! {
	#[test]
	fn random_bytes_never_break_a_call(bytes in prop::collection::vec(any::<u8>(), 0..160), call in 0u8..5) {
		let mut encoded = vec![1, call];
		encoded.extend(bytes);
		if let Ok(call) = RuntimeCall::decode(&mut &encoded[..]) {
			ExtBuilder::default().build_and_execute(|| {
				let before = System::event_count();
				let result = call.dispatch(RuntimeOrigin::root());
				assert_eq!(result.is_ok(), System::event_count() > before);
			});
		}
	}
}
