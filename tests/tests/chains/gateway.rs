//! A gateway from its owner's first command to its beacons.

use std::time::Duration;

use groma_tests::{
	client::{Client, Gateway, document_of, run_to_end},
	forwarder::PacketForwarder,
	node::{Node, NodeOptions},
};

/// On the development chain a location takes effect within a minute, and windows last twelve
/// seconds.
const PATIENCE: Duration = Duration::from_secs(300);

async fn start() -> (Node, Gateway) {
	let node = NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap();
	node.wait_for_finalized(1, PATIENCE).await.unwrap();
	let gateway = Gateway::new(&node.url()).await.unwrap();
	(node, gateway)
}

async fn onboard(node: &Node, gateway: &Gateway, latitude: &str) -> (Option<i32>, String) {
	let (key, url) = (gateway.key(), node.url());
	let place = ["--latitude", latitude, "--longitude", "13.405"];
	let who = ["onboard", "--key", &key, "--owner", "//Bob", "--endpoint", &url];
	run_to_end(&[&who[..], &place[..]].concat()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_registers_a_device_and_asks_about_it() {
	let (node, gateway) = start().await;
	let settings = gateway.settings();
	let (code, text) = onboard(&node, &gateway, "95").await;
	assert!(code == Some(1) && text.contains("is no place on earth"), "{text}");
	let (code, text) = onboard(&node, &gateway, "52.52").await;
	assert!(code == Some(0) && text.contains("device 0 is registered"), "{text}");
	assert!(text.contains("signing: register ") && text.contains("region eu868"), "{text}");
	let (code, text) = onboard(&node, &gateway, "52.52").await;
	assert!(code == Some(1) && text.contains("the key is registered as device 0"), "{text}");

	let status = document_of(&["status", "--settings", &settings]).await.unwrap();
	let device = &status["devices"][0]["device"];
	assert_eq!((&device["network"], &device["status"]), (&0.into(), &"active".into()), "{status}");
	let explained = document_of(&["explain", "--settings", &settings]).await.unwrap();
	let findings = explained["devices"][0]["findings"].as_array().unwrap();
	assert!(findings.iter().any(|it| it["kind"] == "notTakenPart"), "{explained}");
	let claim = ["claim", "--owner", "//Bob", "--settings", &settings];
	let claimed = document_of(&claim).await.unwrap();
	assert_eq!(claimed["claims"][0]["owed"], "0", "{claimed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_client_answers_no_challenge_twice() {
	let (node, gateway) = start().await;
	let (code, text) = onboard(&node, &gateway, "52.52").await;
	assert_eq!(code, Some(0), "{text}");
	let forwarder = PacketForwarder::open(&gateway).await.unwrap();
	let mut beacons = Vec::new();
	// Killed before it hears that the beacon was transmitted, and after.
	for acknowledges in [false, true, true] {
		let client = Client::run(&gateway).unwrap();
		let beacon = forwarder.next_frame(acknowledges, PATIENCE).await.unwrap();
		assert!(!beacons.contains(&beacon), "{beacon} is transmitted again");
		beacons.push(beacon);
		client.kill().await.unwrap();
	}
}
