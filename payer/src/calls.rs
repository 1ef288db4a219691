//! What a payer has the chain do, and what came of it.

use codec::{Decode, Encode};
use groma_client::{
	amount::Amount,
	chain::AccountId,
	owner::{Connection, OwnerError, PreparedCall},
};
use groma_core::{
	ChannelId, NetworkId, WindowIndex,
	money::{Balance, Credits, Price},
	protocol::{CHANNEL_WINDOWS_MAX, DAY_WINDOWS},
	route::Route,
	words::{JoinEui, SignerKey},
};
use serde::Serialize;
use subxt::{SubstrateConfig, extrinsics::ExtrinsicEvents};

use crate::events;

/// The pallet of credits.
const CREDITS: &str = "DataCredits";
/// The pallet of channels.
pub(crate) const SERVICE: &str = "MeteredService";
/// The pallet of routes.
const ROUTES: &str = "Routes";
/// Windows that a channel lasts longer than was asked for, so that one that is asked for the least
/// is not too short when the call is included.
const WINDOWS_TO_SPARE: WindowIndex = 4;

/// The events of a call.
type Events = ExtrinsicEvents<SubstrateConfig>;

/// What a channel is to be, as the chain takes it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ChannelOrder {
	/// The network whose devices it pays.
	pub network: NetworkId,
	/// The service, by its place in the network's terms.
	pub service: u8,
	/// The credits that it holds. None can be added later.
	pub credits: Credits,
	/// The most devices that it pays.
	pub seats_max: u16,
	/// The ed25519 key that signs its vouchers.
	pub signer: SignerKey,
	/// The first window in which it is closed.
	pub expires: WindowIndex,
}

/// What a payer has the chain do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayerCall {
	/// Burns GRM for credits.
	Mint {
		/// How many credits.
		credits: Credits,
		/// The most plancks that they may cost.
		burn_max: Balance,
	},
	/// Lets an account open and close channels.
	SetOperator {
		/// The account.
		operator: AccountId,
		/// The most credits that it commits in an epoch.
		credits_per_epoch: Credits,
	},
	/// Removes an operator.
	RemoveOperator(AccountId),
	/// Opens a channel with credits of `payer`.
	Open {
		/// Whose credits they are.
		payer: AccountId,
		/// What the channel is to be.
		order: ChannelOrder,
	},
	/// Closes a channel before it expires.
	Close(ChannelId),
	/// Returns what is left of a channel whose grace is over.
	Finish(ChannelId),
	/// Says where packets of `payer` go.
	SetRoute {
		/// Whose packets they are.
		payer: AccountId,
		/// Where they go.
		route: Route,
	},
	/// Removes the route.
	RemoveRoute,
	/// Adds a JoinEUI of which the payer buys requests to join.
	ClaimJoinEui(JoinEui),
	/// Removes a JoinEUI.
	ReleaseJoinEui(JoinEui),
}

impl PayerCall {
	/// The call, as the present runtime understands it.
	pub async fn prepare(&self, client: &Connection) -> Result<PreparedCall, OwnerError> {
		match self {
			Self::Mint { credits, burn_max } => {
				PreparedCall::new(client, CREDITS, "mint_credits", (credits, burn_max)).await
			}
			Self::SetOperator { operator, credits_per_epoch } => {
				let arguments = (operator, credits_per_epoch);
				PreparedCall::new(client, CREDITS, "set_operator", arguments).await
			}
			Self::RemoveOperator(operator) => {
				PreparedCall::new(client, CREDITS, "remove_operator", operator).await
			}
			Self::Open { payer, order } => {
				PreparedCall::new(client, SERVICE, "open_channel", (payer, order)).await
			}
			Self::Close(channel) => {
				PreparedCall::new(client, SERVICE, "close_channel", channel).await
			}
			Self::Finish(channel) => {
				PreparedCall::new(client, SERVICE, "finish_channel", channel).await
			}
			Self::SetRoute { payer, route } => {
				PreparedCall::new(client, ROUTES, "set_route", (payer, route)).await
			}
			Self::RemoveRoute => PreparedCall::new(client, ROUTES, "remove_route", ()).await,
			Self::ClaimJoinEui(join_eui) => {
				PreparedCall::new(client, ROUTES, "claim_join_eui", join_eui).await
			}
			Self::ReleaseJoinEui(join_eui) => {
				PreparedCall::new(client, ROUTES, "release_join_eui", join_eui).await
			}
		}
	}
}

/// The most plancks to burn for credits whose price may rise by so many percent until the call is
/// included, rounded up.
pub fn burn_max(price: Price, credits: Credits, rise_percent: u32) -> Balance {
	let burn = price.burn_for(credits);
	let rise = burn.saturating_mul(Balance::from(rise_percent)).div_ceil(100);
	burn.saturating_add(rise)
}

/// The window in which a channel expires that lasts so many days from window `now` on. A day is as
/// many windows as it has in production.
pub fn expiry(now: WindowIndex, days: u32) -> WindowIndex {
	let windows = days.saturating_mul(DAY_WINDOWS).saturating_add(WINDOWS_TO_SPARE);
	now.saturating_add(windows.min(CHANNEL_WINDOWS_MAX))
}

/// Credits that were minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Minted {
	/// Whose they are.
	pub account: AccountId,
	/// How many.
	#[serde(serialize_with = "crate::decimal")]
	pub credits: Credits,
	/// What was burned for them: their basis.
	pub burned: Amount,
}

impl Minted {
	/// What a call of [`PayerCall::Mint`] did.
	pub fn of(events: &Events) -> Result<Self, OwnerError> {
		let fields = events::one(events, CREDITS, "CreditsMinted")?;
		let (account, credits, burned): (AccountId, Credits, Balance) = fields;
		Ok(Self { account, credits, burned: Amount(burned) })
	}
}

