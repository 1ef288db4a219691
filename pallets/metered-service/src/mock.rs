//! A runtime with balances and this pallet. Credits and payments are fakes.

use ed25519_dalek::{Signer, SigningKey};
use frame_support::{
	construct_runtime, derive_impl, parameter_types,
	traits::{ConstU128, Hooks},
	weights::Weight,
};
use groma_core::{
	ChannelId, DeviceId, NetworkId, WindowIndex,
	money::{Balance, Credits, GRM, MILLI_GRM},
	protocol::{CHANNEL_WINDOWS_MIN, GRACE_WINDOWS_MIN},
	terms::{NetworkTerms, ServiceTerms},
	units::Scale,
	voucher::{Voucher, VoucherReason},
	words::{SessionKey, Signature, SignerKey},
};
use groma_fakes::{new_device, put_device, put_network};
use groma_traits::DeviceView;
use sp_io::TestExternalities;
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

use crate::{self as pallet_metered_service, ChannelOrder, Event, Pallet, vouchers::genesis_hash};

pub(crate) use groma_fakes::{
	Burned, BurnedLots, CurrentWindow, EpochMean, IsPayable, LastGood, NowMs, OperatorLimit,
	OperatorsOf, Payments, START, StandsStill, give_credits,
};

pub(crate) type AccountId = u64;
pub(crate) type Metered = Pallet<Test>;
type Fakes = groma_fakes::Fakes<Test, Balances>;

pub(crate) const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;
pub(crate) const SEAT_DEPOSIT: Balance = 10 * MILLI_GRM;
/// What each of the accounts from 10 to 17 begins with.
pub(crate) const GENESIS: Balance = 1_000_000 * GRM;
pub(crate) const LORAWAN: NetworkId = 0;
pub(crate) const OTHER: NetworkId = 3;
/// Who opens channels.
pub(crate) const PAYER: AccountId = 10;
/// What the payer begins with.
pub(crate) const CREDITS: Credits = 10_000_000;
/// What was burned for that: USD 100 at USD 0.10 per GRM.
pub(crate) const BASIS: Balance = 1_000 * GRM;
/// The window in which the channels of tests expire.
pub(crate) const EXPIRES: WindowIndex = START + CHANNEL_WINDOWS_MIN;
/// The window in which they end.
pub(crate) const ENDS: WindowIndex = EXPIRES + GRACE_WINDOWS_MIN;

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		MeteredPallet: pallet_metered_service,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
	type RuntimeHoldReason = RuntimeHoldReason;
}

parameter_types! {
	pub storage BondShare: Scale = Scale::from_percent(25);
	pub storage GraceWindows: WindowIndex = GRACE_WINDOWS_MIN;
}

impl pallet_metered_service::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type Windows = Fakes;
	type Standstill = Fakes;
	type Time = Fakes;
	type Networks = Fakes;
	type Devices = Fakes;
	type Credits = Fakes;
	type Demand = Fakes;
	type Prices = Fakes;
	type Emission = Fakes;
	type BondShare = BondShare;
	type GraceWindows = GraceWindows;
	type SeatDeposit = ConstU128<SEAT_DEPOSIT>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Fakes;
	type WeightInfo = ();
}

/// The key that signs the vouchers of the channels of tests.
pub(crate) fn signing_key(seed: u8) -> SigningKey {
	SigningKey::from_bytes(&[seed; 32])
}

/// A channel of [`LORAWAN`] for two devices.
pub(crate) fn order(credits: Credits) -> ChannelOrder {
	ChannelOrder {
		network: LORAWAN,
		service: 0,
		credits,
		seats_max: 2,
		signer: SignerKey(signing_key(1).verifying_key().to_bytes()),
		expires: EXPIRES,
	}
}

/// Opens a channel as the payer and returns its id.
pub(crate) fn open_with(order: ChannelOrder) -> Result<ChannelId, DispatchError> {
	let next = Metered::next_channel().expect("it is readable");
	Metered::open_channel(RuntimeOrigin::signed(PAYER), PAYER, order).map(|()| next)
}

pub(crate) fn open(credits: Credits) -> ChannelId {
	open_with(order(credits)).expect("the payer can open it")
}

/// A voucher for a channel, signed by its key.
pub(crate) fn voucher(
	channel: ChannelId,
	device: DeviceId,
	credits: Credits,
	units: u64,
) -> Voucher {
	sign(&signing_key(1), channel, device, credits, units)
}

