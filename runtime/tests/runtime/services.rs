//! What customers buy: credits, channels, vouchers, and the pay of devices.

use frame_support::{assert_ok, storage::unhashed, traits::fungible::InspectHold};
use groma_core::{
	ChannelId, DeviceId, EpochIndex,
	api::{ClaimRefusal, EpochInfo, SeatInfo, VoucherAnswer},
	money::{Balance, Credits, DemandShares, GRM},
	protocol::{EFFECT_DELAY_WINDOWS, WINDOWS_KEPT},
	units::Scale,
	voucher::{Voucher, VoucherReason},
	words::{Signature, SignerKey},
};
use groma_runtime::{
	AccountId, Balances, Block, Challenges, DataCredits, DeviceRegistry, Emission, MeteredService,
	Rewards, Runtime, RuntimeCall, RuntimeEvent,
};
use groma_runtime_api::{
	UnreadableInfo, runtime_decl_for_credits_api::CreditsApi, runtime_decl_for_state_api::StateApi,
};
use groma_traits::Devices;
use pallet_emission::Event::EpochClosed;
use pallet_metered_service::{ChannelOrder, HoldReason};
use pallet_validators::Event::PointsSettled;
use sp_core::{Pair, ed25519};
use sp_io::hashing::twox_128;
use sp_keyring::Sr25519Keyring::{self, Alice, AliceStash, Bob, Charlie, Dave};

use crate::{
	chain::{Chain, account, signed},
	field::{Device, LORAWAN, WINDOW_BLOCKS, cell, genesis_hash, to_window},
	routes::accept_transfer,
};

/// Blocks after which the first epoch of the development chain is closed.
pub(crate) const EPOCH_BLOCKS: u32 = 122;

/// The key that signs vouchers here.
pub(crate) fn signer() -> ed25519::Pair {
	ed25519::Pair::from_seed(&[42; 32])
}

/// A channel for packets that lasts as long as any may at least.
pub(crate) fn order(chain: &mut Chain, credits: Credits, seats_max: u16) -> ChannelOrder {
	let expires = chain.with(|| Challenges::window_info().index) + 300;
	let signer = SignerKey(signer().public().0);
	ChannelOrder { network: LORAWAN, service: 0, credits, seats_max, signer, expires }
}

/// A voucher for packets of a credit each.
pub(crate) fn voucher(
	chain: &mut Chain,
	channel: ChannelId,
	device: DeviceId,
	credits: Credits,
) -> Voucher {
	let mut voucher = Voucher { device, credits, units: credits, signature: Signature([0; 64]) };
	let message = chain.with(|| voucher.to_signed_bytes(&genesis_hash(), channel));
	voucher.signature = Signature(signer().sign(&message).0);
	voucher
}

pub(crate) fn claim(channel: ChannelId, vouchers: Vec<Voucher>) -> RuntimeCall {
	let vouchers = vouchers.try_into().expect("few");
	pallet_metered_service::Call::claim_vouchers { channel, vouchers }.into()
}

pub(crate) fn mint(chain: &mut Chain, payer: Sr25519Keyring, credits: Credits) {
	let call = pallet_data_credits::Call::mint_credits { credits, burn_max: Balance::MAX };
	assert_ok!(chain.submit(payer, call));
}

pub(crate) fn open(
	chain: &mut Chain,
	who: Sr25519Keyring,
	payer: Sr25519Keyring,
	order: ChannelOrder,
) -> sp_runtime::DispatchOutcome {
	chain.submit(who, pallet_metered_service::Call::open_channel { payer: account(payer), order })
}

/// What a device owes its owners.
pub(crate) fn owed(chain: &mut Chain, device: DeviceId) -> Balance {
	chain.with(|| Rewards::rewards_info(device).owed.iter().map(|(_, amount)| amount).sum())
}

/// A chain whose pot exists, with a device of Bob's, and a million credits of Alice's.
fn market() -> (Chain, Device) {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let device = Device::onboard(&mut chain, Bob, 1, cell(0.0, 0.0));
	chain.blocks(EPOCH_BLOCKS);
	mint(&mut chain, Alice, 1_000_000);
	(chain, device)
}

