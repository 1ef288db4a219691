//! What docs/guide/governance.md says works.

use std::collections::BTreeSet;

use codec::Encode;
use frame_support::{
	assert_ok,
	traits::{Bounded, GetCallMetadata, schedule::DispatchTime},
};
use groma_core::{
	money::GRM,
	terms::{PlaceTerms, Proof},
};
use groma_runtime::{
	Hash, Networks, OriginCaller, Runtime, RuntimeCall, System, Upgrades, Validators,
	governance::{
		origins::Origin,
		ranks::{FellowshipReferendaInstance, RANK_TO_VOTE},
		tracks::PARAMETERS,
	},
};
use pallet_conviction_voting::Conviction;
use pallet_referenda::ReferendumCount;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::traits::Hash as _;

use super::{
	PROPOSER, await_enactment, aye, enact, include_all, set_window, submission, voters,
	window_blocks,
};
use crate::{
	chain::{Chain, account, as_root, signed},
	guides::{Pallets, Written, calls_in},
	networks::terms,
	offences::report_bob,
	sessions::four_validators,
};

const GUIDE: &str = include_str!("../../../../docs/guide/governance.md");
/// Calls whose stories are where a runtime can be built.
const OF_UPGRADES: [&str; 1] = ["System.apply_authorized_upgrade"];

#[test]
fn calls_of_the_guide_have_the_arguments_that_it_says() {
	let written = calls_in(GUIDE);
	assert!(written.len() > 25, "the guide shows few calls");
	let pallets = Pallets::of_the_runtime();
	written.iter().for_each(|call| pallets.expect_arguments(call));
}

/// Someone who does what the guide says.
struct Reader {
	chain: Chain,
	/// The calls that worked.
	done: BTreeSet<String>,
}

impl Reader {
	fn note(&mut self, call: &RuntimeCall) {
		let names = call.get_call_metadata();
		self.done.insert(format!("{}.{}", names.pallet_name, names.function_name));
	}

	fn submit(&mut self, who: Sr25519Keyring, call: impl Into<RuntimeCall>) {
		let call = call.into();
		assert_eq!(self.chain.submit(who, call.clone()), Ok(()), "{call:?}");
		self.note(&call);
	}

	/// Has all vote for a call, makes blocks until it was made, and gets the deposits back.
	fn decide(&mut self, origin: impl Into<OriginCaller>, call: impl Into<RuntimeCall>) {
		use pallet_referenda::Call::{
			place_decision_deposit, refund_decision_deposit, refund_submission_deposit,
		};
		let call = call.into();
		let bytes = call.encode();
		let (hash, len) = (hash_of(&call), bytes.len() as u32);
		let index = self.chain.with(ReferendumCount::<Runtime>::get);
		self.submit(PROPOSER, pallet_preimage::Call::note_preimage { bytes });
		let proposal = Bounded::Lookup { hash, len };
		self.submit(PROPOSER, submission(origin, proposal, DispatchTime::After(0)));
		self.submit(PROPOSER, RuntimeCall::Referenda(place_decision_deposit { index }));
		let votes =
			self.chain.with(|| voters().map(|voter| signed(voter, aye(index), 0, 0)).collect());
		for outcome in include_all(&mut self.chain, votes) {
			assert_ok!(outcome);
		}
		self.note(&aye(index));
		assert_eq!(await_enactment(&mut self.chain), Ok(()), "{call:?}");
		self.note(&call);
		self.submit(PROPOSER, RuntimeCall::Referenda(refund_submission_deposit { index }));
		self.submit(PROPOSER, RuntimeCall::Referenda(refund_decision_deposit { index }));
		self.submit(PROPOSER, pallet_preimage::Call::unnote_preimage { hash });
	}

	fn cancel_a_slash(&mut self) {
		self.chain.with(|| {
			assert_ok!(report_bob(0));
		});
		let cancel = pallet_validators::Call::cancel_slash { era: 0, validator: account(Bob) };
		self.decide(Origin::SlashCancel, cancel);
		let offence = self.chain.with(|| Validators::offence_of(0, &account(Bob)));
		assert!(offence.expect("it was reported").is_cancelled);
	}

	fn change_a_parameter(&mut self) {
		self.decide(Origin::Parameters, set_window(Some(20)));
		assert_eq!(self.chain.with(window_blocks), 20);
	}

	fn create_a_network(&mut self) {
		let count =
			|chain: &mut Chain| chain.with(|| <Networks as groma_traits::Networks>::ids().len());
		let before = count(&mut self.chain);
		let name = b"another".to_vec().try_into().expect("it is short");
		let terms = terms(PlaceTerms::Anywhere, Proof::Unproven);
		self.decide(Origin::Networks, pallet_networks::Call::create_network { name, terms });
		assert_eq!(count(&mut self.chain), before + 1);
	}

	fn spend(&mut self) {
		let spend = pallet_treasury::Call::spend {
			asset_kind: Box::new(()),
			amount: 5_000 * GRM,
			beneficiary: Box::new(account(Dave)),
			valid_from: None,
		};
		self.decide(Origin::TreasurySmall, spend);
		let before = self.free(Dave);
		self.submit(Eve, pallet_treasury::Call::payout { index: 0 });
		assert_eq!(self.free(Dave), before + 5_000 * GRM);
		self.submit(Eve, pallet_treasury::Call::check_status { index: 0 });
	}

	fn free(&mut self, who: Sr25519Keyring) -> groma_runtime::Balance {
		self.chain.with(|| groma_runtime::Balances::free_balance(account(who)))
	}

