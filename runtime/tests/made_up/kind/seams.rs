//! What the rooms ask that all kinds share: the lane which calls carry evidence, the collector for
//! bundles, the lottery what a challenge costs. The weights are made up as well.

use std::{collections::BTreeMap, marker::PhantomData};

use codec::MaxEncodedLen;
use frame_support::{BoundedVec, traits::IsSubType, weights::Weight};
use groma_core::{
	DeviceId, WindowIndex,
	protocol::STATEMENT_DELAY_MAX,
	statement::{Report, ReportKey},
	words::Hash,
};
use groma_traits::{Bundler, EvidenceCalls, Load, SupplyRewards, Windows};
use sp_runtime::SaturatedConversion;

use super::{
	guess::{GUESSES_PER_BUNDLE_MAX, Guess},
	pallet::{Call, Config, Guesses, Pallet},
};

/// A guess that is checked and kept.
const TAKING: Weight = Weight::from_parts(300_000_000, 0);
/// A guess that is settled, but for what rewards take.
const SETTLING: Weight = Weight::from_parts(100_000_000, 0);

/// The weight of taking guesses.
pub(crate) fn taking_weight(guesses: u32) -> Weight {
	TAKING.saturating_mul(guesses.into())
}

/// The most that settling a guess weighs.
pub(crate) fn settling_weight<T: Config>() -> Weight {
	SETTLING.saturating_add(T::Rewards::fold_weight())
}

impl<T: Config> Pallet<T> {
	/// The load of one challenge: a guess in a bundle, and its settlement.
	pub fn challenge_cost() -> Load {
		load(TAKING.saturating_add(settling_weight::<T>()), 1)
	}
}

fn load(weight: Weight, guesses: usize) -> Load {
	let length = Guess::max_encoded_len().saturating_mul(guesses);
	Load { ref_time: weight.ref_time(), length: length.saturated_into() }
}

impl<T: Config, C: IsSubType<Call<T>>> EvidenceCalls<C> for Pallet<T> {
	fn is_evidence(call: &C) -> bool {
		matches!(
			call.is_sub_type(),
			Some(Call::submit_guesses { .. } | Call::submit_own_guess { .. })
		)
	}

	/// A bundle may bring something new if its first guess would be taken, but for its signature. A
	/// device's own call was checked when it authorized itself; signed by an account, it fails.
	fn may_bring_new(call: &C, is_signed: bool) -> bool {
		match call.is_sub_type() {
			Some(Call::submit_guesses { guesses }) => guesses
				.first()
				.is_some_and(|guess| Self::seat(T::Windows::of_call(), guess).is_ok()),
			Some(Call::submit_own_guess { .. }) => !is_signed,
			_ => false,
		}
	}

	/// No bundle of guesses is left out: that some are known costs its collector a fee.
	fn is_stale(_: &C) -> bool {
		false
	}

	fn staleness_weight(_: &C) -> Weight {
		Weight::zero()
	}
}

/// A bundle of guesses.
pub struct GuessBundler<T> {
	now: WindowIndex,
	guesses: BTreeMap<(WindowIndex, DeviceId), Guess>,
	most: usize,
	phantom: PhantomData<T>,
}

impl<T: Config, C: From<Call<T>>> Bundler<C> for GuessBundler<T> {
	type Report = Guess;

	fn windows(_: &Hash) -> Vec<WindowIndex> {
		let now = T::Windows::of_next_block();
		(now.saturating_sub(STATEMENT_DELAY_MAX)..=now).collect()
	}

	fn is_open(key: &ReportKey) -> bool {
		let last_window = key.window.saturating_add(STATEMENT_DELAY_MAX);
		T::Windows::of_next_block() <= last_window
			&& !Guesses::<T>::contains_key(key.window, key.subject)
	}

	fn new(room: Load) -> Self {
		let fitting = (1..=GUESSES_PER_BUNDLE_MAX)
			.take_while(|count| load(taking_weight(*count), *count as usize).fits(room))
			.count();
		let now = T::Windows::of_next_block();
		Self { now, guesses: BTreeMap::new(), most: fitting.max(1), phantom: PhantomData }
	}

	fn add(&mut self, guesses: Vec<Guess>) {
		for guess in guesses {
			if self.guesses.len() < self.most && Pallet::<T>::examine(self.now, &guess).is_ok() {
				self.guesses.entry((guess.window, guess.device)).or_insert(guess);
			}
		}
	}

	fn is_full(&self) -> bool {
		self.guesses.len() >= self.most
	}

	fn finish(self) -> Option<(C, Vec<ReportKey>)> {
		let reports = self.guesses.values().map(Report::key).collect();
		let guesses = BoundedVec::truncate_from(self.guesses.into_values().collect::<Vec<_>>());
		(!guesses.is_empty()).then(|| (Call::submit_guesses { guesses }.into(), reports))
	}
}
