//! Stories of coverage: from a registered device to GRM in its owner's account.

use frame_support::assert_ok;
use groma_core::{
	CoverageReason, DeviceId,
	api::Refusal,
	money::GRM,
	payload,
	protocol::{BUNDLE_LONGEVITY_MAX, DRAW_RESOLUTION},
	region::EU868,
	selection::{Selection, draw, is_drawn},
	statement::{Reveal, SignedObservation, Statement, StatementGroup},
	terms::NetworkTerms,
	units::Units,
	words::{Hash, Signature},
};
use groma_runtime::{
	Balances, Challenges, DeviceRegistry, Emission, ProofOfCoverage, Rewards, Runtime, RuntimeCall,
};
use pallet_challenges::{BUNDLE_PRIORITY, OWN_CALL_PRIORITY};
use serde_json::json;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Ferdie};
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

use crate::{
	chain::{Chain, account, authorized, genesis_config, signed},
	field::{
		Device, ELIGIBLE_AFTER_WINDOWS, LORAWAN, WINDOW_BLOCKS, cell, four_devices, genesis_hash,
		next_challenged, next_heard, next_window, reveal_bundle, reveals, statement_bundle,
		statements, to_window,
	},
};

/// Reward epochs of the development chain last two minutes: 120 blocks, ten windows.
pub(crate) const EPOCH_BLOCKS: u32 = 120;

/// Lives through one window with a collector that brings everything. Returns how many were
/// challenged.
pub(crate) fn live_window(chain: &mut Chain, devices: &[Device]) -> usize {
	let window = next_window(chain);
	bring(chain, devices, window)
}

/// Brings everything about devices that is due in the present window. Returns how many are
/// challenged.
pub(crate) fn bring(chain: &mut Chain, devices: &[Device], window: u32) -> usize {
	let (groups, due) =
		chain.with(|| (statements(devices, window), reveals_with_statements(devices, window - 2)));
	let challenged = groups.len();
	for call in [
		(!groups.is_empty()).then(|| statement_bundle(groups)),
		(!due.is_empty()).then(|| reveal_bundle(due)),
	]
	.into_iter()
	.flatten()
	{
		assert_ok!(chain.submit(Alice, call));
	}
	challenged
}

/// The reveals of a window about which anything was stated.
pub(crate) fn reveals_with_statements(devices: &[Device], window: u32) -> Vec<Reveal> {
	reveals(devices, window)
		.into_iter()
		.filter(|reveal| !ProofOfCoverage::witnesses(window, reveal.beaconer).is_empty())
		.collect()
}

#[test]
fn owners_are_paid_when_devices_cover_each_other() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let challenged: usize = (0..12).map(|_| live_window(&mut chain, &devices)).sum();
	assert!(
		challenged > 8,
		"an interval of two windows challenges about two of four, not {challenged}"
	);
	chain.blocks(EPOCH_BLOCKS + 1);

	for device in &devices {
		let owed = chain.with(|| Rewards::rewards_info(device.id).owed);
		assert_eq!(owed.len(), 1, "device {}", device.id);
		let (payee, amount) = owed[0].clone();
		assert_eq!(payee, account(device.owner));
		let before = chain.with(|| Balances::free_balance(&payee));
		assert_ok!(chain.submit(Ferdie, pallet_rewards::Call::claim { device: device.id }));
		chain.with(|| assert_eq!(Balances::free_balance(&payee), before + amount));
	}
	chain.check();
}

#[test]
fn bundle_is_free_when_it_brings_anything_new() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (_, groups) = next_heard(&mut chain, &devices);
	let collector = account(Alice);
	let before = chain.with(|| Balances::free_balance(&collector));
	assert_ok!(chain.submit(Alice, statement_bundle(groups.clone())));
	chain.with(|| assert_eq!(Balances::free_balance(&collector), before));

	// About a device that is not challenged, and as much that is known: nothing of it is new.
	let unknown =
		|group: &StatementGroup| StatementGroup { beaconer: DeviceId::MAX, ..group.clone() };
	let junk = [groups.iter().map(unknown).collect(), groups.clone()].concat();
	assert_ok!(chain.submit(Alice, statement_bundle(junk)));
	chain.with(|| assert!(Balances::free_balance(&collector) < before));
	chain.check();
}

