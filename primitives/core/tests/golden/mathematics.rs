//! Vectors of places, radio, units, density and emission.

use groma_core::{
	coverage, density,
	emission::{self, DAY_MS, HALVING_MS},
	place::{Cell, Separation},
	radio::{self, Reception, Transmission},
	region::{DataRate, RegionPlan},
	units::{Scale, Units},
};
use serde_json::{Value, json};

/// Unit vectors of the reference cells and separations of the reference pairs.
pub(crate) fn geometry() -> Value {
	let reference: Value = serde_json::from_str(include_str!("../../vectors/geometry_h3.json"))
		.expect("the reference is JSON");
	let cell = |value: &Value| -> Cell {
		serde_json::from_value(value.clone()).expect("the reference holds cells")
	};
	let vector_case = |record: &Value| {
		let cell = cell(&record["cell"]);
		let vector = cell.unit_vector().expect("a cell has a centre");
		json!({ "cell": cell, "x": vector.x, "y": vector.y, "z": vector.z })
	};
	let pair_case = |record: &Value| {
		let (a, b) = (cell(&record["a"]), cell(&record["b"]));
		let vector = |cell: Cell| cell.unit_vector().expect("a cell has a centre");
		let separation = vector(a).separation(vector(b));
		json!({
			"a": a,
			"b": b,
			"chordSquared": separation.chord_squared().to_string(),
			"metres": separation.metres(),
			"judgement": format!("{:?}", radio::judge_distance(separation)),
		})
	};
	let records = |name: &str| reference[name].as_array().expect("a list").clone();
	json!({
		"vectors": records("cells").iter().map(vector_case).collect::<Vec<_>>(),
		"separations": records("pairs").iter().map(pair_case).collect::<Vec<_>>(),
	})
}

/// Free-space losses over the whole range, 1 m to 1,000 km and 100 MHz to 3 GHz.
pub(crate) fn path_loss() -> Value {
	let frequencies =
		[100_000_000u32, 433_920_000, 868_100_000, 904_600_000, 2_450_000_000, 3_000_000_000];
	let distances =
		[1u64, 2, 5, 10, 33, 100, 300, 1_000, 4_321, 20_000, 120_000, 500_000, 1_000_000];
	let cases: Vec<Value> = distances
		.iter()
		.flat_map(|metres| frequencies.iter().map(move |hz| (*metres, *hz)))
		.map(|(metres, frequency_hz)| {
			let loss = radio::free_space_loss(Separation::from_metres(metres), frequency_hz);
			json!({ "metres": metres, "frequencyHz": frequency_hz, "lossCentiDb": loss })
		})
		.collect();
	let powers = [1u128, 2, 3, 10, 999, 1_000, 1 << 30, u128::from(u64::MAX), 1 << 64, u128::MAX];
	let decibels =
		|value: &u128| json!({ "value": value.to_string(), "centiDb": radio::decibels(*value) });
	json!({ "losses": cases, "decibels": powers.iter().map(decibels).collect::<Vec<_>>() })
}

/// Which receptions are plausible, around every bound.
pub(crate) fn reception() -> Value {
	let rates = [(7u8, 125u16), (12, 125), (8, 500)];
	let distances = [300u64, 1_000, 20_000, 120_000];
	let receptions: [(i16, i16); 14] = [
		(-1_481, 0),
		(-1_480, -100),
		(-199, 0),
		(-200, 200),
		(-1_000, 200),
		(-1_000, 201),
		(-1_200, -125),
		(-1_200, -126),
		(-1_400, -200),
		(-1_180, 100),
		(-1_181, 100),
		(-670, 100),
		(-650, 100),
		(-1_150, -50),
	];
	let transmission = |(spreading_factor, bandwidth_khz): (u8, u16)| Transmission {
		eirp: RegionPlan::eu868().eirp_centi_dbm.into(),
		frequency_hz: 868_100_000,
		data_rate: DataRate { spreading_factor, bandwidth_khz },
	};
	let case = |rate: (u8, u16), metres: u64, (rssi_deci_dbm, snr_deci_db): (i16, i16)| {
		let judgement = radio::judge_reception(
			Reception { rssi_deci_dbm, snr_deci_db },
			transmission(rate),
			Separation::from_metres(metres),
		);
		json!({
			"spreadingFactor": rate.0,
			"bandwidthKhz": rate.1,
			"metres": metres,
			"rssiDeciDbm": rssi_deci_dbm,
			"snrDeciDb": snr_deci_db,
			"judgement": format!("{judgement:?}"),
		})
	};
	let mut cases = Vec::new();
	for rate in rates {
		for metres in distances {
			cases.extend(receptions.iter().map(|reception| case(rate, metres, *reception)));
		}
	}
	json!({
		"eirpCentiDbm": RegionPlan::eu868().eirp_centi_dbm,
		"frequencyHz": 868_100_000,
		"cases": cases,
	})
}

/// Coverage units by number of witnesses, and products with scales.
pub(crate) fn units() -> Value {
	let by_witnesses = |witnesses: u32| {
		json!({
			"witnesses": witnesses,
			"beaconer": coverage::beaconer_units(witnesses).0.to_string(),
			"witness": coverage::witness_units(witnesses).0.to_string(),
		})
	};
	let scales =
		[(1_500_000_000u64, 333_333_333u32), (1, 999_999_999), (u64::MAX, 500_000_001), (7, 0)];
	let scaled = |(units, scale): &(u64, u32)| {
		let product = Units(*units).scaled(Scale::from_billionths(*scale));
		json!({ "units": units.to_string(), "scaleBillionths": scale, "product": product.0.to_string() })
	};
	json!({
		"byWitnesses": (0..=32).map(by_witnesses).collect::<Vec<_>>(),
		"scaled": scales.iter().map(scaled).collect::<Vec<_>>(),
	})
}

/// Scales of places.
pub(crate) fn density() -> Value {
	let arrivals = [
		[0; 5],
		[1; 5],
		[2, 1, 1, 1, 1],
		[1, 3, 7, 7, 7],
		[3, 4, 5, 180, 900],
		[1, 1, 1, 201, 1_200],
		[100, 40, 20, 4_000, 50_000],
		[u32::MAX; 5],
	];
	let limits = [density::DEFAULT_LIMITS, [2, 4, 8, 16, 32], [0, 1, 1, 1, 1]];
	let cases: Vec<Value> = arrivals
		.iter()
		.flat_map(|arrived| limits.iter().map(move |limits| (arrived, limits)))
		.map(|(arrived, limits)| {
			let scale = density::scale(arrived, limits).billionths();
			json!({ "arrived": arrived, "limits": limits, "scaleBillionths": scale })
		})
		.collect();
	json!({ "resolutions": density::RESOLUTIONS.to_vec(), "scales": cases })
}

/// What the schedule has emitted, from the first millisecond to its end.
pub(crate) fn emission() -> Value {
	let moments = [
		0,
		1,
		6_000,
		DAY_MS / 3,
		DAY_MS,
		365 * DAY_MS,
		HALVING_MS - 1,
		HALVING_MS,
		HALVING_MS + DAY_MS,
		2 * HALVING_MS,
		10 * HALVING_MS + 12_345,
		69 * HALVING_MS,
		127 * HALVING_MS,
		128 * HALVING_MS,
		u64::MAX,
	];
	let case = |elapsed_ms: &u64| {
		json!({
			"elapsedMs": elapsed_ms.to_string(),
			"cumulativePlancks": emission::cumulative(*elapsed_ms).to_string(),
		})
	};
	json!({ "cases": moments.iter().map(case).collect::<Vec<_>>() })
}
