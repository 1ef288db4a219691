//! Benchmarks of every call in the worst case.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get, fungible::Mutate};
use frame_system::RawOrigin;
use groma_core::{
	DeviceId, NetworkId,
	money::GRM,
	place::Cell,
	protocol::{
		ENDPOINT_BYTES_MAX, JOIN_EUIS_PER_PAYER_MAX, PAYERS_PER_JOIN_EUI_MAX, RANGES_PER_PAYER_MAX,
		ROUTE_COPIES_MAX,
	},
	region::EU868,
	route::{AddressRange, Endpoint, Offer, Route},
	terms::SERVICES_MAX,
	words::{DevAddr, JoinEui, RouterKey, SessionKey},
};
use groma_traits::DevicesBenchmarkHelper;

use crate::*;

const NETWORK: NetworkId = 0;
/// The JoinEUI that is claimed or released.
const JOIN_EUI: JoinEui = JoinEui([7; 8]);

fn rich<T: Config>(name: &'static str, n: u32) -> T::AccountId {
	let rich: T::AccountId = account(name, n, 0);
	T::Currency::set_balance(&rich, 1_000_000 * GRM);
	rich
}

/// The longest endpoint: labels of two letters.
fn endpoint() -> Endpoint {
	let port = ":9000";
	let mut text = alloc::string::String::from("x");
	while text.len() + 3 + port.len() <= ENDPOINT_BYTES_MAX as usize {
		text.push_str(".aa");
	}
	text.push_str(port);
	Endpoint::new(&text).unwrap()
}

fn route() -> Route {
	Route { endpoint: endpoint(), router_key: RouterKey([9; 32]), copies: ROUTE_COPIES_MAX }
}

fn range(n: u32) -> AddressRange {
	let first = n.saturating_mul(8);
	let last = first.saturating_add(7);
	AddressRange { first: DevAddr::from_number(first), last: DevAddr::from_number(last) }
}

/// A payer with so many ranges and JoinEUIs in its list, which are stored nowhere else.
fn payer_with<T: Config>(ranges: u32, join_euis: u32) -> T::AccountId {
	let payer = rich::<T>("payer", 0);
	let ranges: Vec<_> = (0..ranges).map(range).collect();
	let join_euis: Vec<_> = (0..join_euis).map(|n| JoinEui(u64::from(n).to_be_bytes())).collect();
	let record = PayerRecord {
		route: None,
		ranges: ranges.try_into().unwrap(),
		join_euis: join_euis.try_into().unwrap(),
	};
	Payers::<T>::insert(&payer, record);
	payer
}

/// A JoinEUI that as many payers share as can, `payer` last.
fn share<T: Config>(payer: &T::AccountId) {
	for n in 1..PAYERS_PER_JOIN_EUI_MAX {
		Pallet::<T>::do_claim(rich::<T>("squatter", n), JOIN_EUI).unwrap();
	}
	Pallet::<T>::do_claim(payer.clone(), JOIN_EUI).unwrap();
}

fn device<T: Config>(owner: &T::AccountId) -> DeviceId {
	let cell = Cell::from_degrees(10.0, 10.0, 12).unwrap();
	let key = SessionKey([3; 32]);
	let device = T::BenchmarkHelper::add_device(owner.clone(), NETWORK, key, cell, EU868);
	T::BenchmarkHelper::fill_device_page(device);
	device
}

fn offer(service: u8) -> Offer {
	Offer { service, endpoint: endpoint(), credits_per_unit: 1, units_per_second: 1 }
}