#[test]
fn bundle_is_left_out_and_costs_nothing_when_another_brought_all_of_it() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (_, groups) = next_heard(&mut chain, &devices);
	assert_ok!(chain.submit(Alice, statement_bundle(groups.clone())));
	let late = chain.with(|| signed(Bob, statement_bundle(groups), 0, 0));
	let (collector, stale) = (account(Bob), InvalidTransaction::Stale);
	let before = chain.with(|| Balances::free_balance(&collector));
	assert_eq!(chain.validate(late.clone()).map(drop), Err(stale.into()));
	assert_eq!(chain.block(vec![late]), vec![Err(stale.into())]);
	chain.with(|| assert_eq!(Balances::free_balance(&collector), before));
	chain.check();
}

#[test]
fn partial_copy_costs_the_collector_that_was_copied_nothing() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (_, mut groups) = next_heard(&mut chain, &devices);
	groups.truncate(1);
	let whole = groups[0].statements.len();
	assert!(whole >= 3, "all but one are more than half");
	let mut copy = groups.clone();
	copy[0].statements.truncate(whole - 1);
	assert_ok!(chain.submit(Alice, statement_bundle(copy)));

	let copied = chain.with(|| signed(Bob, statement_bundle(groups.clone()), 0, 0));
	let (collector, stale) = (account(Bob), InvalidTransaction::Stale);
	let before = chain.with(|| Balances::free_balance(&collector));
	assert_eq!(chain.validate(copied.clone()).map(drop), Err(stale.into()));
	assert_eq!(chain.block(vec![copied]), vec![Err(stale.into())]);
	// With the same nonce, what the copy left out.
	while groups[0].statements.len() > 1 {
		groups[0].statements.remove(0);
	}
	assert_ok!(chain.submit(Bob, statement_bundle(groups)));
	chain.with(|| assert_eq!(Balances::free_balance(&collector), before));
	chain.check();
}

#[test]
fn neighbour_of_the_same_owner_gets_no_place_in_a_challenge() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (beaconer, stranger) = (&devices[0], &devices[1]);
	let sister = Device::onboard(&mut chain, beaconer.owner, 5, cell(1_000.0, 1_000.0));
	let now = chain.with(|| Challenges::window_info().index);
	to_window(&mut chain, now + ELIGIBLE_AFTER_WINDOWS);
	let (window, _, challenge) = next_challenged(&mut chain, std::slice::from_ref(beaconer));
	let beacon = chain.with(|| beaconer.beacon(window)).expect("it is challenged");
	for (witness, verdict) in
		[(&sister, Err(Refusal::NotEligible(CoverageReason::SameOwner))), (stranger, Ok(()))]
	{
		let SignedObservation { observation, signature } =
			chain.with(|| witness.state(&challenge, &beacon));
		let statement = Statement { window, beaconer: beaconer.id, observation, signature };
		let check = chain.with(|| ProofOfCoverage::check_statement(&statement)).map(drop);
		assert_eq!(check, verdict);
		let call = pallet_proof_of_coverage::Call::submit_own_statement { statement };
		let validity = chain.validate(authorized(call)).map(drop);
		let expected: Result<(), TransactionValidityError> =
			verdict.map_err(|refusal| InvalidTransaction::Custom(refusal.number()).into());
		assert_eq!(validity, expected);
	}
	chain.check();
}

