//! What is sold on the chain of [`super::state`]: two devices, a channel in which one of them has a
//! seat, a route and an offer, and a price feed. One account owns, pays and feeds.

use anyhow::{Context, anyhow};
use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	ChannelId, DeviceId, WindowIndex,
	money::{Balance, Credits, MINT_CREDITS_MIN},
	payload,
	place::{Cell, LOCATION_RESOLUTION},
	price::Price,
	protocol::{CHANNEL_WINDOWS_MIN, FIRST_NETWORK},
	region::EU868,
	route::{Endpoint, Offer, Route},
	voucher::Voucher,
	words::{AccountBytes, Hash, JoinEui, RouterKey, SessionKey, Signature, SignerKey},
};
use groma_runtime::{AccountId, DeviceRegistry, Runtime, RuntimeCall, RuntimeOrigin, System};
use pallet_device_registry::LocationClaim;
use pallet_metered_service::{ChannelOrder, Vouchers};
use sp_runtime::traits::Dispatchable;

type CreditsCall = pallet_data_credits::Call<Runtime>;
type FeedCall = pallet_price_feed::Call<Runtime>;
type RegistryCall = pallet_device_registry::Call<Runtime>;
type RoutesCall = pallet_routes::Call<Runtime>;
type ServiceCall = pallet_metered_service::Call<Runtime>;

/// The channel: the first of its chain.
pub(super) const CHANNEL: ChannelId = 0;
/// Credits with which a channel is opened.
pub(super) const CREDITS: Credits = 1_000;
/// Credits, and units, of the first voucher of a device.
pub(super) const STEP: u64 = 10;
/// When a channel that is opened in window 0 ends.
const EXPIRES: WindowIndex = 2 * CHANNEL_WINDOWS_MIN;
/// The service of the network, and of the channel and the offer.
const SERVICE: u8 = 0;
/// The time of all cases, in ms since the Unix epoch: before the first timestamp nothing is paid.
const NOW_MS: u64 = 1_700_000_000_000;
/// The secrets of the devices, and of what signs vouchers and opens a router.
const DEVICES: [u8; 2] = [1, 2];
const SIGNER: u8 = 3;
/// A JoinEUI of the account, and one of no one.
const CLAIMED: JoinEui = JoinEui([1; 8]);
const FREE: JoinEui = JoinEui([2; 8]);
/// Acts for the account.
const OPERATOR: [u8; 32] = [7; 32];

/// What is sold, and by whom.
pub(super) struct Market {
	genesis: Hash,
	account: AccountId,
	/// The device with a seat, and one that can take the other seat.
	devices: [DeviceId; 2],
}

impl Market {
	/// Founds it by calls of a validator with funds, in the first block of the chain around.
	pub(super) fn found(account: AccountId) -> anyhow::Result<Self> {
		pallet_timestamp::Now::<Runtime>::put(NOW_MS);
		let genesis = System::block_hash(0).0;
		let [seated, other] = DEVICES.map(|secret| register(&account, &genesis, secret));
		let market = Self { genesis, account, devices: [seated?, other?] };
		let [seated, _] = market.devices;
		let mut calls = market.repeatable_calls();
		calls.push(claim(vec![market.voucher(seated, STEP, STEP)]));
		calls.push(RoutesCall::claim_join_eui { join_eui: CLAIMED }.into());
		for call in calls {
			dispatch(&market.account, call)?;
		}
		System::reset_events();
		Ok(market)
	}

	/// Calls that the chain takes from the account. Zeros name the channel too, so that finishing
	/// it, which is too early, is a case without this list.
	pub(super) fn calls(&self) -> Vec<RuntimeCall> {
		let [seated, _] = self.devices;
		let mut calls = self.repeatable_calls();
		calls.extend(self.claims().map(claim));
		let others: [RuntimeCall; 7] = [
			CreditsCall::remove_operator { operator: OPERATOR.into() }.into(),
			FeedCall::feed { price: Price::clamp(120_000_000) }.into(),
			ServiceCall::close_channel { channel: CHANNEL }.into(),
			RoutesCall::claim_join_eui { join_eui: FREE }.into(),
			RoutesCall::release_join_eui { join_eui: CLAIMED }.into(),
			RoutesCall::remove_route {}.into(),
			RoutesCall::remove_offer { device: seated, service: SERVICE }.into(),
		];
		calls.extend(others);
		calls
	}

