//! The pallets that emit, sell credits, pay for services and reward work, joined as on the chain;
//! what lies around them are fakes. Devices and channels are left out: a lot goes from a payer's
//! account to the device, as it does through a channel.

#![allow(unexpected_cfgs, reason = "the macro asks for a feature that programs do not have")]
#![allow(unreachable_pub, reason = "the runtime is public within a private module")]

use codec::{Decode, Encode};
use frame_support::{
	PalletId, construct_runtime, derive_impl,
	pallet_prelude::ValueQuery,
	parameter_types, storage_alias,
	traits::{BuildGenesisConfig, ConstU64, ConstU128, Hooks},
	weights::Weight,
};
use groma_core::{
	DeviceId, NetworkId,
	emission::DAY_MS,
	money::{Balance, Credits, DemandShares, GENESIS_SUPPLY, GRM, MILLI_GRM, Price, SUPPLY_MAX},
	terms::NetworkTerms,
	units::{ONE, Units},
	words::SessionKey,
};
use groma_fakes::{
	EpochMean, LastGood, MintPrice, NowMs, Works, new_device, put_device, put_network,
};
use groma_traits::{
	ClosedEpoch, CreditAccounts, Demand, Emission as _, OnEpochClosed, OpenWork, SupplyRewards,
};
use pallet_emission::{EmissionBooks, EmissionSplit};

use super::scenarios::{GATEWAYS_PER_DEVICE, UNITS_PER_DAY};

pub(crate) type AccountId = u64;
type Fakes = groma_fakes::Fakes<World, Balances>;

const NETWORK: NetworkId = 0;
/// Who holds GRM: honest owners, customers, and those who trade between them.
pub(crate) const HOLDERS: AccountId = 1;
/// Who wants to earn without serving anyone.
pub(crate) const ATTACKER: AccountId = 2;
const TREASURY: AccountId = 3;
const COLLECTORS: AccountId = 4;
const VALIDATORS: AccountId = 5;
/// What the attacker begins with.
const ATTACKER_FUNDS: Balance = 50_000_000 * GRM;
/// The first day of the chain since the Unix epoch: it begins at its first moment.
const FIRST_DAY: u64 = 20_000;