#[test]
fn customer_burns_and_the_owner_of_the_device_is_paid() {
	let (mut chain, device) = market();
	// USD 10 at the bootstrap price of USD 0.10 per GRM.
	let held = chain.with(|| DataCredits::held_by(&account(Alice)));
	assert_eq!((held.credits(), held.basis()), (1_000_000, 100 * GRM));
	let order = order(&mut chain, 1_000_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let voucher = voucher(&mut chain, 0, device.id, 400);
	assert_ok!(chain.submit(Charlie, claim(0, vec![voucher])));
	// 400 credits are 0.04 GRM, of which 90 % come back.
	let due = 36 * GRM / 1_000;
	assert_eq!(owed(&mut chain, device.id), due);
	assert_eq!(chain.with(Emission::reminted).minted, due);
	chain.check();

	let before = chain.with(|| Balances::free_balance(account(Bob)));
	assert_ok!(chain.submit(Charlie, pallet_rewards::Call::claim { device: device.id }));
	assert_eq!(chain.with(|| Balances::free_balance(account(Bob))), before + due);
	chain.check();
}

/// Makes blocks until an epoch is closed, and returns the events of the block that closes it.
fn close(chain: &mut Chain, epoch: EpochIndex) -> Vec<RuntimeEvent> {
	for _ in 0..2 * EPOCH_BLOCKS {
		chain.block(vec![]);
		let is_closed = |clock: EpochInfo| clock.last_closed == Some(epoch);
		if chain.with(Emission::epoch_info).is_some_and(is_closed) {
			return chain.events();
		}
	}
	panic!("epoch {epoch} does not close");
}

#[test]
fn validators_get_a_part_of_what_customers_burned_when_the_epoch_closes() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let voucher = voucher(&mut chain, 0, device.id, 400);
	assert_ok!(chain.submit(Charlie, claim(0, vec![voucher])));
	// 400 credits are 0.04 GRM: the owner is owed 90 % of that, and 5 % are left for validators.
	let (paid, left) = (36 * GRM / 1_000, 2 * GRM / 1_000);
	let books = |chain: &mut Chain| {
		let supply = chain.with(<Runtime as CreditsApi<_, _>>::supply).expect("it can be read");
		assert!(supply.is_balanced(), "{supply:?}");
		(supply.reminted, supply.for_validators)
	};
	assert_eq!(books(&mut chain), (paid, left));
	let epoch = chain.with(Emission::epoch_info).expect("it runs").current;
	let demand = chain.with(|| Runtime::demand(LORAWAN, epoch)).expect("something was paid");
	assert_eq!((demand.paid, demand.for_validators), (paid, left));

	let (mut closed, mut rewards) = (None, None);
	for event in close(&mut chain, epoch) {
		match event {
			RuntimeEvent::Emission(EpochClosed { emitted, for_validators, reminted, .. }) => {
				closed = Some((emitted, for_validators, reminted));
			}
			RuntimeEvent::Validators(PointsSettled { rewarded, .. }) => rewards = Some(rewarded),
			_ => {}
		}
	}
	// The only validator has all points: its pool is 30 % of what was emitted, and this.
	let (emitted, for_validators, reminted) = closed.expect("the epoch was closed");
	assert_eq!((for_validators, reminted), (left, left));
	assert_eq!(rewards, Some(Scale::from_percent(30).of(emitted) + left));
	assert_eq!(books(&mut chain), (paid + left, 0));
	chain.check();
}

#[test]
fn runtime_api_answers_what_a_claim_does() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let good = voucher(&mut chain, 0, device.id, 400);
	let answers = chain.with(|| Runtime::check_vouchers(0, vec![good])).expect("it is open");
	let [VoucherAnswer::Pays(pay)] = &answers[..] else { panic!("{answers:?}") };
	assert_eq!((&pay.owner, pay.paid), (&account(Bob), 36 * GRM / 1_000));
	assert_ok!(chain.submit(Charlie, claim(0, vec![good])));
	assert_eq!(owed(&mut chain, device.id), pay.paid);

	let refused = VoucherAnswer::Refused(VoucherReason::NothingNew.into());
	assert_eq!(chain.with(|| Runtime::check_vouchers(0, vec![good])), Ok(vec![refused]));
	let unknown = chain.with(|| Runtime::check_vouchers(1, vec![good]));
	assert_eq!(unknown, Err(ClaimRefusal::UnknownChannel.into()));
	let channels = chain.with(|| Runtime::channels_of(account(Alice), None));
	assert_eq!(channels.iter().map(|it| (it.id, it.credits)).collect::<Vec<_>>(), [(0, 999_600)]);
	assert_eq!(chain.with(|| Runtime::channel(0)), channels.first().cloned());
	let seat = SeatInfo { device: device.id, credits: 400, units: 400 };
	assert_eq!(chain.with(|| Runtime::seats(0, None)), [seat]);
	let epoch = chain.with(Emission::epoch_info).expect("it runs").current;
	let demand = chain.with(|| Runtime::demand(LORAWAN, epoch)).expect("something was paid");
	assert_eq!((demand.credits, demand.units, demand.paid), (400, 400, pay.paid));
	let supply = chain.with(<Runtime as CreditsApi<_, _>>::supply).expect("the books can be read");
	assert!(supply.is_balanced(), "{supply:?}");
	assert_eq!((supply.credits_minted, supply.reminted), (1_000_000, pay.paid));
	assert_eq!(chain.with(|| Runtime::credits(account(Alice))).credits, 0);
	chain.check();
}

