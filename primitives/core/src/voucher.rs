//! Promises of a payer to a device: each says how many credits of a channel are the device's in
//! all, and for how many units.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	codes::codes,
	money::Credits,
	payload,
	terms::ServiceTerms,
	words::{ChannelId, DeviceId, Hash, Signature},
};

/// A signed promise, as a claim carries it. The channel is that of the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Voucher {
	/// Who delivered.
	#[codec(compact)]
	pub device: DeviceId,
	/// Credits that are the device's, of all claims together.
	#[codec(compact)]
	#[serde(with = "crate::text::number")]
	pub credits: Credits,
	/// Units that the device delivered for them, of all claims together.
	#[codec(compact)]
	#[serde(with = "crate::text::number")]
	pub units: u64,
	/// The ed25519 signature of the channel's signer over [`Self::to_signed_bytes`].
	pub signature: Signature,
}

/// What a device was paid out of a channel so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Seat {
	/// Credits of all claims together.
	#[codec(compact)]
	pub credits: Credits,
	/// Units of all claims together.
	#[codec(compact)]
	pub units: u64,
}

impl Voucher {
	/// What the channel's signer signs.
	pub fn to_signed_bytes(&self, genesis: &Hash, channel: ChannelId) -> Vec<u8> {
		payload::voucher(genesis, channel, self.device, self.credits, self.units)
	}

	/// What the voucher adds to what was claimed, if it fits the terms of the service and the time
	/// since the channel was opened, in seconds. It says nothing of the signature.
	pub fn gain(
		&self,
		claimed: &Seat,
		terms: &ServiceTerms,
		open_seconds: u64,
	) -> Result<Seat, VoucherReason> {
		let credits = self.credits.checked_sub(claimed.credits).filter(|more| *more > 0);
		let credits = credits.ok_or(VoucherReason::NothingNew)?;
		let units = self.units.checked_sub(claimed.units).ok_or(VoucherReason::FewerUnits)?;
		if !terms.admits(self.credits, self.units) {
			return Err(VoucherReason::OutsidePrice);
		}
		let rate = u128::from(terms.units_per_device_second_max);
		if u128::from(self.units) > rate.saturating_mul(u128::from(open_seconds)) {
			return Err(VoucherReason::TooFast);
		}
		Ok(Seat { credits, units })
	}
}

codes! {
	/// Why a voucher in a claim was not paid.
	VoucherReason {
		/// There is no such device, or it was removed.
		UnknownDevice = 0, "UnknownDevice";
		/// The device serves another network than the channel pays for.
		OtherNetwork = 1, "OtherNetwork";
		/// As many credits or more were claimed for the device before.
		NothingNew = 2, "NothingNew";
		/// More units were claimed for the device before.
		FewerUnits = 3, "FewerUnits";
		/// The credits are fewer than the least, or more than the most, that the units cost.
		OutsidePrice = 4, "OutsidePrice";
		/// A device cannot deliver so many units in the time since the channel was opened.
		TooFast = 5, "TooFast";
		/// As many devices as the channel has seats were paid before, and this is another.
		NoSeat = 6, "NoSeat";
		/// The signature is not that of the channel's signer.
		BadSignature = 7, "BadSignature";
		/// A voucher before it in the claim took the last credits of the channel.
		NothingLeft = 8, "NothingLeft";
		/// The chain cannot pay at the moment. The voucher stays valid: claim it again later.
		NotPayable = 9, "NotPayable";
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn voucher(credits: Credits, units: u64) -> Voucher {
		Voucher { device: 7, credits, units, signature: Signature([0; 64]) }
	}

	fn gain(credits: Credits, units: u64, claimed: (Credits, u64)) -> Result<Seat, VoucherReason> {
		let claimed = Seat { credits: claimed.0, units: claimed.1 };
		voucher(credits, units).gain(&claimed, &ServiceTerms::lorawan_packets(), 1_000)
	}

	#[test]
	fn voucher_adds_what_is_new() {
		assert_eq!(gain(10, 5, (0, 0)), Ok(Seat { credits: 10, units: 5 }));
		assert_eq!(gain(10, 5, (6, 5)), Ok(Seat { credits: 4, units: 0 }));
	}

	#[test]
	fn voucher_is_refused_with_its_reason() {
		use VoucherReason::*;
		assert_eq!(gain(10, 5, (10, 5)), Err(NothingNew));
		assert_eq!(gain(9, 5, (10, 5)), Err(NothingNew));
		assert_eq!(gain(0, 5, (0, 0)), Err(NothingNew));
		assert_eq!(gain(11, 4, (10, 5)), Err(FewerUnits));
		// Units without credits, and credits without units.
		assert_eq!(gain(4, 5, (0, 0)), Err(OutsidePrice));
		assert_eq!(gain(1, 0, (0, 0)), Err(OutsidePrice));
		assert_eq!(gain(56, 5, (0, 0)), Err(OutsidePrice));
		assert_eq!(gain(55, 5, (0, 0)), Ok(Seat { credits: 55, units: 5 }));
		assert_eq!(gain(1_000_000, 1_000_000, (0, 0)), Err(TooFast));
		assert_eq!(gain(u64::MAX, u64::MAX, (0, 0)), Err(TooFast));
		assert_eq!(gain(u64::MAX, 1, (0, 0)), Err(OutsidePrice));
		assert_eq!(gain(1, u64::MAX, (0, 0)), Err(OutsidePrice));
	}

	#[test]
	fn voucher_on_chain_takes_less_than_a_hundred_bytes() {
		assert!(voucher(u64::MAX, u64::MAX).encode().len() <= 100);
		assert!(Voucher::max_encoded_len() <= 100);
		assert_eq!(voucher(1_000, 1_000).encode().len(), 1 + 2 + 2 + 64);
	}

	#[test]
	fn numbers_of_a_voucher_keep_every_digit_in_json() {
		let json = serde_json::to_value(voucher(u64::MAX, 5)).unwrap();
		assert_eq!((&json["credits"], &json["units"]), (&u64::MAX.to_string().into(), &"5".into()));
		assert_eq!(serde_json::from_value::<Voucher>(json).unwrap(), voucher(u64::MAX, 5));
	}

	#[test]
	fn numbers_of_reasons_are_dense_and_pinned() {
		let numbers: Vec<u8> = VoucherReason::ALL.iter().map(|reason| reason.number()).collect();
		assert_eq!(numbers, (0..10).collect::<Vec<_>>());
		assert!(VoucherReason::ALL.iter().all(|reason| !reason.explanation().is_empty()));
	}

	proptest! {
		#[test]
		fn what_is_claimed_never_falls_and_never_passes_the_voucher(
			credits: u64,
			units: u64,
			claimed in any::<(u64, u64)>(),
			seconds: u64,
		) {
			let claimed = Seat { credits: claimed.0, units: claimed.1 };
			let terms = ServiceTerms::lorawan_packets();
			if let Ok(gain) = voucher(credits, units).gain(&claimed, &terms, seconds) {
				prop_assert_eq!(claimed.credits + gain.credits, credits);
				prop_assert_eq!(claimed.units + gain.units, units);
				prop_assert!(gain.credits > 0);
				prop_assert!(units <= credits && u128::from(credits) <= u128::from(units) * 11);
			}
		}

		#[test]
		fn random_bytes_never_panic_as_a_voucher(bytes: Vec<u8>) {
			if let Ok(voucher) = Voucher::decode(&mut &bytes[..]) {
				let encoded = voucher.encode();
				prop_assert_eq!(&encoded[..], &bytes[..encoded.len()]);
			}
		}
	}
}
