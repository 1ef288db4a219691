//! Credits, channels, what customers paid, and the books of the supply.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

use crate::{
	ChannelId, DeviceId, EpochIndex, NetworkId, WindowIndex,
	api::{Code, Coded},
	codes::codes,
	money::{Balance, Credits},
	terms::ServiceTerms,
	voucher::VoucherReason,
	words::SignerKey,
};

/// What an account holds in credits, and who acts for it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditsInfo<AccountId> {
	/// Credits that are in no channel.
	#[serde(with = "crate::text::number")]
	pub credits: Credits,
	/// Plancks that were burned for them.
	#[serde(with = "crate::text::amount")]
	pub basis: Balance,
	/// Who opens and closes channels for the account: at most
	/// [`crate::protocol::OPERATORS_MAX`].
	pub operators: Vec<OperatorInfo<AccountId>>,
}

/// An account that acts for a payer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorInfo<AccountId> {
	/// The account.
	pub account: AccountId,
	/// The most credits that it commits to channels in an epoch.
	#[serde(with = "crate::text::number")]
	pub credits_per_epoch: Credits,
	/// The credits of that which it committed in the present epoch.
	#[serde(with = "crate::text::number")]
	pub committed: Credits,
	/// Plancks on hold from the payer until the operator is removed.
	#[serde(with = "crate::text::amount")]
	pub deposit: Balance,
}

/// Where a channel stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChannelState {
	/// It is neither closed nor expired.
	#[codec(index = 0)]
	Open,
	/// It is closed or expired, and vouchers are taken until its grace is over.
	#[codec(index = 1)]
	Closing,
	/// Its grace is over. Anyone may finish it, which returns what is left to its payer.
	#[codec(index = 2)]
	Ended,
}

impl Coded for ChannelState {}

/// A channel as it stands in the current window. One that is finished, or that promised more than
/// it held, is gone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelInfo<AccountId> {
	/// Its id.
	pub id: ChannelId,
	/// Whose credits it holds.
	pub payer: AccountId,
	/// The network whose devices it pays.
	pub network: NetworkId,
	/// The service, on the terms on which the channel was opened.
	pub service: ServiceTerms,
	/// The ed25519 key that signs its vouchers.
	pub signer: SignerKey,
	/// Where it stands in its life.
	pub state: Code<ChannelState>,
	/// Credits that are left.
	#[serde(with = "crate::text::number")]
	pub credits: Credits,
	/// Plancks that were burned for them.
	#[serde(with = "crate::text::amount")]
	pub basis: Balance,
	/// What one claim of all credits that are left would pay to owners of devices now, in plancks:
	/// kappa of their basis or of their value, whichever is less.
	#[serde(with = "crate::text::amount")]
	pub payable: Balance,
	/// Plancks on hold from the payer, burned if more credits are promised than there are.
	#[serde(with = "crate::text::amount")]
	pub bond: Balance,
	/// What the bond is worth in credits, at the lower of the last good price and the mean of the
	/// last closed epoch, rounded down.
	#[serde(with = "crate::text::number")]
	pub bond_credits: Credits,
	/// Plancks on hold from the payer for the state of all seats: always returned.
	#[serde(with = "crate::text::amount")]
	pub seat_deposit: Balance,
	/// Devices that it paid.
	pub seats: u16,
	/// The most devices that it pays.
	pub seats_max: u16,
	/// When it was opened, in ms since the Unix epoch.
	pub opened_ms: u64,
	/// The first window in which it is closed.
	pub expires: WindowIndex,
	/// The first window in which no voucher is taken: its grace ends with the window before.
	pub ends: WindowIndex,
}

impl<AccountId> ChannelInfo<AccountId> {
	/// The most credits that a device with a seat lets the channel owe it, so that a payer which
	/// promises more than it has loses more than it takes: half of what the bond is worth, divided
	/// by the seats.
	pub fn exposure_max(&self) -> Credits {
		let seats = u64::from(self.seats_max.max(1));
		self.bond_credits / seats.saturating_mul(2)
	}
}

