//! What a device may submit without an account: one statement or one reveal, checked before it
//! enters the transaction pool and again in the block, the signature last.

use frame_support::pallet_prelude::{
	InvalidTransaction, TransactionValidityError, TransactionValidityWithRefund,
};
use groma_core::{
	api::Refusal,
	statement::{Report, Reveal, Statement},
};
use groma_traits::Windows;

use crate::{Config, Pallet};

const STATEMENT_TAG: &str = "groma/own-statement";
const REVEAL_TAG: &str = "groma/own-reveal";

impl<T: Config> Pallet<T> {
	/// Authorizes a device's own statement: one per witness and window at a time.
	pub(crate) fn authorize_own_statement(statement: &Statement) -> TransactionValidityWithRefund {
		T::Windows::ensure_begun(statement.window)?;
		Self::examine_statement(T::Windows::of_call(), statement).map_err(invalid)?;
		let subject = (statement.observation.witness, statement.window);
		T::Windows::own_call(STATEMENT_TAG, subject, statement.last_window())
	}

	/// Authorizes the reveal of a challenge: one per beaconer and window at a time.
	pub(crate) fn authorize_own_reveal(reveal: &Reveal) -> TransactionValidityWithRefund {
		T::Windows::ensure_begun(reveal.last_window())?;
		Self::examine_reveal(T::Windows::of_call(), reveal).map_err(invalid)?;
		let subject = (reveal.beaconer, reveal.window);
		T::Windows::own_call(REVEAL_TAG, subject, reveal.last_window())
	}
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
