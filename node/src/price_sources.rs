//! The sources of the price that the operator of a feeder names. The worker, which is part of the
//! runtime, reads them in the off-chain storage; what is not named any more is gone when the node
//! starts the next time.

use std::collections::BTreeSet;

use codec::Encode;
use groma_core::{
	price_layout::{Source, report_key, sources_key},
	protocol::{PRICE_SOURCES_MAX, PRICE_SOURCES_MIN},
};
use sc_service::ChainType;
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};

/// Why sources are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourcesFault {
	/// There are too few to tell a liar from the others.
	#[error(
		"{0} sources of the price are too few: name at least {min} with --price-source, or none",
		min = PRICE_SOURCES_MIN
	)]
	TooFew(usize),
	/// There are more than a run asks.
	#[error("{0} sources of the price are too many: name at most {max}", max = PRICE_SOURCES_MAX)]
	TooMany(usize),
	/// Two are of one host, which would have two voices.
	#[error("two sources of the price are of one host: name each host once with --price-source")]
	SameHost,
}

impl From<SourcesFault> for sc_cli::Error {
	fn from(fault: SourcesFault) -> Self {
		Self::Input(fault.to_string())
	}
}

/// Refuses sources by which a feeder could be misled. A test chain may ask one host several times.
pub(crate) fn check(sources: &[Source], chain_type: &ChainType) -> Result<(), SourcesFault> {
	let is_test = matches!(chain_type, ChainType::Development | ChainType::Local);
	match sources.len() {
		0 => return Ok(()),
		count if count < PRICE_SOURCES_MIN => return Err(SourcesFault::TooFew(count)),
		count if count > PRICE_SOURCES_MAX => return Err(SourcesFault::TooMany(count)),
		_ => (),
	}
	let hosts: BTreeSet<_> = sources.iter().map(|it| it.host().to_ascii_lowercase()).collect();
	if !is_test && hosts.len() < sources.len() {
		return Err(SourcesFault::SameHost);
	}
	Ok(())
}

/// Writes the sources for the worker, and removes what it reported of former ones.
pub(crate) fn store<S: OffchainStorage>(storage: &mut S, sources: &[Source]) {
	storage.set(STORAGE_PREFIX, &sources_key(), &sources.encode());
	storage.remove(STORAGE_PREFIX, &report_key());
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Decode;
	use groma_core::price_layout::WorkerReport;
	use sp_core::offchain::storage::InMemOffchainStorage;

	fn sources(hosts: &[&str]) -> Vec<Source> {
		let source =
			|host: &&str| format!("https://{host}/price|usd").parse::<Source>().expect("a source");
		hosts.iter().map(source).collect()
	}

	#[test]
	fn sources_are_three_and_of_different_hosts_outside_of_test_chains() {
		let cases = [
			(vec![], Ok(())),
			(vec!["a"], Err(SourcesFault::TooFew(1))),
			(vec!["a", "b"], Err(SourcesFault::TooFew(2))),
			(vec!["a", "b", "c"], Ok(())),
			(vec!["a", "b", "A"], Err(SourcesFault::SameHost)),
			(vec!["a", "b", "c", "b:8080"], Err(SourcesFault::SameHost)),
			(vec!["a"; 17], Err(SourcesFault::TooMany(17))),
		];
		for (hosts, verdict) in cases {
			assert_eq!(check(&sources(&hosts), &ChainType::Live), verdict, "{hosts:?}");
		}
		for chain_type in [ChainType::Development, ChainType::Local] {
			assert_eq!(check(&sources(&["a", "a", "a"]), &chain_type), Ok(()));
			let verdict = check(&sources(&["a", "a"]), &chain_type);
			assert_eq!(verdict, Err(SourcesFault::TooFew(2)));
		}
	}

	#[test]
	fn sources_that_are_not_named_any_more_are_gone() {
		let mut storage = InMemOffchainStorage::default();
		let stored = |storage: &InMemOffchainStorage| {
			let bytes = storage.get(STORAGE_PREFIX, &sources_key()).expect("it was written");
			Vec::<Source>::decode(&mut &bytes[..]).expect("it is readable")
		};
		store(&mut storage, &sources(&["a", "b", "c"]));
		assert_eq!(stored(&storage), sources(&["a", "b", "c"]));
		storage.set(STORAGE_PREFIX, &report_key(), &WorkerReport::default().encode());
		store(&mut storage, &[]);
		assert_eq!(stored(&storage), []);
		assert_eq!(storage.get(STORAGE_PREFIX, &report_key()), None);
	}
}
