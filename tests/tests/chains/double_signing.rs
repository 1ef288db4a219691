//! A validator that runs two processes with the same keys, among three honest ones: what it loses,
//! who is paid, and that finality goes on.

use std::{cell::Cell, future::Future, str::FromStr, time::Duration};

use codec::Decode;
use groma_tests::{
	accounts::address_of,
	network::BlockNumber,
	node::Node,
	patience::eventually,
	state::{entry, hexadecimal},
	validators::{STAKE, Times, Validators, voter},
};
use serde_json::{Value, json};
use sp_crypto_hashing::{blake2_128, twox_64};
use subxt::{rpcs::client::rpc_params, utils::AccountId32};
use subxt_signer::sr25519::dev;

const TIMES: Times = Times { slot_ms: 1_500, session_slots: 10, era_sessions: 2 };
/// Times in which the first era lasts until two votes of a round are reported.
const TIMES_OF_VOTES: Times = Times { slot_ms: 1_000, session_slots: 60, era_sessions: 2 };
/// The most blocks that finality may be behind at any time.
const LAG_MAX: BlockNumber = 10;
/// Blocks of honest nodes for which an offender with new keys is watched: four eras.
const WATCHED_BLOCKS: BlockNumber = 60;
/// What a node says whose key may not author.
const DISABLED: &str = "is disabled and should not be attempting to author blocks";
/// What an honest node says when it reports two blocks.
const TWO_BLOCKS: &str = "authored two blocks of slot";
/// What an honest node says when it reports two votes.
const TWO_VOTES: &str = "Detected prevote equivocation";
/// What keeps an honest node from this: its guard of what it signed, and that it stops when it sees
/// a block of its own key that it did not make.
const WITHOUT_PROTECTION: [&str; 2] =
	["--unsafe-sign-without-guard", "--unsafe-allow-foreign-blocks"];

