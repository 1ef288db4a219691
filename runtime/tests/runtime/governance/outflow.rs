//! What leaves the treasury and what comes in, as events of balances say, by the days of the meter.

use groma_core::money::Balance;
use groma_runtime::{AccountId, RuntimeEvent, genesis::treasury_account};
use pallet_balances::Event::{Deposit, Minted, Transfer, Withdraw};
use pallet_outflow::{DAYS, SHARE_DIVISOR};

/// A day.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
	/// What the treasury held when it began.
	held: Balance,
	/// What left it.
	left: Balance,
	/// What came in.
	income: Balance,
}

/// The book of the treasury.
pub(super) struct Outflow {
	treasury: AccountId,
	/// Every day since genesis.
	days: Vec<Day>,
	/// What it holds.
	pub(super) held: Balance,
}

impl Outflow {
	/// A book that begins with what the treasury holds.
	pub(super) fn new(held: Balance) -> Self {
		let day = Day { held, ..Default::default() };
		Self { treasury: treasury_account(), days: vec![day], held }
	}

	/// Takes in the events of a block. What its hooks pay for bounties is withdrawn before the day
	/// begins, if it does.
	pub(super) fn note_block(&mut self, begins_day: bool, events: &[RuntimeEvent]) {
		let of_hooks = events.iter().filter_map(|event| match event {
			RuntimeEvent::Balances(Withdraw { who, amount }) if *who == self.treasury => {
				Some(*amount)
			}
			_ => None,
		});
		let of_hooks = of_hooks.sum();
		self.leave(of_hooks);
		if begins_day {
			self.days.push(Day { held: self.held, ..Default::default() });
		}
		self.note(events);
	}

	/// Takes in events of what is no hook.
	pub(super) fn note(&mut self, events: &[RuntimeEvent]) {
		for event in events {
			match event {
				RuntimeEvent::Balances(Transfer { from, amount, .. }) if *from == self.treasury => {
					self.leave(*amount);
				}
				RuntimeEvent::Balances(Transfer { to, amount, .. }) if *to == self.treasury => {
					self.come(*amount);
				}
				// Deposits that were taken, and the treasury's share of the emission.
				RuntimeEvent::Balances(Deposit { who, amount } | Minted { who, amount })
					if *who == self.treasury =>
				{
					self.come(*amount);
				}
				_ => {}
			}
		}
	}

	fn today(&mut self) -> &mut Day {
		self.days.last_mut().expect("there is a day")
	}

	fn leave(&mut self, amount: Balance) {
		self.held -= amount;
		self.today().left += amount;
		if amount > 0 {
			self.check();
		}
	}

	fn come(&mut self, amount: Balance) {
		self.held += amount;
		self.today().income += amount;
	}

	/// Checks that no more left in the days of the meter than may: they cover every 30 days that
	/// end now, of which the last 30 are the least.
	fn check(&self) {
		let first = self.days.len().saturating_sub(DAYS as usize);
		let days = &self.days[first..];
		let left: Balance = days.iter().map(|day| day.left).sum();
		let latest = self.days.len().saturating_sub(DAYS as usize - 1);
		let income: Balance = self.days[latest..].iter().map(|day| day.income).sum();
		let share = days[0].held / Balance::from(SHARE_DIVISOR);
		assert!(
			left <= share.max(income),
			"{left} left until day {}, but only {share} or {income} may",
			self.days.len()
		);
	}

	/// What left in all.
	pub(super) fn left(&self) -> Balance {
		self.days.iter().map(|day| day.left).sum()
	}
}
