//! Benchmarks of every call, and of what hooks do, with sets and lists as large as they can be.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	traits::{Get, fungible::Mutate},
};
use frame_system::RawOrigin;
use groma_core::{EpochIndex, EraIndex, money::GRM};
use groma_traits::{
	Backing, ClosedEpoch, Emission, EmissionBenchmarkHelper, FeedWork, OnEpochClosed, Pools,
};
use pallet_session::{NextKeys, QueuedKeys, Validators};
use sp_runtime::SaturatedConversion;

use crate::*;

const ERA: EraIndex = 1;
const EPOCH: EpochIndex = 1;

/// Keys for everyone: no one looks whether two have the same.
fn keys<T: Config>() -> T::Keys {
	NextKeys::<T>::iter_values().next().expect("genesis has validators")
}

/// Gives an account so many times the least stake of its own.
fn back<T: Config>(operator: &T::AccountId, times: u128) {
	let amount = T::OwnStakeMin::get().saturating_mul(times);
	let funds = amount.saturating_mul(2).saturating_add(10 * GRM).saturated_into();
	<T as pallet_session::Config>::Currency::mint_into(operator, funds).unwrap();
	T::Backing::provision(operator, amount).unwrap();
}

/// Operators with keys, and stake if they are backed, sorted by account.
fn operators<T: Config>(count: u32, is_backed: bool) -> Vec<T::AccountId> {
	let keys = keys::<T>();
	let mut operators: Vec<T::AccountId> =
		(0..count).map(|number| account("operator", number, 0)).collect();
	operators.sort();
	for operator in &operators {
		NextKeys::<T>::insert(operator, keys.clone());
		if is_backed {
			back::<T>(operator, 2);
		}
	}
	operators
}

/// Makes these the candidates.
fn set_candidates<T: Config>(candidates: &[T::AccountId]) {
	Candidates::<T>::put(CandidateList::<T>::truncate_from(candidates.to_vec()));
}

/// Makes these the present set and the planned one.
fn set_members<T: Config>(members: Vec<T::AccountId>) {
	let keys = keys::<T>();
	let queued: Vec<_> = members.iter().map(|member| (member.clone(), keys.clone())).collect();
	Validators::<T>::put(members);
	QueuedKeys::<T>::put(queued);
}

