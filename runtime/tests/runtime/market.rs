//! Random actions of owners, customers, claimers, collectors, founders and a feeder on one chain:
//! after every block the books are equal to the planck, and the invariants of every pallet hold.

use frame_support::BoundedVec;
use groma_core::{
	ChannelId, DeviceId, NetworkId,
	money::{Balance, GRM},
	payload,
	price::Price,
	region::EU868,
	route::{Endpoint, Offer, Route},
	terms::{PlaceTerms, Proof, ServiceTerms},
	voucher::Seat,
	words::{AccountBytes, JoinEui, RouterKey, SessionKey, Signature},
};
use groma_runtime::{
	AccountId, Balances, Challenges, DeviceRegistry, MeteredService, RuntimeCall, RuntimeEvent,
	UncheckedExtrinsic,
};
use pallet_device_registry::{Event::DeviceRegistered, LocationClaim};
use pallet_metered_service::{ChannelOrder, Event::ChannelOpened};
use pallet_networks::Event::NetworkFounded;
use pallet_stake::Purpose;
use sp_core::{Pair, ed25519};
use sp_keyring::Sr25519Keyring::{self, Alice, AliceStash, Bob, Charlie, Dave, Eve, Ferdie};

use crate::{
	chain::{Chain, account, signed},
	field::{Device, LORAWAN, WINDOW_BLOCKS, cell, genesis_hash},
	networks::terms,
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
	/// Network 0, and those that someone founded.
	networks: Vec<NetworkId>,
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
		let networks = vec![LORAWAN];
		Self { chain, numbers: Numbers(SEED), devices, networks, keys: 100, opened: 0 }
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
		match self.numbers.below(23) {
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
			18 => self.onboard_or_move(who),
			19 => self.found(),
			20 => self.collect(),
			21 => self.stake(),
			_ => self.change_device(),
		}
	}

	fn open(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let credits = 1 + self.numbers.below(5_000);
		let seats = 1 + self.numbers.below(4) as u16;
		// Mostly in network 0, where most devices are.
		let other = self.numbers.one_of(&self.networks);
		let network = if self.numbers.below(4) == 0 { other } else { LORAWAN };
		let order = ChannelOrder { network, ..order(&mut self.chain, credits, seats) };
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
		let (key, session_key) = self.next_key();
		let owner = AccountBytes(account(who).into());
		let message =
			self.chain.with(|| payload::rotation(&genesis_hash(), device, &owner, &session_key));
		let proof = Signature(key.sign(&message).0);
		let authorization = None;
		pallet_device_registry::Call::accept_transfer { device, session_key, proof, authorization }
			.into()
	}

	/// A session key. It is refused if a device has it: there are no more than 256.
	fn next_key(&mut self) -> (ed25519::Pair, SessionKey) {
		self.keys = self.keys.wrapping_add(1);
		let key = ed25519::Pair::from_seed(&[self.keys; 32]);
		let session_key = SessionKey(key.public().0);
		(key, session_key)
	}

	/// Moves a device, or rarely registers one: every check reads all of them.
	fn onboard_or_move(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let place = cell(f64::from(self.numbers.below(20) as u8) * 500.0, 0.0);
		let location =
			LocationClaim { cell: place, region: EU868, gain_deci_dbi: 12, elevation_m: 20 };
		if self.numbers.below(16) > 0 {
			let device = self.numbers.one_of(&self.devices);
			return pallet_device_registry::Call::assert_location { device, location }.into();
		}
		let (key, session_key) = self.next_key();
		let network = self.numbers.one_of(&self.networks);
		let owner = account(who);
		let message = self.chain.with(|| {
			let nonce = DeviceRegistry::onboarding_nonce(&owner);
			payload::onboarding(&genesis_hash(), &AccountBytes(owner.into()), network, nonce)
		});
		pallet_device_registry::Call::register_device {
			network,
			session_key,
			proof: Signature(key.sign(&message).0),
			location: (network == LORAWAN).then_some(location),
			attestation: None,
		}
		.into()
	}

	/// Founds a network, or changes or closes one, whoever founded it. None is old enough to be
	/// dissolved.
	fn found(&mut self) -> RuntimeCall {
		use pallet_networks::Call::{
			close_founded_network, dissolve_network, found_network, update_founded_terms,
		};
		let mut terms = terms(PlaceTerms::Anywhere, Proof::Unproven);
		terms.services = BoundedVec::truncate_from(vec![ServiceTerms::lorawan_packets()]);
		terms.fees.onboarding_credits = self.numbers.below(60_000);
		let network = self.numbers.one_of(&self.networks);
		match self.numbers.below(12) {
			0 => {
				let name = b"market".to_vec().try_into().expect("it is short");
				found_network { name, terms }.into()
			}
			1 => close_founded_network { network }.into(),
			2 => dissolve_network { network }.into(),
			_ => update_founded_terms { network, terms }.into(),
		}
	}

	/// Becomes a collector, ceases to be one, or has one paid.
	fn collect(&mut self) -> RuntimeCall {
		match self.numbers.below(3) {
			0 => pallet_collector::Call::register_collector {}.into(),
			1 => pallet_collector::Call::deregister_collector {}.into(),
			_ => {
				let collector = account(self.numbers.one_of(&ACCOUNTS));
				pallet_collector::Call::claim_collected { collector }.into()
			}
		}
	}

	/// Sets stake aside, begins to let it go, or takes back what has thawed.
	fn stake(&mut self) -> RuntimeCall {
		let purpose = Purpose::Devices(self.numbers.one_of(&self.networks));
		let amount = Balance::from(1 + self.numbers.below(100)) * GRM;
		match self.numbers.below(3) {
			0 => pallet_stake::Call::provision { purpose, amount }.into(),
			1 => pallet_stake::Call::thaw { purpose, amount }.into(),
			_ => pallet_stake::Call::withdraw { purpose }.into(),
		}
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

	/// Notes the channels, devices and networks that are new in the latest block.
	fn note_what_is_new(&mut self) {
		for event in self.chain.events() {
			match event {
				RuntimeEvent::MeteredService(ChannelOpened { channel, .. }) => {
					self.opened = channel;
				}
				RuntimeEvent::DeviceRegistry(DeviceRegistered { device, .. }) => {
					self.devices.push(device);
				}
				RuntimeEvent::Networks(NetworkFounded { network, .. }) => {
					self.networks.push(network);
				}
				_ => {}
			}
		}
	}

	/// What happens to the whole chain at times: a halt, a vote on kappa, another price, hours
	/// without customers.
	fn happen(&mut self) {
		match self.numbers.below(200) {
			2 => self.chain.blocks(QUIET_BLOCKS),
			0 => self.chain.halt(1 + self.numbers.below(40)),
			1 => {
				let percent = self.numbers.below(101) as u32;
				set_kappa(&mut self.chain, percent);
			}
			3..=12 => {
				let price = Price::clamp(20_000_000 + self.numbers.below(480_000_000));
				let feed = pallet_price_feed::Call::feed { price };
				let feed = self.chain.with(|| signed(AliceStash, feed, 0, 0));
				self.chain.block(vec![feed]);
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
		market.note_what_is_new();
		market.happen();
		market.chain.check();
	}
	assert!(done > STEPS / 10, "only {done} steps of {steps} did anything");
	let there = market.chain.with(|| {
		let devices = market.devices.iter();
		devices.filter(|device| DeviceRegistry::device_info(**device).is_some()).count()
	});
	let window = market.chain.with(|| Challenges::window_info().index);
	let (devices, networks) = (market.devices.len(), market.networks.len());
	println!(
		"{done} of {steps} steps succeeded, until window {window}; {there} of {devices} devices \
		are left, in {networks} networks"
	);
	assert!(devices > 4 && networks > 1, "no one registered a device or founded a network");
}
