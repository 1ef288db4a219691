//! Which calls carry evidence, and whether one may bring something new: a look at a few of its
//! entries, by which the transaction pool decides what comes first.

use frame_support::traits::IsSubType;
use groma_core::{
	WindowIndex,
	protocol::REVEAL_DELAY,
	statement::{Reveal, StatementGroup},
};
use groma_traits::{EvidenceCalls, Windows};

use crate::{Call, Challenges, Config, Pallet, standing::LookupOf, statements::Intake};

/// The most entries of a bundle that are looked at, so that a look costs as little for a large one.
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

	/// A bundle may bring something new if any of up to `SAMPLES` entries, spread over it, is
	/// about a challenge that takes statements, or can be revealed, now. A device's own call was
	/// checked when it authorized itself; signed by an account, it fails.
	fn may_bring_new(call: &C, is_signed: bool) -> bool {
		match call.is_sub_type() {
			Some(Call::submit_statements { groups }) => may_be_taken::<T>(groups),
			Some(Call::submit_reveals { reveals }) => may_be_settled::<T>(reveals),
			Some(Call::submit_own_statement { .. } | Call::submit_own_reveal { .. }) => !is_signed,
			_ => false,
		}
	}
}

fn may_be_taken<T: Config>(groups: &[StatementGroup]) -> bool {
	let mut intake = Intake::new::<T>(T::Windows::of_call());
	samples(groups).any(|group| {
		let mut devices = LookupOf::<T>::default();
		intake.admit::<T>(group.window, group.beaconer, &mut devices).is_ok()
	})
}

fn may_be_settled<T: Config>(reveals: &[Reveal]) -> bool {
	let due: Option<WindowIndex> = T::Windows::of_call().checked_sub(REVEAL_DELAY);
	samples(reveals).any(|reveal| {
		due == Some(reveal.window) && Challenges::<T>::contains_key(reveal.window, reveal.beaconer)
	})
}

/// Bundles that overlap do so at their beginnings, since collectors sort: so not the first entries
/// alone.
fn samples<Entry>(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
	entries.iter().step_by(entries.len().div_ceil(SAMPLES).max(1))
}
