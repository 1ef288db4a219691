//! Vectors of the terms of networks: their JSON and their bytes.

use codec::Encode;
use groma_core::{
	terms::{NetworkTerms, PlaceTerms, Proof, ServiceTerms, UnitName},
	units::Scale,
};
use serde_json::{Value, json};

/// Terms of several networks, as JSON and as SCALE bytes.
pub(crate) fn terms() -> Value {
	let cases = [
		("default", NetworkTerms::default()),
		("lorawan with a service", selling("packet", 1, 11)),
		("demand alone", demand_alone()),
	];
	let case = |(name, terms): &(&str, NetworkTerms)| json!({ "name": name, "terms": terms, "bytes": hex::encode(terms.encode()) });
	json!({ "cases": cases.iter().map(case).collect::<Vec<_>>() })
}

fn selling(unit: &str, least: u64, most: u64) -> NetworkTerms {
	let service = ServiceTerms {
		unit: UnitName::new(unit).expect("a name"),
		credits_per_unit_min: least,
		credits_per_unit_max: most,
		units_per_device_second_max: 100,
	};
	let services = vec![service].try_into().expect("few");
	NetworkTerms { services, ..Default::default() }
}

/// A network that proves nothing and lives by what customers pay.
fn demand_alone() -> NetworkTerms {
	let mut terms = selling("kWh", 750, 750);
	terms.place = PlaceTerms::Anywhere;
	terms.lottery.lane_share = Scale::ZERO;
	terms.supply.weight = Scale::ZERO;
	terms.proof = Proof::Unproven;
	terms
}
