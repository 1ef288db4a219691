//! Validators that are killed at random moments, and what there is to see of their votes.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use subxt::rpcs::client::rpc_params;
use subxt_signer::sr25519::dev;

use crate::{
	network::BlockNumber,
	node::Node,
	patience::eventually,
	validators::{Validators, voter},
};

/// From the start of a node to its first vote, and to its first peers, on two busy cores.
const PATIENCE: Duration = Duration::from_secs(240);
/// The longest that a validator runs, and that it is off, until the next random moment.
const ON_MAX: Duration = Duration::from_secs(6);
const OFF_MAX: Duration = Duration::from_secs(2);
/// The validators that are killed one by one. The first one is where the others find each other,
/// and the one that watches.
const KILLED: [usize; 3] = [1, 2, 3];
/// What a node says of two votes in a round, or of two blocks in a slot.
const EQUIVOCATIONS: [&str; 2] = ["equivocat", "authored two blocks of slot"];

/// A round of a set of GRANDPA's voters. Later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Round {
	set: u64,
	number: u64,
}

/// Random moments, the same ones for the same seed.
#[derive(Debug)]
pub struct Moments(u64);

impl Moments {
	/// Moments of a seed.
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// A number below `bound`, by splitmix64.
	fn below(&mut self, bound: u64) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		(mixed ^ (mixed >> 31)) % bound
	}

	async fn pause(&mut self, longest: Duration) {
		let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
		tokio::time::sleep(Duration::from_millis(self.below(longest))).await;
	}
}

impl Validators {
	/// Kills one of the others than the first at a random moment, starts it again, and waits until
	/// it votes: in how many rounds it did not, once it had a peer.
	///
	/// # Errors
	///
	/// If it does not start or vote.
	pub async fn kill_one(&mut self, moments: &mut Moments) -> Result<u64> {
		let place = KILLED[moments.below(KILLED.len() as u64) as usize];
		moments.pause(ON_MAX).await;
		let last = self.kill(place).await?;
		moments.pause(OFF_MAX).await;
		self.nodes[place].start_again().await?;
		self.votes_again(place, last).await
	}

	/// Kills a validator: no round after this one has a vote of it.
	///
	/// # Errors
	///
	/// If it does not run, or the first one does not answer.
	pub async fn kill(&mut self, place: usize) -> Result<Round> {
		self.nodes[place].kill()?;
		let best = self.nodes[0].best_round().await?;
		// It may have been a round ahead of the one that watches.
		Ok(Round { number: best.number + 1, ..best })
	}

	/// Waits until a validator that was started again votes in a round after `last`: in how many
	/// rounds it did not, once it had a peer.
	///
	/// # Errors
	///
	/// If it does not vote.
	pub async fn votes_again(&self, place: usize, last: Round) -> Result<u64> {
		let (node, witness) = (&self.nodes[place], &self.nodes[0]);
		let voter = voter(place).context("there are four")?;
		eventually("it has a peer", PATIENCE, || async {
			let health: Value = node.call("system_health", rpc_params![]).await?;
			Ok((health["peers"].as_u64() > Some(0)).then_some(()))
		})
		.await?;
		let begin = witness.best_round().await?;
		let voted = eventually("it votes again", PATIENCE, || async {
			let rounds = witness.rounds_with(voter).await?;
			Ok(rounds.into_iter().find(|round| *round >= begin && *round > last))
		});
		let voted = voted.await?;
		let before = if voted.set == begin.set { begin.number } else { 0 };
		Ok(voted.number - before)
	}

	/// Kills all four at once, starts them again, and waits until they have finalized a number of
	/// further blocks: how many it was in the end.
	///
	/// # Errors
	///
	/// If one does not start, or they finalize nothing more.
	pub async fn kill_all(&mut self, blocks: BlockNumber) -> Result<BlockNumber> {
		let before = self.nodes[0].finalized_number().await?;
		self.nodes.iter_mut().try_for_each(Node::kill)?;
		for node in &mut self.nodes {
			node.start_again().await?;
		}
		// The first one listens at another port now.
		let address = self.nodes[0].peer_address().await?;
		for node in &self.nodes[1..] {
			let _: Value = node.call("system_addReservedPeer", rpc_params![&address]).await?;
		}
		for node in &self.nodes {
			node.wait_for_finalized(before + blocks, PATIENCE).await?;
		}
		Ok(self.nodes[0].finalized_number().await? - before)
	}

	/// What the logs of all nodes say of anyone who signed twice, line by line.
	///
	/// # Errors
	///
	/// If a log cannot be read, or the chain knows of an offence that no log names.
	pub async fn equivocations(&self) -> Result<Vec<String>> {
		let mut lines = Vec::new();
		for node in &self.nodes {
			let log = node.log()?;
			let said = log.lines().filter(|line| {
				let line = line.to_lowercase();
				EQUIVOCATIONS.iter().any(|words| line.contains(words))
			});
			lines.extend(said.map(str::to_owned));
		}
		for account in [dev::alice(), dev::bob(), dev::charlie(), dev::dave()] {
			let known = self.nodes[0].validator(&account).await?;
			let pending = known["backing"]["pending"].as_array().context("offences are known")?;
			let is_blameless = pending.is_empty() && known["isDisabled"] == false;
			ensure!(is_blameless || !lines.is_empty(), "an offence that no one logged: {known}");
		}
		Ok(lines)
	}
}

impl Node {
	/// The round that the voter of this node is in.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn best_round(&self) -> Result<Round> {
		let state: Value = self.call("grandpa_roundState", rpc_params![]).await?;
		round_of(&state, &state["best"])
	}

	/// The rounds of which this node still knows the votes, and in which someone has prevoted.
	///
	/// # Errors
	///
	/// If the node does not answer.
	pub async fn rounds_with(&self, voter: &str) -> Result<Vec<Round>> {
		let state: Value = self.call("grandpa_roundState", rpc_params![]).await?;
		let background = state["background"].as_array().context("rounds are a list")?;
		let voted = background.iter().chain([&state["best"]]).filter(|round| {
			let missing = round["prevotes"]["missing"].as_array();
			missing.is_some_and(|missing| missing.iter().all(|it| it != voter))
		});
		voted.map(|round| round_of(&state, round)).collect()
	}
}

fn round_of(state: &Value, round: &Value) -> Result<Round> {
	let set = state["setId"].as_u64().context("a set has a number")?;
	let number = round["round"].as_u64().context("a round has a number")?;
	Ok(Round { set, number })
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn moments_of_a_seed_are_the_same_and_below_their_bound() {
		let numbers = |seed| {
			let mut moments = Moments::new(seed);
			(0..100).map(|_| moments.below(6_000)).collect::<Vec<_>>()
		};
		assert_eq!(numbers(1), numbers(1));
		assert_ne!(numbers(1), numbers(2));
		let drawn = numbers(3);
		assert!(drawn.iter().all(|it| *it < 6_000));
		assert!(drawn.iter().any(|it| *it < 1_000) && drawn.iter().any(|it| *it > 5_000));
	}
}
