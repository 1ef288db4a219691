//! The pallets that sell credits, pay vouchers, credit owners and divide what is left for
//! validators, joined to each other; what lies around them are fakes.

#![allow(unexpected_cfgs, reason = "the macro asks for a feature that programs do not have")]
#![allow(unreachable_pub, reason = "the runtime is public within a private module")]

use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use frame_support::{
	construct_runtime, derive_impl,
	pallet_prelude::ValueQuery,
	parameter_types, storage_alias,
	traits::{BuildGenesisConfig, ConstU32, ConstU64, ConstU128},
};
use frame_system::EnsureRoot;
use groma_core::{
	ChannelId, DeviceId, NetworkId,
	emission::DAY_MS,
	lot::Lot,
	money::{Balance, CREDIT_NANO_USD, Credits, DemandShares, GRM, MINT_CREDITS_MIN, Price},
	protocol::{CHANNEL_WINDOWS_MAX, GRACE_WINDOWS_MIN, PRICE_REPEAT_MS, VOUCHERS_PER_CLAIM_MAX},
	terms::{NetworkTerms, ServiceTerms},
	units::Scale,
	voucher::Voucher,
	words::{SessionKey, Signature, SignerKey},
};
use groma_fakes::{
	ClaimedBases, CurrentWindow, Epoch, EpochMean, ForValidators, LastGood, MintPrice, NowMs,
	Rewarded, back_operator, new_device, pot, put_device, put_network,
};
use groma_traits::{
	ClosedEpoch, CreditAccounts, Demand, FeedWork, OnEpochClosed, Payment, Pools, Prices,
};
use pallet_metered_service::ChannelOrder;
use pallet_session::{PeriodicSessions, TestSessionHandler, disabling::UpToLimitDisablingStrategy};
use sp_runtime::{
	KeyTypeId, Perbill, key_types::DUMMY, testing::UintAuthorityId, traits::ConvertInto,
};

use super::{
	history::{Action, COALITION, DEVICES, History, PAYERS},
	rules::{Rule, Waiting},
};

type AccountId = u64;
type Fakes = groma_fakes::Fakes<World, Balances>;

const NETWORK: NetworkId = 0;
/// Who owns the devices of the coalition, and all others.
const OWNER_OF_COALITION: AccountId = 100;
const OTHER_OWNER: AccountId = 200;
/// The validator of the coalition, and the one that stands for all others.
const VALIDATOR_OF_COALITION: AccountId = 300;
const OTHER_VALIDATOR: AccountId = 301;
/// Enough for every credit at the lowest price.
const FUNDS: Balance = 1_000_000_000_000 * GRM;

