//! What the chain says of a report, in the middle of a block. Whatever it does is taken back.

use anyhow::anyhow;
use codec::Encode;
use groma_core::money::Balance;
use groma_runtime::{Balances, Hash, RuntimeCall, UncheckedExtrinsic};
use sp_core::{Pair, sr25519};
use sp_io::storage;
use sp_runtime::{
	ApplyExtrinsicResult,
	transaction_validity::{TransactionSource, TransactionValidity},
};

use crate::{native::ask, transactions::Signer};

/// What became of a report that an account signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
	/// The chain took it for true.
	Accepted,
	/// It was in a block, and the chain refused it there.
	Refused {
		/// Plancks that its sender paid.
		fee: Balance,
	},
	/// No block takes it.
	LeftOut,
}

/// Who reports.
pub(super) struct Judge {
	reporter: Signer,
}

impl Judge {
	/// An account with funds that signed nothing yet.
	pub(super) fn new() -> anyhow::Result<Self> {
		let pair = sr25519::Pair::from_string("//Ferdie", None)
			.map_err(|error| anyhow!("a well-known key: {error:?}"))?;
		Ok(Self { reporter: Signer::new(pair) })
	}

	/// What becomes of a report that the account signs.
	pub(super) fn signed(&mut self, call: RuntimeCall) -> anyhow::Result<Signed> {
		// What it sent before was taken back.
		self.reporter.nonce = 0;
		let account = self.reporter.account();
		let transaction = self.reporter.sign(Hash::zero(), 0, call);
		undone(|| {
			let before = Balances::free_balance(&account);
			let applied = apply(&transaction)?;
			let fee = before.saturating_sub(Balances::free_balance(&account));
			Ok(match applied {
				Ok(Ok(())) => Signed::Accepted,
				Ok(Err(_)) => Signed::Refused { fee },
				Err(_) => Signed::LeftOut,
			})
		})
	}
}

/// Whether the pool of a node takes a report that a stranger sends without a signature.
pub(super) fn is_pooled(call: &RuntimeCall) -> anyhow::Result<bool> {
	let transaction = UncheckedExtrinsic::new_bare(call.clone());
	let question = (TransactionSource::External, transaction, Hash::zero()).encode();
	let validity: TransactionValidity =
		undone(|| ask("TaggedTransactionQueue_validate_transaction", &question))?;
	Ok(validity.is_ok())
}

/// Whether the chain takes a report for true that the author of a block puts into it without a
/// signature.
pub(super) fn is_accepted_unsigned(call: &RuntimeCall) -> anyhow::Result<bool> {
	let transaction = UncheckedExtrinsic::new_bare(call.clone());
	let applied = undone(|| apply(&transaction))?;
	Ok(matches!(applied, Ok(Ok(()))))
}

fn apply(transaction: &UncheckedExtrinsic) -> anyhow::Result<ApplyExtrinsicResult> {
	ask("BlockBuilder_apply_extrinsic", &transaction.encode())
}

fn undone<R>(act: impl FnOnce() -> R) -> R {
	storage::start_transaction();
	let result = act();
	storage::rollback_transaction();
	result
}
