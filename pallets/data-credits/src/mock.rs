//! A runtime with balances and this pallet.

use frame_support::{construct_runtime, derive_impl, parameter_types, traits::ConstU128};
use groma_core::money::{Balance, Credits, GRM, MILLI_GRM};
use groma_traits::LotHolders;
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchResult};

use crate::{self as pallet_data_credits, Pallet};

pub(crate) use groma_fakes::{Burned, Epoch, LastGood, MintPrice};

pub(crate) type AccountId = u64;
pub(crate) type DataCredits = Pallet<Test>;
type Fakes = groma_fakes::Fakes<Test, Balances>;

pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;
pub(crate) const OPERATOR_DEPOSIT: Balance = 100 * MILLI_GRM;
/// What each of the accounts from 10 to 17 begins with.
pub(crate) const GENESIS: Balance = 1_000_000 * GRM;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		CreditsPallet: pallet_data_credits,
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
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
	type RuntimeHoldReason = RuntimeHoldReason;
}

parameter_types! {
	/// What holders hold: credits and basis.
	pub storage Elsewhere: (u128, Balance) = (0, 0);
}

/// The other pallets, of which tests say what they hold.
pub struct Holders;

impl LotHolders for Holders {
	fn held() -> (u128, Balance) {
		Elsewhere::get()
	}
}

impl pallet_data_credits::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Prices = Fakes;
	type Emission = Fakes;
	type Holders = Holders;
	type OperatorDeposit = ConstU128<OPERATOR_DEPOSIT>;
	type WeightInfo = ();
}

pub(crate) fn mint(account: AccountId, credits: Credits) -> DispatchResult {
	DataCredits::mint_credits(RuntimeOrigin::signed(account), credits, Balance::MAX)
}

/// Credits and basis of an account.
pub(crate) fn held(account: AccountId) -> (Credits, Balance) {
	let held = DataCredits::held_by(&account);
	(held.credits(), held.basis())
}

pub(crate) struct ExtBuilder;

impl ExtBuilder {
	pub(crate) fn build(self) -> TestExternalities {
		let balances = (10..18).map(|account| (account, GENESIS)).collect();
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			..Default::default()
		}
		.build_storage()
		.expect("the genesis is valid");
		let mut externalities = TestExternalities::new(storage);
		externalities.execute_with(|| System::set_block_number(1));
		externalities
	}

	/// Runs a test and checks the state after it.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
		});
	}
}

/// Every invariant, and that all that was burned was counted.
pub(crate) fn check() {
	DataCredits::do_try_state().expect("the invariants hold");
	assert_eq!(Balances::total_issuance() + Burned::get(), 8 * GENESIS, "a burn is not counted");
}
