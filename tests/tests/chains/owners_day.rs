//! An owner's day, by commands alone: keys, registrations, places, claims, changes, a sale and an
//! end. Each says what it did, what it cost and when it takes effect, and the exit code says how it
//! went.

use std::{fs, str::FromStr, time::Duration};

use groma_tests::{
	client::{document_of, run_to_end},
	node::{Node, NodeOptions},
	patience::eventually,
	specification::Specification,
	state::{entry, hexadecimal},
};
use serde_json::Value;
use sp_crypto_hashing::{blake2_128, twox_64};
use subxt::utils::AccountId32;
use tempfile::TempDir;

/// On the development chain windows last twelve seconds: a change takes effect within a minute, and
/// the next one can be made after another half.
const PATIENCE: Duration = Duration::from_secs(300);

const BOB: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
const CHARLIE: &str = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y";
const DAVE: &str = "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy";
/// An account that does not exist.
const ABSENT: [u8; 32] = [9; 32];
const GRM: u128 = 1_000_000_000_000;

/// The ids of the devices: neighbours share an allotment of ids, devices without a place have
/// another one.
const MOVED: &str = "0";
const SOLD: &str = "1";
const PAUSED: &str = "256";

fn account(address: &str) -> [u8; 32] {
	AccountId32::from_str(address).unwrap().0
}

fn owed(device: u32, payee: &[u8; 32]) -> String {
	entry("Rewards", "Owed", &[&device.to_le_bytes(), &blake2_128(payee), payee])
}

/// The development chain as if devices had earned, and with `//Dave` as `//Bob`'s proxy for
/// devices.
fn specification() -> Specification {
	let mut pot = [0; 32];
	pot[..12].copy_from_slice(b"modlgr/rewds");
	// Nonce, consumers, providers, sufficients; free, reserved, frozen, flags.
	let counts = [0u32, 0, 1, 0].map(u32::to_le_bytes).concat();
	let balances = [100 * GRM, 0, 0, 1u128 << 127].map(u128::to_le_bytes).concat();
	// One proxy of the type `Devices` without a delay, and no deposit.
	let (bob, dave) = (account(BOB), account(DAVE));
	let named = [&[4u8][..], &dave, &[3], &[0; 4], &[0; 16]];
	let amount = |plancks: u128| hexadecimal(&plancks.to_le_bytes());
	Specification::of("dev")
		.unwrap()
		.with(
			&entry("System", "Account", &[&blake2_128(&pot), &pot]),
			&hexadecimal(&[counts, balances].concat()),
		)
		.with(&owed(0, &bob), &amount(5 * GRM))
		.with(&owed(1, &ABSENT), &amount(GRM / 200))
		.with(&owed(256, &bob), &amount(1))
		.with(&entry("Proxy", "Proxies", &[&twox_64(&bob), &bob]), &hexadecimal(&named.concat()))
}

/// A node, and the files of an owner.
struct Day {
	node: Node,
	directory: TempDir,
}

impl Day {
	async fn begin() -> Self {
		let specification = specification();
		let path = specification.write().unwrap();
		let node = NodeOptions::new("dev", &path).with("--dev").start().await.unwrap();
		node.wait_for_finalized(1, PATIENCE).await.unwrap();
		Self { node, directory: tempfile::tempdir().unwrap() }
	}

	/// The URI of a key.
	fn key(&self, name: &str) -> String {
		format!("file:{}", self.directory.path().join(name).display())
	}

	/// The settings of the gateways with these keys.
	fn settings(&self, keys: [&str; 3]) -> String {
		let mut settings = format!("[chain]\nendpoints = [\"{}\"]\n", self.node.url());
		for (number, key) in keys.iter().enumerate() {
			let key = self.key(key);
			settings +=
				&format!("[[gateway]]\nmac = \"AA555A000000010{number}\"\nkey = \"{key}\"\n");
		}
		let path = self.directory.path().join("settings.toml");
		fs::write(&path, settings).unwrap();
		path.display().to_string()
	}

	/// What a command says that does not succeed, whose exit code is `code`.
	async fn fails(&self, code: i32, words: &str) -> String {
		let url = self.node.url();
		let words: Vec<_> = words.split(' ').chain(["--endpoint", &url]).collect();
		let (found, text) = run_to_end(&words).await.unwrap();
		assert_eq!(found, Some(code), "{words:?}: {text}");
		text
	}

	/// The document of a command that succeeds.
	async fn does(&self, words: &str) -> Value {
		let url = self.node.url();
		let words: Vec<_> = words.split(' ').chain(["--endpoint", &url]).collect();
		document_of(&words).await.unwrap()
	}

	/// What the chain knows of a device.
	async fn device(&self, id: &str) -> Value {
		self.does(&format!("status --device {id}")).await["devices"][0]["device"].clone()
	}

