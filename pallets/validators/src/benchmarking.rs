//! Benchmarks of every call, and of what hooks do, with sets and lists as large as they can be.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use alloc::vec::Vec;

use codec::{Decode, Encode};
use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	traits::{EnsureOrigin, Get, fungible::Mutate},
	weights::WeightMeter,
};
use frame_system::RawOrigin;
use groma_core::{EpochIndex, EraIndex, money::GRM};
use groma_traits::{
	Backing, ClosedEpoch, Emission, EmissionBenchmarkHelper, FeedWork, OnEpochClosed, Payment,
	Pools,
};
use pallet_session::{CurrentIndex, DisabledValidators, NextKeys, QueuedKeys, Validators};
use sp_runtime::{Perbill, SaturatedConversion, traits::OpaqueKeys};
use sp_staking::{
	SessionIndex,
	offence::{Kind, OffenceSeverity},
};

use crate::{barring::BARRED_PART, key_history::Retired, offences::Waiting, queue::Queue, *};

const ERA: EraIndex = 1;
const EPOCH: EpochIndex = 1;
/// The kind of the offences.
const KIND: Kind = *b"a double signing";

/// Keys for everyone: no one looks whether two have the same.
fn keys<T: Config>() -> T::Keys {
	NextKeys::<T>::iter_values().next().expect("genesis has validators")
}

/// Gives an account this many times the least own stake.
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

/// An offence of an account in the era that is slashed already, and pays more once others offend.
fn slashed<T: Config>() -> Offence<T::AccountId> {
	Offence {
		reporter: None,
		base: T::OwnStakeMin::get(),
		members: <T as Config>::MaxValidators::get(),
		paid: Perbill::zero(),
		due: None,
		is_cancelled: false,
		kind: KIND,
		reported_at: 1,
	}
}

/// Makes one account an offender of the era, with stake behind it, whose slash is due.
fn due_offender<T: Config>() -> T::AccountId {
	let offender: T::AccountId = account("offender", 0, 0);
	NextKeys::<T>::insert(&offender, keys::<T>());
	back::<T>(&offender, 2);
	let offence = Offence { due: Some(ERA), ..slashed::<T>() };
	Offences::<T>::insert(ERA, &offender, offence);
	OffenderCounts::<T>::insert(ERA, 1);
	Waiting::<T>::push(Slash { due: ERA, era: ERA, validator: offender.clone() });
	T::Backing::pend(&offender, ERA);
	offender
}

/// How many provable keys a full set has.
fn keys_max<T: Config>() -> u32 {
	<T as Config>::MaxValidators::get() * T::ProvableKeys::get().len() as u32
}

