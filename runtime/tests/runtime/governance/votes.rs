//! One token, one vote: whatever voters do with their GRM, they vote with no more than they have,
//! and what voted stays locked for as long as they said.

use std::collections::BTreeMap;

use frame_support::traits::{GetCallMetadata, schedule::DispatchTime};
use groma_core::money::GRM;
use groma_runtime::{
	AccountId, Balance, Balances, BlockNumber, Referenda, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeGenesisConfig, Stake, Validators,
	governance::{origins::Origin, votable::votable},
};
use groma_traits::{Backing, DeviceOffences, Eras, Offence};
use pallet_conviction_voting::{AccountVote, Casting, Conviction, Vote, Voting};
use pallet_referenda::ReferendumCount;
use pallet_stake::Purpose;
use sp_keyring::Sr25519Keyring::{self, Alice, CharlieStash, Dave, Eve, Ferdie};
use sp_runtime::TokenError;

use super::{
	ballots::{CLASSES, Memory, VOTERS, check_tally, locked, total, voting_of},
	cast, proposal, remark, submission,
};
use crate::{
	chain::{Chain, account, as_root, genesis_config, signed},
	field::LORAWAN,
	market::Numbers,
};

/// Steps. Each is a block.
const STEPS: usize = 10_000;
/// Steps between two checks of the books and of the invariants of all pallets.
const CHECKED_EVERY: usize = 250;
const SEED: u64 = 0xD1B5_4A32_D192_ED03;
/// How many referenda are decided at a time.
const OPEN: usize = 4;
/// Blocks in which the allocations of Dave and Eve vest.
const VESTING_BLOCKS: BlockNumber = 8_000;

const CONVICTIONS: [Conviction; 7] = [
	Conviction::None,
	Conviction::Locked1x,
	Conviction::Locked2x,
	Conviction::Locked3x,
	Conviction::Locked4x,
	Conviction::Locked5x,
	Conviction::Locked6x,
];

/// Calls that have to succeed, or the story shows little.
const NEEDED: [&str; 13] = [
	"ConvictionVoting.vote",
	"ConvictionVoting.remove_vote",
	"ConvictionVoting.delegate",
	"ConvictionVoting.undelegate",
	"ConvictionVoting.unlock",
	"Balances.transfer_allow_death",
	"Stake.provision",
	"Stake.thaw",
	"Stake.withdraw",
	"Stake.delegate",
	"Stake.undelegate",
	"Stake.withdraw_delegated",
	"Vesting.vest",
];

struct Story {
	chain: Chain,
	numbers: Numbers,
	memory: Memory,
	/// Referenda that go on, with their tracks.
	open: Vec<(u32, u16)>,
	/// Referenda that were seen.
	seen: u32,
	/// Referenda whose decision deposits are there.
	funded: Vec<u32>,
	/// Referenda that passed, failed, and were killed.
	ended: [usize; 3],
	/// Calls that succeeded.
	done: BTreeMap<String, usize>,
}

impl Story {
	fn new() -> Self {
		let mut config: RuntimeGenesisConfig =
			serde_json::from_value(genesis_config(Some("development"))).expect("it is valid");
		config.vesting.vesting =
			[Dave, Eve].map(|it| (account(it), 0, VESTING_BLOCKS, 300_000 * GRM)).to_vec();
		let mut chain = Chain::of(serde_json::to_value(config).expect("it is JSON"));
		chain.block(vec![]);
		let opened = chain.submit(Alice, pallet_stake::Call::set_open { is_open: true });
		assert_eq!(opened, Ok(()));
		Self {
			chain,
			numbers: Numbers(SEED),
			memory: Memory::default(),
			open: Vec::new(),
			seen: 0,
			funded: Vec::new(),
			ended: [0; 3],
			done: BTreeMap::new(),
		}
	}

	/// A block with one transaction of one account, and at times a slash or a kill.
	fn step(&mut self) {
		let who = self.numbers.one_of(&VOTERS);
		let call = self.call(who);
		let delegation = self.delegation_that_ends(who, &call);
		let transaction = self.chain.with(|| signed(who, call.clone(), 0, 0));
		let results = self.chain.block(vec![transaction]);
		if results == [Ok(Ok(()))] {
			let names = call.get_call_metadata();
			let name = format!("{}.{}", names.pallet_name, names.function_name);
			*self.done.entry(name).or_default() += 1;
			self.note_success(who, &call, delegation);
		}
		self.note_events();
		self.happen();
	}

