//! What a device may submit without an account: one statement or one reveal, checked before it enters
//! the transaction pool and again in the block, the signature last.

use frame_support::{
	pallet_prelude::{
		InvalidTransaction, TransactionValidityError, TransactionValidityWithRefund,
		ValidTransaction,
	},
	weights::Weight,
};
use groma_core::{
	DeviceId, WindowIndex,
	api::Refusal,
	statement::{Report, Reveal, Statement},
};
use sp_runtime::traits::Get;

use crate::{Config, CurrentWindow, Pallet, types::WindowClock, windows::block_now};

const STATEMENT_TAG: &str = "groma/own-statement";
const REVEAL_TAG: &str = "groma/own-reveal";

impl<T: Config> Pallet<T> {
	/// Authorizes a device's own statement: one per witness and window at a time.
	pub(crate) fn authorize_own_statement(statement: &Statement) -> TransactionValidityWithRefund {
		let clock = CurrentWindow::<T>::get();
		let now = clock.window_at(block_now::<T>());
		ensure_not_early(statement.window, now)?;
		Self::examine_statement(now, statement).map_err(invalid)?;
		let windows_left = statement.last_window().saturating_sub(now);
		Ok(valid(
			STATEMENT_TAG,
			(statement.observation.witness, statement.window),
			blocks_left::<T>(&clock, windows_left),
		))
	}

	/// Authorizes the reveal of a challenge: one per beaconer and window at a time.
	pub(crate) fn authorize_own_reveal(reveal: &Reveal) -> TransactionValidityWithRefund {
		let clock = CurrentWindow::<T>::get();
		let now = clock.window_at(block_now::<T>());
		ensure_not_early(reveal.last_window(), now)?;
		Self::examine_reveal(now, reveal).map_err(invalid)?;
		Ok(valid(REVEAL_TAG, (reveal.beaconer, reveal.window), blocks_left::<T>(&clock, 0)))
	}
}

fn ensure_not_early(
	opens_in: WindowIndex,
	now: WindowIndex,
) -> Result<(), TransactionValidityError> {
	if opens_in > now {
		return Err(InvalidTransaction::Future.into());
	}
	Ok(())
}

fn valid(
	tag: &'static str,
	subject: (DeviceId, WindowIndex),
	longevity: u64,
) -> (ValidTransaction, Weight) {
	let validity = ValidTransaction::with_tag_prefix(tag)
		.and_provides(subject)
		.longevity(longevity)
		.propagate(true)
		.into();
	(validity, Weight::zero())
}

/// Blocks from the present one, itself included, to the last one of its window and of `windows` more. The
/// pool validates on the state of the last block with the number of the next: in a window's last block that
/// is the first of a window that the clock does not know yet.
fn blocks_left<T: Config>(clock: &WindowClock, windows: u32) -> u64 {
	let now = block_now::<T>();
	let to_come = windows.saturating_add((now >= clock.end()).into());
	let length = T::WindowBlocks::get().max(1);
	let end = clock.end().saturating_add(length.saturating_mul(to_come));
	u64::from(end.saturating_sub(now).max(1))
}

fn invalid(refusal: Refusal) -> TransactionValidityError {
	match refusal {
		Refusal::WindowClosed | Refusal::AlreadyKnown | Refusal::NothingToReveal => {
			InvalidTransaction::Stale
		}
		Refusal::BadSignature => InvalidTransaction::BadProof,
		other => InvalidTransaction::Custom(other.number()),
	}
	.into()
}