	/// Claims that the chain takes: of more for the seat, of another seat besides, and of more than
	/// the channel holds.
	pub(super) fn claims(&self) -> [Vec<Voucher>; 3] {
		let [seated, other] = self.devices;
		let more = self.voucher(seated, 2 * STEP, 2 * STEP);
		let first = self.voucher(other, STEP, STEP);
		let overdrawn = self.voucher(seated, CREDITS + STEP, CREDITS / 4);
		[vec![more], vec![more, first], vec![overdrawn]]
	}

	/// Calls of the account that can be made again.
	fn repeatable_calls(&self) -> Vec<RuntimeCall> {
		let payer = self.account.clone();
		let [seated, _] = self.devices;
		let order = ChannelOrder {
			network: FIRST_NETWORK,
			service: SERVICE,
			credits: CREDITS,
			seats_max: 2,
			signer: SignerKey(public_key(SIGNER)),
			expires: EXPIRES,
		};
		let endpoint = Endpoint::new("router.example.com:9000").unwrap_or_default();
		let router_key = RouterKey(public_key(SIGNER));
		let route = Route { endpoint: endpoint.clone(), router_key, copies: 2 };
		let offer = Offer { service: SERVICE, endpoint, credits_per_unit: 3, units_per_second: 5 };
		vec![
			CreditsCall::mint_credits { credits: MINT_CREDITS_MIN, burn_max: Balance::MAX }.into(),
			CreditsCall::set_operator { operator: OPERATOR.into(), credits_per_epoch: CREDITS }
				.into(),
			ServiceCall::open_channel { payer: payer.clone(), order }.into(),
			FeedCall::set_feeder { feeder: Some(payer.clone()) }.into(),
			RoutesCall::set_route { payer, route }.into(),
			RoutesCall::set_offer { device: seated, offer }.into(),
		]
	}

	fn voucher(&self, device: DeviceId, credits: Credits, units: u64) -> Voucher {
		let mut voucher = Voucher { device, credits, units, signature: Signature([0; 64]) };
		let message = voucher.to_signed_bytes(&self.genesis, CHANNEL);
		voucher.signature = Signature(key(SIGNER).sign(&message).to_bytes());
		voucher
	}
}

/// A claim of vouchers of the channel.
pub(super) fn claim(vouchers: Vec<Voucher>) -> RuntimeCall {
	let vouchers = Vouchers::truncate_from(vouchers);
	ServiceCall::claim_vouchers { channel: CHANNEL, vouchers }.into()
}

fn register(owner: &AccountId, genesis: &Hash, secret: u8) -> anyhow::Result<DeviceId> {
	let session_key = SessionKey(public_key(secret));
	let nonce = DeviceRegistry::onboarding_nonce(owner);
	let owner_bytes = AccountBytes(owner.clone().into());
	let message = payload::onboarding(genesis, &owner_bytes, FIRST_NETWORK, nonce);
	let cell = Cell::from_degrees(48.0, 11.0, LOCATION_RESOLUTION).context("a place on earth")?;
	let registration = RegistryCall::register_device {
		network: FIRST_NETWORK,
		session_key,
		proof: Signature(key(secret).sign(&message).to_bytes()),
		location: Some(LocationClaim { cell, region: EU868, gain_deci_dbi: 0, elevation_m: 0 }),
		attestation: None,
	};
	dispatch(owner, registration.into())?;
	DeviceRegistry::device_by_key(session_key).context("a registered device has a name")
}

fn dispatch(account: &AccountId, call: RuntimeCall) -> anyhow::Result<()> {
	let name = format!("{call:?}");
	let taken = call.dispatch(RuntimeOrigin::signed(account.clone()));
	taken.map(drop).map_err(|failure| anyhow!("{name} is refused: {:?}", failure.error))
}

fn key(secret: u8) -> SigningKey {
	SigningKey::from_bytes(&[secret; 32])
}

fn public_key(secret: u8) -> [u8; 32] {
	key(secret).verifying_key().to_bytes()
}
