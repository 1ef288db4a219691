//! Payouts of a chain of a few blocks, with every number worked out by hand.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use groma_core::{
	ChannelId, DeviceId, EpochIndex, NetworkId,
	api::{
		ChannelInfo, ChannelState, DemandInfo, EpochInfo, NetworkEpochInfo, PayoutTerms,
		RewardsInfo,
	},
	emission::DAY_MS,
	money::{Balance, DemandShares, Price},
	terms::ServiceTerms,
	units::{ONE, Scale, Units},
	words::SignerKey,
};

use super::{Archive, AuditError, Deed, EpochEarnings, Report, Span, audit, earnings};
use crate::{amount::Amount, chain::AccountId};

/// The epoch of the first blocks. Each epoch has five blocks, and is closed by the second block of
/// the next.
const FIRST: EpochIndex = 20_000;
const EPOCH: EpochIndex = FIRST + 1;
/// The block that settled the epoch before, the last block of the epoch, and the block that settled
/// it.
const SETTLED_BEFORE: u32 = 6;
const LAST: u32 = 9;
const SETTLED: u32 = 11;
const LORAWAN: NetworkId = 0;
const CHANNEL: ChannelId = 5;

/// A chain of 20 blocks.
struct Fake {
	deeds: BTreeMap<u32, Vec<Deed>>,
	rewards: BTreeMap<(DeviceId, u32), RewardsInfo<AccountId>>,
	records: BTreeMap<EpochIndex, NetworkEpochInfo>,
	demands: Vec<DemandInfo>,
	terms: PayoutTerms,
	/// The price of each block on; that of the highest block counts that is not above.
	means: BTreeMap<u32, Price>,
	last: u32,
}

fn owed(plancks: Balance) -> RewardsInfo<AccountId> {
	RewardsInfo {
		owed: vec![(AccountId::from([1; 32]), plancks)],
		open_units: Units::ZERO,
		open_epoch: None,
		epoch_cap: 2_500,
	}
}

fn working(plancks: Balance, units: u64) -> RewardsInfo<AccountId> {
	RewardsInfo { open_units: Units(units * ONE), open_epoch: Some(EPOCH), ..owed(plancks) }
}

fn voucher(
	device: DeviceId,
	credits: u64,
	basis: Balance,
	(value, paid): (Balance, Balance),
) -> Deed {
	// 5 % of what is worth less than its basis.
	let (units, for_validators) = (credits / 2, value / 20);
	Deed::Voucher { channel: CHANNEL, device, credits, units, basis, value, paid, for_validators }
}

/// What customers of a network paid in the epoch.
fn demand_of(network: NetworkId) -> DemandInfo {
	DemandInfo {
		network,
		epoch: EPOCH,
		credits: 1_000,
		units: 500,
		basis: 1_000_003,
		value: 10_000,
		paid: 9_000,
		for_validators: 500,
	}
}

/// Device 1 has 3 units, of which its cap cuts one half, and device 2 has 2. Both sell to one
/// channel, and what device 2 was owed before is claimed meanwhile.
fn honest() -> Fake {
	let terms = PayoutTerms {
		supply_share: Scale::from_percent(50),
		weight: Scale::ONE,
		unit_cap: 1_000,
		device_cap: 2_500,
		founded_ms: 0,
		chain_began_ms: u64::from(FIRST) * DAY_MS,
		epoch_length_ms: DAY_MS,
		shares: DemandShares::default(),
	};
	let record = NetworkEpochInfo {
		epoch: EPOCH,
		units: Units(5 * ONE),
		pool: terms.pool(EPOCH),
		per_unit: 1_000,
		device_cap: 2_500,
	};
	let block = vec![
		voucher(1, 400, 400_001, (4_000, 3_600)),
		// The last credits take all that is left of the basis.
		voucher(2, 600, 600_002, (6_000, 5_400)),
	];
	Fake {
		deeds: BTreeMap::from([
			(SETTLED_BEFORE, vec![Deed::EpochClosed { epoch: FIRST, for_validators: 77 }]),
			(7, block),
			(8, vec![Deed::Paid { device: 2, amount: 20 }]),
			(SETTLED, vec![Deed::EpochClosed { epoch: EPOCH, for_validators: 500 }]),
		]),
		rewards: BTreeMap::from([
			((1, SETTLED_BEFORE), owed(10)),
			((2, SETTLED_BEFORE), owed(20)),
			((1, LAST), working(3_610, 3)),
			((2, LAST), working(5_400, 2)),
			((1, SETTLED), owed(10 + 3_600 + 2_500)),
			((2, SETTLED), owed(5_400 + 2_000)),
		]),
		records: BTreeMap::from([(EPOCH, record)]),
		demands: vec![demand_of(LORAWAN)],
		terms,
		means: BTreeMap::from([(0, Price::MAX)]),
		last: 19,
	}
}