/// Offers of a former owner of a device, of as many services as there can be.
fn leave_offers<T: Config>(device: DeviceId) {
	let owner = rich::<T>("former owner", 0);
	let records: Vec<_> = (0..SERVICES_MAX)
		.map(|service| {
			let deposit = T::OfferDeposit::get();
			Pallet::<T>::hold(HoldReason::Offer, &owner, deposit).unwrap();
			OfferRecord { owner: owner.clone(), offer: offer(service as u8), deposit }
		})
		.collect();
	Offers::<T>::insert(device, OfferRecords::<T::AccountId>::truncate_from(records));
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn set_route() {
		let payer = payer_with::<T>(RANGES_PER_PAYER_MAX, JOIN_EUIS_PER_PAYER_MAX);
		#[extrinsic_call]
		_(RawOrigin::Signed(payer.clone()), payer.clone(), route());
		assert!(Pallet::<T>::payer(&payer).ok().unwrap().route.is_some());
	}

	#[benchmark]
	fn remove_route() {
		let payer = payer_with::<T>(RANGES_PER_PAYER_MAX, JOIN_EUIS_PER_PAYER_MAX);
		Pallet::<T>::do_set_route(payer.clone(), payer.clone(), route()).unwrap();
		#[extrinsic_call]
		_(RawOrigin::Signed(payer.clone()));
		assert!(Pallet::<T>::payer(&payer).ok().unwrap().route.is_none());
	}

	#[benchmark]
	fn claim_join_eui() {
		let payer = payer_with::<T>(RANGES_PER_PAYER_MAX, JOIN_EUIS_PER_PAYER_MAX - 1);
		for n in 1..PAYERS_PER_JOIN_EUI_MAX {
			Pallet::<T>::do_claim(rich::<T>("squatter", n), JOIN_EUI).unwrap();
		}
		#[extrinsic_call]
		_(RawOrigin::Signed(payer), JOIN_EUI);
		let claims = Pallet::<T>::claims(JOIN_EUI).ok().unwrap();
		assert_eq!(claims.len() as u32, PAYERS_PER_JOIN_EUI_MAX);
	}

	#[benchmark]
	fn release_join_eui() {
		let payer = payer_with::<T>(RANGES_PER_PAYER_MAX, JOIN_EUIS_PER_PAYER_MAX - 1);
		share::<T>(&payer);
		#[extrinsic_call]
		_(RawOrigin::Signed(payer), JOIN_EUI);
		let claims = Pallet::<T>::claims(JOIN_EUI).ok().unwrap();
		assert_eq!(claims.len() as u32, PAYERS_PER_JOIN_EUI_MAX - 1);
	}

	#[benchmark]
	fn force_release_join_eui() -> Result<(), BenchmarkError> {
		let payer = payer_with::<T>(RANGES_PER_PAYER_MAX, JOIN_EUIS_PER_PAYER_MAX - 1);
		share::<T>(&payer);
		let origin = T::GovernanceOrigin::try_successful_origin()
			.map_err(|()| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, payer, JOIN_EUI);
		let claims = Pallet::<T>::claims(JOIN_EUI).ok().unwrap();
		assert_eq!(claims.len() as u32, PAYERS_PER_JOIN_EUI_MAX - 1);
		Ok(())
	}

	#[benchmark]
	fn allot_addresses() -> Result<(), BenchmarkError> {
		let payer = payer_with::<T>(0, JOIN_EUIS_PER_PAYER_MAX);
		// The ranges on both sides of the new one are there.
		for n in (0..=RANGES_PER_PAYER_MAX).filter(|n| *n != 7 && *n != 9) {
			Pallet::<T>::do_allot(payer.clone(), range(n)).unwrap();
		}
		let origin = T::GovernanceOrigin::try_successful_origin()
			.map_err(|()| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, payer, range(7));
		assert!(Allotments::<T>::contains_key(range(7).last));
		Ok(())
	}

	#[benchmark]
	fn take_back_addresses() -> Result<(), BenchmarkError> {
		let payer = payer_with::<T>(0, JOIN_EUIS_PER_PAYER_MAX);
		for n in 0..RANGES_PER_PAYER_MAX {
			Pallet::<T>::do_allot(payer.clone(), range(n)).unwrap();
		}
		let last = range(RANGES_PER_PAYER_MAX - 1);
		let origin = T::GovernanceOrigin::try_successful_origin()
			.map_err(|()| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, payer, last);
		assert!(!Allotments::<T>::contains_key(last.last));
		Ok(())
	}

	#[benchmark]
	fn set_offer() {
		let owner = rich::<T>("owner", 0);
		let device = device::<T>(&owner);
		leave_offers::<T>(device);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), device, offer(0));
		let offers = Pallet::<T>::offers_at(device).ok().unwrap();
		assert!(offers.iter().any(|record| record.owner == owner));
	}

	#[benchmark]
	fn remove_offer() {
		let owner = rich::<T>("owner", 0);
		let device = device::<T>(&owner);
		leave_offers::<T>(device);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, 0);
		assert_eq!(Pallet::<T>::offers_at(device).ok().unwrap().len() as u32, SERVICES_MAX - 1);
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
