//! Which calls carry evidence; whether one may bring something new: a look at a few of its entries,
//! by which the transaction pool decides what comes first; and whether one is stale, since others
//! were faster with most of it, or with the same proof: a look at all of them, by which authors
//! leave it out.

use frame_support::{
	traits::{Get, IsSubType},
	weights::Weight,
};
use groma_core::{
	DeviceId, WindowIndex,
	protocol::{REVEAL_DELAY, STATEMENT_DELAY_MAX},
	statement::{Reveal, StatementGroup},
};
use groma_stored::Stored;
use groma_traits::{Devices, EvidenceCalls, Windows};

use crate::{
	Call, Challenges, Config, Pallet, WeightInfo,
	standing::LookupOf,
	statements::{Intake, stored_challenge},
};

/// The most groups of a bundle that are looked at, so that a look costs as little for a large one.
const SAMPLES: usize = 4;

impl<T: Config, C: IsSubType<Call<T>>> EvidenceCalls<C> for Pallet<T> {
	fn is_evidence(call: &C) -> bool {
		matches!(
			call.is_sub_type(),
			Some(
				Call::submit_statements { .. }
					| Call::submit_reveals { .. }
					| Call::submit_own_statement { .. }
					| Call::submit_own_reveal { .. }
			)
		)
	}

	/// A bundle of statements may bring something new if any of up to `SAMPLES` groups, spread over
	/// it, is about a challenge that takes statements now; one of reveals, if any can be revealed
	/// now. A device's own call was checked when it authorized itself; signed by an account, it
	/// fails.
	fn may_bring_new(call: &C, is_signed: bool) -> bool {
		match call.is_sub_type() {
			Some(Call::submit_statements { groups }) => may_be_taken::<T>(groups),
			// One that is not stale, and not empty, has a challenge to settle.
			Some(Call::submit_reveals { reveals }) => may_settle::<T>(reveals),
			Some(Call::submit_own_statement { .. } | Call::submit_own_reveal { .. }) => !is_signed,
			_ => false,
		}
	}

	/// A statement is on chain if its witness has a record of the challenge; a reveal, if there is
	/// no challenge that it could settle. Each such entry is refused, so that a bundle of which
	/// they are the larger part would pay: see [`Tally::fee`](crate::Tally::fee). Two beacons are
	/// proven if the key that signed them is banned: who reports them too was only slower.
	fn is_stale(call: &C) -> bool {
		match call.is_sub_type() {
			Some(Call::submit_statements { groups }) => are_mostly_stated::<T>(groups),
			Some(Call::submit_reveals { reveals }) => are_mostly_settled::<T>(reveals),
			Some(Call::report_double_beacon { window, device, .. }) => {
				is_proven::<T>(*window, *device)
			}
			_ => false,
		}
	}

	fn staleness_weight(call: &C) -> Weight {
		let groups = match call.is_sub_type() {
			Some(Call::submit_statements { groups }) => groups.len(),
			Some(Call::submit_reveals { reveals }) => reveals.len(),
			// The device, and who held it before.
			Some(Call::report_double_beacon { .. }) => return T::DbWeight::get().reads(2),
			_ => return Weight::zero(),
		};
		T::WeightInfo::look_for_new(groups as u32)
	}
}

/// Whether the key of a device in a window is banned, so that nothing more comes of its beacons.
fn is_proven<T: Config>(window: WindowIndex, device: DeviceId) -> bool {
	T::Devices::signer(device, window).is_some_and(|signer| signer.is_banned)
}

/// Whether more of the statements than not are on chain, or of a closed window. A group without any
/// is malformed, which its collector pays for: it counts as one that is not on chain.
pub(crate) fn are_mostly_stated<T: Config>(groups: &[StatementGroup]) -> bool {
	let now = T::Windows::of_call();
	let (mut stated, mut others) = (0usize, 0usize);
	for group in groups {
		let of_group = stated_in::<T>(now, group);
		stated = stated.saturating_add(of_group);
		let entries = group.statements.len().max(1);
		others = others.saturating_add(entries.saturating_sub(of_group));
	}
	stated > others
}

/// How many statements of a group are on chain: all, if its window is closed, or its challenge does
/// not decode.
fn stated_in<T: Config>(now: WindowIndex, group: &StatementGroup) -> usize {
	let is_open = now.checked_sub(group.window).is_some_and(|age| age <= STATEMENT_DELAY_MAX);
	if !is_open {
		return group.statements.len();
	}
	match stored_challenge::<T>(group.window, group.beaconer) {
		Stored::Absent => 0,
		Stored::Value(challenge) => {
			let witnesses = group.statements.iter().map(|entry| entry.observation.witness);
			witnesses.filter(|witness| challenge.is_stated_by(*witness)).count()
		}
		Stored::Undecodable => group.statements.len(),
	}
}

/// Whether fewer of the reveals than not could settle a challenge.
fn are_mostly_settled<T: Config>(reveals: &[Reveal]) -> bool {
	let due = T::Windows::of_call().checked_sub(REVEAL_DELAY);
	let open = reveals.iter().filter(|reveal| could_settle::<T>(due, reveal)).count();
	reveals.len().saturating_sub(open) > open
}

/// Whether any of the reveals could settle a challenge.
fn may_settle<T: Config>(reveals: &[Reveal]) -> bool {
	let due = T::Windows::of_call().checked_sub(REVEAL_DELAY);
	reveals.iter().any(|reveal| could_settle::<T>(due, reveal))
}

/// Whether there is a challenge for a reveal, of the window that is judged now.
fn could_settle<T: Config>(due: Option<WindowIndex>, reveal: &Reveal) -> bool {
	due == Some(reveal.window) && Challenges::<T>::contains_key(reveal.window, reveal.beaconer)
}

fn may_be_taken<T: Config>(groups: &[StatementGroup]) -> bool {
	let mut intake = Intake::new::<T>(T::Windows::of_call());
	samples(groups).any(|group| {
		let mut devices = LookupOf::<T>::default();
		intake.admit::<T>(group.window, group.beaconer, &mut devices).is_ok()
	})
}

/// Bundles that overlap do so at their beginnings, since collectors sort: so not the first entries
/// alone.
fn samples<Entry>(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
	entries.iter().step_by(entries.len().div_ceil(SAMPLES).max(1))
}
