//! Random actions of owners, customers, claimers, collectors, founders, proxies, voters, those who
//! stake, and a feeder on one chain: after every step the books are equal to the planck, and the
//! invariants of every pallet hold.

mod happenings;
mod others;
mod public;
mod tally;

use std::{
	collections::{BTreeMap, BTreeSet},
	time::{Duration, Instant},
};

use frame_support::{BoundedVec, assert_ok, traits::GetCallMetadata};
use groma_core::{
	ChannelId, DeviceId, NetworkId, WindowIndex,
	money::{Balance, GRM},
	payload,
	region::EU868,
	terms::{PlaceTerms, Proof, ServiceTerms},
	units::Scale,
	voucher::Seat,
	words::{AccountBytes, SessionKey, Signature},
};
use groma_runtime::{
	AccountId, Balances, Challenges, DeviceRegistry, MeteredService, Runtime, RuntimeCall,
	RuntimeEvent, UncheckedExtrinsic, configs::tools::ProxyType,
};
use pallet_device_registry::{Event::DeviceRegistered, LocationClaim};
use pallet_metered_service::{ChannelOrder, Event::ChannelOpened};
use pallet_networks::Event::NetworkFounded;
use pallet_rewards::PayoutShare;
use pallet_stake::Purpose;
use sp_core::{Pair, ed25519};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};

use crate::{
	chain::{Chain, account, signed},
	field::{
		Device, LORAWAN, cell, genesis_hash, reveal_bundle, reveals, statement_bundle, statements,
	},
	networks::terms,
	services::{claim, order, voucher},
};
use tally::Tally;

/// Steps. Each is a block, so that all is checked after it: within a block hooks still have work to
/// do, and not every invariant holds.
const STEPS: usize = 10_000;
/// In one of so many steps each account has a transaction in the same block; in the others one has.
const CROWDED_EVERY: u64 = 8;
const ACCOUNTS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
/// How payouts are divided, in percent. The last one is no whole.
const SPLITS: [&[u32]; 4] = [&[], &[100], &[70, 30], &[50, 40]];
/// Calls that have to succeed at least once, or the test shows little.
const NEEDED: [&str; 29] = [
	"DataCredits.mint_credits",
	"DataCredits.set_operator",
	"MeteredService.open_channel",
	"MeteredService.claim_vouchers",
	"MeteredService.close_channel",
	"MeteredService.finish_channel",
	"Balances.transfer_allow_death",
	"DeviceRegistry.offer_transfer",
	"DeviceRegistry.set_status",
	"DeviceRegistry.retire",
	"DeviceRegistry.register_device",
	"DeviceRegistry.assert_location",
	"Networks.found_network",
	"Routes.set_route",
	"Routes.set_offer",
	"Rewards.set_payout_split",
	"Utility.batch",
	"Proxy.add_proxy",
	"Proxy.proxy",
	"ProofOfCoverage.submit_statements",
	"Preimage.note_preimage",
	"Stake.delegate",
	"Stake.undelegate",
	"Stake.claim",
	"Stake.settle",
	"Referenda.submit",
	"ConvictionVoting.vote",
	"Treasury.payout",
	"Bounties.propose_bounty",
];
/// Pallets whose calls no one draws: those that blocks begin with, that prove what a consensus key
/// signed, and that only an upgrade needs. Governed numbers are set by another pallet.
const LEFT_OUT: [&str; 5] = ["Timestamp", "Babe", "Grandpa", "MultiBlockMigrations", "Parameters"];

/// Numbers that look random and are the same in every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
	pub(crate) fn next(&mut self) -> u64 {
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		self.0
	}

	pub(crate) fn below(&mut self, end: u64) -> u64 {
		self.next() % end
	}

	pub(crate) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
		items[self.below(items.len() as u64) as usize]
	}

	/// Sets at most `most` GRM of stake aside, behind devices or Alice, begins to let it go, or
	/// takes back what thawed.
	pub(crate) fn stake(&mut self, network: NetworkId, most: u64) -> RuntimeCall {
		let purpose = Purpose::Devices(network);
		let amount = Balance::from(1 + self.below(most)) * GRM;
		let operator = account(Alice);
		match self.below(6) {
			0 => pallet_stake::Call::provision { purpose, amount }.into(),
			1 => pallet_stake::Call::thaw { purpose, amount }.into(),
			2 => pallet_stake::Call::withdraw { purpose }.into(),
			3 => pallet_stake::Call::delegate { operator, amount }.into(),
			4 => {
				let amount = self.one_of(&[Some(amount), None]);
				pallet_stake::Call::undelegate { operator, amount }.into()
			}
			_ => pallet_stake::Call::withdraw_delegated { operator }.into(),
		}
	}
}

