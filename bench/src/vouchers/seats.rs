//! Channels with seats: opened and filled natively by the runtime's own calls, one seat for each
//! device of a populated chain.

use std::collections::BTreeMap;

use anyhow::anyhow;
use codec::Encode;
use ed25519_dalek::{Signer, SigningKey};
use frame_support::{dispatch::RawOrigin, storage::storage_prefix, traits::fungible::Mutate};
use groma_core::{
	ChannelId, DeviceId,
	money::{Balance, Credits, GRM, MINT_CREDITS_MIN},
	protocol::{CHANNEL_WINDOWS_MAX, VOUCHERS_PER_CLAIM_MAX},
	voucher::Voucher,
	words::{Hash, Signature, SignerKey},
};
use groma_paged_map::PageId;
use groma_runtime::{
	AccountId, Balances, Challenges, DataCredits, Emission, MeteredService, System,
};
use indicatif::ProgressBar;
use pallet_metered_service::ChannelOrder;

use crate::receipts::{CLUSTER, Devices, Population, State, owner_account};

/// Vouchers of a claim, as a gateway's owner batches them.
pub(crate) const BATCH: u32 = 50;
/// The most seats of a channel here.
const SEATS_PER_CHANNEL: u32 = 4_000;
/// Credits, and units, of the first voucher of each device. Every further voucher adds as many.
pub(crate) const STEP: u64 = 10;
/// How many steps a channel has credits for, per seat.
const STEPS: u64 = 4;
/// What the payer has: for credits, bonds and the deposits of a million seats.
const FUNDS: Balance = 1_000_000 * GRM;

/// Which devices have a seat in which channel.
pub(crate) struct Seats {
	genesis: Hash,
	/// By channel, the devices in the order of their ids.
	channels: Vec<Vec<DeviceId>>,
}

impl Seats {
	/// One seat for each device. A channel serves whole clusters from all over the globe.
	pub(crate) fn new(devices: &Devices, genesis: Hash) -> Self {
		let channels = devices.count().div_ceil(SEATS_PER_CHANNEL).max(1);
		let mut seats: Vec<Vec<DeviceId>> = vec![Vec::new(); channels as usize];
		for (place, device) in devices.ids().iter().enumerate() {
			let cluster = place / CLUSTER as usize;
			if let Some(channel) = seats.get_mut(cluster % channels as usize) {
				channel.push(*device);
			}
		}
		seats.iter_mut().for_each(|channel| channel.sort_unstable());
		Self { genesis, channels: seats }
	}

	/// How many channels there are: their ids are 0 and on.
	pub(crate) fn channels(&self) -> u32 {
		self.channels.len() as u32
	}

	/// The devices of a channel by page, in the order of pages.
	pub(crate) fn pages(&self, channel: ChannelId) -> Vec<Vec<DeviceId>> {
		let mut pages: BTreeMap<PageId, Vec<DeviceId>> = BTreeMap::new();
		for device in self.channels.get(channel as usize).into_iter().flatten() {
			pages.entry(PageId::of(*device).0).or_default().push(*device);
		}
		pages.into_values().collect()
	}

	/// The voucher of a device with so many steps.
	pub(crate) fn voucher(&self, channel: ChannelId, device: DeviceId, steps: u64) -> Voucher {
		let amount = STEP * steps;
		let mut voucher =
			Voucher { device, credits: amount, units: amount, signature: Signature([0; 64]) };
		let message = voucher.to_signed_bytes(&self.genesis, channel);
		voucher.signature = Signature(signing_key(channel).sign(&message).to_bytes());
		voucher
	}

	/// Opens all channels and has a first voucher claimed for every seat.
	pub(crate) fn take(
		&self,
		population: &mut Population,
		progress: &ProgressBar,
	) -> anyhow::Result<()> {
		let payer: AccountId = owner_account(u32::MAX);
		population
			.run(|| {
				Balances::mint_into(&payer, FUNDS)?;
				// Without its own account, the pot could not take a small payment.
				Balances::mint_into(&Emission::pot(), GRM)
			})
			.map_err(|error| anyhow!("the payer cannot be endowed: {error:?}"))?;
		progress.set_length(self.channels.iter().map(|seats| seats.len() as u64).sum());
		progress.set_position(0);
		for (channel, seats) in self.channels.iter().enumerate() {
			let channel = channel as ChannelId;
			let credits = seats.len() as Credits * STEP * STEPS;
			population.run(|| open(&payer, channel, credits, seats.len() as u16))?;
			for devices in seats.chunks(VOUCHERS_PER_CLAIM_MAX as usize) {
				population.run(|| self.claim(&payer, channel, devices))?;
				progress.inc(devices.len() as u64);
			}
		}
		Ok(())
	}

