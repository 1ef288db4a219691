//! A runtime of balances and this pallet. What it collects are notes: two series of reports that a
//! call of this mock writes down.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	construct_runtime, derive_impl, parameter_types,
	traits::{
		ConstU128, Get,
		fungible::{InspectHold, Mutate},
	},
};
use frame_system::offchain::{
	AppCrypto, CreateSignedTransaction, CreateTransactionBase, SigningTypes,
};
use groma_core::{
	CollectorIndex, DeviceId, WindowIndex,
	money::Balance,
	statement::{Report, ReportKey},
	words::Hash,
};
use groma_fakes::{Epoch, FirstOpenEpoch, pot};
use groma_traits::{Bundler, ClosedEpoch, Load, OnEpochClosed, Pools};
use sp_runtime::{
	AccountId32, BuildStorage, MultiSignature, MultiSigner, generic,
	traits::{BlakeTwo256, IdentityLookup},
};
use sp_version::RuntimeVersion;

use crate::{self as pallet_collector, CollectorCrypto};

pub(crate) use groma_fakes::{FIRST_EPOCH, START, StandsStill, account};

pub(crate) type TransactionExtensions =
	(frame_system::CheckNonce<Test>, frame_system::CheckWeight<Test>);
pub(crate) type Extrinsic =
	generic::UncheckedExtrinsic<AccountId32, RuntimeCall, MultiSignature, TransactionExtensions>;
pub(crate) type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;
type Fakes = groma_fakes::Fakes<Test, Balances>;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Collector: pallet_collector,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId32;
	type AccountData = pallet_balances::AccountData<Balance>;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId32>;
	type Nonce = u64;
	type Version = Version;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

/// The version that [`SpecVersion`] says.
pub struct Version;

impl Get<RuntimeVersion> for Version {
	fn get() -> RuntimeVersion {
		RuntimeVersion { spec_version: SpecVersion::get(), ..Default::default() }
	}
}

/// What a report earns at most, in plancks: no multiple of five.
pub(crate) const CAP: Balance = 103;
/// What a fifth of a report earns at most, in plancks.
pub(crate) const FIFTH: Balance = 20;
/// What each account that registers holds beforehand.
pub(crate) const FUNDS: Balance = 10_000;
/// The least that an account has, in plancks.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 250;
/// The most notes that a bundle carries.
pub(crate) const NOTES_MAX: usize = 8;
/// A subject about which the chain takes nothing.
pub(crate) const NO_SUBJECT: DeviceId = 77;

parameter_types! {
	/// What is put on hold for a collector.
	pub storage Deposit: Balance = 1_000;
	/// The version of the runtime.
	pub storage SpecVersion: u32 = 1;
	/// The window of the next block.
	pub storage NextWindow: WindowIndex = START;
	/// What is on chain.
	pub storage Noted: Vec<ReportKey> = vec![];
	pub EvidenceLimit: Load = Load { ref_time: 1_000_000, length: 4_000 };
	/// What the collectors' pool of an epoch holds.
	pub storage Pool: Balance = 1_000_000;
}

/// Begins the next epoch.
pub(crate) fn next_epoch() {
	Epoch::set(&(Epoch::get() + 1));
}

/// Closes the epochs before the present one.
pub(crate) fn close_epochs() {
	while FirstOpenEpoch::get() < Epoch::get() {
		let epoch = FirstOpenEpoch::get();
		let pools = Pools { collectors: Pool::get(), ..Pools::default() };
		let closed =
			ClosedEpoch { epoch, began_ms: 1, chain_began_ms: 1, pools, for_validators: 0 };
		Collector::on_epoch_closed(&closed);
		FirstOpenEpoch::set(&(epoch + 1));
	}
}

/// Gives the collector with this number its funds, if it has less.
pub(crate) fn fund(collector: u8) {
	if balance(account(collector)) < FUNDS {
		Balances::set_balance(&account(collector), FUNDS);
	}
}

/// Registers the collector with this number and returns its index.
pub(crate) fn register(collector: u8) -> CollectorIndex {
	fund(collector);
	let account = account(collector);
	Collector::register_collector(RuntimeOrigin::signed(account.clone())).expect("it is funded");
	Collector::index_of(&account)
}

/// What is on hold of an account for its registration.
pub(crate) fn on_hold(account: &AccountId32) -> Balance {
	let reason = RuntimeHoldReason::Collector(pallet_collector::HoldReason::Registration);
	Balances::balance_on_hold(&reason, account)
}

