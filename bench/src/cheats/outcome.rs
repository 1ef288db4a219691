//! What came of a trial, and how that compares.

use std::collections::BTreeMap;

use groma_core::{CoverageReason, DeviceId, WindowIndex, money::Balance, units::ONE};

/// An epoch stands for a day of production.
const EPOCHS_PER_YEAR: f64 = 365.0;

/// What a device got in all measured epochs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Earned {
	/// Units, in billionths.
	pub(crate) units: u64,
	/// Plancks.
	pub(crate) plancks: Balance,
}

/// What came of a trial in the measured epochs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
	/// How many epochs were measured.
	pub(crate) epochs: u32,
	/// Plancks of stake behind each device.
	pub(crate) stake: Balance,
	/// The most plancks that a device earns by supply in an epoch.
	pub(crate) device_cap: Balance,
	/// The most plancks that a fifth of a report pays its collector.
	pub(crate) fifth_cap: Balance,
	/// For how many fifths of reports the collector of the cheats can have been credited.
	pub(crate) fifths_at_most: u64,
	/// Plancks that the pool of coverage held in these epochs.
	pub(crate) pool: Balance,
	/// What each honest device got, always in the same order.
	pub(crate) honest: Vec<Earned>,
	/// What each cheating device got.
	pub(crate) cheats: Vec<Earned>,
	/// Plancks that the collector of the honest got.
	pub(crate) collected_for_honest: Balance,
	/// Plancks that the collector of the cheats got.
	pub(crate) collected_for_cheats: Balance,
	/// Plancks that collectors got which no device names.
	pub(crate) collected_by_others: Balance,
	/// Statements that a copyist brought before the collector that they name.
	pub(crate) copied: u64,
	/// Bundles of what honest devices made for which someone paid, the copyist aside.
	pub(crate) paid: u64,
	/// Bundles of it that were left out of blocks, since all in them was known: they cost nothing.
	pub(crate) left_out: u64,
	/// Statements that cost nothing, by the beacon that they are about.
	pub(crate) free: BTreeMap<(WindowIndex, DeviceId), u64>,
	/// What of the evidence lane of production devices that never beacon would take, in percent.
	pub(crate) lane_percent: f64,
	/// How often the cheats tried: statements, false beacons that any device heard, cells that
	/// they sit in.
	pub(crate) attempts: u64,
	/// Statements of the cheats that the chain kept until the reveal.
	pub(crate) taken: u64,
	/// Why the chain counted nothing for cheats, how often.
	pub(crate) reasons: BTreeMap<CoverageReason, u64>,
}

impl Outcome {
	/// What a cheat gets on average, in units, as a share of what an honest device next to it gets.
	/// Not a number if the honest get nothing.
	pub(crate) fn ratio_of_units(&self) -> f64 {
		mean(&self.cheats, units) / mean(&self.honest, units)
	}

	/// The same in GRM.
	pub(crate) fn ratio_of_earnings(&self) -> f64 {
		mean(&self.cheats, plancks) / mean(&self.honest, plancks)
	}

	/// What the honest get on average: units per device and epoch.
	pub(crate) fn honest_units(&self) -> f64 {
		mean(&self.honest, units) / ONE as f64 / f64::from(self.epochs)
	}

	/// GRM per GRM of stake and epoch that honest devices get on average.
	pub(crate) fn honest_yield(&self) -> f64 {
		self.per_stake(mean(&self.honest, plancks))
	}

	/// GRM per GRM of stake and epoch that cheats get on average.
	pub(crate) fn cheats_yield(&self) -> f64 {
		self.per_stake(mean(&self.cheats, plancks))
	}

	/// GRM per GRM of stake and epoch that the collector of the honest gets, as if it were theirs.
	pub(crate) fn honest_collected_yield(&self) -> f64 {
		self.per_stake(share(self.collected_for_honest, &self.honest))
	}

	/// GRM per GRM of stake and epoch that the collector of the cheats gets, as if it were theirs.
	pub(crate) fn cheats_collected_yield(&self) -> f64 {
		self.per_stake(share(self.collected_for_cheats, &self.cheats))
	}

	/// GRM per GRM of stake and year that honest devices get on average, with what their collector
	/// gets.
	pub(crate) fn honest_profit(&self) -> f64 {
		EPOCHS_PER_YEAR * (self.honest_yield() + self.honest_collected_yield())
	}

	/// GRM per GRM of stake and year that cheats get on average, with what their collector gets.
	pub(crate) fn cheats_profit(&self) -> f64 {
		EPOCHS_PER_YEAR * (self.cheats_yield() + self.cheats_collected_yield())
	}

	/// The most that the rules allow of that: the yield on stake, and what is paid for collecting
	/// their statements.
	pub(crate) fn cheats_profit_bound(&self) -> f64 {
		let collected = self.fifth_cap.saturating_mul(self.fifths_at_most.into());
		let by_supply = self.device_cap as f64 / self.stake as f64;
		EPOCHS_PER_YEAR * (by_supply + self.per_stake(share(collected, &self.cheats)))
	}

	/// The share of the pool that devices were paid, in percent.
	pub(crate) fn paid_percent(&self) -> f64 {
		let paid: Balance = self.honest.iter().chain(&self.cheats).map(|it| it.plancks).sum();
		100.0 * paid as f64 / self.pool as f64
	}

	/// What the honest lose in GRM because of the cheats, in percent; below 0 if they gain.
	pub(crate) fn loss_percent(&self, without: &Self) -> f64 {
		loss_percent(mean(&self.honest, plancks), mean(&without.honest, plancks))
	}