construct_runtime!(
	pub enum World {
		System: frame_system,
		Balances: pallet_balances,
		DataCredits: pallet_data_credits,
		MeteredService: pallet_metered_service,
		Rewards: pallet_rewards,
		Session: pallet_session,
		Validators: pallet_validators,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for World {
	type Block = frame_system::mocking::MockBlock<World>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for World {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<GRM>;
	type AccountStore = System;
}

parameter_types! {
	/// How claims are paid.
	storage PresentRule: Rule = Rule::Sound;
	pub const BondShare: Scale = Scale::from_percent(25);
	pub const GraceWindows: u32 = GRACE_WINDOWS_MIN;
	pub Shares: DemandShares = DemandShares::default();
	pub const FractionMin: Perbill = Perbill::from_percent(1);
	pub const ProvableKeys: &'static [KeyTypeId] = &[DUMMY];
}

/// What devices were paid.
#[storage_alias]
type Paid = StorageValue<Fakes, BTreeMap<DeviceId, Balance>, ValueQuery>;
/// Claims of the open epoch, under rules that wait for its end.
#[storage_alias]
type Claims = StorageValue<Fakes, Vec<Waiting>, ValueQuery>;

impl pallet_data_credits::Config for World {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Prices = Fakes;
	type Emission = Fakes;
	type Holders = MeteredService;
	type OperatorDeposit = ConstU128<GRM>;
	type WeightInfo = ();
}

impl pallet_metered_service::Config for World {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Windows = Fakes;
	type Standstill = Fakes;
	type Time = Fakes;
	type Networks = Fakes;
	type Devices = Fakes;
	type Credits = DataCredits;
	type Demand = ByRule;
	type Prices = Fakes;
	type Emission = Fakes;
	type BondShare = BondShare;
	type GraceWindows = GraceWindows;
	type SeatDeposit = ConstU128<GRM>;
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

impl pallet_rewards::Config for World {
	type Emission = Fakes;
	type Windows = Fakes;
	type Devices = Fakes;
	type Networks = Fakes;
	type SupplyWork = Fakes;
	type Prices = Fakes;
	type Credits = DataCredits;
	type DemandShares = Shares;
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

type Sessions = PeriodicSessions<ConstU64<10>, ConstU64<0>>;

impl pallet_session::Config for World {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Sessions;
	type NextSessionRotation = Sessions;
	type SessionManager = Validators;
	type SessionHandler = TestSessionHandler;
	type Keys = UintAuthorityId;
	type DisablingStrategy = UpToLimitDisablingStrategy<3>;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ConstU128<GRM>;
}

impl pallet_validators::Config for World {
	type MaxValidators = ConstU32<10>;
	type MaxCandidates = ConstU32<10>;
	type Seats = ConstU32<10>;
	type OwnStakeMin = ConstU128<GRM>;
	type GenesisProvision = ConstU128<GRM>;
	type SessionsPerEra = ConstU32<1>;
	type EvidenceEras = ConstU32<1>;
	type DeferralEras = ConstU32<1>;
	type FractionMin = FractionMin;
	type ProvableKeys = ProvableKeys;
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type FeedPoints = ConstU32<100>;
	type FindAuthor = ();
	type Backing = Fakes;
	type Emission = Fakes;
	type Standstill = Fakes;
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

/// Pays by the present rule: the pallet, or a faulty one in its place.
pub struct ByRule;

impl Demand<AccountId> for ByRule {
	fn is_payable() -> bool {
		<Rewards as Demand<AccountId>>::is_payable()
	}

	fn pay(
		device: DeviceId,
		network: NetworkId,
		owner: &AccountId,
		lot: Lot,
		units: u64,
	) -> Result<Payment, Lot> {
		let rule = PresentRule::get();
		let payment = match rule {
			Rule::Sound | Rule::Gifts => {
				<Rewards as Demand<AccountId>>::pay(device, network, owner, lot, units)?
			}
			Rule::ValueForValidators => {
				let payment =
					<Rewards as Demand<AccountId>>::pay(device, network, owner, lot, units)?;
				let share = Shares::get().sigma().of(payment.value);
				ForValidators::set(&(ForValidators::get() + share - payment.for_validators));
				payment
			}
			_ => {
				let (credits, basis) = DataCredits::burn(lot);
				let price = <Fakes as Prices>::closed_epoch_mean();
				let claim =
					DemandShares::default().claim(credits, credits_basis(rule, basis), price);
				if rule.waits() {
					Claims::append(Waiting { device, credits, basis, value: claim.value });
				}
				let paid = if rule.waits() { 0 } else { claim.paid };
				Payment { basis, value: claim.value, paid, for_validators: 0 }
			}
		};
		Paid::mutate(|all| *all.entry(device).or_default() += payment.paid);
		Ok(payment)
	}

	fn quote(credits: Credits, basis: Balance) -> Option<Payment> {
		<Rewards as Demand<AccountId>>::quote(credits, basis)
	}
}

/// The basis that bounds a claim under a rule that may have none.
fn credits_basis(rule: Rule, basis: Balance) -> Balance {
	if rule == Rule::NoBasis { Balance::MAX } else { basis }
}

/// What a coalition burned and got, in plancks.
pub(crate) struct Payouts {
	pub(crate) burned_by_coalition: Balance,
	pub(crate) paid_to_coalition: Balance,
}

/// Plays a history from the beginning of a world, with or without what the coalition does.
pub(crate) fn play(rule: Rule, history: &History, with_coalition: bool) -> Payouts {
	genesis().execute_with(|| {
		System::set_block_number(1);
		found(rule);
		let points_percent = history.points_percent;
		let mut players = Players { points_percent, ..Players::default() };
		for action in history.actions.iter().filter(|it| with_coalition || !it.is_of_coalition()) {
			players.perform(*action);
		}
		players.perform(Action::EpochCloses);
		DataCredits::do_try_state().expect("credits are those of the books");
		MeteredService::do_try_state().expect("channels are sound");
		let (paid, rewarded) = (Paid::get(), Rewarded::<AccountId>::get());
		if rule == Rule::Sound {
			let all = paid.values().chain(rewarded.values()).sum::<Balance>();
			let burned = ClaimedBases::get();
			assert!(all * 100 <= burned * 95, "{all} paid of {burned} that was burned");
		}
		let to_devices = paid.range(..DEVICES / 2).map(|(_, paid)| paid).sum::<Balance>();
		let to_validator = rewarded.get(&VALIDATOR_OF_COALITION).copied().unwrap_or_default();
		Payouts {
			burned_by_coalition: players.burned,
			paid_to_coalition: to_devices + to_validator,
		}
	})
}

fn genesis() -> sp_io::TestExternalities {
	let payers = (0..PAYERS).map(|payer| (payer as AccountId, FUNDS));
	let balances = payers.chain([(pot(), FUNDS)]).collect();
	let balances = pallet_balances::GenesisConfig { balances, ..Default::default() };
	let config = RuntimeGenesisConfig { balances, ..Default::default() };
	let mut world = sp_io::TestExternalities::default();
	world.execute_with(|| config.build());
	world
}

fn found(rule: Rule) {
	PresentRule::set(&rule);
	NowMs::set(&Some(DAY_MS));
	let services = vec![ServiceTerms::lorawan_packets()].try_into().expect("few");
	put_network(NETWORK, NetworkTerms { services, ..Default::default() });
	for device in 0..DEVICES {
		let owner = if device < DEVICES / 2 { OWNER_OF_COALITION } else { OTHER_OWNER };
		put_device(device, new_device(owner, SessionKey([0; 32])));
	}
	for validator in [VALIDATOR_OF_COALITION, OTHER_VALIDATOR] {
		back_operator(validator, GRM, 0);
	}
}

fn signing_key() -> SigningKey {
	SigningKey::from_bytes(&[1; 32])
}

/// What the payers of a history have done.
#[derive(Default)]
struct Players {
	/// The channels of each payer, in the order of their opening.
	channels: [Vec<ChannelId>; PAYERS],
	/// What the coalition burned.
	burned: Balance,
	/// The part of the points that its validator has, in percent.
	points_percent: u64,
}

impl Players {
	/// Actions that are not possible are left out, as the chain refuses them.
	fn perform(&mut self, action: Action) {
		NowMs::set(&NowMs::get().map(|now_ms| now_ms + DAY_MS));
		match action {
			Action::Price { nano_usd } => {
				MintPrice::set(&nano_usd);
				LastGood::set(&nano_usd);
			}
			Action::EpochCloses => close_epoch(self.points_percent),
			Action::Mint { payer, credits } => self.mint(payer, credits),
			Action::Open { payer, permille } => self.open(payer, permille),
			Action::Pay { payer, channel, device, permille } => {
				if let Some(channel) = self.channel(payer, channel) {
					pay(channel, device, permille);
				}
			}
			Action::Refund { payer, channel } => {
				if let Some(channel) = self.channel(payer, channel) {
					refund(payer, channel);
				}
			}
			Action::Give { credits } => self.give(credits),
		}
	}

	fn mint(&mut self, payer: usize, credits: Credits) {
		let before = DataCredits::books().minted_basis;
		let origin = RuntimeOrigin::signed(payer as AccountId);
		let _ = DataCredits::mint_credits(origin, credits, Balance::MAX);
		if payer >= COALITION {
			self.burned += DataCredits::books().minted_basis - before;
		}
	}

	/// Buys credits for the first honest payer, as the chain does not allow.
	fn give(&mut self, credits: Credits) {
		self.mint(COALITION, credits);
		let gift = DataCredits::take(&(COALITION as AccountId), credits);
		let lot = gift.expect("the coalition just bought them");
		DataCredits::put(&0, lot).expect("there is room");
	}

	fn open(&mut self, payer: usize, permille: u64) {
		let account = payer as AccountId;
		let credits = DataCredits::held_by(&account).credits() * permille / 1_000;
		let order = ChannelOrder {
			network: NETWORK,
			service: 0,
			credits,
			seats_max: DEVICES as u16,
			signer: SignerKey(signing_key().verifying_key().to_bytes()),
			expires: CurrentWindow::get() + CHANNEL_WINDOWS_MAX,
		};
		let origin = RuntimeOrigin::signed(account);
		if MeteredService::open_channel(origin, account, order).is_ok() {
			let opened: usize = self.channels.iter().map(Vec::len).sum();
			self.channels[payer].push(opened as ChannelId);
		}
	}

	fn channel(&self, payer: usize, channel: usize) -> Option<ChannelId> {
		self.channels[payer].get(channel).copied()
	}
}

/// A device is paid a part of what is left of a channel, and claims at once.
fn pay(channel: ChannelId, device: DeviceId, permille: u64) {
	let Some(record) = MeteredService::channel(channel) else { return };
	let more = (record.lot.credits() * permille / 1_000).max(1).min(record.lot.credits());
	let claimed = MeteredService::seat(channel, device).unwrap_or_default();
	let (credits, units) = (claimed.credits + more, claimed.units + more);
	let mut voucher = Voucher { device, credits, units, signature: Signature([0; 64]) };
	let genesis: [u8; 32] = System::block_hash(0).into();
	let message = voucher.to_signed_bytes(&genesis, channel);
	voucher.signature = Signature(signing_key().sign(&message).to_bytes());
	let vouchers = vec![voucher].try_into().expect("one");
	// An empty channel pays nothing.
	let _ = MeteredService::claim_vouchers(RuntimeOrigin::signed(OTHER_OWNER), channel, vouchers);
}

/// Closes a channel and lets its grace pass.
fn refund(payer: usize, channel: ChannelId) {
	let origin = || RuntimeOrigin::signed(payer as AccountId);
	if MeteredService::close_channel(origin(), channel).is_ok() {
		CurrentWindow::set(&(CurrentWindow::get() + GRACE_WINDOWS_MIN));
		let finished = MeteredService::finish_channel(origin(), channel);
		finished.expect("its grace is over");
	}
}

/// The mean of the epoch is the present price; claims that waited are paid, and validators divide
/// what others left for them.
fn close_epoch(points_percent: u64) {
	EpochMean::set(&MintPrice::get());
	divide_among_validators(points_percent);
	Epoch::set(&(Epoch::get() + 1));
	for (device, paid) in PresentRule::get().settle(&Claims::take()) {
		Paid::mutate(|all| *all.entry(device).or_default() += paid);
	}
}

/// The percentage of the points of the epoch that validators have, and what is left.
fn divide_among_validators(points_percent: u64) {
	let rest = 100 - points_percent;
	for (validator, points) in [(VALIDATOR_OF_COALITION, points_percent), (OTHER_VALIDATOR, rest)] {
		<Validators as FeedWork<AccountId>>::note_fed(&validator, points * PRICE_REPEAT_MS);
	}
	let closed = ClosedEpoch {
		epoch: Epoch::get(),
		began_ms: 1,
		chain_began_ms: 1,
		pools: Pools::default(),
		for_validators: ForValidators::get(),
	};
	ForValidators::set(&0);
	Validators::on_epoch_closed(&closed);
}

/// A payer that pays its own device all that its channel holds, before the gateways claim that
/// served it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drain {
	/// Gateways that serve the channel: as many as there are seats for have one.
	pub(crate) gateways: u32,
	/// Seats of the channel.
	pub(crate) seats_max: u16,
	/// What the channel holds.
	pub(crate) credits: Credits,
	/// The spot price in nano-USD per GRM.
	pub(crate) spot: u64,
	/// The mean of the last closed epoch in nano-USD per GRM. The lower of both is the true price.
	pub(crate) epoch_mean: u64,
	/// What is left of the true price after each step of its fall between service and claim, in
	/// percent. Empty if it is level.
	pub(crate) fall: &'static [u64],
	/// Whether gateways with a seat claim after each step, at the new price, what is above their
	/// new limit.
	pub(crate) is_followed: bool,
}

/// What came of it, in credits. What is GRM is valued at the price at which the payer drained the
/// channel, or the gateways found it overdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drained {
	/// What the payer got, services and pay of its device, less credits and the bond that it lost.
	pub(crate) gained: i128,
	/// The same, had the gateways without a seat served nothing.
	pub(crate) gained_from_seats: i128,
	/// What the bond was worth when the gateways served.
	pub(crate) bond: Credits,
	/// The most that a gateway with a seat served unpaid.
	pub(crate) worst_loss: Credits,
	/// The most that it may have.
	pub(crate) limit: Credits,
	/// The most that a gateway without one served unpaid.
	pub(crate) worst_loss_without_seat: Credits,
}

/// What a gateway serves before it has a seat.
pub(crate) const CREDITS_ON_TRIAL: Credits = 4;
const PAYER: AccountId = COALITION as AccountId;
const OWN_DEVICE: DeviceId = 999;
const FIRST_GATEWAY: DeviceId = 1_000;
const DRAINED: ChannelId = 0;

impl Drain {
	/// Plays it in a separate world.
	pub(crate) fn play(self) -> Drained {
		genesis().execute_with(|| {
			System::set_block_number(1);
			found(Rule::Sound);
			self.perform()
		})
	}

	fn true_price(self) -> Price {
		Price::clamp(self.spot.min(self.epoch_mean))
	}

	fn perform(self) -> Drained {
		MintPrice::set(&self.true_price().nano_usd());
		LastGood::set(&self.spot);
		EpochMean::set(&self.epoch_mean);
		put_device(OWN_DEVICE, new_device(OWNER_OF_COALITION, SessionKey([0; 32])));
		let gateways: Vec<DeviceId> = (0..self.gateways).map(|n| FIRST_GATEWAY + n).collect();
		for gateway in &gateways {
			put_device(*gateway, new_device(OTHER_OWNER, SessionKey([0; 32])));
		}
		let bond = self.open();
		NowMs::set(&NowMs::get().map(|now_ms| now_ms + DAY_MS));

		// Each gateway sees the channel alone: it stops at its part of the bond, or at its trial.
		let limit = self.limit(bond);
		let places = Credits::from(self.seats_max - 1).min(self.credits / 2) as usize;
		let (seated, others) = gateways.split_at(places.min(gateways.len()));
		claim(&[(OWN_DEVICE, 1)]);
		claim_of_each(seated, 1);
		let promised: Vec<_> = seated
			.iter()
			.map(|gateway| (*gateway, 1 + limit))
			.chain(others.iter().map(|gateway| (*gateway, CREDITS_ON_TRIAL)))
			.collect();
		let price_left = self.let_the_price_fall(bond, seated);
		let left = MeteredService::channel(DRAINED).map_or(0, |channel| channel.lot.credits());
		claim(&[(OWN_DEVICE, 1 + left)]);
		let is_unpaid = |(gateway, served): &(DeviceId, Credits)| credits_of(*gateway) < *served;
		// Who has no seat when all are taken can prove nothing.
		let is_proven = promised.iter().take(seated.len()).any(is_unpaid);
		claim(&promised);
		let is_gone = MeteredService::channel(DRAINED).is_none();
		assert!(is_gone || !is_proven, "the bond is gone");
		MeteredService::do_try_state().expect("channels are sound");
		self.reckon(bond, price_left, &promised, seated.len())
	}

	/// The most that a gateway with a seat serves unpaid of a channel with this bond in credits.
	fn limit(self, bond: Credits) -> Credits {
		bond / (2 * Credits::from(self.seats_max))
	}

	/// Lets the price fall step by step until its end, or until the channel is found overdrawn.
	/// Returns what is left of it, in percent.
	fn let_the_price_fall(self, bond: Credits, seated: &[DeviceId]) -> u64 {
		let mut left = 100;
		for percent in self.fall {
			left = *percent;
			self.set_price_left(left);
			if self.is_followed {
				let limit_now = self.limit(part(bond, left));
				claim_of_each(seated, 1 + self.limit(bond) - limit_now);
			}
			if MeteredService::channel(DRAINED).is_none() {
				break;
			}
		}
		left
	}

	/// It lasts for an epoch, so that claims are valued by it.
	fn set_price_left(self, percent: u64) {
		let price = Price::clamp(part(self.true_price().nano_usd(), percent)).nano_usd();
		MintPrice::set(&price);
		LastGood::set(&price);
		EpochMean::set(&price);
	}

	/// Opens the channel; returns its bond in credits at the true price.
	fn open(self) -> Credits {
		let payer = || RuntimeOrigin::signed(PAYER);
		let credits = self.credits.max(MINT_CREDITS_MIN);
		DataCredits::mint_credits(payer(), credits, Balance::MAX).expect("it has GRM");
		let order = ChannelOrder {
			network: NETWORK,
			service: 0,
			credits: self.credits,
			seats_max: self.seats_max,
			signer: SignerKey(signing_key().verifying_key().to_bytes()),
			expires: CurrentWindow::get() + CHANNEL_WINDOWS_MAX,
		};
		MeteredService::open_channel(payer(), PAYER, order).expect("it is a sound order");
		let bond = MeteredService::channel(DRAINED).map_or(0, |channel| channel.bond);
		self.in_credits(bond)
	}

	/// What plancks are worth in credits at the true price, rounded down.
	fn in_credits(self, plancks: Balance) -> Credits {
		let nano_usd = plancks * u128::from(self.true_price().nano_usd()) / GRM;
		(nano_usd / u128::from(CREDIT_NANO_USD)) as Credits
	}

	fn reckon(
		self,
		bond: Credits,
		price_left: u64,
		promised: &[(DeviceId, Credits)],
		seated: usize,
	) -> Drained {
		let losses: Vec<Credits> =
			promised.iter().map(|(gateway, served)| served - credits_of(*gateway)).collect();
		let (with_seat, without) = losses.split_at(seated);
		let most = |losses: &[Credits]| losses.iter().copied().max().unwrap_or_default();
		let services: Credits = promised.iter().map(|(_, served)| served).sum();
		let own_pay = Paid::get().get(&OWN_DEVICE).copied().unwrap_or_default();
		let on_trial: Credits = promised.iter().skip(seated).map(|(_, served)| served).sum();
		let got = i128::from(services) + i128::from(part(self.in_credits(own_pay), price_left));
		let is_gone = MeteredService::channel(DRAINED).is_none();
		let bond_lost = if is_gone { part(bond, price_left) } else { 0 };
		let gained = got - i128::from(self.credits) - i128::from(bond_lost);
		Drained {
			gained,
			gained_from_seats: gained - i128::from(on_trial),
			bond,
			worst_loss: most(with_seat),
			limit: self.limit(bond),
			worst_loss_without_seat: most(without),
		}
	}
}

/// A percentage of an amount, rounded down.
fn part(amount: u64, percent: u64) -> u64 {
	amount * percent / 100
}

/// What a device has claimed from the channel.
fn credits_of(device: DeviceId) -> Credits {
	MeteredService::seat(DRAINED, device).unwrap_or_default().credits
}

/// Claims the same cumulative credits of each device.
fn claim_of_each(devices: &[DeviceId], credits: Credits) {
	claim(&devices.iter().map(|device| (*device, credits)).collect::<Vec<_>>());
}

/// Claims cumulative credits of devices, as many units as credits. What an overdrawn channel cannot
/// pay is refused.
fn claim(promised: &[(DeviceId, Credits)]) {
	let genesis: [u8; 32] = System::block_hash(0).into();
	for batch in promised.chunks(VOUCHERS_PER_CLAIM_MAX as usize) {
		let vouchers: Vec<_> = batch
			.iter()
			.map(|(device, credits)| {
				let (device, credits) = (*device, *credits);
				let signature = Signature([0; 64]);
				let mut voucher = Voucher { device, credits, units: credits, signature };
				let message = voucher.to_signed_bytes(&genesis, DRAINED);
				voucher.signature = Signature(signing_key().sign(&message).to_bytes());
				voucher
			})
			.collect();
		let vouchers = vouchers.try_into().expect("a batch");
		let origin = RuntimeOrigin::signed(OTHER_OWNER);
		let _ = MeteredService::claim_vouchers(origin, DRAINED, vouchers);
	}
}
