//! A month of epochs in which validators and those who trust them earn, lose, leave and are paid,
//! with the books checked after each.

use frame_support::{assert_ok, traits::fungible::Inspect};
use groma_core::{
	money::{Balance, GRM},
	units::Scale,
};
use groma_runtime::{AccountId, Balances, Runtime, RuntimeEvent, Stake, Validators};
use groma_traits::{Backing, Eras};
use pallet_stake::{
	Call as StakeCall,
	Event::{OperatorSlashed, RewardClaimed},
};
use pallet_validators::Event::PointsSettled;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Eve, Ferdie, FerdieStash};

use crate::{
	chain::{Chain, account},
	escape::{chain_of, config_of_five, delegate, offend, report, undelegate_all},
	field::present_epoch,
};

const EPOCHS: u32 = 30;
/// The epoch of the month in which Bob offends, and the one in which Ferdie leaves Alice.
const OFFENCE: u32 = 12;
const LEAVING: u32 = 20;

/// What happened, as the events of all blocks say.
#[derive(Default)]
struct Month {
	/// Epochs whose points were settled.
	epochs: u32,
	/// Plancks that operators and those who delegate to them were owed.
	rewarded: Balance,
	/// Plancks that were paid to them.
	paid: Balance,
	/// Plancks that the slash took.
	slashed: Balance,
}

impl Month {
	fn note(&mut self, events: Vec<RuntimeEvent>) {
		for event in events {
			match event {
				RuntimeEvent::Validators(PointsSettled { rewarded, .. }) => {
					self.epochs += 1;
					self.rewarded += rewarded;
				}
				RuntimeEvent::Stake(RewardClaimed { amount, .. }) => self.paid += amount,
				RuntimeEvent::Stake(OperatorSlashed { own, delegated, .. }) => {
					self.slashed += own + delegated;
				}
				_ => {}
			}
		}
	}

	fn live_block(&mut self, chain: &mut Chain) {
		chain.block(vec![]);
		self.note(chain.events());
	}

	/// Makes blocks until the present epoch is closed: in the second one of the next.
	fn live_epoch(&mut self, chain: &mut Chain) {
		let present = present_epoch(chain);
		while present_epoch(chain) == present {
			self.live_block(chain);
		}
		self.live_block(chain);
		chain.check();
	}

	/// Pays an account, by someone who has no part in it, and returns how much.
	fn claim(&mut self, chain: &mut Chain, who: Sr25519Keyring) -> Balance {
		let balance = || Balances::total_balance(&account(who));
		let before = chain.with(balance);
		let (operator, account) = (account(Alice), account(who));
		assert_ok!(chain.submit(Eve, StakeCall::<Runtime>::claim { operator, account }));
		self.note(chain.events());
		chain.with(balance) - before
	}
}

/// Two accounts back Alice, who makes all blocks and takes 5 % from the eighth era on; one of them
/// backs Bob, too.
fn founded() -> Chain {
	let mut config = config_of_five();
	config.timing.reward_epoch_ms = 20_000;
	let mut chain = chain_of(&config);
	chain.block(vec![]);
	for operator in [Alice, Bob] {
		assert_ok!(chain.submit(operator, StakeCall::<Runtime>::set_open { is_open: true }));
	}
	let share = Scale::from_percent(5);
	assert_ok!(chain.submit(Alice, StakeCall::<Runtime>::announce_commission { share }));
	for (delegator, operator) in [(Ferdie, Alice), (FerdieStash, Alice), (Ferdie, Bob)] {
		assert_ok!(chain.submit(delegator, delegate(operator)));
	}
	chain
}

#[test]
fn books_stay_exact_through_a_month_of_epochs_with_rewards_and_a_slash() {
	let mut chain = founded();
	let mut month = Month::default();
	for epoch in 0..EPOCHS {
		if epoch == OFFENCE {
			let evidence = offend(&mut chain);
			assert_ok!(report(&mut chain, &evidence));
			month.note(chain.events());
		}
		if epoch == LEAVING {
			assert_ok!(chain.submit(Ferdie, undelegate_all(Alice)));
			month.note(chain.events());
		}
		month.live_epoch(&mut chain);
	}
	assert!(chain.with(Validators::active) > 20, "eras have changed");
	assert_eq!(month.epochs, EPOCHS);
	assert!(month.slashed > 10_000 * GRM, "{} plancks were taken", month.slashed);
	let [left, stayed, operator] = [Ferdie, FerdieStash, Alice].map(|who| {
		let paid = month.claim(&mut chain, who);
		assert!(paid > 0, "{who:?} earned nothing");
		paid
	});
	assert!(left < stayed, "{left} for less than a month, {stayed} for all of it");
	assert!(operator < stayed, "{operator} for a ninth of the stake and 5 % of all");
	// What rounding leaves is in the pot, and less than a planck per reward and account.
	let owed = chain.with(<Stake as Backing<AccountId>>::owed);
	let accounted = month.paid + owed;
	let rounded = month.rewarded.checked_sub(accounted).expect("no more is paid than earned");
	assert!(rounded <= Balance::from(3 * EPOCHS), "{rounded} plancks are no one's");
	chain.check();
}
