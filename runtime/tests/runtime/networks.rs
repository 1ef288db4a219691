//! Several networks: with places and without, of different kinds of proof, served by one machine.

use codec::Encode;
use frame_support::{BoundedVec, assert_noop, assert_ok, traits::fungible::InspectHold};
use groma_core::{
	MakerId, NetworkId, RegionId,
	money::GRM,
	payload,
	protocol::{EFFECT_DELAY_WINDOWS, FIRST_FOUNDED_NETWORK, FOUNDED_MS_MIN, WINDOWS_KEPT},
	region::{EU868, RegionPlan, US915},
	terms::{NetworkTerms, PlaceTerms, Proof, ServiceTerms},
	units::Scale,
	words::{AccountBytes, SessionKey, Signature},
};
use groma_runtime::{
	Balances, Challenges, DeviceRegistry, Emission, Networks, ProofOfCoverage, Rewards, Runtime,
	RuntimeOrigin, configs::proofs::ByKind,
};
use groma_traits::{ActiveDevices, Devices, Regions};
use pallet_device_registry::{Attestation, Error, LocationClaim, PublicKey};
use pallet_metered_service::ChannelOrder;
use pallet_networks::HoldReason;
use sp_core::{Pair, ed25519};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave};
use sp_runtime::DispatchResult;

use crate::{
	chain::{Chain, account, as_root},
	field::{LORAWAN, WINDOW_BLOCKS, cell, genesis_hash, to_window},
	services::{self, EPOCH_BLOCKS, mint, open, owed},
};

const MAKER: MakerId = 0;
type RegistryError = Error<Runtime>;

/// Terms that take nothing from network 0.
pub(crate) fn terms(place: PlaceTerms, proof: Proof) -> NetworkTerms {
	let mut terms = NetworkTerms { place, proof, ..Default::default() };
	terms.lottery.lane_share = Scale::ZERO;
	terms.supply.weight = Scale::ZERO;
	terms
}

/// Creates a network and returns its id.
fn create(terms: NetworkTerms) -> NetworkId {
	let name = b"another".to_vec().try_into().expect("it is short");
	as_root(pallet_networks::Call::create_network { name, terms });
	let ids = <Networks as groma_traits::Networks>::ids();
	*ids.last().expect("one was created")
}

fn pair(n: u8) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[n; 32])
}

fn claim(region: RegionId) -> LocationClaim {
	LocationClaim { cell: cell(0.0, 0.0), region, gain_deci_dbi: 0, elevation_m: 0 }
}

/// Registers a device of Bob with session key `n`, and with a hardware key that the maker vouches
/// for.
fn register(
	network: NetworkId,
	n: u8,
	location: Option<LocationClaim>,
	hardware: Option<&ed25519::Pair>,
) -> DispatchResult {
	let (owner, key) = (account(Bob), pair(n));
	let nonce = DeviceRegistry::onboarding_nonce(&owner);
	let (genesis, owner) = (genesis_hash(), AccountBytes(owner.into()));
	let session_key = SessionKey(key.public().0);
	let proof = key.sign(&payload::onboarding(&genesis, &owner, network, nonce));
	let attestation = hardware.map(|hardware| {
		let hardware_key = PublicKey::Ed25519(hardware.public().0);
		let about = payload::attestation(&genesis, MAKER, &hardware_key.encode());
		let admitted = payload::hardware_onboarding(&genesis, &owner, network, nonce, &session_key);
		Attestation {
			maker: MAKER,
			maker_key: PublicKey::Ed25519(maker().public().0),
			hardware_key,
			maker_signature: Signature(maker().sign(&about).0),
			hardware_signature: Signature(hardware.sign(&admitted).0),
		}
	});
	let bob = RuntimeOrigin::signed(account(Bob));
	let proof = Signature(proof.0);
	DeviceRegistry::register_device(bob, network, session_key, proof, location, attestation)
}

fn maker() -> ed25519::Pair {
	pair(200)
}