/// What a device was paid out of a channel so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatInfo {
	/// The device.
	pub device: DeviceId,
	/// Credits of all claims together.
	#[serde(with = "crate::text::number")]
	pub credits: Credits,
	/// Units of all claims together.
	#[serde(with = "crate::text::number")]
	pub units: u64,
}

/// What customers paid for services of a network in an epoch. It is final when the epoch is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DemandInfo {
	/// The network.
	pub network: NetworkId,
	/// The epoch.
	pub epoch: EpochIndex,
	/// Credits that claims burned.
	#[serde(with = "crate::text::amount")]
	pub credits: u128,
	/// Units that were delivered for them.
	#[serde(with = "crate::text::amount")]
	pub units: u128,
	/// Plancks that had been burned for the credits.
	#[serde(with = "crate::text::amount")]
	pub basis: Balance,
	/// What the credits were worth when they were claimed, in plancks.
	#[serde(with = "crate::text::amount")]
	pub value: Balance,
	/// What owners of devices are owed for them, in plancks.
	#[serde(with = "crate::text::amount")]
	pub paid: Balance,
	/// What they left for validators, in plancks: their pool of the epoch holds as much more.
	#[serde(with = "crate::text::amount")]
	pub for_validators: Balance,
}

/// The books: where every token and every credit is. Amounts are in plancks.
///
/// `genesis + minted + reminted = issuance + burned`, `minted + unminted` is what the schedule
/// emitted in closed epochs, and `reminted + for_validators` never exceeds `claimed_basis`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SupplyInfo {
	/// What exists.
	#[serde(with = "crate::text::amount")]
	pub issuance: Balance,
	/// What genesis issued.
	#[serde(with = "crate::text::amount")]
	pub genesis: Balance,
	/// Of the schedule: minted and not taken back.
	#[serde(with = "crate::text::amount")]
	pub minted: Balance,
	/// Of the schedule: for no one, permanently.
	#[serde(with = "crate::text::amount")]
	pub unminted: Balance,
	/// What claims of services minted for owners of devices and for validators, out of what was
	/// burned for them.
	#[serde(with = "crate::text::amount")]
	pub reminted: Balance,
	/// What had been burned for the credits of all claims.
	#[serde(with = "crate::text::amount")]
	pub claimed_basis: Balance,
	/// Everything that was issued and no longer exists: fees, dust, what was burned for credits,
	/// bonds of overdrawn channels, and stake that offences cost.
	#[serde(with = "crate::text::amount")]
	pub burned: Balance,
	/// What the pot, from which rewards are paid, holds.
	#[serde(with = "crate::text::amount")]
	pub pot: Balance,
	/// Of that: what the pot holds for itself, so that it exists however little it owes.
	#[serde(with = "crate::text::amount")]
	pub reserve: Balance,
	/// Credits that were minted.
	#[serde(with = "crate::text::amount")]
	pub credits_minted: u128,
	/// Credits that were spent: by claims and as fees.
	#[serde(with = "crate::text::amount")]
	pub credits_spent: u128,
	/// What was burned for the credits minted.
	#[serde(with = "crate::text::amount")]
	pub minted_basis: Balance,
	/// What had been burned for the credits spent.
	#[serde(with = "crate::text::amount")]
	pub spent_basis: Balance,
	/// What claims left for validators in epochs that are not closed. Nothing of it is minted yet.
	#[serde(with = "crate::text::amount")]
	pub for_validators: Balance,
}

impl SupplyInfo {
	/// Whether every token comes from genesis, the schedule, or the burn of a claim, and none is
	/// gone that was not counted.
	pub fn is_balanced(&self) -> bool {
		let issued = [self.genesis, self.minted, self.reminted];
		let issued = issued.iter().try_fold(0, |sum: Balance, term| sum.checked_add(*term));
		let accounted = self.issuance.checked_add(self.burned);
		let from_claims = self.reminted.checked_add(self.for_validators);
		let is_covered = from_claims.is_some_and(|plancks| plancks <= self.claimed_basis);
		issued.is_some() && issued == accounted && is_covered
	}
}

