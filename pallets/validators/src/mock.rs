//! A runtime with sessions of ten blocks and this pallet, whose validators are numbers. Stake,
//! epochs and the pot are fakes.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use frame_support::{
	ConsensusEngineId, construct_runtime, derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, ConstU128, FindAuthor, Hooks, KeyOwnerProofSystem},
	weights::WeightMeter,
};
use groma_core::{EraIndex, money::Balance};
use groma_fakes::{Epoch, FirstOpenEpoch, pot};
use groma_traits::{ClosedEpoch, OnEpochClosed, Pools};
use pallet_session::{PeriodicSessions, TestSessionHandler, disabling::UpToLimitDisablingStrategy};
use sp_io::TestExternalities;
use sp_runtime::{
	BuildStorage, KeyTypeId, Perbill, key_types::DUMMY, testing::UintAuthorityId,
	traits::ConvertInto,
};
use sp_staking::{
	SessionIndex,
	offence::{Kind, Offence, OffenceError, ReportOffence},
};

use crate as pallet_validators;
use crate::Signer;

pub(crate) type AccountId = u64;
type Fakes = groma_fakes::Fakes<Test, Balances>;

pub(crate) const SESSION_BLOCKS: u64 = 10;
pub(crate) const EVIDENCE_ERAS: EraIndex = 2;
pub(crate) const DEFERRAL_ERAS: EraIndex = 2;
pub(crate) const CANDIDATES_MAX: u32 = 1_000;
pub(crate) const DEPOSIT: Balance = 7;
/// The least own stake of a candidate.
pub(crate) const LEAST: Balance = 100;
/// What each 4 minutes of fresh prices count.
pub(crate) const FEED_POINTS: u32 = 100;
/// What those of genesis provision.
pub(crate) const PROVISION: Balance = 1_000;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Session: pallet_session,
		Validators: pallet_validators,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
}

type Sessions = PeriodicSessions<ConstU64<SESSION_BLOCKS>, ConstU64<0>>;

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Sessions;
	type NextSessionRotation = Sessions;
	type SessionManager = Validators;
	type SessionHandler = TestSessionHandler;
	type Keys = UintAuthorityId;
	type DisablingStrategy = UpToLimitDisablingStrategy<3>;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU128<DEPOSIT>;
}

parameter_types! {
	/// The least that an offence costs.
	pub const FractionMin: Perbill = Perbill::from_percent(1);
	/// The kinds of keys that are noted.
	pub const ProvableKeys: &'static [KeyTypeId] = &[DUMMY];
	/// How many seats an election fills.
	pub storage Seats: u32 = 100;
	/// How many sessions an era has.
	pub storage SessionsPerEra: u32 = 3;
	/// Who authors no blocks.
	pub storage Idle: Vec<AccountId> = vec![];
	/// Whether blocks have weight left for hooks that can wait.
	pub storage HasSpare: bool = true;
	/// The index in the digest of the block.
	pub storage AuthorIndex: Option<u32> = None;
}

/// The author that a test says.
pub struct AuthorOfTest;

impl FindAuthor<u32> for AuthorOfTest {
	fn find_author<'a, I>(_: I) -> Option<u32>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		AuthorIndex::get()
	}
}

impl pallet_validators::Config for Test {
	type MaxValidators = ConstU32<1_000>;
	type MaxCandidates = ConstU32<CANDIDATES_MAX>;
	type Seats = Seats;
	type OwnStakeMin = ConstU128<LEAST>;
	type GenesisProvision = ConstU128<PROVISION>;
	type SessionsPerEra = SessionsPerEra;
	type EvidenceEras = ConstU32<EVIDENCE_ERAS>;
	type DeferralEras = ConstU32<DEFERRAL_ERAS>;
	type FractionMin = FractionMin;
	type ProvableKeys = ProvableKeys;
	type GovernanceOrigin = frame_system::EnsureRoot<AccountId>;
	type FeedPoints = ConstU32<FEED_POINTS>;
	type FindAuthor = AuthorOfTest;
	type Backing = Fakes;
	type Emission = Fakes;
	type Standstill = Fakes;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

/// A chain of the validators 1 to `count`, each with the key of its number.
pub(crate) fn chain_of(count: u64) -> TestExternalities {
	chain_with(count, 10 * PROVISION)
}

/// The same, on which each of them has so much.
pub(crate) fn chain_with(count: u64, funds: Balance) -> TestExternalities {
	let keys = (1..=count).map(|number| (number, number, UintAuthorityId(number))).collect();
	let accounts = (1..=count + 10).map(|number| (number, funds)).chain([(pot(), 1)]);
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: accounts.collect(),
			..Default::default()
		},
		session: pallet_session::GenesisConfig { keys, ..Default::default() },
		..Default::default()
	}
	.build_storage()
	.expect("the genesis is valid")
	.into()
}

/// Runs a test on a chain of the validators 1 to `count`, and checks the state after it.
pub(crate) fn run_with(count: u64, test: impl FnOnce()) {
	chain_of(count).execute_with(|| {
		System::set_block_number(1);
		test();
		Validators::do_try_state().expect("the invariants hold");
	});
}

/// Puts stake behind an operator: its own, and what is delegated to it. The fake would take a
/// number of another type for an account, and find nothing of anyone any more.
pub(crate) fn back_operator(operator: u64, own: Balance, delegated: Balance) {
	groma_fakes::back_operator(operator, own, delegated);
}