construct_runtime!(
	pub enum World {
		System: frame_system,
		Balances: pallet_balances,
		EmissionPallet: pallet_emission,
		DataCredits: pallet_data_credits,
		Rewards: pallet_rewards,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for World {
	type Block = frame_system::mocking::MockBlock<World>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for World {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<{ 10 * MILLI_GRM }>;
	type AccountStore = System;
}

parameter_types! {
	pub Shares: DemandShares = DemandShares::default();
	pub Split: EmissionSplit = EmissionSplit::default();
	pub const PotId: PalletId = PalletId(*b"gr/rewds");
}

impl pallet_emission::Config for World {
	type Currency = Balances;
	type Time = Fakes;
	type EpochLength = ConstU64<DAY_MS>;
	type Split = Split;
	type Standstill = Fakes;
	type OnEpochClosed = (PaidCollectors, Rewards, PaidValidators);
	type GenesisSupplyMax = ConstU128<GENESIS_SUPPLY>;
	type SupplyMax = ConstU128<SUPPLY_MAX>;
	type TreasuryAccount = ConstU64<TREASURY>;
	type PalletId = PotId;
	type WeightInfo = ();
}

impl pallet_data_credits::Config for World {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Prices = Fakes;
	type Emission = EmissionPallet;
	type Holders = ();
	type OperatorDeposit = ConstU128<GRM>;
	type WeightInfo = ();
}

impl pallet_rewards::Config for World {
	type Emission = EmissionPallet;
	type Windows = Fakes;
	type Devices = Fakes;
	type Networks = Fakes;
	type SupplyWork = Fakes;
	type Prices = Fakes;
	type Credits = DataCredits;
	type DemandShares = Shares;
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

/// Collectors that are paid all that their pool holds: the most that can come of it.
pub struct PaidCollectors;

impl OnEpochClosed for PaidCollectors {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		let minted = EmissionPallet::mint(closed.pools.collectors);
		EmissionPallet::pay(&COLLECTORS, minted).expect("it was just minted");
		Weight::zero()
	}

	fn owed() -> Balance {
		0
	}
}

/// Validators that are paid all that their pool holds, and all that claims left them: the most that
/// can come of it, but for rounding.
pub struct PaidValidators;

impl OnEpochClosed for PaidValidators {
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
		let minted = EmissionPallet::mint(closed.pools.validators);
		let reminted = EmissionPallet::remint_for_validators(closed.for_validators);
		EmissionPallet::pay(&VALIDATORS, minted + reminted).expect("it was just minted");
		PaidToValidators::mutate(|paid| {
			paid.by_schedule += minted;
			paid.by_claims += reminted;
		});
		Weight::zero()
	}

	fn owed() -> Balance {
		0
	}
}

/// What validators were paid since the beginning, in plancks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Security {
	/// By the schedule.
	pub(crate) by_schedule: Balance,
	/// Of what was burned for services.
	pub(crate) by_claims: Balance,
}

impl Security {
	/// What was paid so far.
	pub(crate) fn so_far() -> Self {
		PaidToValidators::get()
	}

	/// What was paid since an earlier moment.
	pub(crate) fn since(self, earlier: Self) -> Self {
		Self {
			by_schedule: self.by_schedule - earlier.by_schedule,
			by_claims: self.by_claims - earlier.by_claims,
		}
	}

	/// All of it.
	pub(crate) fn total(self) -> Balance {
		self.by_schedule + self.by_claims
	}
}

#[storage_alias]
type PaidToValidators = StorageValue<Fakes, Security, ValueQuery>;

/// Where emission keeps its books.
#[storage_alias]
type Books = StorageValue<EmissionPallet, EmissionBooks, ValueQuery>;

/// A world that nothing happened in.
pub(crate) fn new() -> sp_io::TestExternalities {
	let balances = vec![(HOLDERS, GENESIS_SUPPLY - ATTACKER_FUNDS), (ATTACKER, ATTACKER_FUNDS)];
	let balances = pallet_balances::GenesisConfig { balances, ..Default::default() };
	let config = RuntimeGenesisConfig { balances, ..Default::default() };
	let mut world = sp_io::TestExternalities::default();
	world.execute_with(|| {
		config.build();
		System::set_block_number(1);
		let mut terms = NetworkTerms::default();
		terms.stake_per_device *= Balance::from(GATEWAYS_PER_DEVICE);
		put_network(NETWORK, terms);
		NowMs::set(&Some(FIRST_DAY * DAY_MS));
	});
	world
}

/// The stake behind a device, in plancks.
pub(crate) fn stake_per_device() -> Balance {
	NetworkTerms::default().stake_per_device * Balance::from(GATEWAYS_PER_DEVICE)
}

/// Lets two blocks be made at a time of a day, the second of which closes the epoch before.
pub(crate) fn begin_day(day: u32, late_ms: u64) {
	let now_ms = (FIRST_DAY + u64::from(day)) * DAY_MS + late_ms;
	for block_ms in [now_ms, now_ms + 6_000] {
		System::reset_events();
		System::set_block_number(System::block_number() + 1);
		EmissionPallet::on_initialize(System::block_number());
		NowMs::set(&Some(block_ms));
	}
}

/// Sets the prices that the chain knows.
pub(crate) fn set_price(spot: Price, mean: Price) {
	MintPrice::set(&spot.min(mean).nano_usd());
	LastGood::set(&spot.nano_usd());
}

/// Sets the mean price of the epoch that closed.
pub(crate) fn set_epoch_mean(mean: Price) {
	EpochMean::set(&mean.nano_usd());
}

/// An owner gets a device.
pub(crate) fn add_device(device: DeviceId, owner: AccountId) {
	put_device(device, new_device(owner, SessionKey([0; 32])));
}

/// A device proves a day's work of its gateways.
pub(crate) fn work(device: DeviceId, owner: AccountId) {
	let units = Units(UNITS_PER_DAY * u64::from(GATEWAYS_PER_DEVICE) * ONE);
	let Some(epoch) = <Rewards as SupplyRewards<AccountId>>::epoch() else { return };
	<Rewards as SupplyRewards<AccountId>>::begin(device, NETWORK, &owner);
	<Rewards as SupplyRewards<AccountId>>::note_units(NETWORK, units);
	Works::insert(device, OpenWork::new(epoch, units));
}

/// Pays what a device is owed; returns how many plancks.
pub(crate) fn pay_out(device: DeviceId, owner: AccountId) -> Balance {
	let before = Balances::free_balance(owner);
	// A device that is owed nothing cannot claim.
	let _ = Rewards::claim(RuntimeOrigin::signed(owner), device);
	Balances::free_balance(owner) - before
}

/// Buys credits; returns what that burned, in plancks, or none if it was not possible.
pub(crate) fn mint(payer: AccountId, credits: Credits) -> Option<Balance> {
	let before = DataCredits::books().minted_basis;
	DataCredits::mint_credits(RuntimeOrigin::signed(payer), credits, Balance::MAX).ok()?;
	Some(DataCredits::books().minted_basis - before)
}

/// The credits of a payer.
pub(crate) fn credits_of(payer: AccountId) -> Credits {
	DataCredits::held_by(&payer).credits()
}

/// A payer pays a device for as many units as credits; returns what the owner is owed, in plancks.
pub(crate) fn sell(
	payer: AccountId,
	device: DeviceId,
	owner: AccountId,
	credits: Credits,
) -> Balance {
	let Ok(lot) = DataCredits::take(&payer, credits) else { return 0 };
	match <Rewards as Demand<AccountId>>::pay(device, NETWORK, &owner, lot, credits) {
		Ok(payment) => payment.paid,
		Err(lot) => {
			DataCredits::put(&payer, lot).expect("it was just there");
			0
		}
	}
}

/// Where every planck is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Supply {
	/// What exists.
	pub(crate) issuance: Balance,
	/// Of the schedule: minted, and left for no one.
	pub(crate) minted: Balance,
	pub(crate) unminted: Balance,
	/// What claims of services minted.
	pub(crate) reminted: Balance,
	/// What no longer exists.
	pub(crate) burned: Balance,
}

impl Supply {
	/// As it is now.
	pub(crate) fn now() -> Self {
		let books = Books::get();
		Self {
			issuance: Balances::total_issuance(),
			minted: books.minted,
			unminted: books.unminted,
			reminted: EmissionPallet::reminted().minted,
			burned: EmissionPallet::burned(),
		}
	}

	/// Whether every planck came from genesis, the schedule or a burn, and none is missing.
	pub(crate) fn is_complete(&self) -> bool {
		GENESIS_SUPPLY + self.minted + self.reminted == self.issuance + self.burned
	}
}

/// Checks all invariants of the pallets: it reads every record.
pub(crate) fn check() {
	EmissionPallet::do_try_state().expect("emission's books hold");
	DataCredits::do_try_state().expect("credits are those of the books");
	Rewards::do_try_state().expect("rewards are those of the pot");
}
