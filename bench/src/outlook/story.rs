//! Twenty years, day by day.

use groma_core::{
	DeviceId, emission,
	emission::DAY_MS,
	money::{Balance, Credits, GRM, Price, SUPPLY_MAX},
	price::{HeldPrices, Mean, NANO_USD},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
	scenarios::{
		Attack, DAYS_PER_MINT, GATEWAYS_PER_DEVICE, HARDWARE_USD, NOISE, RUNNING_USD,
		SHORT_HALT_DAY, Scenario, is_halted,
	},
	world::{self, ATTACKER, HOLDERS, Security, Supply},
};

const DAYS_PER_YEAR: u32 = 365;
const QUARTERS: u32 = 4;
const QUARTER_MS: u64 = DAY_MS / 4;
/// The device ids of attackers begin here.
const ATTACKERS: DeviceId = 1_000;
/// Bytes that a credit pays for.
const BYTES_PER_CREDIT: f64 = 24.0;
/// In which years, from 1, gateways begin whose payback is reckoned.
pub(crate) const PAYBACK_YEARS: [u32; 3] = [1, 5, 10];

/// What came of a scenario.
pub(crate) struct Outcome {
	pub(crate) scenario: &'static Scenario,
	pub(crate) years: Vec<Year>,
	pub(crate) attack: Gains,
	pub(crate) checks: Checks,
	/// Days on which customers could not buy what they needed.
	pub(crate) days_without_credits: u32,
	/// The most that a device earned by supply in an epoch, as a share of its stake.
	pub(crate) most_per_stake: f64,
	/// Days until a gateway earned what it cost, by the year in which it began; none if it did not.
	pub(crate) payback_days: [Option<u32>; PAYBACK_YEARS.len()],
}

/// What was checked at the end of every epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checks {
	pub(crate) epochs: u32,
	/// Epochs after which the books did not tell where every planck is.
	pub(crate) other_books: u32,
	/// Epochs after which more was minted than the schedule had emitted.
	pub(crate) above_schedule: u32,
	/// Epochs after which more existed than may.
	pub(crate) above_cap: u32,
	/// The most plancks that existed.
	pub(crate) most_at_once: Balance,
}

/// What the attacker put in and got.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gains {
	/// Plancks that it burned for credits.
	pub(crate) burned: Balance,
	/// Plancks that its devices were paid.
	pub(crate) paid: Balance,
	/// USD that these were worth on the day.
	pub(crate) paid_usd: f64,
	/// USD that its hardware cost, and running it.
	pub(crate) cost_usd: f64,
	/// Plancks that stand behind its devices.
	pub(crate) stake: Balance,
	/// USD that what it burned was worth on the day.
	pub(crate) burned_usd: f64,
}

impl Gains {
	/// What came back of what was burned, as a share; 0 if nothing was.
	pub(crate) fn returned(&self) -> f64 {
		if self.burned == 0 { 0.0 } else { self.paid as f64 / self.burned as f64 }
	}

	/// USD that it is richer.
	pub(crate) fn profit_usd(&self) -> f64 {
		self.paid_usd - self.cost_usd - self.burned_usd
	}
}

/// What came of a year.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Year {
	/// The mean price in USD per GRM.
	pub(crate) price_usd: f64,
	/// Honest gateways at its end.
	pub(crate) gateways: u32,
	/// The supply at its end.
	pub(crate) supply: Supply,
	/// What was minted by schedule, burned and reminted in it, in plancks.
	pub(crate) minted: Balance,
	pub(crate) burned: Balance,
	pub(crate) reminted: Balance,
	/// What validators were paid in it.
	pub(crate) security: Security,
	/// USD that honest owners were paid for service and for work.
	pub(crate) demand_usd: f64,
	pub(crate) supply_usd: f64,
	/// Credits that honest gateways were paid with.
	pub(crate) credits: f64,
	/// Gateways times days.
	pub(crate) gateway_days: f64,
}

impl Year {
	/// USD that owners were paid per GB that they delivered.
	pub(crate) fn usd_per_gb(&self) -> f64 {
		self.demand_usd / (self.credits * BYTES_PER_CREDIT / 1e9).max(f64::MIN_POSITIVE)
	}

	/// What customers paid, as a share of all pay of honest gateways.
	pub(crate) fn share_of_demand(&self) -> f64 {
		self.demand_usd / (self.demand_usd + self.supply_usd).max(f64::MIN_POSITIVE)
	}

	/// What was burned for services, as a share of what validators were paid.
	pub(crate) fn security_by_claims(&self) -> f64 {
		grm(self.security.by_claims) / grm(self.security.total()).max(f64::MIN_POSITIVE)
	}

	/// USD per gateway and day.
	pub(crate) fn usd_per_gateway_day(&self) -> f64 {
		(self.demand_usd + self.supply_usd) / self.gateway_days.max(1.0)
	}
}

