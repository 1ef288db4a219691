//! Another network next to network 0, which a referendum creates: what network 0 keeps and pays is
//! the same as without it, compared block by block on two chains with the same slots.

use frame_support::assert_ok;
use groma_core::{
	EpochIndex, NetworkId,
	api::{ActivityInfo, DeviceInfo, NetworkEpochInfo, RewardsInfo},
	density,
	money::{Balance, GRM, MILLI_GRM},
	region::RegionPlan,
	terms::{FeeTerms, LotteryTerms, NetworkTerms, PlaceTerms, SupplyTerms},
	units::Scale,
	words::Hash,
};
use groma_runtime::{
	AccountId, Balances, Challenges, DeviceRegistry, Networks, ProofOfCoverage, Rewards, Runtime,
	RuntimeCall, System, governance::origins::Origin,
};
use pallet_stake::{Call as StakeCall, Purpose};
use sp_keyring::Sr25519Keyring::{Bob, Charlie, Dave, Eve, Ferdie};

use crate::{
	chain::{Chain, account, genesis_config},
	coverage::{EPOCH_BLOCKS, bring, live_window},
	field::{Device, ELIGIBLE_AFTER_WINDOWS, LORAWAN, cell, four_devices, present_epoch},
	referenda::propose,
};

/// The network that joins.
const OTHER: NetworkId = LORAWAN + 1;
/// What network 0 has of the lane and of the supply pool, in percent.
const SHARE: u32 = 60;
/// What a unit of work in the other network earns at most.
const UNIT_CAP: Balance = 5 * MILLI_GRM;
/// The other network's stake behind a device.
const STAKE: Balance = 25 * GRM;

/// Two chains with the same slots.
struct Twins {
	/// One with network 0 alone.
	alone: Chain,
	/// One that the other network joins.
	joined: Chain,
}

/// What the chain keeps of network 0 and its devices.
#[derive(Debug, PartialEq)]
struct Records {
	seed: Hash,
	devices: Vec<Option<DeviceInfo<AccountId>>>,
	activities: Vec<Option<ActivityInfo>>,
	rewards: Vec<RewardsInfo<AccountId>>,
	epochs: Vec<Option<NetworkEpochInfo>>,
}

impl Records {
	fn of(chain: &mut Chain, devices: &[Device], first: EpochIndex) -> Self {
		let last = present_epoch(chain);
		let ids = || devices.iter().map(|device| device.id);
		chain.with(|| Self {
			seed: Challenges::window_info().seed,
			devices: ids().map(DeviceRegistry::device_info).collect(),
			activities: ids().map(ProofOfCoverage::activity_info).collect(),
			rewards: ids().map(Rewards::rewards_info).collect(),
			epochs: (first..=last).map(|epoch| Rewards::network_epoch(LORAWAN, epoch)).collect(),
		})
	}
}

impl Twins {
	fn begin() -> Self {
		let mut config = genesis_config(Some("development"));
		let terms = config.pointer_mut("/networks/networks/0/terms").expect("there is network 0");
		let share = Scale::from_percent(SHARE).billionths();
		terms["lottery"]["laneShare"] = share.into();
		terms["supply"]["weight"] = share.into();
		Self { alone: Chain::of(config.clone()), joined: Chain::of(config) }
	}

	/// Makes blocks without transactions where the other network is not, until both chains have as
	/// many.
	fn align(&mut self) {
		let [alone, joined] =
			[&mut self.alone, &mut self.joined].map(|chain| chain.with(System::block_number));
		self.alone.blocks(joined.checked_sub(alone).expect("the other network takes blocks"));
	}

	fn window(&mut self) -> u32 {
		self.joined.with(|| Challenges::window_info().index)
	}

	/// Lives through a window with a collector that brings everything, of network 0 in the same
	/// blocks.
	fn live(&mut self, devices: &[Device], others: &[Device]) {
		let challenged = live_window(&mut self.alone, devices);
		assert_eq!(live_window(&mut self.joined, devices), challenged);
		let window = self.window();
		bring(&mut self.joined, others, window);
		self.align();
	}

	/// A referendum creates the other network while the devices of network 0 work.
	fn create(&mut self, devices: &[Device]) {
		propose(&mut self.joined, Origin::Networks, creation());
		self.align();
		let mut left = 10;
		while !self.joined.with(<Networks as groma_traits::Networks>::ids).contains(&OTHER) {
			left -= 1;
			assert!(left > 0, "the referendum takes too long");
			self.live(devices, &[]);
		}
	}

