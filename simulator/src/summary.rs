//! What a simulation says of itself: at its beginning and at its end.

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt::{self, Write},
};

use groma_client::amount::Amount;
use groma_core::{EpochIndex, api::PriceInfo, units};
use serde::Serialize;

use crate::{
	behaviour::{Behaviour, Verdict},
	census::Group,
	chronicle::Count,
	claims::Claimed,
	field::Field,
	rogue::Attempts,
	status::{Status, Times},
};

/// Who is in a field.
pub(crate) fn of_field(field: &Field, seed: u64) -> String {
	let owners: BTreeSet<_> = field.members().iter().map(|member| member.owner).collect();
	let mut counts = BTreeMap::<Behaviour, usize>::new();
	for member in field.members() {
		*counts.entry(member.behaviour).or_default() += 1;
	}
	let honest = counts.remove(&Behaviour::Honest).unwrap_or_default();
	let mut text = format!(
		"a field of {honest} honest devices at real positions, {} owners in all, seed {seed}",
		owners.len()
	);
	for (behaviour, count) in counts {
		let _ = write!(text, "\n  and {count} x {behaviour}: {}", behaviour.description());
	}
	text
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
	/// It was stopped while the devices were registered.
	StoppedBeforeBeginning,
	/// It was stopped.
	Stopped,
	/// The first claims were paid.
	Paid,
	/// A cheat earned something that the rules should prevent.
	CheatEarned,
}

/// What came of a run, as `--json` prints it. Amounts are plancks as decimal text.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
	/// How it ended.
	outcome: Outcome,
	/// Frames that were radiated.
	beacons: u64,
	/// Receptions of them.
	receptions: u64,
	/// What the chain made of statements.
	statements: Count,
	/// What the chain made of reveals; each one taken settles a challenge.
	reveals: Count,
	/// Epochs that were closed.
	epochs_closed: usize,
	/// Devices that were banned for signing two beacons for one challenge.
	banned: u64,
	/// The members by what they do.
	behaviours: Vec<BehaviourSummary>,
	/// Why reports were refused before they were included, most frequent first.
	refusals: Vec<Times>,
	/// Why what was included earned nothing, most frequent first.
	reasons: Vec<Times>,
	/// What claims paid.
	claims: Vec<ClaimSummary>,
	/// What the chain knew of the price of GRM in the end.
	price: Option<PriceInfo>,
}

/// What the members of one behaviour did and earned.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BehaviourSummary {
	/// Its name.
	name: &'static str,
	/// How many members there are.
	members: u32,
	/// How many of them a valid witness ever heard.
	heard: u32,
	/// How many of them ever were valid witnesses.
	witnessed: u32,
	/// What they were paid and are owed.
	earned: Amount,
	/// Forgeries that a pool took; absent if the behaviour forges nothing.
	forgeries_taken: Option<u64>,
	/// Forgeries that both pools refused.
	forgeries_refused: Option<u64>,
	/// Whether no rule excludes it, so that stake and density bound it.
	is_not_excluded: bool,
}

/// What a batch of claims paid.
#[derive(Clone, Debug, Serialize)]
struct ClaimSummary {
	/// In all.
	amount: Amount,
	/// For how many devices.
	devices: usize,
	/// The last epoch that was closed by then.
	epoch: EpochIndex,
}

impl Summary {
	/// Of a run that was stopped before it began.
	pub(crate) fn of_nothing() -> Self {
		Self {
			outcome: Outcome::StoppedBeforeBeginning,
			beacons: 0,
			receptions: 0,
			statements: Count::default(),
			reveals: Count::default(),
			epochs_closed: 0,
			banned: 0,
			behaviours: Vec::new(),
			refusals: Vec::new(),
			reasons: Vec::new(),
			claims: Vec::new(),
			price: None,
		}
	}

	/// Of a run.
	pub(crate) fn of(
		outcome: Outcome,
		status: &Status,
		groups: &BTreeMap<Behaviour, Group>,
		attempts: &BTreeMap<Behaviour, Attempts>,
	) -> Self {
		let chronicle = &status.chronicle;
		let summary = |(behaviour, group): (&Behaviour, &Group)| {
			BehaviourSummary::of(*behaviour, group, attempts.get(behaviour))
		};
		Self {
			outcome,
			beacons: status.air.radiated,
			receptions: status.air.heard,
			statements: chronicle.statements,
			reveals: chronicle.reveals,
			epochs_closed: chronicle.epochs.len(),
			banned: chronicle.bans,
			behaviours: groups.iter().map(summary).collect(),
			refusals: status.refusals.clone(),
			reasons: reasons(status),
			claims: status.claimed.iter().map(ClaimSummary::of).collect(),
			price: status.price.clone(),
		}
	}
}

impl BehaviourSummary {
	fn of(behaviour: Behaviour, group: &Group, attempts: Option<&Attempts>) -> Self {
		Self {
			name: behaviour.name(),
			members: group.members,
			heard: group.heard,
			witnessed: group.witnessed,
			earned: Amount(group.earned),
			forgeries_taken: attempts.map(|it| it.taken),
			forgeries_refused: attempts.map(|it| it.refused),
			is_not_excluded: behaviour.verdict() == Verdict::NotExcluded,
		}
	}
}

impl ClaimSummary {
	fn of(claimed: &Claimed) -> Self {
		let (amount, devices) = (Amount(claimed.amount), claimed.devices());
		Self { amount, devices, epoch: claimed.epoch }
	}
}

