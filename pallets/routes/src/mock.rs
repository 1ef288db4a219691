//! A runtime with balances and this pallet. Devices, networks and operators are fakes.

use frame_support::{
	construct_runtime, derive_impl,
	traits::{ConstU128, fungible::InspectHold},
};
use frame_system::EnsureRoot;
use groma_core::{
	DeviceId, NetworkId,
	money::{Balance, GRM, MILLI_GRM},
	route::{AddressRange, Endpoint, Offer, Route},
	terms::{NetworkTerms, ServiceTerms, UnitName},
	words::{DevAddr, JoinEui, RouterKey, SessionKey},
};
use groma_fakes::{new_device, put_device, put_network};
use groma_traits::DeviceView;
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchResult};

use crate::{self as pallet_routes, Allotments, JoinEuis, Offers, Pallet, Payers};

pub(crate) use groma_fakes::OperatorsOf;

pub(crate) type AccountId = u64;
pub(crate) type Routes = Pallet<Test>;
type Fakes = groma_fakes::Fakes<Test, Balances>;

pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;
pub(crate) const ROUTE_DEPOSIT: Balance = 350 * MILLI_GRM;
pub(crate) const JOIN_EUI_DEPOSIT: Balance = 10 * GRM;
pub(crate) const OFFER_DEPOSIT: Balance = 340 * MILLI_GRM;
/// What each of [`ACCOUNTS`] begins with.
pub(crate) const GENESIS: Balance = 1_000_000 * GRM;
pub(crate) const ACCOUNTS: core::ops::Range<AccountId> = 10..28;
pub(crate) const COMPUTE: NetworkId = 3;
pub(crate) const PAYER: AccountId = 10;
pub(crate) const STRANGER: AccountId = 17;
/// Who owns [`DEVICE`], of a network with two services.
pub(crate) const OWNER: AccountId = 15;
pub(crate) const DEVICE: DeviceId = 7;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		RoutesPallet: pallet_routes,
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

impl pallet_routes::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Operators = Fakes;
	type Devices = Fakes;
	type Networks = Fakes;
	type RouteDeposit = ConstU128<ROUTE_DEPOSIT>;
	type JoinEuiDeposit = ConstU128<JOIN_EUI_DEPOSIT>;
	type OfferDeposit = ConstU128<OFFER_DEPOSIT>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

pub(crate) fn endpoint(text: &str) -> Endpoint {
	Endpoint::new(text).expect("it is short enough")
}

pub(crate) fn route(text: &str) -> Route {
	Route { endpoint: endpoint(text), router_key: RouterKey([9; 32]), copies: 2 }
}

pub(crate) fn set_route(who: AccountId, payer: AccountId, text: &str) -> DispatchResult {
	Routes::set_route(RuntimeOrigin::signed(who), payer, route(text))
}

pub(crate) fn remove_route(payer: AccountId) -> DispatchResult {
	Routes::remove_route(RuntimeOrigin::signed(payer))
}

pub(crate) fn range(first: u32, last: u32) -> AddressRange {
	AddressRange { first: DevAddr::from_number(first), last: DevAddr::from_number(last) }
}

pub(crate) fn allot(payer: AccountId, first: u32, last: u32) -> DispatchResult {
	Routes::allot_addresses(RuntimeOrigin::root(), payer, range(first, last))
}

pub(crate) fn take_back(payer: AccountId, first: u32, last: u32) -> DispatchResult {
	Routes::take_back_addresses(RuntimeOrigin::root(), payer, range(first, last))
}

pub(crate) fn join_eui(number: u64) -> JoinEui {
	JoinEui(number.to_be_bytes())
}

pub(crate) fn claim(payer: AccountId, number: u64) -> DispatchResult {
	Routes::claim_join_eui(RuntimeOrigin::signed(payer), join_eui(number))
}

pub(crate) fn release(payer: AccountId, number: u64) -> DispatchResult {
	Routes::release_join_eui(RuntimeOrigin::signed(payer), join_eui(number))
}

/// An offer of [`DEVICE`] within the terms.
pub(crate) fn offer(service: u8) -> Offer {
	Offer {
		service,
		endpoint: endpoint("device.example.com:8080"),
		credits_per_unit: 50,
		units_per_second: 4,
	}
}

pub(crate) fn set_offer(who: AccountId, offer: Offer) -> DispatchResult {
	Routes::set_offer(RuntimeOrigin::signed(who), DEVICE, offer)
}

pub(crate) fn remove_offer(who: AccountId, service: u8) -> DispatchResult {
	Routes::remove_offer(RuntimeOrigin::signed(who), DEVICE, service)
}

/// What an account has beyond its deposits.
pub(crate) fn free(account: AccountId) -> Balance {
	Balances::free_balance(account)
}

/// A service of [`COMPUTE`]: 10 to 100 credits per unit, at most 8 units in a second.
pub(crate) fn service() -> ServiceTerms {
	ServiceTerms {
		unit: UnitName::new("job").expect("it is short"),
		credits_per_unit_min: 10,
		credits_per_unit_max: 100,
		units_per_device_second_max: 8,
	}
}

pub(crate) fn device_of(owner: AccountId) -> DeviceView<AccountId> {
	DeviceView { network: COMPUTE, ..new_device(owner, SessionKey([0; 32])) }
}

#[derive(Default)]
pub(crate) struct ExtBuilder {
	pub(crate) genesis: pallet_routes::GenesisConfig<Test>,
}

impl ExtBuilder {
	pub(crate) fn build(self) -> TestExternalities {
		let balances = ACCOUNTS.map(|account| (account, GENESIS)).collect();
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			routes_pallet: self.genesis,
			..Default::default()
		}
		.build_storage()
		.expect("the genesis is valid");
		let mut externalities = TestExternalities::new(storage);
		externalities.execute_with(|| {
			System::set_block_number(1);
			// What benchmarks offer.
			let packets = vec![ServiceTerms::lorawan_packets()].try_into().expect("few");
			put_network(0, NetworkTerms { services: packets, ..Default::default() });
			let services = vec![service(), service()].try_into().expect("few");
			put_network(COMPUTE, NetworkTerms { services, ..Default::default() });
			put_device(DEVICE, device_of(OWNER));
		});
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

/// Every invariant, and that nothing else is on hold from anyone.
pub(crate) fn check() {
	Routes::do_try_state().expect("the invariants hold");
	let routes = Payers::<Test>::iter_values().filter_map(|payer| payer.route);
	let claims = JoinEuis::<Test>::iter_values().flatten();
	let offers = Offers::<Test>::iter_values().flatten();
	let deposits = routes.map(|held| held.deposit).sum::<Balance>()
		+ claims.map(|claim| claim.deposit).sum::<Balance>()
		+ offers.map(|record| record.deposit).sum::<Balance>();
	let on_hold = |account| Balances::total_balance_on_hold(&account);
	assert_eq!(ACCOUNTS.map(on_hold).sum::<Balance>(), deposits, "a deposit is not given back");
	let listed = Payers::<Test>::iter_values().map(|payer| payer.ranges.len()).sum::<usize>();
	assert_eq!(Allotments::<Test>::iter_keys().count(), listed, "a range has no payer");
}
