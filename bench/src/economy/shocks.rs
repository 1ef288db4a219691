//! Prices that go mad: a hundred-fold or a hundredth for an hour, half the feeders less one that
//! lie, and a day of silence, on the runtime's own price feed, credits and rewards. Customers buy
//! all the time; one gateway serves with a floor, another serves anyone and is claimed a day late.

use std::collections::VecDeque;

use anyhow::{anyhow, ensure};
use frame_support::{
	dispatch::RawOrigin,
	traits::{Hooks, fungible::Mutate},
};
use groma_core::{
	DeviceId,
	emission::DAY_MS,
	money::{Balance, Credits, DemandShares, GRM, MINT_CREDITS_MIN, Price},
	price::NANO_USD,
};
use groma_runtime::{
	AccountId, Balances, BlockNumber, DataCredits, Emission, PriceFeed, Rewards, Runtime,
	RuntimeGenesisConfig, System,
};
use groma_traits::{CreditAccounts, Demand, Payment, Prices};
use sp_runtime::BuildStorage;
use sp_state_machine::BasicExternalities;

use crate::report::Report;

const FEEDERS: u32 = 20;
/// Half of the feeders less one.
const LIARS: u32 = FEEDERS / 2 - 1;
/// What GRM is worth, in nano-USD, whatever anyone says.
const TRUE: u64 = NANO_USD;
const FACTOR: u64 = 100;
const STEP_MS: u64 = 4 * 60_000;
const STEPS_PER_DAY: u64 = DAY_MS / STEP_MS;
/// Steps from one customer to the next, and from one sale to the next.
const STEPS_PER_SALE: u64 = 7;
/// Steps of the second day between which the price is mad, where it is for an hour.
const SHOCK: (u64, u64) = (120, 135);
/// Steps from the last feed until the price is stale.
const STALE_STEPS: u64 = 3;
/// A sale in credits.
const SALE: Credits = 10;
/// The first day since the Unix epoch.
const FIRST_DAY: u64 = 20_000;
const FUNDS: Balance = 100_000 * GRM;
const CAREFUL: DeviceId = 1;
const CARELESS: DeviceId = 2;
/// The floor of the careful gateway: the least pay for a credit that it serves for, in percent of
/// what the credit says.
const FLOOR_PERCENT: u128 = 50;

/// What happens to the price on the second day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shock {
	/// Every source says a hundred times as much for an hour.
	Up,
	/// Every source says a hundredth for an hour.
	Down,
	/// Half the feeders less one say a hundred times as much, all day.
	LiarsUp,
	/// They say a hundredth.
	LiarsDown,
	/// No one feeds all day, and one liar for an hour after it.
	Silence,
}

impl Shock {
	pub(crate) const ALL: [Self; 5] =
		[Self::Up, Self::Down, Self::LiarsUp, Self::LiarsDown, Self::Silence];

	fn name(self) -> &'static str {
		match self {
			Self::Up => "up",
			Self::Down => "down",
			Self::LiarsUp => "liars_up",
			Self::LiarsDown => "liars_down",
			Self::Silence => "silence",
		}
	}

	/// What a feeder says in a step of the second day, counted on into the third; none if nothing.
	fn says(self, feeder: u32, step: u64) -> Option<u64> {
		let is_second_day = step < STEPS_PER_DAY;
		let is_shock = (SHOCK.0..SHOCK.1).contains(&step);
		let is_liar = feeder < LIARS && is_second_day;
		match self {
			Self::Up if is_shock => Some(TRUE * FACTOR),
			Self::Down if is_shock => Some(TRUE / FACTOR),
			Self::LiarsUp if is_liar => Some(TRUE * FACTOR),
			Self::LiarsDown if is_liar => Some(TRUE / FACTOR),
			Self::Silence if is_second_day => None,
			Self::Silence if step < STEPS_PER_DAY + SHOCK.1 - SHOCK.0 => {
				(feeder == 0).then_some(TRUE * FACTOR)
			}
			_ => Some(TRUE),
		}
	}

	/// Whether nothing may be minted in a step of the second day, counted on into the third.
	fn is_stale(self, step: u64) -> bool {
		let silent = STALE_STEPS..STEPS_PER_DAY + SHOCK.1 - SHOCK.0;
		self == Self::Silence && silent.contains(&step)
	}
}

/// What came of a shock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aftermath {
	/// The least that a credit paid the gateway with a floor, and the other one, at the true price,
	/// as a share of what a credit pays in quiet times.
	pub(crate) least_with_floor: f64,
	pub(crate) least_without: f64,
	/// The most that came back of what was burned for the credits of a claim, as a share.
	pub(crate) most_back: f64,
	/// The same with what the claim left for validators.
	pub(crate) most_back_with_validators: f64,
	/// How many sales each gateway made.
	pub(crate) sales_with_floor: u32,
	pub(crate) sales_without: u32,
	/// How often credits were minted without a fresh price.
	pub(crate) minted_stale: u32,
	/// How many sales were paid meanwhile.
	pub(crate) paid_stale: u32,
	/// The highest price at which credits were minted, as a multiple of the true one.
	pub(crate) highest_mint_price: f64,
}

