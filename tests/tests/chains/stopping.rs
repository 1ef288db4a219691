//! The device client and its field end cleanly when they are asked to, in the middle of their work.

use std::time::Duration;

use groma_tests::{
	client::{Client, Gateway},
	node::{Node, NodeOptions},
};

/// From the start of a field to its first line of progress, on two busy cores.
const START_PATIENCE: Duration = Duration::from_secs(240);
const STOP_PATIENCE: Duration = Duration::from_secs(15);

async fn start_node() -> Node {
	NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn field_ends_cleanly_on_sigint_and_sigterm() {
	let node = start_node().await;
	// While it registers its devices, and while it runs.
	for (signal, moment, outcome) in [
		("-TERM", "registering the devices", "stoppedBeforeBeginning"),
		("-INT", "window", "stopped"),
		("-TERM", "window", "stopped"),
	] {
		let mut field = Client::simulate(&node.url(), &["--devices", "4"]).unwrap();
		field.line_with(moment, START_PATIENCE).await.unwrap();
		let end = field.end_by(signal, STOP_PATIENCE).await.unwrap();
		assert_eq!(end.code, Some(0), "{signal} {moment}: {end:?}");
		assert_eq!(end.document().unwrap()["outcome"], outcome, "{signal} {moment}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn client_ends_cleanly_while_it_follows_a_node() {
	let node = start_node().await;
	let gateway = Gateway::new(&node.url()).await.unwrap();
	for signal in ["-INT", "-TERM"] {
		let mut client = Client::run(&gateway).unwrap();
		// Its key is registered nowhere, and the log says what to do.
		client.line_with("run `groma-device onboard`", START_PATIENCE).await.unwrap();
		let end = client.end_by(signal, STOP_PATIENCE).await.unwrap();
		assert!(end.last_line.contains("stopped"), "{signal}: {end:?}");
		assert_eq!(end.code, Some(0), "{signal}");
	}
}
