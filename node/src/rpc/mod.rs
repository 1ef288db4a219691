//! JSON-RPC: the methods of the SDK, and those of Groma.

mod challenges;
mod collectors;
mod coverage;
mod credits;
mod failure;
mod own_validators;
mod prices;
mod reads;
mod registry;
mod reports;
mod rewards;
mod routes;
mod stake;
#[cfg(test)]
mod tests;
mod validators;

use std::sync::Arc;

use challenges::ChallengesApiServer;
use collectors::{Collectors, CollectorsApiServer};
use coverage::CoverageApiServer;
use credits::CreditsApiServer;
use jsonrpsee::RpcModule;
use own_validators::{OwnValidators, OwnValidatorsApiServer};
use prices::PricesApiServer;
use reads::Reads;
use registry::RegistryApiServer;
use reports::{Reports, ReportsApiServer};
use rewards::RewardsApiServer;
use routes::RoutesApiServer;
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_service::{ChainSpec, Error};
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_keystore::KeystorePtr;
use sp_runtime::traits::NumberFor;
use stake::StakeApiServer;
use substrate_frame_rpc_system::{System, SystemApiServer};
use validators::ValidatorsApiServer;

use crate::{
	guard::Guard,
	report_pool::FullReportPool,
	types::{Block, BlockHash, FullBackend, FullClient, FullPool, FullSelectChain},
};

/// What the methods answer from.
pub(crate) struct Parts {
	pub(crate) client: Arc<FullClient>,
	pub(crate) backend: Arc<FullBackend>,
	pub(crate) pool: Arc<FullPool>,
	pub(crate) reports: Arc<FullReportPool>,
	pub(crate) select_chain: FullSelectChain,
	pub(crate) keystore: KeystorePtr,
	pub(crate) guard: Option<Arc<Guard>>,
	pub(crate) chain_spec: Box<dyn ChainSpec>,
	pub(crate) babe_worker: BabeWorkerHandle<Block>,
	pub(crate) authority_set: SharedAuthoritySet<BlockHash, NumberFor<Block>>,
	pub(crate) voter_state: SharedVoterState,
	pub(crate) justifications: GrandpaJustificationStream<Block>,
}

/// Makes the methods, for each server that the node opens.
pub(crate) fn builder(
	parts: Parts,
) -> impl Fn(SubscriptionTaskExecutor) -> Result<RpcModule<()>, Error> {
	let finality_proofs = FinalityProofProvider::new_for_service(
		parts.backend.clone(),
		Some(parts.authority_set.clone()),
	);
	move |executor| methods(&parts, &finality_proofs, executor).map_err(Error::Application)
}

/// All methods in addition to those that every SDK node has.
fn methods(
	parts: &Parts,
	finality_proofs: &Arc<FinalityProofProvider<FullBackend, Block>>,
	executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
	use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};

	let client = &parts.client;
	let mut module = RpcModule::new(());
	module.merge(System::new(client.clone(), parts.pool.clone()).into_rpc())?;
	module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
	module.merge(
		Babe::new(
			client.clone(),
			parts.babe_worker.clone(),
			parts.keystore.clone(),
			parts.select_chain.clone(),
		)
		.into_rpc(),
	)?;
	module.merge(
		Grandpa::new(
			executor.clone(),
			parts.authority_set.clone(),
			parts.voter_state.clone(),
			parts.justifications.clone(),
			finality_proofs.clone(),
		)
		.into_rpc(),
	)?;
	module.merge(
		SyncState::new(
			parts.chain_spec.cloned_box(),
			client.clone(),
			parts.authority_set.clone(),
			parts.babe_worker.clone(),
		)?
		.into_rpc(),
	)?;
	let reads = Reads { client: client.clone() };
	module.merge(RegistryApiServer::into_rpc(reads.clone()))?;
	module.merge(ChallengesApiServer::into_rpc(reads.clone()))?;
	module.merge(CoverageApiServer::into_rpc(reads.clone()))?;
	module.merge(RewardsApiServer::into_rpc(reads.clone()))?;
	module.merge(PricesApiServer::into_rpc(reads.clone()))?;
	module.merge(CreditsApiServer::into_rpc(reads.clone()))?;
	module.merge(RoutesApiServer::into_rpc(reads.clone()))?;
	module.merge(StakeApiServer::into_rpc(reads.clone()))?;
	module.merge(ValidatorsApiServer::into_rpc(reads.clone()))?;
	let (keystore, guard) = (parts.keystore.clone(), parts.guard.clone());
	let own = OwnValidators { reads: reads.clone(), keystore: keystore.clone(), guard };
	module.merge(own.into_rpc())?;
	module.merge(Collectors { reads, keystore }.into_rpc())?;
	module.merge(Reports { pool: parts.reports.clone(), executor }.into_rpc())?;
	Ok(module)
}