struct Market {
	chain: Chain,
	numbers: Numbers,
	devices: Vec<DeviceId>,
	/// The first devices, which state whom they hear by the keys that they had first: of one that
	/// was sold, what they sign is refused.
	fleet: Vec<Device>,
	/// The last window of which they stated it.
	window: WindowIndex,
	/// Network 0, and those that someone founded.
	networks: Vec<NetworkId>,
	/// How many session keys were made.
	keys: u8,
	/// The channel that was opened last.
	opened: ChannelId,
	/// Transactions that were made.
	made: usize,
	/// Those that succeeded, by their calls.
	done: BTreeMap<String, usize>,
	/// Pallets of which something was called.
	called: BTreeSet<&'static str>,
	/// What happened that no call says.
	tally: Tally,
}

impl Market {
	fn new() -> Self {
		let mut chain = Chain::development();
		chain.block(vec![]);
		let fleet: Vec<_> = (1..=4u8)
			.map(|n| {
				let place = cell(f64::from(n) * 2_000.0, 0.0);
				Device::onboard(&mut chain, ACCOUNTS[usize::from(n)], n, place)
			})
			.collect();
		assert_ok!(chain.submit(Alice, pallet_collector::Call::register_collector {}));
		let (purpose, amount) = (Purpose::Validating, 1_000 * GRM);
		assert_ok!(chain.submit(Alice, pallet_stake::Call::provision { purpose, amount }));
		assert_ok!(chain.submit(Alice, pallet_stake::Call::set_open { is_open: true }));
		Self {
			chain,
			numbers: Numbers(SEED),
			devices: fleet.iter().map(|device| device.id).collect(),
			fleet,
			window: 0,
			networks: vec![LORAWAN],
			keys: 100,
			opened: 0,
			made: 0,
			done: BTreeMap::new(),
			called: BTreeSet::new(),
			tally: Tally::default(),
		}
	}

	/// Makes a block, mostly of one transaction, at times of one of each account.
	fn step(&mut self) {
		let is_crowded = self.numbers.below(CROWDED_EVERY) == 0;
		let count = if is_crowded { ACCOUNTS.len() } else { 1 };
		let first = self.numbers.below(ACCOUNTS.len() as u64) as usize;
		let signers = (0..count).map(|n| ACCOUNTS[(first + n) % ACCOUNTS.len()]);
		let calls: Vec<_> = signers.map(|who| (who, self.call(who))).collect();
		let transactions = calls
			.into_iter()
			.map(|(who, call)| {
				let tip = [0, 0, 0, 1, GRM / 100][self.numbers.below(5) as usize];
				self.sign(who, call, 0, tip)
			})
			.collect();
		self.include(transactions);
	}

	/// A transaction, with the name of its call.
	fn sign(
		&mut self,
		who: Sr25519Keyring,
		call: RuntimeCall,
		ahead: u32,
		tip: Balance,
	) -> (String, UncheckedExtrinsic) {
		self.note_call(&call);
		let names = call.get_call_metadata();
		let name = format!("{}.{}", names.pallet_name, names.function_name);
		(name, self.chain.with(|| signed(who, call, ahead, tip)))
	}

	fn note_call(&mut self, call: &RuntimeCall) {
		self.called.insert(call.get_call_metadata().pallet_name);
	}

	/// Makes a block with transactions of calls with these names.
	fn include(&mut self, transactions: Vec<(String, UncheckedExtrinsic)>) {
		let (names, transactions): (Vec<_>, Vec<_>) = transactions.into_iter().unzip();
		let results = self.chain.block(transactions);
		self.made += results.len();
		for (name, result) in names.into_iter().zip(results) {
			if matches!(result, Ok(Ok(()))) {
				*self.done.entry(name).or_default() += 1;
			}
		}
		self.note_what_is_new();
	}

	/// Brings what the first devices heard in a window that is new, and the reveals of the one
	/// before the last.
	fn witness(&mut self) {
		let window = self.chain.with(|| Challenges::window_info().index);
		if window == self.window {
			return;
		}
		self.window = window;
		let Self { chain, fleet, .. } = self;
		let (groups, due) =
			chain.with(|| (statements(fleet, window), reveals(fleet, window.saturating_sub(2))));
		let statements = (!groups.is_empty()).then(|| statement_bundle(groups));
		let reveals = (!due.is_empty()).then(|| reveal_bundle(due));
		let bundles: Vec<RuntimeCall> = [statements, reveals].into_iter().flatten().collect();
		let transactions =
			(0..).zip(bundles).map(|(ahead, call)| self.sign(Alice, call, ahead, 0)).collect();
		self.include(transactions);
	}

	/// One of the latest channels.
	fn channel(&mut self) -> ChannelId {
		self.opened.saturating_sub(self.numbers.below(6))
	}

	/// The next call of an account, at times within others.
	fn call(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		match self.numbers.below(16) {
			0 => self.batch(who),
			1 => self.proxied(),
			_ => self.plain(who),
		}
	}

	/// A batch, which ends with the first call that fails, undoes all with it, or goes on.
	fn batch(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		use pallet_utility::Call::{batch, batch_all, force_batch};
		let count = 1 + self.numbers.below(3);
		let calls: Vec<RuntimeCall> = (0..count).map(|_| self.plain(who)).collect();
		let call: pallet_utility::Call<Runtime> = match self.numbers.below(3) {
			0 => batch { calls },
			1 => batch_all { calls },
			_ => force_batch { calls },
		};
		call.into()
	}