impl fmt::Display for Summary {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { beacons, receptions, statements, reveals, .. } = self;
		write!(f, "{beacons} beacons on the air, {receptions} receptions; on chain ")?;
		writeln!(f, "{} statements, {} challenges settled", statements.taken, reveals.taken)?;
		writeln!(f, "price: {}", price(self.price.as_ref()))?;
		writeln!(f, "behaviour   devices  heard  witnessed  earned")?;
		for behaviour in &self.behaviours {
			writeln!(f, "{behaviour}")?;
		}
		if self.banned > 0 {
			writeln!(f, "banned for signing two beacons: {}", self.banned)?;
		}
		writeln!(f, "refused before inclusion: {}", listed(&self.refusals, usize::MAX))?;
		write!(f, "included, and earned nothing: {}", listed(&self.reasons, usize::MAX))
	}
}

impl fmt::Display for BehaviourSummary {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { name, members, heard, witnessed, earned, .. } = self;
		write!(f, "{name:<12}{members:>7}{heard:>7}{witnessed:>11}  {earned}")?;
		if let (Some(taken), Some(refused)) = (self.forgeries_taken, self.forgeries_refused) {
			write!(f, "; {refused} of {} forgeries refused at once", taken + refused)?;
		}
		match self.is_not_excluded {
			true => f.write_str("; no rule excludes it, stake and density bound it"),
			false => Ok(()),
		}
	}
}

/// The price of GRM and its age in words.
pub(crate) fn price(info: Option<&PriceInfo>) -> String {
	let Some(info) = info else { return "unknown".to_owned() };
	let price = format!("{} USD per GRM", info.last_good);
	match (info.spot, info.bootstrap, info.age_ms) {
		(_, Some(_), _) => format!("{price}, the bootstrap price"),
		(Some(_), None, Some(age_ms)) => format!("{price}, {} s old", age_ms / 1_000),
		_ => format!("{price}, stale"),
	}
}

/// Why what was included earned nothing, most frequent first.
pub(crate) fn reasons(status: &Status) -> Vec<Times> {
	let reasons = status.census.reasons().into_iter();
	reasons.map(|(reason, count)| Times { reason: reason.name().to_owned(), count }).collect()
}

/// The first of these counts in words.
pub(crate) fn listed(counts: &[Times], most: usize) -> String {
	if counts.is_empty() {
		return "nothing".to_owned();
	}
	let texts = counts.iter().take(most).map(|it| format!("{} x {}", it.count, it.reason));
	texts.collect::<Vec<_>>().join(", ")
}

/// How far the way to a payment was covered.
pub(crate) fn why_unpaid(status: &Status) -> String {
	let chronicle = &status.chronicle;
	if status.air.radiated == 0 {
		return "no device was asked to beacon; is the location of any older than the network's maturity?"
			.to_owned();
	}
	if chronicle.statements.taken == 0 {
		return format!(
			"{} beacons were heard {} times, but no statement reached the chain; does the node collect, and \
			 does it have a funded key of type `coll`?",
			status.air.radiated, status.air.heard
		);
	}
	if chronicle.reveals.taken == 0 {
		return format!(
			"{} statements are on chain, but no beacon was revealed",
			chronicle.statements.taken
		);
	}
	let units: u64 = status.census.0.iter().flatten().map(|standing| standing.open_units.0).sum();
	format!(
		"{} challenges are settled, {} epochs closed, {:.3} units are in the open one; refused: {}",
		chronicle.reveals.taken,
		chronicle.epochs.len(),
		units as f64 / units::ONE as f64,
		listed(&reasons(status), 5)
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use groma_core::price::Price;

	fn price_info() -> PriceInfo {
		let price = Price::new(120_000_000);
		let last = price.expect("a price");
		PriceInfo {
			spot: price,
			mean: price,
			mint: price,
			epoch_mean: last,
			last_good: last,
			age_ms: Some(61_500),
			fresh_feeders: 1,
			quorum: 1,
			validators: 1,
			bootstrap: None,
		}
	}

	#[test]
	fn price_is_shown_with_what_it_is() {
		let info = price_info();
		assert_eq!(price(None), "unknown");
		let bootstrap = PriceInfo { bootstrap: info.spot, spot: None, ..info.clone() };
		assert_eq!(price(Some(&bootstrap)), "0.12 USD per GRM, the bootstrap price");
		let stale = PriceInfo { spot: None, ..info };
		assert_eq!(price(Some(&stale)), "0.12 USD per GRM, stale");
	}

	#[test]
	fn summary_is_shown_and_written() {
		let fleet = BehaviourSummary {
			name: "fleet",
			members: 3,
			heard: 2,
			witnessed: 1,
			earned: Amount(1_500_000_000_000),
			forgeries_taken: Some(4),
			forgeries_refused: Some(5),
			is_not_excluded: true,
		};
		let summary = Summary {
			outcome: Outcome::Paid,
			behaviours: vec![fleet],
			refusals: vec![Times { reason: "notDrawn".to_owned(), count: 6 }],
			claims: vec![ClaimSummary { amount: Amount(7), devices: 2, epoch: 9 }],
			price: Some(price_info()),
			..Summary::of_nothing()
		};
		let text = summary.to_string();
		assert!(text.contains("1.5 GRM; 5 of 9 forgeries refused at once; no rule"), "{text}");
		assert!(text.contains("refused before inclusion: 6 x notDrawn\n"), "{text}");
		assert!(text.contains("price: 0.12 USD per GRM, 61 s old\n"), "{text}");
		let json = serde_json::to_value(&summary).expect("JSON");
		assert_eq!((&json["outcome"], &json["claims"][0]["amount"]), (&"paid".into(), &"7".into()));
		assert_eq!(json["behaviours"][0]["isNotExcluded"], true);
		assert_eq!(json["price"]["spot"], 120_000_000);
	}
}
