//! One signed transaction on its way to a finalized block.
//!
//! A node that gives a transaction up does not know that it is lost: after a re-organization
//! another block may hold it, and other nodes may still include it. So only the finalized chain
//! says whether its call may be signed again: when blocks without the transaction have used its
//! nonce, its time is over, or the runtime is another one than it was signed for.

use std::time::Duration;

use groma_core::{money::Balance, words::SIGNATURE_LENGTH};
use subxt::{
	ArcMetadata, OnlineClient, SubstrateConfig,
	client::{ClientAtBlock, OnlineClientAtBlockImpl},
	config::DefaultExtrinsicParamsBuilder,
	error::{BackendError, DispatchError, ExtrinsicError, RpcError},
	extrinsics::ExtrinsicEvents,
	rpcs,
	transactions::{SubmittableTransaction, TransactionInBlock, TransactionStatus},
	utils::{AccountId32, MultiSignature},
};
use subxt_signer::sr25519::Keypair;
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::{
	call::PreparedCall,
	error::{OwnerError, failure_text, incompatible, unreachable},
	receipt::Receipt,
};
use crate::{chain::reason_of, said::said};

/// For how many blocks a transaction can be included, a power of two as the chain wants it: enough
/// for some full blocks, and not too many to wait until a lost one is certain to be lost.
const LIFETIME_BLOCKS: u64 = 32;
/// How often a question about a transaction fails before it is given up.
const TRIES: u32 = 10;
/// The time between two questions.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a lost transaction is looked for. It lives for a third of that, unless finality lags.
const SEARCH_PATIENCE: Duration = Duration::from_secs(600);
/// What nodes say of a transaction that they do not take since they know one with its nonce, which
/// may be itself.
const OVERTAKEN: [&str; 3] = ["outdated", "priority", "already imported"];

type AtBlock = OnlineClientAtBlockImpl<SubstrateConfig>;
/// What a call did, or why it failed.
type Outcome = Result<ExtrinsicEvents<SubstrateConfig>, OwnerError>;

/// A signed transaction.
pub(super) struct Submission {
	client: OnlineClient<SubstrateConfig>,
	account: AccountId32,
	transaction: SubmittableTransaction<SubstrateConfig, AtBlock>,
	validity: Validity,
}

/// For which runtime a transaction is signed. Until an upgrade is finalized the two differ, and
/// nodes take transactions for that of the best block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
	/// That of the last finalized block.
	Finalized,
	/// That of the best block.
	Best,
}

/// What became of a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending<T> {
	/// It is included, and did this.
	Included(T),
	/// It is certain that no block includes it: its nonce was used, or its time is over.
	Overtaken,
	/// It is certain that no block includes it: the runtime is another one.
	Outdated,
}

/// The versions that a signature names. A runtime with others takes no such transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Versions {
	spec: u32,
	transaction: u32,
}

impl Versions {
	fn at(block: &ClientAtBlock<SubstrateConfig, AtBlock>) -> Self {
		Self { spec: block.spec_version(), transaction: block.transaction_version() }
	}
}

/// What bounds the blocks that can include a transaction.
#[derive(Clone, Copy, Debug)]
struct Validity {
	nonce: u64,
	/// The finalized block after which it was signed, where the account had used no such nonce.
	signed_after: u64,
	/// The runtime that it was signed for.
	versions: Versions,
	/// Whether that is also the runtime of the finalized block after which it was signed.
	is_finalized: bool,
}

impl Validity {
	/// Why a transaction that no block up to `block` holds, after which the account's next nonce is
	/// `nonce` and the runtime is that of `versions`, can be in no later one; `None` if it can.
	fn end<T>(self, block: u64, nonce: u64, versions: Versions) -> Option<Ending<T>> {
		if nonce > self.nonce || block >= self.signed_after.saturating_add(LIFETIME_BLOCKS) {
			return Some(Ending::Overtaken);
		}
		// One that is signed for the best block's runtime waits until that is finalized.
		(self.is_finalized && versions != self.versions).then_some(Ending::Outdated)
	}
}

/// Why a node says nothing more of a transaction.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
	/// It did not take the transaction, which no other node has.
	Refused(String),
	/// It gave the transaction up, or does not answer. A block may hold it nevertheless.
	Lost(String),
}