/// Makes `ERA` the active one, the last of those that are remembered.
fn set_era<T: Config>() {
	Clock::<T>::put(EraClock { active: ERA, end: SessionIndex::MAX, next: None, oldest: 0 });
	EraStarts::<T>::insert(0, 0);
	EraStarts::<T>::insert(ERA, 1);
	CurrentIndex::<T>::put(1);
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
		// A third was disabled and may author again, another third was reported after the election.
		let members = fill_set::<T>();
		let mut candidates = members.clone();
		candidates.sort();
		set_candidates::<T>(&candidates);
		let third = members.len() / BARRED_PART;
		let severity = OffenceSeverity(T::FractionMin::get());
		let disabled: Vec<_> = (0..third as u32).map(|index| (index, severity)).collect();
		DisabledValidators::<T>::put(disabled);
		let mut barred = members[third..2 * third].to_vec();
		barred.sort();
		Barred::<T>::put(BoundedVec::<_, T::MaxValidators>::truncate_from(barred));
		#[block]
		{
			Pallet::<T>::begin_era_if_due(0);
		}
		assert!(Clock::<T>::get().is_some_and(|clock| clock.active == active + 1));
		assert!(!Elected::<T>::contains_key(1));
		let first = DisabledValidators::<T>::get().first().map(|(index, _)| *index);
		assert_eq!(first, Some(third as u32));
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
		// Each earns a GRM by the schedule, and one more by claims.
		let for_validators = u128::from(n) * GRM;
		let pools = Pools { validators: for_validators, ..Pools::default() };
		let (began_ms, chain_began_ms) = (1, 1);
		let closed = ClosedEpoch { epoch: EPOCH, began_ms, chain_began_ms, pools, for_validators };
		let basis = for_validators;
		let claim = Payment { basis, value: basis, paid: 0, for_validators: 0 };
		assert!(T::Emission::remint(EPOCH, &claim));
		#[block]
		{
			Pallet::<T>::on_epoch_closed(&closed);
		}
		let points = u64::from(n) * u64::from(BLOCK_POINTS);
		let settled =
			Event::<T>::PointsSettled { epoch: EPOCH, points, rewarded: 2 * for_validators };
		frame_system::Pallet::<T>::assert_last_event(settled.into());
		assert_eq!(Works::<T>::iter_prefix(EPOCH).count(), 0);
		assert!(!Workers::<T>::contains_key(EPOCH));
	}

	#[benchmark]
	fn note_keys(n: Linear<1, { keys_max::<T>() }>) {
		// Those of other accounts are over, and as many of these begin.
		let others = (0..n).map(|number| {
			let mut key = [0; 32];
			key[..4].copy_from_slice(&number.to_le_bytes());
			let validator: T::AccountId = account("other", number, 0);
			KeyUses::<T>::insert(key, 0, KeyUse { validator: validator.clone(), last: None });
			KeyInUse { key, first: 0, validator }
		});
		KeysInUse::<T>::put(BoundedVec::<_, KeysMax<T>>::truncate_from(others.collect()));
		let kinds = T::ProvableKeys::get().len() as u32;
		let raw = |number: u32| {
			// Session keys have 32 bytes or fewer of each kind.
			let mut bytes = alloc::vec![0; keys::<T>().encoded_size()];
			let length = bytes.len().min(4);
			bytes[..length].copy_from_slice(&number.to_le_bytes()[..length]);
			let width = bytes.len() / T::Keys::key_ids().len().max(1);
			(1..T::Keys::key_ids().len()).for_each(|kind| {
				bytes.copy_within(..length, kind * width);
			});
			T::Keys::decode(&mut &bytes[..]).unwrap()
		};
		let queued = (0..n.div_ceil(kinds.max(1)))
			.map(|number| (account("validator", number, 0), raw(number)));
		QueuedKeys::<T>::put(queued.collect::<Vec<(T::AccountId, T::Keys)>>());
		#[block]
		{
			Pallet::<T>::note_keys(1);
		}
		assert_eq!(RetiredEnds::<T>::get().map(|ends| ends.next), Some(n.into()));
		assert!(KeysInUse::<T>::get().unwrap().iter().all(|used| used.first == 1));
	}

	#[benchmark]
	fn report_offence(k: Linear<0, { <T as Config>::MaxValidators::get() - 1 }>) {
		set_era::<T>();
		let members = fill_set::<T>();
		let seats = members.iter().map(|validator| Seat {
			validator: validator.clone(),
			own: 0,
			total: T::OwnStakeMin::get(),
		});
		Elected::<T>::insert(
			ERA,
			BoundedVec::<_, T::MaxValidators>::truncate_from(seats.collect()),
		);
		members.iter().take(k as usize).for_each(|validator| {
			Offences::<T>::insert(ERA, validator, slashed::<T>());
		});
		OffenderCounts::<T>::insert(ERA, k);
		let offender = members.last().unwrap().clone();
		let mut candidates = operators::<T>(T::MaxCandidates::get() - 1, false);
		candidates.push(offender.clone());
		candidates.sort();
		set_candidates::<T>(&candidates);
		#[block]
		{
			Pallet::<T>::record_offence((offender.clone(), 1), KIND, None).unwrap();
		}
		assert!(Pallet::<T>::is_barred(&offender) && !Pallet::<T>::is_candidate(&offender));
		assert_eq!(SlashesEnds::<T>::get().map(|ends| ends.next), Some(u64::from(k) + 1));
	}

	#[benchmark]
	fn apply_slash() {
		set_era::<T>();
		let offender = due_offender::<T>();
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), ERA, offender.clone());
		assert_eq!(Pallet::<T>::offence_of(ERA, &offender).unwrap().due, None);
	}

	#[benchmark]
	fn cancel_slash() -> Result<(), BenchmarkError> {
		set_era::<T>();
		let offender = due_offender::<T>();
		let origin =
			T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, ERA, offender.clone());
		assert!(Pallet::<T>::offence_of(ERA, &offender).unwrap().is_cancelled);
		Ok(())
	}

	#[benchmark]
	fn sweep_base() {
		set_era::<T>();
		let wait = SessionIndex::MAX;
		Waiting::<T>::push(Slash { due: wait, era: ERA, validator: account("offender", 0, 0) });
		Retired::<T>::push(RetiredKey { key: [0; 32], first: 1, last: wait });
		let mut meter = WeightMeter::new();
		#[block]
		{
			Pallet::<T>::sweep(&mut meter);
		}
		assert_eq!(meter.consumed(), <T as Config>::WeightInfo::sweep_base());
	}

	#[benchmark]
	fn forget_key() {
		let (key, first) = ([0; 32], 0);
		let validator: T::AccountId = account("validator", 0, 0);
		KeyUses::<T>::insert(key, first, KeyUse { validator, last: Some(0) });
		Retired::<T>::push(RetiredKey { key, first, last: 0 });
		#[block]
		{
			Pallet::<T>::forget_key(1);
		}
		assert!(!KeyUses::<T>::contains_key(key, first));
	}

	#[benchmark]
	fn forget_offence() {
		let offender: T::AccountId = account("offender", 0, 0);
		Offences::<T>::insert(0, &offender, slashed::<T>());
		let active = T::EvidenceEras::get() + T::DeferralEras::get() + 1;
		#[block]
		{
			Pallet::<T>::forget_offence(active);
		}
		assert!(!Offences::<T>::contains_key(0, offender));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::chain_of(4), crate::mock::Test);
}
