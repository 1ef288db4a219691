//! What a simulation tells in words: at its beginning and at its end.

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt::Write,
};

use groma_client::amount::Amount;
use groma_core::units;

use crate::{
	behaviour::{Behaviour, Verdict},
	census::Group,
	field::Field,
	rogue::Attempts,
	status::Status,
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

/// What came of a run.
pub(crate) fn of_run(
	status: &Status,
	groups: &BTreeMap<Behaviour, Group>,
	attempts: &BTreeMap<Behaviour, Attempts>,
) -> String {
	let chronicle = &status.chronicle;
	let mut text = format!(
		"{} beacons on the air, {} receptions; on chain {} statements and {} challenges settled\n",
		status.air.radiated, status.air.heard, chronicle.statements.taken, chronicle.reveals.taken,
	);
	text.push_str("behaviour   devices  heard  witnessed  earned\n");
	for (behaviour, group) in groups {
		let _ = write!(
			text,
			"{behaviour:<12}{:>7}{:>7}{:>11}  {}",
			group.members,
			group.heard,
			group.witnessed,
			Amount(group.earned)
		);
		if let Some(attempts) = attempts.get(behaviour) {
			let refused = attempts.refused;
			let _ = write!(
				text,
				"; {refused} of {} forgeries refused at once",
				attempts.taken + refused
			);
		}
		text.push_str(match behaviour.verdict() {
			Verdict::NotExcluded => "; no rule excludes it, stake and density bound it\n",
			_ => "\n",
		});
	}
	if chronicle.bans > 0 {
		let _ = writeln!(text, "banned for signing two beacons: {}", chronicle.bans);
	}
	let _ =
		writeln!(text, "refused before it was included: {}", listed(&status.refusals, usize::MAX));
	let reasons = listed(&reasons(status), usize::MAX);
	let _ = writeln!(text, "what was included and earned nothing: {reasons}");
	text.trim_end().to_owned()
}

/// Why what was included earned nothing, most frequent reasons first.
pub(crate) fn reasons(status: &Status) -> Vec<(String, u64)> {
	let reasons = status.census.reasons().into_iter();
	reasons.map(|(reason, count)| (format!("{reason:?}"), count)).collect()
}

/// The first of these counts in words.
pub(crate) fn listed(counts: &[(String, u64)], most: usize) -> String {
	if counts.is_empty() {
		return "nothing".to_owned();
	}
	let texts = counts.iter().take(most).map(|(reason, count)| format!("{count} x {reason}"));
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
