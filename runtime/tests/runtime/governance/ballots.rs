//! Who voted with what, as storage has it, and what has to hold of it at any time.

use std::collections::BTreeMap;

use frame_support::traits::{InspectLockableCurrency, fungible::Inspect};
use groma_runtime::{
	AccountId, Balance, Balances, BlockNumber, Referenda, Runtime, System,
	governance::{
		tracks::{PARAMETERS, SIGNAL},
		votable::{unvested, votable},
	},
};
use pallet_conviction_voting::{AccountVote, Casting, Conviction, Delegating, Voting, VotingFor};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};

use crate::chain::account;

/// Those who vote.
pub(super) const VOTERS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];
/// The tracks on which they vote, by number.
pub(super) const CLASSES: [u16; 2] = [SIGNAL, PARAMETERS];

/// Which vote: the voter, the track, and the referendum. Without a referendum it is what the voter
/// delegated.
pub(super) type Name = (Sr25519Keyring, u16, Option<u32>);

/// What a voter does on a track.
pub(super) fn voting_of(
	voter: Sr25519Keyring,
	class: u16,
) -> pallet_conviction_voting::VotingOf<Runtime> {
	VotingFor::<Runtime>::get(account(voter), class)
}

/// What an account has in all, in plancks.
pub(super) fn total(who: Sr25519Keyring) -> Balance {
	<Balances as Inspect<AccountId>>::total_balance(&account(who))
}

/// What votes lock of an account, in plancks.
pub(super) fn locked(who: Sr25519Keyring) -> Balance {
	<Balances as InspectLockableCurrency<AccountId>>::balance_locked(*b"pyconvot", &account(who))
}

/// Every vote that stands, with its plancks.
pub(super) fn ballots() -> Vec<(Name, Balance)> {
	let mut ballots = Vec::new();
	for (voter, class) in VOTERS.iter().flat_map(|it| CLASSES.map(|class| (*it, class))) {
		match voting_of(voter, class) {
			Voting::Casting(Casting { votes, .. }) => ballots.extend(
				votes.iter().map(|(poll, vote)| ((voter, class, Some(*poll)), vote.balance())),
			),
			Voting::Delegating(Delegating { balance, .. }) => {
				ballots.push(((voter, class, None), balance));
			}
		}
	}
	ballots
}

/// What counts of a referendum.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
	ayes: Balance,
	nays: Balance,
	support: Balance,
}

impl Count {
	fn add(&mut self, is_aye: bool, conviction: Conviction, balance: Balance) {
		let votes = match u8::from(conviction) {
			0 => balance / 10,
			times => balance * Balance::from(times),
		};
		let side = if is_aye { &mut self.ayes } else { &mut self.nays };
		*side += votes;
		self.support += if is_aye { balance } else { 0 };
	}

	/// Counts a vote, and what others delegated to the voter if it is for one side.
	fn add_vote(&mut self, voter: Sr25519Keyring, class: u16, vote: AccountVote<Balance>) {
		match vote {
			AccountVote::Standard { vote, balance } => {
				self.add(vote.aye, vote.conviction, balance);
				for (conviction, balance) in delegated_to(voter, class) {
					self.add(vote.aye, conviction, balance);
				}
			}
			AccountVote::Split { aye, nay } => {
				self.add(true, Conviction::None, aye);
				self.add(false, Conviction::None, nay);
			}
			AccountVote::SplitAbstain { aye, nay, abstain } => {
				self.add(true, Conviction::None, aye);
				self.add(false, Conviction::None, nay);
				self.support += abstain;
			}
		}
	}
}

/// What others delegated to a voter: not what was delegated to them.
fn delegated_to(voter: Sr25519Keyring, class: u16) -> Vec<(Conviction, Balance)> {
	let to_voter = |other: &Sr25519Keyring| match voting_of(*other, class) {
		Voting::Delegating(it) if it.target == account(voter) => Some((it.conviction, it.balance)),
		_ => None,
	};
	VOTERS.iter().filter_map(to_voter).collect()
}