pub(crate) fn sign(
	key: &SigningKey,
	channel: ChannelId,
	device: DeviceId,
	credits: Credits,
	units: u64,
) -> Voucher {
	let mut voucher = Voucher { device, credits, units, signature: Signature([0; 64]) };
	let message = voucher.to_signed_bytes(&genesis_hash::<Test>(), channel);
	voucher.signature = Signature(key.sign(&message).to_bytes());
	voucher
}

/// Claims as a stranger. Returns whether the fee was waived.
pub(crate) fn claim(channel: ChannelId, vouchers: &[Voucher]) -> Result<bool, DispatchError> {
	let vouchers = vouchers.to_vec().try_into().expect("at most a batch");
	let claimed = Metered::claim_vouchers(RuntimeOrigin::signed(17), channel, vouchers);
	claimed
		.map(|info| info.pays_fee == frame_support::dispatch::Pays::No)
		.map_err(|failed| failed.error)
}

/// Claims one voucher of a device, and says why it was refused.
pub(crate) fn refusal(channel: ChannelId, refused: Voucher) -> Option<VoucherReason> {
	// One that counts, so that the call succeeds and its events stay.
	let paid = crate::Seats::<Test>::get(channel, 1).unwrap_or_default();
	let good = voucher(channel, 1, paid.credits + 1, paid.units + 1);
	System::reset_events();
	claim(channel, &[refused, good]).expect("one counts");
	System::events().into_iter().find_map(|record| match record.event {
		RuntimeEvent::MeteredPallet(Event::VoucherRefused { device, reason, .. })
			if device == refused.device =>
		{
			Some(reason)
		}
		_ => None,
	})
}

pub(crate) fn close(who: AccountId, channel: ChannelId) -> DispatchResult {
	Metered::close_channel(RuntimeOrigin::signed(who), channel)
}

pub(crate) fn finish(channel: ChannelId) -> DispatchResult {
	Metered::finish_channel(RuntimeOrigin::signed(17), channel)
}

/// What the payer has: credits and basis.
pub(crate) fn payer_credits() -> (Credits, Balance) {
	let lots = groma_fakes::CreditLots::<AccountId>::get();
	lots.get(&PAYER).map_or((0, 0), |held| (held.credits(), held.basis()))
}

/// What was paid to an account, in plancks.
pub(crate) fn paid_to(account: AccountId) -> Balance {
	let payments = Payments::<AccountId>::get();
	payments.iter().filter(|(_, owner, ..)| *owner == account).map(|(.., paid)| paid).sum()
}

/// The beginning of a block.
pub(crate) fn begin_block() {
	Metered::on_initialize(System::block_number());
}

/// A block that has weight left for sweeping.
pub(crate) fn idle(weight: Weight) -> Weight {
	Metered::on_idle(System::block_number(), weight)
}

pub(crate) fn device_of(owner: AccountId, network: NetworkId) -> DeviceView<AccountId> {
	DeviceView { network, ..new_device(owner, SessionKey([0; 32])) }
}

pub(crate) struct ExtBuilder;

impl ExtBuilder {
	pub(crate) fn build(self) -> TestExternalities {
		let balances = (10..18).map(|account| (account, GENESIS)).collect();
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
			..Default::default()
		}
		.build_storage()
		.expect("the genesis is valid");
		let mut externalities = TestExternalities::new(storage);
		#[cfg(feature = "runtime-benchmarks")]
		externalities.register_extension(sp_keystore::KeystoreExt::new(
			sp_keystore::testing::MemoryKeystore::new(),
		));
		externalities.execute_with(|| {
			System::set_block_number(1);
			NowMs::set(&Some(1_000_000_000));
			let services = vec![ServiceTerms::lorawan_packets()];
			let services = services.try_into().expect("few");
			put_network(LORAWAN, NetworkTerms { services, ..Default::default() });
			put_network(OTHER, NetworkTerms::default());
			(0..8u32).for_each(|n| put_device(n, device_of(11 + u64::from(n) % 4, LORAWAN)));
			put_device(8, device_of(15, OTHER));
			give_credits(PAYER, CREDITS, BASIS);
		});
		externalities
	}

	/// Runs a test and checks the state after it.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check();
		});
	}
}

/// Every invariant; all that was burned was counted; and no credit was lost.
pub(crate) fn check() {
	use groma_traits::LotHolders;

	Metered::do_try_state().expect("the invariants hold");
	assert_eq!(Balances::total_issuance() + Burned::get(), 8 * GENESIS, "a burn is not counted");
	let (in_channels, spent) = (Metered::held(), BurnedLots::get());
	let (credits, basis) = payer_credits();
	assert_eq!(u128::from(credits) + in_channels.0 + spent.0, u128::from(CREDITS));
	assert_eq!(basis + in_channels.1 + spent.1, BASIS);
}