	/// Four owners register devices in the other network, and wait until they may earn.
	fn join(&mut self, devices: &[Device]) -> Vec<Device> {
		let places = [(0.0, 0.0), (2_000.0, 0.0), (0.0, 2_000.0), (2_000.0, 2_000.0)];
		let mut others = Vec::new();
		for (owner, (north, east)) in [Bob, Charlie, Dave, Eve].into_iter().zip(places) {
			let purpose = Purpose::Devices(OTHER);
			let provision = StakeCall::<Runtime>::provision { purpose, amount: STAKE };
			assert_ok!(self.joined.submit(owner, provision));
			let (name, place) = (11 + others.len() as u8, cell(north, east));
			others.push(Device::onboard_in(&mut self.joined, OTHER, owner, name, place));
		}
		self.align();
		let eligible = self.window() + ELIGIBLE_AFTER_WINDOWS;
		let registered = present_epoch(&mut self.joined);
		while self.window() < eligible || present_epoch(&mut self.joined) == registered {
			self.live(devices, &[]);
		}
		others
	}
}

/// The call that creates the other network, with terms that take what network 0 left.
fn creation() -> RuntimeCall {
	let rest = Scale::from_percent(100 - SHARE);
	let terms = NetworkTerms {
		place: PlaceTerms::Fixed { maturity_windows: 1, density_limits: density::DEFAULT_LIMITS },
		lottery: LotteryTerms { interval_windows: 2, lane_share: rest },
		supply: SupplyTerms {
			weight: rest,
			unit_cap: UNIT_CAP,
			ramp_windows: 5,
			..Default::default()
		},
		stake_per_device: STAKE,
		fees: FeeTerms { onboarding_credits: 100, location_credits: 100 },
		..Default::default()
	};
	let name = b"another".to_vec().try_into().expect("it is short");
	let plan = RegionPlan::eu868();
	let calls: Vec<RuntimeCall> = vec![
		pallet_networks::Call::create_network { name, terms }.into(),
		pallet_proof_of_coverage::Call::set_region_plan { network: OTHER, plan }.into(),
	];
	pallet_utility::Call::batch_all { calls }.into()
}

/// What a claim pays the owner of a device.
fn claimed(chain: &mut Chain, device: &Device) -> Balance {
	let free = |chain: &mut Chain| chain.with(|| Balances::free_balance(account(device.owner)));
	let before = free(chain);
	assert_ok!(chain.submit(Ferdie, pallet_rewards::Call::claim { device: device.id }));
	free(chain) - before
}

#[test]
fn network_0_keeps_and_pays_the_same_when_a_referendum_creates_another() {
	let mut twins = Twins::begin();
	let devices = four_devices(&mut twins.alone);
	let ids = |devices: &[Device]| devices.iter().map(|device| device.id).collect::<Vec<_>>();
	assert_eq!(ids(&four_devices(&mut twins.joined)), ids(&devices));
	let first = present_epoch(&mut twins.alone);

	twins.create(&devices);
	let others = twins.join(&devices);
	for _ in 0..12 {
		twins.live(&devices, &others);
		let records = Records::of(&mut twins.alone, &devices, first);
		assert_eq!(Records::of(&mut twins.joined, &devices, first), records);
	}
	twins.alone.blocks(EPOCH_BLOCKS + 1);
	twins.joined.blocks(EPOCH_BLOCKS + 1);
	let records = Records::of(&mut twins.alone, &devices, first);
	assert_eq!(Records::of(&mut twins.joined, &devices, first), records);
	assert!(records.epochs.iter().flatten().count() > 1, "{records:?}");

	for device in &devices {
		let paid = claimed(&mut twins.alone, device);
		assert!(paid > 0, "device {}", device.id);
		assert_eq!(claimed(&mut twins.joined, device), paid, "device {}", device.id);
	}
	for other in &others {
		assert!(claimed(&mut twins.joined, other) > 0, "device {}", other.id);
	}
	let settled = twins.joined.with(|| Rewards::last_network_epoch(OTHER));
	assert_eq!(settled.map(|it| it.per_unit), Some(UNIT_CAP));
	twins.alone.check();
	twins.joined.check();
}
