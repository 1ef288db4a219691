//! Validators: sessions, keys, equivocations.

use codec::Encode;
use frame_support::{
	assert_ok,
	traits::{KeyOwnerProofSystem, PalletInfoAccess},
};
use groma_runtime::{
	AccountId, Babe, Emission, Grandpa, Historical, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeGenesisConfig, Session, SessionKeys, Stake, Validators,
};
use groma_traits::{Backing, Eras};
use pallet_validators::Event::PointsSettled;
use sp_consensus_babe::{
	BABE_ENGINE_ID, EquivocationProof,
	digests::{PreDigest, SecondaryVRFPreDigest},
	make_vrf_sign_data,
};
use sp_core::{Pair, crypto::VrfSecret};
use sp_keyring::{
	Ed25519Keyring,
	Sr25519Keyring::{self, Alice, Bob, Eve},
};
use sp_keystore::{KeystoreExt, testing::MemoryKeystore};
use sp_runtime::{Digest, DigestItem, DispatchResult, Perbill, traits::Header as _};
use sp_staking::offence::OffenceSeverity;

use crate::chain::{Chain, account, genesis_config};

const EPOCH_SLOTS: u32 = 120;

/// The development chain with four validators.
fn four_validators() -> Chain {
	Chain::of(serde_json::to_value(config_of_four()).expect("it is JSON"))
}

/// What it is founded with.
fn config_of_four() -> RuntimeGenesisConfig {
	let mut config: RuntimeGenesisConfig =
		serde_json::from_value(genesis_config(Some("development"))).expect("it is valid");
	config.session.keys = [
		(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
		(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
		(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
		(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
	]
	.map(|(sr25519, ed25519)| {
		let keys = SessionKeys {
			grandpa: ed25519.public().into(),
			babe: sr25519.public().into(),
			authority_discovery: sr25519.public().into(),
		};
		(account(sr25519), account(sr25519), keys)
	})
	.to_vec();
	config
}

/// A header that Bob sealed for a slot, different for every `number`.
fn sealed_by_bob(slot: u64, number: u32) -> groma_runtime::Header {
	let data = make_vrf_sign_data(&Babe::randomness(), slot.into(), Babe::epoch_index());
	let bob = Bob.pair();
	let digest = PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
		authority_index: bobs_index(),
		slot: slot.into(),
		vrf_signature: bob.vrf_sign(&data),
	});
	let mut header = groma_runtime::Header::new(
		number,
		Default::default(),
		Default::default(),
		Default::default(),
		Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, digest.encode())] },
	);
	let seal = bob.sign(header.hash().as_ref());
	header.digest_mut().push(DigestItem::Seal(BABE_ENGINE_ID, seal.encode()));
	header
}

fn bobs_index() -> u32 {
	let bob = Bob.public().into();
	Babe::authorities().iter().position(|(id, _)| *id == bob).expect("he validates") as u32
}

/// The validators that may not author now.
fn disabled() -> Vec<groma_runtime::AccountId> {
	let validators = Session::validators();
	let disabled = Session::disabled_validators();
	disabled.iter().map(|index| validators[*index as usize].clone()).collect()
}

#[test]
fn session_changes_with_the_babe_epoch_and_keeps_the_set() {
	let mut chain = Chain::development();
	chain.blocks(EPOCH_SLOTS + 1);
	chain.with(|| {
		assert_eq!(Session::current_index(), 1);
		assert_eq!(Session::validators(), vec![account(Alice)]);
		assert_eq!(Grandpa::current_set_id(), 0);
		assert!(Historical::historical_root(1).is_some());
	});
}

#[test]
fn author_is_disabled_and_recorded_when_it_makes_two_blocks_in_a_slot() {
	let mut chain = four_validators();
	chain.blocks(3);
	let slot = chain.now_ms() / 1_000;
	let call = chain.with(|| {
		let key_owner_proof = Historical::prove((sp_consensus_babe::KEY_TYPE, Bob.public()))
			.expect("the key is in use");
		let equivocation_proof = Box::new(EquivocationProof {
			offender: Bob.public().into(),
			slot: slot.into(),
			first_header: sealed_by_bob(slot, 2),
			second_header: sealed_by_bob(slot, 3),
		});
		pallet_babe::Call::report_equivocation { equivocation_proof, key_owner_proof }
	});
	assert_ok!(chain.submit(Alice, call));
	assert!(chain.events().iter().any(|event| matches!(
		event,
		RuntimeEvent::Offences(pallet_offences::Event::Offence { .. })
	)));
	chain.with(|| assert_eq!(disabled(), vec![account(Bob)]));
}

