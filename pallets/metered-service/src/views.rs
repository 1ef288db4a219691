//! Answers to the runtime API: nothing here changes state.

use alloc::vec::Vec;

use groma_core::{
	ChannelId, DeviceId,
	api::{ChannelInfo, ChannelState, ClaimRefusal, SeatInfo, VoucherAnswer, VoucherPay},
	protocol::PAGE_LENGTH_MAX,
	voucher::{Voucher, VoucherReason},
};
use groma_traits::{Demand, Payment, Windows};

use crate::{Channel, Channels, Config, Due, Pallet, PayerChannels, Seats, Vouchers};

impl<T: Config> Pallet<T> {
	/// A channel for clients; `None` if there is none, or it is finished.
	pub fn channel_info(id: ChannelId) -> Option<ChannelInfo<T::AccountId>> {
		let record = Self::channel(id)?;
		let state = Self::state_of(&record);
		let (credits, basis) = (record.lot.credits(), record.lot.basis());
		Some(ChannelInfo {
			id,
			payer: record.payer,
			network: record.network,
			service: record.terms,
			signer: record.signer,
			state: state.into(),
			credits,
			basis,
			payable: T::Demand::quote(credits, basis).map_or(0, |payment| payment.paid),
			bond: record.bond,
			bond_credits: Self::lower_price().credits_of(record.bond),
			seat_deposit: record.seat_deposit,
			seats: record.seats,
			seats_max: record.seats_max,
			opened_ms: record.opened_ms,
			expires: record.expires,
			ends: record.ends,
		})
	}

	/// Channels of a payer, at most [`PAGE_LENGTH_MAX`], in the order of the state. The next page
	/// begins after the last channel of the one before, even if that is finished by then.
	pub fn channels_of(
		payer: &T::AccountId,
		after: Option<ChannelId>,
	) -> Vec<ChannelInfo<T::AccountId>> {
		let ids = match after {
			Some(last) => PayerChannels::<T>::iter_key_prefix_from(
				payer,
				PayerChannels::<T>::hashed_key_for(payer, last),
			),
			None => PayerChannels::<T>::iter_key_prefix(payer),
		};
		// A page is full as long as there are more, or clients would ask for no other.
		ids.filter_map(Self::channel_info).take(PAGE_LENGTH_MAX).collect()
	}

	/// What devices were paid out of a channel, at most [`PAGE_LENGTH_MAX`] of them, in the order
	/// of the state; none if there is no such channel. The next page begins after the last device
	/// of the one before.
	pub fn seats_of(channel: ChannelId, after: Option<DeviceId>) -> Vec<SeatInfo> {
		// Seats of a channel that is gone are being removed.
		if !Channels::<T>::contains_key(channel) {
			return Vec::new();
		}
		let seats = match after {
			Some(last) => {
				let last = Seats::<T>::hashed_key_for(channel, last);
				Seats::<T>::iter_prefix_from(channel, last)
			}
			None => Seats::<T>::iter_prefix(channel),
		};
		seats
			.take(PAGE_LENGTH_MAX)
			.map(|(device, seat)| SeatInfo { device, credits: seat.credits, units: seat.units })
			.collect()
	}

	/// What a claim of each voucher alone would do, in their order.
	pub fn voucher_answers(
		channel: ChannelId,
		vouchers: Vec<Voucher>,
	) -> Result<Vec<VoucherAnswer<T::AccountId>>, ClaimRefusal> {
		let vouchers = Vouchers::try_from(vouchers).map_err(|_| ClaimRefusal::TooManyVouchers)?;
		let record = Self::channel(channel).ok_or(ClaimRefusal::UnknownChannel)?;
		// Of a channel that exists nothing else is refused as a whole.
		let answers =
			Self::check_vouchers(channel, &vouchers).map_err(|_| ClaimRefusal::GraceIsOver)?;
		let answer = |due: Result<Due<T::AccountId>, VoucherReason>| match due
			.and_then(|due| pay_for::<T>(&record, due))
		{
			Ok(pay) => VoucherAnswer::Pays(pay),
			Err(reason) => VoucherAnswer::Refused(reason.into()),
		};
		Ok(answers.into_iter().map(answer).collect())
	}

	fn state_of(record: &Channel<T::AccountId>) -> ChannelState {
		let now = T::Windows::current();
		if now < record.expires {
			ChannelState::Open
		} else if now < record.ends {
			ChannelState::Closing
		} else {
			ChannelState::Ended
		}
	}
}

/// What a voucher pays that is the first of its claim.
fn pay_for<T: Config>(
	record: &Channel<T::AccountId>,
	due: Due<T::AccountId>,
) -> Result<VoucherPay<T::AccountId>, VoucherReason> {
	let credits = due.gain.credits.min(record.lot.credits());
	let basis = record.lot.basis_of(credits).ok_or(VoucherReason::NothingLeft)?;
	let Payment { basis, value, paid, .. } =
		T::Demand::quote(credits, basis).ok_or(VoucherReason::NotPayable)?;
	Ok(VoucherPay {
		owner: due.owner,
		credits,
		units: due.gain.units,
		basis,
		value,
		paid,
		takes_seat: due.seat.is_none() && credits > 0,
		overdraws: credits < due.gain.credits,
	})
}
