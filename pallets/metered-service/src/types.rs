//! What is stored about channels, and what a payer hands in to open one.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use groma_core::{
	NetworkId, WindowIndex,
	lot::HeldLot,
	money::{Balance, Credits},
	terms::ServiceTerms,
	words::SignerKey,
};
use scale_info::TypeInfo;

/// What a channel is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
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
	/// The first window in which it is closed, unless its payer closes it before.
	pub expires: WindowIndex,
}

/// A channel.
#[derive(Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Channel<AccountId> {
	/// Whose credits it holds.
	pub payer: AccountId,
	/// The network whose devices it pays.
	#[codec(compact)]
	pub network: NetworkId,
	/// The service, on the terms on which the channel was opened: no vote changes what was
	/// promised.
	pub terms: ServiceTerms,
	/// The ed25519 key that signs its vouchers.
	pub signer: SignerKey,
	/// What is left of its credits.
	pub lot: HeldLot,
	/// Plancks on hold from the payer, burned if more credits are promised than there are.
	#[codec(compact)]
	pub bond: Balance,
	/// Plancks on hold from the payer for the state of all seats: always returned.
	#[codec(compact)]
	pub seat_deposit: Balance,
	/// The most devices that it pays.
	#[codec(compact)]
	pub seats_max: u16,
	/// How many it paid.
	#[codec(compact)]
	pub seats: u16,
	/// When it was opened, in ms since the Unix epoch.
	#[codec(compact)]
	pub opened_ms: u64,
	/// The first window in which it is closed.
	pub expires: WindowIndex,
	/// The first window in which no voucher is taken any more.
	pub ends: WindowIndex,
}

impl<AccountId> Channel<AccountId> {
	/// Seconds since the channel was opened, rounded up, at least 1.
	pub(crate) fn open_seconds(&self, now_ms: u64) -> u64 {
		now_ms.saturating_sub(self.opened_ms).div_ceil(1_000).max(1)
	}

	/// Whether another device can be paid.
	pub(crate) fn has_seat(&self) -> bool {
		self.seats < self.seats_max
	}
}
