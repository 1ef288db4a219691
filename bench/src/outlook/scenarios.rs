//! What is assumed: the price of GRM, how many gateways there are, and how much customers buy.

/// Gateways that one device of the model stands for: its stake, its work and its sales are theirs.
pub(crate) const GATEWAYS_PER_DEVICE: u32 = 20_000;
/// Units of work of a gateway in a day.
pub(crate) const UNITS_PER_DAY: u64 = 16;
/// What a gateway costs, in USD.
pub(crate) const HARDWARE_USD: f64 = 100.0;
/// What it costs to run one for a day, in USD.
pub(crate) const RUNNING_USD: f64 = 0.03;
/// How far the price strays from its path from one quarter of a day to the next, in parts of it, up
/// or down.
pub(crate) const NOISE: f64 = 0.05;
/// Days for which customers buy credits at a time.
pub(crate) const DAYS_PER_MINT: u32 = 7;
/// How many times its usual price GRM has in a spike, which lasts a quarter of a day.
pub(crate) const SPIKE: f64 = 100.0;
/// The day of each year on which a spike comes, where any does.
pub(crate) const SPIKE_DAY: u32 = 180;
/// The day of each year on which the chain halts for a quarter of a day.
pub(crate) const SHORT_HALT_DAY: u32 = 100;
/// The years, from 0, in which it halts for weeks, from which day on, and for how many days.
pub(crate) const LONG_HALTS: ([u32; 3], u32, u32) = ([2, 8, 14], 200, 14);

/// A value over the years: straight lines between points of year and value, level beyond them.
pub(crate) struct Path(pub(crate) &'static [(f64, f64)]);

impl Path {
	/// The value at a time in years.
	pub(crate) fn at(&self, year: f64) -> f64 {
		let after = self.0.iter().position(|(at, _)| *at > year).unwrap_or(self.0.len());
		match (after.checked_sub(1).and_then(|n| self.0.get(n)), self.0.get(after)) {
			(Some((from, low)), Some((to, high))) => {
				low + (high - low) * (year - from) / (to - from)
			}
			(Some((_, value)), None) | (None, Some((_, value))) => *value,
			(None, None) => 0.0,
		}
	}
}

/// Who wants to earn without serving anyone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Attack {
	/// No one.
	None,
	/// A payer that pays its own device with so many credits a day, bought as customers do.
	PaysItself { credits: u64 },
	/// The same, but a year's credits are bought in each spike.
	BuysInSpikes { credits: u64 },
	/// Gateways that work but sell nothing, with hardware.
	IdleFleet { gateways: u32 },
	/// Devices that are programs: they work, sell nothing, and cost nothing but their stake.
	SoftwareFleet { gateways: u32 },
}

/// A scenario.
pub(crate) struct Scenario {
	/// What it is called.
	pub(crate) name: &'static str,
	/// What happens.
	pub(crate) story: &'static str,
	/// USD per GRM.
	pub(crate) price: Path,
	/// Honest gateways.
	pub(crate) gateways: Path,
	/// Credits that customers pay them in a day.
	pub(crate) demand: Path,
	/// Who else is there.
	pub(crate) attack: Attack,
}

impl Scenario {
	/// How many times its usual price GRM has in a quarter of a day.
	pub(crate) fn spike(&self, day: u32, quarter: u32) -> f64 {
		let is_spike = matches!(self.attack, Attack::BuysInSpikes { .. })
			&& day % 365 == SPIKE_DAY
			&& quarter == 2;
		if is_spike { SPIKE } else { 1.0 }
	}
}

/// Whether the chain stands still for the whole of a day.
pub(crate) fn is_halted(day: u32) -> bool {
	let (years, from, days) = LONG_HALTS;
	years.contains(&(day / 365)) && (from..from + days).contains(&(day % 365))
}

const LEVEL: Path = Path(&[(0.0, 1.0)]);
const FEW: Path = Path(&[(0.0, 20_000.0)]);
const USUAL: Path = Path(&[(0.0, 1e8)]);

/// All scenarios.
pub(crate) static SCENARIOS: [Scenario; 8] = [
	Scenario {
		name: "steady",
		story: "Price, gateways and customers stay as they are.",
		price: LEVEL,
		gateways: FEW,
		demand: USUAL,
		attack: Attack::None,
	},
	Scenario {
		name: "growth",
		story: "Price, gateways and customers grow ten-fold in ten years.",
		price: Path(&[(0.0, 1.0), (10.0, 10.0)]),
		gateways: Path(&[(0.0, 20_000.0), (10.0, 200_000.0)]),
		demand: Path(&[(0.0, 1e8), (10.0, 1e9)]),
		attack: Attack::None,
	},
	Scenario {
		name: "crash",
		story: "In the middle of the fourth year the price falls to a twentieth and stays there.",
		price: Path(&[(0.0, 1.0), (3.25, 1.0), (3.75, 0.05)]),
		gateways: FEW,
		demand: USUAL,
		attack: Attack::None,
	},
	Scenario {
		name: "spikes",
		story: "Once a year the price is a hundred-fold for six hours. A payer buys a year's credits \
		        then, and pays itself.",
		price: LEVEL,
		gateways: FEW,
		demand: USUAL,
		attack: Attack::BuysInSpikes { credits: 10_000_000 },
	},
	Scenario {
		name: "oversupply",
		story: "In three years there are ten times as many gateways, but no more customers.",
		price: LEVEL,
		gateways: Path(&[(0.0, 20_000.0), (3.0, 200_000.0)]),
		demand: USUAL,
		attack: Attack::None,
	},
	Scenario {
		name: "self-payers",
		story: "The price swings by half of it, up and down, every year. A payer pays itself as much \
		        as all customers pay.",
		price: Path(&[
			(0.0, 1.0),
			(0.5, 1.5),
			(1.0, 0.5),
			(2.0, 1.5),
			(3.0, 0.5),
			(4.0, 1.5),
			(5.0, 0.5),
			(6.0, 1.5),
			(7.0, 0.5),
			(8.0, 1.5),
			(9.0, 0.5),
			(10.0, 1.0),
		]),
		gateways: FEW,
		demand: USUAL,
		attack: Attack::PaysItself { credits: 100_000_000 },
	},
	Scenario {
		name: "idle-fleets",
		story: "Five times as many gateways stand idle: they prove coverage and serve no one.",
		price: LEVEL,
		gateways: FEW,
		demand: USUAL,
		attack: Attack::IdleFleet { gateways: 100_000 },
	},
	Scenario {
		name: "software-fleet",
		story: "Five times as many devices are programs that pass for gateways, as a fleet can that \
		        trades its beacons without a radio.",
		price: LEVEL,
		gateways: FEW,
		demand: USUAL,
		attack: Attack::SoftwareFleet { gateways: 100_000 },
	},
];
