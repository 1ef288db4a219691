//! The treasury: whatever tracks approve, no more leaves it than may, and its books are exact.

use std::collections::BTreeMap;

use frame_support::{assert_ok, traits::Get};
use groma_core::money::GRM;
use groma_runtime::{
	Balance, Balances, Runtime, RuntimeCall, RuntimeEvent, System,
	genesis::treasury_account,
	governance::{origins::Origin, tracks::Days},
};
use pallet_bounties::{Bounties, BountyCount, BountyStatus, Event as BountyEvent};
use pallet_treasury::{Event as TreasuryEvent, SpendCount};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};

use super::{enact, outflow::Outflow};
use crate::{
	chain::{Chain, account, as_root, signed},
	market::Numbers,
};

/// Steps. Each is a block, two are a day.
const STEPS: usize = 4_000;
/// Steps between two checks of the books and of the invariants of all pallets.
const CHECKED_EVERY: usize = 100;
const SEED: u64 = 0x94D0_49BB_1331_11EB;
const ACCOUNTS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];
/// Tracks that spend, with the GRM that they may spend at once.
const SPENDERS: [(Origin, Balance); 3] = [
	(Origin::TreasurySmall, 10_000),
	(Origin::TreasuryMedium, 100_000),
	(Origin::TreasuryBig, 1_000_000),
];

struct Story {
	chain: Chain,
	numbers: Numbers,
	outflow: Outflow,
	/// Spends that are owed.
	due: BTreeMap<u32, Balance>,
	/// Plancks that spends paid, and with which bounties were funded.
	paid: Balance,
	funded: Balance,
	/// How often what happened.
	seen: BTreeMap<&'static str, usize>,
}

impl Story {
	fn new() -> Self {
		let mut chain = Chain::development();
		let held = chain.with(|| Balances::free_balance(treasury_account()));
		let mut story = Self {
			chain,
			numbers: Numbers(SEED),
			outflow: Outflow::new(held),
			due: BTreeMap::new(),
			paid: 0,
			funded: 0,
			seen: BTreeMap::new(),
		};
		// The meter begins with the first day.
		(0..4).for_each(|_| story.block(None));
		story
	}

	/// Makes a block, with a signed call or without.
	fn block(&mut self, call: Option<(Sr25519Keyring, RuntimeCall)>) {
		let Self { chain, outflow, .. } = self;
		let transactions = chain.with(|| {
			call.into_iter().map(|(who, call)| signed(who, call, 0, 0)).collect::<Vec<_>>()
		});
		let results = chain.block(transactions);
		let begins_day = chain.with(|| System::block_number().is_multiple_of(Days::<1>::get()));
		let events = chain.events();
		outflow.note_block(begins_day, &events);
		if results.iter().any(|result| matches!(result, Ok(Err(_)))) {
			self.count("refused");
		}
		self.note(&events);
	}

	/// Does what a track decided, between two blocks; what it may not is refused.
	fn decide(&mut self, origin: Origin, call: impl Into<RuntimeCall>) {
		let call = call.into();
		let before = self.chain.events().len();
		let outcome = self.chain.act(|| enact(origin, call));
		let events = self.chain.events().split_off(before);
		self.outflow.note(&events);
		self.note(&events);
		self.count(if outcome.is_ok() { "decided" } else { "refused" });
	}

	fn count(&mut self, what: &'static str) {
		*self.seen.entry(what).or_default() += 1;
	}

