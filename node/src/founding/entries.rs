//! What is wrong with single entries of an input, or with two that contradict each other.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use codec::Encode;
use groma_runtime::{Emission, genesis::treasury_account, governance::ranks::RANK_MAX};
use sp_runtime::traits::OpaqueKeys;

use super::{
	fault::{Fault, Place, VESTING_DAYS_MAX},
	input::{Allocation, Chain, Fellow, Input, Validator, Vesting},
	known_keys::KnownKeys,
};
use crate::types::AccountId;

/// The most characters of the name and of the id of a chain.
const NAME_CHARACTERS_MAX: usize = 32;
/// The length of a public key.
const KEY_BYTES: usize = 32;
/// What ids of test chains begin with.
const TEST_IDS: [&str; 4] = ["dev", "local", "groma_dev", "groma_local"];

/// Every fault of the entries.
pub(super) fn faults(input: &Input, known: &KnownKeys) -> Vec<Fault> {
	[
		input.chain.as_ref().map(of_chain).unwrap_or_default(),
		of_validators(&input.validators),
		of_allocations(&input.allocations),
		of_fellows(&input.fellows),
		of_known_keys(input, known),
	]
	.concat()
}

/// Each thing that was there before: the place where it was first, and the later one.
fn repeated<K: Ord>(items: impl IntoIterator<Item = (K, Place)>) -> BTreeSet<(Place, Place)> {
	let mut first = BTreeMap::new();
	let mut pairs = BTreeSet::new();
	for (key, place) in items {
		match first.entry(key) {
			Entry::Vacant(entry) => {
				entry.insert(place);
			}
			Entry::Occupied(entry) => {
				pairs.insert((*entry.get(), place));
			}
		}
	}
	pairs
}

fn of_chain(chain: &Chain) -> Vec<Fault> {
	let Chain { name, id, bootnodes } = chain;
	let mut faults = Vec::new();
	if !(1..=NAME_CHARACTERS_MAX).contains(&name.trim().chars().count()) {
		faults.push(Fault::ChainName);
	}
	let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "_-".contains(it);
	let is_id = (1..=NAME_CHARACTERS_MAX).contains(&id.len()) && id.chars().all(is_plain);
	if !is_id || TEST_IDS.contains(&id.as_str()) {
		faults.push(Fault::ChainId(id.clone()));
	}
	let nodes = bootnodes.iter().map(|(place, node)| (node.to_string(), *place));
	faults.extend(repeated(nodes).into_iter().map(|(one, other)| Fault::SameBootnode(one, other)));
	faults
}

fn of_validators(validators: &[Validator]) -> Vec<Fault> {
	let mut faults = Vec::new();
	let same = repeated(validators.iter().map(|it| (&it.account, it.place)));
	let keys = validators.iter().flat_map(|it| {
		// One key may serve two purposes of one validator.
		let own: BTreeSet<Vec<u8>> = raw_keys(it).map(<[u8]>::to_vec).collect();
		own.into_iter().map(move |key| (key, it.place))
	});
	// An entry that stands there twice is one fault.
	let keys = repeated(keys).into_iter().filter(|pair| !same.contains(pair));
	faults.extend(keys.map(|(one, other)| Fault::SameKey(one, other)));
	let feeders = validators.iter().filter_map(|it| Some((it.feeder.as_ref()?, it.place)));
	let feeders = repeated(feeders).into_iter().filter(|pair| !same.contains(pair));
	faults.extend(feeders.map(|(one, other)| Fault::SameFeeder(one, other)));
	faults.extend(same.iter().map(|(one, other)| Fault::SameValidator(*one, *other)));
	let unproven = validators
		.iter()
		.filter(|it| !it.keys.ownership_proof_is_valid(&it.account.encode(), &it.proof));
	faults.extend(unproven.map(|it| Fault::Unproven(it.place)));
	faults
}

/// The public keys of a validator, of any kind.
fn raw_keys(validator: &Validator) -> impl Iterator<Item = &[u8]> {
	let ids = <groma_runtime::SessionKeys as OpaqueKeys>::key_ids();
	ids.iter().map(move |id| validator.keys.get_raw(*id))
}

fn of_allocations(allocations: &[Allocation]) -> Vec<Fault> {
	let same = repeated(allocations.iter().map(|it| (&it.account, it.place)));
	let overlaps = same.into_iter().map(|(one, other)| Fault::Overlap(one, other));
	overlaps.chain(allocations.iter().flat_map(of_allocation)).collect()
}