/// Plays all shocks and reports.
pub(crate) fn run(report: &mut Report) -> anyhow::Result<()> {
	let (mut most_back, mut highest): (f64, f64) = (0.0, 0.0);
	let mut most_back_with_validators: f64 = 0.0;
	for shock in Shock::ALL {
		let after = play(shock)?;
		let name = shock.name();
		let mut percent =
			|figure: &str, share: f64| report.figure(figure, 100.0 * share, "percent");
		percent(&format!("least_pay_with_floor_{name}"), after.least_with_floor);
		percent(&format!("least_pay_without_floor_{name}"), after.least_without);
		report.figure(&format!("sales_with_floor_{name}"), after.sales_with_floor.into(), "");
		most_back = most_back.max(after.most_back);
		most_back_with_validators = most_back_with_validators.max(after.most_back_with_validators);
		match shock {
			Shock::LiarsUp | Shock::LiarsDown => highest = highest.max(after.highest_mint_price),
			Shock::Silence => {
				report.figure("mints_without_a_price", after.minted_stale.into(), "");
				report.figure("sales_paid_without_a_price", after.paid_stale.into(), "");
			}
			_ => {}
		}
	}
	report.figure("most_of_the_burn_back_in_shocks", 100.0 * most_back, "percent");
	report.figure(
		"most_of_the_burn_back_in_shocks_with_validators",
		100.0 * most_back_with_validators,
		"percent",
	);
	report.figure("mint_price_of_liars", highest, "times the true one");
	Ok(())
}

/// Plays three days, of which the second has a shock.
pub(crate) fn play(shock: Shock) -> anyhow::Result<Aftermath> {
	let storage = RuntimeGenesisConfig::default().build_storage();
	let storage = storage.map_err(|error| anyhow!("no genesis: {error}"))?;
	BasicExternalities::new(storage).execute_with(|| Days::found(shock)?.live())
}

/// A sale that is claimed a day later.
struct Late {
	step: u64,
	customer: u32,
}

/// The three days as they go on.
struct Days {
	shock: Shock,
	customers: u32,
	late: VecDeque<Late>,
	after: Aftermath,
}

impl Days {
	fn found(shock: Shock) -> anyhow::Result<Self> {
		pallet_session::Validators::<Runtime>::put((0..FEEDERS).map(validator).collect::<Vec<_>>());
		pallet_session::CurrentIndex::<Runtime>::put(1);
		pallet_timestamp::Now::<Runtime>::put(FIRST_DAY * DAY_MS);
		for n in 0..FEEDERS {
			PriceFeed::set_feeder(RawOrigin::Signed(validator(n)).into(), Some(feeder(n)))
				.map_err(|error| anyhow!("feeder {n} is refused: {error:?}"))?;
		}
		Balances::mint_into(&Emission::pot(), GRM)
			.map_err(|error| anyhow!("there is no pot: {error:?}"))?;
		let after = Aftermath {
			least_with_floor: f64::MAX,
			least_without: f64::MAX,
			most_back: 0.0,
			most_back_with_validators: 0.0,
			sales_with_floor: 0,
			sales_without: 0,
			minted_stale: 0,
			paid_stale: 0,
			highest_mint_price: 0.0,
		};
		Ok(Self { shock, customers: 0, late: VecDeque::new(), after })
	}

	fn live(mut self) -> anyhow::Result<Aftermath> {
		for step in 0..3 * STEPS_PER_DAY {
			make_block(step);
			// Counted from the second day on.
			let since = step.checked_sub(STEPS_PER_DAY);
			for n in 0..FEEDERS {
				let says = since.map_or(Some(TRUE), |since| self.shock.says(n, since));
				if let Some(nano_usd) = says {
					let origin = RawOrigin::Signed(feeder(n)).into();
					// A feed that is not due is refused.
					let _ = PriceFeed::feed(origin, Price::clamp(nano_usd));
				}
			}
			if step % STEPS_PER_SALE == 0 {
				self.mint(since)?;
				self.sell(step, since)?;
			}
		}
		let Aftermath { sales_with_floor, sales_without, .. } = self.after;
		ensure!(sales_with_floor > 0 && sales_without > 0, "nothing was sold");
		Ok(self.after)
	}

	/// Another customer comes and buys credits.
	fn mint(&mut self, since: Option<u64>) -> anyhow::Result<()> {
		let customer = customer(self.customers);
		Balances::mint_into(&customer, FUNDS)
			.map_err(|error| anyhow!("a customer gets no GRM: {error:?}"))?;
		let price = <PriceFeed as Prices>::mint_price();
		let origin = RawOrigin::Signed(customer).into();
		let minted = DataCredits::mint_credits(origin, MINT_CREDITS_MIN, Balance::MAX);
		if minted.is_ok() {
			self.customers += 1;
			let is_stale = since.is_some_and(|since| self.shock.is_stale(since));
			self.after.minted_stale += u32::from(is_stale);
			let price = price.map_or(0, Price::nano_usd) as f64 / TRUE as f64;
			if since.is_some() {
				self.after.highest_mint_price = self.after.highest_mint_price.max(price);
			}
		}
		Ok(())
	}

