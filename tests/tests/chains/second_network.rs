//! A referendum creates another network with its own terms, and its devices are paid next to those
//! of network 0. That network 0 keeps and pays the same as without it is compared to the planck
//! where two runs have the same slots, in the stories of the runtime. Here every payout is
//! recomputed from the records of its network, and a unit of work earns what the terms of its
//! network say.

use std::time::Duration;

use groma_tests::{
	accounts::Encoded,
	client::{Client, document_of},
	governance::Track,
	network::LocalNetwork,
	node::Node,
	patience::eventually,
	specification::Specification,
	state::entry,
	validators::GRM,
};
use serde_json::{Value, json};
use sp_crypto_hashing::twox_64;
use subxt::rpcs::client::{RpcParams, rpc_params};

/// Gateways of each network.
const DEVICES: u32 = 6;
const LORAWAN: u16 = 0;
const OTHER: u16 = 1;
/// What network 0 has of the lane and of the supply pool, in billionths; the rest is the other's.
const SHARE: u32 = 600_000_000;
/// Plancks that a unit of work earns at most, in network 0 and in the other one.
const UNIT_CAPS: [u128; 2] = [GRM / 100, GRM / 200];
/// Plancks of stake behind each device of the other network.
const STAKE: u128 = 25 * GRM;
/// Europe and North America.
const REGIONS: [u8; 2] = [0, 1];
/// From the start of a field until it ends that is asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(15);
/// For a field until its first claims are paid.
const FIELD_PATIENCE: Duration = Duration::from_secs(600);
/// For anything that takes a few windows or an epoch.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn devices_of_a_network_that_a_referendum_created_are_paid_next_to_those_of_network_0() {
	let chain = chain();
	let network = LocalNetwork::start_on(&chain.write().unwrap(), "litep2p").await.unwrap();
	let full = &network.full;
	network.agree_on(2, PATIENCE).await.unwrap();
	let mut first = field(full, LORAWAN, "//Dave", &[]);
	create_network(full).await;
	// The fields share the accounts of their owners, so that one registers after the other.
	eventually("the devices of network 0 are registered", PATIENCE, || async {
		let devices = full.devices(DEVICES, None).await?;
		Ok((devices.len() == DEVICES as usize).then_some(()))
	})
	.await
	.unwrap();

	let other = field(full, OTHER, "//Eve//stash", &["--once"]);
	let end = other.end(FIELD_PATIENCE).await.unwrap();
	assert_eq!(end.code, Some(0), "{end:?}");
	expect_paid(&end.document().unwrap());
	first.line_with("claimed ", PATIENCE).await.unwrap();
	let end = first.end_by("-INT", STOP_PATIENCE).await.unwrap();
	assert_eq!(end.code, Some(0), "{end:?}");
	let summary = end.document().unwrap();
	assert_eq!(summary["outcome"], "stopped", "{summary}");
	expect_paid(&summary);

	let networks = full.devices(2 * DEVICES, None).await.unwrap();
	let of = |network: u16| networks.iter().filter(|(_, it)| it["network"] == network).count();
	assert_eq!([LORAWAN, OTHER].map(of), [DEVICES as usize; 2]);
	expect_right_payouts(full).await;
	let number = full.best_number().await.unwrap();
	network.agree_on(number, PATIENCE).await.unwrap();
}

/// The local testnet with windows of 12 s and an epoch of a minute, whose network 0 leaves a part
/// of the lane and of the supply pool.
fn chain() -> Specification {
	Specification::founded_by("local", |genesis| {
		let timing = &mut genesis["timing"];
		timing["slotMs"] = json!(1_000);
		timing["babeEpochSlots"] = json!(120);
		timing["rewardEpochMs"] = json!(60_000);
		timing["parameters"]["windowBlocks"] = json!(12);
		let terms = &mut genesis["networks"]["networks"][0]["terms"];
		terms["lottery"]["laneShare"] = json!(SHARE);
		terms["supply"]["weight"] = json!(SHARE);
	})
	.unwrap()
}

/// Starts a field of a network.
fn field(node: &Node, network: u16, funder: &str, further: &[&str]) -> Client {
	let (devices, network) = (DEVICES.to_string(), network.to_string());
	// Another seed gives other keys: a key names one device.
	let seed = format!("{network}1");
	let arguments = ["--devices", &devices, "--network", &network, "--seed", &seed];
	let others = ["--customers", "0", "--funder", funder];
	Client::simulate(&node.url(), &[&arguments[..], &others, further].concat()).unwrap()
}

