//! Calls about the state of devices, about routes and offers, and those that have little to do with
//! money.

use groma_core::{
	DeviceId, EpochIndex, payload,
	route::{Endpoint, Offer, Route},
	words::{AccountBytes, JoinEui, RouterKey, Signature},
};
use groma_runtime::{DeviceRegistry, Emission, Runtime, RuntimeCall};
use groma_runtime_api::runtime_decl_for_credits_api::CreditsApi;
use sp_core::Pair;
use sp_keyring::Sr25519Keyring::{self, Alice, AliceStash};
use sp_runtime::traits::{BlakeTwo256, Hash};

use super::{ACCOUNTS, Market};
use crate::{chain::account, field::genesis_hash};

impl Market {
	/// Pauses or resumes a device, and very rarely retires one of the account's.
	pub(super) fn change_device(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		use groma_core::api::DeviceStatus::{Active, Paused};
		let device = self.numbers.one_of(&self.devices.clone());
		match self.numbers.below(60) {
			0 => {
				let device = self.device_of(who).unwrap_or(device);
				pallet_device_registry::Call::retire { device }.into()
			}
			n => {
				let status = if n % 2 == 0 { Paused } else { Active };
				pallet_device_registry::Call::set_status { device, status }.into()
			}
		}
	}

	/// The device of an account that is there and was registered last.
	fn device_of(&mut self, who: Sr25519Keyring) -> Option<DeviceId> {
		use groma_core::api::DeviceStatus::{Active, Paused};
		let Self { chain, devices, .. } = self;
		chain.with(|| {
			let is_of = |device: &DeviceId| {
				DeviceRegistry::device_info(*device).is_some_and(|info| {
					let is_there = info.status == Active || info.status == Paused;
					is_there && info.owner == account(who)
				})
			};
			devices.iter().copied().rev().find(is_of)
		})
	}

	/// A call about preimages, by several signers, of feeders, or of a key.
	pub(super) fn other(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let bytes = vec![self.numbers.below(4) as u8; 100];
		match self.numbers.below(5) {
			0 | 1 => pallet_preimage::Call::note_preimage { bytes }.into(),
			2 => {
				let hash = BlakeTwo256::hash(&bytes);
				pallet_preimage::Call::unnote_preimage { hash }.into()
			}
			3 => {
				let other = self.numbers.one_of(&ACCOUNTS);
				let call = Box::new(self.plain(who));
				let other_signatories = vec![account(other)];
				pallet_multisig::Call::as_multi_threshold_1 { other_signatories, call }.into()
			}
			_ => self.rotate_or_name(who),
		}
	}

	/// Gives a device another key, or names the feeder that there is, which validators alone may.
	fn rotate_or_name(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		if self.numbers.below(2) == 0 {
			let feeder = Some(account(AliceStash));
			return pallet_price_feed::Call::set_feeder { feeder }.into();
		}
		let device = self.numbers.one_of(&self.devices);
		let (key, session_key) = self.next_key();
		let owner = AccountBytes(account(who).into());
		let message =
			self.chain.with(|| payload::rotation(&genesis_hash(), device, &owner, &session_key));
		let proof = Signature(key.sign(&message).0);
		let authorization = None;
		pallet_device_registry::Call::rotate_session_key {
			device,
			session_key,
			proof,
			authorization,
		}
		.into()
	}

	/// Removes what is kept of the first epoch in which customers paid in a network: it may be too
	/// early, or network 0, of which nothing is removed so.
	pub(super) fn forget(&mut self) -> RuntimeCall {
		let network = self.numbers.one_of(&self.networks);
		let epoch = self.chain.with(|| {
			let current = Emission::epoch_info().expect("the clock runs").current;
			let is_kept = |epoch: &EpochIndex| Runtime::demand(network, *epoch).is_some();
			(current.saturating_sub(200)..current).find(is_kept).unwrap_or(current)
		});
		pallet_rewards::Call::remove_demand { network, epoch }.into()
	}

	/// Sets or removes a route, or claims or releases a JoinEUI, at times for another payer.
	pub(super) fn direct(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let join_eui = JoinEui([self.numbers.below(3) as u8; 8]);
		match self.numbers.below(5) {
			0 => pallet_routes::Call::remove_route {}.into(),
			1 | 2 => pallet_routes::Call::claim_join_eui { join_eui }.into(),
			3 => pallet_routes::Call::release_join_eui { join_eui }.into(),
			_ => {
				let payer = self.numbers.one_of(&[who, who, Alice]);
				let endpoint = Endpoint::new("router.example.com:9000").expect("it is short");
				let route = Route { endpoint, router_key: RouterKey([9; 32]), copies: 2 };
				pallet_routes::Call::set_route { payer: account(payer), route }.into()
			}
		}
	}

	/// Offers packets of a device of any owner, or removes the offer.
	pub(super) fn advertise(&mut self) -> RuntimeCall {
		let device = self.numbers.one_of(&self.devices.clone());
		if self.numbers.below(3) == 0 {
			return pallet_routes::Call::remove_offer { device, service: 0 }.into();
		}
		let offer = Offer {
			service: 0,
			endpoint: Endpoint::new("device.example.com:8080").expect("it is short"),
			credits_per_unit: 1 + self.numbers.below(12),
			units_per_second: 1,
		};
		pallet_routes::Call::set_offer { device, offer }.into()
	}
}
