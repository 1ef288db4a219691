//! The methods `groma_*` of a node whose chain has no devices: the shape of their answers, and what
//! they say to bad input.

use groma_tests::node::{Node, NodeOptions, run_to_end};
use serde_json::{Value, json};
use subxt::rpcs::client::{RpcParams, rpc_params};

/// What JSON-RPC itself says to parameters that cannot be read.
const INVALID_PARAMS: i32 = -32602;
/// The codes of the node's own errors.
const BAD_PARAMETER: i32 = 7002;
const REJECTED: i32 = 7003;
const NOT_CLAIMABLE: i32 = 7005;
/// The lengths of a statement and of a reveal in bytes.
const STATEMENT_BYTES: usize = 92;
const REVEAL_BYTES: usize = 72;

async fn start() -> Node {
	NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap()
}

fn hexadecimal(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_the_shape_that_clients_expect() {
	let node = start().await;
	let window: Value = node.call("groma_window", RpcParams::new()).await.unwrap();
	assert!(window["index"].is_u64() && window["seed"].as_str().unwrap().len() == 66, "{window}");
	assert!(window["thresholds"].is_array(), "{window}");
	let network: Value = node.call("groma_network", rpc_params![0]).await.unwrap();
	assert_eq!((&network["name"], &network["activeDevices"]), (&json!("lorawan"), &json!(0)));
	let plan: Value = node.call("groma_regionPlan", rpc_params![0, 0]).await.unwrap();
	assert!(!plan["channels"].as_array().unwrap().is_empty(), "{plan}");
	let (factor, power) = (&plan["dataRates"][0]["spreadingFactor"], &plan["eirpCentiDbm"]);
	assert!(factor.is_u64() && power.is_i64() && plan["dwellMsMax"].is_u64(), "{plan}");
	let rewards: Value = node.call("groma_rewards", rpc_params![0]).await.unwrap();
	assert_eq!((&rewards["owed"], &rewards["activity"]), (&json!([]), &Value::Null));
	let epoch: Value = node.call("groma_epoch", RpcParams::new()).await.unwrap();
	assert!(epoch.is_null() || epoch["unminted"].is_string(), "{epoch}");
	let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	let collector: Value = node.call("groma_collector", rpc_params![alice]).await.unwrap();
	assert_eq!(
		(&collector["account"], &collector["index"]),
		(&json!(alice), &json!(0)),
		"{collector}"
	);
	assert_eq!((&collector["owed"], &collector["openFifths"]), (&json!("0"), &json!(0)));
	let provision: Value = node.call("groma_provision", rpc_params![alice, 0]).await.unwrap();
	assert_eq!(provision["coveredSlots"], 1_000, "{provision}");
	assert_eq!(provision["stakePerDevice"], "50000000000000", "{provision}");
	let own: Value = node.call("groma_collector", RpcParams::new()).await.unwrap();
	assert_eq!(own, Value::Null, "this node does not collect");
	let (succeeded, status) =
		run_to_end(&["collector", "status", "--endpoint", &node.url()]).unwrap();
	assert!(!succeeded && status.contains("does not collect"), "{status}");
	let of_alice = ["collector", "status", "--endpoint", &node.url(), "--account", alice];
	let (succeeded, status) = run_to_end(&of_alice).unwrap();
	assert!(succeeded && status.contains("Collector.register_collector()   0x4001"), "{status}");
	let credits: Value = node.call("groma_credits", rpc_params![alice]).await.unwrap();
	assert_eq!(credits, json!({ "credits": "0", "basis": "0", "operators": [] }));
	let supply: Value = node.call("groma_supply", RpcParams::new()).await.unwrap();
	let sum = |terms: &[&str]| -> u128 {
		terms.iter().map(|term| supply[term].as_str().unwrap().parse::<u128>().unwrap()).sum()
	};
	assert_eq!(sum(&["genesis", "minted", "reminted"]), sum(&["issuance", "burned"]), "{supply}");
	assert!(sum(&["genesis"]) > 0 && sum(&["creditsMinted", "creditsSpent"]) == 0, "{supply}");
	let routes: Value = node.call("groma_routes", rpc_params![]).await.unwrap();
	let [holder] = &routes["routes"].as_array().unwrap()[..] else { panic!("{routes}") };
	assert!(!holder["ranges"].as_array().unwrap().is_empty(), "{routes}");
	assert_eq!((&holder["route"], &routes["next"]), (&Value::Null, &Value::Null), "{routes}");
	let offers: Value = node.call("groma_offers", rpc_params![0, 10]).await.unwrap();
	assert_eq!((&offers["offers"], &offers["next"]), (&json!([]), &Value::Null), "{offers}");
	let nonce: u32 = node.call("groma_onboardingNonce", rpc_params![alice]).await.unwrap();
	assert_eq!(nonce, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_about_validators_have_the_shape_that_clients_expect() {
	let node = start().await;
	let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	let provision = json!("10000000000000000");
	let era: Value = node.call("groma_era", RpcParams::new()).await.unwrap();
	assert_eq!((&era["active"], &era["oldest"]), (&json!(0), &json!(0)), "{era}");
	assert_eq!((&era["validators"], &era["candidates"]), (&json!(1), &json!(1)), "{era}");
	assert_eq!((&era["stake"], &era["ownStakeMin"]), (&provision, &provision), "{era}");
	assert_eq!((&era["unsettled"], &era["seats"]), (&json!("0"), &json!(100)), "{era}");
	assert!(era["recentYield"].is_u64(), "{era}");
	let set: Value = node.call("groma_validators", RpcParams::new()).await.unwrap();
	let [member] = &set["validators"].as_array().unwrap()[..] else { panic!("{set}") };
	assert_eq!((&set["era"], &set["count"], &set["next"]), (&json!(0), &json!(1), &Value::Null));
	assert_eq!((&member["account"], &member["own"]), (&json!(alice), &provision), "{set}");
	assert_eq!((&member["commission"], &member["isOpen"]), (&json!(0), &json!(false)), "{set}");
	let validator: Value = node.call("groma_validator", rpc_params![alice]).await.unwrap();
	assert_eq!((&validator["isActive"], &validator["isCandidate"]), (&json!(true), &json!(true)));
	assert_eq!((&validator["hasKeys"], &validator["isDisabled"]), (&json!(true), &json!(false)));
	let backing = &validator["backing"];
	assert_eq!((&backing["own"], &backing["delegated"]), (&provision, &json!("0")), "{validator}");
	assert_eq!((&backing["thawing"], &backing["pending"]), (&json!([]), &json!([])));
	let delegations: Value = node.call("groma_delegations", rpc_params![alice]).await.unwrap();
	assert_eq!(delegations, json!({ "delegations": [], "unreadable": [], "next": null }));
	let slashes: Value = node.call("groma_pendingSlashes", RpcParams::new()).await.unwrap();
	assert_eq!(slashes, json!({ "slashes": [], "unreadable": [], "next": null }));
	let after = json!({ "era": 3, "validator": alice });
	let further: Value = node.call("groma_pendingSlashes", rpc_params![after]).await.unwrap();
	assert_eq!(further, slashes);
	let beyond: Value = node.call("groma_validators", rpc_params![0, 1]).await.unwrap();
	assert_eq!((&beyond["validators"], &beyond["count"]), (&json!([]), &json!(1)), "{beyond}");
}

#[tokio::test(flavor = "multi_thread")]
async fn validator_says_whose_keys_it_has_and_what_its_guard_recorded_and_a_full_node_nothing() {
	let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	let validator = start().await;
	let full = NodeOptions::new("full", "dev").start().await.unwrap();
	for (node, accounts) in [(&validator, json!([alice])), (&full, json!([]))] {
		let own: Value = node.call("groma_ownValidators", RpcParams::new()).await.unwrap();
		assert_eq!(own, accounts);
	}
	let guard: Value = validator.call("groma_signingGuard", RpcParams::new()).await.unwrap();
	let mut names: Vec<_> = guard.as_object().unwrap().keys().collect();
	names.sort();
	assert_eq!(names, ["hiddenUntil", "lastBlock", "lastVote", "path"], "{guard}");
	assert!(
		guard["path"].as_str().unwrap().ends_with("/chains/groma_dev/signing-guard"),
		"{guard}"
	);
	let guard: Value = full.call("groma_signingGuard", RpcParams::new()).await.unwrap();
	assert_eq!(guard, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_about_nothing_are_answered_with_nothing() {
	let node = start().await;
	let key = hexadecimal(&[7; 32]);
	for (method, params) in [
		("groma_device", rpc_params![4_000_000_000u32]),
		("groma_deviceByKey", rpc_params![key]),
		("groma_challenge", rpc_params![5]),
		("groma_activity", rpc_params![5]),
		("groma_seed", rpc_params![u32::MAX]),
		("groma_regionPlan", rpc_params![0, 255]),
		("groma_network", rpc_params![999]),
		("groma_networkEpoch", rpc_params![0, 1]),
		("groma_channel", rpc_params![u64::MAX]),
		("groma_demand", rpc_params![0, 1]),
		("groma_validators", rpc_params![999]),
		("groma_validators", rpc_params![u32::MAX]),
		("groma_provision", rpc_params!["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", 999]),
	] {
		let answer: Value = node.call(method, params).await.unwrap();
		assert_eq!(answer, Value::Null, "{method}");
	}
	for (method, params) in [
		("groma_devicesIn", rpc_params!["871fa4413ffffff"]),
		("groma_witnesses", rpc_params![0, 0]),
		("groma_channelsOf", rpc_params!["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"]),
		("groma_seats", rpc_params![7]),
	] {
		let answer: Value = node.call(method, params).await.unwrap();
		assert_eq!(answer, json!([]), "{method}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_of_other_resolutions_are_bad_parameters() {
	let node = start().await;
	let cell_of_resolution_12 = "8c1fa44130001ff";
	for method in ["groma_density", "groma_devicesIn"] {
		let refusal = node.refusal(method, rpc_params![cell_of_resolution_12]).await.unwrap();
		assert_eq!(refusal.0, BAD_PARAMETER, "{method}");
	}
	let not_a_cell = node.refusal("groma_density", rpc_params!["ff"]).await.unwrap();
	assert_eq!(not_a_cell.0, INVALID_PARAMS);
	let cell: Value = node.call("groma_density", rpc_params!["851fa443fffffff"]).await.unwrap();
	assert_eq!((&cell["arrived"], &cell["admitted"]), (&json!(0), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn vouchers_that_no_claim_can_bring_are_refused_with_the_reason() {
	let node = start().await;
	let signature = hexadecimal(&[7; 64]);
	let voucher = json!({ "device": 1, "credits": "5", "units": "5", "signature": signature });
	for (vouchers, reason) in
		[(0, "unknownChannel"), (256, "unknownChannel"), (257, "tooManyVouchers")]
	{
		let vouchers = vec![voucher.clone(); vouchers];
		let refusal = node.refusal("groma_checkVouchers", rpc_params![7, vouchers]).await.unwrap();
		assert_eq!(refusal, (NOT_CLAIMABLE, json!(reason)));
	}
	let mut short = voucher.clone();
	short["signature"] = json!(hexadecimal(&[7; 63]));
	let mut negative = voucher.clone();
	negative["credits"] = json!("-5");
	let mut nameless = voucher;
	nameless.as_object_mut().unwrap().remove("device");
	for wrong in [json!([short]), json!([negative]), json!([nameless]), json!("none"), json!(5)] {
		let refusal = node.refusal("groma_checkVouchers", rpc_params![7, wrong.clone()]).await;
		assert_eq!(refusal.unwrap().0, INVALID_PARAMS, "{wrong}");
	}
	for (method, params) in [
		("groma_channel", rpc_params![-1]),
		("groma_channel", rpc_params!["seven"]),
		("groma_seats", rpc_params![7, u64::MAX]),
		("groma_demand", rpc_params![70_000, 1]),
		("groma_demand", rpc_params![0]),
		("groma_credits", rpc_params!["5Grw"]),
		("groma_channelsOf", rpc_params![]),
		("groma_routes", rpc_params!["5Grw"]),
		("groma_offers", rpc_params![-1]),
		("groma_offers", rpc_params![0, -1]),
		("groma_pendingSlashes", rpc_params![5]),
		("groma_pendingSlashes", rpc_params![json!({ "era": -1, "validator": "5Grw" })]),
	] {
		let refusal = node.refusal(method, params).await.unwrap();
		assert_eq!(refusal.0, INVALID_PARAMS, "{method}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn pool_says_why_it_rejects_what_is_handed_in() {
	let node = start().await;
	for (series, method, length) in
		[(0, "groma_submitStatement", STATEMENT_BYTES), (1, "groma_submitReveal", REVEAL_BYTES)]
	{
		let expected = [0, 1, length - 1, length + 1, 100_000]
			.map(|wrong| (wrong, "malformed"))
			.into_iter()
			.chain([(length, "windowClosed")]);
		for (length, reason) in expected {
			let bytes = hexadecimal(&vec![0xA5; length]);
			for (method, params) in [
				(method, rpc_params![bytes.as_str()]),
				("groma_submitReport", rpc_params![series, bytes.as_str()]),
			] {
				let refusal = node.refusal(method, params).await.unwrap();
				assert_eq!(refusal, (REJECTED, json!(reason)), "{method} of {length} bytes");
			}
		}
	}
	// In the window that runs, the chain looks at the devices.
	let window: Value = node.call("groma_window", RpcParams::new()).await.unwrap();
	let mut strange = [0xA5; STATEMENT_BYTES];
	strange[..4].copy_from_slice(&(window["index"].as_u64().unwrap() as u32).to_le_bytes());
	// The witness is another device than the beaconer: that much the node sees itself.
	strange[8] = 0;
	let refusal = node.refusal("groma_submitStatement", rpc_params![hexadecimal(&strange)]).await;
	assert_eq!(refusal.unwrap(), (REJECTED, json!("unknownDevice")));
	let check = hexadecimal(&[0xA5; STATEMENT_BYTES]);
	let check: Value = node.call("groma_checkStatement", rpc_params![check]).await.unwrap();
	assert_eq!((&check["isValid"], &check["refusal"]), (&json!(false), &json!("windowClosed")));
	assert!(check["explanation"].as_str().is_some_and(|text| !text.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_unknown_series_and_of_other_kinds_are_rejected() {
	let node = start().await;
	for method in ["groma_submitReport", "groma_checkReport"] {
		for (series, length, reason) in [
			(3u32, STATEMENT_BYTES, "unknownSeries"),
			(u32::MAX, REVEAL_BYTES, "unknownSeries"),
			(0, REVEAL_BYTES, "malformed"),
			(1, STATEMENT_BYTES, "malformed"),
			(2, STATEMENT_BYTES, "malformed"),
		] {
			let params = rpc_params![series, hexadecimal(&vec![0xA5; length])];
			let refusal = node.refusal(method, params).await.unwrap();
			assert_eq!(refusal, (REJECTED, json!(reason)), "{method} of series {series}");
		}
	}
	let params = rpc_params![1, hexadecimal(&[0xA5; REVEAL_BYTES])];
	let check: Value = node.call("groma_checkReport", params).await.unwrap();
	assert_eq!(check["refusal"], json!("windowClosed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_can_be_subscribed_to() {
	let node = start().await;
	let client = node.client().await.unwrap();
	let subscription = client
		.subscribe::<Value>("groma_subscribeReports", RpcParams::new(), "groma_unsubscribeReports")
		.await;
	assert!(subscription.is_ok(), "{:?}", subscription.err());
}
