//! A runtime with balances, timestamps and this pallet. Those who settle epochs are fakes: they
//! mint the part of their pools that a test says, and owe all of it.

use frame_support::{
	PalletId, construct_runtime, derive_impl, parameter_types,
	traits::{
		ConstU64, ConstU128, Hooks,
		fungible::Mutate,
		tokens::{Fortitude, Precision, Preservation},
	},
	weights::Weight,
};
use groma_core::{
	EpochIndex,
	money::{Balance, GRM, MILLI_GRM, SUPPLY_MAX},
	units::Scale,
};
use groma_traits::{ClosedEpoch, Emission as _, OnEpochClosed, Payment};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

use crate::{self as pallet_emission, EmissionBooks, EmissionSplit, Pallet};

pub(crate) use groma_core::emission::DAY_MS;
pub(crate) use groma_fakes::{FIRST_EPOCH, HOUR_MS, START_MS, StandsStill};

pub(crate) type AccountId = u64;
pub(crate) type Emission = Pallet<Test>;

pub(crate) const TREASURY: AccountId = 900;
pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;
pub(crate) const GENESIS: Balance = 1_000 * GRM;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Balances: pallet_balances,
		EmissionPallet: pallet_emission,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

parameter_types! {
	pub storage EpochLengthMs: u64 = DAY_MS;
	pub storage Split: EmissionSplit = EmissionSplit::default();
	/// Parts of their pools that the fakes mint.
	pub storage SupplyPart: Scale = Scale::ZERO;
	pub storage CollectorsPart: Scale = Scale::ZERO;
	/// The part that validators take of what claims left them.
	pub storage ValidatorsPart: Scale = Scale::ZERO;
	/// What the fakes owe.
	pub storage OwedToSupply: Balance = 0;
	pub storage OwedToCollectors: Balance = 0;
	pub storage OwedToValidators: Balance = 0;
	/// The epochs that the fakes were notified of.
	pub storage Closed: Vec<EpochIndex> = Vec::new();
	/// When the last of them and the chain began.
	pub storage Began: (u64, u64) = (0, 0);
	/// Epochs in which something was done, of those that are not closed.
	pub storage Worked: Vec<EpochIndex> = Vec::new();
	pub storage SupplyMax: Balance = SUPPLY_MAX;
	/// What one account begins with.
	pub const GenesisSupplyMax: Balance = GENESIS;
	pub const PotId: PalletId = PalletId(*b"gr/rewds");
}

impl pallet_emission::Config for Test {
	type Currency = Balances;
	type Time = Timestamp;
	type EpochLength = EpochLengthMs;
	type Split = Split;
	type Standstill = groma_fakes::Fakes<Test>;
	type OnEpochClosed = (FakeCollectors, FakeSupply, FakeValidators);
	type GenesisSupplyMax = GenesisSupplyMax;
	type SupplyMax = SupplyMax;
	type TreasuryAccount = ConstU64<TREASURY>;
	type PalletId = PotId;
	type WeightInfo = ();
}

/// What a fake says that settling weighs.
pub(crate) const SETTLING: Weight = Weight::from_parts(1_000_000, 1_000);

pub struct FakeCollectors;

impl OnEpochClosed for FakeCollectors {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		let minted = Emission::mint(CollectorsPart::get().of(closed.pools.collectors));
		OwedToCollectors::set(&(OwedToCollectors::get() + minted));
		SETTLING
	}

	fn owed() -> Balance {
		OwedToCollectors::get()
	}
}

pub struct FakeSupply;

impl OnEpochClosed for FakeSupply {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		let minted = Emission::mint(SupplyPart::get().of(closed.pools.supply));
		OwedToSupply::set(&(OwedToSupply::get() + minted));
		Closed::set(&[Closed::get(), vec![closed.epoch]].concat());
		Began::set(&(closed.began_ms, closed.chain_began_ms));
		SETTLING
	}

	fn has_open_work(epoch: EpochIndex) -> bool {
		Worked::get().contains(&epoch)
	}

	fn owed() -> Balance {
		OwedToSupply::get()
	}
}

pub struct FakeValidators;