	fn pay_a_bounty(&mut self) {
		use pallet_bounties::Call::{
			accept_curator, approve_bounty, award_bounty, claim_bounty, propose_bounty,
			propose_curator,
		};
		let (value, fee, bounty_id) = (5_000 * GRM, 100 * GRM, 0);
		let description = b"for anyone who does it".to_vec();
		self.submit(Bob, propose_bounty { value, description });
		self.decide(Origin::TreasurySmall, approve_bounty { bounty_id });
		self.chain.blocks(4);
		let curator = account(Charlie).into();
		self.decide(Origin::TreasurySmall, propose_curator { bounty_id, curator, fee });
		self.submit(Charlie, accept_curator { bounty_id });
		let beneficiary = account(Dave).into();
		self.submit(Charlie, award_bounty { bounty_id, beneficiary });
		self.chain.blocks(10);
		let before = self.free(Dave);
		self.submit(Eve, claim_bounty { bounty_id });
		assert_eq!(self.free(Dave), before + value - fee);
	}

	fn authorize_an_upgrade(&mut self) {
		let code_hash = Hash::repeat_byte(7);
		self.decide(Origin::Upgrade, pallet_upgrades::Call::authorize { code_hash });
		let authorized = self.chain.with(Upgrades::authorized);
		assert_eq!(authorized.map(|it| it.code_hash), Some(code_hash));
	}

	/// Three fellows whitelist a call, which is then made as Root.
	fn be_quick(&mut self) {
		let fellows = [Alice, Bob, Charlie];
		self.chain.act(|| fellows.into_iter().for_each(admit));
		let call = set_window(Some(30));
		let index = self.chain.with(ReferendumCount::<Runtime, FellowshipReferendaInstance>::get);
		let whitelist: RuntimeCall =
			pallet_whitelist::Call::whitelist_call { call_hash: hash_of(&call) }.into();
		let proposal = super::proposal(&mut self.chain, whitelist.clone());
		let proposal_origin = Box::new(Origin::Fellows.into());
		let enactment_moment = DispatchTime::After(0);
		let submit = pallet_referenda::Call::submit { proposal_origin, proposal, enactment_moment };
		self.submit(Alice, RuntimeCall::FellowshipReferenda(submit));
		let deposit = pallet_referenda::Call::place_decision_deposit { index };
		self.submit(Bob, RuntimeCall::FellowshipReferenda(deposit));
		for fellow in fellows {
			let vote = pallet_ranked_collective::Call::vote { poll: index, aye: true };
			self.submit(fellow, RuntimeCall::FellowshipCollective(vote));
		}
		assert_ok!(await_enactment(&mut self.chain));
		self.note(&whitelist);
		let call = Box::new(call);
		let dispatch = pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage { call };
		self.decide(Origin::WhitelistedCaller, dispatch);
		assert_eq!(self.chain.with(window_blocks), 30);
	}

	/// Delegates and ends that, removes a vote, and unlocks what is free.
	fn delegate_and_unlock(&mut self) {
		use pallet_conviction_voting::Call::{delegate, remove_vote, undelegate, unlock};
		let class = PARAMETERS;
		let (to, balance) = (account(Alice).into(), 100 * GRM);
		let conviction = Conviction::Locked1x;
		let delegation = delegate { class, to, conviction, balance };
		self.submit(PROPOSER, RuntimeCall::ConvictionVoting(delegation));
		self.submit(PROPOSER, RuntimeCall::ConvictionVoting(undelegate { class }));
		// Seven days.
		self.chain.blocks(14);
		let target = account(PROPOSER).into();
		self.submit(Eve, RuntimeCall::ConvictionVoting(unlock { class, target }));
		assert_eq!(self.chain.with(|| super::ballots::locked(PROPOSER)), 0);
		// The vote on the parameter, which was the second referendum.
		let remove = remove_vote { class: Some(class), index: 1 };
		self.submit(Alice, RuntimeCall::ConvictionVoting(remove));
	}

	fn vest(&mut self) {
		self.chain.act(|| {
			let begins = System::block_number();
			let schedule = pallet_vesting::VestingInfo::new(1_000 * GRM, 10 * GRM, begins);
			let (source, target) = (account(PROPOSER).into(), account(Dave).into());
			as_root(pallet_vesting::Call::force_vested_transfer { source, target, schedule });
		});
		self.submit(Dave, pallet_vesting::Call::vest {});
	}
}

fn hash_of(call: &RuntimeCall) -> Hash {
	<Runtime as frame_system::Config>::Hashing::hash_of(call)
}

/// Makes someone a fellow who may vote.
fn admit(who: Sr25519Keyring) {
	use pallet_ranked_collective::Call::{add_member, promote_member};
	let who = account(who);
	let add = add_member { who: who.clone().into() };
	assert_ok!(enact(Origin::FellowshipAdmin, RuntimeCall::FellowshipCollective(add)));
	for _ in 0..RANK_TO_VOTE {
		let promote = promote_member { who: who.clone().into() };
		assert_ok!(enact(Origin::FellowshipAdmin, RuntimeCall::FellowshipCollective(promote)));
	}
}

#[test]
fn every_call_of_the_guide_is_made_by_someone_who_follows_it() {
	let mut chain = four_validators();
	chain.blocks(3);
	let mut reader = Reader { chain, done: BTreeSet::new() };
	reader.cancel_a_slash();
	reader.change_a_parameter();
	reader.create_a_network();
	reader.spend();
	reader.pay_a_bounty();
	reader.authorize_an_upgrade();
	reader.be_quick();
	reader.delegate_and_unlock();
	reader.vest();
	for Written { name, .. } in calls_in(GUIDE) {
		let is_told = reader.done.contains(&name) || OF_UPGRADES.contains(&name.as_str());
		assert!(is_told, "no one made {name}");
	}
	reader.chain.check();
}
