//! How channels begin and end. What a channel holds of its payer: credits as one lot, a bond, and a
//! deposit for the state of its seats.

use frame_support::{
	defensive,
	pallet_prelude::*,
	traits::{
		Time,
		fungible::MutateHold,
		tokens::{Fortitude, Precision},
	},
};
use groma_core::{
	ChannelId, DeviceId, WindowIndex,
	lot::HeldLot,
	money::{Balance, Price},
	protocol::{
		BOND_CREDITS_MIN, CHANNEL_WINDOWS_MAX, CHANNEL_WINDOWS_MIN, GRACE_WINDOWS_MIN, SEATS_MAX,
	},
	session_key,
	terms::ServiceTerms,
	voucher::Seat,
};
use groma_stored::Stored;
use groma_traits::{CreditAccounts, Emission, Networks, Operators, Prices, Windows};

use crate::{
	Channel, ChannelOrder, Channels, Config, Error, Event, HoldReason, NextChannel, Pallet,
	PayerChannels, Seats,
};

impl<T: Config> Pallet<T> {
	/// Opens a channel of `payer`, for whom `who` acts.
	pub(crate) fn do_open(
		who: T::AccountId,
		payer: T::AccountId,
		order: ChannelOrder,
	) -> DispatchResult {
		let terms = Self::check_order(&order)?;
		let channel = Self::next_channel().ok_or(Error::<T>::Unreadable)?;
		ensure!(T::Prices::is_readable(), Error::<T>::Unreadable);
		T::Credits::ensure_operator(&payer, &who)?;
		// An error undoes all: what was taken is there again.
		let lot = HeldLot::from(T::Credits::take(&payer, order.credits)?);
		let (basis, bond) = (lot.basis(), Self::bond_for(lot.basis()));
		let seat_deposit = T::SeatDeposit::get().saturating_mul(Balance::from(order.seats_max));
		// The limit of an operator bounds what it locks up: credits, and the worth of GRM on hold.
		// The greater counts.
		let on_hold = Self::lower_price().credits_of(bond.saturating_add(seat_deposit));
		T::Credits::commit(&payer, &who, order.credits.max(on_hold))?;
		T::Currency::hold(&HoldReason::Bond.into(), &payer, bond)?;
		T::Currency::hold(&HoldReason::Seats.into(), &payer, seat_deposit)?;

		NextChannel::<T>::put(channel.saturating_add(1));
		PayerChannels::<T>::insert(&payer, channel, ());
		Channels::<T>::insert(
			channel,
			Channel {
				payer: payer.clone(),
				network: order.network,
				terms,
				signer: order.signer,
				lot,
				bond,
				seat_deposit,
				seats_max: order.seats_max,
				seats: 0,
				opened_ms: T::Time::now(),
				expires: order.expires,
				ends: Self::end_of(order.expires),
			},
		);
		Self::deposit_event(Event::ChannelOpened { channel, payer, order, basis, bond });
		Ok(())
	}

	/// Closes a channel before it expires: from now on its grace runs.
	pub(crate) fn do_close(who: T::AccountId, channel: ChannelId) -> DispatchResult {
		let now = T::Windows::current();
		let mut record = Self::stored_channel(channel)?;
		T::Credits::ensure_operator(&record.payer, &who)?;
		ensure!(now < record.expires, Error::<T>::AlreadyClosed);
		record.expires = now;
		record.ends = record.ends.min(Self::end_of(now));
		let ends = Self::end_of_grace(&record);
		Channels::<T>::insert(channel, record);
		Self::deposit_event(Event::ChannelClosed { channel, ends });
		Ok(())
	}

	/// Returns what is left of a channel whose grace is over.
	pub(crate) fn do_finish(channel: ChannelId) -> DispatchResult {
		let mut record = Self::stored_channel(channel)?;
		ensure!(T::Windows::current() >= Self::end_of_grace(&record), Error::<T>::GraceRuns);
		let (credits, basis) = (record.lot.credits(), record.lot.basis());
		if let Err(lot) = T::Credits::put(&record.payer, record.lot.take_all()) {
			// The call fails and changes nothing: the lot stays in the stored channel.
			lot.spend();
			return Err(Error::<T>::PayerIsFull.into());
		}
		Self::release(HoldReason::Bond, &record.payer, record.bond);
		Self::remove(channel, &record);
		Self::deposit_event(Event::ChannelFinished { channel, credits, basis });
		Ok(())
	}

