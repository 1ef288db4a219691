//! Validators: sessions, keys, equivocations.

use codec::Encode;
use frame_support::{assert_ok, traits::PalletInfoAccess};
use groma_runtime::{
	AccountId, Babe, Block, Emission, Grandpa, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeGenesisConfig, RuntimeOrigin, Session, SessionKeys, Stake, Validators,
};
use groma_traits::{Backing, Eras};
use pallet_stake::Event::OperatorSlashed;
use pallet_validators::{
	Event::{OffenceReported, PointsSettled},
	KeyProof,
};
use sp_consensus_babe::{
	BABE_ENGINE_ID, EquivocationProof,
	digests::{PreDigest, SecondaryVRFPreDigest},
	make_vrf_sign_data,
	runtime_decl_for_babe_api::BabeApi,
};
use sp_consensus_grandpa::runtime_decl_for_grandpa_api::GrandpaApi;
use sp_core::{Pair, crypto::VrfSecret};
use sp_keyring::{
	Ed25519Keyring,
	Sr25519Keyring::{self, Alice, Bob, Eve},
};
use sp_keystore::{KeystoreExt, testing::MemoryKeystore};
use sp_runtime::{
	Digest, DigestItem, DispatchError, DispatchResult, Perbill,
	traits::{Dispatchable, Header as _},
};

use crate::chain::{Chain, account, genesis_config};

const EPOCH_SLOTS: u32 = 120;

/// The development chain with four validators.
pub(crate) fn four_validators() -> Chain {
	Chain::of(serde_json::to_value(config_of_four()).expect("it is JSON"))
}

