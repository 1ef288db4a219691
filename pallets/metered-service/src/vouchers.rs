//! Claims: what vouchers are worth, and paying them.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, defensive, pallet_prelude::*, traits::Time};
use frame_system::pallet_prelude::BlockNumberFor;
use groma_core::{
	ChannelId, DeviceId,
	money::Credits,
	protocol::VOUCHERS_PER_CLAIM_MAX,
	voucher::{Seat, Voucher, VoucherReason},
	words::{Hash, Signature, SignerKey},
};
use groma_stored::Stored;
use groma_traits::{Demand, DeviceLookup, Devices, Owner, Payment, Windows};
use scale_info::TypeInfo;
use sp_core::ed25519;

use crate::{Channel, Channels, Config, Error, Event, Pallet, Seats};

/// The vouchers of a claim.
pub type Vouchers = BoundedVec<Voucher, ConstU32<VOUCHERS_PER_CLAIM_MAX>>;

/// What a claim did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
	/// It paid.
	Paid,
	/// It proved that the channel promised more than it held.
	Overdrawn,
}

/// A voucher that is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Due<AccountId> {
	/// Who owns the device now.
	pub owner: AccountId,
	/// What was claimed for the device before; none if the voucher takes a seat.
	pub seat: Option<Seat>,
	/// What the voucher adds.
	pub gain: Seat,
}

/// What is to become of each voucher of a claim.
pub type Answers<AccountId> = Vec<Result<Due<AccountId>, VoucherReason>>;

/// What all vouchers of a claim share, read once.
struct Claim<T: Config> {
	channel: ChannelId,
	record: Channel<T::AccountId>,
	lookup: <<T as Config>::Devices as Devices<T::AccountId>>::Lookup,
	genesis: Hash,
	open_seconds: u64,
	is_overdrawn: bool,
}

impl<T: Config> Pallet<T> {
	/// Pays vouchers of a channel. A voucher that is not paid stops no other.
	pub(crate) fn do_claim(
		channel: ChannelId,
		vouchers: &Vouchers,
	) -> Result<Claimed, DispatchError> {
		let mut claim = Claim::<T>::of(channel)?;
		let mut has_effect = false;
		for voucher in vouchers {
			match claim.take(voucher) {
				Ok(()) => has_effect = true,
				Err(reason) => Self::deposit_event(Event::VoucherRefused {
					channel,
					device: voucher.device,
					reason,
				}),
			}
		}
		ensure!(has_effect, Error::<T>::NothingNew);
		if claim.is_overdrawn {
			Self::end_overdrawn(channel, claim.record);
			return Ok(Claimed::Overdrawn);
		}
		Channels::<T>::insert(channel, claim.record);
		Ok(Claimed::Paid)
	}

	/// What a claim of each voucher alone would answer: nothing changes.
	pub fn check_vouchers(
		channel: ChannelId,
		vouchers: &Vouchers,
	) -> Result<Answers<T::AccountId>, DispatchError> {
		let mut claim = Claim::<T>::of(channel)?;
		Ok(vouchers.iter().map(|voucher| claim.judge(voucher)).collect())
	}
}

impl<T: Config> Claim<T> {
	fn of(channel: ChannelId) -> Result<Self, Error<T>> {
		let record = Pallet::<T>::stored_channel(channel)?;
		let ends = Pallet::<T>::end_of_grace(&record);
		ensure!(T::Windows::current() < ends, Error::<T>::GraceIsOver);
		Ok(Self {
			channel,
			open_seconds: record.open_seconds(T::Time::now()),
			record,
			lookup: Default::default(),
			genesis: genesis_hash::<T>(),
			is_overdrawn: false,
		})
	}

	/// Whether a voucher is to be paid, and what it adds. The signature, which costs most, is
	/// checked last.
	fn judge(&mut self, voucher: &Voucher) -> Result<Due<T::AccountId>, VoucherReason> {
		let owner = self.lookup.owner(voucher.device).ok_or(VoucherReason::UnknownDevice)?;
		let Owner { account: owner, network } = owner;
		if network != self.record.network {
			return Err(VoucherReason::OtherNetwork);
		}
		// What was claimed before cannot be read: else all of it would be paid again.
		let seat = match Pallet::<T>::stored_seat(self.channel, voucher.device) {
			Stored::Value(seat) => Some(seat),
			Stored::Absent => None,
			Stored::Undecodable => return Err(VoucherReason::NotPayable),
		};
		if seat.is_none() && !self.record.has_seat() {
			return Err(VoucherReason::NoSeat);
		}
		let claimed = seat.unwrap_or_default();
		let gain = voucher.gain(&claimed, &self.record.terms, self.open_seconds)?;
		let message = voucher.to_signed_bytes(&self.genesis, self.channel);
		if !is_signed(&self.record.signer, &message, &voucher.signature) {
			return Err(VoucherReason::BadSignature);
		}
		Ok(Due { owner, seat, gain })
	}

	/// Pays a voucher out of the channel, as far as its credits go.
	fn take(&mut self, voucher: &Voucher) -> Result<(), VoucherReason> {
		if self.is_overdrawn {
			return Err(VoucherReason::NothingLeft);
		}
		let due = self.judge(voucher)?;
		let credits = due.gain.credits.min(self.record.lot.credits());
		// Nothing is left to pay, but a bond that is burned while the books cannot be read would
		// not be counted.
		if credits == 0 && !T::Demand::is_payable() {
			return Err(VoucherReason::NotPayable);
		}
		if credits > 0 {
			self.pay(voucher.device, &due, credits)?;
			let claimed = due.seat.unwrap_or_default().credits.saturating_add(credits);
			let seat = Seat { credits: claimed, units: voucher.units };
			Seats::<T>::insert(self.channel, voucher.device, seat);
			if due.seat.is_none() {
				self.record.seats = self.record.seats.saturating_add(1);
			}
		}
		self.is_overdrawn = credits < due.gain.credits;
		Ok(())
	}

	/// Pays the owner of a device out of the channel.
	fn pay(
		&mut self,
		device: DeviceId,
		due: &Due<T::AccountId>,
		credits: Credits,
	) -> Result<(), VoucherReason> {
		let lot = self.record.lot.take(credits).ok_or(VoucherReason::NothingLeft)?;
		let units = due.gain.units;
		match T::Demand::pay(device, self.record.network, &due.owner, lot, units) {
			Ok(Payment { basis, value, paid, for_validators }) => {
				Pallet::<T>::deposit_event(Event::VoucherPaid {
					channel: self.channel,
					device,
					credits,
					units,
					basis,
					value,
					paid,
					for_validators,
				});
				Ok(())
			}
			Err(lot) => {
				if let Err(lot) = self.record.lot.put(lot) {
					defensive!("what was taken out of a channel fits into it");
					lot.spend();
				}
				Err(VoucherReason::NotPayable)
			}
		}
	}
}

/// The genesis hash, which every voucher carries.
pub(crate) fn genesis_hash<T: Config>() -> Hash {
	let hash = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::from(0u32));
	hash.as_ref().try_into().unwrap_or_default()
}

fn is_signed(key: &SignerKey, message: &[u8], signature: &Signature) -> bool {
	sp_io::crypto::ed25519_verify(
		&ed25519::Signature::from_raw(signature.0),
		message,
		&ed25519::Public::from_raw(key.0),
	)
}