#[test]
fn bundle_comes_first_only_while_something_may_come_of_it() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (_, groups) = next_heard(&mut chain, &devices);
	let about = groups[0].clone();
	let bundle = chain.with(|| signed(Alice, statement_bundle(groups), 0, 0));
	let validity = chain.validate(bundle.clone()).expect("it is valid");
	assert!(validity.priority >= BUNDLE_PRIORITY);
	assert_eq!(validity.longevity, BUNDLE_LONGEVITY_MAX);
	next_window(&mut chain);
	next_window(&mut chain);
	let stale = InvalidTransaction::Stale.into();
	assert_eq!(chain.validate(bundle).map(drop), Err(stale));
	let ordinary = frame_system::Call::remark { remark: vec![] };
	let unknown = StatementGroup { beaconer: DeviceId::MAX, ..about.clone() };
	let window = chain.with(|| Challenges::window_info().index);
	let hopeless = statement_bundle(vec![StatementGroup { window, ..unknown }]);
	for (call, tip) in [(hopeless, GRM), (RuntimeCall::from(ordinary), 0)] {
		let transaction = chain.with(|| signed(Alice, call, 0, tip));
		let validity = chain.validate(transaction).expect("it is valid");
		assert!(validity.priority < OWN_CALL_PRIORITY);
	}
}

#[test]
fn bundles_of_both_phases_rank_alike_when_no_one_tips() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, groups) = next_heard(&mut chain, &devices);
	let rank = |chain: &mut Chain, call: RuntimeCall, tip| {
		let bundle = chain.with(|| signed(Alice, call, 0, tip));
		chain.validate(bundle).expect("it is valid").priority
	};
	let twice = [groups.clone(), groups.clone()].concat();
	for call in [statement_bundle(groups.clone()), statement_bundle(twice)] {
		assert_eq!(rank(&mut chain, call.clone(), 0), BUNDLE_PRIORITY, "whatever it declares");
		assert_eq!(rank(&mut chain, call, 7), BUNDLE_PRIORITY + 7);
	}
	assert_ok!(chain.submit(Alice, statement_bundle(groups)));
	next_window(&mut chain);
	next_window(&mut chain);
	let due = chain.with(|| reveals_with_statements(&devices, window));
	assert!(!due.is_empty(), "what was stated can be revealed");
	assert_eq!(rank(&mut chain, reveal_bundle(due), 0), BUNDLE_PRIORITY);
	chain.check();
}

#[test]
fn device_brings_its_own_report_when_it_has_no_account() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, groups) = next_heard(&mut chain, &devices);
	let beaconer = groups[0].beaconer;
	let statement = groups[0].statement(&groups[0].statements[0]);
	let call: RuntimeCall =
		pallet_proof_of_coverage::Call::submit_own_statement { statement }.into();
	let transaction = authorized(call);
	assert_ok!(chain.validate(transaction.clone()));
	assert_ok!(chain.include(transaction.clone()));
	assert!(chain.validate(transaction).is_err(), "it is known by now");

	next_window(&mut chain);
	next_window(&mut chain);
	let reveal = chain
		.with(|| reveals(&devices, window))
		.into_iter()
		.find(|reveal| reveal.beaconer == beaconer)
		.expect("the device beaconed");
	let call: RuntimeCall = pallet_proof_of_coverage::Call::submit_own_reveal { reveal }.into();
	assert_ok!(chain.include(authorized(call)));
	chain.with(|| {
		let activity = ProofOfCoverage::activity_info(beaconer).expect("it took part");
		assert_eq!(activity.last_heard, Some(window));
		assert!(activity.units > Units::ZERO);
	});
	chain.check();
}

#[test]
fn device_is_banned_when_it_signs_two_beacons_for_one_challenge() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, cheat, challenge) = next_challenged(&mut chain, &devices);
	let before = chain.with(|| Balances::free_balance(account(Ferdie)));
	let call = pallet_proof_of_coverage::Call::report_double_beacon {
		window,
		device: cheat.id,
		signature_a: chain.with(|| cheat.beacon(window)).expect("it is challenged"),
		signature_b: second_beacon(&cheat.seed, &challenge),
	};
	assert_ok!(chain.submit(Ferdie, call));
	chain.with(|| {
		let info = DeviceRegistry::device_info(cheat.id).expect("it is remembered");
		assert_eq!(info.status, groma_core::api::DeviceStatus::Banned);
		// A proof costs nothing, and earns 5 % of the stake of one device.
		assert_eq!(Balances::free_balance(account(Ferdie)), before + 5 * GRM / 2);
	});
	chain.check();
}

