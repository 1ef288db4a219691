//! Random actions of owners, customers and claimers on one chain: after every block the books are
//! equal to the planck, and the invariants of every pallet hold.

use groma_core::{
	ChannelId, DeviceId,
	money::{Balance, GRM},
	payload,
	route::{Endpoint, Offer, Route},
	voucher::Seat,
	words::{AccountBytes, JoinEui, RouterKey, SessionKey, Signature},
};
use groma_runtime::{
	AccountId, Balances, Challenges, DeviceRegistry, MeteredService, RuntimeCall, RuntimeEvent,
	UncheckedExtrinsic,
};
use pallet_metered_service::Event::ChannelOpened;
use sp_core::{Pair, ed25519};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};

use crate::{
	chain::{Chain, account, signed},
	field::{Device, WINDOW_BLOCKS, cell, genesis_hash},
	services::{claim, order, set_kappa, voucher},
};

const STEPS: usize = 10_000;
/// Steps in one block, each of another account.
const STEPS_PER_BLOCK: usize = 6;
/// Quiet blocks that pass at times: sixty windows, so that channels come to their end.
const QUIET_BLOCKS: u32 = 60 * WINDOW_BLOCKS;
const ACCOUNTS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
	fn next(&mut self) -> u64 {
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		self.0
	}

	fn below(&mut self, end: u64) -> u64 {
		self.next() % end
	}

	fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
		items[self.below(items.len() as u64) as usize]
	}
}

struct Market {
	chain: Chain,
	numbers: Numbers,
	devices: Vec<DeviceId>,
	/// How many session keys were made.
	keys: u8,
	/// The channel that was opened last.
	opened: ChannelId,
}

impl Market {
	fn new() -> Self {
		let mut chain = Chain::development();
		chain.block(vec![]);
		let devices = (1..=4u8)
			.map(|n| {
				let place = cell(f64::from(n) * 2_000.0, 0.0);
				Device::onboard(&mut chain, ACCOUNTS[usize::from(n)], n, place).id
			})
			.collect();
		Self { chain, numbers: Numbers(SEED), devices, keys: 100, opened: 0 }
	}

	/// One of the latest channels.
	fn channel(&mut self) -> ChannelId {
		self.opened.saturating_sub(self.numbers.below(6))
	}

	/// The next transaction of an account.
	fn transaction(&mut self, who: Sr25519Keyring) -> UncheckedExtrinsic {
		let call = self.call(who);
		let tip = [0, 0, 0, 1, GRM / 100][self.numbers.below(5) as usize];
		self.chain.with(|| signed(who, call, 0, tip))
	}

	fn call(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		match self.numbers.below(19) {
			0 | 1 => {
				let credits = 10_000 + self.numbers.below(50_000);
				pallet_data_credits::Call::mint_credits { credits, burn_max: Balance::MAX }.into()
			}
			2 => self.open(who),
			3..=7 => self.claim(),
			8 => pallet_metered_service::Call::close_channel { channel: self.channel() }.into(),
			9 => pallet_metered_service::Call::finish_channel { channel: self.channel() }.into(),
			10 => self.set_operator(),
			11 | 12 => {
				let device = self.numbers.one_of(&self.devices.clone());
				pallet_rewards::Call::claim { device }.into()
			}
			13 => self.transfer(who),
			14 => self.hand_over(who),
			15 => self.direct(who),
			16 | 17 => self.advertise(),
			_ => self.change_device(),
		}
	}

	fn open(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let credits = 1 + self.numbers.below(5_000);
		let seats = 1 + self.numbers.below(4) as u16;
		let order = order(&mut self.chain, credits, seats);
		// Mostly for itself, at times as an operator.
		let payer = if self.numbers.below(4) == 0 { self.numbers.one_of(&ACCOUNTS) } else { who };
		pallet_metered_service::Call::open_channel { payer: account(payer), order }.into()
	}

	/// Vouchers that are new, old, or promise too much.
	fn claim(&mut self) -> RuntimeCall {
		let channel = self.channel();
		let vouchers = (0..1 + self.numbers.below(3))
			.map(|_| {
				let device = self.numbers.one_of(&self.devices.clone());
				let seat: Option<Seat> = self.chain.with(|| MeteredService::seat(channel, device));
				let claimed = seat.map_or(0, |seat| seat.credits);
				let credits = claimed + self.numbers.below(1_000);
				voucher(&mut self.chain, channel, device, credits)
			})
			.collect();
		claim(channel, vouchers)
	}

