//! A runtime of this pallet alone. What it collects are notes: two series of reports that a call of
//! this mock writes down. Emission is a fake: a pot, and accounts that it pays.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{Twox64Concat, derive_impl, parameter_types, storage_alias, traits::ConstU128};
use frame_system::offchain::{
	AppCrypto, CreateSignedTransaction, CreateTransactionBase, SigningTypes,
};
use groma_core::{
	DeviceId, EpochIndex, WindowIndex,
	money::Balance,
	statement::{Report, ReportKey},
};
use groma_traits::{Bundler, ClosedEpoch, Emission, Load, OnEpochClosed, Pools};
use sp_runtime::{
	AccountId32, BuildStorage, DispatchError, DispatchResult, MultiSignature, MultiSigner, generic,
	traits::{BlakeTwo256, IdentityLookup},
};

use crate::CollectorCrypto;

pub(crate) type TransactionExtensions =
	(frame_system::CheckNonce<Test>, frame_system::CheckWeight<Test>);
pub(crate) type Extrinsic =
	generic::UncheckedExtrinsic<AccountId32, RuntimeCall, MultiSignature, TransactionExtensions>;
pub(crate) type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Collector = crate::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId32;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId32>;
	type Nonce = u64;
}

/// The window in which a test begins.
pub(crate) const START: WindowIndex = 100;
/// The epoch in which a test begins.
pub(crate) const FIRST_EPOCH: EpochIndex = 20;
/// What a report earns at most, in plancks.
pub(crate) const CAP: Balance = 100;
/// The least that the fake emission pays to an account that does not exist, in plancks.
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 250;
/// The most notes that a bundle carries.
pub(crate) const NOTES_MAX: usize = 8;
/// A subject about which the chain takes nothing.
pub(crate) const NOBODY: DeviceId = 77;

parameter_types! {
	/// The window of the next block.
	pub storage NextWindow: WindowIndex = START;
	/// What is on chain.
	pub storage Noted: Vec<ReportKey> = vec![];
	pub EvidenceLimit: Load = Load { ref_time: 1_000_000, length: 4_000 };
	/// The present epoch, and the first one that is not closed.
	pub storage Epoch: EpochIndex = FIRST_EPOCH;
	pub storage FirstOpen: EpochIndex = FIRST_EPOCH;
	/// What the collectors' pool of an epoch holds.
	pub storage Pool: Balance = 1_000_000;
	/// What the fake emission holds.
	pub storage Pot: Balance = 0;
}

/// What the fake emission paid to each account.
#[storage_alias]
pub(crate) type Paid = StorageMap<Fake, Twox64Concat, AccountId32, Balance>;

/// Emission reduced to a clock, a pot and what was paid from it.
pub struct FakeEmission;

impl Emission<AccountId32> for FakeEmission {
	fn present_epoch() -> Option<EpochIndex> {
		Some(Epoch::get())
	}

	fn first_open_epoch() -> Option<EpochIndex> {
		Some(FirstOpen::get())
	}

	fn mint(amount: Balance) -> Balance {
		Pot::set(&(Pot::get() + amount));
		amount
	}

	fn unmint(amount: Balance) {
		Pot::set(&(Pot::get() - amount));
	}

	fn pay(to: &AccountId32, amount: Balance) -> DispatchResult {
		let paid = Paid::get(to);
		if paid.is_none() && amount < EXISTENTIAL_DEPOSIT {
			return Err(DispatchError::CannotLookup);
		}
		Pot::set(&(Pot::get() - amount));
		Paid::insert(to, paid.unwrap_or_default() + amount);
		Ok(())
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl groma_traits::EmissionBenchmarkHelper for FakeEmission {
	fn pass_to(epoch: EpochIndex) {
		Epoch::set(&epoch);
		FirstOpen::set(&epoch);
		Pot::set(&(1_000_000 * groma_core::money::GRM));
	}
}

/// Begins the next epoch.
pub(crate) fn next_epoch() {
	Epoch::set(&(Epoch::get() + 1));
}

/// Closes the epochs before the present one.
pub(crate) fn close_epochs() {
	while FirstOpen::get() < Epoch::get() {
		let epoch = FirstOpen::get();
		let pools = Pools { collectors: Pool::get(), ..Pools::default() };
		Collector::on_epoch_closed(&ClosedEpoch { epoch, began_ms: 1, chain_began_ms: 1, pools });
		FirstOpen::set(&(epoch + 1));
	}
}

/// An account with a number for a name.
pub(crate) fn account(n: u8) -> AccountId32 {
	AccountId32::new([n; 32])
}

/// Every invariant; and the pot holds exactly what is owed.
pub(crate) fn check() {
	Collector::do_try_state().expect("the invariants hold");
	assert_eq!(Pot::get(), Collector::owed(), "the pot is not what it owes");
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

	fn windows() -> Vec<WindowIndex> {
		let now = NextWindow::get();
		(now - WindowIndex::from(SERIES)..=now).collect()
	}

	fn new(room: Load) -> Self {
		assert_eq!(room, Collector::bundle_room());
		Self(Vec::new())
	}

	fn add(&mut self, notes: Vec<Note<SERIES>>) {
		for key in notes.iter().map(Report::key) {
			let is_new = key.subject != NOBODY && !Noted::get().contains(&key);
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

impl crate::Config for Test {
	type CollectorCrypto = CollectorCrypto;
	type Bundlers = (Notes<1>, Notes<2>);
	type EvidenceLimit = EvidenceLimit;
	type Emission = FakeEmission;
	type CollectorCap = ConstU128<CAP>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = FakeEmission;
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
	let storage = RuntimeGenesisConfig::default().build_storage().expect("genesis builds");
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| System::set_block_number(1));
	ext
}