#[test]
fn claim_of_a_replay_pays_its_fee_and_one_that_proves_an_overdraw_is_free() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 500, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let bond = chain.with(|| Balances::balance_on_hold(&HoldReason::Bond.into(), &account(Alice)));
	assert_eq!(bond, 10 * GRM);
	let first = voucher(&mut chain, 0, device.id, 400);
	assert_ok!(chain.submit(Charlie, claim(0, vec![first])));
	let before = chain.with(|| Balances::free_balance(account(Charlie)));
	assert!(chain.submit(Charlie, claim(0, vec![first])).is_err());
	let after = chain.with(|| Balances::free_balance(account(Charlie)));
	assert!(after < before, "nothing new costs a fee");

	let more = voucher(&mut chain, 0, device.id, 501);
	assert_ok!(chain.submit(Charlie, claim(0, vec![more])));
	assert_eq!(chain.with(|| Balances::free_balance(account(Charlie))), after, "it is free");
	let overdrawn = pallet_metered_service::Event::ChannelOverdrawn { channel: 0, bond };
	assert!(chain.events().contains(&RuntimeEvent::MeteredService(overdrawn)));
	let left = chain.with(|| Balances::balance_on_hold(&HoldReason::Bond.into(), &account(Alice)));
	assert_eq!(left, 0);
	chain.check();
}

#[test]
fn operator_opens_channels_of_its_payer_up_to_its_limit() {
	let (mut chain, _) = market();
	let small = order(&mut chain, 1_000, 4);
	assert!(open(&mut chain, Dave, Alice, small.clone()).is_err());
	let operator = account(Dave);
	let call = pallet_data_credits::Call::set_operator { operator, credits_per_epoch: 150_000 };
	assert_ok!(chain.submit(Alice, call));
	// A channel counts as at least the 100,000 credits that its bond is worth.
	assert_ok!(open(&mut chain, Dave, Alice, small.clone()));
	let refused = Err(pallet_data_credits::Error::<Runtime>::OperatorLimitReached.into());
	assert_eq!(open(&mut chain, Dave, Alice, small.clone()), refused);
	// Across midnight the limit begins again.
	chain.blocks(EPOCH_BLOCKS);
	assert_ok!(open(&mut chain, Dave, Alice, small));
	chain.check();
}

#[test]
fn device_that_was_retired_is_paid_until_it_is_removed() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let retire = pallet_device_registry::Call::retire { device: device.id };
	assert_ok!(chain.submit(Bob, retire));
	// The retirement takes effect four windows later.
	chain.blocks(6 * 12);
	let voucher = voucher(&mut chain, 0, device.id, 400);
	assert_ok!(chain.submit(Charlie, claim(0, vec![voucher])));
	assert_eq!(owed(&mut chain, device.id), 36 * GRM / 1_000);
	chain.check();
}