#[async_trait]
impl Archive for Fake {
	async fn last(&self) -> Result<u32, AuditError> {
		Ok(self.last)
	}

	async fn epoch(&self, block: u32) -> Result<Option<EpochInfo>, AuditError> {
		let closed = block.checked_sub(6).map(|since| FIRST + since / 5);
		Ok((block > 0).then_some(EpochInfo {
			current: FIRST + block / 5,
			last_closed: closed,
			duration_ms: DAY_MS,
			unminted: 0,
		}))
	}

	async fn epoch_mean(&self, block: u32) -> Result<Option<Price>, AuditError> {
		Ok(self.means.range(..=block).next_back().map(|(_, price)| *price))
	}

	async fn terms(&self, network: NetworkId, _: u32) -> Result<Option<PayoutTerms>, AuditError> {
		Ok((network == LORAWAN).then(|| self.terms.clone()))
	}

	async fn network_epoch(
		&self,
		_: NetworkId,
		epoch: EpochIndex,
		_: u32,
	) -> Result<Option<NetworkEpochInfo>, AuditError> {
		Ok(self.records.get(&epoch).cloned())
	}

	async fn demand(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		_: u32,
	) -> Result<Option<DemandInfo>, AuditError> {
		let is_it = |it: &&DemandInfo| (it.network, it.epoch) == (network, epoch);
		Ok(self.demands.iter().find(is_it).copied())
	}

	async fn channel(
		&self,
		id: ChannelId,
		block: u32,
	) -> Result<Option<ChannelInfo<AccountId>>, AuditError> {
		Ok((id == CHANNEL && block == 6).then(|| ChannelInfo {
			id,
			payer: AccountId::from([2; 32]),
			network: LORAWAN,
			service: ServiceTerms::lorawan_packets(),
			signer: SignerKey([3; 32]),
			state: ChannelState::Open.into(),
			credits: 1_000,
			basis: 1_000_003,
			payable: 0,
			bond: 0,
			bond_credits: 0,
			seat_deposit: 0,
			seats: 0,
			seats_max: 2,
			opened_ms: 0,
			expires: 300,
			ends: 588,
		}))
	}

	async fn rewards(
		&self,
		device: DeviceId,
		block: u32,
	) -> Result<RewardsInfo<AccountId>, AuditError> {
		let known = self.rewards.get(&(device, block)).cloned();
		Ok(known.unwrap_or_else(|| RewardsInfo { owed: Vec::new(), ..owed(0) }))
	}

	async fn network_of(&self, _: DeviceId, _: u32) -> Result<Option<NetworkId>, AuditError> {
		Ok(Some(LORAWAN))
	}

	async fn devices(&self, _: u32) -> Result<BTreeMap<DeviceId, Option<NetworkId>>, AuditError> {
		Ok(BTreeMap::from([(1, Some(LORAWAN)), (2, Some(LORAWAN))]))
	}

	async fn networks_with_demand(
		&self,
		epoch: EpochIndex,
		_: u32,
	) -> Result<BTreeSet<NetworkId>, AuditError> {
		let known = self.demands.iter().filter(|it| it.epoch == epoch);
		Ok(known.map(|it| it.network).collect())
	}