/// What the chain keeps of an offence.
#[derive(Debug, Decode)]
struct Offence {
	reporter: Option<[u8; 32]>,
	base: u128,
	members: u32,
	/// Billionths of the base.
	paid: u32,
	due: Option<u32>,
	is_cancelled: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn double_signer_is_slashed_and_kept_out_while_finality_goes_on() {
	let network = Validators::start(&TIMES, 3).await.unwrap();
	let offender = [&["--dave"][..], &WITHOUT_PROTECTION].concat();
	let first = network.join("dave-1", &offender).await.unwrap();
	let honest = &network.nodes[0];
	honest.wait_for_finalized(3, TIMES.sessions(2)).await.unwrap();
	let story = async {
		// Both run to the end: they go on to sign twice what they may sign. The second one does
		// not vote. Here two votes of a round would be a matter of chance, and once they are found
		// first, the offender is disabled and makes no two blocks of a slot.
		let offender = [&offender[..], &["--no-grandpa"]].concat();
		let _second = network.join("dave-2", &offender).await.unwrap();
		let Report { number, era, reporter } = is_reported(honest, &TIMES).await;
		let mut logs = network.nodes.iter().map(|node| node.log().unwrap());
		assert!(logs.any(|log| log.contains(TWO_BLOCKS)), "no one reports the blocks");
		is_slashed(honest, era, &reporter).await;
		stays_out(honest, number, &first).await;
	};
	let lag = most_behind(honest, story).await;
	println!("finality was at most {lag} blocks behind");
	assert!(lag <= LAG_MAX, "finality was {lag} blocks behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn voter_that_votes_twice_in_a_round_is_reported_by_the_nodes() {
	// Two of four voters end no round, so they stay in the first one.
	let network = Validators::start(&TIMES_OF_VOTES, 1).await.unwrap();
	let honest = &network.nodes[0];
	let mut first = network.join("dave-1", &["--dave"]).await.unwrap();
	let vote = prevote_of(&first).await;
	eventually("the vote is known", TIMES_OF_VOTES.sessions(1), || async {
		let rounds = honest.rounds_with(voter(3).unwrap()).await?;
		Ok((!rounds.is_empty()).then_some(()))
	})
	.await
	.unwrap();
	first.kill().unwrap();
	let second = second_voter(&network, &vote).await;
	let other = prevote_of(&second).await;
	assert_eq!(vote["round"], other["round"]);
	assert_ne!(vote["target"], other["target"]);
	eventually("the votes are compared", TIMES_OF_VOTES.sessions(1), || async {
		Ok(honest.log()?.contains(TWO_VOTES).then_some(()))
	})
	.await
	.unwrap();
	// With two more, finality begins.
	let _bob = network.join("bob", &["--bob"]).await.unwrap();
	let _charlie = network.join("charlie", &["--charlie"]).await.unwrap();
	is_reported(honest, &TIMES_OF_VOTES).await;
	let slashes: Value = honest.call("groma_pendingSlashes", rpc_params![]).await.unwrap();
	assert_eq!(slashes["slashes"][0]["kind"], json!("twoVotes"), "{slashes}");
}

/// Waits until a process has prevoted: what its guard recorded of that.
async fn prevote_of(node: &Node) -> Value {
	let voted = eventually("it votes", TIMES_OF_VOTES.sessions(1), || async {
		let guard: Value = node.call("groma_signingGuard", rpc_params![]).await?;
		let vote = guard["lastVote"].clone();
		Ok((vote["kind"] == "prevote").then_some(vote))
	});
	voted.await.unwrap()
}

/// Starts another process with the offender's key for votes, when the chain is so long that it
/// votes for a later block than the first process did. Its guard knows nothing of that one.
async fn second_voter(network: &Validators, vote: &Value) -> Node {
	let voted = vote["target"]["number"].as_u64().unwrap();
	let mut second = network.join("dave-2", &["--validator"]).await.unwrap();
	eventually("the chain is longer", TIMES_OF_VOTES.eras(2), || async {
		Ok((second.best_number().await? > 2 * voted + 8).then_some(()))
	})
	.await
	.unwrap();
	let key = AccountId32::from_str(voter(3).unwrap()).unwrap().0;
	let params = rpc_params!["gran", "//Dave", hexadecimal(&key)];
	let _: Value = second.call("author_insertKey", params).await.unwrap();
	// A voter looks for its key when it begins a round.
	second.kill().unwrap();
	second.start_again().await.unwrap();
	second
}

/// A report that is finalized.
struct Report {
	/// A block as of which it is known.
	number: BlockNumber,
	/// The era of the offence.
	era: u32,
	reporter: [u8; 32],
}

/// Waits for a report: an honest validator put it into its block, the offender is disabled and no
/// candidate, and the slash waits.
async fn is_reported(node: &Node, times: &Times) -> Report {
	let dave = dev::dave();
	let found = eventually("the offence is reported", times.eras(1), || async {
		let number = node.finalized_number().await?;
		let known = node.validator_at(number, &dave).await?;
		let era = known["backing"]["pending"][0].as_u64();
		Ok(era.map(|era| (number, era, known)))
	});
	let (number, era, known) = found.await.unwrap();
	assert_eq!((&known["isDisabled"], &known["isCandidate"]), (&json!(true), &json!(false)));
	let era = u32::try_from(era).unwrap();
	let offence = offence_at(node, era, number).await.unwrap();
	assert_eq!((offence.base, offence.members, offence.paid), (STAKE, 4, 0));
	assert!(offence.due.is_some_and(|due| due > era), "it waits: {offence:?}");
	let reporter = offence.reporter.expect("the author of the report's block");
	let honest = [dev::alice(), dev::bob(), dev::charlie()].map(|key| key.public_key().0);
	assert!(honest.contains(&reporter), "{reporter:?}");
	Report { number, era, reporter }
}

/// Waits for the slash: one of four loses (3 / 4)^2 of what stood behind it, a twentieth of which
/// goes to the reporter in the same block.
async fn is_slashed(node: &Node, era: u32, reporter: &[u8; 32]) {
	let first = node.finalized_number().await.unwrap();
	let found = eventually("the offender is slashed", TIMES.eras(3), || async {
		for number in first..=node.finalized_number().await? {
			if offence_at(node, era, number).await.is_some_and(|offence| offence.paid > 0) {
				return Ok(Some(number));
			}
		}
		Ok(None)
	});
	let number = found.await.unwrap();
	let offence = offence_at(node, era, number).await.unwrap();
	assert_eq!((offence.paid, offence.due, offence.is_cancelled), (562_500_000, None, false));
	let taken = STAKE / 16 * 9;
	// By then it may be known that it signed twice in the next era, too.
	let lost = own_at(node, number - 1).await - own_at(node, number).await;
	assert_eq!(lost, taken, "what the offender lost");
	let gained = free_at(node, reporter, number).await;
	let gained = gained - free_at(node, reporter, number - 1).await;
	assert_eq!(gained, taken / 20, "what the reporter is paid");
}

/// The offender takes new keys. They are in use, its process tries to author by them, and no block
/// since the report is its own, however many eras begin.
async fn stays_out(node: &Node, reported: BlockNumber, process: &Node) {
	let dave = dev::dave();
	let made = process.make_session_keys(&dave).unwrap();
	node.submit(&dave, &made.call).await.unwrap();
	eventually("the new keys are in use", TIMES.sessions(3), || async {
		Ok(node.uses(&made).await?.then_some(()))
	})
	.await
	.unwrap();
	let tried = process.log().unwrap().matches(DISABLED).count();
	let last = node.best_number().await.unwrap() + WATCHED_BLOCKS;
	node.wait_for_finalized(last, TIMES.eras(6)).await.unwrap();
	let tried_more = process.log().unwrap().matches(DISABLED).count();
	assert!(tried_more > tried, "the new keys were never tried");
	assert_eq!(node.validator(&dave).await.unwrap()["isDisabled"], json!(true));
	let address = address_of(&dave);
	for number in reported + 1..=last {
		assert_ne!(node.author_of(number).await.unwrap(), address, "block {number}");
	}
}

/// Lets a story happen, and returns the most blocks that finality was behind meanwhile.
async fn most_behind(node: &Node, story: impl Future<Output = ()>) -> BlockNumber {
	let is_over = Cell::new(false);
	let watch = async {
		let mut most = 0;
		while !is_over.get() {
			let finalized = node.finalized_number().await.unwrap();
			most = most.max(node.best_number().await.unwrap().saturating_sub(finalized));
			tokio::time::sleep(Duration::from_millis(TIMES.slot_ms / 4)).await;
		}
		most
	};
	let ended = async {
		story.await;
		is_over.set(true);
	};
	let (most, ()) = tokio::join!(watch, ended);
	most
}

/// Plancks of the offender's own that stand behind it, as of a block.
async fn own_at(node: &Node, number: BlockNumber) -> u128 {
	let known = node.validator_at(number, &dev::dave()).await.unwrap();
	known["backing"]["own"].as_str().unwrap().parse().unwrap()
}

/// The offender's offence of an era as of a block.
async fn offence_at(node: &Node, era: u32, number: BlockNumber) -> Option<Offence> {
	let dave = dev::dave().public_key().0;
	let (hash, era) = (blake2_128(&dave), era.to_le_bytes());
	let parts: [&[u8]; 4] = [&twox_64(&era), &era, &hash, &dave];
	stored(node, "Validators", "Offences", &parts, number).await
}

/// The free plancks of an account as of a block.
async fn free_at(node: &Node, account: &[u8; 32], number: BlockNumber) -> u128 {
	let hash = blake2_128(account);
	let parts: [&[u8]; 2] = [&hash, account];
	let counts_and_free = stored(node, "System", "Account", &parts, number).await;
	let (_, free): ([u32; 4], u128) = counts_and_free.expect("the account exists");
	free
}

/// What stands in the state of a block at an entry of a map.
async fn stored<V: Decode>(
	node: &Node,
	pallet: &str,
	map: &str,
	parts: &[&[u8]],
	number: BlockNumber,
) -> Option<V> {
	let hash = node.block_hash(number).await.unwrap();
	node.stored(&entry(pallet, map, parts), Some(&hash)).await.unwrap()
}
