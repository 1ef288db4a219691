//! Benchmarks of every call, hook and authorization, at their worst.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may fail")]

use alloc::{vec, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	dispatch::{DispatchInfo, PostDispatchInfo},
	pallet_prelude::TransactionSource,
	traits::{Authorize, Get, IsSubType},
	weights::Weight,
};
use frame_system::{RawOrigin, pallet_prelude::BlockNumberFor};
use groma_core::{
	DeviceId, WindowIndex,
	payload::{self, Observation},
	place::Cell,
	region::EU868,
	words::Signature,
};
use groma_seams::{CoverageRewards, Devices, Networks, Work};
use sp_core::{crypto::KeyTypeId, ed25519};
use sp_runtime::traits::{DispatchTransaction, Dispatchable};

use crate::{
	Activities, Call, Cells, Challenges, Config, CoverageLane, CurrentWindow, Pallet, activity,
	density,
	types::*,
	windows::{block_now, genesis_hash},
};

type RuntimeCallOf<T> = <T as frame_system::Config>::RuntimeCall;

/// The window of all beacons, late enough for every location to be mature.
const WINDOW: WindowIndex = 1_000_000;
/// A key of small order, which registration refuses. The keystore signs as deterministically as every
/// honest client does, so two signatures of one message have to come from elsewhere.
const WEAK_KEY: [u8; 32] = {
	let mut key = [0; 32];
	key[0] = 1;
	key
};
const KEYS: KeyTypeId = KeyTypeId(*b"benc");

/// A device whose key is in the keystore.
#[derive(Clone, Copy)]
struct Signatory {
	device: DeviceId,
	key: ed25519::Public,
}

impl Signatory {
	fn sign(&self, message: &[u8]) -> Signature {
		sp_io::crypto::ed25519_sign(KEYS, &self.key, message).unwrap().0
	}
}

/// Makes `window` the running one; everybody is challenged in it.
fn go_to<T: Config>(window: WindowIndex) {
	let thresholds = T::Networks::ids().into_iter().map(|network| (network, u64::MAX));
	let thresholds = BoundedVec::truncate_from(thresholds.collect::<Vec<_>>());
	let seed = payload::seed(window, &[1; 32]);
	Pallet::<T>::set_window(WindowRecord { index: window, first_block: 0, seed, thresholds });
}

/// Registers the `n`-th device of the benchmark, 2.2 km north of the one before.
fn device<T: Config>(n: u32) -> Signatory {
	let network = T::Networks::ids()[0];
	let key = sp_io::crypto::ed25519_generate(KEYS, None);
	let cell = Cell::from_degrees(40.0 + 0.02 * f64::from(n % 40), 11.0, 12).unwrap();
	let device = T::Devices::populate(account("owner", n, 0), network, key.0, cell, EU868);
	Signatory { device, key }
}

fn challenge_id<T: Config>(window: WindowIndex, device: DeviceId) -> [u8; 32] {
	let seed = Pallet::<T>::seed_of(window).unwrap();
	payload::challenge_id(&genesis_hash::<T>(), &seed, device)
}

fn beacon<T: Config>(beaconer: &Signatory) -> Signature {
	beaconer.sign(&payload::beacon(&challenge_id::<T>(WINDOW, beaconer.device)))
}

fn statement<T: Config>(
	beaconer: &Signatory,
	signature: &Signature,
	witness: &Signatory,
) -> SignedObservation {
	let observation = Observation {
		witness: witness.device,
		rssi_deci_dbm: -1_150,
		snr_deci_db: 0,
		commitment: payload::commitment(signature, witness.device),
	};
	let challenge = challenge_id::<T>(WINDOW, beaconer.device);
	let signature = witness.sign(&observation.to_signed_bytes(&challenge));
	SignedObservation { observation, signature }
}

/// A beaconer with as many witnesses, and what they state of it.
fn group<T: Config>(first: u32, witnesses: u32) -> (Signatory, StatementGroup) {
	let beaconer = device::<T>(first);
	let signature = beacon::<T>(&beaconer);
	let statements = (1..=witnesses)
		.map(|n| statement::<T>(&beaconer, &signature, &device::<T>(first + n)))
		.collect::<Vec<_>>();
	let statements = BoundedVec::truncate_from(statements);
	(beaconer, StatementGroup { window: WINDOW, beaconer: beaconer.device, statements })
}

/// Puts the challenge of a group on chain, brought by as many collectors as are credited, and yields
/// its reveal.
fn stated<T: Config>(first: u32, witnesses: u32) -> Reveal {
	let (beaconer, group) = group::<T>(first, witnesses);
	let mut challenge = Challenge::new(0);
	for (n, statement) in group.statements.iter().enumerate() {
		let collector = account("collector", n as u32 % COLLECTORS_MAX, 0);
		challenge.put(statement.observation, Some(&collector), None);
	}
	Challenges::<T>::insert(WINDOW, beaconer.device, challenge);
	Reveal { window: WINDOW, beaconer: beaconer.device, signature: beacon::<T>(&beaconer) }
}