/// Checks that the tally of a referendum is what its votes come to, each counted once.
pub(super) fn check_tally(poll: u32, class: u16) {
	let mut count = Count::default();
	for voter in VOTERS {
		let Voting::Casting(Casting { votes, .. }) = voting_of(voter, class) else { continue };
		if let Some((_, vote)) = votes.iter().find(|(index, _)| *index == poll) {
			count.add_vote(voter, class, *vote);
		}
	}
	let tally = Referenda::ensure_ongoing(poll).expect("it goes on").tally;
	let found = Count { ayes: tally.ayes, nays: tally.nays, support: tally.support };
	assert_eq!(found, count, "referendum {poll}");
}

/// What has to be remembered of votes, since storage forgets it.
#[derive(Default)]
pub(super) struct Memory {
	/// What slashes took of each voter so far.
	taken: BTreeMap<Sr25519Keyring, Balance>,
	/// What they had taken of the voter when a vote was cast.
	taken_before: BTreeMap<Name, Balance>,
	/// Until when a vote locks how much, since it won, or was delegated.
	bonds: BTreeMap<(Name, BlockNumber), Balance>,
}

impl Memory {
	/// A slash took plancks of a voter.
	pub(super) fn take(&mut self, voter: Sr25519Keyring, amount: Balance) {
		*self.taken.entry(voter).or_default() += amount;
	}

	/// What slashes took of all voters.
	pub(super) fn taken_in_all(&self) -> Balance {
		self.taken.values().sum()
	}

	fn taken_of(&self, voter: Sr25519Keyring) -> Balance {
		self.taken.get(&voter).copied().unwrap_or_default()
	}

	/// A vote was cast, or votes were delegated.
	pub(super) fn vote(&mut self, name: Name) {
		self.taken_before.insert(name, self.taken_of(name.0));
	}

	/// A delegation of this amount ended in this block.
	pub(super) fn undelegate(&mut self, name: Name, conviction: Conviction, balance: Balance) {
		self.bond(name, System::block_number(), conviction, balance);
	}

	fn bond(&mut self, name: Name, end: BlockNumber, conviction: Conviction, balance: Balance) {
		use frame_support::traits::Get;
		let period = <Runtime as pallet_conviction_voting::Config>::VoteLockingPeriod::get();
		let until = end + period * conviction.lock_periods();
		self.bonds.insert((name, until), balance);
	}

	/// Remembers which votes won: their conviction counts from the end of the referendum.
	pub(super) fn note_ends(&mut self) {
		for (voter, class) in VOTERS.iter().flat_map(|it| CLASSES.map(|class| (*it, class))) {
			let Voting::Casting(Casting { votes, .. }) = voting_of(voter, class) else { continue };
			for (poll, vote) in votes {
				let (end, approved) = match ReferendumInfoFor::<Runtime>::get(poll) {
					Some(ReferendumInfo::Approved(end, ..)) => (end, true),
					Some(ReferendumInfo::Rejected(end, ..)) => (end, false),
					_ => continue,
				};
				match vote {
					AccountVote::Standard { vote, balance } if vote.aye == approved => {
						self.bond((voter, class, Some(poll)), end, vote.conviction, balance);
					}
					_ => {}
				}
			}
		}
	}

	/// Checks every vote against what the voter has, and every lock against the votes.
	pub(super) fn check(&mut self) {
		let now = System::block_number();
		self.bonds.retain(|(_, until), _| *until > now);
		let bonds = self.bonds.iter().map(|((name, _), balance)| (*name, *balance));
		for (name, balance) in ballots().into_iter().chain(bonds).filter(|(_, it)| *it > 0) {
			let lock = locked(name.0);
			let needed = balance + unvested(&account(name.0));
			assert!(lock >= needed, "{name:?} locks {lock} of {needed} in block {now}");
		}
		for (name, balance) in ballots() {
			let before = self.taken_before.get(&name).expect("it was cast");
			let slashed = self.taken_of(name.0) - before;
			let has = votable(&account(name.0));
			assert!(
				balance <= has + slashed,
				"{name:?} votes with {balance} and has {has}, {slashed} less since, in block {now}"
			);
		}
	}
}