impl Failure {
	/// What it means that a node rejects a transaction for `reason`, which it had taken before or
	/// not.
	fn of(reason: String, was_taken: bool) -> Self {
		let said = reason.to_lowercase();
		match was_taken || OVERTAKEN.iter().any(|text| said.contains(text)) {
			true => Self::Lost(reason),
			false => Self::Refused(reason),
		}
	}

	/// What it means that a node does not begin to report on a transaction.
	fn of_submitting(error: ExtrinsicError) -> Self {
		match error {
			ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(
				RpcError::ClientError(rpcs::Error::User(error)),
			)) => Self::of(reason_of(error), false),
			// The connection may have broken after the node got the transaction.
			error => Self::Lost(said(&error.to_string())),
		}
	}
}

/// What the finalized chain says of a transaction.
enum Fate {
	/// It is settled.
	Settled(Result<Ending<ExtrinsicEvents<SubstrateConfig>>, OwnerError>),
	/// It may be included later.
	Open,
}

impl Submission {
	/// Signs a call for the runtime of a head, with the nonce that the account has on the finalized
	/// chain: no re-organization changes that.
	pub(super) async fn sign(
		client: &OnlineClient<SubstrateConfig>,
		key: &Keypair,
		call: &PreparedCall,
		head: Head,
	) -> Result<Self, OwnerError> {
		let at = client.at_current_block().await.map_err(|error| unreachable(&error))?;
		let account = key.public_key().to_account_id();
		let nonce = at.tx().account_nonce(&account).await.map_err(|error| unreachable(&error))?;
		let best = match head {
			Head::Finalized => None,
			Head::Best => Some(best(client).await?),
		};
		let reader = best.as_ref().unwrap_or(&at);
		let transactions = reader.tx();
		let payload =
			transactions.from_call_data_bytes(&call.0).map_err(|error| incompatible(&error))?;
		let parameters = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
			.nonce(nonce)
			.mortal_from_unchecked(LIFETIME_BLOCKS, at.block_number(), at.block_hash())
			.build();
		let mut signable = transactions
			.create_signable_offline(&payload, parameters)
			.map_err(|error| incompatible(&error))?;
		let transaction = signable.sign(key).map_err(|error| incompatible(&error))?;
		let (versions, finalized) = (Versions::at(reader), Versions::at(&at));
		let signed_after = at.block_number();
		let is_finalized = versions == finalized;
		let validity = Validity { nonce, signed_after, versions, is_finalized };
		Ok(Self { client: client.clone(), account, transaction, validity })
	}

	/// Hands the transaction to the node and returns what it did once it is finalized, or why it is
	/// certain that no block includes it.
	pub(super) async fn carry_out(
		self,
	) -> Result<Ending<ExtrinsicEvents<SubstrateConfig>>, OwnerError> {
		match self.watch().await {
			Ok(included) => self.outcome(&included).await.map(Ending::Included),
			// The node checks a signature with the versions of its own runtime: to one that was
			// made for another it looks forged.
			Err(Failure::Refused(reason)) => match best(&self.client).await {
				Ok(best) if Versions::at(&best) != self.validity.versions => Ok(Ending::Outdated),
				_ => Err(OwnerError::Refused(reason)),
			},
			Err(Failure::Lost(reason)) => {
				warn!(
					target: "client::owner", transaction = ?self.transaction.hash(), reason,
					"the node gave a transaction up: looking whether finalized blocks hold it"
				);
				self.find().await
			}
		}
	}

	/// Hands the transaction to the node and waits until its block is finalized.
	async fn watch(&self) -> Result<TransactionInBlock<SubstrateConfig, AtBlock>, Failure> {
		let mut progress =
			self.transaction.submit_and_watch().await.map_err(Failure::of_submitting)?;
		let mut was_taken = false;
		while let Some(status) = progress.next().await {
			match status.map_err(|error| Failure::Lost(said(&error.to_string())))? {
				TransactionStatus::InFinalizedBlock(included) => return Ok(included),
				TransactionStatus::Error { message }
				| TransactionStatus::Invalid { message }
				| TransactionStatus::Dropped { message } => {
					return Err(Failure::of(said(&message), was_taken));
				}
				_ => was_taken = true,
			}
		}
		Err(Failure::Lost("the node reported nothing more".to_owned()))
	}