	/// Books what the pallets of the treasury say.
	fn note(&mut self, events: &[RuntimeEvent]) {
		for event in events {
			match event {
				RuntimeEvent::Treasury(TreasuryEvent::AssetSpendApproved {
					index, amount, ..
				}) => {
					self.due.insert(*index, *amount);
				}
				RuntimeEvent::Treasury(TreasuryEvent::Paid { index, .. }) => {
					self.paid += self.due.remove(index).expect("it is owed, and paid once");
					self.count("paid");
				}
				RuntimeEvent::Treasury(TreasuryEvent::AssetSpendVoided { index }) => {
					self.due.remove(index).expect("it was owed");
					self.count("voided");
				}
				RuntimeEvent::Bounties(BountyEvent::BountyBecameActive { index }) => {
					let bounty = self.chain.with(|| Bounties::<Runtime>::get(index));
					self.funded += bounty.expect("it exists").value;
					self.count("funded");
				}
				RuntimeEvent::Bounties(BountyEvent::BountyClaimed { .. }) => self.count("claimed"),
				RuntimeEvent::Bounties(BountyEvent::BountyCanceled { .. }) => self.count("closed"),
				RuntimeEvent::Bounties(BountyEvent::BountyRejected { .. }) => {
					self.count("rejected");
				}
				_ => {}
			}
		}
	}

	/// A block in which someone does something, and at times a track.
	fn step(&mut self) {
		let who = self.numbers.one_of(&ACCOUNTS);
		let call = match self.numbers.below(10) {
			0 => Some((who, self.donation())),
			1 => Some((who, self.bounty())),
			2 | 3 => self.tend(),
			4 => {
				let index = self.spend_index();
				Some((who, pallet_treasury::Call::check_status { index }.into()))
			}
			_ => {
				let index = self.spend_index();
				Some((who, pallet_treasury::Call::payout { index }.into()))
			}
		};
		self.block(call);
		match self.numbers.below(12) {
			0 => self.spend(),
			1 => {
				let index = self.spend_index();
				self.decide(Origin::Canceller, pallet_treasury::Call::void_spend { index });
			}
			2 | 3 => {
				let call = self.tend();
				self.block(call);
			}
			_ => {}
		}
	}

	/// One of the latest spends.
	fn spend_index(&mut self) -> u32 {
		let count = self.chain.with(SpendCount::<Runtime>::get);
		count.saturating_sub(self.numbers.below(40) as u32)
	}

	/// A track approves a spend, at times of more than it may.
	fn spend(&mut self) {
		let (origin, limit) = self.numbers.one_of(&SPENDERS);
		let amount = limit * GRM / 100 * Balance::from(1 + self.numbers.below(110));
		let beneficiary = Box::new(account(self.numbers.one_of(&ACCOUNTS)));
		let asset_kind = Box::new(());
		let valid_from = None;
		let call = pallet_treasury::Call::spend { asset_kind, amount, beneficiary, valid_from };
		self.decide(origin, call);
	}

	/// Someone gives something.
	fn donation(&mut self) -> RuntimeCall {
		let value = Balance::from(1 + self.numbers.below(5_000)) * GRM;
		let dest = treasury_account().into();
		pallet_balances::Call::transfer_keep_alive { dest, value }.into()
	}

	fn bounty(&mut self) -> RuntimeCall {
		let value = Balance::from(50 + self.numbers.below(100_000)) * GRM;
		pallet_bounties::Call::propose_bounty { value, description: b"a story".to_vec() }.into()
	}

	/// Does what comes next for one of the latest bounties: what a track does at once; what an
	/// account signs is returned.
	fn tend(&mut self) -> Option<(Sr25519Keyring, RuntimeCall)> {
		use pallet_bounties::Call::{
			accept_curator, approve_bounty, award_bounty, claim_bounty, close_bounty,
			propose_curator, unassign_curator,
		};
		let count = self.chain.with(BountyCount::<Runtime>::get);
		let bounty_id = count.saturating_sub(1 + self.numbers.below(30) as u32);
		let bounty = self.chain.with(|| Bounties::<Runtime>::get(bounty_id))?;
		let someone = account(self.numbers.one_of(&ACCOUNTS));
		let is_refused = self.numbers.below(6) == 0;
		match bounty.get_status() {
			BountyStatus::Proposed if is_refused => {
				self.decide(Origin::Canceller, close_bounty { bounty_id });
			}
			BountyStatus::Proposed => {
				self.decide(Origin::TreasuryMedium, approve_bounty { bounty_id });
			}
			BountyStatus::Funded => {
				let fee = bounty.value / 10;
				let call: pallet_bounties::Call<Runtime> =
					propose_curator { bounty_id, curator: someone.into(), fee };
				self.decide(Origin::TreasuryMedium, call);
			}
			BountyStatus::CuratorProposed { curator } => {
				return Some((key_of(&curator), accept_curator { bounty_id }.into()));
			}
			BountyStatus::Active { .. } if is_refused => {
				self.decide(Origin::Canceller, close_bounty { bounty_id });
			}
			BountyStatus::Active { curator, .. } => {
				let call: pallet_bounties::Call<Runtime> =
					award_bounty { bounty_id, beneficiary: someone.into() };
				return Some((key_of(&curator), call.into()));
			}
			BountyStatus::PendingPayout { .. } if is_refused => {
				self.decide(Origin::Canceller, unassign_curator { bounty_id });
			}
			BountyStatus::PendingPayout { .. } => {
				return Some((Bob, claim_bounty { bounty_id }.into()));
			}
			BountyStatus::Approved | BountyStatus::ApprovedWithCurator { .. } => {}
		}
		None
	}

