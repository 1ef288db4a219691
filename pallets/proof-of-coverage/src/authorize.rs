//! What a device may submit without an account: one statement or one reveal, checked before it
//! enters the transaction pool and again in the block, the signature last.
//!
//! Such calls pay nothing, so they rank among themselves alone, below every bundle that brings
//! something new: by what the chain would rank them by in a full challenge. A tip moves none of
//! them.

use frame_support::{
	pallet_prelude::{
		InvalidTransaction, TransactionPriority, TransactionValidityError,
		TransactionValidityWithRefund, ValidTransaction,
	},
	traits::Contains,
};
use groma_core::{
	api::{Refusal, StatementRank},
	statement::{Report, Reveal, Statement},
};
use groma_traits::Windows;

use crate::{Call, Config, Pallet};

const STATEMENT_TAG: &str = "groma/own-statement";
const REVEAL_TAG: &str = "groma/own-reveal";
/// The priority of an own reveal: above every statement. There is one per challenge, and it settles
/// what blocks were already used for.
const REVEAL_PRIORITY: TransactionPriority = 1 << 33;

impl<T: Config> Pallet<T> {
	/// Authorizes a device's own statement: one per witness and window at a time.
	pub(crate) fn authorize_own_statement(statement: &Statement) -> TransactionValidityWithRefund {
		ensure_unfiltered::<T>(Call::submit_own_statement { statement: *statement })?;
		T::Windows::ensure_begun(statement.window)?;
		let rank =
			Self::examine_own_statement(T::Windows::of_call(), statement).map_err(invalid)?;
		let subject = (statement.observation.witness, statement.window);
		let waiting = T::Windows::own_call(STATEMENT_TAG, subject, statement.last_window());
		with_priority(waiting, priority_of(rank))
	}

	/// Authorizes the reveal of a challenge: one per beaconer and window at a time.
	pub(crate) fn authorize_own_reveal(reveal: &Reveal) -> TransactionValidityWithRefund {
		ensure_unfiltered::<T>(Call::submit_own_reveal { reveal: *reveal })?;
		T::Windows::ensure_begun(reveal.last_window())?;
		Self::examine_reveal(T::Windows::of_call(), reveal).map_err(invalid)?;
		let subject = (reveal.beaconer, reveal.window);
		let waiting = T::Windows::own_call(REVEAL_TAG, subject, reveal.last_window());
		with_priority(waiting, REVEAL_PRIORITY)
	}
}

/// The better the rank, the higher, and below [`REVEAL_PRIORITY`].
fn priority_of(rank: StatementRank) -> TransactionPriority {
	let heard = u64::from(!rank.is_unheard) << 32;
	heard | (!rank.draw >> 32)
}

fn with_priority(
	validity: TransactionValidityWithRefund,
	priority: TransactionPriority,
) -> TransactionValidityWithRefund {
	validity.map(|(validity, refund)| (ValidTransaction { priority, ..validity }, refund))
}

/// Refuses what the call filter refuses: in a block it would fail and change nothing, and so stay
/// valid and come again for nothing.
fn ensure_unfiltered<T: Config>(call: Call<T>) -> Result<(), TransactionValidityError> {
	let call: <T as frame_system::Config>::RuntimeCall = call.into();
	if !<T as frame_system::Config>::BaseCallFilter::contains(&call) {
		return Err(InvalidTransaction::Call.into());
	}
	Ok(())
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