	/// Waits until finalized blocks hold the transaction, or it is certain that none will.
	async fn find(&self) -> Result<Ending<ExtrinsicEvents<SubstrateConfig>>, OwnerError> {
		let began = Instant::now();
		let (mut seen, mut failures) = (self.validity.signed_after, 0);
		loop {
			let reason = match self.look(&mut seen).await {
				Ok(Fate::Settled(ending)) => return ending,
				Ok(Fate::Open) => {
					failures = 0;
					format!("no block up to {seen} holds it, but a later one can")
				}
				Err(error) => {
					failures += 1;
					said(&error.to_string())
				}
			};
			if failures == TRIES || began.elapsed() > SEARCH_PATIENCE {
				return Err(self.unsettled(reason));
			}
			sleep(PAUSE).await;
		}
	}

	/// Looks for the transaction in the blocks that were finalized after block `seen`, which it
	/// brings up to date.
	async fn look(&self, seen: &mut u64) -> Result<Fate, subxt::Error> {
		let at = self.client.at_current_block().await?;
		while *seen < at.block_number() {
			let block = seen.saturating_add(1);
			if let Some(outcome) = self.outcome_in(block).await? {
				return Ok(Fate::Settled(outcome.map(Ending::Included)));
			}
			*seen = block;
		}
		let nonce = at.tx().account_nonce(&self.account).await?;
		let end = self.validity.end(*seen, nonce, Versions::at(&at));
		Ok(end.map_or(Fate::Open, |ending| Fate::Settled(Ok(ending))))
	}

	/// What the transaction did in a finalized block; `None` if that does not hold it.
	async fn outcome_in(&self, block: u64) -> Result<Option<Outcome>, subxt::Error> {
		let at = self.client.at_block(block).await?;
		let reader = at.extrinsics();
		// What cannot be read in the block is not this transaction, as long as this one can be
		// read.
		let own = reader.from_bytes(vec![self.transaction.encoded().to_vec()]).await;
		if let Some(Err(error)) = own.iter().next() {
			return Err(error.into());
		}
		let hash = self.transaction.hash();
		let extrinsics = reader.fetch().await?;
		let found = extrinsics.iter().flatten().find(|extrinsic| extrinsic.hash() == hash);
		let Some(found) = found else { return Ok(None) };
		Ok(Some(judge(found.events().await?, &at.metadata())))
	}

	/// What the transaction did in its finalized block. A busy node may report a block a moment
	/// before it serves it, so the question is asked again for a while.
	async fn outcome(&self, included: &TransactionInBlock<SubstrateConfig, AtBlock>) -> Outcome {
		let mut tries_left = TRIES;
		loop {
			tries_left -= 1;
			let error = match included.fetch_events().await {
				Ok(events) => match included.at().await {
					Ok(at) => match judge(events, &at.metadata()) {
						// It is included, whatever of it is not understood.
						Err(OwnerError::Incompatible(reason)) => reason,
						judged => return judged,
					},
					Err(error) => said(&error.to_string()),
				},
				Err(error) => said(&error.to_string()),
			};
			if tries_left == 0 {
				return Err(self.unsettled(error));
			}
			sleep(PAUSE).await;
		}
	}

	fn unsettled(&self, reason: String) -> OwnerError {
		OwnerError::Unsettled { transaction: format!("{:?}", self.transaction.hash()), reason }
	}
}

/// The best block of the node.
async fn best(
	client: &OnlineClient<SubstrateConfig>,
) -> Result<ClientAtBlock<SubstrateConfig, AtBlock>, OwnerError> {
	let mut blocks = client.stream_best_blocks().await.map_err(|error| unreachable(&error))?;
	let block = match blocks.next().await {
		Some(block) => block.map_err(|error| unreachable(&error))?,
		None => return Err(OwnerError::Unreachable("the node names no best block".to_owned())),
	};
	block.at().await.map_err(|error| unreachable(&error))
}

/// What the transaction of a call would cost, in plancks, if it weighed all that it may. The node
/// is asked about a transaction without a valid signature, which it cannot submit.
pub(super) async fn fee(
	client: &OnlineClient<SubstrateConfig>,
	account: AccountId32,
	call: &PreparedCall,
) -> Result<Balance, OwnerError> {
	let at = client.at_current_block().await.map_err(|error| unreachable(&error))?;
	let transaction = unsigned(&at, account, call).map_err(|error| incompatible(&error))?;
	transaction.partial_fee_estimate().await.map_err(|error| unreachable(&error))
}