	/// A change of `//Bob`'s that takes effect four windows later.
	async fn changes(&self, words: &str) -> Value {
		let changed = self.does(&format!("{words} --owner //Bob")).await;
		assert_eq!((&changed["owner"], &changed["signer"]), (&BOB.into(), &BOB.into()));
		expect_pending(&changed);
		changed
	}

	/// Waits until something is so of a device.
	async fn wait_until(&self, id: &str, what: &str, is_so: impl Fn(&Value) -> bool) {
		eventually(&format!("device {id} is {what}"), PATIENCE, || async {
			Ok(is_so(&self.device(id).await).then_some(()))
		})
		.await
		.unwrap();
	}
}

fn amount(text: &Value) -> u128 {
	text.as_str().unwrap().parse().unwrap()
}

/// A change says when it takes effect, when the next one can be made, and what it cost.
fn expect_pending(changed: &Value) {
	let window = |name: &str| changed[name].as_u64().unwrap_or_else(|| panic!("{name}: {changed}"));
	assert!(window("effectiveAt") > window("window"), "{changed}");
	assert_eq!(window("changeableFrom"), window("effectiveAt") + 3, "{changed}");
	assert!((1..120).contains(&window("effectiveInSeconds")), "{changed}");
	assert!(amount(&changed["fee"]) > 0, "{changed}");
}

/// Makes keys and registers three devices: two at a place, one without.
async fn register(day: &Day) {
	for name in ["moved", "sold", "paused", "next", "last"] {
		let (code, text) = run_to_end(&["key", "generate", &day.key(name)]).await.unwrap();
		assert_eq!(code, Some(0), "{text}");
	}
	let (code, text) = run_to_end(&["key", "generate", &day.key("moved")]).await.unwrap();
	assert!(code == Some(1) && text.contains("is not overwritten"), "{text}");

	let onboard = |name: &str| format!("onboard --owner //Bob --key {}", day.key(name));
	let zero = format!("{} --latitude 0 --longitude 0 --region eu868", onboard("moved"));
	let text = day.fails(1, &zero).await;
	assert!(text.contains("nothing was signed") && text.contains("--yes"), "{text}");
	let swapped = format!("{} --latitude 13.405 --longitude 52.52", onboard("moved"));
	assert!(day.fails(1, &swapped).await.contains("52.52, 13.405"));

	for (name, id, place) in [
		("moved", MOVED, " --provision --latitude 52.52 --longitude 13.405"),
		("sold", SOLD, " --latitude 52.521 --longitude 13.406 --region eu868"),
		("paused", PAUSED, ""),
	] {
		let registered = day.does(&(onboard(name) + place)).await;
		assert_eq!(registered["device"].to_string(), id, "{registered}");
		assert_eq!(registered["location"].is_null(), place.is_empty(), "{registered}");
		assert_eq!(amount(&registered["held"]), GRM, "{registered}");
		let provisioned = if place.contains("--provision") { 50 * GRM } else { 0 };
		assert_eq!(amount(&registered["provisioned"]), provisioned, "{registered}");
		assert_eq!(registered["isCovered"], true, "{registered}");
		assert!(amount(&registered["fee"]) > 0, "{registered}");
	}
}

/// Stake is added to what the preset and a registration set aside, and begins to thaw.
async fn stake(day: &Day) {
	let active = |answer: &Value| amount(&answer["provision"]["active"]);
	let provisioned = day.does("provision 100 --owner //Bob").await;
	assert_eq!(active(&provisioned), 50_150 * GRM, "{provisioned}");
	let text = day.fails(1, "thaw 60000 --owner //Bob --yes").await;
	assert!(text.contains("only 50150 GRM are active"), "{text}");
	let text = day.fails(1, "thaw --all --owner //Bob").await;
	assert!(text.contains("instead of 1003 devices") && text.contains("--yes"), "{text}");
	let text = day.fails(1, &format!("thaw 1 --owner //Dave --as {BOB} --yes")).await;
	assert!(text.contains("A proxy of this type may not"), "{text}");

	let text = day.fails(1, "withdraw --owner //Bob").await;
	assert!(text.contains("nothing thaws"), "{text}");
	let thawed = day.does("thaw 100 --owner //Bob --yes").await;
	assert_eq!(active(&thawed), 50_050 * GRM, "{thawed}");
	assert_eq!(amount(&thawed["provision"]["thawing"][0]["amount"]), 100 * GRM, "{thawed}");
	let text = day.fails(1, "withdraw --owner //Bob").await;
	assert!(text.contains("100 GRM can be withdrawn from window"), "{text}");
	let status = day.does(&format!("status --device {MOVED}")).await;
	assert_eq!(status["devices"][0]["isCovered"], true, "{status}");
	assert_eq!(amount(&status["provisions"][0]["active"]), 50_050 * GRM, "{status}");
}

