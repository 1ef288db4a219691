//! A vote replaces the runtime while devices earn: a referendum authorizes code, anyone applies it
//! at a moment of a window that the test chooses, and a migration goes over thousands of entries.
//! Then the devices earn on, a channel that was open pays on, prices are fed, and validators sign.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
	collections::BTreeSet,
	fs,
	time::{Duration, SystemTime},
};

use groma_tests::{
	accounts::{address_of, keypair},
	binary,
	client::{Client, document_of},
	governance::Track,
	network::{BlockNumber, LocalNetwork, slowest_finality},
	node::Node,
	patience::eventually,
	payer,
	prices::PriceServer,
	specification::Specification,
	state::{entry, hexadecimal},
	upgrades::VARIANT_VERSION,
};
use serde_json::{Value, json};
use sp_crypto_hashing::blake2_256;
use subxt::rpcs::client::{RpcParams, rpc_params};
use tempfile::TempDir;

/// How many simulated gateways hand their statements to the full node.
const DEVICES: u32 = 24;
/// Milliseconds of a reward epoch.
const EPOCH_MS: u64 = 60_000;
/// Slots of a session.
const SESSION_SLOTS: u64 = 120;
/// Blocks of a window.
const WINDOW_BLOCKS: BlockNumber = 12;
/// The place in its window of the block that sets the code, counted from 0.
const MIDDLE: BlockNumber = WINDOW_BLOCKS / 2;
const LAST: BlockNumber = WINDOW_BLOCKS - 1;
/// Entries to migrate, and how many the migration takes in a block.
const NOTES: u32 = 10_500;
const NOTES_PER_BLOCK: u32 = 1_000;
/// The blocks of the migration, of which the last one takes half as many.
const MIGRATION_BLOCKS: BlockNumber = NOTES.div_ceil(NOTES_PER_BLOCK) as BlockNumber;
/// Where the state says what the code migrates, and that it migrates notes.
const CHOICE: (&[u8], &[u8]) = (b":groma:variant", &[1]);
/// Blocks after the migration for which every slot has to have one.
const WATCHED_BLOCKS: BlockNumber = 12;
/// The longest that a block may wait until it is finalized.
const FINALITY_MAX: Duration = Duration::from_secs(30);
/// Who funds the field: it does not vote.
const FUNDER: &str = "//Dave";
/// Who pays devices by vouchers, and who claims them.
const PAYER: &str = "//Eve";
const CLAIMER: &str = "//Eve//stash";
/// The credits of its channel.
const CHANNEL_CREDITS: u64 = 100_000;
/// The sources of the price of GRM, and what they say before the upgrade and after it, in nano-USD.
const SOURCES: [&str; 3] = ["a", "b", "c"];
const PRICES: [(&str, u64); 2] = [("0.2", 200_000_000), ("0.3", 300_000_000)];
/// How often a block is looked for that has to be seen at once.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// From the start of a field until it ends that is asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(15);
/// For anything that takes a few windows or an epoch.
const PATIENCE: Duration = Duration::from_secs(300);