#[test]
fn channel_is_finished_after_its_grace() {
	let (mut chain, _) = market();
	let order = order(&mut chain, 1_000_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let channel = 0;
	assert_ok!(chain.submit(Alice, pallet_metered_service::Call::close_channel { channel }));
	let finish = || pallet_metered_service::Call::finish_channel { channel };
	assert!(chain.submit(Charlie, finish()).is_err());
	let ends = chain.with(|| MeteredService::channel(channel)).expect("in its grace").ends;
	while chain.with(|| Challenges::window_info().index) < ends {
		chain.blocks(12);
	}
	assert_ok!(chain.submit(Charlie, finish()));
	let held = chain.with(|| DataCredits::held_by(&account(Alice)));
	assert_eq!((held.credits(), held.basis()), (1_000_000, 100 * GRM));
	chain.check();
}

/// The key of a storage value.
fn key_of(pallet: &str, item: &str) -> Vec<u8> {
	[twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

/// Damages a storage value and returns what was there.
fn damage(chain: &mut Chain, key: &[u8]) -> Vec<u8> {
	chain.with(|| {
		let good = unhashed::get_raw(key).expect("there is a value");
		unhashed::put_raw(key, &[7]);
		good
	})
}

/// Mends it, unless it was overwritten.
fn mend(chain: &mut Chain, key: &[u8], good: &[u8]) {
	chain.with(|| {
		assert_eq!(unhashed::get_raw(key), Some(vec![7]), "it was overwritten");
		unhashed::put_raw(key, good);
	});
}

#[test]
fn channel_does_not_end_while_the_books_of_the_emission_are_damaged() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let channel = 0;
	assert_ok!(chain.submit(Alice, pallet_metered_service::Call::close_channel { channel }));
	let ends = chain.with(|| MeteredService::channel(channel)).expect("in its grace").ends;
	let key = key_of("Emission", "Books");
	let good = damage(&mut chain, &key);
	while chain.with(|| Challenges::window_info().index) <= ends {
		chain.blocks(12);
	}
	let finish = || pallet_metered_service::Call::finish_channel { channel };
	let runs = Err(pallet_metered_service::Error::<Runtime>::GraceRuns.into());
	assert_eq!(chain.submit(Charlie, finish()), runs);
	let voucher = voucher(&mut chain, channel, device.id, 400);
	assert!(chain.submit(Charlie, claim(channel, vec![voucher])).is_err());
	let unreadable = Err(pallet_data_credits::Error::<Runtime>::Unreadable.into());
	let mint = pallet_data_credits::Call::mint_credits { credits: 10_000, burn_max: Balance::MAX };
	assert_eq!(chain.submit(Alice, mint), unreadable);

	mend(&mut chain, &key, &good);
	assert_eq!(chain.submit(Charlie, finish()), runs);
	assert_ok!(chain.submit(Charlie, claim(channel, vec![voucher])));
	assert_eq!(owed(&mut chain, device.id), 36 * GRM / 1_000);
	let later = chain.with(|| MeteredService::channel(channel)).expect("in its grace").ends;
	assert!(later > ends + 288, "{later} after {ends}");
}

#[test]
fn what_customers_pay_with_stands_still_when_it_is_damaged() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order.clone()));
	let none = UnreadableInfo::default;
	// Whether credits are minted, channels opened and vouchers paid meanwhile.
	let cases = [
		("PriceFeed", "State", UnreadableInfo { price: true, ..none() }, [false, false, false]),
		("DataCredits", "Books", UnreadableInfo { credits: true, ..none() }, [false, true, false]),
		(
			"MeteredService",
			"NextChannel",
			UnreadableInfo { channels: true, ..none() },
			[true, false, true],
		),
	];
	for (place, (pallet, item, info, expected)) in (1..).zip(cases) {
		let key = key_of(pallet, item);
		let good = damage(&mut chain, &key);
		assert_eq!(chain.with(<Runtime as StateApi<Block>>::unreadable), info);
		let mint =
			pallet_data_credits::Call::mint_credits { credits: 10_000, burn_max: Balance::MAX };
		let voucher = voucher(&mut chain, 0, device.id, place * 10);
		let done = [
			chain.submit(Dave, mint).is_ok(),
			open(&mut chain, Alice, Alice, order.clone()).is_ok(),
			chain.submit(Charlie, claim(0, vec![voucher])).is_ok(),
		];
		assert_eq!(done, expected, "{pallet}.{item}");
		mend(&mut chain, &key, &good);
	}
	let last = voucher(&mut chain, 0, device.id, 100);
	assert_ok!(chain.submit(Charlie, claim(0, vec![last])));
	assert_eq!(owed(&mut chain, device.id), 9 * GRM / 1_000);
	chain.check();
}

#[test]
fn batch_that_proves_an_overdraw_pays_its_fee() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 500, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	// A device does not deliver that much within a second.
	chain.blocks(2);
	let more = voucher(&mut chain, 0, device.id, 501);
	let before = chain.with(|| Balances::free_balance(account(Charlie)));
	assert_ok!(chain.submit(Charlie, claim(0, vec![more, more])));
	assert!(chain.with(|| Balances::free_balance(account(Charlie))) < before);
	assert_eq!(chain.with(|| MeteredService::channel(0)), None);
	chain.check();
}