	/// Names a proxy, removes all, or acts for another account, whether its type allows it or not.
	fn proxied(&mut self) -> RuntimeCall {
		use ProxyType::{Any, Devices, NonTransfer, Payer};
		use pallet_proxy::Call::{add_proxy, proxy, remove_proxies};
		let other = self.numbers.one_of(&ACCOUNTS);
		let call: pallet_proxy::Call<Runtime> = match self.numbers.below(8) {
			0 => remove_proxies {},
			1 | 2 => {
				let proxy_type = self.numbers.one_of(&[Any, NonTransfer, Devices, Payer]);
				add_proxy { delegate: account(other).into(), proxy_type, delay: 0 }
			}
			_ => {
				let call = Box::new(self.plain(other));
				proxy { real: account(other).into(), force_proxy_type: None, call }
			}
		};
		call.into()
	}

	/// A call that carries no other, or one by several signers.
	fn plain(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		let call = self.draw(who);
		self.note_call(&call);
		call
	}

	/// The next call that is no batch and for no other account.
	fn draw(&mut self, who: Sr25519Keyring) -> RuntimeCall {
		match self.numbers.below(29) {
			0 | 1 => {
				let credits = 10_000 + self.numbers.below(50_000);
				pallet_data_credits::Call::mint_credits { credits, burn_max: Balance::MAX }.into()
			}
			2 => self.open(who),
			3..=7 => self.claim(),
			8 => pallet_metered_service::Call::close_channel { channel: self.channel() }.into(),
			9 => {
				// The grace of one that was opened of late still runs.
				let channel = self.numbers.below(self.opened + 1);
				pallet_metered_service::Call::finish_channel { channel }.into()
			}
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
			21 => self.split(),
			22 => {
				let device = self.numbers.one_of(&self.devices);
				let payee = account(self.numbers.one_of(&ACCOUNTS));
				pallet_rewards::Call::claim_payee { device, payee }.into()
			}
			23 => self.forget(),
			24 => self.stake(),
			25 => self.change_device(who),
			26 | 27 => self.public(who),
			_ => self.other(who),
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

	/// A payment, at times one that opens an account, or a burn, which is refused.
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
		if self.numbers.below(24) > 0 {
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

	/// Founds a network, or changes or closes one of any founder. None is old enough to be
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

	fn stake(&mut self) -> RuntimeCall {
		let network = self.numbers.one_of(&self.networks);
		self.numbers.stake(network, 100)
	}

	/// Divides what a device earns for its owner: among none, one or two, who may be the same.
	fn split(&mut self) -> RuntimeCall {
		let device = self.numbers.one_of(&self.devices);
		let shares = self
			.numbers
			.one_of(&SPLITS)
			.iter()
			.map(|percent| PayoutShare {
				account: account(self.numbers.one_of(&ACCOUNTS)),
				share: Scale::from_percent(*percent),
			})
			.collect();
		let shares = BoundedVec::truncate_from(shares);
		pallet_rewards::Call::set_payout_split { device, shares }.into()
	}

	/// Notes the channels, devices and networks that are new in the latest block.
	fn note_what_is_new(&mut self) {
		for event in self.chain.events() {
			self.tally.note(&event);
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

	/// Says what was done, and how long the checks took.
	fn report(&mut self, checks: Duration) {
		let Self { chain, devices, .. } = self;
		let there = chain.with(|| {
			let infos = devices.iter().map(|device| DeviceRegistry::device_info(*device));
			infos.flatten().count()
		});
		let window = chain.with(|| Challenges::window_info().index);
		println!(
			"{} of {} transactions succeeded, until window {window}; {there} of {} devices are \
			 left, in {} networks; {:?}; the checks of {STEPS} steps took {} s: {:?}",
			self.done.values().sum::<usize>(),
			self.made,
			self.devices.len(),
			self.networks.len(),
			self.tally,
			checks.as_secs(),
			self.done
		);
	}
}

#[test]
fn books_are_equal_to_the_planck_whatever_anyone_does() {
	let mut market = Market::new();
	let mut checks = Duration::ZERO;
	for _ in 0..STEPS {
		market.step();
		market.witness();
		market.happen();
		let begun = Instant::now();
		market.chain.check();
		checks += begun.elapsed();
	}
	market.report(checks);
	let done: usize = market.done.values().sum();
	assert!(done > market.made / 10, "only {done} of {} succeeded", market.made);
	for name in NEEDED {
		assert!(market.done.contains_key(name), "{name} never succeeded");
	}
	for pallet in RuntimeCall::get_module_names() {
		let is_called = market.called.contains(pallet);
		assert_ne!(is_called, LEFT_OUT.contains(pallet), "{pallet} is called, or is left out");
	}
	assert!(market.devices.len() > 4 && market.networks.len() > 1);
	market.tally.check();
}
