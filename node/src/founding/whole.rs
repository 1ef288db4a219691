//! What is wrong with an input as a whole: how many validate, what they and everyone else have, and
//! who could outvote the others.

use std::collections::BTreeMap;

use groma_core::money::GRM;
use groma_runtime::{constants::VALIDATORS_MAX, genesis::GENESIS_PROVISION};

use super::{
	fault::{Fault, PARTS_MIN, SOON_DAYS, SUPPLY_GRM, VALIDATORS_MIN, VOTES_MIN},
	input::{Allocation, Input, Treasury},
	votes,
};

/// What genesis sets aside of a validator's account as its stake, in GRM.
const STAKE_GRM: u128 = GENESIS_PROVISION / GRM;

/// Every fault of the whole.
pub(super) fn faults(input: &Input) -> Vec<Fault> {
	[of_validators(input), of_supply(input), of_votes(input)].concat()
}

/// A validator without the least stake would be out of the set with the first election.
fn of_validators(input: &Input) -> Vec<Fault> {
	let mut faults = Vec::new();
	match input.validators.len() {
		few if few < VALIDATORS_MIN => faults.push(Fault::TooFewValidators(few)),
		many if many > VALIDATORS_MAX as usize => {
			faults.push(Fault::TooManyValidators(many, VALIDATORS_MAX));
		}
		_ => (),
	}
	let held: BTreeMap<_, _> = input.allocations.iter().map(|it| (&it.account, it.grm)).collect();
	for validator in &input.validators {
		let grm = held.get(&validator.account).copied().unwrap_or_default();
		if grm <= STAKE_GRM {
			faults.push(Fault::TooLittleStake { place: validator.place, grm, stake: STAKE_GRM });
		}
	}
	faults
}

/// The supply of genesis is exact, and the treasury has some of it: otherwise its account would be
/// opened with what is beyond the supply.
fn of_supply(input: &Input) -> Vec<Fault> {
	let given = votes::given(&input.allocations);
	match input.treasury {
		_ if given >= SUPPLY_GRM => vec![Fault::NothingForTreasury(given)],
		Treasury::Grm(treasury) if given.saturating_add(treasury) != SUPPLY_GRM => {
			vec![Fault::WrongSupply { given, treasury }]
		}
		_ => Vec::new(),
	}
}

fn of_votes(input: &Input) -> Vec<Fault> {
	let allocations = &input.allocations;
	let at_genesis = votes::all_at_genesis(allocations);
	let mut faults = Vec::new();
	if at_genesis < VOTES_MIN {
		faults.push(Fault::TooFewVotes(at_genesis));
	}
	let all: Vec<_> = (0..=SOON_DAYS).map(|days| votes::all_after(allocations, days)).collect();
	faults.extend(allocations.iter().filter_map(|allocation| seventh(allocation, &all)));
	faults
}