/// A channel that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
	/// Its id.
	pub channel: ChannelId,
	/// Whose credits it holds.
	pub payer: AccountId,
	/// How many.
	#[serde(serialize_with = "crate::decimal")]
	pub credits: Credits,
	/// What was burned for them.
	pub basis: Amount,
	/// What is on hold in case it promises more than it holds.
	pub bond: Amount,
	/// The first window in which it is closed.
	pub expires: WindowIndex,
}

impl Opened {
	/// What a call of [`PayerCall::Open`] did.
	pub fn of(events: &Events) -> Result<Self, OwnerError> {
		let fields = events::one(events, SERVICE, "ChannelOpened")?;
		let (channel, payer, order, basis, bond): (_, _, ChannelOrder, _, _) = fields;
		let ChannelOrder { credits, expires, .. } = order;
		let (basis, bond) = (Amount(basis), Amount(bond));
		Ok(Self { channel, payer, credits, basis, bond, expires })
	}
}

/// A channel that was closed before it expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
	/// Which.
	pub channel: ChannelId,
	/// The first window in which it takes no vouchers.
	pub ends: WindowIndex,
}

impl Closed {
	/// What a call of [`PayerCall::Close`] did.
	pub fn of(events: &Events) -> Result<Self, OwnerError> {
		let (channel, ends) = events::one(events, SERVICE, "ChannelClosed")?;
		Ok(Self { channel, ends })
	}
}

/// A channel that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Finished {
	/// Which.
	pub channel: ChannelId,
	/// Credits that returned to the payer.
	#[serde(serialize_with = "crate::decimal")]
	pub credits: Credits,
	/// Their basis.
	pub basis: Amount,
}

impl Finished {
	/// What a call of [`PayerCall::Finish`] did.
	pub fn of(events: &Events) -> Result<Self, OwnerError> {
		let fields = events::one(events, SERVICE, "ChannelFinished")?;
		let (channel, credits, basis): (ChannelId, Credits, Balance) = fields;
		Ok(Self { channel, credits, basis: Amount(basis) })
	}
}

/// A route that was set or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Routed {
	/// Whose packets they are.
	pub payer: AccountId,
	/// Where they go; `None` if it was removed.
	pub route: Option<Route>,
	/// The number of the change of routes.
	pub version: u64,
}

impl Routed {
	/// What a call of [`PayerCall::SetRoute`] did.
	pub fn set(events: &Events) -> Result<Self, OwnerError> {
		let (payer, route, version) = events::one(events, ROUTES, "RouteSet")?;
		Ok(Self { payer, route: Some(route), version })
	}

	/// What a call of [`PayerCall::RemoveRoute`] did.
	pub fn removed(events: &Events) -> Result<Self, OwnerError> {
		let (payer, version) = events::one(events, ROUTES, "RouteRemoved")?;
		Ok(Self { payer, route: None, version })
	}
}

/// A JoinEUI that was added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
	/// Who buys requests to join, or does no longer.
	pub payer: AccountId,
	/// The JoinEUI.
	pub join_eui: JoinEui,
	/// What is on hold for it; `None` if it was removed.
	pub deposit: Option<Amount>,
	/// The number of the change of routes.
	pub version: u64,
}

impl Joined {
	/// What a call of [`PayerCall::ClaimJoinEui`] did.
	pub fn claimed(events: &Events) -> Result<Self, OwnerError> {
		let fields = events::one(events, ROUTES, "JoinEuiClaimed")?;
		let (payer, join_eui, deposit, version): (_, _, Balance, _) = fields;
		Ok(Self { payer, join_eui, deposit: Some(Amount(deposit)), version })
	}

	/// What a call of [`PayerCall::ReleaseJoinEui`] did.
	pub fn released(events: &Events) -> Result<Self, OwnerError> {
		let (payer, join_eui, version) = events::one(events, ROUTES, "JoinEuiReleased")?;
		Ok(Self { payer, join_eui, deposit: None, version })
	}
}

#[cfg(test)]
mod tests {
	use groma_core::money::GRM;

	use super::*;

	#[test]
	fn order_encodes_as_the_call_takes_it() {
		let order = ChannelOrder {
			network: 1,
			service: 2,
			credits: 3,
			seats_max: 4,
			signer: SignerKey([5; 32]),
			expires: 6,
		};
		let expected =
			[&[1, 0, 2][..], &3u64.to_le_bytes(), &[4, 0], &[5; 32], &6u32.to_le_bytes()].concat();
		assert_eq!(order.encode(), expected);
	}

	#[test]
	fn most_to_burn_allows_for_a_rise_and_is_rounded_up() {
		// A tenth of a USD buys 10,000 credits.
		let price = Price::new(100_000_000).expect("a price");
		assert_eq!(burn_max(price, 10_000, 0), GRM);
		assert_eq!(burn_max(price, 10_000, 1), GRM + GRM / 100);
		assert_eq!(burn_max(Price::MAX, 1, 1), 10 + 1);
		assert!(burn_max(Price::MIN, Credits::MAX, u32::MAX) > 0);
	}

	#[test]
	fn expiry_is_within_the_bounds_of_channels_when_the_call_is_included_a_little_later() {
		for (days, least) in [(1, DAY_WINDOWS), (365, CHANNEL_WINDOWS_MAX - 4)] {
			let life = expiry(100, days) - 100;
			assert!((least..=CHANNEL_WINDOWS_MAX).contains(&life), "{days}: {life}");
		}
		assert_eq!(expiry(100, 1), 100 + DAY_WINDOWS + WINDOWS_TO_SPARE);
		assert_eq!(expiry(WindowIndex::MAX, 365), WindowIndex::MAX);
	}
}
