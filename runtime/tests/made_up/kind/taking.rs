//! Said until the end of *w+1*: guesses are checked and kept.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::pallet_prelude::TransactionValidityWithRefund;
use frame_system::pallet_prelude::BlockNumberFor;
use groma_core::{
	CollectorIndex, DeviceId, WindowIndex,
	money::Balance,
	payload,
	protocol::STATEMENT_DELAY_MAX,
	statement::Report,
	terms::Proof,
	words::{Hash, SessionKey},
};
use groma_traits::{DeviceView, Devices, Networks, Provisions, Windows, standing};
use scale_info::TypeInfo;
use sp_core::ed25519;

use super::{
	guess::{Guess, Refusal},
	pallet::{Config, Guesses, Pallet},
};

const TAG: &str = "groma/own-guess";

/// A guess as the chain keeps it until the toss.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Kept {
	/// What the device guessed.
	pub is_heads: bool,
	/// The collector that it named, no matter who brought it; 0 for none.
	pub collector: CollectorIndex,
}

/// A guess that lacks nothing but the check of its signature.
pub(crate) struct Seat {
	challenge: Hash,
	session_key: SessionKey,
}

/// Whether the provision of a device's owner covers it.
pub(crate) fn is_covered<T: Config>(
	view: &DeviceView<T::AccountId>,
	stake_per_device: Balance,
) -> bool {
	T::Provisions::covers(&view.owner, view.network, view.slot, stake_per_device)
}

impl<T: Config> Pallet<T> {
	/// The challenge of a device under the seed of a window.
	pub fn challenge_of(seed: &Hash, device: DeviceId) -> Hash {
		let genesis = frame_system::BlockHash::<T>::get(BlockNumberFor::<T>::from(0u32));
		let genesis: Hash = genesis.as_ref().try_into().unwrap_or_default();
		payload::challenge_id(&genesis, seed, device)
	}

	/// Whether a guess would be taken in the next block: what a node asks before it keeps one.
	pub fn check_guess(guess: &Guess) -> Result<(), Refusal> {
		Self::examine(T::Windows::of_next_block(), guess)
	}

	/// Takes the guesses of a bundle; returns how many were taken, and how many not.
	pub(crate) fn do_submit_guesses(guesses: &[Guess]) -> (u32, u32) {
		let now = T::Windows::of_call();
		let (mut taken, mut refused) = (0u32, 0u32);
		for guess in guesses {
			if Self::examine(now, guess).is_ok() {
				Self::keep(guess);
				taken = taken.saturating_add(1);
			} else {
				refused = refused.saturating_add(1);
			}
		}
		(taken, refused)
	}

	/// Keeps a device's own guess, whose signature was verified when it was authorized.
	pub(crate) fn do_submit_own_guess(guess: &Guess) -> Result<(), Refusal> {
		Self::seat(T::Windows::of_call(), guess)?;
		Self::keep(guess);
		Ok(())
	}

	/// Authorizes a device's own guess: one per device and window at a time.
	pub(crate) fn authorize_own_guess(guess: &Guess) -> TransactionValidityWithRefund {
		T::Windows::ensure_begun(guess.window)?;
		Self::examine(T::Windows::of_call(), guess).map_err(Refusal::invalid)?;
		T::Windows::own_call(TAG, (guess.device, guess.window), guess.last_window())
	}

	/// Whether a guess would be taken in a block of window `now`: its signature last.
	pub(crate) fn examine(now: WindowIndex, guess: &Guess) -> Result<(), Refusal> {
		let seat = Self::seat(now, guess)?;
		let message = Guess::signed_bytes(&seat.challenge, guess.is_heads, guess.collector);
		let signature = ed25519::Signature::from_raw(guess.signature.0);
		let key = ed25519::Public::from_raw(seat.session_key.0);
		if !sp_io::crypto::ed25519_verify(&signature, &message, &key) {
			return Err(Refusal::BadSignature);
		}
		Ok(())
	}

	/// Everything about a guess but its signature.
	pub(crate) fn seat(now: WindowIndex, guess: &Guess) -> Result<Seat, Refusal> {
		let Guess { window, device, .. } = *guess;
		let age = now.checked_sub(window);
		if age.is_none_or(|age| age > STATEMENT_DELAY_MAX) {
			return Err(Refusal::WindowClosed);
		}
		let record = T::Windows::window(window).ok_or(Refusal::WindowClosed)?;
		let view = T::Devices::at(device, window).ok_or(Refusal::UnknownDevice)?;
		let terms = T::Networks::terms(view.network)
			.filter(|terms| terms.proof == Proof::MadeUp)
			.ok_or(Refusal::OtherKind)?;
		if !record.draws(device, view.network) {
			return Err(Refusal::NotChallenged);
		}
		standing::fitness(&view, window, &terms, is_covered::<T>).map_err(Refusal::NotFit)?;
		if Guesses::<T>::contains_key(window, device) {
			return Err(Refusal::AlreadyKnown);
		}
		let challenge = Self::challenge_of(&record.seed, device);
		Ok(Seat { challenge, session_key: view.session_key })
	}

	fn keep(guess: &Guess) {
		let kept = Kept { is_heads: guess.is_heads, collector: guess.collector };
		Guesses::<T>::insert(guess.window, guess.device, kept);
	}
}
