//! What founders add to the preset `production` makes a chain.

use groma_core::{
	money::{Balance, GENESIS_SUPPLY, GRM},
	price::Price,
};
use groma_runtime::{
	Balances, PriceFeed, Runtime, Session, SessionKeys, System, Validators,
	genesis::{Founders, GENESIS_PROVISION, PRODUCTION_RUNTIME_PRESET, treasury_account},
	governance::{
		ranks::{FellowshipCollectiveInstance, RANK_TO_VOTE},
		votable::votable,
	},
};
use pallet_ranked_collective::MemberCount;
use sp_keyring::{
	Ed25519Keyring,
	Sr25519Keyring::{self, Alice, AliceStash, Bob, Charlie, Dave, Eve, Ferdie, One, Two},
};

use crate::chain::{Chain, account, genesis_config, merge};

const HOLDERS: [Sr25519Keyring; 8] = [Alice, Bob, Charlie, Dave, Eve, Ferdie, One, Two];
/// What each of them has.
const SHARE: Balance = 4_000_000 * GRM;
/// What of it is free for the one whose balance vests.
const FREE: Balance = 1_000_000 * GRM;
/// When it begins to vest, and how many blocks that takes.
const VESTING: (u32, u32) = (14_400, 30_000);

fn validator(sr25519: Sr25519Keyring, ed25519: Ed25519Keyring) -> SessionKeys {
	SessionKeys {
		grandpa: ed25519.public().into(),
		babe: sr25519.public().into(),
		authority_discovery: sr25519.public().into(),
	}
}

/// Founders of a chain with four validators and three fellows.
pub(crate) fn founders() -> Founders {
	let given = SHARE * HOLDERS.len() as Balance;
	let mut balances = HOLDERS.map(|holder| (account(holder), SHARE)).to_vec();
	balances.push((treasury_account(), GENESIS_SUPPLY - given));
	let (begin, length) = VESTING;
	Founders {
		balances,
		vesting: vec![(account(Two), begin, length, FREE)],
		validators: vec![
			(account(Alice), validator(Alice, Ed25519Keyring::Alice)),
			(account(Bob), validator(Bob, Ed25519Keyring::Bob)),
			(account(Charlie), validator(Charlie, Ed25519Keyring::Charlie)),
			(account(Dave), validator(Dave, Ed25519Keyring::Dave)),
		],
		feeders: vec![(account(Alice), account(AliceStash))],
		fellows: [Eve, Ferdie, One].map(|fellow| (account(fellow), RANK_TO_VOTE)).to_vec(),
	}
}

/// The chain of these founders before its first block.
pub(crate) fn founded_by(founders: Founders) -> Chain {
	let mut config = genesis_config(Some(PRODUCTION_RUNTIME_PRESET));
	merge(&mut config, founders.patch());
	Chain::of(config)
}

#[test]
fn founded_chain_has_what_its_founders_said() {
	let mut chain = founded_by(founders());
	chain.with(|| {
		assert_eq!(Balances::total_issuance(), GENESIS_SUPPLY);
		assert_eq!(Session::validators().len(), 4);
		let fellows = MemberCount::<Runtime, FellowshipCollectiveInstance>::get(RANK_TO_VOTE);
		assert_eq!(fellows, 3);
		let price = Price::clamp(1_000_000_000);
		assert_eq!(PriceFeed::check_feed(&account(AliceStash), price), Ok(()));
		assert!(PriceFeed::check_feed(&account(Eve), price).is_err());
		for seat in Validators::set_of(0).expect("it is remembered") {
			assert_eq!(seat.own, GENESIS_PROVISION);
			assert_eq!(votable(&seat.validator), SHARE, "stake votes");
		}
	});
	chain.blocks(3);
	chain.with(|| assert_eq!(Balances::total_issuance(), GENESIS_SUPPLY));
	chain.check();
}

#[test]
fn vesting_allocation_votes_by_what_has_vested() {
	founded_by(founders()).with(|| {
		let (begin, length) = VESTING;
		for (now, votes) in [
			(1, FREE),
			(begin, FREE),
			(begin + length / 3, FREE + (SHARE - FREE) / 3),
			(begin + length, SHARE),
		] {
			System::set_block_number(now);
			assert_eq!(votable(&account(Two)), votes, "at block {now}");
		}
	});
}