/// Bob's vote for a block of this hash in round 1 of set 0.
fn prevote_of_bob(
	hash: [u8; 32],
) -> (finality_grandpa::Prevote<groma_runtime::Hash, u32>, sp_consensus_grandpa::AuthoritySignature)
{
	let vote = finality_grandpa::Prevote { target_hash: hash.into(), target_number: 1 };
	let message = finality_grandpa::Message::Prevote(vote.clone());
	let payload = sp_consensus_grandpa::localized_payload(1, 0, &message);
	(vote, Ed25519Keyring::Bob.sign(&payload).into())
}

#[test]
fn voter_is_disabled_and_recorded_when_it_votes_twice_in_a_round() {
	let mut chain = four_validators();
	chain.blocks(3);
	let bob = sp_consensus_grandpa::AuthorityId::from(Ed25519Keyring::Bob.public());
	let equivocation = finality_grandpa::Equivocation {
		round_number: 1,
		identity: bob.clone(),
		first: prevote_of_bob([1; 32]),
		second: prevote_of_bob([2; 32]),
	};
	let call = chain.with(|| pallet_grandpa::Call::report_equivocation {
		equivocation_proof: Box::new(sp_consensus_grandpa::EquivocationProof::new(
			0,
			sp_consensus_grandpa::Equivocation::Prevote(equivocation),
		)),
		key_owner_proof: Historical::prove((sp_consensus_grandpa::KEY_TYPE, bob))
			.expect("the key is in use"),
	});
	assert_ok!(chain.submit(Alice, call));
	chain.with(|| assert_eq!(disabled(), vec![account(Bob)]));
}

/// A call that gives Bob new session keys, and the BABE key of them.
fn new_keys_of_bob(
	chain: &mut Chain,
) -> (pallet_session::Call<Runtime>, sp_consensus_babe::AuthorityId) {
	new_keys_of(chain, Bob)
}

/// A call that gives someone new session keys, and the BABE key of them.
fn new_keys_of(
	chain: &mut Chain,
	owner: Sr25519Keyring,
) -> (pallet_session::Call<Runtime>, sp_consensus_babe::AuthorityId) {
	chain.externalities().register_extension(KeystoreExt::new(MemoryKeystore::new()));
	chain.with(|| {
		let generated = SessionKeys::generate(&account(owner).encode(), None);
		let new = generated.keys.babe.clone();
		let (keys, proof) = (generated.keys, generated.proof.encode());
		(pallet_session::Call::set_keys { keys, proof }, new)
	})
}

#[test]
fn disabled_validator_stays_disabled_when_it_changes_its_keys() {
	let mut chain = four_validators();
	chain.block(vec![]);
	chain.with(|| {
		Session::report_offence(account(Bob), OffenceSeverity(Perbill::from_percent(50)));
		assert_eq!(disabled(), vec![account(Bob)]);
	});
	let (call, new) = new_keys_of_bob(&mut chain);
	assert_ok!(chain.submit(Bob, call));
	chain.blocks(3 * EPOCH_SLOTS);
	chain.with(|| {
		assert!(Babe::authorities().iter().any(|(id, _)| *id == new));
		assert_eq!(disabled(), vec![account(Bob)]);
	});
}

#[test]
fn members_of_the_set_keep_their_keys_however_they_ask() {
	let mut chain = four_validators();
	chain.block(vec![]);
	let filtered: DispatchResult = Err(frame_system::Error::<Runtime>::CallFiltered.into());
	let purge: RuntimeCall = pallet_session::Call::purge_keys {}.into();
	assert_eq!(chain.submit(Bob, purge.clone()), filtered);
	let batch = pallet_utility::Call::batch_all { calls: vec![purge] };
	assert_eq!(chain.submit(Bob, batch), filtered);
	let own = pallet_validators::Call::leave {};
	let refused = pallet_validators::Error::<Runtime>::IsValidator.into();
	assert_eq!(chain.submit(Bob, own), Err(refused));
	chain.blocks(3 * EPOCH_SLOTS);
	chain.with(|| assert_eq!(Session::validators().len(), 4));
}