/// What it is founded with.
pub(crate) fn config_of_four() -> RuntimeGenesisConfig {
	let mut config: RuntimeGenesisConfig =
		serde_json::from_value(genesis_config(Some("development"))).expect("it is valid");
	config.session.keys = [
		(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
		(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
		(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
		(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
	]
	.map(validator_of_genesis)
	.to_vec();
	config
}

/// A validator of genesis: its account, its name as a validator, and its keys.
pub(crate) fn validator_of_genesis(
	(sr25519, ed25519): (Sr25519Keyring, Ed25519Keyring),
) -> (AccountId, AccountId, SessionKeys) {
	let keys = SessionKeys {
		grandpa: ed25519.public().into(),
		babe: sr25519.public().into(),
		authority_discovery: sr25519.public().into(),
	};
	(account(sr25519), account(sr25519), keys)
}

/// A header that Bob sealed for a slot, different for every `number`.
pub(crate) fn sealed_by_bob(slot: u64, number: u32) -> groma_runtime::Header {
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
	});
}

/// The proof of whose Bob's first key for blocks is, as a node finds it in the present state.
pub(crate) fn proof_of_author(slot: u64) -> Option<KeyProof> {
	let key = Bob.public().into();
	<Runtime as BabeApi<Block>>::generate_key_ownership_proof(slot.into(), key)?.decode()
}

/// BABE's client asks in the state of the parent first. At the beginning of a session that is the
/// state before, which does not know which epochs are skipped.
#[test]
fn no_author_is_proven_for_a_slot_whose_session_has_not_begun() {
	let mut chain = four_validators();
	chain.blocks(3);
	let slot = chain.now_ms() / 1_000;
	chain.with(|| {
		assert_eq!(proof_of_author(slot), Some(KeyProof { first: 0, session: 0 }));
		for epochs in 1..4 {
			let later = slot + epochs * u64::from(EPOCH_SLOTS);
			assert_eq!(proof_of_author(later), None, "{epochs} epochs later");
		}
	});
}

/// The proof of whose Bob's first key for votes is.
pub(crate) fn proof_of_voter(set: u64) -> Option<KeyProof> {
	let key = Ed25519Keyring::Bob.public().into();
	<Runtime as GrandpaApi<Block>>::generate_key_ownership_proof(set, key)?.decode()
}

/// A report that Bob made two blocks in a slot.
pub(crate) fn two_blocks_of_bob(
	headers: [groma_runtime::Header; 2],
	slot: u64,
	key_owner_proof: KeyProof,
) -> pallet_babe::Call<Runtime> {
	let [first_header, second_header] = headers;
	let equivocation_proof = Box::new(EquivocationProof {
		offender: Bob.public().into(),
		slot: slot.into(),
		first_header,
		second_header,
	});
	pallet_babe::Call::report_equivocation { equivocation_proof, key_owner_proof }
}

fn own_of_bob() -> groma_runtime::Balance {
	<Stake as Backing<AccountId>>::of(&account(Bob)).own
}

/// A chain on which Bob has just made two blocks in a slot, the report of that, and his own stake.
fn chain_with_two_blocks_of_bob() -> (Chain, pallet_babe::Call<Runtime>, groma_runtime::Balance) {
	let mut chain = four_validators();
	chain.blocks(3);
	let slot = chain.now_ms() / 1_000;
	let (call, own) = chain.with(|| {
		let headers = [sealed_by_bob(slot, 2), sealed_by_bob(slot, 3)];
		let proof = proof_of_author(slot).expect("the key is in use");
		(two_blocks_of_bob(headers, slot, proof), own_of_bob())
	});
	(chain, call, own)
}

#[test]
fn author_is_slashed_when_it_makes_two_blocks_in_a_slot() {
	let (mut chain, call, own) = chain_with_two_blocks_of_bob();
	assert_ok!(chain.submit(Alice, call.clone()));
	let reported = OffenceReported { era: 0, validator: account(Bob), due: 1 };
	assert!(chain.events().contains(&RuntimeEvent::Validators(reported)));
	chain.with(|| assert_eq!(disabled(), vec![account(Bob)]));
	// The same again is no news, and is paid for.
	let duplicate = pallet_babe::Error::<Runtime>::DuplicateOffenceReport.into();
	assert_eq!(chain.submit(Eve, call), Err(duplicate));

	let mut slashed = None;
	while chain.with(Validators::active) < 2 {
		chain.block(vec![]);
		for event in chain.events() {
			if let RuntimeEvent::Stake(OperatorSlashed {
				operator,
				own,
				burned,
				rewarded,
				reporter,
				..
			}) = event
			{
				assert_eq!((operator, reporter), (account(Bob), Some(account(Alice))));
				assert_eq!(slashed.replace((own, burned, rewarded)), None);
			}
		}
	}
	// One of four: 56.25 % of what stood behind him.
	let (taken, burned, rewarded) = slashed.expect("the slash was due");
	assert_eq!(taken, Perbill::from_parts(562_500_000).mul_ceil(own));
	assert_eq!(burned + rewarded, taken);
	assert!(rewarded > 0);
	chain.with(|| assert_eq!(own_of_bob(), own - taken));
	chain.check();
}

#[test]
fn cancelled_slash_takes_nothing() {
	let (mut chain, call, own) = chain_with_two_blocks_of_bob();
	assert_ok!(chain.submit(Alice, call));
	let cancel =
		|| pallet_validators::Call::<Runtime>::cancel_slash { era: 0, validator: account(Bob) };
	assert_eq!(chain.submit(Bob, cancel()), Err(DispatchError::BadOrigin));
	chain.with(|| {
		assert_ok!(RuntimeCall::from(cancel()).dispatch(RuntimeOrigin::root()));
	});
	chain.blocks(5 * EPOCH_SLOTS);
	let apply = pallet_validators::Call::<Runtime>::apply_slash { era: 0, validator: account(Bob) };
	let refused = pallet_validators::Error::<Runtime>::SlashCancelled.into();
	assert_eq!(chain.submit(Alice, apply), Err(refused));
	chain.with(|| assert_eq!(own_of_bob(), own));
	chain.check();
}

#[test]
fn author_is_slashed_for_two_blocks_when_it_changes_its_keys_before_and_after() {
	let mut chain = four_validators();
	chain.block(vec![]);
	let (call, _) = new_keys_of_bob(&mut chain);
	assert_ok!(chain.submit(Bob, call));
	// It signs with the old key in the next session, too.
	chain.blocks(EPOCH_SLOTS + 5);
	let slot = chain.now_ms() / 1_000;
	let headers = chain.with(|| [sealed_by_bob(slot, 2), sealed_by_bob(slot, 3)]);
	let (call, _) = new_keys_of_bob(&mut chain);
	assert_ok!(chain.submit(Bob, call));
	chain.blocks(3 * EPOCH_SLOTS);
	let (call, own) = chain.with(|| {
		let old = Bob.public().into();
		assert!(!Babe::authorities().iter().any(|(id, _)| *id == old));
		let proof = proof_of_author(slot).expect("the key was in use");
		assert_eq!(proof.session, 1);
		(two_blocks_of_bob(headers, slot, proof), own_of_bob())
	});
	assert_ok!(chain.submit(Alice, call));
	chain.blocks(3 * EPOCH_SLOTS);
	chain.with(|| {
		let taken = Perbill::from_parts(562_500_000).mul_ceil(own);
		assert_eq!(own_of_bob(), own - taken);
	});
	chain.check();
}

#[test]
fn report_is_refused_when_its_session_or_its_use_of_the_key_is_another() {
	let mut chain = four_validators();
	chain.blocks(3);
	let slot = chain.now_ms() / 1_000;
	let headers = chain.with(|| [sealed_by_bob(slot, 2), sealed_by_bob(slot, 3)]);
	chain.blocks(EPOCH_SLOTS);
	let refused = pallet_babe::Error::<Runtime>::InvalidKeyOwnershipProof.into();
	for (first, session) in [(0, 1), (1, 1), (1, 0), (0, 2), (0, u32::MAX), (u32::MAX, u32::MAX)] {
		let call = two_blocks_of_bob(headers.clone(), slot, KeyProof { first, session });
		assert_eq!(chain.submit(Alice, call), Err(refused), "{first} {session}");
	}
	let call = two_blocks_of_bob(headers, slot, KeyProof { first: 0, session: 0 });
	assert_ok!(chain.submit(Alice, call));
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

/// A report that Bob voted twice in round 1 of set 0.
fn two_votes_of_bob(key_owner_proof: KeyProof) -> pallet_grandpa::Call<Runtime> {
	two_votes_of_bob_in(1, 0, key_owner_proof)
}

/// The same, as if it had been in this round and set.
pub(crate) fn two_votes_of_bob_in(
	round_number: u64,
	set: u64,
	key_owner_proof: KeyProof,
) -> pallet_grandpa::Call<Runtime> {
	let equivocation = finality_grandpa::Equivocation {
		round_number,
		identity: Ed25519Keyring::Bob.public().into(),
		first: prevote_of_bob([1; 32]),
		second: prevote_of_bob([2; 32]),
	};
	pallet_grandpa::Call::report_equivocation {
		equivocation_proof: Box::new(sp_consensus_grandpa::EquivocationProof::new(
			set,
			sp_consensus_grandpa::Equivocation::Prevote(equivocation),
		)),
		key_owner_proof,
	}
}

#[test]
fn voter_is_disabled_and_reported_when_it_votes_twice_in_a_round() {
	let mut chain = four_validators();
	chain.blocks(3);
	let call = chain.with(|| two_votes_of_bob(proof_of_voter(0).expect("the key is in use")));
	assert_ok!(chain.submit(Alice, call));
	chain.with(|| {
		assert_eq!(disabled(), vec![account(Bob)]);
		assert!(Validators::offence_of(0, &account(Bob)).is_some());
	});
	chain.check();
}

#[test]
fn voter_is_reported_when_its_keys_were_changed_and_its_set_is_over() {
	let mut chain = four_validators();
	chain.block(vec![]);
	let (call, _) = new_keys_of_bob(&mut chain);
	assert_ok!(chain.submit(Bob, call));
	chain.blocks(3 * EPOCH_SLOTS);
	let call = chain.with(|| {
		assert_eq!(Grandpa::current_set_id(), 1);
		assert_eq!(proof_of_voter(1), None);
		let proof = proof_of_voter(0).expect("the key was in use");
		assert_eq!(proof, KeyProof { first: 0, session: 1 });
		two_votes_of_bob(proof)
	});
	assert_ok!(chain.submit(Alice, call));
	chain.with(|| assert!(Validators::offence_of(0, &account(Bob)).is_some()));
	chain.check();
}

#[test]
fn two_votes_are_an_offence_of_one_era_when_the_set_has_the_same_members_for_several() {
	let mut chain = four_validators();
	while chain.with(Validators::active) < 2 {
		chain.block(vec![]);
	}
	let (call, last) = chain.with(|| {
		assert_eq!(Grandpa::current_set_id(), 2);
		let last = Grandpa::session_for_set(0).expect("the set is remembered");
		(two_votes_of_bob(proof_of_voter(0).expect("the key is in use")), last)
	});
	assert_ok!(chain.submit(Alice, call));
	chain.with(|| {
		assert!(Validators::offence_of(0, &account(Bob)).is_some());
		assert_eq!(Validators::offenders(1) + Validators::offenders(2), 0);
	});
	let later = two_votes_of_bob(KeyProof { first: 0, session: last + 1 });
	let refused = pallet_grandpa::Error::<Runtime>::InvalidEquivocationProof.into();
	assert_eq!(chain.submit(Alice, later), Err(refused));
	let earlier = two_votes_of_bob(KeyProof { first: 0, session: 0 });
	let duplicate = pallet_grandpa::Error::<Runtime>::DuplicateOffenceReport.into();
	assert_eq!(chain.submit(Alice, earlier), Err(duplicate));
}

/// A call that gives Bob new session keys, and the BABE key of them.
pub(crate) fn new_keys_of_bob(
	chain: &mut Chain,
) -> (pallet_session::Call<Runtime>, sp_consensus_babe::AuthorityId) {
	new_keys_of(chain, Bob)
}

/// A call that gives someone new session keys, and the BABE key of them.
pub(crate) fn new_keys_of(
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
	let call = chain.with(|| two_votes_of_bob(proof_of_voter(0).expect("the key is in use")));
	assert_ok!(chain.submit(Alice, call));
	chain.with(|| assert_eq!(disabled(), vec![account(Bob)]));
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
	chain.blocks(2);
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
	});
	chain.check();
}