/// A scenario as it goes on.
struct Story {
	scenario: &'static Scenario,
	random: ChaCha8Rng,
	mean: Mean,
	held: HeldPrices,
	price_usd: f64,
	/// Credits that were sold on the day before and are claimed today.
	sold: Credits,
	devices: u32,
	fleet: u32,
	outcome: Outcome,
	year: Year,
	days_of_year: f64,
	/// Supply at the end of the last year, and what validators were paid until then.
	last: Supply,
	secured: Security,
	/// USD that gateways have still to earn, by the year in which they began.
	unearned_usd: [f64; PAYBACK_YEARS.len()],
}

/// Plays a scenario in a new world.
pub(crate) fn play(scenario: &'static Scenario, years: u32) -> Outcome {
	let price = price(scenario.price.at(0.0));
	let mut story = Story {
		scenario,
		random: ChaCha8Rng::seed_from_u64(1),
		mean: Mean::start(price),
		held: HeldPrices::NONE,
		price_usd: scenario.price.at(0.0),
		sold: 0,
		devices: 0,
		fleet: 0,
		outcome: Outcome {
			scenario,
			years: Vec::new(),
			attack: Gains::default(),
			checks: Checks::default(),
			days_without_credits: 0,
			most_per_stake: 0.0,
			payback_days: [None; PAYBACK_YEARS.len()],
		},
		year: Year::default(),
		days_of_year: 0.0,
		last: Supply::default(),
		secured: Security::default(),
		unearned_usd: [HARDWARE_USD; PAYBACK_YEARS.len()],
	};
	world::set_price(price, price);
	world::set_epoch_mean(price);
	story.found();
	for day in 0..years * DAYS_PER_YEAR {
		if !is_halted(day) {
			story.live(day);
		}
		if day % DAYS_PER_YEAR == DAYS_PER_YEAR - 1 {
			story.end_year();
		}
	}
	story.outcome
}

impl Story {
	/// The devices of the attacker.
	fn found(&mut self) {
		self.fleet = match self.scenario.attack {
			Attack::None => 0,
			Attack::PaysItself { .. } | Attack::BuysInSpikes { .. } => 1,
			Attack::IdleFleet { gateways } | Attack::SoftwareFleet { gateways } => {
				gateways / GATEWAYS_PER_DEVICE
			}
		};
		(0..self.fleet).for_each(|n| world::add_device(ATTACKERS + n, ATTACKER));
		let stake = match self.works() {
			true => world::stake_per_device() * Balance::from(self.fleet),
			false => 0,
		};
		let gains = &mut self.outcome.attack;
		gains.stake = stake;
		if let Attack::IdleFleet { gateways } = self.scenario.attack {
			gains.cost_usd = f64::from(gateways) * HARDWARE_USD;
		}
	}

	/// Whether the attacker's devices work.
	fn works(&self) -> bool {
		matches!(self.scenario.attack, Attack::IdleFleet { .. } | Attack::SoftwareFleet { .. })
	}

	fn live(&mut self, day: u32) {
		let year = f64::from(day) / f64::from(DAYS_PER_YEAR);
		let late_ms = if day % DAYS_PER_YEAR == SHORT_HALT_DAY { QUARTER_MS } else { 0 };
		world::begin_day(day, late_ms);
		if let Some(mean) = self.held.mean() {
			world::set_epoch_mean(mean);
		}
		self.held = HeldPrices::NONE;
		self.check(day);
		self.pay(day);
		self.join(self.scenario.gateways.at(year));
		for n in 0..self.devices {
			world::work(n, HOLDERS);
		}
		if self.works() {
			(0..self.fleet).for_each(|n| world::work(ATTACKERS + n, ATTACKER));
		}
		let late = u32::from(late_ms > 0);
		for quarter in late..QUARTERS {
			self.pass_quarter(day, quarter, year);
			if quarter == late {
				self.buy(year);
			}
			self.buy_in_spike(day, quarter);
		}
		self.days_of_year += 1.0;
		self.year.price_usd += self.price_usd;
		if let Attack::IdleFleet { gateways } = self.scenario.attack {
			self.outcome.attack.cost_usd += f64::from(gateways) * RUNNING_USD;
		}
	}

	/// Claims of what was sold on the day before, and pay of the work before that.
	fn pay(&mut self, day: u32) {
		if self.devices > 0 {
			let credits = self.sold / Credits::from(self.devices);
			let (mut service, mut work) = (0, 0);
			for n in 0..self.devices {
				let paid = world::sell(HOLDERS, n, HOLDERS, credits);
				let supply = world::pay_out(n, HOLDERS).saturating_sub(paid);
				service += paid;
				work += supply;
				self.note_per_stake(supply);
			}
			let gateways = f64::from(self.devices * GATEWAYS_PER_DEVICE);
			let (service, work) = (self.usd(service), self.usd(work));
			self.year.demand_usd += service;
			self.year.supply_usd += work;
			self.year.credits += (credits * Credits::from(self.devices)) as f64;
			self.year.gateway_days += gateways;
			self.pay_back(day, (service + work) / gateways - RUNNING_USD);
		}
		self.pay_attacker();
	}