#[test]
fn machine_serves_networks_with_and_without_places_by_one_hardware_key() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let anywhere = chain.act(|| {
		let keys = vec![PublicKey::Ed25519(maker().public().0)];
		as_root(pallet_device_registry::Call::register_maker {
			name: b"maker".to_vec().try_into().expect("it is short"),
			keys: keys.try_into().expect("it is one"),
		});
		let anywhere = create(terms(PlaceTerms::Anywhere, Proof::Unproven));
		let hardware = pair(100);
		let here = Some(claim(EU868));
		assert_ok!(register(LORAWAN, 1, here, Some(&hardware)));
		let located = register(anywhere, 2, here, Some(&hardware));
		assert_eq!(located, Err(RegistryError::NetworkHasNoPlaces.into()));
		assert_ok!(register(anywhere, 2, None, Some(&hardware)));
		let again = register(anywhere, 3, None, Some(&hardware));
		assert_eq!(again, Err(RegistryError::KeyTaken.into()));
		let of_another_network = register(anywhere, 1, None, None);
		assert_eq!(of_another_network, Err(RegistryError::KeyTaken.into()));
		anywhere
	});
	let registered = chain.with(|| Challenges::window_info().index);
	chain.blocks(WINDOW_BLOCKS * 5);
	chain.with(|| {
		let counts = [LORAWAN, anywhere].map(DeviceRegistry::active_count);
		assert_eq!(counts, [1, 1], "both are counted");
		let view = |n| {
			let key = SessionKey(pair(n).public().0);
			let device = DeviceRegistry::device_by_key(key).expect("it is registered");
			DeviceRegistry::at(device, Challenges::window_info().index).expect("it is there")
		};
		assert!(view(1).place.is_some() && view(2).place.is_none());
		let since = [1, 2].map(|n| view(n).since);
		assert_eq!(since, [registered + EFFECT_DELAY_WINDOWS; 2], "neither may choose its seed");
	});
	chain.check();
}

#[test]
fn region_is_served_as_the_kind_of_proof_says() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	chain.act(|| {
		let place = PlaceTerms::default();
		let coverage = create(terms(place.clone(), NetworkTerms::default().proof));
		let unproven = create(terms(place, Proof::Unproven));
		let refused = Err(RegistryError::UnknownRegion.into());
		assert_eq!(register(coverage, 1, Some(claim(US915)), None), refused);
		let plan = RegionPlan::us915();
		as_root(pallet_proof_of_coverage::Call::set_region_plan { network: coverage, plan });
		assert_ok!(register(coverage, 1, Some(claim(US915)), None));
		assert_eq!(register(coverage, 2, Some(claim(EU868)), None), refused);

		// A network without radio has no plans, and one region.
		let plan = RegionPlan::us915();
		assert_noop!(
			ProofOfCoverage::set_region_plan(RuntimeOrigin::root(), unproven, plan),
			pallet_proof_of_coverage::Error::<Runtime>::OtherProof
		);
		assert_eq!(register(unproven, 3, Some(claim(US915)), None), refused);
		assert_ok!(register(unproven, 3, Some(claim(RegionId::default())), None));
		assert!(!ByKind::has(NetworkId::MAX, RegionId::default()), "there is no such network");
	});
	chain.blocks(2);
	chain.check();
}

#[test]
fn network_of_the_genesis_has_the_plans_of_the_genesis() {
	Chain::development().with(|| {
		assert_eq!(ProofOfCoverage::plan(LORAWAN, EU868), Some(RegionPlan::eu868()));
		assert_eq!(ProofOfCoverage::plan(LORAWAN, US915), Some(RegionPlan::us915()));
		assert_eq!(ProofOfCoverage::plan(LORAWAN + 1, EU868), None);
	});
}

