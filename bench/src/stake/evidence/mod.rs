//! False evidence: true reports of devices, of authors and of voters, each with one thing changed.
//! The chain has to refuse all of them, and the sender of each has to pay for it.

mod authors;
mod devices;
mod judge;
mod mutations;
mod voters;
mod world;

use anyhow::{Context, ensure};
use codec::Decode;
use groma_core::money::Balance;
use groma_runtime::RuntimeCall;
use indicatif::ProgressBar;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use self::{
	authors::TwoBlocks,
	devices::DoubleBeacon,
	judge::{Judge, Signed, is_accepted_unsigned, is_pooled},
	mutations::Evidence,
	voters::TwoVotes,
};
use crate::report::Report;

/// Cases between two steps of the progress bar.
const STEP: u64 = 256;

/// What became of false reports.
#[derive(Clone, Debug, Default)]
struct Tally {
	cases: u64,
	/// The chain took them, signed or not.
	accepted: u64,
	/// No block takes them from an account, so that no one pays.
	left_out: u64,
	/// They were refused in a block, and their sender paid nothing.
	free: u64,
	/// The pool of a node takes them from a stranger without a signature.
	pooled: u64,
	/// The least that a sender paid.
	least_fee: Option<Balance>,
}

impl Tally {
	fn add(&mut self, signed: Signed, is_accepted_unsigned: bool, is_pooled: bool) {
		self.cases += 1;
		self.accepted += u64::from(signed == Signed::Accepted || is_accepted_unsigned);
		self.left_out += u64::from(signed == Signed::LeftOut);
		self.pooled += u64::from(is_pooled);
		if let Signed::Refused { fee } = signed {
			self.free += u64::from(fee == 0);
			self.least_fee = Some(self.least_fee.map_or(fee, |least| least.min(fee)));
		}
	}

	fn with(self, other: &Self) -> Self {
		Self {
			cases: self.cases + other.cases,
			accepted: self.accepted + other.accepted,
			left_out: self.left_out + other.left_out,
			free: self.free + other.free,
			pooled: self.pooled + other.pooled,
			least_fee: self.least_fee.into_iter().chain(other.least_fee).min(),
		}
	}
}

/// What became of all false reports of a kind, by mutation.
struct Outcome {
	kind: &'static str,
	tallies: Vec<(&'static str, Tally)>,
}

impl Outcome {
	fn report(&self, report: &mut Report) {
		let all = self.tallies.iter().fold(Tally::default(), |all, (_, it)| all.with(it));
		let mut figure = |of: &str, value: f64, unit: &str| {
			report.figure(&format!("{of}_{}", self.kind), value, unit);
		};
		figure("false_of", all.cases as f64, "reports");
		figure("accepted_of", all.accepted as f64, "reports");
		figure("left_out_of", all.left_out as f64, "reports");
		figure("free_of", all.free as f64, "reports");
		figure("pooled_of", all.pooled as f64, "reports");
		figure("least_fee_of", all.least_fee.unwrap_or_default() as f64, "plancks");
		for (name, tally) in &self.tallies {
			let kind = self.kind;
			report.figure(&format!("false_of_{kind}_{name}"), tally.cases as f64, "reports");
			report.figure(&format!("accepted_of_{kind}_{name}"), tally.accepted as f64, "reports");
		}
	}
}

/// Has a number of false reports of each kind judged, and reports.
pub(super) fn run(cases: u64, seed: u64, report: &mut Report) -> anyhow::Result<()> {
	let mut chain = world::found()?;
	let mut outcomes = Vec::new();
	chain.make(|| {
		outcomes.push(judge_all(&DoubleBeacon::find()?, cases, seed)?);
		outcomes.push(judge_all(&TwoBlocks::find()?, cases, seed)?);
		outcomes.push(judge_all(&TwoVotes::find()?, cases, seed)?);
		Ok(())
	})?;
	outcomes.iter().for_each(|outcome| outcome.report(report));
	Ok(())
}

/// Has a number of false reports judged, and of each mutation a true one before it is made false.
fn judge_all<E: Evidence>(evidence: &E, cases: u64, seed: u64) -> anyhow::Result<Outcome> {
	let mut judge = Judge::new()?;
	let mut random = ChaCha8Rng::seed_from_u64(seed);
	let mut tallies = vec![Tally::default(); E::MUTATIONS.len()];
	for mutation in E::MUTATIONS {
		let truth = decoded(&E::call(evidence.truth(&mut random)))?;
		let verdict = judge.signed(truth)?;
		let kind = E::NAME;
		ensure!(
			verdict == Signed::Accepted,
			"a true {kind} is {verdict:?} before {}",
			mutation.name
		);
	}
	let progress = ProgressBar::new(cases);
	for case in 0..cases {
		let place = (case % E::MUTATIONS.len() as u64) as usize;
		let mut report = evidence.truth(&mut random);
		(E::MUTATIONS[place].make)(evidence, &mut report, &mut random);
		let call = E::call(report);
		let signed = judge.signed(decoded(&call)?)?;
		let unsigned = decoded(&unsigned(call, E::UNSIGNED_CALL))?;
		let (is_accepted, is_pooled) = (is_accepted_unsigned(&unsigned)?, is_pooled(&unsigned)?);
		tallies[place].add(signed, is_accepted, is_pooled);
		if case.is_multiple_of(STEP) {
			progress.set_position(case);
		}
	}
	progress.finish_and_clear();
	let names = E::MUTATIONS.iter().map(|mutation| mutation.name);
	Ok(Outcome { kind: E::NAME, tallies: names.zip(tallies).collect() })
}

/// The call that brings the same without a signature, if there is another one for it.
fn unsigned(mut call: Vec<u8>, number: Option<u8>) -> Vec<u8> {
	if let (Some(number), Some(byte)) = (number, call.get_mut(1)) {
		*byte = number;
	}
	call
}

fn decoded(call: &[u8]) -> anyhow::Result<RuntimeCall> {
	RuntimeCall::decode(&mut &call[..]).context("what a report says decodes")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn tallies_count_what_is_accepted_free_or_left_out() {
		let mut tally = Tally::default();
		tally.add(Signed::Refused { fee: 7 }, false, false);
		tally.add(Signed::Refused { fee: 0 }, false, true);
		tally.add(Signed::LeftOut, false, false);
		tally.add(Signed::Accepted, false, false);
		tally.add(Signed::Refused { fee: 9 }, true, false);
		let Tally { cases, accepted, left_out, free, pooled, least_fee } =
			tally.with(&Tally::default());
		assert_eq!((cases, accepted, left_out, free, pooled), (5, 2, 1, 1, 1));
		assert_eq!(least_fee, Some(0));
	}
}
