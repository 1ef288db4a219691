//! Transactions of the chains that benchmarks make.

use codec::Encode;
use frame_system::offchain::CreateAuthorizedTransaction;
use groma_core::money::Balance;
use groma_runtime::{
	AccountId, Hash, Nonce, Runtime, RuntimeCall, SignedPayload, UncheckedExtrinsic, VERSION,
	transactions::extension,
};
use sp_core::{Pair, sr25519};
use sp_runtime::{MultiSignature, generic::Era};

/// An account that signs one transaction after the other.
pub(crate) struct Signer {
	pair: sr25519::Pair,
	/// How many transactions it has signed.
	pub(crate) nonce: Nonce,
}

impl Signer {
	/// The account of a separate secret, which signed nothing yet.
	pub(crate) fn new(pair: sr25519::Pair) -> Self {
		Self { pair, nonce: 0 }
	}

	/// The account.
	pub(crate) fn account(&self) -> AccountId {
		self.pair.public().into()
	}

	/// The next transaction of the account on the chain with this genesis, valid without an end.
	pub(crate) fn sign(
		&mut self,
		genesis: Hash,
		tip: Balance,
		call: RuntimeCall,
	) -> UncheckedExtrinsic {
		let implicit = (
			(),
			(),
			VERSION.spec_version,
			VERSION.transaction_version,
			genesis,
			genesis,
			(),
			(),
			(),
			None,
			(),
			(),
		);
		let extension = extension(self.nonce, Era::Immortal, tip);
		let payload = SignedPayload::from_raw(call, extension, implicit);
		let signature = MultiSignature::Sr25519(payload.using_encoded(|it| self.pair.sign(it)));
		let (call, extension, _) = payload.deconstruct();
		self.nonce += 1;
		UncheckedExtrinsic::new_signed(call, self.account().into(), signature, extension)
	}
}

/// A transaction that needs no account: what it carries authorizes itself.
pub(crate) fn authorized(call: RuntimeCall) -> UncheckedExtrinsic {
	<Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_authorized_transaction(call)
}