	/// Ends a channel that promised more than it held: its bond is burned and earns no one
	/// anything.
	pub(crate) fn end_overdrawn(channel: ChannelId, record: Channel<T::AccountId>) {
		let burned = T::Currency::burn_held(
			&HoldReason::Bond.into(),
			&record.payer,
			record.bond,
			Precision::BestEffort,
			Fortitude::Force,
		);
		match burned {
			Ok(burned) => T::Emission::note_burned(burned),
			Err(_) => {
				defensive!("a bond on hold cannot be burned");
			}
		}
		Self::remove(channel, &record);
		Self::deposit_event(Event::ChannelOverdrawn { channel, bond: record.bond });
	}

	/// What keeps a channel from being opened; otherwise the terms of its service.
	fn check_order(order: &ChannelOrder) -> Result<ServiceTerms, Error<T>> {
		let life = order.expires.saturating_sub(T::Windows::current());
		ensure!(
			(CHANNEL_WINDOWS_MIN..=CHANNEL_WINDOWS_MAX).contains(&life),
			Error::<T>::InvalidExpiry
		);
		ensure!((1..=SEATS_MAX).contains(&order.seats_max), Error::<T>::InvalidSeats);
		ensure!(order.credits > 0, Error::<T>::NoCredits);
		ensure!(session_key::is_acceptable(&order.signer.0), Error::<T>::UnacceptableSigner);
		T::Networks::terms(order.network)
			.and_then(|terms| terms.services.get(usize::from(order.service)).cloned())
			.ok_or(Error::<T>::UnknownService)
	}

	/// The bond of a channel, in plancks, rounded up: a share of the basis, and at least worth
	/// [`BOND_CREDITS_MIN`] at the lower of the prices that are known.
	fn bond_for(basis: Balance) -> Balance {
		let price = Self::lower_price();
		// One planck more, for what rounding down drops.
		let share = T::BondShare::get().of(basis).saturating_add(1);
		share.max(price.burn_for(BOND_CREDITS_MIN))
	}

	/// The lower of the last price and the mean of the last closed epoch.
	pub(crate) fn lower_price() -> Price {
		T::Prices::last_good().min(T::Prices::closed_epoch_mean())
	}

	/// The id of the next channel; `None` if the counter cannot be read.
	pub(crate) fn next_channel() -> Option<ChannelId> {
		groma_stored::value::<NextChannel<T>, ChannelId>().or_absent(0)
	}

	/// A channel as it is stored.
	pub(crate) fn stored_channel(channel: ChannelId) -> Result<Channel<T::AccountId>, Error<T>> {
		match groma_stored::entry::<Channels<T>, ChannelId, Channel<T::AccountId>>(channel) {
			Stored::Value(record) => Ok(record),
			Stored::Absent => Err(Error::<T>::UnknownChannel),
			Stored::Undecodable => Err(Error::<T>::Unreadable),
		}
	}

	/// What a device was paid out of a channel.
	pub(crate) fn stored_seat(channel: ChannelId, device: DeviceId) -> Stored<Seat> {
		groma_stored::double_entry::<Seats<T>, ChannelId, DeviceId, Seat>(channel, device)
	}

	/// The first window in which a channel takes no vouchers, if it is closed in this one.
	fn end_of(closed: WindowIndex) -> WindowIndex {
		closed.saturating_add(T::GraceWindows::get().max(GRACE_WINDOWS_MIN))
	}

	/// Removes a channel, whose lot is empty and whose bond is gone. Its seats follow when a block
	/// has weight left.
	fn remove(channel: ChannelId, record: &Channel<T::AccountId>) {
		Self::release(HoldReason::Seats, &record.payer, record.seat_deposit);
		Channels::<T>::remove(channel);
		PayerChannels::<T>::remove(&record.payer, channel);
		if record.seats > 0 {
			Self::sweep_later(channel);
		}
	}

	fn release(reason: HoldReason, payer: &T::AccountId, amount: Balance) {
		if T::Currency::release(&reason.into(), payer, amount, Precision::BestEffort).is_err() {
			defensive!("what is on hold for a channel cannot be released");
		}
	}
}