/// What is wrong with an allocation that has a seventh of what can vote, on the first day on which
/// it does; `all` is what can vote by days.
fn seventh(allocation: &Allocation, all: &[u128]) -> Option<Fault> {
	let place = allocation.place;
	(0..).zip(all).find_map(|(days, &all)| {
		let votes = votes::after(allocation, days);
		// Of nothing, no one has a part.
		let is_too_much = votes > 0 && votes.saturating_mul(PARTS_MIN) >= all;
		is_too_much.then_some(match days {
			0 => Fault::Seventh { place, votes, all },
			_ => Fault::SeventhSoon { place, days, votes, all },
		})
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::founding::{
		fault::Place,
		fixture::{account, input},
	};

	fn faults_of(change: impl FnOnce(&mut Input)) -> Vec<Fault> {
		let mut input = input();
		change(&mut input);
		faults(&input)
	}

	#[test]
	fn input_without_faults_has_none() {
		assert_eq!(faults_of(|_| ()), []);
		// 200,000,000 GRM without the 38,000,000 of the allocations.
		assert_eq!(faults_of(|input| input.treasury = Treasury::Grm(162_000_000)), []);
	}

	#[test]
	fn supply_is_exact() {
		for treasury in [0, 161_999_999, 162_000_001, 200_000_000] {
			let fault = Fault::WrongSupply { given: 38_000_000, treasury };
			assert_eq!(faults_of(|input| input.treasury = Treasury::Grm(treasury)), [fault]);
		}
	}

	#[test]
	fn treasury_has_something() {
		// What vests does not vote, so that only the supply is wrong.
		let grown = |grm| faults_of(|input| input.allocations[7].grm = grm);
		assert_eq!(grown(171_999_999), []);
		assert_eq!(grown(172_000_000), [Fault::NothingForTreasury(200_000_000)]);
		let most = u128::from(u64::MAX);
		assert_eq!(grown(most), [Fault::NothingForTreasury(most + 28_000_000)]);
	}

	#[test]
	fn chain_has_four_validators_with_stake() {
		assert_eq!(faults_of(|input| drop(input.validators.pop())), [Fault::TooFewValidators(3)]);
		let place = Place::Validator(2);
		let little = |grm| Fault::TooLittleStake { place, grm, stake: 10_000 };
		let missing = faults_of(|input| input.allocations[1].account = account(50));
		assert_eq!(missing, [little(0)]);
		let of_stake = |grm| {
			faults_of(|input| {
				input.allocations[1].grm = grm;
				// Others have what it lacks, so that no one gets a larger part.
				for number in 50..60 {
					let mut other = input.allocations[0].clone();
					(other.account, other.grm) = (account(number), 400_000);
					input.allocations.push(other);
				}
			})
		};
		assert_eq!(of_stake(10_000), [little(10_000)]);
		assert_eq!(of_stake(10_001), []);
	}

	#[test]
	fn no_one_has_a_seventh_of_what_can_vote() {
		let place = Place::Allocation(1);
		// Seven others have 28,000,000 GRM that vote.
		let grown = |grm| faults_of(|input| input.allocations[0].grm = grm);
		assert_eq!(grown(4_666_666), []);
		let fault = Fault::Seventh { place, votes: 4_666_667, all: 32_666_667 };
		assert_eq!(grown(4_666_667), [fault]);
	}

	#[test]
	fn no_one_gets_a_seventh_by_what_vests_in_the_first_days() {
		let place = Place::Allocation(8);
		// Of 10,000,000 GRM 4,000,000 are free. Seven others have 28,000,000.
		let vests = |starts_after_days, lasts_days| {
			faults_of(|input| {
				let vesting = input.allocations[7].vesting.as_mut().expect("it vests");
				(vesting.starts_after_days, vesting.lasts_days) = (starts_after_days, lasts_days);
			})
		};
		let soon = |days, votes, all| [Fault::SeventhSoon { place, days, votes, all }];
		assert_eq!(vests(0, 1), soon(1, 10_000_000, 38_000_000));
		assert_eq!(vests(0, 10), soon(2, 5_200_000, 33_200_000));
		assert_eq!(vests(27, 1), soon(28, 10_000_000, 38_000_000));
		assert_eq!(vests(28, 1), []);
	}

	#[test]
	fn enough_can_vote() {
		let shrunk = |grm| {
			faults_of(|input| {
				for allocation in &mut input.allocations[..7] {
					allocation.grm = grm;
				}
				let vesting = input.allocations[7].vesting.as_mut().expect("it vests");
				vesting.free_grm = grm;
			})
		};
		assert_eq!(shrunk(3_125_000), []);
		assert_eq!(shrunk(3_124_999), [Fault::TooFewVotes(24_999_992)]);
		let none = faults_of(|input| input.allocations.clear());
		assert_eq!((none.len(), none.contains(&Fault::TooFewVotes(0))), (5, true), "{none:?}");
	}
}
