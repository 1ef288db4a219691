//! A runtime with balances and this pallet.

use frame_support::{
	construct_runtime, derive_impl, parameter_types,
	traits::{ConstU32, ConstU128, Hooks, Imbalance, OnUnbalanced, fungible::Credit},
};
use groma_core::{
	EraIndex, NetworkId,
	money::{Balance, DELEGATION_MIN, GRM, MILLI_GRM},
	protocol::{DEFER_ERAS, DEVICE_THAW_WINDOWS, EVIDENCE_ERAS, THAW_ERAS},
	terms::NetworkTerms,
	units::Scale,
};
use groma_fakes::{NetworkMap, pot, put_network};
use groma_traits::{Backing, Emission, EraSpans, Provisions as _};
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchResult};

use crate::{self as pallet_stake, Delegation, Operator, Pallet, Provision, Purpose};

pub(crate) use groma_fakes::{
	ActiveEra, Burned, CountedEra, CurrentWindow, Epoch, ErasAreUnreadable, Minted, START,
	WithoutKeys, alter_network,
};

pub(crate) type AccountId = u64;
pub(crate) type Stake = Pallet<Test>;
type Fakes = groma_fakes::Fakes<Test, Balances>;

pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;
/// What each of the accounts from 10 to 17 begins with.
pub(crate) const GENESIS: Balance = 1_000 * GRM;
/// What a device asks for in each of the networks.
pub(crate) const PER_DEVICE: Balance = 50 * GRM;

/// The era in which tests begin.
pub(crate) const FIRST_ERA: EraIndex = 100;

/// Two networks.
pub(crate) const LORAWAN: NetworkId = 0;
pub(crate) const SENSORS: NetworkId = 1;
/// There is no such network.
pub(crate) const GONE: NetworkId = 9;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		StakePallet: pallet_stake,
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

/// Burns what it is given, and has the books count it.
pub struct Burn;

impl OnUnbalanced<Credit<AccountId, Balances>> for Burn {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		<Fakes as Emission<AccountId>>::note_burned(credit.peek());
	}
}

parameter_types! {
	pub const ReporterShare: Scale = Scale::from_percent(5);
	pub storage CommissionMax: Scale = Scale::from_percent(50);
	pub const Spans: EraSpans =
		EraSpans { evidence: EVIDENCE_ERAS, deferral: DEFER_ERAS, thaw: THAW_ERAS };
}

impl pallet_stake::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Burn = Burn;
	type Windows = Fakes;
	type Networks = Fakes;
	type ThawWindows = ConstU32<DEVICE_THAW_WINDOWS>;
	type ProvisionMin = ConstU128<GRM>;
	type ReporterShare = ReporterShare;
	type Eras = Fakes;
	type Spans = Spans;
	type Keys = Fakes;
	type Emission = Fakes;
	type DelegationMin = ConstU128<DELEGATION_MIN>;
	type CommissionMax = CommissionMax;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

pub(crate) fn provision(owner: AccountId, network: NetworkId, amount: Balance) -> DispatchResult {
	Stake::provision(RuntimeOrigin::signed(owner), Purpose::Devices(network), amount)
}

pub(crate) fn thaw(owner: AccountId, network: NetworkId, amount: Balance) -> DispatchResult {
	Stake::thaw(RuntimeOrigin::signed(owner), Purpose::Devices(network), amount)
}

pub(crate) fn withdraw(owner: AccountId, network: NetworkId) -> DispatchResult {
	Stake::withdraw(RuntimeOrigin::signed(owner), Purpose::Devices(network))
}

/// What an account provisioned.
pub(crate) fn provision_of(owner: AccountId, network: NetworkId) -> Provision {
	Stake::provision_of(&owner, network).expect("it decodes")
}

/// What a device of a network asks for.
pub(crate) fn stake_per_device(network: NetworkId) -> Balance {
	NetworkMap::get()[&network].terms.stake_per_device
}

/// How many devices of an owner its provision covers.
pub(crate) fn covered_slots(owner: AccountId, network: NetworkId) -> u32 {
	Stake::covered_slots(&owner, network, stake_per_device(network))
}

/// Active and thawing plancks of an account.
pub(crate) fn stake_of(owner: AccountId, network: NetworkId) -> (Balance, Balance) {
	let provision = provision_of(owner, network);
	(provision.active, provision.thawing_sum())
}

/// Sets own stake of an operator aside.
pub(crate) fn back(operator: AccountId, amount: Balance) -> DispatchResult {
	Stake::provision(RuntimeOrigin::signed(operator), Purpose::Validating, amount)
}

/// An operator with this own stake, whose pool is open.
pub(crate) fn open_operator(operator: AccountId, own: Balance) {
	back(operator, own).expect("it has as much");
	Stake::set_open(RuntimeOrigin::signed(operator), true).expect("it is an operator");
}

pub(crate) fn thaw_own(operator: AccountId, amount: Balance) -> DispatchResult {
	Stake::thaw(RuntimeOrigin::signed(operator), Purpose::Validating, amount)
}

pub(crate) fn withdraw_own(operator: AccountId) -> DispatchResult {
	Stake::withdraw(RuntimeOrigin::signed(operator), Purpose::Validating)
}

