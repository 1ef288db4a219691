//! A runtime of this pallet alone. Time, windows and validators are fakes.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use codec::Encode;
use frame_support::{construct_runtime, derive_impl, parameter_types, traits::ConstU32};
use frame_system::offchain::{
	AppCrypto, CreateSignedTransaction, CreateTransactionBase, SigningTypes,
};
use groma_core::{WindowIndex, price::Price};
use sp_runtime::{
	AccountId32, BuildStorage, MultiSignature, MultiSigner, Perbill, generic,
	traits::{BlakeTwo256, IdentityLookup},
};

use crate::{self as pallet_price_feed, FeederCrypto};

pub(crate) use groma_fakes::{CurrentWindow, NowMs, START, StandsStill, account, set_validators};

pub(crate) type TransactionExtensions =
	(frame_system::CheckNonce<Test>, frame_system::CheckWeight<Test>);
pub(crate) type Extrinsic =
	generic::UncheckedExtrinsic<AccountId32, RuntimeCall, MultiSignature, TransactionExtensions>;
pub(crate) type Block = generic::Block<generic::Header<u64, BlakeTwo256>, Extrinsic>;
type Fakes = groma_fakes::Fakes<Test>;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		PriceFeed: pallet_price_feed,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId32;
	type Block = Block;
	type Lookup = IdentityLookup<AccountId32>;
	type Nonce = u64;
}

/// The most validators.
pub(crate) const VALIDATORS_MAX: u32 = 300;
/// The bootstrap price in nano-USD per GRM.
pub(crate) const BOOTSTRAP: u64 = 10_000_000;

parameter_types! {
	/// The share of the set that makes a price.
	pub storage Quorum: Perbill = Perbill::from_percent(50);
	pub storage BootstrapPrice: Price = Price::clamp(BOOTSTRAP);
	/// When the bootstrap price ends.
	pub storage BootstrapWindows: WindowIndex = WindowIndex::MAX;
}

impl pallet_price_feed::Config for Test {
	type FeederCrypto = FeederCrypto;
	type Validators = Fakes;
	type FeedWork = Fakes;
	type MaxValidators = ConstU32<VALIDATORS_MAX>;
	type Time = Fakes;
	type Windows = Fakes;
	type Standstill = Fakes;
	type Quorum = Quorum;
	type BootstrapPrice = BootstrapPrice;
	type BootstrapWindows = BootstrapWindows;
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

/// The time of the first block, in ms since the Unix epoch.
pub(crate) const FIRST_MS: u64 = 1_700_000_000_000;
/// A minute in ms.
pub(crate) const MINUTE_MS: u64 = 60_000;

/// What the clock shows, in ms since the first block.
pub(crate) fn now() -> u64 {
	NowMs::get().unwrap_or_default() - FIRST_MS
}

/// The account that feeds for validator `n`.
pub(crate) fn feeder(n: u8) -> AccountId32 {
	account(100 + n)
}

/// A price in nano-USD per GRM.
pub(crate) fn price(nano_usd: u64) -> Price {
	Price::new(nano_usd).expect("a price")
}

/// Makes the next block, `after_ms` later: its hooks see the time of the block before.
pub(crate) fn next_block(after_ms: u64) {
	System::set_block_number(System::block_number() + 1);
	PriceFeed::tick();
	NowMs::set(&Some(FIRST_MS + now() + after_ms));
}

/// Makes blocks of six seconds until so many ms since the first one.
pub(crate) fn run_to(until_ms: u64) {
	while now() < until_ms {
		next_block((until_ms - now()).min(6_000));
	}
}

/// A chain at its first block, with so many validators and their feeders.
pub(crate) fn chain_of(validators: u8) -> sp_io::TestExternalities {
	let feeders = (0..validators).map(|n| (account(n), feeder(n))).collect();
	let config = RuntimeGenesisConfig {
		price_feed: pallet_price_feed::GenesisConfig { feeders },
		..Default::default()
	};
	let mut ext: sp_io::TestExternalities = config.build_storage().expect("genesis builds").into();
	ext.execute_with(|| {
		set_validators::<AccountId32>((0..validators).map(account).collect());
		NowMs::set(&Some(FIRST_MS));
		System::set_block_number(1);
		PriceFeed::tick();
	});
	ext
}

/// A chain at its first block.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn new_chain() -> sp_io::TestExternalities {
	chain_of(4)
}
