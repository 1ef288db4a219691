//! What a simulation says of itself: at its beginning and at its end.

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt::{self, Write},
};

use groma_client::amount::Amount;
use groma_core::{
	EpochIndex,
	api::{PriceInfo, SupplyInfo},
	money::Balance,
	units,
};
use serde::Serialize;

use crate::{
	behaviour::{Behaviour, Verdict},
	census::Group,
	chronicle::{Chronicle, Count},
	claims::Claimed,
	field::Field,
	market::{Bought, Market},
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
	/// What that cost their owners in stake.
	stake_lost: Amount,
	/// What of that went to who reported them; the rest was burned.
	stake_rewarded: Amount,
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
	/// What customers paid for services.
	demand: DemandSummary,
	/// What gateways earned by proven work.
	earned_by_supply: Amount,
	/// What exists less what genesis issued, in plancks as decimal text, below 0 if more was
	/// burned.
	net_issuance: Option<String>,
	/// The books of GRM and of credits in the end.
	books: Option<SupplyInfo>,
}

/// What customers paid for services.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct DemandSummary {
	/// Customers that paid what they promised.
	customers: usize,
	/// Credits that all customers minted.
	credits_minted: String,
	/// What they burned for them.
	burned: Amount,
	/// What was claimed of those that paid what they promised.
	bought: BoughtSummary,
	/// What was claimed of the customer that promised more than its channel held.
	overdrawn: BoughtSummary,
	/// The bond that it lost; absent while it has it.
	bond_burned: Option<Amount>,
}

/// What was claimed.
#[derive(Clone, Debug, Default, Serialize)]
struct BoughtSummary {
	/// Vouchers that were paid.
	vouchers: usize,
	/// Credits that were burned for them.
	credits: String,
	/// Units that were delivered.
	units: String,
	/// What owners are owed for them.
	paid: Amount,
}

impl DemandSummary {
	fn of(market: &Market) -> Self {
		Self {
			customers: market.customers,
			credits_minted: market.credits_minted.to_string(),
			burned: Amount(market.burned),
			bought: BoughtSummary::of(&market.bought),
			overdrawn: BoughtSummary::of(&market.overdrawn),
			bond_burned: market.bond_burned.map(Amount),
		}
	}
}

impl fmt::Display for DemandSummary {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		if self.customers == 0 {
			return f.write_str("no customers");
		}
		let Self { credits_minted, burned, bought, overdrawn, .. } = self;
		write!(f, "{credits_minted} credits minted for {burned}; {bought}")?;
		match self.bond_burned {
			Some(bond) => {
				write!(f, "; of an overdrawn channel {overdrawn}, and its bond of {bond} burned")
			}
			None => Ok(()),
		}
	}
}

impl fmt::Display for BoughtSummary {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { vouchers, credits, units, paid } = self;
		write!(f, "{vouchers} vouchers claimed, {credits} credits burned, {paid} for {units} units")
	}
}

