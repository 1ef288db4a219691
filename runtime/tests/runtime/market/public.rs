//! Calls of those who vote, who are paid by the treasury, and who stand behind validators; and
//! calls that no account may make.

use frame_support::{BoundedVec, traits::schedule::DispatchTime};
use groma_core::{
	money::{Balance, GRM},
	units::Scale,
};
use groma_runtime::{
	Balances, Referenda, Runtime, RuntimeCall,
	genesis::treasury_account,
	governance::{origins::Origin, tracks::SIGNAL},
};
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_referenda::ReferendumCount;
use pallet_stake::Purpose;
use pallet_treasury::SpendCount;
use sp_keyring::Sr25519Keyring::{self, Alice};
use sp_runtime::traits::{BlakeTwo256, Hash};

use super::{ACCOUNTS, Market};
use crate::{
	chain::account,
	governance::{cast, proposal, remark, submission},
	safety::full_name,
};

impl Market {
	/// A call about what all decide, what belongs to all, or who makes blocks.
	pub(super) fn public(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		match self.numbers.below(12) {
			0..=3 => self.govern(who),
			4..=6 => self.take_of_treasury(),
			7..=9 => self.back(who),
			_ => self.presume(),
		}
	}

	/// Mostly votes in the latest referendum, or submits one if none goes on.
	fn govern(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		use pallet_conviction_voting::Call::{delegate, remove_vote, undelegate, unlock};
		use pallet_referenda::Call::{place_decision_deposit, refund_decision_deposit};
		let index = self.chain.with(ReferendumCount::<Runtime>::get).saturating_sub(1);
		let other = account(self.numbers.one_of(&ACCOUNTS)).into();
		let conviction = self.numbers.one_of(&[Conviction::None, Conviction::Locked1x]);
		// Votes lock what pays fees, too.
		let balance = self.chain.with(|| Balances::free_balance(account(who))) / 10;
		let class = SIGNAL;
		match self.numbers.below(10) {
			0 => RuntimeCall::ConvictionVoting(delegate { class, to: other, conviction, balance }),
			1 => RuntimeCall::ConvictionVoting(undelegate { class }),
			2 => RuntimeCall::ConvictionVoting(unlock { class, target: other }),
			3 => RuntimeCall::ConvictionVoting(remove_vote { class: Some(class), index }),
			4 => RuntimeCall::Referenda(place_decision_deposit { index }),
			5 => RuntimeCall::Referenda(refund_decision_deposit { index }),
			_ if self.chain.with(|| Referenda::ensure_ongoing(index).is_ok()) => {
				let vote = Vote { aye: true, conviction };
				cast(index, AccountVote::Standard { vote, balance })
			}
			_ => {
				let proposal = proposal(&mut self.chain, remark(b"market"));
				submission(Origin::Signal, proposal, DispatchTime::After(0))
			}
		}
	}

	/// Has the treasury pay what it owes, asks something of it, or gives it something.
	fn take_of_treasury(&mut self) -> RuntimeCall {
		let spends = self.chain.with(SpendCount::<Runtime>::get);
		let index = spends.saturating_sub(1 + self.numbers.below(3) as u32);
		let value = Balance::from(100 + self.numbers.below(1_000)) * GRM;
		let description = b"market".to_vec();
		match self.numbers.below(8) {
			0..=2 => pallet_treasury::Call::payout { index }.into(),
			3 => pallet_treasury::Call::check_status { index }.into(),
			4 => pallet_bounties::Call::propose_bounty { value, description }.into(),
			5 => {
				let parent_bounty_id = 0;
				RuntimeCall::ChildBounties(pallet_child_bounties::Call::add_child_bounty {
					parent_bounty_id,
					value,
					description,
				})
			}
			6 => {
				let dest = treasury_account().into();
				pallet_balances::Call::transfer_keep_alive { dest, value: GRM }.into()
			}
			_ => pallet_vesting::Call::vest {}.into(),
		}
	}

	/// Has those paid who stand behind Alice, or stakes as a validator. Alice's own stake stays:
	/// she makes all blocks.
	fn back(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let (operator, purpose) = (account(Alice), Purpose::Validating);
		let other = account(self.numbers.one_of(&ACCOUNTS));
		let amount = Balance::from(1 + self.numbers.below(100)) * GRM;
		match self.numbers.below(9) {
			0 | 1 => pallet_stake::Call::claim { operator, account: other }.into(),
			2 => {
				let accounts = BoundedVec::truncate_from(vec![other]);
				pallet_stake::Call::settle { operator, accounts }.into()
			}
			3 => {
				let share = Scale::from_percent(self.numbers.below(8) as u32);
				pallet_stake::Call::announce_commission { share }.into()
			}
			_ if who == Alice => pallet_stake::Call::set_open { is_open: true }.into(),
			4 | 5 => pallet_stake::Call::provision { purpose, amount }.into(),
			6 => pallet_stake::Call::thaw { purpose, amount }.into(),
			7 => pallet_stake::Call::withdraw { purpose }.into(),
			_ => self.validate(),
		}
	}

	/// What those do who want to validate or no longer do: without keys it is refused.
	fn validate(&mut self) -> RuntimeCall {
		RuntimeCall::Validators(match self.numbers.below(3) {
			0 => pallet_validators::Call::declare { displaces: None },
			1 => pallet_validators::Call::resign {},
			_ => pallet_validators::Call::leave {},
		})
	}

	/// What no account may do, and removing a device that may be in use.
	fn presume(&mut self) -> RuntimeCall {
		let hash = BlakeTwo256::hash(b"market");
		match self.numbers.below(9) {
			0 => RuntimeCall::Scheduler(pallet_scheduler::Call::cancel { when: 1, index: 0 }),
			1 => RuntimeCall::Whitelist(pallet_whitelist::Call::whitelist_call { call_hash: hash }),
			2 => RuntimeCall::Upgrades(pallet_upgrades::Call::authorize { code_hash: hash }),
			3 => RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {}),
			4 => RuntimeCall::Session(pallet_session::Call::purge_keys {}),
			5 => {
				let full_name = full_name("Balances.transfer_keep_alive");
				RuntimeCall::TxPause(pallet_tx_pause::Call::pause { full_name })
			}
			6 => {
				let refund = pallet_referenda::Call::refund_submission_deposit { index: 0 };
				RuntimeCall::FellowshipReferenda(refund)
			}
			7 => {
				let device = self.numbers.one_of(&self.devices);
				pallet_proof_of_coverage::Call::expire_device { device }.into()
			}
			_ => remark(b"market"),
		}
	}
}
