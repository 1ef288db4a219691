//! Ways to escape what a double beacon costs, none of which helps the owner of a device. Stories of
//! stake have one more: thawing and retiring.

use frame_support::{
	assert_noop, assert_ok,
	traits::{
		LockableCurrency, WithdrawReasons,
		fungible::{Inspect, InspectHold},
	},
};
use groma_core::{
	DeviceId, WindowIndex,
	money::{Balance, GRM},
	payload,
	protocol::{EFFECT_DELAY_WINDOWS, MEMORY_WINDOWS, WINDOWS_KEPT},
	words::{AccountBytes, SessionKey, Signature},
};
use groma_runtime::{
	Balances, Challenges, ProofOfCoverage, Runtime, RuntimeCall, RuntimeOrigin, System,
};
use pallet_device_registry::Error as RegistryError;
use pallet_proof_of_coverage::Error as CoverageError;
use pallet_stake::{Call as StakeCall, Error, HoldReason, Purpose};
use sp_core::{Pair, ed25519};
use sp_keyring::Sr25519Keyring::{self, Alice, Charlie, Ferdie};
use sp_runtime::DispatchOutcome;

use crate::{
	chain::{Chain, account},
	coverage::second_beacon,
	field::{LORAWAN, four_devices, genesis_hash, next_challenged, to_window},
	routes::accept_transfer,
};

/// What the network asks for behind a device.
const PER_DEVICE: Balance = 50 * GRM;
/// Windows after which a change of a device is part of its record, and the former holder is
/// remembered apart from it.
const FOLDED: WindowIndex = EFFECT_DELAY_WINDOWS + MEMORY_WINDOWS + 1;

/// A device that signed two beacons for one challenge, and whose it was.
struct Cheat {
	owner: Sr25519Keyring,
	device: DeviceId,
	window: WindowIndex,
	signatures: [Signature; 2],
	/// What was on hold of the owner then.
	held: Balance,
}

fn held(chain: &mut Chain, owner: Sr25519Keyring) -> Balance {
	chain.with(|| Balances::balance_on_hold(&HoldReason::Devices.into(), &account(owner)))
}

/// A chain on which one of four devices has just cheated.
fn cheated() -> (Chain, Cheat) {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, cheat, challenge) = next_challenged(&mut chain, &devices);
	let first = chain.with(|| cheat.beacon(window)).expect("it is challenged");
	let signatures = [first, second_beacon(&cheat.seed, &challenge)];
	let held = held(&mut chain, cheat.owner);
	let cheat = Cheat { owner: cheat.owner, device: cheat.id, window, signatures, held };
	(chain, cheat)
}

fn report(chain: &mut Chain, cheat: &Cheat) -> DispatchOutcome {
	let [signature_a, signature_b] = cheat.signatures;
	let Cheat { window, device, .. } = *cheat;
	let report = pallet_proof_of_coverage::Call::report_double_beacon {
		window,
		device,
		signature_a,
		signature_b,
	};
	chain.submit(Alice, report)
}

/// The report costs the owner of then the stake of one device.
fn expect_full_slash(chain: &mut Chain, cheat: &Cheat) {
	assert_ok!(report(chain, cheat));
	assert_eq!(held(chain, cheat.owner), cheat.held - PER_DEVICE);
	chain.check();
}

/// A change of the device's key, to that of this name.
fn rotation(chain: &mut Chain, cheat: &Cheat, name: u8) -> RuntimeCall {
	let (device, authorization) = (cheat.device, None);
	let key = ed25519::Pair::from_seed(&[name; 32]);
	let session_key = SessionKey(key.public().0);
	let owner = AccountBytes(account(cheat.owner).into());
	let message = chain.with(|| payload::rotation(&genesis_hash(), device, &owner, &session_key));
	let proof = Signature(key.sign(&message).0);
	pallet_device_registry::Call::rotate_session_key { device, session_key, proof, authorization }
		.into()
}

/// Makes blocks until what changes now is part of the record.
fn fold(chain: &mut Chain) {
	let now = chain.with(|| Challenges::window_info().index);
	to_window(chain, now + FOLDED);
}

#[test]
fn former_owner_pays_when_the_device_was_transferred() {
	let (mut chain, cheat) = cheated();
	let of_next = held(&mut chain, Ferdie);
	let (device, next_owner) = (cheat.device, Some(account(Ferdie)));
	let offer = pallet_device_registry::Call::offer_transfer { device, next_owner };
	assert_ok!(chain.submit(cheat.owner, offer));
	accept_transfer(&mut chain, Ferdie, device);
	fold(&mut chain);
	expect_full_slash(&mut chain, &cheat);
	assert_eq!(held(&mut chain, Ferdie), of_next);
}

#[test]
fn owner_pays_after_one_and_two_rotations_and_a_third_is_refused() {
	for rotations in [1, 2] {
		let (mut chain, cheat) = cheated();
		for name in 0..rotations {
			let call = rotation(&mut chain, &cheat, 90 + name);
			assert_ok!(chain.submit(cheat.owner, call));
			fold(&mut chain);
		}
		if rotations == 2 {
			let third = rotation(&mut chain, &cheat, 99);
			let refused = RegistryError::<Runtime>::HoldersRemembered.into();
			assert_eq!(chain.submit(cheat.owner, third), Err(refused));
		}
		expect_full_slash(&mut chain, &cheat);
	}
}

#[test]
fn owner_pays_when_a_lock_is_on_its_whole_balance_and_the_rest_is_sent_away() {
	let (mut chain, cheat) = cheated();
	let to = if cheat.owner == Charlie { Ferdie } else { Charlie };
	let dest = account(to).into();
	let away: RuntimeCall = pallet_balances::Call::transfer_all { dest, keep_alive: false }.into();
	assert_ok!(chain.submit(cheat.owner, away));
	chain.with(|| {
		let owner = account(cheat.owner);
		let all = Balances::total_balance(&owner);
		Balances::set_lock(*b"a story!", &owner, all, WithdrawReasons::all());
	});
	expect_full_slash(&mut chain, &cheat);
}

fn is_next_the_last_of_its_window() -> bool {
	let window = Challenges::window_info();
	System::block_number() + 2 >= window.first_block + window.blocks
}

#[test]
fn owner_pays_when_the_report_comes_in_the_last_block_of_the_evidence() {
	let (mut chain, cheat) = cheated();
	let (purpose, amount) = (Purpose::Devices(LORAWAN), cheat.held);
	let thaw = StakeCall::<Runtime>::thaw { purpose, amount };
	assert_ok!(chain.submit(cheat.owner, thaw));
	let last = cheat.window + WINDOWS_KEPT - 1;
	to_window(&mut chain, last);
	let withdraw = StakeCall::<Runtime>::withdraw { purpose };
	let refused = Error::<Runtime>::NothingDue.into();
	assert_eq!(chain.submit(cheat.owner, withdraw), Err(refused));
	while !chain.with(is_next_the_last_of_its_window) {
		chain.block(vec![]);
	}
	expect_full_slash(&mut chain, &cheat);
	assert_eq!(chain.with(|| Challenges::window_info().index), last);
	// A block later the window is forgotten. No block takes the call, since the key is banned.
	chain.block(vec![]);
	chain.with(|| {
		assert_eq!(Challenges::window_info().index, last + 1);
		let Cheat { window, device, signatures: [a, b], .. } = cheat;
		let reporter = RuntimeOrigin::signed(account(Alice));
		assert_noop!(
			ProofOfCoverage::report_double_beacon(reporter, window, device, a, b),
			CoverageError::<Runtime>::WindowForgotten
		);
	});
}
