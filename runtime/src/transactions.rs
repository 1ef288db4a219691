//! The extensions of a transaction, and how off-chain workers make one.

use codec::Encode;
use frame_system::offchain::{
	AppCrypto, CreateAuthorizedTransaction, CreateBare, CreateSignedTransaction, CreateTransaction,
	CreateTransactionBase, SigningTypes,
};
use groma_core::{api::TransactionTrack, protocol::BUNDLE_LONGEVITY_MAX};
use groma_traits::EvidenceCalls;
use sp_runtime::{
	generic::{self, Era, Preamble},
	traits::{SaturatedConversion, StaticLookup, Verify},
};

use crate::{
	AccountId, Address, Balance, Nonce, Runtime, RuntimeCall, Signature, System,
	configs::proofs::Kinds, fees::ChargeTransactionPayment, senders::CheckSender,
};

/// What every transaction is checked and charged by, in this order. It is part of what wallets
/// sign: nothing here is ever reordered.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	CheckSender,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckMortality<Runtime>,
	pallet_challenges::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	ChargeTransactionPayment,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	pallet_challenges::EvidenceLane<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// A transaction or an inherent.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What the signer of a transaction signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// The extensions of a transaction without metadata hash.
pub fn extension(nonce: Nonce, era: Era, tip: Balance) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		CheckSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckMortality::from(era),
		pallet_challenges::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		ChargeTransactionPayment::from(tip),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		pallet_challenges::EvidenceLane::new(),
		frame_system::WeightReclaim::new(),
	)
}

/// To which track a transaction belongs. Only its own call counts: what a batch holds does not.
pub fn track(transaction: &UncheckedExtrinsic) -> TransactionTrack {
	if !Kinds::is_evidence(&transaction.function) {
		return TransactionTrack::Ordinary;
	}
	match transaction.preamble {
		Preamble::Signed(..) => TransactionTrack::Bundle,
		Preamble::Bare(_) | Preamble::General(..) => TransactionTrack::OwnCall,
	}
}

/// Mortal from the parent of the present block on: its hash is the latest that the state knows.
fn worker_era() -> Era {
	let parent = System::block_number().saturated_into::<u64>().saturating_sub(1);
	Era::mortal(BUNDLE_LONGEVITY_MAX, parent)
}

impl SigningTypes for Runtime {
	type Public = <Signature as Verify>::Signer;
	type Signature = Signature;
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<LocalCall> CreateTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_transaction(call, extension)
	}
}

impl<LocalCall> CreateSignedTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_signed_transaction<C: AppCrypto<Self::Public, Self::Signature>>(
		call: RuntimeCall,
		public: Self::Public,
		account: AccountId,
		nonce: Nonce,
	) -> Option<UncheckedExtrinsic> {
		let payload = SignedPayload::new(call, extension(nonce, worker_era(), 0)).ok()?;
		let signature = payload.using_encoded(|bytes| C::sign(bytes, public))?;
		let (call, extension, _) = payload.deconstruct();
		let address = <Runtime as frame_system::Config>::Lookup::unlookup(account);
		Some(UncheckedExtrinsic::new_signed(call, address, signature, extension))
	}
}

impl<LocalCall> CreateBare<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	/// The call itself says for how long it is valid, and no one pays: neither nonce nor era nor
	/// tip has a meaning.
	fn create_extension() -> TxExtension {
		extension(0, Era::Immortal, 0)
	}
}