codes! {
	/// Why no voucher of a channel can be claimed.
	ClaimRefusal {
		/// There is no such channel, or it is finished.
		UnknownChannel = 0, "unknownChannel";
		/// The channel's grace is over: no more vouchers are taken.
		GraceIsOver = 1, "graceIsOver";
		/// A claim brings at most 256 vouchers.
		TooManyVouchers = 2, "tooManyVouchers";
	}
}

/// What would become of a voucher if it were claimed alone in the next block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VoucherAnswer<AccountId> {
	/// It would be paid.
	#[codec(index = 0)]
	Pays(VoucherPay<AccountId>),
	/// It would not be paid.
	#[codec(index = 1)]
	Refused(Code<VoucherReason>),
}

/// What a voucher would pay.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VoucherPay<AccountId> {
	/// Who would be owed it: the present owner of the device.
	pub owner: AccountId,
	/// Credits that would be burned: what the voucher adds, or all that is left in the channel.
	#[serde(with = "crate::text::number")]
	pub credits: Credits,
	/// Units that the voucher adds.
	#[serde(with = "crate::text::number")]
	pub units: u64,
	/// Plancks that were burned for the credits.
	#[serde(with = "crate::text::amount")]
	pub basis: Balance,
	/// What the credits are worth at the mean price of the last closed epoch, in plancks.
	#[serde(with = "crate::text::amount")]
	pub value: Balance,
	/// What the owner would be owed, in plancks.
	#[serde(with = "crate::text::amount")]
	pub paid: Balance,
	/// Whether it would be the device's first claim in the channel.
	pub takes_seat: bool,
	/// Whether it adds more credits than are left: the claim would burn the bond and be free.
	pub overdraws: bool,
}

#[cfg(test)]
mod tests {
	use super::*;

	fn supply() -> SupplyInfo {
		SupplyInfo {
			issuance: 118,
			genesis: 100,
			minted: 20,
			unminted: 5,
			reminted: 9,
			claimed_basis: 10,
			burned: 11,
			pot: 12,
			reserve: 1,
			credits_minted: 7,
			credits_spent: 6,
			minted_basis: 11,
			spent_basis: 10,
			for_validators: 1,
		}
	}

	#[test]
	fn books_are_balanced_when_no_token_came_or_went_uncounted() {
		assert!(supply().is_balanced());
		assert!(!SupplyInfo { issuance: 119, ..supply() }.is_balanced());
		assert!(!SupplyInfo { burned: 10, ..supply() }.is_balanced());
		assert!(!SupplyInfo { claimed_basis: 9, ..supply() }.is_balanced());
		assert!(!SupplyInfo { for_validators: u128::MAX, ..supply() }.is_balanced());
		assert!(!SupplyInfo { genesis: u128::MAX, ..supply() }.is_balanced());
	}

	#[test]
	fn refusals_are_numbered_from_zero_on() {
		let numbers: Vec<u8> = ClaimRefusal::ALL.iter().map(|refusal| refusal.number()).collect();
		assert_eq!(numbers, [0, 1, 2]);
	}

	#[test]
	fn answer_about_a_voucher_names_its_outcome() {
		let refused = VoucherAnswer::<u8>::Refused(VoucherReason::NoSeat.into());
		let json = serde_json::to_value(&refused).unwrap();
		assert_eq!(json, serde_json::json!({ "refused": "NoSeat" }));
		assert_eq!(serde_json::from_value::<VoucherAnswer<u8>>(json).unwrap(), refused);
		let later = VoucherAnswer::<u8>::decode(&mut &[1, 200][..]).unwrap();
		assert_eq!(later, VoucherAnswer::Refused(Code::Unknown(200)));
		let pays = VoucherAnswer::Pays(VoucherPay {
			owner: 7u8,
			credits: 100_000_000_000_000_000,
			units: 3,
			basis: 4,
			value: 5,
			paid: 2,
			takes_seat: true,
			overdraws: false,
		});
		let json = serde_json::to_value(&pays).unwrap();
		assert_eq!(json["pays"]["credits"], "100000000000000000");
		assert_eq!(serde_json::from_value::<VoucherAnswer<u8>>(json).unwrap(), pays);
	}
}
