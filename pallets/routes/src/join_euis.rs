//! JoinEUIs: payers share them, and each that comes later pays twice as much.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use groma_core::{money::Balance, words::JoinEui};

use crate::{Config, Error, Event, HoldReason, JoinClaim, JoinClaims, JoinEuis, Pallet};

impl<T: Config> Pallet<T> {
	/// Adds a payer to those that share a JoinEUI.
	pub(crate) fn do_claim(payer: T::AccountId, join_eui: JoinEui) -> DispatchResult {
		let mut claims = Self::claims(join_eui)?;
		let is_new = !claims.iter().any(|claim| claim.payer == payer);
		ensure!(is_new, Error::<T>::AlreadyClaimed);
		let deposit = Self::deposit_after(claims.len());
		let claim = JoinClaim { payer: payer.clone(), deposit };
		claims.try_push(claim).map_err(|_| Error::<T>::JoinEuiFull)?;
		let mut record = Self::payer(&payer)?;
		record.join_euis.try_push(join_eui).map_err(|_| Error::<T>::TooManyJoinEuis)?;
		Self::hold(HoldReason::JoinEui, &payer, deposit)?;
		JoinEuis::<T>::insert(join_eui, claims);
		Self::keep_payer(&payer, record);
		let version = Self::count_route_change()?;
		Self::deposit_event(Event::JoinEuiClaimed { payer, join_eui, deposit, version });
		Ok(())
	}

	/// Removes a payer from those that share a JoinEUI, and gives its deposit back.
	pub(crate) fn do_release(payer: T::AccountId, join_eui: JoinEui) -> DispatchResult {
		let mut claims = Self::claims(join_eui)?;
		let place = claims.iter().position(|claim| claim.payer == payer);
		let removed = claims.remove(place.ok_or(Error::<T>::NotClaimed)?);
		let mut record = Self::payer(&payer)?;
		record.join_euis.retain(|known| *known != join_eui);
		Self::release(HoldReason::JoinEui, &payer, removed.deposit);
		if claims.is_empty() {
			JoinEuis::<T>::remove(join_eui);
		} else {
			JoinEuis::<T>::insert(join_eui, claims);
		}
		Self::keep_payer(&payer, record);
		let version = Self::count_route_change()?;
		Self::deposit_event(Event::JoinEuiReleased { payer, join_eui, version });
		Ok(())
	}

	/// The payers that share a JoinEUI.
	pub(crate) fn claims(join_eui: JoinEui) -> Result<JoinClaims<T::AccountId>, Error<T>> {
		groma_stored::entry::<JoinEuis<T>, JoinEui, JoinClaims<T::AccountId>>(join_eui)
			.or_absent(JoinClaims::default())
			.ok_or(Error::Unreadable)
	}

	/// What one more payer pays for a JoinEUI that so many have, in plancks.
	pub(crate) fn deposit_after(payers: usize) -> Balance {
		let doublings = u32::try_from(payers).unwrap_or(u32::MAX);
		T::JoinEuiDeposit::get().saturating_mul(Balance::from(2u32).saturating_pow(doublings))
	}
}