/// Where the migration was.
struct Migration {
	/// The block that set the code.
	set: BlockNumber,
	/// The last block of the migration.
	last: BlockNumber,
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_earn_on_when_a_vote_replaces_the_runtime_on_litep2p() {
	run("litep2p", LAST).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes as long as the other one: docs/checklists/runtime-upgrade.md calls it"]
async fn devices_earn_on_when_a_vote_replaces_the_runtime_on_libp2p() {
	run("libp2p", MIDDLE).await;
}

/// Upgrades by the block that has this place in its window.
async fn run(backend: &str, place: BlockNumber) {
	let [before, after] = PRICES;
	let server = PriceServer::start(&SOURCES.join(","), before.0).await.unwrap();
	let sources = SOURCES.map(|source| server.source(source));
	let chain = chain();
	let file = chain.write().unwrap();
	let network = LocalNetwork::start_feeding(&file, backend, &sources).await.unwrap();
	let full = &network.full;
	network.agree_on(2, PATIENCE).await.unwrap();
	assert!(full.spec_version(None).await.unwrap() < VARIANT_VERSION);
	let devices = DEVICES.to_string();
	let arguments = ["--devices", &devices, "--customers", "0", "--funder", FUNDER];
	let field = Client::simulate(&full.url(), &arguments).unwrap();
	first_heard(full, 0).await;
	expect_readable(full).await;
	// The account that feeds votes as well: it has fed, and does not feed again for minutes.
	expect_price(full, before.1).await;
	let channel = Channel::open(full).await;
	channel.pay(20).await;

	let code = fs::read(binary::variant().unwrap()).unwrap();
	authorize(full, &code).await;
	let story = upgrade(&network, &code, place);
	let (slowest, migration) = slowest_finality(&network.alice, story).await;
	println!("a block waited for {} ms at most until it was finalized", slowest.as_millis());
	assert!(slowest <= FINALITY_MAX, "a block waited for {} s", slowest.as_secs());
	let last = full.block_hash(migration.last).await.unwrap();
	let window: Value = full.call("groma_window", rpc_params![last]).await.unwrap();
	// The migration lengthens the window in which the code was set.
	let window = window["index"].as_u64().unwrap();
	assert_eq!(first_heard(full, window - 1).await, window, "the window is lost");
	assert_eq!(first_heard(full, window).await, window + 1, "the next window is lost");

	expect_migrated(full, &migration).await;
	expect_blocks(full, &migration).await;
	for node in network.nodes() {
		assert_eq!(node.spec_version(None).await.unwrap(), VARIANT_VERSION);
	}
	expect_readable(full).await;
	channel.pay(50).await;
	server.put(&format!("?price={}", after.0)).await.unwrap();
	expect_price(full, after.1).await;
	owner_claims(full, field).await;
	let number = full.best_number().await.unwrap();
	network.agree_on(number, PATIENCE).await.unwrap();
}

/// The local testnet with windows of 12 s and an epoch of a minute, and with notes as they are
/// before the upgrade.
fn chain() -> Specification {
	let timing = json!({
		"slotMs": 1_000, "babeEpochSlots": SESSION_SLOTS, "rewardEpochMs": EPOCH_MS,
		"parameters": { "windowBlocks": WINDOW_BLOCKS },
	});
	let chain = Specification::founded("local", &json!({ "timing": timing })).unwrap();
	let chain = chain.with(&hexadecimal(CHOICE.0), &hexadecimal(CHOICE.1));
	let narrow = |note: u32| hexadecimal(&note.to_le_bytes());
	(0..NOTES).fold(chain, |chain, note| chain.with(&note_key(note), &narrow(note)))
}

fn note_key(note: u32) -> String {
	entry("Variant", "Notes", &[&note.to_be_bytes()])
}

/// Waits until a device was heard in a later window than `after`, and returns the first such one.
async fn first_heard(node: &Node, after: u64) -> u64 {
	eventually("a device is heard", PATIENCE, || async {
		let mut heard = Vec::new();
		for (device, _) in node.devices(DEVICES, None).await? {
			heard.extend(node.rewards(device).await?["activity"]["lastHeard"].as_u64());
		}
		Ok(heard.into_iter().filter(|window| *window > after).min())
	})
	.await
	.unwrap()
}

/// A referendum authorizes the code.
async fn authorize(node: &Node, code: &[u8]) {
	let hash = blake2_256(code);
	let call = node.call_of("Upgrades", "authorize", hash).await.unwrap();
	node.refer(Track::Upgrade, &call).await.unwrap();
	let key = entry("Upgrades", "Authorized", &[]);
	let authorized = eventually("the referendum is enacted", PATIENCE, || {
		node.stored::<([u8; 32], u32)>(&key, None)
	});
	assert_eq!(authorized.await.unwrap().0, hash);
}

/// Applies the code by a block at this place in its window, and waits until the migration is over
/// and finalized.
async fn upgrade(network: &LocalNetwork, code: &[u8], place: BlockNumber) -> Migration {
	let LocalNetwork { alice, bob, full } = network;
	let call = full.call_of("System", "apply_authorized_upgrade", code.to_vec()).await.unwrap();
	let wanted = wait_for_place(alice, place).await;
	// The author of the next block has it. A node that got it from the other says no.
	let taken = tokio::join!(alice.submit_bare(&call), bob.submit_bare(&call));
	assert!(taken.0.is_ok() || taken.1.is_ok(), "{taken:?}");
	let set = full.upgraded_in(wanted - 1).await.unwrap();
	full.wait_for_finalized(set + MIGRATION_BLOCKS + 1, PATIENCE).await.unwrap();
	// Another block may have set it after a re-organization.
	let set = full.upgraded_in(wanted - 1).await.unwrap();
	// On busy cores the author may have begun with the block before it saw the call.
	println!("the code was set {} blocks after that at place {place}", set - wanted);
	assert!(set <= wanted + 1, "block {set} set the code, not that at place {place}: {wanted}");
	Migration { set, last: set + MIGRATION_BLOCKS }
}

/// Waits until the next block has this place in its window, and returns its number. Neither it nor
/// the one after it is the first block of a session, which takes no code.
async fn wait_for_place(node: &Node, place: BlockNumber) -> BlockNumber {
	let window: Value = node.call("groma_window", RpcParams::new()).await.unwrap();
	let best = node.best_number().await.unwrap();
	let founded = node.making_of(1).await.unwrap().slot;
	let slots = node.making_of(best).await.unwrap().slot - founded;
	let begins_session = |it: BlockNumber| (slots + it - best).is_multiple_of(SESSION_SLOTS);
	let mut wanted = window["firstBlock"].as_u64().unwrap() + place;
	while wanted < best + 3 || begins_session(wanted) || begins_session(wanted + 1) {
		wanted += WINDOW_BLOCKS;
	}
	while node.best_number().await.unwrap() + 1 < wanted {
		tokio::time::sleep(LOOK_EVERY).await;
	}
	wanted
}

/// The migration took exactly its blocks, in which there was nothing but the time, and left no note
/// out.
async fn expect_migrated(node: &Node, migration: &Migration) {
	let cursor = entry("MultiBlockMigrations", "Cursor", &[]);
	for number in migration.set..=migration.last {
		let hash = node.block_hash(number).await.unwrap();
		let is_ongoing = node.stored_bytes(&cursor, Some(&hash)).await.unwrap().is_some();
		let is_between = migration.set < number && number < migration.last;
		assert_eq!(is_ongoing, is_between, "block {number} of {}", migration.set);
		let block: Value = node.call("chain_getBlock", rpc_params![&hash]).await.unwrap();
		let extrinsics = block["block"]["extrinsics"].as_array().unwrap().len();
		assert!(number == migration.set || extrinsics == 1, "block {number} has {extrinsics}");
	}
	let last = node.block_hash(migration.last).await.unwrap();
	let notes: Vec<u32> = (0..NOTES).collect();
	for notes in notes.chunks(NOTES_PER_BLOCK as usize) {
		let keys: Vec<_> = notes.iter().map(|note| note_key(*note)).collect();
		let params = rpc_params![keys, &last];
		let found: Value = node.call("state_queryStorageAt", params).await.unwrap();
		let wide =
			|note: &u32| json!([note_key(*note), hexadecimal(&u64::from(*note).to_le_bytes())]);
		let expected: Vec<_> = notes.iter().map(wide).collect();
		assert_eq!(found[0]["changes"], json!(expected));
	}
}

/// No slot is without a block once the migration is over, and both validators author blocks; that
/// they are finalized takes the votes of both. While the migration runs, each node compiles the
/// code once, and may miss slots.
async fn expect_blocks(node: &Node, migration: &Migration) {
	let end = migration.last + WATCHED_BLOCKS;
	node.wait_for_finalized(end, PATIENCE).await.unwrap();
	let mut slots = Vec::new();
	for number in [migration.set, migration.last, end] {
		slots.push(node.making_of(number).await.unwrap().slot);
	}
	let missed = [slots[1] - slots[0] - MIGRATION_BLOCKS, slots[2] - slots[1] - WATCHED_BLOCKS];
	println!("{} slots were missed while code was compiled, {} afterwards", missed[0], missed[1]);
	assert_eq!(missed[1], 0, "slots were missed after the migration");
	let mut authors = BTreeSet::new();
	for number in migration.last + 1..=end {
		authors.insert(node.making_of(number).await.unwrap().author);
	}
	assert_eq!(authors, BTreeSet::from([0, 1]));
}

/// All of the state decodes, and the books are balanced.
async fn expect_readable(node: &Node) {
	assert_eq!(node.metric("groma_state_unreadable").await.unwrap(), 0.0);
	let books: Value = node.call("groma_supply", RpcParams::new()).await.unwrap();
	let sum = |terms: &[&str]| -> u128 {
		terms.iter().map(|term| books[term].as_str().unwrap().parse::<u128>().unwrap()).sum()
	};
	assert_eq!(sum(&["genesis", "minted", "reminted"]), sum(&["issuance", "burned"]), "{books}");
}

/// Waits until the feeder says this price, in nano-USD.
async fn expect_price(node: &Node, nano_usd: u64) {
	eventually(&format!("the price is {nano_usd}"), PATIENCE, || async {
		let price: Value = node.call("groma_price", RpcParams::new()).await?;
		Ok((price["spot"] == nano_usd && price["freshFeeders"] == 1).then_some(()))
	})
	.await
	.unwrap();
}

/// A channel, and a device that is paid from it.
struct Channel<'a> {
	node: &'a Node,
	device: u32,
	/// The key and the book of its payer.
	files: TempDir,
}

impl<'a> Channel<'a> {
	async fn open(node: &'a Node) -> Self {
		let (device, _) = node.devices(DEVICES, None).await.unwrap().remove(0);
		let channel = Self { node, device, files: tempfile::tempdir().unwrap() };
		let generate = ["key", "generate", &channel.signer()];
		let (code, text) = payer::run_to_end(&generate).await.unwrap();
		assert_eq!(code, Some(0), "{text}");
		channel.does(&["mint", "200000", "--account", PAYER, "--yes"]).await;
		let credits = CHANNEL_CREDITS.to_string();
		let terms = ["--seats", "4", "--days", "1"];
		let open = [&["open", &credits, "--account", PAYER][..], &terms].concat();
		let opened = channel.does_signing(&open).await;
		assert_eq!(opened["channel"], 0, "{opened}");
		channel
	}

