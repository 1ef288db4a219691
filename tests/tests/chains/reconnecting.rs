//! The device client when its node restarts: it says so, waits, and goes on.

use std::{
	sync::{Arc, Mutex},
	time::Duration,
};

use groma_tests::{
	client::{Client, Gateway},
	node::NodeOptions,
};
use tokio::{
	io::copy_bidirectional,
	net::{TcpListener, TcpStream},
};

/// A node needs some seconds to restart, on two busy cores more.
const PATIENCE: Duration = Duration::from_secs(180);

/// One address for a node that listens on another port after each start.
struct Proxy {
	url: String,
	node: Arc<Mutex<String>>,
}

impl Proxy {
	async fn start(node_url: &str) -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("ws://{}", listener.local_addr().unwrap());
		let node = Arc::new(Mutex::new(node_url.to_owned()));
		let target = node.clone();
		tokio::spawn(async move {
			while let Ok((mut client, _)) = listener.accept().await {
				let address = target.lock().unwrap().trim_start_matches("ws://").to_owned();
				tokio::spawn(async move {
					// A node that is gone refuses, which closes the client's connection as well.
					if let Ok(mut node) = TcpStream::connect(address).await {
						let _ = copy_bidirectional(&mut client, &mut node).await;
					}
				});
			}
		});
		Self { url, node }
	}

	fn point_at(&self, node_url: &str) {
		node_url.clone_into(&mut self.node.lock().unwrap());
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn client_goes_on_when_its_node_restarts() {
	let mut node = NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap();
	let proxy = Proxy::start(&node.url()).await;
	let gateway = Gateway::new(&proxy.url).await.unwrap();
	let mut client = Client::run(&gateway).unwrap();
	client.line_with("window", PATIENCE).await.unwrap();

	node.kill().unwrap();
	client.line_with("no news of the chain", PATIENCE).await.unwrap();
	// Long enough for many attempts, about which nothing is said.
	tokio::time::sleep(Duration::from_secs(10)).await;
	node.start_again().await.unwrap();
	proxy.point_at(&node.url());
	let (line, passed) = client.line_with("the chain goes on", PATIENCE).await.unwrap();
	assert!(line.contains("lasted_s="), "{line}");
	assert!(passed < 8, "{passed} lines about one outage");
	client.line_with("window", PATIENCE).await.unwrap();
}