	async fn deeds(&self, first: u32, last: u32) -> Result<Vec<(u32, Vec<Deed>)>, AuditError> {
		let within = self.deeds.range(first..=last);
		Ok(within.map(|(block, deeds)| (*block, deeds.clone())).collect())
	}
}

async fn audited(chain: &Fake) -> Report {
	audit(chain, EPOCH).await.expect("the epoch is closed")
}

/// What is wrong with a chain, one line each.
async fn faults(chain: &Fake) -> Vec<String> {
	audited(chain).await.differences.into_iter().map(|it| it.about).collect()
}

#[tokio::test]
async fn blocks_of_an_epoch_are_found() {
	let chain = honest();
	let span = Span { before: 4, last: LAST, settled_before: SETTLED_BEFORE, settled: SETTLED };
	assert_eq!(Span::of(&chain, EPOCH).await.expect("it is closed"), span);
	let first = Span { before: 0, last: 4, settled_before: 0, settled: SETTLED_BEFORE };
	assert_eq!(Span::of(&chain, FIRST).await.expect("it is closed"), first);
	for (epoch, last) in [(FIRST + 3, "20002"), (u32::MAX, "20002")] {
		let error = Span::of(&chain, epoch).await.expect_err("it is open");
		assert!(error.to_string().ends_with(&format!("the last that is: {last}")), "{error}");
	}
	assert!(matches!(Span::of(&chain, 0).await, Err(AuditError::Silent(0))));
	let young = Fake { last: 3, ..honest() };
	let error = Span::of(&young, FIRST).await.expect_err("it is open");
	assert!(error.to_string().ends_with("none"), "{error}");
}

#[tokio::test]
async fn honest_epoch_is_right_to_the_planck() {
	let report = audited(&honest()).await;
	assert_eq!(report.differences, []);
	assert!(report.is_right() && report.not_compared.is_empty());
	assert_eq!((report.first_block, report.last_block, report.settled_in), (5, LAST, SETTLED));
	assert_eq!((report.supply, report.demand), (Amount(4_500), Amount(9_000)));
	assert_eq!(report.for_validators, Amount(500));
	assert_eq!((report.devices, report.vouchers, report.total()), (2, 2, Amount(13_500)));
}

#[tokio::test]
async fn planck_too_many_is_found_wherever_it_is() {
	let mut chain = honest();
	chain.rewards.insert((1, SETTLED), owed(10 + 3_600 + 2_500 + 1));
	let found = faults(&chain).await;
	assert!(found.len() == 1 && found[0].starts_with("device 1: owed"), "{found:?}");

	for (wrong, about) in [
		(voucher(1, 400, 400_002, (4_000, 3_600)), "device 1: basis"),
		(voucher(1, 400, 400_001, (4_001, 3_600)), "device 1: value"),
		(voucher(1, 400, 400_001, (4_000, 3_601)), "device 1: paid"),
	] {
		let mut chain = honest();
		chain.deeds.entry(7).or_default()[0] = wrong;
		let found = faults(&chain).await;
		assert!(found.iter().any(|it| it.ends_with(about)), "{about}: {found:?}");
	}

	for what in ["pool", "units", "plancks per unit", "most plancks of a device"] {
		let mut chain = honest();
		let record = chain.records.get_mut(&EPOCH).expect("it is there");
		match what {
			"pool" => record.pool += 1,
			"units" => record.units.0 += 1,
			"plancks per unit" => record.per_unit += 1,
			_ => record.device_cap += 1,
		}
		let found = faults(&chain).await;
		assert!(found.iter().any(|it| it.ends_with(what)), "{what}: {found:?}");
	}
	let wrong = DemandInfo { paid: 9_001, ..demand_of(LORAWAN) };
	let chain = Fake { demands: vec![wrong], ..honest() };
	assert_eq!(faults(&chain).await, ["network 0, epoch 20001: demand, paid"]);
	let mut chain = honest();
	let wrong = Deed::EpochClosed { epoch: EPOCH, for_validators: 501 };
	chain.deeds.insert(SETTLED, vec![wrong]);
	let found = faults(&chain).await;
	assert_eq!(found, ["epoch 20001: demand of all networks, for validators"]);
	let chain = Fake { records: BTreeMap::new(), ..honest() };
	assert!(faults(&chain).await[0].ends_with("units that were settled"));
}