	/// What a call that ends a delegation would end.
	fn delegation_that_ends(
		&mut self,
		who: Sr25519Keyring,
		call: &RuntimeCall,
	) -> Option<(u16, Conviction, Balance)> {
		use pallet_conviction_voting::Call::undelegate;
		let RuntimeCall::ConvictionVoting(undelegate { class }) = call else { return None };
		match self.chain.with(|| voting_of(who, *class)) {
			Voting::Delegating(it) => Some((*class, it.conviction, it.balance)),
			Voting::Casting(_) => None,
		}
	}

	fn note_success(
		&mut self,
		who: Sr25519Keyring,
		call: &RuntimeCall,
		ended: Option<(u16, Conviction, Balance)>,
	) {
		use pallet_conviction_voting::Call::{delegate, vote};
		use pallet_referenda::Call::{place_decision_deposit, refund_decision_deposit};
		let Self { chain, memory, open, funded, .. } = self;
		match call {
			RuntimeCall::ConvictionVoting(vote { poll_index, .. }) => {
				let class = open.iter().find(|(poll, _)| poll == poll_index).map(|(_, it)| *it);
				memory.vote((who, class.expect("it goes on"), Some(*poll_index)));
			}
			RuntimeCall::ConvictionVoting(delegate { class, .. }) => {
				memory.vote((who, *class, None));
			}
			RuntimeCall::Referenda(place_decision_deposit { index }) => funded.push(*index),
			RuntimeCall::Referenda(refund_decision_deposit { index }) => {
				funded.retain(|it| it != index);
			}
			_ => {
				if let Some((class, conviction, balance)) = ended {
					chain.with(|| memory.undelegate((who, class, None), conviction, balance));
				}
			}
		}
	}

	/// Notes what the latest block says: referenda that begin and end, and stake that was burned.
	fn note_events(&mut self) {
		use pallet_referenda::Event::{Confirmed, Rejected};
		for event in self.chain.events() {
			match event {
				RuntimeEvent::Referenda(Confirmed { .. }) => self.ended[0] += 1,
				RuntimeEvent::Referenda(Rejected { .. }) => self.ended[1] += 1,
				RuntimeEvent::Stake(pallet_stake::Event::Settled { delegator, burned, .. }) => {
					if let Some(voter) = VOTERS.iter().find(|it| account(**it) == delegator) {
						self.memory.take(*voter, burned);
					}
				}
				_ => {}
			}
		}
		self.refresh();
	}

	/// Finds out which referenda go on.
	fn refresh(&mut self) {
		let Self { chain, open, seen, .. } = self;
		chain.with(|| {
			let count = ReferendumCount::<Runtime>::get();
			let track = |poll| Referenda::ensure_ongoing(poll).ok().map(|status| status.track);
			open.extend((*seen..count).filter_map(|poll| Some((poll, track(poll)?))));
			open.retain(|(poll, _)| track(*poll).is_some());
			*seen = count;
		});
	}

	/// At times a slash, or the end of a referendum whose deposits are slashed.
	fn happen(&mut self) {
		let reporter = account(Ferdie);
		match self.numbers.below(100) {
			0..=2 => {
				let owner = account(self.numbers.one_of(&VOTERS));
				self.slash(|| {
					let offence = Offence::DoubleBeacon;
					<Stake as DeviceOffences<AccountId>>::on_offence(
						0, LORAWAN, &owner, &reporter, offence,
					);
				});
			}
			3 => self.slash(|| {
				let era = <Validators as Eras>::active();
				let _slashed = <Stake as Backing<AccountId>>::slash(
					&account(Alice),
					era,
					50 * GRM,
					Some(&reporter),
				);
			}),
			4 if !self.open.is_empty() => {
				let (index, _) = self.numbers.one_of(&self.open);
				let kill = RuntimeCall::Referenda(pallet_referenda::Call::kill { index });
				self.slash(|| as_root(kill));
				self.ended[2] += 1;
				self.refresh();
			}
			_ => {}
		}
	}

	/// Does something that takes of voters what they have less afterwards.
	fn slash(&mut self, slash: impl FnOnce()) {
		let before = self.chain.with(|| VOTERS.map(total));
		self.chain.act(slash);
		let after = self.chain.with(|| VOTERS.map(total));
		for ((voter, before), after) in VOTERS.into_iter().zip(before).zip(after) {
			self.memory.take(voter, before.saturating_sub(after));
		}
	}

	/// Checks the votes, the tallies and the locks.
	fn check(&mut self) {
		let Self { chain, memory, open, .. } = self;
		chain.with(|| {
			memory.note_ends();
			memory.check();
			open.iter().for_each(|(poll, class)| check_tally(*poll, *class));
		});
	}
}