fn of_allocation(allocation: &Allocation) -> Vec<Fault> {
	let Allocation { place, account, grm, vesting } = allocation;
	let mut faults = Vec::new();
	if *grm == 0 {
		faults.push(Fault::NothingGiven(*place));
	}
	for (pot, name) in [(treasury_account(), "treasury"), (Emission::pot(), "pot of rewards")] {
		if *account == pot {
			faults.push(Fault::Pot(*place, name));
		}
	}
	if let Some(Vesting { free_grm, starts_after_days, lasts_days }) = vesting {
		if *grm > 0 && free_grm >= grm {
			faults.push(Fault::NothingVests(*place));
		}
		let days = 1..=VESTING_DAYS_MAX;
		if !days.contains(lasts_days) || *starts_after_days > VESTING_DAYS_MAX {
			faults.push(Fault::VestingDays(*place));
		}
	}
	faults
}

fn of_fellows(fellows: &[Fellow]) -> Vec<Fault> {
	let same = repeated(fellows.iter().map(|it| (&it.account, it.place)));
	let mut faults: Vec<_> =
		same.into_iter().map(|(one, other)| Fault::SameFellow(one, other)).collect();
	let out_of_range = fellows.iter().filter(|it| !(1..=RANK_MAX).contains(&it.rank));
	faults.extend(out_of_range.map(|it| Fault::Rank {
		place: it.place,
		rank: it.rank,
		most: RANK_MAX,
	}));
	faults
}

