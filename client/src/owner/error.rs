//! Why a call of an owner fails.

use std::{error::Error, path::PathBuf};

use subxt::error::DispatchError;

use super::secret::NoSecret;
use crate::{amount::Amount, chain::ChainError, said::said, secret::SecretError};

/// What nodes say of an account that cannot pay a fee.
const UNFUNDED: &str = "Inability to pay";

/// What to do about errors of pallets that are not the project's.
const ADVICE: [(&str, &str); 3] = [
	("Token error: Funds", "Send the account more GRM: a deposit is held besides the fee."),
	(
		"Proxy.NotProxy",
		"That account has to name the proxy first (`Proxy.add_proxy`, type Devices, Payer or Staking; \
		 Any for what spends).",
	),
	(
		"System.CallFiltered",
		"A proxy of this type may not: sign with the owner's own key, or by a proxy of type Any.",
	),
];

/// Why a call of an owner fails.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
	/// The key's URI is of no known form. It is not repeated: it may be the secret.
	#[error(
		"an owner's key is `file:PATH` of a file with the recovery phrase or the secret seed, `mounted:PATH` \
		 if a container or systemd mounts that file, or on development chains a name such as \
		 `//Alice`"
	)]
	UnknownForm,
	/// The file cannot be read.
	#[error(transparent)]
	Secret(#[from] SecretError),
	/// The file holds something else.
	#[error("{path} holds no key of an owner: {fault}")]
	Malformed {
		/// Which file.
		path: PathBuf,
		/// What is wrong.
		fault: NoSecret,
	},
	/// Everyone has the key, and the chain is not for development.
	#[error(
		"`//Alice` and the like are accounts that anyone can sign for, and {0} serves no \
		 development chain: name your own file"
	)]
	PublicKey(String),
	/// The node cannot be reached.
	#[error("the node cannot be reached: {0}; check --endpoint or `chain.endpoints`")]
	Unreachable(String),
	/// The chain does not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The runtime does not know the call, or what it answers is not understood.
	#[error("the chain does not understand this build ({0}): update this program")]
	Incompatible(String),
	/// The account has too little for the fee.
	#[error("account {0} cannot pay the fee: send it some GRM, and try again")]
	Unfunded(String),
	/// No node took the transaction, or the account cannot do this. It has cost nothing.
	#[error("the chain refuses: {0}")]
	Refused(String),
	/// The transaction is in a block, and its call failed.
	#[error("the chain refuses: {reason} (its fee of {fee} is paid)")]
	Failed {
		/// Why.
		reason: String,
		/// What it has cost.
		fee: Amount,
	},
	/// Every transaction of the call was overtaken, and none will be included.
	#[error(
		"other transactions of the account took the place of this one {0} times, and it did nothing: see \
		 that the key is used in one place only, and try again"
	)]
	Overtaken(u32),
	/// The call is done, but what it did is not understood.
	#[error("it is done, but what came of it cannot be read ({0}): update this program")]
	Unread(String),
	/// It is not known whether the transaction was included.
	#[error(
		"it is not known what became of transaction {transaction} ({reason}): see whether the chain holds it \
		 before you try again"
	)]
	Unsettled {
		/// Its hash.
		transaction: String,
		/// What was heard last.
		reason: String,
	},
}

impl OwnerError {
	/// Whether nothing was submitted that may still be included, and the same call may succeed
	/// later.
	pub fn is_retryable(&self) -> bool {
		match self {
			Self::Unreachable(_) => true,
			Self::Chain(error) => error.is_retryable(),
			_ => false,
		}
	}

	/// The same of a call that is done, whose events cannot be read: that it failed is not true.
	pub fn after_success(self) -> Self {
		match self {
			Self::Incompatible(reason) => Self::Unread(reason),
			error => Self::Unread(error.to_string()),
		}
	}

	/// The same about the account that signed.
	pub(super) fn about(self, address: &str) -> Self {
		match self {
			Self::Refused(reason) if reason.contains(UNFUNDED) => {
				Self::Unfunded(address.to_owned())
			}
			error => error,
		}
	}
}

pub(super) fn unreachable(error: &dyn Error) -> OwnerError {
	OwnerError::Unreachable(said(&error.to_string()))
}

pub(super) fn incompatible(error: &dyn Error) -> OwnerError {
	OwnerError::Incompatible(said(&error.to_string()))
}

/// What a failure of a call says, with what its documentation on chain advises.
pub(super) fn failure_text(failure: &DispatchError) -> String {
	let text = documented(failure).unwrap_or_else(|| said(&failure.to_string()));
	let advice = ADVICE.iter().find(|(begin, _)| text.starts_with(begin));
	match advice {
		Some((_, advice)) => format!("{text} {advice}"),
		None => text,
	}
}

/// The name of a pallet's error and its documentation.
fn documented(failure: &DispatchError) -> Option<String> {
	let DispatchError::Module(module) = failure else { return None };
	let details = module.details().ok()?;
	let docs = &details.variant.docs;
	let words: Vec<_> = docs.iter().flat_map(|line| line.split_whitespace()).collect();
	let (pallet, name) = (details.pallet.name(), &details.variant.name);
	Some(said(&format!("{pallet}.{name}: {}", words.join(" "))))
}

#[cfg(test)]
mod tests {
	use subxt::error::TokenError;

	use super::*;

	#[test]
	fn account_that_cannot_pay_is_named() {
		let refused = |reason: &str| OwnerError::Refused(reason.to_owned()).about("5Grw");
		let unfunded = refused("Invalid Transaction: Inability to pay some fees").to_string();
		assert!(unfunded.starts_with("account 5Grw cannot pay the fee"), "{unfunded}");
		assert_eq!(refused("no").to_string(), "the chain refuses: no");
	}

	#[test]
	fn failure_comes_with_what_to_do() {
		let failure = DispatchError::Token(TokenError::FundsUnavailable);
		let text = failure_text(&failure);
		assert!(text.contains("Funds are unavailable. Send the account more GRM"), "{text}");
		let (reason, fee) = (failure_text(&DispatchError::BadOrigin), Amount(12_000_000_000));
		let text = OwnerError::Failed { reason, fee }.to_string();
		assert_eq!(text, "the chain refuses: Bad origin. (its fee of 0.012 GRM is paid)");
	}

	#[test]
	fn what_is_done_is_not_said_to_have_failed() {
		let error = OwnerError::Incompatible("no event".into()).after_success();
		let text = error.to_string();
		assert_eq!(
			text,
			"it is done, but what came of it cannot be read (no event): update this program"
		);
		assert!(!error.is_retryable());
	}

	#[test]
	fn only_what_was_not_submitted_is_retryable() {
		assert!(OwnerError::Unreachable("busy".into()).is_retryable());
		let unsettled = OwnerError::Unsettled { transaction: "0x1".into(), reason: "gone".into() };
		let failed = OwnerError::Failed { reason: "no".into(), fee: Amount(1) };
		for error in [unsettled, failed, OwnerError::Refused("no".into()), OwnerError::UnknownForm]
		{
			assert!(!error.is_retryable(), "{error}");
		}
	}
}
