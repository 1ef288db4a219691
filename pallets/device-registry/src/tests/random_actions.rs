//! Random sequences of everything that can happen, checked against the invariants after each step,
//! and against what the registry said before: an answer about a window may not change once the
//! window is over, except that a ban works at once and that lists close their gaps.

use std::collections::{BTreeMap, BTreeSet};

use groma_core::{DeviceId, NetworkId, WindowIndex, api::DeviceStatus, words::SessionKey};
use groma_fakes::Epoch;
use groma_traits::{DeviceView, Devices as _};
use proptest::prelude::*;
use sp_runtime::{AccountId32, DispatchResult};

use crate::{Devices, TransferOffers, mock::*};

/// In place of a caller: the account that may do it.
const ENTITLED: u8 = 0;

#[derive(Clone, Debug)]
enum Action {
	Register { owner: u8, network: NetworkId, key: u8, place: Option<u8> },
	AssertLocation { caller: u8, device: DeviceId, place: u8 },
	Offer { caller: u8, device: DeviceId, to: Option<u8> },
	Accept { caller: u8, device: DeviceId, key: u8 },
	Rotate { caller: u8, device: DeviceId, key: u8 },
	SetStatus { caller: u8, device: DeviceId, status: DeviceStatus },
	Retire { caller: u8, device: DeviceId },
	Ban { device: DeviceId, windows_ago: u32 },
	Advance { windows: u32 },
	NextEpoch,
}

fn action() -> impl Strategy<Value = Action> {
	let (device, key, place) = (0u32..5, 0u8..40, 0u8..3);
	let caller = prop_oneof![4 => Just(ENTITLED), 1 => 1u8..4];
	prop_oneof![
		4 => (1u8..4, prop::sample::select(vec![LORAWAN, SENSORS, STORAGE, MARKET]), key.clone(), prop::option::of(place.clone()))
			.prop_map(|(owner, network, key, place)| {
				Action::Register { owner, network, key, place }
			}),
		3 => (caller.clone(), device.clone(), place)
			.prop_map(|(caller, device, place)| Action::AssertLocation { caller, device, place }),
		4 => (caller.clone(), device.clone(), prop::option::weighted(0.9, 1u8..4))
			.prop_map(|(caller, device, to)| Action::Offer { caller, device, to }),
		6 => (caller.clone(), device.clone(), key.clone())
			.prop_map(|(caller, device, key)| Action::Accept { caller, device, key }),
		3 => (caller.clone(), device.clone(), key)
			.prop_map(|(caller, device, key)| Action::Rotate { caller, device, key }),
		3 => (caller.clone(), device.clone(), status())
			.prop_map(|(caller, device, status)| Action::SetStatus { caller, device, status }),
		2 => (caller, device.clone()).prop_map(|(caller, device)| Action::Retire { caller, device }),
		1 => (device, 0u32..20)
			.prop_map(|(device, windows_ago)| Action::Ban { device, windows_ago }),
		8 => (1u32..5).prop_map(|windows| Action::Advance { windows }),
		1 => (270u32..300).prop_map(|windows| Action::Advance { windows }),
		2 => Just(Action::NextEpoch),
	]
}

fn status() -> impl Strategy<Value = DeviceStatus> {
	prop::sample::select(vec![
		DeviceStatus::Active,
		DeviceStatus::Paused,
		DeviceStatus::Maintenance,
	])
}

/// The number of the caller; of the owner, if it is the one entitled.
fn owner_or(caller: u8, device: DeviceId) -> u8 {
	let owner = Devices::<Test>::get(device).map(|record| record.owner);
	number(owner.filter(|_| caller == ENTITLED), caller)
}

/// The number of the caller; of the account to which the device is offered, if it is the one
/// entitled.
fn offered_or(caller: u8, device: DeviceId) -> u8 {
	let offered = TransferOffers::<Test>::get(device);
	number(offered.filter(|_| caller == ENTITLED), caller)
}

fn number(account: Option<AccountId32>, otherwise: u8) -> u8 {
	account.map_or(otherwise, |account| {
		let bytes: [u8; 32] = account.into();
		bytes[0]
	})
}