/// The transaction of a call with zeros in the place of its signature.
fn unsigned(
	at: &ClientAtBlock<SubstrateConfig, AtBlock>,
	account: AccountId32,
	call: &PreparedCall,
) -> Result<SubmittableTransaction<SubstrateConfig, AtBlock>, ExtrinsicError> {
	let transactions = at.tx();
	let payload = transactions.from_call_data_bytes(&call.0)?;
	let parameters = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
		.mortal_from_unchecked(LIFETIME_BLOCKS, at.block_number(), at.block_hash())
		.build();
	let no_signature = MultiSignature::Sr25519([0; SIGNATURE_LENGTH]);
	transactions
		.create_signable_offline(&payload, parameters)?
		.sign_with_account_and_signature(&account, &no_signature)
}

/// The events of a call, unless one says that it failed.
fn judge(events: ExtrinsicEvents<SubstrateConfig>, metadata: &ArcMetadata) -> Outcome {
	for event in events.iter() {
		let event = event.map_err(|error| incompatible(&error))?;
		if (event.pallet_name(), event.event_name()) == ("System", "ExtrinsicFailed") {
			let failure = DispatchError::decode_from(event.field_bytes(), metadata.clone())
				.map_err(|error| incompatible(&error))?;
			let fee = Receipt::of(&events)?.fee;
			return Err(OwnerError::Failed { reason: failure_text(&failure), fee });
		}
	}
	Ok(events)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn transaction_is_lost_when_its_nonce_is_taken() {
		for reason in [
			"Invalid transaction: Transaction is outdated",
			"Invalid Transaction: \"Transaction is outdated\"",
			"The priority of the transaction is too low (pool 9 > current 9)",
			"Priority is too low: (9 vs 9)",
			"Transaction Already Imported: \"0x1\"",
		] {
			assert_eq!(Failure::of(reason.to_owned(), false), Failure::Lost(reason.to_owned()));
		}
	}

	#[test]
	fn transaction_is_refused_when_the_node_does_not_take_it_for_another_reason() {
		for reason in [
			"Invalid transaction: Inability to pay some fees (e.g. account balance too low)",
			"Invalid transaction: Transaction has a bad signature",
			"The transaction could not enter the pool because of the limit",
		] {
			assert_eq!(Failure::of(reason.to_owned(), false), Failure::Refused(reason.to_owned()));
			// The same of one that it took says nothing about blocks that hold it.
			assert_eq!(Failure::of(reason.to_owned(), true), Failure::Lost(reason.to_owned()));
		}
	}

	#[test]
	fn transaction_is_lost_when_the_node_is_gone() {
		let error = ExtrinsicError::ErrorSubmittingTransaction(BackendError::other("closed"));
		assert!(matches!(Failure::of_submitting(error), Failure::Lost(_)));
	}

	const PRESENT: Versions = Versions { spec: 3, transaction: 1 };
	const NEXT: Versions = Versions { spec: 4, transaction: 1 };

	/// How a transaction that was signed after block 100 ends.
	fn end(
		is_finalized: bool,
		(block, nonce, versions): (u64, u64, Versions),
	) -> Option<Ending<()>> {
		let validity = Validity { nonce: 7, signed_after: 100, versions: PRESENT, is_finalized };
		validity.end(block, nonce, versions)
	}

	#[test]
	fn transaction_lasts_until_its_nonce_is_used_or_its_time_is_over() {
		assert_eq!(end(true, (100, 7, PRESENT)), None);
		assert_eq!(end(true, (131, 7, PRESENT)), None);
		assert_eq!(end(true, (132, 7, PRESENT)), Some(Ending::Overtaken));
		assert_eq!(end(true, (101, 8, PRESENT)), Some(Ending::Overtaken));
		// A node that lags behind knows less than was known before.
		assert_eq!(end(true, (90, 6, PRESENT)), None);
	}

	#[test]
	fn transaction_is_outdated_when_another_runtime_is_finalized() {
		assert_eq!(end(true, (101, 7, NEXT)), Some(Ending::Outdated));
		let transaction = Versions { transaction: 2, ..PRESENT };
		assert_eq!(end(true, (101, 7, transaction)), Some(Ending::Outdated));
		// Its nonce was used by something else: then it no longer matters.
		assert_eq!(end(true, (101, 8, NEXT)), Some(Ending::Overtaken));
		// It was signed for an upgrade that is not finalized yet.
		assert_eq!(end(false, (101, 7, NEXT)), None);
		assert_eq!(end(false, (132, 7, NEXT)), Some(Ending::Overtaken));
	}
}