	fn pay_attacker(&mut self) {
		let own = match self.scenario.attack {
			Attack::PaysItself { credits } | Attack::BuysInSpikes { credits } => credits,
			_ => 0,
		};
		let credits = own.min(world::credits_of(ATTACKER));
		for n in 0..self.fleet {
			let device = ATTACKERS + n;
			let service = match credits {
				0 => 0,
				credits => world::sell(ATTACKER, device, ATTACKER, credits),
			};
			let paid = world::pay_out(device, ATTACKER);
			self.note_per_stake(paid.saturating_sub(service));
			let usd = self.usd(paid);
			self.outcome.attack.paid += paid;
			self.outcome.attack.paid_usd += usd;
		}
	}

	fn note_per_stake(&mut self, supply: Balance) {
		let share = supply as f64 / world::stake_per_device() as f64;
		self.outcome.most_per_stake = self.outcome.most_per_stake.max(share);
	}

	/// What a gateway earned on a day, less what running it cost, counts for those that began
	/// before.
	fn pay_back(&mut self, day: u32, usd: f64) {
		let places = PAYBACK_YEARS.into_iter().zip(&mut self.unearned_usd);
		for ((year, unearned), days) in places.zip(&mut self.outcome.payback_days) {
			let began = (year - 1) * DAYS_PER_YEAR;
			if day < began || days.is_some() {
				continue;
			}
			*unearned -= usd;
			if *unearned <= 0.0 {
				*days = Some(day - began + 1);
			}
		}
	}

	/// Gateways join until there are so many.
	fn join(&mut self, gateways: f64) {
		let wanted = (gateways as u32) / GATEWAYS_PER_DEVICE;
		for n in self.devices..wanted {
			world::add_device(n, HOLDERS);
		}
		self.devices = self.devices.max(wanted);
	}

	fn pass_quarter(&mut self, day: u32, quarter: u32, year: f64) {
		let noise = self.random.gen_range(1.0 - NOISE..1.0 + NOISE);
		let usual = self.scenario.price.at(year) * noise;
		let spot = price(usual * self.scenario.spike(day, quarter));
		self.mean = self.mean.after(spot, QUARTER_MS);
		self.held = self.held.with(spot, QUARTER_MS);
		self.price_usd = usual;
		world::set_price(spot, self.mean.price());
	}

	/// What customers need for the day, and what who pays itself needs, bought for a week.
	fn buy(&mut self, year: f64) {
		let demand = self.scenario.demand.at(year) as Credits;
		let missing = demand.saturating_sub(world::credits_of(HOLDERS));
		if missing > 0 && world::mint(HOLDERS, demand * Credits::from(DAYS_PER_MINT)).is_none() {
			self.outcome.days_without_credits += 1;
		}
		self.sold = demand.min(world::credits_of(HOLDERS));
		if let Attack::PaysItself { credits } = self.scenario.attack
			&& world::credits_of(ATTACKER) < credits
		{
			self.mint_for_attacker(credits * Credits::from(DAYS_PER_MINT));
		}
	}

	fn buy_in_spike(&mut self, day: u32, quarter: u32) {
		if let Attack::BuysInSpikes { credits } = self.scenario.attack
			&& self.scenario.spike(day, quarter) > 1.0
		{
			self.mint_for_attacker(credits * Credits::from(DAYS_PER_YEAR));
		}
	}

	fn mint_for_attacker(&mut self, credits: Credits) {
		let burned = world::mint(ATTACKER, credits).unwrap_or_default();
		let usd = self.usd(burned);
		self.outcome.attack.burned += burned;
		self.outcome.attack.burned_usd += usd;
	}

	/// What plancks are worth today, but for a spike.
	fn usd(&self, plancks: Balance) -> f64 {
		grm(plancks) * self.price_usd
	}

	fn check(&mut self, day: u32) {
		let supply = Supply::now();
		let scheduled = emission::cumulative(u64::from(day) * DAY_MS);
		let checks = &mut self.outcome.checks;
		checks.epochs += 1;
		let is_booked = supply.minted + supply.unminted == scheduled;
		checks.other_books += u32::from(!supply.is_complete() || !is_booked);
		checks.above_schedule += u32::from(supply.minted > scheduled);
		checks.above_cap += u32::from(supply.issuance > SUPPLY_MAX);
		checks.most_at_once = checks.most_at_once.max(supply.issuance);
	}

	fn end_year(&mut self) {
		world::check();
		let supply = Supply::now();
		let mut year = std::mem::take(&mut self.year);
		year.price_usd /= self.days_of_year.max(1.0);
		year.gateways = self.devices * GATEWAYS_PER_DEVICE;
		// More can be taken back than was minted in a year.
		year.minted = supply.minted.saturating_sub(self.last.minted);
		year.burned = supply.burned - self.last.burned;
		year.reminted = supply.reminted - self.last.reminted;
		year.supply = supply;
		self.last = supply;
		let secured = Security::so_far();
		year.security = secured.since(self.secured);
		self.secured = secured;
		self.days_of_year = 0.0;
		self.outcome.years.push(year);
	}
}

/// Plancks in GRM.
pub(crate) fn grm(plancks: Balance) -> f64 {
	plancks as f64 / GRM as f64
}

/// A price in USD per GRM as the chain has it.
fn price(usd: f64) -> Price {
	Price::clamp((usd * NANO_USD as f64) as u64)
}