	fn claim(
		&self,
		claimer: &AccountId,
		channel: ChannelId,
		devices: &[DeviceId],
	) -> anyhow::Result<()> {
		let vouchers: Vec<_> =
			devices.iter().map(|device| self.voucher(channel, *device, 1)).collect();
		let vouchers = vouchers.try_into().map_err(|_| anyhow!("a claim holds its vouchers"))?;
		let origin = RawOrigin::Signed(claimer.clone()).into();
		MeteredService::claim_vouchers(origin, channel, vouchers)
			.map_err(|error| anyhow!("a claim was refused: {:?}", error.error))?;
		System::reset_events();
		let is_paid = |device: &DeviceId| {
			MeteredService::seat(channel, *device).is_some_and(|seat| seat.credits == STEP)
		};
		anyhow::ensure!(devices.iter().all(is_paid), "every first voucher takes a seat");
		Ok(())
	}
}

fn open(
	payer: &AccountId,
	channel: ChannelId,
	credits: Credits,
	seats_max: u16,
) -> anyhow::Result<()> {
	let origin = || RawOrigin::Signed(payer.clone()).into();
	DataCredits::mint_credits(origin(), credits.max(MINT_CREDITS_MIN), Balance::MAX)
		.map_err(|error| anyhow!("no credits: {error:?}"))?;
	let order = ChannelOrder {
		network: 0,
		service: 0,
		credits,
		seats_max,
		signer: SignerKey(signing_key(channel).verifying_key().to_bytes()),
		expires: Challenges::window_info().index + CHANNEL_WINDOWS_MAX,
	};
	MeteredService::open_channel(origin(), payer.clone(), order)
		.map_err(|error| anyhow!("channel {channel} cannot be opened: {error:?}"))
}

fn signing_key(channel: ChannelId) -> SigningKey {
	SigningKey::from_bytes(&sp_crypto_hashing::blake2_256(&("vouchers", channel).encode()))
}

/// The key of a seat in the state.
pub(crate) fn seat_key(channel: ChannelId, device: DeviceId) -> Vec<u8> {
	let mut key = storage_prefix(b"MeteredService", b"Seats").to_vec();
	channel.encode_to(&mut key);
	device.encode_to(&mut key);
	key
}

/// Bytes per seat and per channel in a state: keys without the 32 bytes that name pallet and map,
/// and values.
pub(crate) fn bytes(state: &State) -> [f64; 2] {
	let of = |map: &[u8]| -> (usize, usize) {
		let prefix = storage_prefix(b"MeteredService", map);
		let entries =
			state.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(&prefix));
		entries.fold((0, 0), |(count, bytes), (key, value)| {
			(count + 1, bytes + key.len().saturating_sub(prefix.len()) + value.len())
		})
	};
	let (seats, seat_bytes) = of(b"Seats");
	let (channels, channel_bytes) = of(b"Channels");
	let (_, list_bytes) = of(b"PayerChannels");
	let mean = |bytes: usize, count: usize| bytes as f64 / count.max(1) as f64;
	[mean(seat_bytes, seats), mean(channel_bytes + list_bytes, channels)]
}

#[cfg(test)]
mod tests {
	use super::*;

	fn seats(count: u32) -> Seats {
		Seats::new(&Devices::new(count, [7; 32]).expect("a power of ten"), [7; 32])
	}

	#[test]
	fn every_device_has_one_seat_and_no_channel_too_many() {
		for count in [1_000, 10_000] {
			let seats = seats(count);
			let mut all: Vec<_> = seats.channels.concat();
			assert!(seats.channels.iter().all(|channel| channel.len() <= 4_096));
			all.sort_unstable();
			assert_eq!(all, (0..count).collect::<Vec<_>>());
			assert_eq!(seats.channels(), count.div_ceil(SEATS_PER_CHANNEL));
		}
	}

	#[test]
	fn pages_hold_the_devices_of_a_channel() {
		let seats = seats(1_000);
		let pages = seats.pages(0);
		assert_eq!(pages.concat(), (0..1_000).collect::<Vec<_>>());
		assert!(pages.iter().all(|page| page.len() <= 16));
	}

	#[test]
	fn bytes_are_those_of_seats_and_channels() {
		let mut state = State::new();
		state.insert(seat_key(1, 2), vec![0; 3]);
		state.insert(seat_key(1, 3), vec![0; 5]);
		let mut channel = storage_prefix(b"MeteredService", b"Channels").to_vec();
		channel.extend([0; 16]);
		state.insert(channel, vec![0; 100]);
		assert_eq!(bytes(&state), [8.0 + 4.0 + 4.0, 116.0]);
	}
}