	/// The same in units.
	pub(crate) fn unit_loss_percent(&self, without: &Self) -> f64 {
		loss_percent(mean(&self.honest, units), mean(&without.honest, units))
	}

	/// What the honest device that suffers most loses in units, in percent.
	pub(crate) fn worst_unit_loss_percent(&self, without: &Self) -> f64 {
		self.honest
			.iter()
			.zip(&without.honest)
			.filter(|(_, without)| without.units > 0)
			.map(|(with, without)| loss_percent(units(with), units(without)))
			.fold(0.0, f64::max)
	}

	/// What the collector of the honest gets, in percent of what it gets without cheats.
	pub(crate) fn collected_percent(&self, without: &Self) -> f64 {
		100.0 * self.collected_for_honest as f64 / without.collected_for_honest as f64
	}

	/// The most statements about one beacon that cost nothing.
	pub(crate) fn free_at_most(&self) -> u64 {
		self.free.values().copied().max().unwrap_or_default()
	}

	fn per_stake(&self, plancks: f64) -> f64 {
		plancks / f64::from(self.epochs) / self.stake as f64
	}
}

fn units(earned: &Earned) -> f64 {
	earned.units as f64
}

fn plancks(earned: &Earned) -> f64 {
	earned.plancks as f64
}

/// 0 of an empty list.
fn mean(all: &[Earned], amount: impl Fn(&Earned) -> f64) -> f64 {
	match all.len() {
		0 => 0.0,
		count => all.iter().map(amount).sum::<f64>() / count as f64,
	}
}

/// What each of `all` gets of an amount; 0 if there is no one.
fn share(plancks: Balance, all: &[Earned]) -> f64 {
	if all.is_empty() { 0.0 } else { plancks as f64 / all.len() as f64 }
}

/// To a millionth, below which lies what the rounding of rewards leaves. Not a number if there was
/// nothing to lose.
fn loss_percent(with: f64, without: f64) -> f64 {
	let percent = 100.0 * (1.0 - with / without);
	// Adding 0 takes the sign from a loss of nothing.
	(1e6 * percent).round() / 1e6 + 0.0
}

#[cfg(test)]
mod tests {
	use super::*;

	fn earned(units: u64, plancks: Balance) -> Earned {
		Earned { units, plancks }
	}

	fn outcome(honest: Vec<Earned>, cheats: Vec<Earned>) -> Outcome {
		Outcome { epochs: 2, stake: 1_000, pool: 400, honest, cheats, ..Outcome::default() }
	}

	#[test]
	fn cheats_are_compared_with_the_mean_of_the_honest_next_to_them() {
		let outcome = outcome(vec![earned(ONE, 100), earned(3 * ONE, 300)], vec![earned(ONE, 0)]);
		assert_eq!(outcome.ratio_of_units(), 0.5);
		assert_eq!(outcome.ratio_of_earnings(), 0.0);
		assert_eq!(outcome.honest_units(), 1.0);
		assert_eq!(outcome.paid_percent(), 100.0);
	}

	#[test]
	fn yields_are_per_stake_and_epoch() {
		let mut outcome = outcome(vec![earned(1, 100)], vec![earned(1, 20), earned(1, 60)]);
		outcome.collected_for_honest = 6;
		outcome.collected_for_cheats = 8;
		assert_eq!(outcome.honest_yield(), 0.05);
		assert_eq!(outcome.cheats_yield(), 0.02);
		assert_eq!(outcome.honest_collected_yield(), 0.003);
		assert_eq!(outcome.cheats_collected_yield(), 0.002);
	}

	#[test]
	fn profit_is_bounded_by_the_yield_and_by_what_statements_pay() {
		let mut outcome = outcome(vec![earned(1, 100)], vec![earned(1, 20), earned(1, 60)]);
		outcome.collected_for_honest = 6;
		outcome.collected_for_cheats = 8;
		(outcome.device_cap, outcome.fifth_cap, outcome.fifths_at_most) = (30, 2, 48);
		let is_near = |value: f64, expected: f64| (value - expected).abs() < 1e-9;
		assert!(is_near(outcome.honest_profit(), 365.0 * 0.053));
		assert!(is_near(outcome.cheats_profit(), 365.0 * 0.022));
		assert!(is_near(outcome.cheats_profit_bound(), 365.0 * (0.03 + 0.024)));
	}

	#[test]
	fn loss_is_that_of_all_and_of_the_one_who_suffers_most() {
		let without = outcome(vec![earned(100, 100), earned(100, 100), earned(0, 0)], Vec::new());
		let with = outcome(vec![earned(100, 120), earned(90, 60), earned(0, 0)], Vec::new());
		assert_eq!(with.loss_percent(&without), 10.0);
		assert_eq!(with.unit_loss_percent(&without), 5.0);
		assert_eq!(with.worst_unit_loss_percent(&without), 10.0);
		assert_eq!(without.worst_unit_loss_percent(&without), 0.0);
		assert!(loss_percent(1.0 + 1e-12, 1.0).is_sign_positive(), "rounding gains nothing");
	}

	#[test]
	fn nothing_compares_with_an_honest_field_that_earns_nothing() {
		let silent = outcome(vec![earned(0, 0)], vec![earned(0, 0)]);
		assert!(silent.ratio_of_earnings().is_nan() && silent.loss_percent(&silent).is_nan());
	}
}