	/// Promises the device this many credits in all, and has a stranger claim them.
	async fn pay(&self, credits: u64) {
		let (device, sum) = (self.device.to_string(), credits.to_string());
		let promise = ["--device", &device, "--credits", &sum, "--units", &sum];
		let sign = [&["sign", "--channel", "0"][..], &promise].concat();
		let voucher = self.does_signing(&sign).await;
		let vouchers = self.path("vouchers");
		fs::write(&vouchers, format!("{voucher}\n")).unwrap();
		let claim = self.does(&["claim", &vouchers, "--account", CLAIMER]).await;
		assert_eq!(claim["batches"][0]["payments"][0]["device"], self.device, "{claim}");
		let address = address_of(&keypair(PAYER).unwrap());
		let status = self.does(&["status", "--payer", &address]).await;
		let left = (CHANNEL_CREDITS - credits).to_string();
		assert_eq!(status["channels"][0]["credits"], left, "{status}");
	}

	/// The document of a command of the payer's client that succeeds.
	async fn does(&self, words: &[&str]) -> Value {
		let url = self.node.url();
		payer::document_of(&[words, &["--endpoint", &url]].concat()).await.unwrap()
	}

	/// The same of one that takes the key and the book.
	async fn does_signing(&self, words: &[&str]) -> Value {
		let (signer, book) = (self.signer(), self.path("book"));
		self.does(&[words, &["--signer", &signer, "--book", &book]].concat()).await
	}