#[tokio::test]
async fn demand_of_a_network_without_vouchers_and_devices_is_found() {
	let other_epoch = DemandInfo { epoch: FIRST, ..demand_of(3) };
	let chain =
		Fake { demands: vec![demand_of(LORAWAN), demand_of(1_024), other_epoch], ..honest() };
	let found = faults(&chain).await;
	assert_eq!(found.len(), 6, "{found:?}");
	assert!(found.iter().all(|it| it.starts_with("network 1024, epoch 20001: demand")));

	let chain = Fake { demands: Vec::new(), ..honest() };
	let found = faults(&chain).await;
	assert_eq!(found.len(), 6, "{found:?}");
	assert!(found.iter().all(|it| it.starts_with("network 0, epoch 20001: demand")), "{found:?}");
}

#[tokio::test]
async fn price_of_the_block_or_of_the_one_before_it_counts() {
	let half = Price::new(Price::MAX.nano_usd() / 2).expect("a price");
	// It changed in the block of the claims, after them.
	let chain = Fake { means: BTreeMap::from([(0, Price::MAX), (7, half)]), ..honest() };
	assert_eq!(faults(&chain).await, [""; 0]);
	let chain = Fake { means: BTreeMap::from([(0, Price::MAX), (6, half)]), ..honest() };
	assert!(faults(&chain).await.iter().any(|it| it.ends_with("device 1: value")));
}

#[tokio::test]
async fn channel_may_pay_in_the_block_that_opens_it() {
	let mut chain = honest();
	let opened =
		Deed::Opened { channel: CHANNEL, network: LORAWAN, credits: 1_000, basis: 1_000_003 };
	let deeds = chain.deeds.remove(&7).unwrap_or_default();
	chain.deeds.insert(9, [vec![opened], deeds.clone()].concat());
	assert_eq!(faults(&chain).await, [""; 0]);
	// Without that nothing says what it held.
	chain.deeds.insert(9, deeds);
	assert!(faults(&chain).await.iter().any(|it| it.ends_with("channel 5, that paid")));
}

#[tokio::test]
async fn more_credits_than_a_channel_holds_are_found() {
	let mut chain = honest();
	chain.deeds.entry(7).or_default()[1] = voucher(2, 601, 600_002, (6_000, 5_400));
	assert!(faults(&chain).await.iter().any(|it| it.contains("device 2: credits")));
}

#[tokio::test]
async fn device_whose_payees_are_cut_off_is_not_compared() {
	let mut chain = honest();
	let payees = (0..8).map(|n| (AccountId::from([n; 32]), 1)).collect();
	chain.rewards.insert((2, SETTLED), RewardsInfo { owed: payees, ..owed(0) });
	let report = audited(&chain).await;
	assert_eq!((report.is_right(), report.not_compared), (true, vec![2]));
}

#[tokio::test]
async fn earnings_are_split_into_supply_and_demand() {
	let all = earnings(&honest(), &[2, 1, 77], EPOCH).await.expect("the epoch is closed");
	let second = EpochEarnings {
		epoch: EPOCH,
		units: Units(2 * ONE),
		supply: Amount(2_000),
		vouchers: 1,
		sold: 300,
		demand: Amount(5_400),
		paid: Amount(20),
	};
	let first = EpochEarnings {
		units: Units(3 * ONE),
		supply: Amount(2_500),
		sold: 200,
		demand: Amount(3_600),
		paid: Amount(0),
		..second
	};
	let none = EpochEarnings { epoch: EPOCH, ..EpochEarnings::default() };
	assert_eq!(all, [second, first, none]);
	let silent = earnings(&honest(), &[1], 7).await.expect("it is closed");
	assert_eq!(silent, [EpochEarnings { epoch: 7, ..EpochEarnings::default() }]);
}