	/// Checks that the treasury holds what the book says, and that each planck that left it was
	/// owed.
	fn check(&mut self) {
		let held = self.chain.with(|| Balances::free_balance(treasury_account()));
		assert_eq!(held, self.outflow.held, "something else came or left");
		assert_eq!(self.outflow.left(), self.paid + self.funded, "something else was paid");
	}
}

fn key_of(who: &groma_runtime::AccountId) -> Sr25519Keyring {
	*ACCOUNTS.iter().find(|key| account(**key) == *who).expect("it is one of them")
}

#[test]
fn no_more_leaves_the_treasury_in_thirty_days_than_may_whatever_tracks_approve() {
	let mut story = Story::new();
	println!("seed {SEED:#x}");
	for step in 0..STEPS {
		story.step();
		story.check();
		if step % CHECKED_EVERY == 0 {
			story.chain.check();
		}
	}
	story.chain.check();
	println!("{:?}; {} plancks left the treasury", story.seen, story.outflow.left());
	let needed =
		["decided", "refused", "paid", "voided", "funded", "claimed", "closed", "rejected"];
	for what in needed {
		assert!(story.seen.contains_key(what), "nothing was {what}");
	}
}

#[test]
fn spend_that_does_not_fit_is_paid_when_it_does() {
	let mut story = Story::new();
	let share = story.outflow.held / 50;
	let mut indices = Vec::new();
	for amount in [share * 3 / 4, share / 2] {
		indices.push(story.chain.with(SpendCount::<Runtime>::get));
		let beneficiary = Box::new(account(Bob));
		let (asset_kind, valid_from) = (Box::new(()), None);
		let call = pallet_treasury::Call::spend { asset_kind, amount, beneficiary, valid_from };
		let root = groma_runtime::RuntimeOrigin::root();
		let call = RuntimeCall::from(call);
		let outcome = story.chain.act(|| {
			frame_support::traits::UnfilteredDispatchable::dispatch_bypass_filter(call, root)
		});
		assert_ok!(outcome);
	}
	let payout = |index| pallet_treasury::Call::<Runtime>::payout { index };
	let refused = Err(pallet_treasury::Error::<Runtime>::PayoutError.into());
	assert_ok!(story.chain.submit(Dave, payout(indices[0])));
	assert_eq!(story.chain.submit(Dave, payout(indices[1])), refused);
	// 30 days and the one that began.
	story.chain.blocks(2 * 29);
	assert_eq!(story.chain.submit(Dave, payout(indices[1])), refused);
	story.chain.blocks(4);
	assert_ok!(story.chain.submit(Dave, payout(indices[1])));
	story.chain.check();
}

/// A chain with a proposed bounty of each of these values, in GRM.
fn with_bounties(values: &[Balance]) -> Chain {
	let mut chain = Chain::development();
	chain.blocks(2);
	for value in values {
		let (value, description) = (value * GRM, b"a story".to_vec());
		let propose = pallet_bounties::Call::<Runtime>::propose_bounty { value, description };
		assert_ok!(chain.submit(Bob, propose));
	}
	chain
}