/// A set as large as it can be, of accounts that are no operators.
fn fill_set<T: Config>() -> Vec<T::AccountId> {
	let many = <T as Config>::MaxValidators::get();
	let members: Vec<T::AccountId> =
		(0..many).map(|number| account("validator", number, 0)).collect();
	set_members::<T>(members.clone());
	members
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn leave() -> Result<(), BenchmarkError> {
		fill_set::<T>();
		let caller: T::AccountId = whitelisted_caller();
		frame_system::Pallet::<T>::inc_providers(&caller);
		frame_system::Pallet::<T>::inc_consumers(&caller)?;
		NextKeys::<T>::insert(&caller, keys::<T>());
		let mut candidates = operators::<T>(T::MaxCandidates::get() - 1, false);
		candidates.push(caller.clone());
		candidates.sort();
		set_candidates::<T>(&candidates);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));
		assert!(!NextKeys::<T>::contains_key(&caller));
		assert!(!Pallet::<T>::is_candidate(&caller));
		Ok(())
	}

	#[benchmark]
	fn declare() {
		let candidates = operators::<T>(T::MaxCandidates::get(), false);
		set_candidates::<T>(&candidates);
		let displaced = candidates.first().unwrap();
		back::<T>(displaced, 1);
		let caller: T::AccountId = whitelisted_caller();
		NextKeys::<T>::insert(&caller, keys::<T>());
		back::<T>(&caller, 2);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), Some(displaced.clone()));
		assert!(Pallet::<T>::is_candidate(&caller));
		assert!(!Pallet::<T>::is_candidate(displaced));
	}

	#[benchmark]
	fn resign() {
		let candidates = operators::<T>(T::MaxCandidates::get(), false);
		set_candidates::<T>(&candidates);
		let caller = candidates.first().unwrap().clone();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));
		assert!(!Pallet::<T>::is_candidate(&caller));
	}

	#[benchmark]
	fn note_author() {
		T::BenchmarkHelper::pass_to(EPOCH);
		let members = fill_set::<T>();
		let last = members.len() as u32 - 1;
		#[block]
		{
			Pallet::<T>::begin_era_if_due(0);
			Pallet::<T>::note_author(last);
		}
		let epoch = T::Emission::present_epoch().unwrap();
		let work = Works::<T>::get(epoch, members.last().unwrap());
		assert_eq!(work, Some(Work { blocks: 1, fed_ms: 0 }));
		assert_eq!(Authored::<T>::get().last(), Some(&true));
	}

	#[benchmark]
	fn note_fed() {
		T::BenchmarkHelper::pass_to(EPOCH);
		let validator: T::AccountId = account("validator", 0, 0);
		let fed_ms = 240_000;
		#[block]
		{
			Pallet::<T>::note_fed(&validator, fed_ms);
		}
		let epoch = T::Emission::present_epoch().unwrap();
		assert_eq!(Works::<T>::get(epoch, validator), Some(Work { blocks: 0, fed_ms }));
	}

	#[benchmark]
	fn begin_era() {
		let active = T::EvidenceEras::get() + 2;
		for era in 0..=active {
			Elected::<T>::insert(era, BoundedVec::default());
		}
		Clock::<T>::put(EraClock { active, end: 0, next: Some(0), oldest: 0 });
		#[block]
		{
			Pallet::<T>::begin_era_if_due(0);
		}
		assert!(Clock::<T>::get().is_some_and(|clock| clock.active == active + 1));
		assert!(!Elected::<T>::contains_key(1));
	}

	#[benchmark]
	fn end_era(c: Linear<20, { T::MaxCandidates::get() }>) {
		// Four of them can be elected, and come last.
		let candidates = operators::<T>(c, false);
		candidates.iter().rev().take(SET_FLOOR).for_each(|it| back::<T>(it, 1));
		set_candidates::<T>(&candidates);
		// All but the first two of a full set authored.
		let mut members = fill_set::<T>();
		members.iter_mut().zip(&candidates).take(2).for_each(|(it, idle)| it.clone_from(idle));
		let authored = (0..members.len()).map(|index| index > 1).collect();
		set_members::<T>(members);
		Authored::<T>::put(BoundedVec::<bool, T::MaxValidators>::truncate_from(authored));
		Clock::<T>::put(EraClock { active: ERA, end: 0, next: Some(1), oldest: ERA });
		#[block]
		{
			Pallet::<T>::end_era_if_due(0);
		}
		assert!(!Pallet::<T>::is_candidate(candidates.first().unwrap()));
	}

	#[benchmark]
	fn elect(c: Linear<4, { T::MaxCandidates::get() }>) {
		set_candidates::<T>(&operators::<T>(c, true));
		#[block]
		{
			Pallet::<T>::elect(ERA);
		}
		let set = Pallet::<T>::set_of(ERA).unwrap();
		assert_eq!(set.len() as u32, c.min(T::Seats::get()));
	}

	#[benchmark]
	fn close_epoch(n: Linear<1, { T::MaxValidators::get() }>) {
		T::BenchmarkHelper::pass_to(EPOCH);
		for operator in operators::<T>(n, true) {
			Works::<T>::insert(EPOCH, operator, Work { blocks: 1, fed_ms: 0 });
		}
		Workers::<T>::insert(EPOCH, n);
		// Each earns a GRM.
		let pools = Pools { validators: u128::from(n) * GRM, ..Pools::default() };
		let closed = ClosedEpoch { epoch: EPOCH, began_ms: 1, chain_began_ms: 1, pools };
		#[block]
		{
			Pallet::<T>::on_epoch_closed(&closed);
		}
		assert_eq!(Works::<T>::iter_prefix(EPOCH).count(), 0);
		assert!(!Workers::<T>::contains_key(EPOCH));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::chain_of(4), crate::mock::Test);
}