	fn set_operator(&mut self) -> RuntimeCall {
		let operator = account(self.numbers.one_of(&ACCOUNTS));
		if self.numbers.below(3) == 0 {
			return pallet_data_credits::Call::remove_operator { operator }.into();
		}
		let credits_per_epoch = self.numbers.below(300_000);
		pallet_data_credits::Call::set_operator { operator, credits_per_epoch }.into()
	}

	/// A payment, at times one that leaves dust, or a burn, which is refused.
	fn transfer(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let stranger = AccountId::new([self.numbers.below(8) as u8; 32]);
		match self.numbers.below(3) {
			0 => pallet_balances::Call::burn { value: GRM, keep_alive: true }.into(),
			1 => {
				let value = GRM / 100 + Balance::from(self.numbers.below(1_000));
				pallet_balances::Call::transfer_keep_alive { dest: stranger.into(), value }.into()
			}
			_ => {
				let free = self.chain.with(|| Balances::free_balance(account(who)));
				let value = free / 1_000;
				let dest = account(self.numbers.one_of(&ACCOUNTS)).into();
				pallet_balances::Call::transfer_allow_death { dest, value }.into()
			}
		}
	}

	/// Offers a device to another owner, or takes one over.
	fn hand_over(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let device = self.numbers.one_of(&self.devices.clone());
		if self.numbers.below(2) == 0 {
			let next_owner = Some(account(self.numbers.one_of(&ACCOUNTS)));
			return pallet_device_registry::Call::offer_transfer { device, next_owner }.into();
		}
		self.keys = self.keys.wrapping_add(1);
		let key = ed25519::Pair::from_seed(&[self.keys; 32]);
		let session_key = SessionKey(key.public().0);
		let owner = AccountBytes(account(who).into());
		let message =
			self.chain.with(|| payload::rotation(&genesis_hash(), device, &owner, &session_key));
		let proof = Signature(key.sign(&message).0);
		let authorization = None;
		pallet_device_registry::Call::accept_transfer { device, session_key, proof, authorization }
			.into()
	}

	/// Sets or removes a route, or claims or releases a JoinEUI, at times for another payer.
	fn direct(&mut self, who: Sr25519Keyring) -> RuntimeCall {
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

	/// Offers packets of a device, whoever owns it, or removes the offer.
	fn advertise(&mut self) -> RuntimeCall {
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

	/// Pauses or resumes a device, and very rarely retires one.
	fn change_device(&mut self) -> RuntimeCall {
		use groma_core::api::DeviceStatus::{Active, Paused};
		let device = self.numbers.one_of(&self.devices.clone());
		match self.numbers.below(40) {
			0 => pallet_device_registry::Call::retire { device }.into(),
			n => {
				let status = if n % 2 == 0 { Paused } else { Active };
				pallet_device_registry::Call::set_status { device, status }.into()
			}
		}
	}

	/// Notes the channels that the latest block opened.
	fn note_channels(&mut self) {
		for event in self.chain.events() {
			if let RuntimeEvent::MeteredService(ChannelOpened { channel, .. }) = event {
				self.opened = channel;
			}
		}
	}

	/// What happens to the whole chain at times: a halt, a vote on kappa, hours without customers.
	fn happen(&mut self) {
		match self.numbers.below(200) {
			2 => self.chain.blocks(QUIET_BLOCKS),
			0 => self.chain.halt(1 + self.numbers.below(40)),
			1 => {
				let percent = self.numbers.below(101) as u32;
				set_kappa(&mut self.chain, percent);
			}
			_ => {}
		}
	}
}

#[test]
fn books_are_equal_to_the_planck_whatever_anyone_does() {
	let mut market = Market::new();
	let (mut steps, mut done) = (0, 0);
	while steps < STEPS {
		let first = market.numbers.below(ACCOUNTS.len() as u64) as usize;
		let signers = (0..STEPS_PER_BLOCK).map(|n| ACCOUNTS[(first + n) % ACCOUNTS.len()]);
		let transactions: Vec<_> = signers.map(|who| market.transaction(who)).collect();
		let results = market.chain.block(transactions);
		steps += results.len();
		done += results.iter().filter(|result| matches!(result, Ok(Ok(())))).count();
		market.note_channels();
		market.happen();
		market.chain.check();
	}
	assert!(done > STEPS / 10, "only {done} steps of {steps} did anything");
	let there = market.chain.with(|| {
		let devices = market.devices.iter();
		devices.filter(|device| DeviceRegistry::device_info(**device).is_some()).count()
	});
	let window = market.chain.with(|| Challenges::window_info().index);
	println!("{done} of {steps} steps succeeded, until window {window}; {there} devices are left");
}