	/// Every customer buys from both gateways: the careful one is claimed at once, by whomever, the
	/// other a day later.
	fn sell(&mut self, step: u64, since: Option<u64>) -> anyhow::Result<()> {
		for customer in 0..self.customers {
			if is_above_floor(customer) {
				let payment = claim(CAREFUL, customer)?;
				self.note(&payment);
				let share = share(&payment);
				self.after.least_with_floor = self.after.least_with_floor.min(share);
				self.after.sales_with_floor += 1;
			}
			if customer % 8 == 0 {
				self.late.push_back(Late { step, customer });
			}
		}
		while self.late.front().is_some_and(|late| late.step + STEPS_PER_DAY <= step) {
			let Some(Late { customer, .. }) = self.late.pop_front() else { break };
			let payment = claim(CARELESS, customer)?;
			self.note(&payment);
			self.after.least_without = self.after.least_without.min(share(&payment));
			self.after.sales_without += 1;
			let is_stale = since.is_some_and(|since| self.shock.is_stale(since));
			self.after.paid_stale += u32::from(is_stale);
		}
		Ok(())
	}

	fn note(&mut self, payment: &Payment) {
		let back = payment.paid as f64 / payment.basis.max(1) as f64;
		self.after.most_back = self.after.most_back.max(back);
		let all = payment.paid + payment.for_validators;
		let back = all as f64 / payment.basis.max(1) as f64;
		self.after.most_back_with_validators = self.after.most_back_with_validators.max(back);
	}
}

/// Whether what a customer's credits pay now is worth enough, at the lower of the prices that a
/// gateway knows.
fn is_above_floor(n: u32) -> bool {
	let held = DataCredits::held_by(&customer(n));
	if held.credits() < SALE {
		return false;
	}
	let mean = <PriceFeed as Prices>::closed_epoch_mean();
	let price = mean.min(<PriceFeed as Prices>::last_good());
	let basis = held.basis() * Balance::from(SALE) / Balance::from(held.credits());
	let pays = basis.min(mean.value_of(SALE));
	pays * 100 >= price.value_of(SALE) * FLOOR_PERCENT
}

/// A customer pays a device.
fn claim(device: DeviceId, n: u32) -> anyhow::Result<Payment> {
	let lot = <DataCredits as CreditAccounts<AccountId>>::take(&customer(n), SALE)
		.map_err(|error| anyhow!("customer {n} has no credits left: {error:?}"))?;
	let owner = account(4, device);
	<Rewards as Demand<AccountId>>::pay(device, 0, &owner, lot, SALE).map_err(|lot| {
		lot.spend();
		anyhow!("the chain cannot pay")
	})
}

/// What a claim was worth, as a share of what it is in quiet times.
fn share(payment: &Payment) -> f64 {
	let usual = DemandShares::default().kappa().of(Price::clamp(TRUE).value_of(SALE));
	payment.paid as f64 / usual as f64
}

/// The hooks of a block see the time of its parent.
fn make_block(step: u64) {
	let number = step as BlockNumber + 1;
	System::set_block_number(number);
	System::reset_events();
	<Emission as Hooks<BlockNumber>>::on_initialize(number);
	<PriceFeed as Hooks<BlockNumber>>::on_initialize(number);
	pallet_timestamp::Now::<Runtime>::put(FIRST_DAY * DAY_MS + step * STEP_MS);
}

fn validator(n: u32) -> AccountId {
	account(1, n)
}

fn feeder(n: u32) -> AccountId {
	account(2, n)
}

fn customer(n: u32) -> AccountId {
	account(3, n)
}

fn account(kind: u8, n: u32) -> AccountId {
	let mut bytes = [kind; 32];
	bytes[..4].copy_from_slice(&n.to_le_bytes());
	AccountId::from(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn after(shock: Shock) -> Aftermath {
		play(shock).expect("it runs")
	}

	#[test]
	fn gateway_with_a_floor_loses_nothing_to_a_spike_and_one_without_does() {
		for shock in [Shock::Up, Shock::Down] {
			let after = after(shock);
			assert!(after.least_with_floor >= 0.5, "{shock:?}: {after:?}");
			assert!(after.most_back <= 0.9, "{shock:?}: {after:?}");
			assert!(after.most_back_with_validators <= 0.95, "{shock:?}: {after:?}");
		}
		let after = after(Shock::Up);
		assert!(after.least_without < 0.5, "the control is harmed: {after:?}");
	}

	#[test]
	fn half_the_feeders_less_one_move_nothing() {
		for shock in [Shock::LiarsUp, Shock::LiarsDown] {
			let after = after(shock);
			assert!((after.highest_mint_price - 1.0).abs() < 1e-9, "{shock:?}: {after:?}");
			assert!(after.least_without > 0.99, "{shock:?}: {after:?}");
		}
	}

	#[test]
	fn silence_stops_minting_and_pays_what_was_served() {
		let after = after(Shock::Silence);
		assert_eq!(after.minted_stale, 0, "{after:?}");
		assert!(after.paid_stale > 0, "{after:?}");
		assert!(after.most_back <= 0.9);
	}
}