/// A referendum creates the other network, which has the region plans of network 0.
async fn create_network(node: &Node) {
	let create = (b"another".to_vec(), Encoded(terms()));
	let mut calls = vec![node.call_of("Networks", "create_network", create).await.unwrap()];
	for region in REGIONS {
		let (network, region) = (LORAWAN.to_le_bytes(), [region]);
		let parts: [&[u8]; 4] = [&twox_64(&network), &network, &twox_64(&region), &region];
		let plan = entry("ProofOfCoverage", "RegionPlans", &parts);
		let plan = node.stored_bytes(&plan, None).await.unwrap().expect("network 0 has the plan");
		let set = (OTHER, Encoded(plan));
		calls.push(node.call_of("ProofOfCoverage", "set_region_plan", set).await.unwrap());
	}
	let batch = node.call_of("Utility", "batch_all", Encoded::calls(&calls)).await.unwrap();
	node.refer(Track::Networks, &batch).await.unwrap();
	let created = eventually("the network is created", PATIENCE, || async {
		let known: Value = node.call("groma_network", rpc_params![OTHER]).await?;
		Ok((!known.is_null()).then_some(known))
	});
	let created = created.await.unwrap();
	assert_eq!((&created["name"], &created["status"]), (&json!("another"), &json!("open")));
	assert_eq!(created["supplyWeight"], json!(1_000_000_000 - SHARE), "{created}");
	assert_eq!(created["stakePerDevice"], json!(STAKE.to_string()), "{created}");
}

/// The other network's terms, as calls encode them.
fn terms() -> Vec<u8> {
	use codec::Encode;
	let rest = 1_000_000_000 - SHARE;
	// At a location, which matures for a window; the most devices of each size of cells.
	let place = (1u8, 1u32, [1u32, 1, 1, 200, 1_000]);
	let (interval_windows, lane_share) = (2u32, rest);
	let (yield_max, self_made_scale) = (3_000_000u32, 500_000_000u32);
	let (ramp_windows, ramp_scale) = (5u32, 100_000_000u32);
	let supply = (rest, UNIT_CAPS[1], yield_max, self_made_scale, ramp_windows, ramp_scale);
	// Coverage, which has no terms of its own, and no services.
	let (proof, services) = (1u8, 0u8);
	let (onboarding_credits, location_credits) = (100u64, 100u64);
	let fees = (onboarding_credits, location_credits);
	(place, (interval_windows, lane_share), supply, STAKE, proof, services, fees).encode()
}

/// Claims paid what a field earned.
fn expect_paid(summary: &Value) {
	let claims = summary["claims"].as_array().unwrap();
	let amount = |claim: &Value| claim["amount"].as_str().unwrap().parse::<u128>().unwrap();
	assert!(claims.iter().map(amount).sum::<u128>() > 0, "{summary}");
}

/// Everyone can recompute what every epoch paid in each network, and a unit of work earns what the
/// terms of its network say.
async fn expect_right_payouts(node: &Node) {
	let clock: Value = node.call("groma_epoch", RpcParams::new()).await.unwrap();
	let best = node.best_number().await.unwrap();
	node.wait_for_finalized(best, PATIENCE).await.unwrap();
	let early = node.block_hash(5).await.unwrap();
	let early: Value = node.call("groma_epoch", rpc_params![early]).await.unwrap();
	let (first, last) = (early["current"].as_u64().unwrap(), clock["lastClosed"].as_u64().unwrap());
	let mut worked = [0, 0];
	for epoch in first..=last {
		let audit = ["audit", "--epoch", &epoch.to_string(), "--endpoint", &node.url()];
		let report = document_of(&audit).await.unwrap();
		assert_eq!(report["differences"], json!([]), "{report}");
		for (network, unit_cap) in [LORAWAN, OTHER].into_iter().zip(UNIT_CAPS) {
			let params = rpc_params![network, epoch];
			let work: Value = node.call("groma_networkEpoch", params).await.unwrap();
			if !work.is_null() {
				assert_eq!(work["perUnit"], json!(unit_cap.to_string()), "{network}: {work}");
				worked[usize::from(network)] += 1;
			}
		}
	}
	assert!(worked[0] > 0 && worked[1] > 0, "{worked:?} of epochs {first} to {last} had work");
}
