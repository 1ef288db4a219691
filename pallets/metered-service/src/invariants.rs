//! What holds in every state.

use alloc::collections::BTreeMap;

use frame_support::{ensure, traits::fungible::InspectHold};
use groma_core::{ChannelId, money::Balance, protocol::SEATS_MAX};
use sp_runtime::TryRuntimeError;

use crate::{Channel, Channels, Config, HoldReason, Pallet, PayerChannels, Seats, Swept};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut on_hold = BTreeMap::<T::AccountId, (Balance, Balance)>::new();
		for channel in Channels::<T>::iter_keys() {
			let record = Self::stored_channel(channel).map_err(|_| "a channel cannot be read")?;
			Self::check_channel(channel, &record)?;
			let (bonds, deposits) = on_hold.entry(record.payer).or_default();
			*bonds = bonds.saturating_add(record.bond);
			*deposits = deposits.saturating_add(record.seat_deposit);
		}
		// Of every account, since nothing may stay on hold when its channel is gone.
		for account in frame_system::Account::<T>::iter_keys() {
			let (bonds, deposits) = on_hold.remove(&account).unwrap_or_default();
			let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &account);
			ensure!(held(HoldReason::Bond) == bonds, "bonds on hold are not those of channels");
			ensure!(held(HoldReason::Seats) == deposits, "seats are not paid for");
		}
		ensure!(on_hold.is_empty(), "a channel has a payer without an account");
		ensure!(
			PayerChannels::<T>::iter_keys()
				.all(|(_, channel)| Channels::<T>::contains_key(channel)),
			"a payer has a channel that is gone"
		);
		ensure!(
			Seats::<T>::iter_keys().all(|(channel, _)| {
				Channels::<T>::contains_key(channel) || Swept::<T>::contains_key(channel)
			}),
			"a seat outlives its channel"
		);
		ensure!(
			Swept::<T>::iter_keys().all(|channel| !Channels::<T>::contains_key(channel)),
			"the seats of a channel go before it"
		);
		Ok(())
	}

	fn check_channel(
		channel: ChannelId,
		record: &Channel<T::AccountId>,
	) -> Result<(), TryRuntimeError> {
		let next = Self::next_channel().ok_or("the counter of channels cannot be read")?;
		ensure!(channel < next, "a channel has an id that is not given yet");
		ensure!(record.seats <= record.seats_max, "a channel paid more devices than it has seats");
		ensure!(record.seats_max <= SEATS_MAX, "a channel has too many seats");
		ensure!(record.ends > record.expires, "a channel has no grace");
		ensure!(
			Seats::<T>::iter_prefix(channel).count() == usize::from(record.seats),
			"seats are not those that were counted"
		);
		ensure!(
			PayerChannels::<T>::contains_key(&record.payer, channel),
			"a channel is not among those of its payer"
		);
		ensure!(
			record.lot.credits() > 0 || record.lot.basis() == 0,
			"a channel has a basis without credits"
		);
		Ok(())
	}
}