fn approve(bounty_id: u32) -> RuntimeCall {
	pallet_bounties::Call::approve_bounty { bounty_id }.into()
}

/// The call that spends this many GRM.
fn spend(amount: Balance) -> RuntimeCall {
	let (asset_kind, beneficiary) = (Box::new(()), Box::new(account(Alice)));
	let (amount, valid_from) = (amount * GRM, None);
	pallet_treasury::Call::spend { asset_kind, amount, beneficiary, valid_from }.into()
}

fn all_of<const N: usize>(calls: [RuntimeCall; N]) -> RuntimeCall {
	pallet_utility::Call::batch_all { calls: Vec::from(calls) }.into()
}

fn is_approved(bounty_id: u32) -> bool {
	let bounty = Bounties::<Runtime>::get(bounty_id).expect("it was proposed");
	bounty.get_status() == BountyStatus::Approved
}

#[test]
fn batch_of_a_track_is_refused_when_its_sum_is_more_than_the_track_may_spend() {
	let too_much = pallet_treasury::Error::<Runtime>::InsufficientPermission.into();
	let mut chain = with_bounties(&[6_000, 6_000, 4_000]);
	chain.with(|| {
		for batch in [
			all_of([approve(0), approve(1)]),
			all_of([approve(0), spend(5_000)]),
			all_of([spend(5_000), approve(0)]),
			all_of([spend(1), approve(2), approve(0)]),
			all_of([spend(6_000), spend(6_000)]),
		] {
			assert_eq!(enact(Origin::TreasurySmall, batch.clone()), Err(too_much), "{batch:?}");
		}
		assert_ok!(enact(Origin::TreasurySmall, all_of([approve(0), approve(2)])));
		// What a referendum approved does not count in the next one.
		assert_ok!(enact(Origin::TreasurySmall, all_of([approve(1), spend(1_000), spend(3_000)])));
		assert!((0..3).all(is_approved));
	});
	chain.check();
}

#[test]
fn what_a_failed_call_of_a_batch_approved_does_not_count() {
	let mut chain = with_bounties(&[6_000, 6_000, 6_000]);
	chain.with(|| {
		let fails = all_of([approve(0), approve(99)]);
		let calls = vec![fails.clone(), fails, approve(1), approve(2), spend(4_000), spend(1)];
		let batch = pallet_utility::Call::force_batch { calls };
		assert_ok!(enact(Origin::TreasurySmall, batch));
		assert!(!is_approved(0));
		assert!(is_approved(1));
		assert!(!is_approved(2));
		assert_eq!(SpendCount::<Runtime>::get(), 1);
	});
	chain.check();
}

#[test]
fn root_approves_as_many_bounties_in_a_batch_as_it_likes() {
	let mut chain = with_bounties(&[1_000_000, 1_000_000]);
	chain.act(|| as_root(all_of([approve(0), approve(1)])));
	assert!(chain.with(|| (0..2).all(is_approved)));
}

#[test]
fn bounty_is_funded_after_a_standstill_and_not_in_it() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let (value, description) = (100 * GRM, b"a story".to_vec());
	let propose = pallet_bounties::Call::<Runtime>::propose_bounty { value, description };
	assert_ok!(chain.submit(Alice, propose));
	let approve = pallet_bounties::Call::<Runtime>::approve_bounty { bounty_id: 0 };
	assert_ok!(chain.act(|| enact(Origin::TreasuryMedium, approve)));
	let is_funded = |chain: &mut Chain| {
		let bounty = chain.with(|| Bounties::<Runtime>::get(0)).expect("it exists");
		matches!(bounty.get_status(), BountyStatus::Funded)
	};
	chain.with(|| as_root(pallet_safe_mode::Call::force_enter {}));
	// Three days.
	chain.blocks(2 * 3);
	assert!(!is_funded(&mut chain));
	chain.with(|| as_root(pallet_safe_mode::Call::force_exit {}));
	chain.blocks(2);
	assert!(is_funded(&mut chain));
	chain.check();
}