/// Of three devices one is paid, one cannot be, and one is owed less than the fee.
async fn claim(day: &Day) {
	let settings = day.settings(["moved", "sold", "paused"]);
	let text = day.fails(3, &format!("claim --owner //Bob --settings {settings}")).await;
	let line = |id: &str| {
		let begin = format!("device {id} owes ");
		text.lines().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("{text}"))
	};
	assert!(line(MOVED).contains(": paid 5 GRM, for a fee of 0.0"), "{text}");
	assert!(line(SOLD).contains("0.005 GRM: cannot be paid"), "{text}");
	assert!(line(PAUSED).contains("0.000000000001 GRM: skipped"), "{text}");
	assert!(text.contains("in all 5 GRM paid by 1 of 3 claims"), "{text}");
	assert!(text.contains("groma-device: 1 of 3 claims failed"), "{text}");

	let text = day.fails(1, "claim --owner //Bob --device 9999").await;
	assert!(text.contains("device 9999 is unknown"), "{text}");
	let again = day.does(&format!("claim --owner //Bob --device {MOVED}")).await;
	assert_eq!(again["claims"][0]["outcome"], "nothingOwed", "{again}");
}

/// One device moves, one gets another key, and one is placed by its owner and paused by a proxy.
async fn change(day: &Day) {
	let place = "--latitude 52.53 --longitude 13.42";
	let moved = day.changes(&format!("locate --device {MOVED} {place}")).await;
	assert!(moved["eligibleFrom"].as_u64() > moved["effectiveAt"].as_u64(), "{moved}");
	day.changes(&format!("rotate --device {SOLD} --new-key {}", day.key("next"))).await;

	let placed = format!("locate --device {PAUSED} {place} --owner //Bob");
	let placed = day.does(&placed).await;
	assert!(placed["effectiveAt"].is_u64() && placed["changeableFrom"].is_null(), "{placed}");
	let pause = format!("pause --device {PAUSED} --owner //Dave");
	assert!(day.fails(1, &pause).await.contains("belongs to"));
	let paused = day.does(&format!("{pause} --as {BOB}")).await;
	assert_eq!((&paused["owner"], &paused["signer"]), (&BOB.into(), &DAVE.into()), "{paused}");
	expect_pending(&paused);

	let text = day.fails(1, &format!("pause --device {MOVED} --owner //Bob")).await;
	assert!(text.contains("a change of it takes effect in window"), "{text}");
}

/// The paused device comes back, one is sold, and one retires.
async fn end(day: &Day) {
	// A proxy for devices gives none away. Its own call succeeds, which is not enough.
	let offer = format!("transfer offer --to {CHARLIE} --device");
	let text = day.fails(1, &format!("{offer} {PAUSED} --owner //Dave --as {BOB}")).await;
	assert!(text.contains("A proxy of this type may not"), "{text}");
	day.changes(&format!("resume --device {PAUSED}")).await;

	let accept = format!("transfer accept --device {SOLD} --owner //Charlie --new-key");
	let text = day.fails(1, &format!("{accept} {}", day.key("last"))).await;
	assert!(text.contains("device 1 is not offered to any account: nothing was signed"), "{text}");
	let offered = day.does(&format!("{offer} {SOLD} --owner //Bob")).await;
	assert!(offered["effectiveAt"].is_null() && amount(&offered["fee"]) > 0, "{offered}");
	let text = day.fails(1, &format!("{accept} {}", day.key("next"))).await;
	assert!(text.contains("the new key names device 1"), "{text}");
	let accepted = day.does(&format!("{accept} {}", day.key("last"))).await;
	assert_eq!((amount(&accepted["held"]), &accepted["owner"]), (GRM, &CHARLIE.into()));
	expect_pending(&accepted);

	let retire = format!("retire --device {MOVED}");
	let text = day.fails(1, &format!("{retire} --owner //Bob")).await;
	assert!(text.contains("nothing was signed") && text.contains("--yes"), "{text}");
	let retired = day.changes(&format!("{retire} --yes")).await;
	assert!(retired["next"].as_str().unwrap().contains("deposit is released"), "{retired}");
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_does_by_commands_all_that_devices_need() {
	let day = Day::begin().await;
	register(&day).await;
	stake(&day).await;
	claim(&day).await;
	let before = day.device(MOVED).await;
	change(&day).await;
	for id in [MOVED, SOLD, PAUSED] {
		let is_free = |device: &Value| device["changeEffectiveAt"].is_null();
		day.wait_until(id, "changed and free for the next change", is_free).await;
	}
	assert_ne!(day.device(MOVED).await["location"]["cell"], before["location"]["cell"]);
	assert_eq!(day.device(PAUSED).await["status"], "paused");
	let (_, next) = run_to_end(&["key", "show", &day.key("next")]).await.unwrap();
	assert_eq!(day.device(SOLD).await["sessionKey"], next.trim());

	end(&day).await;
	day.wait_until(PAUSED, "active", |device| device["status"] == "active").await;
	day.wait_until(SOLD, "Charlie's", |device| device["owner"] == CHARLIE).await;
	day.wait_until(MOVED, "retired", |device| device["status"] == "retired").await;
}