/// Does it, or finds it refused.
fn perform(action: Action) -> DispatchResult {
	match action {
		Action::Register { owner, network, key, place } => {
			register(account(owner), network, session(key), place.map(claim))
		}
		Action::AssertLocation { caller, device, place } => {
			Registry::assert_location(signed(owner_or(caller, device)), device, claim(place))
		}
		Action::Offer { caller, device, to } => {
			let caller = signed(owner_or(caller, device));
			Registry::offer_transfer(caller, device, to.map(account))
		}
		Action::Accept { caller, device, key } => accept(offered_or(caller, device), device, key),
		Action::Rotate { caller, device, key } => rotate(owner_or(caller, device), device, key),
		Action::SetStatus { caller, device, status } => {
			Registry::set_status(signed(owner_or(caller, device)), device, status)
		}
		Action::Retire { caller, device } => {
			Registry::retire(signed(owner_or(caller, device)), device)
		}
		Action::Ban { device, windows_ago } => {
			ban(device, CurrentWindow::get() - windows_ago);
			Ok(())
		}
		Action::Advance { windows } => {
			run_to(CurrentWindow::get() + windows);
			Ok(())
		}
		Action::NextEpoch => {
			Epoch::set(&(Epoch::get() + 1));
			Ok(())
		}
	}
}

/// Bans the signer in a window, which makes it unable to sign for anything, and touches no device
/// of others.
fn ban(device: DeviceId, window: WindowIndex) {
	let signer = Registry::signer(device, window);
	let is_banned = Registry::ban(device, window);
	assert!(Registry::signer(device, window).is_none_or(|signer| signer.is_banned));
	if let (true, Some(signer)) = (is_banned, signer) {
		let record = record(device);
		assert_eq!((record.owner, record.status), (signer.owner, DeviceStatus::Banned));
	}
}

/// What was said of a device in a window: how it was, and who signed for it.
#[derive(Default)]
struct History {
	views: BTreeMap<(DeviceId, WindowIndex), DeviceView<AccountId32>>,
	signers: BTreeMap<(DeviceId, WindowIndex), (AccountId32, SessionKey)>,
}

impl History {
	/// Forgets how a device was: a ban works at once, and so does what it folds.
	fn note(&mut self, action: &Action) {
		if let Action::Ban { device: banned, .. } = action {
			self.views.retain(|(device, _), _| device != banned);
		}
	}
}

/// Compares what is said now with what was said before, and notes it.
fn compare(history: &mut History) {
	let current = CurrentWindow::get();
	for (device, _) in Devices::<Test>::iter() {
		let is_banned = |record: crate::DeviceRecord<_>| record.status == DeviceStatus::Banned;
		if Devices::<Test>::get(device).is_none_or(is_banned) {
			continue;
		}
		for window in current - 2..=current {
			let Some(said) = Registry::at(device, window) else { continue };
			let said = DeviceView { slot: 0, first_slot: None, ..said };
			let before = history.views.entry((device, window)).or_insert_with(|| said.clone());
			assert_eq!(*before, said, "device {device} in window {window}, now {current}");
		}
		for window in current - 30..=current {
			let Some(signer) = Registry::signer(device, window) else { continue };
			let said = (signer.owner, signer.session_key);
			let before = history.signers.entry((device, window)).or_insert_with(|| said.clone());
			assert_eq!(*before, said, "signer {device} in window {window}, now {current}");
		}
	}
}

/// No two devices of an owner had one slot when the epoch began. Where places mature for longer
/// than an epoch, it is not remembered that a device was not there yet: it cannot earn then.
fn check_slots() {
	let (now, epoch) = (CurrentWindow::get(), Epoch::get());
	let mut taken = BTreeSet::new();
	for (device, _) in Devices::<Test>::iter() {
		let view = Registry::at(device, now).filter(|view| view.slot < u32::MAX);
		let Some(view) = view.filter(|view| [STORAGE, MARKET].contains(&view.network)) else {
			continue;
		};
		if let Some(slot) = view.slot_at_start(epoch) {
			let place = (view.owner, view.network, slot);
			assert!(taken.insert(place.clone()), "device {device} shares {place:?}");
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn invariants_hold_and_answers_stay_after_any_actions(
		actions in prop::collection::vec(action(), 1..80),
	) {
		ExtBuilder::default().devices(4).build_and_execute(|| {
			let mut history = History::default();
			for action in actions {
				history.note(&action);
				let _ = perform(action);
				compare(&mut history);
				check_slots();
				Registry::do_try_state().expect("the invariants hold");
			}
		});
	}
}