impl OnEpochClosed for FakeValidators {
	/// All that claims left is minted, and what no one takes is taken back.
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		let reminted = Emission::remint_for_validators(closed.for_validators);
		let taken = ValidatorsPart::get().of(reminted);
		Emission::unremint(reminted - taken);
		OwedToValidators::set(&(OwedToValidators::get() + taken));
		SETTLING
	}

	fn owed() -> Balance {
		OwedToValidators::get()
	}
}

/// Pays what is owed from the pot, or takes it back. Returns whether that worked.
pub(crate) fn pay_supply(to: AccountId, amount: Balance) -> bool {
	let is_paid = amount <= OwedToSupply::get() && Emission::pay(&to, amount).is_ok();
	if is_paid {
		OwedToSupply::set(&(OwedToSupply::get() - amount));
	}
	is_paid
}

/// Takes back from the pot a part of what is owed.
pub(crate) fn forgo_supply(amount: Balance) {
	let amount = amount.min(OwedToSupply::get());
	OwedToSupply::set(&(OwedToSupply::get() - amount));
	Emission::unmint(amount);
}

/// A customer burns GRM for credits.
pub(crate) fn burn(amount: Balance) {
	Balances::burn_from(&1, amount, Preservation::Preserve, Precision::Exact, Fortitude::Polite)
		.expect("it has as much");
	Emission::note_burned(amount);
}

/// A claim of a service is owed a part of what was burned for it. Returns whether it was minted.
pub(crate) fn remint(amount: Balance, basis: Balance) -> bool {
	remint_and_keep(amount, 0, basis)
}

/// The same, and the claim leaves a part for validators.
pub(crate) fn remint_and_keep(paid: Balance, for_validators: Balance, basis: Balance) -> bool {
	let epoch = Emission::present_epoch().expect("the clock runs");
	let payment = Payment { basis, value: basis, paid, for_validators };
	let is_minted = Emission::remint(epoch, &payment);
	if is_minted {
		OwedToCollectors::set(&(OwedToCollectors::get() + paid));
	}
	is_minted
}

/// Makes the next block with this timestamp.
pub(crate) fn block_at(now_ms: u64) -> Weight {
	System::set_block_number(System::block_number() + 1);
	let weight = Emission::on_initialize(System::block_number());
	Timestamp::set_timestamp(now_ms);
	weight
}

/// Makes a block `hours` after the last one, and the one after it, which closes what is over.
pub(crate) fn pass_hours(hours: u64) {
	let now_ms = Timestamp::get() + hours * HOUR_MS;
	block_at(now_ms);
	block_at(now_ms + 6_000);
}

pub(crate) fn balance(account: AccountId) -> Balance {
	Balances::free_balance(account)
}

/// Founds a chain on which one account has so many plancks.
pub(crate) fn found(issued: Balance) -> TestExternalities {
	found_among(vec![(1, issued)])
}

/// Founds a chain on which accounts have so many plancks.
pub(crate) fn found_among(balances: Vec<(AccountId, Balance)>) -> TestExternalities {
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		..Default::default()
	}
	.build_storage()
	.expect("the genesis is valid")
	.into()
}

pub(crate) struct ExtBuilder;

impl ExtBuilder {
	pub(crate) fn build(self) -> TestExternalities {
		let mut externalities = found(GENESIS);
		externalities.execute_with(|| System::set_block_number(1));
		externalities
	}

	/// Runs a test that starts in the first block with a timestamp, and checks the state after it.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			block_at(START_MS);
			test();
			check();
		});
	}
}

/// Every invariant; and, as no one sends gifts here, the pot holds exactly what it owes.
pub(crate) fn check() {
	Emission::do_try_state().expect("the invariants hold");
	assert_eq!(balance(Emission::pot()), Emission::liabilities(), "the pot is not what it owes");
	let came = books().genesis + books().minted + Emission::reminted().minted;
	let there = Balances::total_issuance() + Emission::burned();
	assert_eq!(came, there, "issuance is not what was minted, less what was burned");
}

/// The books.
pub(crate) fn books() -> EmissionBooks {
	Emission::books().expect("they decode")
}