/// What voters do.
impl Story {
	fn call(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		if self.open.len() < OPEN && self.numbers.below(4) == 0 {
			return self.submit();
		}
		match self.numbers.below(20) {
			0..=5 => self.vote(who),
			6 | 7 => self.remove(who),
			8..=10 => self.delegate(who),
			11 => self.unlock(),
			12 => pallet_vesting::Call::vest {}.into(),
			13 | 14 => {
				let dest = account(self.numbers.one_of(&VOTERS)).into();
				let value = self.part_of(who);
				pallet_balances::Call::transfer_allow_death { dest, value }.into()
			}
			15 | 16 => self.fund(),
			_ => self.numbers.stake(LORAWAN, 20_000),
		}
	}

	/// All that an account can vote with, a part of it, or more than that.
	fn part_of(&mut self, who: Sr25519Keyring) -> Balance {
		let all = self.chain.with(|| votable(&account(who)));
		match self.numbers.below(8) {
			0 => all,
			1 => all + 1,
			2 => all.saturating_mul(2),
			3 => self.chain.with(|| total(who)),
			4 => 0,
			_ => all / 100 * Balance::from(self.numbers.below(100)),
		}
	}

	fn submit(&mut self) -> RuntimeCall {
		let origin = self.numbers.one_of(&[Origin::Signal, Origin::Parameters]);
		let proposal = proposal(&mut self.chain, remark(b"a story"));
		submission(origin, proposal, DispatchTime::After(0))
	}

	/// Places the decision deposit of a referendum that has none, or gets one back, which may be
	/// too early.
	fn fund(&mut self) -> RuntimeCall {
		use pallet_referenda::Call::{place_decision_deposit, refund_decision_deposit};
		let Self { numbers, open, funded, .. } = self;
		let unfunded = open.iter().find(|(poll, _)| !funded.contains(poll));
		RuntimeCall::Referenda(match unfunded {
			Some((index, _)) => place_decision_deposit { index: *index },
			None if funded.is_empty() => refund_decision_deposit { index: 0 },
			None => refund_decision_deposit { index: numbers.one_of(funded) },
		})
	}

	/// A referendum that goes on, or none.
	fn poll(&mut self) -> u32 {
		if self.open.is_empty() { self.seen } else { self.numbers.one_of(&self.open).0 }
	}

	fn vote(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let (balance, other) = (self.part_of(who), self.part_of(who));
		let aye = self.numbers.below(3) > 0;
		let vote = Vote { aye, conviction: self.numbers.one_of(&CONVICTIONS) };
		let vote = match self.numbers.below(6) {
			0 => AccountVote::Split { aye: balance, nay: other },
			1 => AccountVote::SplitAbstain { aye: balance / 3, nay: other / 3, abstain: other / 3 },
			_ => AccountVote::Standard { vote, balance },
		};
		cast(self.poll(), vote)
	}

	/// Removes one of the votes of an account on a track, or one that it has not.
	fn remove(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let class = self.numbers.one_of(&CLASSES);
		let polls: Vec<u32> = match self.chain.with(|| voting_of(who, class)) {
			Voting::Casting(Casting { votes, .. }) => votes.iter().map(|(poll, _)| *poll).collect(),
			Voting::Delegating(_) => Vec::new(),
		};
		let index = if polls.is_empty() { self.seen } else { self.numbers.one_of(&polls) };
		RuntimeCall::ConvictionVoting(pallet_conviction_voting::Call::remove_vote {
			class: Some(class),
			index,
		})
	}

	fn delegate(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		use pallet_conviction_voting::Call::{delegate, undelegate};
		let class = self.numbers.one_of(&CLASSES);
		if self.numbers.below(3) == 0 {
			return RuntimeCall::ConvictionVoting(undelegate { class });
		}
		let to = account(self.numbers.one_of(&VOTERS)).into();
		let conviction = self.numbers.one_of(&CONVICTIONS);
		let balance = self.part_of(who);
		RuntimeCall::ConvictionVoting(delegate { class, to, conviction, balance })
	}

	fn unlock(&mut self) -> RuntimeCall {
		let class = self.numbers.one_of(&CLASSES);
		let target = account(self.numbers.one_of(&VOTERS)).into();
		RuntimeCall::ConvictionVoting(pallet_conviction_voting::Call::unlock { class, target })
	}