/// Makes a block whose digest has this index of an author.
pub(crate) fn make_block(author: Option<u32>) {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	AuthorIndex::set(&author);
	Session::on_initialize(number);
	Validators::on_initialize(number);
	if HasSpare::get() {
		Validators::on_poll(number, &mut WeightMeter::new());
	}
}

/// Who takes the turn of the next block: an index of the set of its session.
fn turn() -> Option<u32> {
	let next = System::block_number() + 1;
	let is_first = next.is_multiple_of(SESSION_BLOCKS);
	let set: Vec<AccountId> = if is_first {
		Session::queued_keys().into_iter().map(|(validator, _)| validator).collect()
	} else {
		Session::validators()
	};
	let idle = Idle::get();
	let diligent: Vec<_> = (0..).zip(set).filter(|(_, it)| !idle.contains(it)).collect();
	let place = usize::try_from(next).expect("it is small").checked_rem(diligent.len())?;
	diligent.get(place).map(|(index, _)| *index)
}

/// Makes the blocks until `sessions` more have begun, by all who are not idle in turn.
pub(crate) fn pass_sessions(sessions: u64) {
	for _ in 0..sessions {
		make_block(turn());
		while !System::block_number().is_multiple_of(SESSION_BLOCKS) {
			make_block(turn());
		}
	}
}

/// Makes blocks until `eras` more have begun.
pub(crate) fn pass_eras(eras: u32) {
	let last = era() + eras;
	for _ in 0..100 * eras {
		if era() == last {
			return;
		}
		pass_sessions(1);
	}
	panic!("era {last} does not begin");
}

/// The era whose set validates.
pub(crate) fn era() -> EraIndex {
	<Validators as groma_traits::Eras>::active()
}

/// Gives an account the key of its number, and this much own and delegated stake.
pub(crate) fn make_operator(account: AccountId, own: Balance, delegated: Balance) {
	let keys = UintAuthorityId(account);
	for id in <UintAuthorityId as sp_runtime::traits::OpaqueKeys>::key_ids() {
		let key = (*id, keys.as_ref().to_vec());
		pallet_session::KeyOwner::<Test>::insert(key, account);
	}
	pallet_session::NextKeys::<Test>::insert(account, keys);
	back_operator(account, own, delegated);
}

/// Makes an account a candidate with this much own stake.
pub(crate) fn make_candidate(account: AccountId, own: Balance) {
	make_operator(account, own, 0);
	let origin = RuntimeOrigin::signed(account);
	Validators::declare(origin, None).expect("it has keys and stake, and there is room");
}

/// Gives an account the key with this number, as if it had proven it.
pub(crate) fn set_key(account: AccountId, key: u64) {
	let keys = UintAuthorityId(key);
	Session::set_keys(RuntimeOrigin::signed(account), keys, Vec::new()).expect("the key is free");
}

/// An offence of any kind.
pub(crate) struct Reported(pub(crate) Signer<Test>);

impl Offence<Signer<Test>> for Reported {
	const ID: Kind = *b"a double signing";
	type Slot = u64;

	fn offenders(&self) -> Vec<Signer<Test>> {
		vec![self.0]
	}

	fn session_index(&self) -> SessionIndex {
		self.0.1
	}

	fn validator_set_count(&self) -> u32 {
		0
	}

	fn slot(&self) -> u64 {
		0
	}

	fn slash_fraction(&self, _: u32) -> Perbill {
		Perbill::zero()
	}
}

/// Who reports.
pub(crate) const REPORTER: AccountId = 11;

/// Reports that a validator signed twice in a session.
pub(crate) fn report(signer: Signer<Test>) -> Result<(), OffenceError> {
	Validators::report_offence(vec![REPORTER], Reported(signer))
}

/// Whether a report of this would be a duplicate.
pub(crate) fn is_known(signer: Signer<Test>) -> bool {
	<Validators as ReportOffence<AccountId, _, Reported>>::is_known_offence(&[signer], &0)
}

/// Who used the key with this number in a session, as a node finds it in the present state.
pub(crate) fn signer(key: u64, session: SessionIndex) -> Option<Signer<Test>> {
	let key = UintAuthorityId(key).as_ref().to_vec();
	let proof = Validators::prove_key_in(DUMMY, &key, session..=session)?;
	Validators::check_proof((DUMMY, key), proof)
}

/// Begins the next epoch and closes the one before, whose validators' pool holds so much.
pub(crate) fn close_epoch(pool: Balance) {
	close_epoch_with(pool, 0);
}

/// The same, in which claims of services left an amount for validators.
pub(crate) fn close_epoch_with(pool: Balance, for_validators: Balance) {
	let epoch = FirstOpenEpoch::get();
	Epoch::set(&(epoch + 1));
	let pools = Pools { validators: pool, ..Pools::default() };
	let closed = ClosedEpoch { epoch, began_ms: 1, chain_began_ms: 1, pools, for_validators };
	Validators::on_epoch_closed(&closed);
	FirstOpenEpoch::set(&(epoch + 1));
}

/// The accounts that are disabled now.
pub(crate) fn disabled() -> Vec<AccountId> {
	let validators = Session::validators();
	Session::disabled_validators().iter().map(|index| validators[*index as usize]).collect()
}

/// Whether this happened in the blocks so far.
pub(crate) fn has_happened(event: pallet_validators::Event<Test>) -> bool {
	let event: RuntimeEvent = event.into();
	System::events().iter().any(|record| record.event == event)
}