/// Counts the beaconer of a reveal before, so that settling does not: counting has a benchmark of its own.
fn count<T: Config>(device: DeviceId) {
	let view = T::Devices::at(device, WINDOW).unwrap();
	let place = Counted { network: view.network, cell: view.place.unwrap().cell };
	let limits = T::Networks::terms(view.network).unwrap().density_limits;
	activity::change::<T, _>(device, |activity| {
		density::count::<T>(&mut activity.counted, place, &limits);
	});
}

#[benchmarks(where
	T: Send + Sync,
	RuntimeCallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
		+ IsSubType<Call<T>>
		+ From<Call<T>>,
	<RuntimeCallOf<T> as Dispatchable>::RuntimeOrigin: From<RawOrigin<T::AccountId>>,
)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn tick() {
		let now = frame_system::Pallet::<T>::block_number();
		go_to::<T>(WINDOW);
		CurrentWindow::<T>::mutate(|clock| clock.blocks = 1_000);
		#[block]
		{
			Pallet::<T>::tick(now);
		}
		assert_eq!(CurrentWindow::<T>::get().index, WINDOW);
	}

	#[benchmark]
	fn open_window() {
		go_to::<T>(WINDOW);
		let now = BlockNumberFor::<T>::from(block_now::<T>().saturating_add(1_000));
		#[block]
		{
			Pallet::<T>::tick(now);
		}
		assert_eq!(CurrentWindow::<T>::get().index, WINDOW + 1);
	}

	#[benchmark]
	fn threshold() {
		let network = T::Networks::ids()[0];
		let computed;
		#[block]
		{
			computed = crate::windows::threshold_of::<T>(network);
		}
		assert!(computed.is_some());
	}

	#[benchmark]
	fn submit_statements(g: Linear<1, { T::MaxGroupsPerBundle::get() }>) {
		go_to::<T>(WINDOW);
		let groups = (0..g).map(|n| group::<T>(n * 100, 1).1).collect::<Vec<_>>();
		let groups = BoundedVec::truncate_from(groups);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), groups);
		assert_eq!(Challenges::<T>::iter().count() as u32, g);
	}

	#[benchmark]
	fn take_statements(s: Linear<1, { RECORDS_MAX }>) {
		go_to::<T>(WINDOW);
		let (_, group) = group::<T>(0, s);
		let caller: T::AccountId = whitelisted_caller();
		let tally;
		#[block]
		{
			tally = Pallet::<T>::do_submit_statements(&caller, vec![group]).0;
		}
		assert_eq!(tally, Tally { new: s, ..Tally::default() });
	}

	#[benchmark]
	fn refuse_statements(s: Linear<1, { RECORDS_MAX }>) {
		go_to::<T>(WINDOW);
		// The dearest refusal that reads nothing: known already, in a full challenge.
		let (_, group) = group::<T>(0, RECORDS_MAX);
		let caller: T::AccountId = whitelisted_caller();
		Pallet::<T>::do_submit_statements(&caller, vec![group.clone()]);
		let mut again = group;
		again.statements.truncate(s as usize);
		let tally;
		#[block]
		{
			tally = Pallet::<T>::do_submit_statements(&caller, vec![again]).0;
		}
		assert_eq!(tally, Tally { refused: s, ..Tally::default() });
	}

	#[benchmark]
	fn submit_reveals(c: Linear<1, { T::MaxGroupsPerBundle::get() }>) {
		go_to::<T>(WINDOW);
		let reveals = (0..c).map(|n| stated::<T>(n * 100, 1)).collect::<Vec<_>>();
		reveals.iter().for_each(|reveal| count::<T>(reveal.beaconer));
		go_to::<T>(WINDOW + REVEAL_DELAY);
		let caller: T::AccountId = whitelisted_caller();
		let reveals = BoundedVec::truncate_from(reveals);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), reveals);
		assert_eq!(Challenges::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn settle_records(r: Linear<1, { RECORDS_MAX }>) {
		go_to::<T>(WINDOW);
		let reveal = stated::<T>(0, r);
		count::<T>(reveal.beaconer);
		go_to::<T>(WINDOW + REVEAL_DELAY);
		let tally;
		#[block]
		{
			tally = Pallet::<T>::do_submit_reveals(&[reveal]).0;
		}
		assert_eq!(tally, Tally::one());
		assert_eq!(Activities::<T>::get(reveal.beaconer).last_heard, Some(WINDOW));
	}

	#[benchmark]
	fn fold() {
		go_to::<T>(WINDOW);
		let device = device::<T>(0).device;
		let work = Work {
			payee: account("owner", 0, 0),
			network: T::Networks::ids()[0],
			epoch: 0,
			units: groma_core::coverage::Units(1_000_000_000),
		};
		#[block]
		{
			T::Rewards::fold(device, work);
		}
	}

	#[benchmark]
	fn recount() {
		go_to::<T>(WINDOW);
		let device = device::<T>(0).device;
		count::<T>(device);
		let network = T::Networks::ids()[0];
		let limits = T::Networks::terms(network).unwrap().density_limits;
		let elsewhere = Counted { network, cell: Cell::from_degrees(-30.0, 20.0, 12).unwrap() };
		#[block]
		{
			activity::change::<T, _>(device, |activity| {
				density::count::<T>(&mut activity.counted, elsewhere, &limits)
			});
		}
		assert_eq!(Activities::<T>::get(device).counted, Some(elsewhere));
		assert_eq!(Cells::<T>::iter().count(), 5);
	}

	#[benchmark]
	fn submit_own_statement() {
		go_to::<T>(WINDOW);
		let (beaconer, group) = group::<T>(0, RECORDS_MAX);
		let caller: T::AccountId = whitelisted_caller();
		let mut others = group.clone();
		let last = others.statements.pop().unwrap();
		Pallet::<T>::do_submit_statements(&caller, vec![others]);
		#[extrinsic_call]
		_(RawOrigin::Authorized, WINDOW, beaconer.device, last);
		let records = Challenges::<T>::get(WINDOW, beaconer.device).unwrap().records;
		assert_eq!(records.len(), RECORDS_MAX as usize);
	}

	#[benchmark]
	fn authorize_submit_own_statement() {
		go_to::<T>(WINDOW);
		let (beaconer, group) = group::<T>(0, RECORDS_MAX);
		let caller: T::AccountId = whitelisted_caller();
		let mut others = group.clone();
		let statement = others.statements.pop().unwrap();
		Pallet::<T>::do_submit_statements(&caller, vec![others]);
		let call = Call::<T>::submit_own_statement {
			window: WINDOW,
			beaconer: beaconer.device,
			statement,
		};
		#[block]
		{
			call.authorize(TransactionSource::External).unwrap().unwrap();
		}
	}

	#[benchmark]
	fn submit_own_reveal(r: Linear<1, { RECORDS_MAX }>) {
		go_to::<T>(WINDOW);
		let reveal = stated::<T>(0, r);
		count::<T>(reveal.beaconer);
		go_to::<T>(WINDOW + REVEAL_DELAY);
		#[extrinsic_call]
		_(RawOrigin::Authorized, reveal);
		assert_eq!(Challenges::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn authorize_submit_own_reveal() {
		go_to::<T>(WINDOW);
		let reveal = stated::<T>(0, RECORDS_MAX);
		go_to::<T>(WINDOW + REVEAL_DELAY);
		let call = Call::<T>::submit_own_reveal { reveal };
		#[block]
		{
			call.authorize(TransactionSource::External).unwrap().unwrap();
		}
	}

	#[benchmark]
	fn report_double_beacon() {
		go_to::<T>(WINDOW);
		let network = T::Networks::ids()[0];
		let cell = Cell::from_degrees(40.0, 11.0, 12).unwrap();
		let device = T::Devices::populate(account("owner", 0, 0), network, WEAK_KEY, cell, EU868);
		count::<T>(device);
		// Under a key of small order every signature by a point of small order verifies.
		let (mut a, b) = ([0; 64], [0; 64]);
		a[0] = 1;
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), WINDOW, device, a, b);
		assert!(Activities::<T>::get(device).is_banned);
	}

	#[benchmark]
	fn expire_device() {
		go_to::<T>(WINDOW);
		let device = device::<T>(0).device;
		count::<T>(device);
		activity::change::<T, _>(device, |activity| activity.was_heard(WINDOW));
		go_to::<T>(WINDOW * 2);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), device);
		assert_eq!(Cells::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn prune_window() {
		go_to::<T>(WINDOW);
		crate::PruneCursor::<T>::put(WINDOW - REVEAL_DELAY - 1);
		#[block]
		{
			Pallet::<T>::prune(Weight::MAX);
		}
		assert_eq!(crate::PruneCursor::<T>::get(), WINDOW - REVEAL_DELAY);
	}

	#[benchmark]
	fn prune_challenge(r: Linear<1, { RECORDS_MAX }>) {
		go_to::<T>(WINDOW);
		stated::<T>(0, r);
		crate::PruneCursor::<T>::put(WINDOW);
		go_to::<T>(WINDOW + REVEAL_DELAY + 1);
		#[block]
		{
			Pallet::<T>::prune(Weight::MAX);
		}
		assert_eq!(Challenges::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn lane() {
		let caller: T::AccountId = whitelisted_caller();
		let call: RuntimeCallOf<T> = Call::<T>::expire_device { device: 0 }.into();
		let info = DispatchInfo { call_weight: Weight::from_parts(1_000, 0), ..Default::default() };
		#[block]
		{
			CoverageLane::<T>::new()
				.test_run(RawOrigin::Signed(caller).into(), &call, &info, 10, 0, |_| {
					Ok(PostDispatchInfo::default())
				})
				.unwrap()
				.unwrap();
		}
		assert!(crate::LaneUse::<T>::exists());
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().devices(0).build_for_benchmarks(),
		crate::mock::Test
	);
}
