//! Shown and judged in *w+2*: the toss settles all guesses of *w*, with what is left of blocks'
//! weight; and what becomes of the units.

use std::collections::BTreeMap;

use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};
use groma_core::{
	DeviceId, EpochIndex, NetworkId, WindowIndex,
	protocol::{CREDIT_PARTS, REVEAL_DELAY},
	terms::NetworkTerms,
	units::{ONE, Units},
	words::Hash,
};
use groma_traits::{
	Collectors, DeviceFollowers, DeviceView, Devices, Networks, OpenWork, Provisions,
	SupplyRewards, SupplyWork, Windows, standing,
};

use super::{
	guess::{REASONS, Reason},
	pallet::{Config, Cursor, Guesses, Pallet, Reasons, Work},
	seams,
	taking::{Kept, is_covered},
};

/// How often each reason applied.
pub(crate) type Counts = [u16; REASONS];

/// The toss: heads or not.
fn is_heads(seed: &Hash) -> bool {
	seed[0] & 1 == 1
}

impl<T: Config> Pallet<T> {
	/// Settles the guesses of windows whose time has come, as far as `limit` allows.
	pub(crate) fn settle(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		if meter.try_consume(T::DbWeight::get().reads_writes(2, 1)).is_err() {
			return Weight::zero();
		}
		let now = T::Windows::current();
		let start = Cursor::<T>::get();
		let mut window = start;
		while window.saturating_add(REVEAL_DELAY) <= now
			&& settle_window::<T>(window, now, &mut meter)
		{
			window = window.saturating_add(1);
		}
		if window != start {
			Cursor::<T>::put(window);
		}
		meter.consumed()
	}

	/// How often a reason applied to a device.
	pub fn reason_count(device: DeviceId, reason: Reason) -> u16 {
		Reasons::<T>::get(device)[reason as usize]
	}

	/// Checks what holds in every state.
	#[cfg(feature = "try-runtime")]
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		use frame_support::ensure;
		use groma_core::terms::Proof;

		let (oldest, now) = (Cursor::<T>::get(), T::Windows::current());
		for (window, device, _) in Guesses::<T>::iter() {
			ensure!((oldest..=now).contains(&window), "a guess is neither settled nor to come");
			let terms = T::Devices::at(device, now).and_then(|v| T::Networks::terms(v.network));
			let is_of_kind = terms.is_none_or(|terms| terms.proof == Proof::MadeUp);
			ensure!(is_of_kind, "a guess is of a device of another kind");
		}
		Ok(())
	}
}

/// Settles the guesses of a window and says whether none is left.
fn settle_window<T: Config>(
	window: WindowIndex,
	now: WindowIndex,
	meter: &mut WeightMeter,
) -> bool {
	if meter.try_consume(T::DbWeight::get().reads(2)).is_err() {
		return false;
	}
	// A device is known as it was two windows ago, and not longer.
	let is_due = window.saturating_add(REVEAL_DELAY) == now;
	let toss = T::Windows::window(now).filter(|_| is_due).map(|record| is_heads(&record.seed));
	let mut guesses = Guesses::<T>::drain_prefix(window);
	let mut units = BTreeMap::<NetworkId, Units>::new();
	let is_done = loop {
		if meter.try_consume(seams::settling_weight::<T>()).is_err() {
			break false;
		}
		let Some((device, guess)) = guesses.next() else { break true };
		match judge::<T>(window, toss, device, guess) {
			Ok((network, earned)) => {
				let sum = units.entry(network).or_default();
				*sum = sum.saturating_add(earned);
			}
			Err(reason) => Reasons::<T>::mutate(device, |counts| {
				let count = &mut counts[reason as usize];
				*count = count.saturating_add(1);
			}),
		}
	};
	for (network, units) in units {
		T::Rewards::note_units(network, units);
	}
	is_done
}

/// Pays a device for its guess, if it was right; returns the network whose units these are. The
/// collector that a guess names is credited for it whether it was right or not.
fn judge<T: Config>(
	window: WindowIndex,
	toss: Option<bool>,
	device: DeviceId,
	guess: Kept,
) -> Result<(NetworkId, Units), Reason> {
	let is_heads = toss.ok_or(Reason::NeverSettled)?;
	let (view, terms) = fit::<T>(window, device).ok_or(Reason::Unfit)?;
	T::Collectors::credit(guess.collector, CREDIT_PARTS);
	if guess.is_heads != is_heads {
		return Err(Reason::WrongGuess);
	}
	let covered_slots =
		T::Provisions::covered_slots(&view.owner, view.network, terms.stake_per_device);
	if !standing::earns_in(present_epoch::<T>(), &view, covered_slots) {
		return Err(Reason::Unfit);
	}
	let units = standing::earned(Units(ONE), view.class, view.since, window, &terms);
	earn::<T>(device, &view, units);
	Ok((view.network, units))
}

/// A device, if it may take part in a window, and the terms of its network.
fn fit<T: Config>(
	window: WindowIndex,
	device: DeviceId,
) -> Option<(DeviceView<T::AccountId>, NetworkTerms)> {
	let view = T::Devices::at(device, window)?;
	let terms = T::Networks::terms(view.network)?;
	standing::fitness(&view, window, &terms, is_covered::<T>).ok()?;
	Some((view, terms))
}

/// Guesses are settled after the timestamp of the block, so there is an epoch.
fn present_epoch<T: Config>() -> EpochIndex {
	T::Rewards::epoch().unwrap_or_default()
}

/// Adds units to the work of a device. Work of an epoch before is handed over first.
fn earn<T: Config>(device: DeviceId, view: &DeviceView<T::AccountId>, units: Units) {
	let epoch = present_epoch::<T>();
	if let Some(finished) = take_before::<T>(device, epoch) {
		T::Rewards::fold(device, finished);
	}
	Work::<T>::mutate(device, |work| match work {
		Some(work) => work.add(units),
		None => {
			T::Rewards::begin(device, view.network, &view.owner);
			*work = Some(OpenWork::new(epoch, units));
		}
	});
}

fn take_before<T: Config>(device: DeviceId, current: EpochIndex) -> Option<OpenWork> {
	Work::<T>::mutate_exists(device, |work| work.take_if(|work| work.epoch < current))
}

impl<T: Config> SupplyWork for Pallet<T> {
	fn peek(_: NetworkId, device: DeviceId) -> Option<OpenWork> {
		Work::<T>::get(device)
	}

	fn take_before(_: NetworkId, device: DeviceId, current: EpochIndex) -> Option<OpenWork> {
		take_before::<T>(device, current)
	}
}

impl<T: Config> DeviceFollowers for Pallet<T> {
	/// Hands over what work there is and forgets the device, unless its last epoch still runs.
	fn let_go(device: DeviceId) -> bool {
		if Work::<T>::contains_key(device) {
			let finished = T::Rewards::epoch().and_then(|now| take_before::<T>(device, now));
			let Some(work) = finished else { return false };
			T::Rewards::fold(device, work);
		}
		Reasons::<T>::remove(device);
		true
	}

	fn let_go_weight() -> Weight {
		T::Rewards::fold_weight().saturating_add(T::DbWeight::get().reads_writes(1, 2))
	}
}