#[test]
fn voucher_is_paid_to_who_owns_the_device_at_the_claim() {
	let (mut chain, Device { id: device, .. }) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let first = voucher(&mut chain, 0, device, 100);
	assert_ok!(chain.submit(Charlie, claim(0, vec![first])));
	// It delivers more for Bob, is sold, and then the voucher is claimed.
	let later = voucher(&mut chain, 0, device, 300);
	let next_owner = Some(account(Dave));
	let offer = pallet_device_registry::Call::offer_transfer { device, next_owner };
	assert_ok!(chain.submit(Bob, offer));
	accept_transfer(&mut chain, Dave, device);
	chain.blocks(6 * WINDOW_BLOCKS);
	assert_ok!(chain.submit(Charlie, claim(0, vec![later])));
	let owed = chain.with(|| Rewards::rewards_info(device).owed);
	let of = |who| owed.iter().find(|(payee, _)| *payee == account(who)).map(|(_, owed)| *owed);
	assert_eq!((of(Bob), of(Dave)), (Some(9 * GRM / 1_000), Some(18 * GRM / 1_000)));
	chain.check();
}

#[test]
fn voucher_is_paid_to_no_one_when_its_device_was_removed() {
	let (mut chain, Device { id: device, .. }) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	assert_ok!(chain.submit(Bob, pallet_device_registry::Call::retire { device }));
	let called = chain.with(|| Challenges::window_info().index);
	to_window(&mut chain, called + EFFECT_DELAY_WINDOWS + 1);
	let first = voucher(&mut chain, 0, device, 100);
	assert_ok!(chain.submit(Charlie, claim(0, vec![first])));
	let late = voucher(&mut chain, 0, device, 300);
	to_window(&mut chain, called + EFFECT_DELAY_WINDOWS + WINDOWS_KEPT + 3);
	assert_eq!(chain.with(|| DeviceRegistry::device_info(device)), None);
	let unknown = VoucherAnswer::Refused(VoucherReason::UnknownDevice.into());
	assert_eq!(chain.with(|| Runtime::check_vouchers(0, vec![late])), Ok(vec![unknown]));
	let refused = Err(pallet_metered_service::Error::<Runtime>::NothingNew.into());
	assert_eq!(chain.submit(Charlie, claim(0, vec![late])), refused);
	assert_eq!(owed(&mut chain, device), 9 * GRM / 1_000, "what was claimed before is owed");
	chain.check();
}

#[test]
fn vote_between_two_claims_changes_what_the_later_one_pays() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let first = voucher(&mut chain, 0, device.id, 100);
	assert_ok!(chain.submit(Charlie, claim(0, vec![first])));
	let before = owed(&mut chain, device.id);
	set_kappa(&mut chain, 50);
	let second = voucher(&mut chain, 0, device.id, 200);
	assert_ok!(chain.submit(Charlie, claim(0, vec![second])));
	assert_eq!(before, 9 * GRM / 1_000);
	assert_eq!(owed(&mut chain, device.id), before + 5 * GRM / 1_000);
	chain.check();
}

#[test]
fn second_of_two_claimers_in_a_block_pays_its_fee_and_nothing_is_paid_twice() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let voucher = voucher(&mut chain, 0, device.id, 400);
	let call = claim(0, vec![voucher]);
	let both = chain.with(|| [Charlie, Dave].map(|who| signed(who, call.clone(), 0, 0)).to_vec());
	let results = chain.block(both);
	assert!(matches!(results[0], Ok(Ok(()))), "{results:?}");
	assert!(matches!(results[1], Ok(Err(_))), "{results:?}");
	assert_eq!(owed(&mut chain, device.id), 36 * GRM / 1_000);
	chain.check();
}

#[test]
fn clock_that_jumps_by_a_day_delays_no_pay() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let window = chain.with(|| Challenges::window_info().index);
	chain.halt(86_400);
	chain.blocks(2);
	// A day without blocks is hardly a window, so no channel expires in it.
	assert!(chain.with(|| Challenges::window_info().index) <= window + 1);
	let voucher = voucher(&mut chain, 0, device.id, 400);
	assert_ok!(chain.submit(Charlie, claim(0, vec![voucher])));
	assert_eq!(owed(&mut chain, device.id), 36 * GRM / 1_000);
	chain.check();
}