impl BoughtSummary {
	fn of(bought: &Bought) -> Self {
		let Bought { vouchers, credits, units, paid } = *bought;
		let (credits, units) = (credits.to_string(), units.to_string());
		Self { vouchers, credits, units, paid: Amount(paid) }
	}
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
			stake_lost: Amount(0),
			stake_rewarded: Amount(0),
			behaviours: Vec::new(),
			refusals: Vec::new(),
			reasons: Vec::new(),
			claims: Vec::new(),
			price: None,
			demand: DemandSummary::default(),
			earned_by_supply: Amount(0),
			net_issuance: None,
			books: None,
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
			stake_lost: Amount(stake_lost(chronicle)),
			stake_rewarded: Amount(chronicle.stake_rewarded),
			behaviours: groups.iter().map(summary).collect(),
			refusals: status.refusals.clone(),
			reasons: reasons(status),
			claims: status.claimed.iter().map(ClaimSummary::of).collect(),
			price: status.price.clone(),
			demand: DemandSummary::of(&status.market),
			earned_by_supply: Amount(status.earned_by_supply()),
			net_issuance: Some(net_issuance(&status.supply, |amount| amount.0.to_string())),
			books: Some(status.supply),
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
		writeln!(f, "demand: {}", self.demand)?;
		if let Some(books) = &self.books {
			let demand =
				Amount(self.demand.bought.paid.0.saturating_add(self.demand.overdrawn.paid.0));
			writeln!(f, "{}", books_of(self.earned_by_supply, demand, books))?;
		}
		writeln!(f, "behaviour   devices  heard  witnessed  earned")?;
		for behaviour in &self.behaviours {
			writeln!(f, "{behaviour}")?;
		}
		if self.banned > 0 {
			let Self { banned, stake_lost, stake_rewarded, .. } = self;
			writeln!(f, "{}", banned_line(*banned, *stake_lost, *stake_rewarded))?;
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

/// What customers did, in words.
pub(crate) fn demand(market: &Market) -> String {
	DemandSummary::of(market).to_string()
}

/// What was taken of stake in all, in plancks.
fn stake_lost(chronicle: &Chronicle) -> Balance {
	chronicle.stake_burned.saturating_add(chronicle.stake_rewarded)
}

/// What two beacons of one device cost, in words; `None` as long as no one was reported for them.
pub(crate) fn reported(chronicle: &Chronicle) -> Option<String> {
	let (lost, rewarded) = (Amount(stake_lost(chronicle)), Amount(chronicle.stake_rewarded));
	(chronicle.bans > 0).then(|| banned_line(chronicle.bans, lost, rewarded))
}

fn banned_line(banned: u64, lost: Amount, rewarded: Amount) -> String {
	format!(
		"reported and banned for signing two beacons: {banned}, which cost {lost} of stake, {rewarded} of it \
		 for those who reported"
	)
}

/// What gateways earned, and what came of the supply, in words.
pub(crate) fn books(status: &Status) -> String {
	let (supply, demand) = (status.earned_by_supply(), status.market.paid_total());
	books_of(Amount(supply), Amount(demand), &status.supply)
}

/// What gateways earned by proven work and by demand, and what came of the supply.
fn books_of(supply: Amount, demand: Amount, books: &SupplyInfo) -> String {
	let (net, burned) = (net_issuance(books, |amount| amount.to_string()), Amount(books.burned));
	format!(
		"gateways earned {supply} by supply, {demand} by demand; net issuance {net}, {burned} burned"
	)
}

/// What exists less what genesis issued, as `show` writes amounts, with a minus if it is below 0.
fn net_issuance(supply: &SupplyInfo, show: impl Fn(Amount) -> String) -> String {
	let SupplyInfo { issuance, genesis, .. } = supply;
	match issuance.checked_sub(*genesis) {
		Some(more) => show(Amount(more)),
		None => format!("-{}", show(Amount(genesis.saturating_sub(*issuance)))),
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
pub(crate) fn why_unpaid(status: &Status, has_doublers: bool) -> String {
	let chronicle = &status.chronicle;
	let is_paid = status.is_supply_claimed() && status.market.is_done();
	if is_paid && has_doublers && chronicle.bans == 0 {
		return "everything was paid, but no one reported a device that signs two beacons"
			.to_owned();
	}
	if status.is_supply_claimed() && !status.market.is_done() {
		let Market { done, customers, .. } = &status.market;
		let all = customers.saturating_add(1);
		let price = price(status.price.as_ref());
		return format!(
			"coverage was paid, but only {done} of {all} customers have bought; the price is {price}"
		);
	}
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
	use groma_core::{money::GRM, price::Price};

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

	fn market() -> Market {
		let bought = Bought { vouchers: 2, credits: 6, units: 40, paid: GRM };
		let overdrawn = Bought { vouchers: 1, credits: 1, units: 300, paid: GRM / 2 };
		let (credits_minted, burned) = (7, 3 * GRM / 2);
		let bond_burned = Some(10 * GRM);
		Market { customers: 2, done: 3, credits_minted, burned, bought, overdrawn, bond_burned }
	}

	fn supply() -> SupplyInfo {
		SupplyInfo {
			issuance: 98 * GRM,
			genesis: 100 * GRM,
			minted: 0,
			unminted: 0,
			reminted: 3 * GRM / 2,
			claimed_basis: 2 * GRM,
			burned: 7 * GRM / 2,
			pot: 0,
			reserve: 0,
			credits_minted: 7,
			credits_spent: 7,
			minted_basis: 3 * GRM / 2,
			spent_basis: 3 * GRM / 2,
			for_validators: 0,
		}
	}

	#[test]
	fn net_issuance_is_below_zero_when_more_was_burned() {
		let text = |info: &SupplyInfo| net_issuance(info, |amount| amount.to_string());
		assert_eq!(text(&supply()), "-2 GRM");
		assert_eq!(text(&SupplyInfo { issuance: 101 * GRM, ..supply() }), "1 GRM");
		assert_eq!(demand(&Market::default()), "no customers");
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
	fn two_beacons_are_shown_with_the_stake_that_they_cost() {
		assert_eq!(reported(&Chronicle::default()), None);
		let (stake_burned, stake_rewarded) = (95 * GRM / 2, 5 * GRM / 2);
		let chronicle = Chronicle { bans: 1, stake_burned, stake_rewarded, ..Chronicle::default() };
		let text = reported(&chronicle).expect("one was reported");
		assert!(text.contains("two beacons: 1, which cost 50 GRM of stake, 2.5 GRM"), "{text}");
		let (stake_lost, rewarded) = (Amount(50 * GRM), Amount(stake_rewarded));
		let summary =
			Summary { banned: 1, stake_lost, stake_rewarded: rewarded, ..Summary::of_nothing() };
		assert!(summary.to_string().contains(&text), "{summary}");
		let json = serde_json::to_value(&summary).expect("JSON");
		assert_eq!(json["stakeLost"], (50 * GRM).to_string());
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
			demand: DemandSummary::of(&market()),
			books: Some(supply()),
			net_issuance: Some(net_issuance(&supply(), |amount| amount.0.to_string())),
			..Summary::of_nothing()
		};
		let text = summary.to_string();
		assert!(text.contains("1.5 GRM; 5 of 9 forgeries refused at once; no rule"), "{text}");
		assert!(text.contains("refused before inclusion: 6 x notDrawn\n"), "{text}");
		assert!(text.contains("price: 0.12 USD per GRM, 61 s old\n"), "{text}");
		assert!(
			text.contains(
				"demand: 7 credits minted for 1.5 GRM; 2 vouchers claimed, 6 credits burned, 1 GRM for 40 units; \
				 of an overdrawn channel 1 vouchers claimed, 1 credits burned, 0.5 GRM for 300 units, and \
				 its bond of 10 GRM burned\n"
			),
			"{text}"
		);
		assert!(text.contains("by supply, 1.5 GRM by demand; net issuance -2 GRM"), "{text}");
		let json = serde_json::to_value(&summary).expect("JSON");
		assert_eq!(json["demand"]["bought"]["units"], "40");
		assert_eq!(json["demand"]["bondBurned"], (10 * GRM).to_string());
		assert_eq!(json["netIssuance"], format!("-{}", 2 * GRM));
		assert_eq!((&json["outcome"], &json["claims"][0]["amount"]), (&"paid".into(), &"7".into()));
		assert_eq!(json["behaviours"][0]["isNotExcluded"], true);
		assert_eq!(json["price"]["spot"], 120_000_000);
	}
}