#[test]
fn devices_of_a_founded_network_are_paid_by_vouchers_alone() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let market = FIRST_FOUNDED_NETWORK;
	let mut terms = terms(PlaceTerms::Anywhere, Proof::Unproven);
	terms.services = BoundedVec::truncate_from(vec![ServiceTerms::lorawan_packets()]);
	let name = b"market".to_vec().try_into().expect("it is short");
	assert_ok!(chain.submit(Dave, pallet_networks::Call::found_network { name, terms }));
	let on_hold = |chain: &mut Chain| {
		let reason = HoldReason::Founding.into();
		chain.with(|| Balances::balance_on_hold(&reason, &account(Dave)))
	};
	assert_eq!(on_hold(&mut chain), 1_000 * GRM);
	assert_eq!(chain.with(<Networks as groma_traits::Networks>::ids), [LORAWAN]);

	// No stake, no place, no challenge.
	assert_ok!(chain.act(|| register(market, 9, None, None)));
	let key = SessionKey(pair(9).public().0);
	let device = chain.with(|| DeviceRegistry::device_by_key(key)).expect("it is registered");
	chain.blocks(EPOCH_BLOCKS);
	chain.with(|| {
		let window = Challenges::window_info().index;
		let window = <Challenges as groma_traits::Windows>::window(window).expect("it runs");
		assert!(!window.draws(device, market), "it is never challenged");
	});

	mint(&mut chain, Alice, 1_000_000);
	let order = services::order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, ChannelOrder { network: market, ..order }));
	let epoch = chain.with(Emission::epoch_info).expect("the clock runs").current;
	let voucher = services::voucher(&mut chain, 0, device, 400);
	assert_ok!(chain.submit(Charlie, services::claim(0, vec![voucher])));
	assert_eq!(owed(&mut chain, device), 36 * GRM / 1_000);
	let demand = chain.with(|| Rewards::network_demand(market, epoch));
	assert_eq!((demand.credits, demand.paid), (400, 36 * GRM / 1_000));

	// It is neither old enough nor empty; what customers paid is kept for a while.
	let refused: [groma_runtime::RuntimeCall; 2] = [
		pallet_networks::Call::dissolve_network { network: market }.into(),
		pallet_rewards::Call::remove_demand { network: market, epoch }.into(),
	];
	for call in refused {
		assert!(chain.submit(Dave, call).is_err());
	}
	assert_eq!(on_hold(&mut chain), 1_000 * GRM);
	chain.check();
}

#[test]
fn founder_has_its_deposit_back_when_the_network_is_old_and_its_last_device_is_gone() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let network = FIRST_FOUNDED_NETWORK;
	let terms = terms(PlaceTerms::Anywhere, Proof::Unproven);
	let name = b"market".to_vec().try_into().expect("it is short");
	assert_ok!(chain.submit(Dave, pallet_networks::Call::found_network { name, terms }));
	assert_ok!(chain.act(|| register(network, 9, None, None)));
	let dissolve = || pallet_networks::Call::dissolve_network { network };
	let too_young = pallet_networks::Error::<Runtime>::TooYoung;
	assert_eq!(chain.submit(Dave, dissolve()), Err(too_young.into()));

	// Days without blocks count: they are days of the clock.
	let slot_ms = chain.with(pallet_timing::SlotMs::get);
	chain.halt(FOUNDED_MS_MIN / slot_ms);
	chain.blocks(2);
	let remain = pallet_networks::Error::<Runtime>::DevicesRemain;
	assert_eq!(chain.submit(Dave, dissolve()), Err(remain.into()));

	let key = SessionKey(pair(9).public().0);
	let device = chain.with(|| DeviceRegistry::device_by_key(key)).expect("it is registered");
	assert_ok!(chain.submit(Bob, pallet_device_registry::Call::retire { device }));
	let called = chain.with(|| Challenges::window_info().index);
	to_window(&mut chain, called + EFFECT_DELAY_WINDOWS + WINDOWS_KEPT + 1);
	assert_ok!(chain.submit(Dave, dissolve()));
	let reason = HoldReason::Founding.into();
	assert_eq!(chain.with(|| Balances::balance_on_hold(&reason, &account(Dave))), 0);
	assert_eq!(chain.with(|| <Networks as groma_traits::Networks>::status(network)), None);
	chain.check();
}
