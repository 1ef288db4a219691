//! State that does not decode: what it concerns stands still, the rest goes on, and nothing of it
//! is overwritten.

use codec::Encode;
use frame_support::{
	assert_ok,
	storage::{storage_prefix, unhashed},
};
use groma_core::money::{Balance, GRM, SUPPLY_MAX};
use groma_runtime::{
	AccountId, Balances, Block, Challenges, Emission, Rewards, Runtime, RuntimeEvent,
};
use groma_runtime_api::{
	UnreadableInfo, runtime_decl_for_credits_api::CreditsApi, runtime_decl_for_state_api::StateApi,
};
use pallet_stake::Call as StakeCall;
use sp_io::hashing::{blake2_128, twox_64, twox_128};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};

use crate::{
	chain::{Chain, account},
	field::{
		Device, LORAWAN, four_devices, next_heard, next_window, reveal_bundle, reveals,
		statement_bundle, to_window,
	},
	offences::report_bob,
	sessions::four_validators,
};

/// Blocks of two reward epochs and some more: enough for every clock to move, were it not stopped.
const TWO_EPOCHS: u32 = 260;

/// The first key of a storage item that has a value.
fn key_of(pallet: &str, item: &str) -> Vec<u8> {
	let prefix = [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat();
	if unhashed::get_raw(&prefix).is_some() {
		return prefix;
	}
	let key = sp_io::storage::next_key(&prefix).expect("something follows");
	assert!(key.starts_with(&prefix), "{pallet}.{item} has no entry");
	key
}

/// What must never fall or begin again.
#[derive(Clone, Copy, Debug)]
struct Progress {
	window: u32,
	epoch: Option<u32>,
	issuance: Balance,
}

impl Progress {
	fn of(chain: &mut Chain) -> Self {
		chain.with(|| Self {
			window: Challenges::window_info().index,
			epoch: Emission::epoch_info().map(|info| info.current),
			issuance: Balances::total_issuance(),
		})
	}

	/// Checks that nothing fell since.
	fn expect_no_less(self, later: Self) {
		assert!(later.window >= self.window, "{self:?} {later:?}");
		if let (Some(epoch), Some(later)) = (self.epoch, later.epoch) {
			assert!(later >= epoch, "the epoch {epoch} became {later}");
		}
		assert!(later.issuance <= SUPPLY_MAX);
	}
}

/// A chain whose devices earned something that is not folded yet.
fn working_chain() -> (Chain, Vec<Device>) {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, groups) = next_heard(&mut chain, &devices);
	assert_ok!(chain.submit(Alice, statement_bundle(groups)));
	to_window(&mut chain, window + 2);
	let due = chain.with(|| reveals(&devices, window));
	assert_ok!(chain.submit(Alice, reveal_bundle(due)));
	(chain, devices)
}

/// Writes one byte to a key, lets two epochs pass with transfers, and checks that the byte is what
/// is there and that nothing fell; then mends it, and checks that all goes on. `during` looks at
/// the chain before it is mended.
fn damage(pallet: &str, item: &str, during: impl FnOnce(&mut Chain)) -> (Chain, Vec<Device>) {
	let (mut chain, devices) = working_chain();
	let before = Progress::of(&mut chain);
	let (key, good) = chain.with(|| {
		let key = key_of(pallet, item);
		let good = unhashed::get_raw(&key).expect("it is there");
		unhashed::put_raw(&key, &[7]);
		(key, good)
	});
	for _ in 0..TWO_EPOCHS / 10 {
		let call =
			pallet_balances::Call::transfer_keep_alive { dest: account(Bob).into(), value: GRM };
		assert_ok!(chain.submit(Charlie, call));
		chain.blocks(9);
	}
	assert_eq!(chain.with(|| unhashed::get_raw(&key)), Some(vec![7]), "it was overwritten");
	before.expect_no_less(Progress::of(&mut chain));
	during(&mut chain);
	chain.with(|| unhashed::put_raw(&key, &good));
	chain.blocks(TWO_EPOCHS);
	let after = Progress::of(&mut chain);
	before.expect_no_less(after);
	assert!(after.window > before.window && after.epoch > before.epoch, "{before:?} {after:?}");
	(chain, devices)
}

fn unreadable(chain: &mut Chain) -> UnreadableInfo {
	chain.with(<Runtime as StateApi<Block>>::unreadable)
}

fn has_event(chain: &mut Chain, event: impl Fn(&RuntimeEvent) -> bool) -> bool {
	chain.events().iter().any(event)
}

/// Writes one byte to the first key of an item, and checks what is answered meanwhile.
fn expect_named(chain: &mut Chain, pallet: &str, item: &str, expected: &UnreadableInfo) {
	let key = chain.with(|| key_of(pallet, item));
	expect_named_under(chain, &key, expected);
}