#[test]
fn clock_that_is_an_hour_ahead_pays_what_was_promised_before_and_after() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let epoch = |chain: &mut Chain| chain.with(Emission::epoch_info).expect("it runs").current;
	let before = epoch(&mut chain);
	let promised = voucher(&mut chain, 0, device.id, 400);
	// Slots of at least a second.
	chain.halt(3_600);
	chain.blocks(2);
	assert!(epoch(&mut chain) > before, "epochs are over by the clock");
	assert_ok!(chain.submit(Charlie, claim(0, vec![promised])));
	let later = voucher(&mut chain, 0, device.id, 500);
	assert_ok!(chain.submit(Charlie, claim(0, vec![later])));
	assert_eq!(owed(&mut chain, device.id), 45 * GRM / 1_000);
	chain.check();
}

#[test]
fn device_that_is_banned_is_paid_for_what_it_delivered() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	let is_banned = chain.act(|| {
		let window = Challenges::window_info().index;
		<DeviceRegistry as Devices<AccountId>>::ban(device.id, window)
	});
	assert!(is_banned);
	let voucher = voucher(&mut chain, 0, device.id, 400);
	assert_ok!(chain.submit(Charlie, claim(0, vec![voucher])));
	assert_eq!(owed(&mut chain, device.id), 36 * GRM / 1_000);
	chain.check();
}

#[test]
fn vote_sets_what_devices_get_of_the_burn() {
	let (mut chain, device) = market();
	let order = order(&mut chain, 1_000, 4);
	assert_ok!(open(&mut chain, Alice, Alice, order));
	set_kappa(&mut chain, 50);
	let voucher = voucher(&mut chain, 0, device.id, 400);
	assert_ok!(chain.submit(Charlie, claim(0, vec![voucher])));
	assert_eq!(owed(&mut chain, device.id), 20 * GRM / 1_000);
	chain.check();
}

/// What a vote does that sets kappa to a percentage, and sigma to 5 or to what is left.
pub(crate) fn set_kappa(chain: &mut Chain, percent: u32) {
	use crate::chain::as_root;
	use groma_runtime::configs::parameters::{RuntimeParameters, dynamic_params::demand};
	let sigma = Scale::from_percent(100u32.saturating_sub(percent).min(5));
	let shares = DemandShares::new(Scale::from_percent(percent), sigma);
	let parameter = RuntimeParameters::Demand(demand::Parameters::Shares(demand::Shares, shares));
	let call = pallet_governed_parameters::Call::set_parameter { parameter };
	chain.with(|| as_root(call));
}

/// What was charged for onboarding or a location in the latest block: credits, and plancks burned.
fn charged(chain: &mut Chain) -> Option<(Credits, Balance)> {
	chain.events().into_iter().find_map(|event| match event {
		RuntimeEvent::DataCredits(pallet_data_credits::Event::FeeCharged {
			credits,
			burned,
			..
		}) => Some((credits, burned)),
		_ => None,
	})
}

#[test]
fn onboarding_costs_grm_of_an_owner_without_credits_and_credits_of_one_that_has_them() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	// 100 credits in test chains, 0.01 GRM at USD 0.10 per GRM.
	let burned = chain.with(Emission::burned);
	Device::onboard(&mut chain, Bob, 1, cell(0.0, 0.0));
	assert_eq!(charged(&mut chain), Some((100, GRM / 100)));
	assert!(chain.with(Emission::burned) >= burned + GRM / 100, "the books count it");
	mint(&mut chain, Charlie, 10_000);
	let books = chain.with(DataCredits::books);
	Device::onboard(&mut chain, Charlie, 2, cell(2_000.0, 0.0));
	assert_eq!(charged(&mut chain), Some((100, 0)));
	let after = chain.with(DataCredits::books);
	assert_eq!(after.spent, books.spent + 100);
	assert_eq!(chain.with(|| DataCredits::held_by(&account(Charlie)).credits()), 9_900);
	// What paid the fee earned no one anything.
	assert_eq!(chain.with(Emission::reminted).minted, 0);
	chain.check();
}

#[test]
fn stale_price_stops_no_onboarding() {
	let mut chain = Chain::development();
	chain.block(vec![]);
	let price = groma_core::price::Price::clamp(200_000_000);
	assert_ok!(chain.submit(AliceStash, pallet_price_feed::Call::feed { price }));
	chain.blocks(601);
	let mint = pallet_data_credits::Call::mint_credits { credits: 10_000, burn_max: Balance::MAX };
	assert!(chain.submit(Bob, mint).is_err(), "the price is stale");
	Device::onboard(&mut chain, Bob, 1, cell(0.0, 0.0));
	assert_eq!(charged(&mut chain), Some((100, GRM / 200)));
	chain.check();
}