pub(crate) fn delegate(who: AccountId, operator: AccountId, amount: Balance) -> DispatchResult {
	Stake::delegate(RuntimeOrigin::signed(who), operator, amount)
}

pub(crate) fn undelegate(
	who: AccountId,
	operator: AccountId,
	amount: Option<Balance>,
) -> DispatchResult {
	Stake::undelegate(RuntimeOrigin::signed(who), operator, amount)
}

pub(crate) fn withdraw_delegated(who: AccountId, operator: AccountId) -> DispatchResult {
	Stake::withdraw_delegated(RuntimeOrigin::signed(who), operator)
}

/// Claims for an account, by another one.
pub(crate) fn claim(operator: AccountId, account: AccountId) -> DispatchResult {
	Stake::claim(RuntimeOrigin::signed(99), operator, account)
}

/// Settles delegations to an operator, by an account that has no part in them.
pub(crate) fn settle(operator: AccountId, accounts: &[AccountId]) {
	let accounts = accounts.to_vec().try_into().expect("they are few");
	Stake::settle(RuntimeOrigin::signed(99), operator, accounts).expect("anyone may");
}

/// Slashes an operator for an offence that no one reported, and returns what it cost: own stake,
/// and what is delegated.
pub(crate) fn slash(operator: AccountId, era: EraIndex, amount: Balance) -> (Balance, Balance) {
	let slashed = <Stake as Backing<AccountId>>::slash(&operator, era, amount, None);
	(slashed.own, slashed.delegated)
}

/// Rewards an operator for the present epoch: what it takes is minted.
pub(crate) fn reward(operator: AccountId, amount: Balance) -> Balance {
	let taken = <Stake as Backing<AccountId>>::reward(&operator, Epoch::get(), amount);
	if taken > 0 { <Fakes as Emission<AccountId>>::mint(taken) } else { 0 }
}

/// Notes that a slash waits.
pub(crate) fn pend(operator: AccountId, era: EraIndex) {
	<Stake as Backing<AccountId>>::pend(&operator, era);
}

/// Notes that a slash no longer waits.
pub(crate) fn release(operator: AccountId, era: EraIndex) {
	<Stake as Backing<AccountId>>::release(&operator, era);
}

/// What is stored of an operator.
pub(crate) fn operator_of(operator: AccountId) -> Operator {
	Stake::operator_of(&operator).expect("it decodes")
}

/// What is stored of a delegation.
pub(crate) fn delegation_of(who: AccountId, operator: AccountId) -> Delegation {
	Stake::delegation_of(&who, &operator).expect("it decodes")
}

/// Plancks of delegations to an operator that are active, and those that thaw, as of the last time
/// that the record was settled.
pub(crate) fn delegated(who: AccountId, operator: AccountId) -> (Balance, Balance) {
	let delegation = delegation_of(who, operator);
	let active = delegation.active.principal;
	(active, delegation.on_hold() - active)
}

/// Lets eras pass: the election of each was before it.
pub(crate) fn pass_eras(eras: EraIndex) {
	begin_era(ActiveEra::get() + eras);
}

/// Makes this the active era.
pub(crate) fn begin_era(era: EraIndex) {
	ActiveEra::set(&era);
	CountedEra::set(&era);
}

/// Lets windows pass.
pub(crate) fn pass(windows: u32) {
	CurrentWindow::set(&(CurrentWindow::get() + windows));
}

#[derive(Default)]
pub(crate) struct ExtBuilder {
	provisions: Vec<(AccountId, NetworkId, Balance)>,
}

impl ExtBuilder {
	/// What accounts provisioned at genesis.
	pub(crate) fn provisions(mut self, provisions: &[(AccountId, NetworkId, Balance)]) -> Self {
		self.provisions = provisions.to_vec();
		self
	}

	pub(crate) fn build(self) -> TestExternalities {
		let mut balances: Vec<_> = (10..18).map(|account| (account, GENESIS)).collect();
		balances.push((pot(), EXISTENTIAL_DEPOSIT));
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			stake_pallet: pallet_stake::GenesisConfig { provisions: self.provisions },
			..Default::default()
		}
		.build_storage()
		.expect("the genesis is valid");
		let mut externalities = TestExternalities::new(storage);
		externalities.execute_with(|| {
			System::set_block_number(1);
			begin_era(FIRST_ERA);
			for network in [LORAWAN, SENSORS] {
				put_network(network, NetworkTerms::default());
			}
		});
		externalities
	}

	/// Runs a test and checks the state after it.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
			<Stake as Hooks<u64>>::integrity_test();
		});
	}
}

/// Every invariant, that all that was burned was counted, and that the pot has what is owed.
pub(crate) fn check() {
	Stake::do_try_state().expect("the invariants hold");
	let issued = 8 * GENESIS + EXISTENTIAL_DEPOSIT + Minted::get();
	assert_eq!(Balances::total_issuance() + Burned::get(), issued, "a burn is not counted");
	let owed = <Stake as Backing<AccountId>>::owed();
	assert!(
		owed + EXISTENTIAL_DEPOSIT <= Balances::free_balance(pot::<AccountId>()),
		"more is owed than is in the pot"
	);
}