/// Writes one byte to a key, whether anything is there or not, and checks what is answered
/// meanwhile.
fn expect_named_under(chain: &mut Chain, key: &[u8], expected: &UnreadableInfo) {
	let good = chain.with(|| {
		let good = unhashed::get_raw(key);
		unhashed::put_raw(key, &[7]);
		good
	});
	assert_eq!(&unreadable(chain), expected);
	chain.with(|| match good {
		Some(good) => unhashed::put_raw(key, &good),
		None => unhashed::kill(key),
	});
}

#[test]
fn windows_go_on_from_where_they_were_when_their_clock_is_damaged() {
	let (mut chain, _) = damage("Challenges", "CurrentWindow", |chain| {
		let window_clock = true;
		assert_eq!(unreadable(chain), UnreadableInfo { window_clock, ..Default::default() });
		assert!(has_event(chain, |event| matches!(
			event,
			RuntimeEvent::Challenges(pallet_challenges::Event::WindowClockUnreadable)
		)));
	});
	assert_eq!(unreadable(&mut chain), UnreadableInfo::default());
	next_window(&mut chain);
	chain.check();
}

#[test]
fn epochs_stop_when_their_clock_or_the_books_are_damaged() {
	for item in ["Clock", "Books", "Burned"] {
		let (mut chain, devices) = damage("Emission", item, |chain| {
			assert_eq!(unreadable(chain), UnreadableInfo { epochs: true, ..Default::default() });
			assert!(has_event(chain, |event| matches!(
				event,
				RuntimeEvent::Emission(pallet_emission::Event::EpochsStopped)
			)));
			assert_eq!(chain.with(Emission::epoch_info), None);
		});
		let owed = |device: &Device| chain.with(|| Rewards::rewards_info(device.id).owed);
		assert!(devices.iter().map(owed).any(|owed| !owed.is_empty()), "work was lost");
	}
}

#[test]
fn damage_of_eras_and_of_what_is_delegated_is_named() {
	let none = UnreadableInfo::default;
	let mut chain = Chain::development();
	chain.blocks(3);
	for (item, expected) in [
		("Clock", UnreadableInfo { eras: true, ..none() }),
		("Candidates", UnreadableInfo { candidates: true, ..none() }),
		("Elected", UnreadableInfo { sets: vec![0], ..none() }),
		("Workers", UnreadableInfo { points: true, ..none() }),
	] {
		expect_named(&mut chain, "Validators", item, &expected);
	}
	// No one has delegated yet, so there are no sums.
	let key = storage_prefix(b"Stake", b"DelegatedSums");
	expect_named_under(&mut chain, &key, &UnreadableInfo { delegated: true, ..none() });
	assert_eq!(unreadable(&mut chain), none());
	chain.check();
}

#[test]
fn damage_of_offences_and_of_the_history_of_keys_is_named() {
	let none = UnreadableInfo::default;
	let mut chain = four_validators();
	chain.blocks(3);
	chain.with(|| report_bob(0)).expect("he is in the set");
	for (item, expected) in [
		("EraStarts", UnreadableInfo { starts: vec![0], ..none() }),
		("Works", UnreadableInfo { works: 1, ..none() }),
		("KeysInUse", UnreadableInfo { key_history: true, ..none() }),
		("KeyUses", UnreadableInfo { key_uses: 1, ..none() }),
		("Offences", UnreadableInfo { offences: 1, ..none() }),
		("OffenderCounts", UnreadableInfo { offender_counts: vec![0], ..none() }),
		("SlashesEnds", UnreadableInfo { slash_queue: true, ..none() }),
		("Slashes", UnreadableInfo { slashes: 1, ..none() }),
		("Barred", UnreadableInfo { barred: true, ..none() }),
	] {
		expect_named(&mut chain, "Validators", item, &expected);
	}
	// No key was given up, and no offence forgotten.
	let place = 0u64.encode();
	let prefix = storage_prefix(b"Validators", b"RetiredKeys");
	let retired = [&prefix[..], &twox_64(&place)[..], &place[..]].concat();
	for (key, expected) in [
		(retired, UnreadableInfo { key_uses: 1, ..none() }),
		(
			storage_prefix(b"Validators", b"RetiredEnds").to_vec(),
			UnreadableInfo { key_history: true, ..none() },
		),
		(
			storage_prefix(b"Validators", b"SweptOffences").to_vec(),
			UnreadableInfo { sweep: true, ..none() },
		),
	] {
		expect_named_under(&mut chain, &key, &expected);
	}
	assert_eq!(unreadable(&mut chain), none());
}

