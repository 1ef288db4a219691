//! What happened in a block to the money of devices, from its events.

use codec::{Decode, Error};
use groma_core::{
	ChannelId, DeviceId, EpochIndex, NetworkId, WindowIndex,
	money::{Balance, Credits},
	words::SignerKey,
};

use crate::chain::AccountId;

/// What happened to the money of devices, or of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
	/// A channel was opened.
	Opened {
		/// Its id.
		channel: ChannelId,
		/// The network whose devices it pays.
		network: NetworkId,
		/// The credits that it holds.
		credits: Credits,
		/// Plancks that had been burned for them.
		basis: Balance,
	},
	/// A device's owner was credited for a voucher.
	Voucher {
		/// The channel.
		channel: ChannelId,
		/// The device.
		device: DeviceId,
		/// Credits that were burned.
		credits: Credits,
		/// Units that the voucher added.
		units: u64,
		/// Plancks that had been burned for the credits.
		basis: Balance,
		/// What they were worth.
		value: Balance,
		/// What the owner is owed.
		paid: Balance,
		/// What validators get when the epoch is closed.
		for_validators: Balance,
	},
	/// A payee was paid what a device owed it.
	Paid {
		/// The device.
		device: DeviceId,
		/// How many plancks.
		amount: Balance,
	},
	/// An epoch was closed.
	EpochClosed {
		/// Which.
		epoch: EpochIndex,
		/// What validators got to divide of what customers paid in it, in plancks.
		for_validators: Balance,
	},
}

/// An order of a channel, as its event has it: network, service, credits, seats, signer, expiry.
type Order = (NetworkId, u8, Credits, u16, SignerKey, WindowIndex);

impl Deed {
	/// The deed of an event; `None` if it is none.
	pub fn of(pallet: &str, event: &str, mut fields: &[u8]) -> Result<Option<Self>, Error> {
		let fields = &mut fields;
		Ok(Some(match (pallet, event) {
			("MeteredService", "ChannelOpened") => {
				let (channel, _payer, order, basis) =
					<(ChannelId, AccountId, Order, Balance)>::decode(fields)?;
				let (network, _, credits, ..) = order;
				Self::Opened { channel, network, credits, basis }
			}
			("MeteredService", "VoucherPaid") => {
				let (channel, device, credits, units) =
					<(ChannelId, DeviceId, Credits, u64)>::decode(fields)?;
				let [basis, value, paid, for_validators] = <[Balance; 4]>::decode(fields)?;
				Self::Voucher {
					channel,
					device,
					credits,
					units,
					basis,
					value,
					paid,
					for_validators,
				}
			}
			("Rewards", "Paid") => {
				let (device, _payee, amount) = <(DeviceId, AccountId, Balance)>::decode(fields)?;
				Self::Paid { device, amount }
			}
			("Emission", "EpochClosed") => {
				let (epoch, _emitted, _minted, for_validators) =
					<(EpochIndex, Balance, Balance, Balance)>::decode(fields)?;
				Self::EpochClosed { epoch, for_validators }
			}
			_ => return Ok(None),
		}))
	}
}

#[cfg(test)]
mod tests {
	use codec::Encode;

	use super::*;

	const WHO: AccountId = subxt::utils::AccountId32([7; 32]);

	#[test]
	fn deeds_are_read_from_events() {
		let voucher = (5u64, 3u32, 400u64, 200u64, [40u128, 41, 36, 2]).encode();
		assert_eq!(
			Deed::of("MeteredService", "VoucherPaid", &voucher),
			Ok(Some(Deed::Voucher {
				channel: 5,
				device: 3,
				credits: 400,
				units: 200,
				basis: 40,
				value: 41,
				paid: 36,
				for_validators: 2,
			}))
		);
		let order = (2u16, 0u8, 1_000u64, 64u16, SignerKey([1; 32]), 900u32);
		let opened = (5u64, WHO, order, 77u128, 88u128).encode();
		assert_eq!(
			Deed::of("MeteredService", "ChannelOpened", &opened),
			Ok(Some(Deed::Opened { channel: 5, network: 2, credits: 1_000, basis: 77 }))
		);
		let paid = (3u32, WHO, 9u128).encode();
		let deed = Deed::Paid { device: 3, amount: 9 };
		assert_eq!(Deed::of("Rewards", "Paid", &paid), Ok(Some(deed)));
		let closed = (9u32, 100u128, 60u128, 7u128, 5u128).encode();
		let deed = Deed::EpochClosed { epoch: 9, for_validators: 7 };
		assert_eq!(Deed::of("Emission", "EpochClosed", &closed), Ok(Some(deed)));
		assert_eq!(Deed::of("System", "ExtrinsicSuccess", &[1]), Ok(None));
	}

	#[test]
	fn event_that_is_cut_off_is_an_error() {
		for (pallet, event) in [
			("MeteredService", "ChannelOpened"),
			("MeteredService", "VoucherPaid"),
			("Rewards", "Paid"),
			("Emission", "EpochClosed"),
		] {
			assert!(Deed::of(pallet, event, &[0; 20]).is_err(), "{event}");
		}
	}
}
