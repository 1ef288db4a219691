//! Benchmarks of every call in the worst case, and of sweeping.

#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use alloc::vec::Vec;

use frame_benchmarking::v2::*;
use frame_support::traits::fungible::Mutate;
use frame_system::RawOrigin;
use groma_core::{
	ChannelId, DeviceId, NetworkId, WindowIndex,
	lot::{HeldLot, Lot},
	money::GRM,
	place::Cell,
	protocol::{CHANNEL_WINDOWS_MIN, SEATS_MAX, VOUCHERS_PER_CLAIM_MAX},
	region::EU868,
	terms::ServiceTerms,
	voucher::{Seat, Voucher},
	words::{SessionKey, Signature, SignerKey},
};
use groma_traits::{
	CreditAccounts, Demand, DevicesBenchmarkHelper, EmissionBenchmarkHelper, Windows,
};
use sp_core::ed25519;

use crate::{vouchers::genesis_hash, *};

const NETWORK: NetworkId = 0;
const CHANNEL: ChannelId = 7;
const KEY_TYPE: sp_core::crypto::KeyTypeId = sp_core::crypto::KeyTypeId(*b"vouc");

/// An account with GRM.
fn payer<T: Config>() -> T::AccountId {
	let payer: T::AccountId = account("payer", 0, 0);
	T::Currency::set_balance(&payer, 1_000_000 * GRM);
	payer
}

/// Stores a channel with credits for which 100 plancks each were burned, so that validators get a
/// share of every claim, and whose bond and deposits are on hold.
fn channel<T: Config>(payer: &T::AccountId, credits: u64, ends: WindowIndex) -> ed25519::Public {
	use frame_support::traits::fungible::MutateHold;
	let signer = sp_io::crypto::ed25519_generate(KEY_TYPE, None);
	T::Currency::hold(&HoldReason::Bond.into(), payer, GRM).unwrap();
	T::Currency::hold(&HoldReason::Seats.into(), payer, GRM).unwrap();
	let record = Channel {
		payer: payer.clone(),
		network: NETWORK,
		terms: ServiceTerms::lorawan_packets(),
		signer: SignerKey(signer.0),
		lot: HeldLot::from(Lot::new(credits, 100 * u128::from(credits))),
		bond: GRM,
		seat_deposit: GRM,
		seats_max: SEATS_MAX,
		seats: 0,
		opened_ms: 0,
		expires: ends.saturating_sub(1),
		ends,
	};
	Channels::<T>::insert(CHANNEL, record);
	PayerChannels::<T>::insert(payer, CHANNEL, ());
	signer
}

/// Devices with places far enough from each other that each is on a separate full page.
fn devices<T: Config>(count: u32) -> Vec<DeviceId> {
	(0..count)
		.map(|n| {
			let cell =
				Cell::from_degrees(f64::from(n / 16) - 8.0, f64::from(n % 16) * 2.0, 12).unwrap();
			let (owner, key) = (account("owner", n, 0), SessionKey([n as u8; 32]));
			let device = T::BenchmarkHelper::add_device(owner, NETWORK, key, cell, EU868);
			T::BenchmarkHelper::fill_device_page(device);
			device
		})
		.collect()
}

fn sign<T: Config>(signer: &ed25519::Public, device: DeviceId, credits: u64) -> Voucher {
	let mut voucher = Voucher { device, credits, units: credits, signature: Signature([0; 64]) };
	let message = voucher.to_signed_bytes(&genesis_hash::<T>(), CHANNEL);
	let signature = sp_io::crypto::ed25519_sign(KEY_TYPE, signer, &message).unwrap();
	voucher.signature = Signature(signature.0);
	voucher
}

#[benchmarks]
mod benches {
	use super::*;

	#[benchmark]
	fn on_initialize() {
		T::BenchmarkHelper::pass_to(1);
		#[block]
		{
			Pallet::<T>::note_whether_payable();
		}
		assert!(T::Demand::is_payable());
		assert!(!LastUnpayable::<T>::exists());
	}

	#[benchmark]
	fn open_channel() {
		let payer = payer::<T>();
		T::Credits::put(&payer, Lot::new(1_000_000, GRM)).unwrap();
		let order = ChannelOrder {
			network: NETWORK,
			service: 0,
			credits: 1_000,
			seats_max: SEATS_MAX,
			signer: SignerKey(sp_io::crypto::ed25519_generate(KEY_TYPE, None).0),
			expires: T::Windows::current().saturating_add(CHANNEL_WINDOWS_MIN),
		};
		#[extrinsic_call]
		_(RawOrigin::Signed(payer.clone()), payer.clone(), order);
		assert_eq!(Channels::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn claim_vouchers(v: Linear<1, VOUCHERS_PER_CLAIM_MAX>) {
		let payer = payer::<T>();
		T::BenchmarkHelper::pass_to(1);
		// One credit too few: the last voucher overdraws the channel.
		let signer = channel::<T>(&payer, u64::from(v) * 10 - 1, WindowIndex::MAX);
		let vouchers: Vec<_> =
			devices::<T>(v).into_iter().map(|device| sign::<T>(&signer, device, 10)).collect();
		let vouchers = Vouchers::truncate_from(vouchers);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), CHANNEL, vouchers);
		assert!(!Channels::<T>::contains_key(CHANNEL));
		assert_eq!(Seats::<T>::iter_prefix(CHANNEL).count(), v as usize);
	}

	#[benchmark]
	fn close_channel() {
		let payer = payer::<T>();
		channel::<T>(&payer, 1_000, WindowIndex::MAX);
		#[extrinsic_call]
		_(RawOrigin::Signed(payer), CHANNEL);
		assert!(Channels::<T>::get(CHANNEL).unwrap().ends < WindowIndex::MAX);
	}

	#[benchmark]
	fn finish_channel() {
		let payer = payer::<T>();
		channel::<T>(&payer, 1_000, 0);
		Channels::<T>::mutate(CHANNEL, |record| record.as_mut().unwrap().seats = 1);
		let caller: T::AccountId = whitelisted_caller();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), CHANNEL);
		assert!(Swept::<T>::contains_key(CHANNEL));
	}

	#[benchmark]
	fn sweep_channel() {
		Swept::<T>::insert(CHANNEL, ());
		#[block]
		{
			let found = Swept::<T>::iter_keys().next();
			found.into_iter().for_each(Swept::<T>::remove);
		}
		assert!(!Swept::<T>::contains_key(CHANNEL));
	}

	#[benchmark]
	fn sweep_seat() {
		for device in 0..1_000 {
			Seats::<T>::insert(CHANNEL, device, Seat { credits: u64::MAX, units: u64::MAX });
		}
		#[block]
		{
			Seats::<T>::drain_prefix(CHANNEL).next();
		}
		assert_eq!(Seats::<T>::iter_prefix(CHANNEL).count(), 999);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