#[test]
fn keys_can_be_held_to_account_after_they_were_changed() {
	let mut chain = four_validators();
	chain.block(vec![]);
	let (call, new) = new_keys_of_bob(&mut chain);
	let old = sp_consensus_babe::AuthorityId::from(Bob.public());
	let key_type = sp_consensus_babe::KEY_TYPE;
	let old_proof =
		chain.with(|| Historical::prove((key_type, old.clone())).expect("the key is in use"));
	assert_ok!(chain.submit(Bob, call));

	chain.blocks(2 * EPOCH_SLOTS);
	let new_proof =
		chain.with(|| Historical::prove((key_type, new.clone())).expect("the key is in use"));
	chain.blocks(EPOCH_SLOTS);
	chain.with(|| {
		let owner = Some((account(Bob), ()));
		assert_eq!(Historical::check_proof((key_type, old), old_proof), owner);
		assert_eq!(Historical::check_proof((key_type, new), new_proof), owner);
		assert_eq!(Session::validators().len(), 4);
	});
}

#[test]
fn keys_are_refused_when_their_ownership_is_not_proven() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let keys = SessionKeys {
		grandpa: Ed25519Keyring::Eve.public().into(),
		babe: Sr25519Keyring::Eve.public().into(),
		authority_discovery: Sr25519Keyring::Eve.public().into(),
	};
	let outcome = chain.submit(Bob, pallet_session::Call::set_keys { keys, proof: vec![] });
	assert_eq!(outcome, Err(pallet_session::Error::<groma_runtime::Runtime>::InvalidProof.into()));
}

#[test]
fn blocks_are_counted_after_the_session_changes_and_before_an_epoch_closes() {
	let orders = [Session::index(), Validators::index(), Emission::index()];
	assert!(orders.is_sorted(), "{orders:?}");
}

#[test]
fn validators_of_genesis_are_candidates_with_what_genesis_provisions() {
	let mut chain = four_validators();
	chain.with(|| {
		let set = Validators::set_of(0).expect("it is remembered");
		let provision = pallet_timing::GenesisProvision::get();
		assert_eq!(set.len(), 4);
		for seat in set {
			assert_eq!((seat.own, seat.total), (provision, provision));
			assert!(Validators::is_candidate(&seat.validator));
		}
	});
	chain.block(vec![]);
	chain.check();
}

#[test]
fn validator_of_genesis_earns_for_its_blocks() {
	let mut chain = Chain::development();
	let mut earned = 0;
	for _ in 0..EPOCH_SLOTS + 5 {
		chain.block(vec![]);
		for event in chain.events() {
			if let RuntimeEvent::Validators(PointsSettled { points, rewarded, .. }) = event {
				assert!(points > 0 && rewarded > 0);
				earned += rewarded;
			}
		}
	}
	assert!(earned > 0, "no epoch was closed");
	chain.check();
}

/// The chain of four validators, with eras of two sessions, and Eve, who has session keys and twice
/// what a validator of genesis has of its own.
fn with_eve() -> Chain {
	let mut config = config_of_four();
	config.timing.sessions_per_era = 2;
	let mut chain = Chain::of(serde_json::to_value(config).expect("it is JSON"));
	chain.block(vec![]);
	let (call, _) = new_keys_of(&mut chain, Eve);
	assert_ok!(chain.submit(Eve, call));
	chain.with(|| {
		let amount = 2 * pallet_timing::GenesisProvision::get();
		assert_ok!(<Stake as Backing<AccountId>>::provision(&account(Eve), amount));
	});
	chain
}

#[test]
fn candidate_with_stake_validates_from_the_next_era_on() {
	let mut chain = with_eve();
	assert_ok!(chain.submit(Eve, pallet_validators::Call::declare { displaces: None }));
	chain.blocks(EPOCH_SLOTS);
	chain.with(|| {
		assert_eq!((Validators::active(), Session::validators().len()), (0, 4));
		assert_eq!(Validators::counted(), Some(1));
	});
	chain.blocks(EPOCH_SLOTS);
	chain.with(|| {
		assert_eq!(Validators::active(), 1);
		assert!(Session::validators().contains(&account(Eve)));
		assert_eq!(Babe::authorities().len(), 5);
	});
	chain.check();
}

#[test]
fn set_stays_when_all_of_it_resign() {
	let mut chain = with_eve();
	let set = chain.with(Session::validators);
	for validator in [Alice, Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave] {
		assert_ok!(chain.submit(validator, pallet_validators::Call::resign {}));
	}
	chain.blocks(4 * EPOCH_SLOTS);
	chain.with(|| {
		assert!(Validators::active() > 0);
		assert_eq!(Session::validators(), set);
		assert_eq!(Grandpa::current_set_id(), 0);
	});
	chain.check();
}