/// Accounts and keys with which everyone can sign.
fn of_known_keys(input: &Input, known: &KnownKeys) -> Vec<Fault> {
	let mut named: Vec<(Place, &'static str, AccountId)> = Vec::new();
	for validator in &input.validators {
		named.push((validator.place, "account", validator.account.clone()));
		let feeder = validator.feeder.iter();
		named.extend(feeder.map(|feeder| (validator.place, "feeder", feeder.clone())));
		let keys = raw_keys(validator).filter_map(|key| <[u8; KEY_BYTES]>::try_from(key).ok());
		named.extend(keys.map(|key| (validator.place, "keys", AccountId::new(key))));
	}
	let allocations = input.allocations.iter();
	named.extend(allocations.map(|it| (it.place, "account", it.account.clone())));
	named.extend(input.fellows.iter().map(|it| (it.place, "account", it.account.clone())));
	let found = named.into_iter().filter_map(|(place, field, key)| {
		let name = known.name_of(&key)?.to_owned();
		Some(Fault::WellKnown { place, field, name })
	});
	found.collect()
}

#[cfg(test)]
mod tests {
	use sc_network::PeerId;
	use sp_core::sr25519;

	use super::*;
	use crate::founding::fixture::{account, input, keys, proof};

	const ALICE: &str = "//Alice of the development phrase";

	/// The faults of an input that was changed.
	fn faults_of(change: impl FnOnce(&mut Input)) -> Vec<Fault> {
		let mut input = input();
		change(&mut input);
		faults(&input, &KnownKeys::new().expect("the phrase is one"))
	}

	/// The faults of a chain that was changed.
	fn of_changed_chain(change: impl FnOnce(&mut Chain)) -> Vec<Fault> {
		faults_of(|input| change(input.chain.as_mut().expect("it was read")))
	}

	fn alice() -> AccountId {
		let address = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		address.parse().expect("an address")
	}

	#[test]
	fn input_without_faults_has_none() {
		assert_eq!(faults_of(|_| ()), []);
	}

	#[test]
	fn name_and_id_of_the_chain_are_checked() {
		for name in ["", "   ", &"a".repeat(33)] {
			let found = of_changed_chain(|chain| chain.name = name.into());
			assert_eq!(found, [Fault::ChainName], "{name}");
		}
		for id in ["", "Groma", "a/b", "../a", "groma_dev", "local", &"a".repeat(33)] {
			let found = of_changed_chain(|chain| chain.id = id.into());
			assert_eq!(found, [Fault::ChainId(id.into())], "{id}");
		}
	}

	#[test]
	fn bootnode_that_is_named_twice_is_a_fault() {
		let node = format!("/ip4/127.0.0.1/tcp/30333/p2p/{}", PeerId::random());
		let (first, second) = (Place::Bootnode(1), Place::Bootnode(2));
		let found = of_changed_chain(|chain| {
			let node = || node.parse().expect("an address");
			chain.bootnodes = vec![(first, node()), (second, node())];
		});
		assert_eq!(found, [Fault::SameBootnode(first, second)]);
	}

	#[test]
	fn proof_of_another_account_is_a_fault() {
		let place = Place::Validator(2);
		let of_other = faults_of(|input| input.validators[1].proof = proof(2, &account(3)));
		assert_eq!(of_other, [Fault::Unproven(place)]);
		let of_other_keys = faults_of(|input| input.validators[1].proof = proof(9, &account(2)));
		assert_eq!(of_other_keys, [Fault::Unproven(place)]);
		let short = faults_of(|input| input.validators[1].proof.truncate(191));
		assert_eq!(short, [Fault::Unproven(place)]);
	}

	#[test]
	fn keys_account_and_feeder_belong_to_one_validator() {
		let (first, third) = (Place::Validator(1), Place::Validator(3));
		let same_keys = faults_of(|input| {
			input.validators[2].keys = keys(1);
			input.validators[2].proof = proof(1, &account(3));
		});
		assert_eq!(same_keys, [Fault::SameKey(first, third)]);
		let same_entry = faults_of(|input| {
			let copy = Validator { place: third, ..input.validators[0].clone() };
			input.validators[2] = copy;
		});
		assert_eq!(same_entry, [Fault::SameValidator(first, third)]);
		let same_feeder = faults_of(|input| input.validators[2].feeder = Some(account(40)));
		assert_eq!(same_feeder, [Fault::SameFeeder(first, third)]);
	}

	#[test]
	fn account_has_one_allocation_with_something_in_it() {
		let (first, second) = (Place::Allocation(1), Place::Allocation(2));
		let overlap = faults_of(|input| input.allocations[1].account = account(1));
		assert_eq!(overlap, [Fault::Overlap(first, second)]);
		let nothing = faults_of(|input| input.allocations[1].grm = 0);
		assert_eq!(nothing, [Fault::NothingGiven(second)]);
		let treasury = faults_of(|input| input.allocations[1].account = treasury_account());
		assert_eq!(treasury, [Fault::Pot(second, "treasury")]);
		let pot = faults_of(|input| input.allocations[1].account = Emission::pot());
		assert_eq!(pot, [Fault::Pot(second, "pot of rewards")]);
	}

	#[test]
	fn vesting_takes_time_and_leaves_something_to_vest() {
		let place = Place::Allocation(8);
		let vesting = |change: fn(&mut Vesting)| {
			faults_of(|input| change(input.allocations[7].vesting.as_mut().expect("it vests")))
		};
		assert_eq!(vesting(|it| it.free_grm = 10_000_000), [Fault::NothingVests(place)]);
		let days = [Fault::VestingDays(place)];
		assert_eq!(vesting(|it| it.lasts_days = 0), days);
		assert_eq!(vesting(|it| it.lasts_days = VESTING_DAYS_MAX + 1), days);
		assert_eq!(vesting(|it| it.starts_after_days = u32::MAX), days);
	}

	#[test]
	fn fellow_is_named_once_with_a_rank_that_exists() {
		let (first, second) = (Place::Fellow(1), Place::Fellow(2));
		let same = faults_of(|input| input.fellows[1].account = account(5));
		assert_eq!(same, [Fault::SameFellow(first, second)]);
		for rank in [0, RANK_MAX + 1] {
			let found = faults_of(|input| input.fellows[1].rank = rank);
			assert_eq!(found, [Fault::Rank { place: second, rank, most: RANK_MAX }]);
		}
	}

	#[test]
	fn key_that_everyone_has_is_a_fault_wherever_it_stands() {
		let known = |place, field| Fault::WellKnown { place, field, name: ALICE.into() };
		let place = Place::Allocation(5);
		let found = faults_of(|input| input.allocations[4].account = alice());
		assert_eq!(found, [known(place, "account")]);
		let place = Place::Fellow(2);
		let found = faults_of(|input| input.fellows[1].account = alice());
		assert_eq!(found, [known(place, "account")]);
		let place = Place::Validator(4);
		let found = faults_of(|input| input.validators[3].feeder = Some(alice()));
		assert_eq!(found, [known(place, "feeder")]);
		let found = faults_of(|input| {
			let key: [u8; 32] = alice().into();
			input.validators[3].keys.babe = sr25519::Public::from_raw(key).into();
		});
		// Its proof is that of other keys.
		assert_eq!(found, [Fault::Unproven(place), known(place, "keys")]);
	}

	#[test]
	fn all_faults_are_found_at_once() {
		let found = faults_of(|input| {
			input.chain.as_mut().expect("it was read").id = "Groma".into();
			input.validators[1].proof.clear();
			input.allocations[1].account = account(1);
			input.allocations[2].account = alice();
			input.fellows[0].rank = 0;
		});
		assert_eq!(found.len(), 5, "{found:?}");
	}
}
