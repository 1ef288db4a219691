//! A payer's day, by commands alone: credits, a channel, vouchers, a claim by a stranger, and an
//! end; and where its packets go.

use std::{fs, time::Duration};

use groma_tests::{
	client,
	node::{Node, NodeOptions},
	payer::{document_of, run_to_end},
};
use serde_json::Value;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(120);
const CHARLIE: &str = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y";
const DAVE: &str = "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy";
const BOB: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";

/// A node, and the files of a payer.
struct Day {
	node: Node,
	directory: TempDir,
}

impl Day {
	async fn begin() -> Self {
		let node = NodeOptions::new("dev", "dev").with("--dev").start().await.unwrap();
		node.wait_for_finalized(1, PATIENCE).await.unwrap();
		Self { node, directory: tempfile::tempdir().unwrap() }
	}

	fn path(&self, name: &str) -> String {
		self.directory.path().join(name).display().to_string()
	}

	/// The words of a command, with the node, and with names of files in the place of `{NAME}`.
	fn words(&self, words: &str) -> Vec<String> {
		let path = |word: &str| match word.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
			Some(name) => self.path(name),
			None => word.to_owned(),
		};
		let word = |word: &str| match word.strip_prefix("file:") {
			Some(name) => format!("file:{}", path(name)),
			None => path(word),
		};
		let endpoint = ["--endpoint".to_owned(), self.node.url()];
		words.split(' ').map(word).chain(endpoint).collect()
	}

	/// What a command says that does not succeed, whose exit code is `code`.
	async fn fails(&self, code: i32, words: &str) -> String {
		let words = self.words(words);
		let words: Vec<_> = words.iter().map(String::as_str).collect();
		let (found, text) = run_to_end(&words).await.unwrap();
		assert_eq!(found, Some(code), "{words:?}: {text}");
		text
	}

	/// The document of a command that succeeds.
	async fn does(&self, words: &str) -> Value {
		let words = self.words(words);
		let words: Vec<_> = words.iter().map(String::as_str).collect();
		document_of(&words).await.unwrap()
	}

	/// Registers a device of `//Bob`, without a place, and returns its id.
	async fn device(&self) -> u64 {
		let key = format!("file:{}", self.path("session.key"));
		let (code, text) = client::run_to_end(&["key", "generate", &key]).await.unwrap();
		assert_eq!(code, Some(0), "{text}");
		let url = self.node.url();
		let words = ["onboard", "--key", &key, "--owner", "//Bob", "--endpoint", &url];
		let device = client::document_of(&words).await.unwrap();
		device["device"].as_u64().unwrap_or_else(|| panic!("no device: {device}"))
	}

	async fn status(&self) -> Value {
		self.does(&format!("status --payer {CHARLIE}")).await
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn payer_does_everything_by_commands() {
	let day = Day::begin().await;
	let device = day.device().await;

	let text = day.fails(1, "mint 200000 --account //Charlie").await;
	assert!(text.contains("200000 credits cost 20 GRM at 0.1 USD per GRM"), "{text}");
	assert!(text.contains("--yes"), "{text}");
	day.fails(2, "mint 9999 --account //Charlie --yes").await;
	day.fails(1, "mint 200000 --account //Charlie --yes --burn-max 19.9").await;
	let minted = day.does("mint 200000 --account //Charlie --yes").await;
	assert_eq!(
		(&minted["credits"], &minted["burned"]),
		(&"200000".into(), &"20000000000000".into())
	);

	let (code, text) =
		run_to_end(&["key", "generate", &format!("file:{}", day.path("signer"))]).await.unwrap();
	assert_eq!(code, Some(0), "{text}");
	let opened = day
		.does(
			"open 100000 --account //Charlie --signer file:{signer} --book {book} --seats 4 --days 1",
		)
		.await;
	// A quarter of the basis is less than the worth of 100,000 credits.
	assert_eq!((&opened["channel"], &opened["bond"]), (&0.into(), &"10000000000000".into()));

	sign_check_and_claim(&day, device).await;
	operators(&day).await;

	let text = day.fails(1, "finish 0 --account //Charlie").await;
	assert!(text.contains("it is open until window"), "{text}");
	let closed = day.does("close 0 --account //Charlie --yes").await;
	assert!(closed["ends"].as_u64().unwrap() >= 288, "{closed}");
	let text = day.fails(1, "finish 0 --account //Charlie").await;
	assert!(text.contains("vouchers are taken until window"), "{text}");
	assert_eq!(day.status().await["channels"][0]["state"], "closing");
}

/// Vouchers of channel 0 for a device.
async fn sign_check_and_claim(day: &Day, device: u64) {
	let sign = |credits: u64, units: u64| {
		format!(
			"sign --channel 0 --device {device} --credits {credits} --units {units} --signer file:{{signer}} \
			 --book {{book}}"
		)
	};
	let first = day.does(&sign(20, 20)).await;
	let voucher = day.does(&sign(30, 20)).await;
	assert_eq!(day.does(&sign(30, 20)).await, voucher, "signed again");
	let text = day.fails(1, &sign(29, 20)).await;
	assert!(text.contains("was promised 30 credits for 20 units"), "{text}");
	let text = day.fails(1, &sign(100_001, 50_000)).await;
	assert!(text.contains("would cost its bond"), "{text}");

	let none = day.fails(1, "claim {none} --account //Dave").await;
	assert!(none.contains("cannot be read"), "{none}");
	fs::write(day.path("vouchers"), format!("{first}\n{voucher}\n")).unwrap();
	let checks = day.does("check {vouchers}").await;
	let pays = &checks["channels"][0]["vouchers"][0]["pays"];
	assert_eq!((&pays["owner"], &pays["credits"]), (&BOB.into(), &"30".into()), "{checks}");

	let claims = day.does("claim {vouchers} --account //Dave").await;
	// 30 of 200,000 credits, for which 20 GRM were burned at the present price: 90 % of that.
	assert_eq!((&claims["paid"], &claims["credits"]), (&"2700000000".into(), &"30".into()));
	assert_eq!(claims["batches"][0]["payments"][0]["device"], device, "{claims}");
	let again = day.does("claim {vouchers} --account //Dave").await;
	assert_eq!(again["batches"][0]["refusals"][0]["reason"], "NothingNew", "{again}");
	let checks = day.does("check {vouchers}").await;
	assert_eq!(checks["channels"][0]["vouchers"][0]["refused"], "NothingNew", "{checks}");

	let status = day.status().await;
	assert_eq!(
		(&status["credits"], &status["channels"][0]["credits"]),
		(&"100000".into(), &"99970".into())
	);
	assert_eq!(status["channels"][0]["seats"], 1, "{status}");
}

/// An operator opens a channel within its limit, and no more once it is removed.
async fn operators(day: &Day) {
	let set = |credits: u64| {
		format!("operator set {DAVE} --credits-per-epoch {credits} --account //Charlie")
	};
	day.does(&set(101_000)).await;
	assert_eq!(day.status().await["operators"][0]["account"], DAVE);
	let key = format!("file:{}", day.path("signer"));
	let (_, key) = run_to_end(&["key", "show", &key]).await.unwrap();
	let key = key.trim();
	let open = format!(
		"open 50000 --account //Dave --payer {CHARLIE} --signer-key {key} --seats 1 --days 1"
	);
	// Its bond is worth 100,000 credits and the deposit for its seat 1,600: that is what it counts.
	let text = day.fails(1, &open).await;
	assert!(text.contains("OperatorLimitReached"), "{text}");
	day.does(&set(102_000)).await;
	assert_eq!(day.does(&open).await["channel"], 1);

	// A book that did not see the opening of a channel signs nothing for it until it is adopted.
	let sign =
		"sign --channel 1 --device 7 --credits 1 --units 1 --signer file:{signer} --book {book}";
	let text = day.fails(1, sign).await;
	assert!(text.contains("does not know channel 1"), "{text}");
	let adopted = day.does("adopt 1 --signer file:{signer} --book {book} --yes").await;
	assert_eq!((&adopted["credits"], &adopted["promised"]), (&"50000".into(), &"0".into()));
	assert_eq!(day.does(sign).await["channel"], 1);

	let remove = format!("operator remove {DAVE} --account //Charlie");
	day.does(&remove).await;
	let text = day.fails(1, &remove).await;
	assert!(text.contains("nothing was signed"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn payer_says_where_its_packets_go() {
	let day = Day::begin().await;
	let show = format!("route show --payer {CHARLIE}");
	let shown = day.does(&show).await;
	// Addresses are Charlie's from the beginning.
	assert_eq!(shown["ranges"][0]["last"], "0x0100ffff", "{shown}");
	assert!(shown["route"].is_null(), "{shown}");

	let key = format!("file:{}", day.path("router"));
	let (code, key) = run_to_end(&["key", "generate", &key]).await.unwrap();
	assert_eq!(code, Some(0), "{key}");
	let key = key.trim();
	let set = |endpoint: &str, who: &str| {
		format!("route set {endpoint} --router-key {key} --copies 2 --account {who}")
	};
	let text = day.fails(2, &set("127.0.0.1:9000", "//Charlie")).await;
	assert!(text.contains("name a public address"), "{text}");
	let text = day
		.fails(1, &format!("{} --payer {CHARLIE}", set("router.example.com:9000", "//Dave")))
		.await;
	assert!(text.contains("NotOperator"), "{text}");
	let done = day.does(&set("router.example.com:9000", "//Charlie")).await;
	assert_eq!(done["route"]["copies"], 2, "{done}");
	let shown = day.does(&show).await;
	assert_eq!(shown["route"], done["route"]);
	assert_eq!(shown["route"]["endpoint"], "router.example.com:9000");

	join_euis(&day).await;

	let removed = day.does("route remove --account //Charlie").await;
	assert_eq!((&removed["payer"], &removed["route"]), (&CHARLIE.into(), &Value::Null));
	let text = day.fails(1, "route remove --account //Charlie").await;
	assert!(text.contains("nothing was signed"), "{text}");
	// Its addresses stay, and so it is listed.
	let listed = day.does("route list").await;
	assert_eq!(listed["version"], removed["version"], "{listed}");
	assert_eq!(listed["payers"].as_array().unwrap().len(), 1, "{listed}");
	assert_eq!(listed["payers"][0]["ranges"], shown["ranges"]);
}

/// Two payers share a JoinEUI, of which the second pays twice as much, and none of them keeps it.
async fn join_euis(day: &Day) {
	let join =
		|action: &str, who: &str| format!("join-eui {action} 70b3d57ed0000001 --account {who}");
	let added = day.does(&join("add", "//Charlie")).await;
	assert_eq!(added["joinEui"], "0x70b3d57ed0000001", "{added}");
	assert_eq!(added["deposit"], "10000000000000", "{added}");
	let text = day.fails(1, &join("add", "//Charlie")).await;
	assert!(text.contains("already: nothing was signed"), "{text}");

	let text = day.fails(1, &join("add", "//Dave")).await;
	assert!(text.contains("deposit is 2 times that of the first"), "{text}");
	let added = day.does(&format!("{} --yes", join("add", "//Dave"))).await;
	assert_eq!(added["deposit"], "20000000000000", "{added}");

	let listed = day.does("route list").await;
	let payers = listed["payers"].as_array().unwrap();
	for payer in [CHARLIE, DAVE] {
		let listed = payers.iter().find(|it| it["payer"] == payer).unwrap();
		assert_eq!(listed["joinEuis"][0], "0x70b3d57ed0000001", "{listed}");
	}
	for who in ["//Charlie", "//Dave"] {
		let removed = day.does(&join("remove", who)).await;
		assert!(removed["deposit"].is_null(), "{removed}");
	}
	let text = day.fails(1, &join("remove", "//Dave")).await;
	assert!(text.contains("nothing was signed"), "{text}");
}