	/// All withdraw from all votes, and wait until the last lock is over.
	fn leave(&mut self) {
		use pallet_conviction_voting::Call::{remove_vote, undelegate, unlock};
		let mut calls: Vec<(Sr25519Keyring, RuntimeCall)> = Vec::new();
		for (voter, class) in VOTERS.iter().flat_map(|it| CLASSES.map(|class| (*it, class))) {
			match self.chain.with(|| voting_of(voter, class)) {
				Voting::Casting(Casting { votes, .. }) => calls.extend(votes.iter().map(|it| {
					let call = remove_vote { class: Some(class), index: it.0 };
					(voter, RuntimeCall::ConvictionVoting(call))
				})),
				Voting::Delegating(_) => {
					calls.push((voter, RuntimeCall::ConvictionVoting(undelegate { class })));
				}
			}
		}
		for voter in VOTERS {
			let (dest, value) = (account(voter).into(), 1_000 * GRM);
			let call = pallet_balances::Call::transfer_keep_alive { dest, value };
			assert_eq!(self.chain.submit(CharlieStash, call), Ok(()));
		}
		for (voter, call) in calls {
			assert_eq!(self.chain.submit(voter, call), Ok(()));
		}
		let period = lock_period(&mut self.chain);
		self.chain.blocks(33 * period);
		for (voter, class) in VOTERS.iter().flat_map(|it| CLASSES.map(|class| (*it, class))) {
			let call = unlock { class, target: account(voter).into() };
			assert_eq!(self.chain.submit(voter, RuntimeCall::ConvictionVoting(call)), Ok(()));
		}
	}
}

fn lock_period(chain: &mut Chain) -> BlockNumber {
	use frame_support::traits::Get;
	chain.with(<Runtime as pallet_conviction_voting::Config>::VoteLockingPeriod::get)
}

#[test]
fn no_one_votes_with_more_than_it_has_whatever_anyone_does() {
	let mut story = Story::new();
	println!("seed {SEED:#x}");
	for step in 0..STEPS {
		story.step();
		story.check();
		if step % CHECKED_EVERY == 0 {
			story.chain.check();
		}
	}
	println!("{:?}, {:?} ended, {} plancks slashed", story.done, story.ended, {
		story.memory.taken_in_all()
	});
	for name in NEEDED {
		assert!(story.done.contains_key(name), "{name} never succeeded");
	}
	assert!(story.ended.iter().all(|count| *count > 10), "{:?}", story.ended);
	assert!(story.memory.taken_in_all() > 0, "nothing was slashed");
	story.leave();
	for voter in VOTERS {
		assert_eq!(story.chain.with(|| locked(voter)), 0, "{voter:?} is still locked");
	}
	story.chain.check();
}

#[test]
fn what_has_not_vested_does_not_vote_by_way_of_what_leaves() {
	let mut story = Story::new();
	let chain = &mut story.chain;
	let proposal = proposal(chain, remark(b"a story"));
	let submission = submission(Origin::Signal, proposal, DispatchTime::After(0));
	assert_eq!(chain.submit(Ferdie, submission), Ok(()));
	let (has, balance) = chain.with(|| (votable(&account(Dave)), 200_000 * GRM));
	assert!(balance < has && has < total_of(chain, Dave) / 2, "most of it has not vested");
	let vote = Vote { aye: true, conviction: Conviction::Locked1x };
	let vote = cast(0, AccountVote::Standard { vote, balance });
	assert_eq!(chain.submit(Dave, vote), Ok(()));
	let transfer = pallet_balances::Call::transfer_allow_death {
		dest: account(Alice).into(),
		// A thousand GRM more than is left: some vests with every block.
		value: has - balance + 1_000 * GRM,
	};
	let refused = chain.submit(Dave, transfer);
	assert_eq!(refused, Err(TokenError::Frozen.into()), "what votes left the account");
	chain.with(|| assert!(votable(&account(Dave)) >= balance));
}

#[test]
fn stake_votes_where_it_is_on_hold() {
	let mut story = Story::new();
	let chain = &mut story.chain;
	let proposal = proposal(chain, remark(b"a story"));
	let submission = submission(Origin::Signal, proposal, DispatchTime::After(0));
	assert_eq!(chain.submit(Ferdie, submission), Ok(()));
	let (purpose, amount) = (Purpose::Devices(LORAWAN), 900_000 * GRM);
	let provision = pallet_stake::Call::provision { purpose, amount };
	assert_eq!(chain.submit(CharlieStash, provision), Ok(()));
	let balance = 990_000 * GRM;
	assert!(chain.with(|| Balances::free_balance(account(CharlieStash))) < balance / 2);
	let vote = Vote { aye: true, conviction: Conviction::Locked1x };
	let vote = cast(0, AccountVote::Standard { vote, balance });
	assert_eq!(chain.submit(CharlieStash, vote), Ok(()));
	let tally = chain.with(|| Referenda::ensure_ongoing(0)).expect("it goes on").tally;
	assert_eq!(tally.support, balance);
	chain.check();
}

fn total_of(chain: &mut Chain, who: Sr25519Keyring) -> Balance {
	chain.with(|| total(who))
}