#[test]
fn second_report_of_two_beacons_is_left_out_and_costs_nothing() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (window, cheat, challenge) = next_challenged(&mut chain, &devices);
	let (signature_a, signature_b) =
		chain.with(|| (cheat.beacon(window), second_beacon(&cheat.seed, &challenge)));
	let report = pallet_proof_of_coverage::Call::<Runtime>::report_double_beacon {
		window,
		device: cheat.id,
		signature_a: signature_a.expect("it is challenged"),
		signature_b,
	};
	// Both wait in the pool.
	let [first, second] =
		[Ferdie, Bob].map(|reporter| chain.with(|| signed(reporter, report.clone(), 0, 0)));
	assert!(chain.validate(second.clone()).is_ok());
	let before = chain.with(|| Balances::free_balance(account(Bob)));
	assert_ok!(chain.include(first));
	let stale = InvalidTransaction::Stale;
	assert_eq!(chain.validate(second.clone()).map(drop), Err(stale.into()));
	assert_eq!(chain.block(vec![second]), vec![Err(stale.into())]);
	assert_eq!(chain.with(|| Balances::free_balance(account(Bob))), before);
	chain.check();
}

#[test]
fn device_that_works_its_challenge_and_its_draw_out_gets_what_the_chain_says() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let mut challenged = [0; 2];
	for _ in 0..20 {
		let index = next_window(&mut chain);
		chain.with(|| {
			let window = Challenges::window_info();
			assert_eq!(window.index, index);
			let plan = ProofOfCoverage::plan(LORAWAN, EU868).expect("the network has it");
			for device in &devices {
				let said = ProofOfCoverage::challenge_info(device.id, index);
				let is_challenged = window.challenges(device.id, LORAWAN);
				assert_eq!(said.is_some(), is_challenged, "device {} in {index}", device.id);
				challenged[usize::from(is_challenged)] += 1;
				let Some(said) = said else { continue };
				let slot = Selection::new(&window.seed, device.id)
					.beacon_slot(&plan, window.duration_ms)
					.expect("the plan has channels");
				let id = payload::challenge_id(&genesis_hash(), &window.seed, device.id);
				assert_eq!(
					(said.id, said.frequency_hz, said.data_rate, said.offset_ms),
					(id, slot.frequency_hz, slot.data_rate, slot.offset_ms)
				);
			}
		});
	}
	assert!(challenged.iter().all(|count| *count > 10), "{challenged:?}");
	chain.with(|| {
		let window = Challenges::window_info();
		let place = cell(0.0, 0.0).parent(DRAW_RESOLUTION).expect("a coarser cell");
		let members = ProofOfCoverage::cell_info(LORAWAN, place).members;
		for (beaconer, witness) in [(0, 1), (1, 2), (2, 3), (3, 0)] {
			let (beaconer, witness) = (devices[beaconer].id, devices[witness].id);
			let said = ProofOfCoverage::is_witness_drawn(window.index, beaconer, witness);
			assert_eq!(is_drawn(draw(&window.seed, beaconer, witness), members), said);
		}
	});
	chain.check();
}

/// Another valid signature of the same key: ed25519 as written, but with a nonce of the signer's
/// choice.
pub(crate) fn second_beacon(seed: &[u8; 32], challenge: &Hash) -> Signature {
	use curve25519_dalek::{Scalar, edwards::EdwardsPoint};
	use sha2::{Digest, Sha512};
	let message = payload::beacon(challenge);
	let mut secret = [0; 32];
	secret.copy_from_slice(&Sha512::digest(seed)[..32]);
	let secret = Scalar::from_bytes_mod_order(curve25519_dalek::scalar::clamp_integer(secret));
	let key = EdwardsPoint::mul_base(&secret).compress();
	let nonce = Scalar::from(4u8);
	let commitment = EdwardsPoint::mul_base(&nonce).compress();
	let hash = Sha512::new()
		.chain_update(commitment.as_bytes())
		.chain_update(key.as_bytes())
		.chain_update(&message)
		.finalize();
	let response = nonce + Scalar::from_bytes_mod_order_wide(&hash.into()) * secret;
	let mut signature = [0; 64];
	signature[..32].copy_from_slice(commitment.as_bytes());
	signature[32..].copy_from_slice(response.as_bytes());
	Signature(signature)
}