#[test]
fn damage_of_provisions_operators_and_delegations_is_named() {
	let none = UnreadableInfo::default;
	let mut chain = Chain::development();
	chain.blocks(3);
	let operator = account(Alice);
	assert_ok!(chain.submit(Alice, StakeCall::<Runtime>::set_open { is_open: true }));
	let delegate = StakeCall::<Runtime>::delegate { operator: operator.clone(), amount: 100 * GRM };
	assert_ok!(chain.submit(Bob, delegate));
	let undelegate =
		StakeCall::<Runtime>::undelegate { operator: operator.clone(), amount: Some(50 * GRM) };
	assert_ok!(chain.submit(Bob, undelegate));
	for (item, expected) in [
		("Provisions", UnreadableInfo { provisions: 1, ..none() }),
		("Operators", UnreadableInfo { operators: 1, ..none() }),
		("Delegations", UnreadableInfo { delegations: 1, ..none() }),
		("Tranches", UnreadableInfo { tranches: 1, ..none() }),
	] {
		expect_named(&mut chain, "Stake", item, &expected);
	}
	// No pool lost all.
	let (operator, number) = (operator.encode(), 0u32.encode());
	let prefix = storage_prefix(b"Stake", b"Generations");
	let of_operator = [&blake2_128(&operator)[..], &operator[..]].concat();
	let key = [&prefix[..], &of_operator[..], &twox_64(&number)[..], &number[..]].concat();
	expect_named_under(&mut chain, &key, &UnreadableInfo { generations: 1, ..none() });
	assert_eq!(unreadable(&mut chain), none());
	chain.check();
}

#[test]
fn damage_of_the_meter_of_the_treasury_is_named() {
	let mut chain = Chain::development();
	chain.blocks(3);
	let outflow = true;
	let expected = UnreadableInfo { outflow, ..Default::default() };
	expect_named(&mut chain, "TreasuryOutflow", "Days", &expected);
	assert_eq!(unreadable(&mut chain), UnreadableInfo::default());
	chain.check();
}

#[test]
fn era_of_damaged_clock_goes_on_from_where_it_was() {
	let (mut chain, _) = damage("Validators", "Clock", |chain| {
		assert_eq!(unreadable(chain), UnreadableInfo { eras: true, ..Default::default() });
	});
	assert_eq!(unreadable(&mut chain), UnreadableInfo::default());
	chain.check();
}

#[test]
fn network_stops_and_its_units_wait_when_its_record_is_damaged() {
	let (mut chain, devices) = damage("Networks", "Networks", |chain| {
		let networks = vec![LORAWAN];
		assert_eq!(unreadable(chain), UnreadableInfo { networks, ..Default::default() });
		assert!(chain.with(|| Challenges::window_info().thresholds.is_empty()));
		assert!(chain.with(Emission::epoch_info).is_some_and(|info| info.last_closed.is_some()));
	});
	let owed = |device: &Device| chain.with(|| Rewards::rewards_info(device.id).owed);
	assert!(devices.iter().map(owed).any(|owed| !owed.is_empty()), "work was lost");
	chain.check();
}

#[test]
fn evidence_goes_on_when_the_sum_of_stake_is_damaged() {
	let (mut chain, _) = damage("Stake", "Totals", |chain| {
		let stake = vec![LORAWAN];
		assert_eq!(unreadable(chain), UnreadableInfo { stake, ..Default::default() });
		let drawn = chain.with(|| Challenges::window_info().thresholds);
		assert!(!drawn.is_empty(), "no one is challenged");
	});
	assert_eq!(unreadable(&mut chain), UnreadableInfo::default());
	chain.check();
}

#[test]
fn devices_of_a_page_stop_when_it_is_damaged() {
	for (pallet, item) in [("DeviceRegistry", "DevicePages"), ("ProofOfCoverage", "ActivityPages")]
	{
		let (mut chain, _) = damage(pallet, item, |chain| {
			assert_eq!(unreadable(chain), UnreadableInfo::default());
		});
		chain.check();
	}
}

#[test]
fn counters_are_not_begun_again_when_they_are_damaged() {
	for (pallet, item, networks) in [
		("DeviceRegistry", "FoldCursor", vec![]),
		("DeviceRegistry", "ActiveCounts", vec![LORAWAN]),
		("Collector", "LastIndex", vec![]),
		("Collector", "Collectors", vec![]),
	] {
		let (mut chain, _) = damage(pallet, item, |chain| {
			let is_counted = networks.is_empty();
			assert_eq!(unreadable(chain), UnreadableInfo { networks, ..Default::default() });
			let drawn = chain.with(|| Challenges::window_info().thresholds);
			assert_eq!(drawn.iter().any(|entry| entry.network == LORAWAN), is_counted);
		});
		chain.check();
	}
}

#[test]
fn no_supply_is_answered_when_the_books_of_credits_are_damaged() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	chain.with(|| {
		let supply = <Runtime as CreditsApi<Block, AccountId>>::supply;
		assert!(supply().is_some());
		unhashed::put_raw(&[twox_128(b"DataCredits"), twox_128(b"Books")].concat(), &[7]);
		assert_eq!(supply(), None);
	});
}