	/// The URI of the key.
	fn signer(&self) -> String {
		format!("file:{}", self.path("signer"))
	}

	fn path(&self, name: &str) -> String {
		self.files.path().join(name).display().to_string()
	}
}

/// The field ends while a device has work in an open epoch. Once that is closed, the owner of the
/// device claims what it earned, and everyone can recompute it.
async fn owner_claims(node: &Node, field: Client) {
	let worked = eventually("a device has work in an open epoch", PATIENCE, || async {
		let now = SystemTime::UNIX_EPOCH.elapsed()?.as_millis() as u64;
		for (device, known) in node.devices(DEVICES, None).await? {
			let rewards = node.rewards(device).await?;
			let activity = &rewards["activity"];
			let is_open = activity["epoch"].as_u64() == Some(now / EPOCH_MS);
			// So that the field ends before the epoch does, and with it its own claims.
			let has_time = now % EPOCH_MS < EPOCH_MS / 2;
			if is_open && has_time && activity["units"].as_u64() > Some(0) {
				return Ok(Some((device, known, now / EPOCH_MS)));
			}
		}
		Ok(None)
	});
	let (device, known, epoch) = worked.await.unwrap();
	let end = field.end_by("-INT", STOP_PATIENCE).await.unwrap();
	assert_eq!(end.code, Some(0), "{end:?}");
	eventually("the epoch is closed", PATIENCE, || async {
		let clock: Value = node.call("groma_epoch", RpcParams::new()).await?;
		Ok((clock["lastClosed"].as_u64() >= Some(epoch)).then_some(()))
	})
	.await
	.unwrap();
	let best = node.best_number().await.unwrap();
	node.wait_for_finalized(best, PATIENCE).await.unwrap();

	let owed = || async { node.rewards(device).await.unwrap()["owed"].clone() };
	assert_ne!(owed().await, json!([]), "device {device} earned nothing in epoch {epoch}");
	let mut owners = (0..DEVICES).map(|owner| keypair(&format!("//Field//{owner}")).unwrap());
	let owner = owners.find(|owner| known["owner"] == address_of(owner)).unwrap();
	let claim = node.call_of("Rewards", "claim", device).await.unwrap();
	node.submit(&owner, &claim).await.unwrap();
	assert_eq!(owed().await, json!([]), "device {device} is not paid");
	let audit = ["audit", "--epoch", &epoch.to_string(), "--endpoint", &node.url()];
	let report = document_of(&audit).await.unwrap();
	assert_eq!(report["differences"], json!([]), "{report}");
}