#[test]
fn coverage_gets_through_when_tipped_transactions_fill_the_block() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let (_, groups) = next_heard(&mut chain, &devices);
	let (mut crowd, bundle) = chain.with(|| {
		let tip = 10 * groma_core::money::GRM;
		let megabyte: RuntimeCall = frame_system::Call::remark { remark: vec![1; 1 << 20] }.into();
		let crowd: Vec<_> =
			(0..6).map(|ahead| signed(Ferdie, megabyte.clone(), ahead, tip)).collect();
		(crowd, signed(Alice, statement_bundle(groups), 0, 0))
	});
	let priority = |validity: sp_runtime::transaction_validity::TransactionValidity| {
		validity.expect("it is valid").priority
	};
	let tipped = priority(chain.validate(crowd[0].clone()));
	assert!(priority(chain.validate(bundle.clone())) > tipped);

	crowd.push(bundle);
	let outcomes = chain.block(crowd);
	let (bundle, crowd) = outcomes.split_last().expect("there are outcomes");
	assert!(bundle.is_ok(), "the lane is free: {bundle:?}");
	assert!(crowd[0].is_ok() && crowd[5].is_err(), "transactions fill their share and no more");
	chain.check();
}

#[test]
fn emission_of_a_halt_belongs_to_no_one_and_coverage_goes_on() {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	(0..6).for_each(|_| {
		live_window(&mut chain, &devices);
	});
	let before = chain.with(|| Emission::epoch_info().expect("the clock runs"));
	chain.halt(86_400);
	chain.blocks(2);
	let after = chain.with(|| Emission::epoch_info().expect("the clock runs"));
	assert!(after.current >= before.current + 86_400 / EPOCH_BLOCKS);
	assert_eq!(u64::from(after.current), chain.now_ms() / after.duration_ms);
	assert_eq!(after.last_closed, Some(after.current - 1));
	assert!(after.unminted > before.unminted);

	let challenged: usize = (0..8).map(|_| live_window(&mut chain, &devices)).sum();
	assert!(challenged > 0);
	chain.blocks(WINDOW_BLOCKS);
	chain.with(|| {
		let earned = devices
			.iter()
			.filter(|device| {
				ProofOfCoverage::activity_info(device.id)
					.is_some_and(|activity| activity.epoch >= after.current)
			})
			.count();
		assert!(earned > 0, "no device earned after the halt");
	});
	chain.check();
}

#[test]
fn window_challenges_as_many_devices_as_the_lane_has_room_for() {
	let mut config = genesis_config(None);
	let lorawan = json!({ "name": "lorawan", "terms": NetworkTerms::default() });
	config["networks"]["networks"] = json!([lorawan]);
	let challenges = Chain::of(config).with(|| Challenges::challenges_max(LORAWAN));
	assert!(challenges.is_some_and(|most| (19_000..=21_000).contains(&most)), "{challenges:?}");
}

#[test]
fn lane_and_the_rest_share_one_block() {
	Chain::development().with(|| {
		use pallet_challenges::{EvidenceLane, Track};
		let lane = EvidenceLane::<Runtime>::limit(Track::Evidence);
		let rest = EvidenceLane::<Runtime>::limit(Track::Other);
		let normal =
			groma_runtime::constants::NORMAL_RATIO * groma_runtime::constants::BLOCK_COMPUTE;
		assert!(lane.ref_time + rest.ref_time <= normal.ref_time());
		assert!(lane.length + rest.length <= groma_runtime::constants::BLOCK_BYTES);
	});
}