/// What an account has.
pub(crate) fn balance(account: AccountId32) -> Balance {
	Balances::free_balance(account)
}

/// Every invariant; and the pot holds exactly what is owed and its deposit.
pub(crate) fn check() {
	Collector::do_try_state().expect("the invariants hold");
	let owed = Collector::owed();
	assert_eq!(balance(pot()), EXISTENTIAL_DEPOSIT + owed, "the pot is not what it owes");
}

/// A report of which nothing is known but its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
pub struct Note<const SERIES: u8> {
	pub(crate) window: WindowIndex,
	pub(crate) subject: DeviceId,
	pub(crate) author: DeviceId,
}

impl<const SERIES: u8> Report for Note<SERIES> {
	const SERIES: u8 = SERIES;
	const DELAY_MAX: WindowIndex = SERIES as WindowIndex;

	fn key(&self) -> ReportKey {
		let Self { window, subject, author } = *self;
		ReportKey { series: SERIES, window, subject, author }
	}
}

/// Bundles notes. Those of series *n* are brought in the window of the next block and the *n*
/// windows before.
pub struct Notes<const SERIES: u8>(Vec<ReportKey>);

impl<const SERIES: u8> Bundler<RuntimeCall> for Notes<SERIES> {
	type Report = Note<SERIES>;

	fn windows(_: &Hash) -> Vec<WindowIndex> {
		let now = NextWindow::get();
		(now - WindowIndex::from(SERIES)..=now).collect()
	}

	fn is_open(key: &ReportKey) -> bool {
		key.window + Note::<SERIES>::DELAY_MAX >= NextWindow::get() && !Noted::get().contains(key)
	}

	fn new(room: Load) -> Self {
		assert_eq!(room, Collector::bundle_room());
		Self(Vec::new())
	}

	fn add(&mut self, notes: Vec<Note<SERIES>>) {
		for key in notes.iter().map(Report::key) {
			let is_new = key.subject != NO_SUBJECT && !Noted::get().contains(&key);
			if is_new && !self.0.contains(&key) && self.0.len() < NOTES_MAX {
				self.0.push(key);
			}
		}
	}

	fn is_full(&self) -> bool {
		self.0.len() == NOTES_MAX
	}

	fn finish(self) -> Option<(RuntimeCall, Vec<ReportKey>)> {
		let call = frame_system::Call::remark { remark: self.0.encode() };
		(!self.0.is_empty()).then(|| (call.into(), self.0))
	}
}

/// What a bundle carries.
pub(crate) fn notes_of(call: &RuntimeCall) -> Vec<ReportKey> {
	let RuntimeCall::System(frame_system::Call::remark { remark }) = call else {
		panic!("no bundle: {call:?}")
	};
	Decode::decode(&mut &remark[..]).expect("a bundle carries keys")
}

impl pallet_collector::Config for Test {
	type CollectorCrypto = CollectorCrypto;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type CollectorDeposit = Deposit;
	type Bundlers = (Notes<1>, Notes<2>);
	type EvidenceLimit = EvidenceLimit;
	type Emission = Fakes;
	type Standstill = Fakes;
	type CollectorCap = ConstU128<CAP>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

impl SigningTypes for Test {
	type Public = MultiSigner;
	type Signature = MultiSignature;
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = Extrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<LocalCall> CreateSignedTransaction<LocalCall> for Test
where
	RuntimeCall: From<LocalCall>,
{
	fn create_signed_transaction<C: AppCrypto<MultiSigner, MultiSignature>>(
		call: RuntimeCall,
		public: MultiSigner,
		account: AccountId32,
		nonce: u64,
	) -> Option<Extrinsic> {
		let extensions = (frame_system::CheckNonce::from(nonce), frame_system::CheckWeight::new());
		let payload = generic::SignedPayload::new(call, extensions).ok()?;
		let signature = payload.using_encoded(|bytes| C::sign(bytes, public))?;
		let (call, extensions, _) = payload.deconstruct();
		Some(Extrinsic::new_signed(call, account, signature, extensions))
	}
}

pub(crate) fn next_block() {
	System::set_block_number(System::block_number() + 1);
}

/// A chain at its first block.
pub(crate) fn new_chain() -> sp_io::TestExternalities {
	let balances = vec![(pot(), EXISTENTIAL_DEPOSIT)];
	let balances = pallet_balances::GenesisConfig { balances, ..Default::default() };
	let config = RuntimeGenesisConfig { balances, ..Default::default() };
	let storage = config.build_storage().expect("genesis builds");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| System::set_block_number(1));
	ext
}
