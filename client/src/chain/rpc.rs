//! The chain over JSON-RPC: reads by `state_call`, which every node and light client serves.

use std::{
	future::poll_fn,
	pin::pin,
	sync::{
		Arc,
		atomic::{AtomicBool, AtomicUsize, Ordering},
	},
	task::Poll,
	time::Duration,
};

use async_trait::async_trait;
use codec::{Decode, Encode};
use groma_core::{
	CollectorIndex, DeviceId, EpochIndex, NetworkId, RegionId, WindowIndex,
	api::{
		ActivityInfo, CellInfo, ChallengeInfo, Code, DeviceInfo, EpochInfo, NetworkEpochInfo,
		PayoutTerms, PriceInfo, ProvisionInfo, Refusal, RewardsInfo, WindowInfo, methods,
	},
	place::Cell,
	region::RegionPlan,
	words::{Hash, SessionKey, Signature},
};
use serde::{Serialize, de::DeserializeOwned};
#[cfg(feature = "fakes")]
use subxt::rpcs::client::RpcClient;
use subxt::{
	metadata::Metadata,
	rpcs::client::{RpcParams, RpcSubscription, rpc_params},
};
use tokio::{
	sync::Mutex,
	task::JoinSet,
	time::{Instant, timeout_at},
};
use tracing::{debug, info, warn};

use super::{
	AccountId, Agreed, At, BlockRef, Chain, ChainError, Heads, Source,
	agreement::{NodeId, Tally, Word, count, most},
	endpoint::{Endpoint, Suspicion},
	envelope::{Envelope, RuntimeVersion},
	unread::Unread,
	wire::{Header, Health, HexBytes, HexHash, SignedBlock, Version, decode, to_hex},
};
use crate::{metrics::Metrics, report::EncodedReport};

/// A node that reports no new head for so long is left for another.
const SILENCE_MAX: Duration = Duration::from_secs(90);
/// How long endpoints have to answer what is asked of all of them.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the others have to contradict once enough endpoints agree.
const OBJECTION: Duration = Duration::from_secs(1);
/// What the log names when the metadata does not say how a device's own transactions look.
const OWN_TRANSACTIONS: &str = "own transactions";
/// The most heads that are taken from a subscription at once.
const REPORTED_MAX: usize = 256;
/// What an endpoint is named for that has another finalized block than the others.
const FINALIZED_BLOCK: &str = "the hash of a finalized block";

/// Several nodes of one chain. Questions go to the one that answers; when it fails, to the next.
pub struct RpcChain {
	endpoints: Vec<Arc<Endpoint>>,
	agreeing: usize,
	/// The endpoint that answered last.
	current: AtomicUsize,
	/// Whether the log says that two endpoints are one node.
	is_twin_named: AtomicBool,
	genesis: Mutex<Option<Hash>>,
	heads: Mutex<Option<HeadStream>>,
	envelope: Mutex<Option<Arc<Envelope>>>,
	unread: Unread,
	metrics: Arc<Metrics>,
}

/// The runtime of the chain, and whether this build can read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Runtime {
	/// The version of its specification.
	pub spec_version: u32,
	/// What of it is not understood; `None` if nothing is.
	pub fault: Option<String>,
}

struct HeadStream {
	endpoint: usize,
	best: RpcSubscription<Header>,
	finalized: RpcSubscription<Header>,
	heads: Heads,
	/// The last finalized block that was reported, as long as its hash was not asked for.
	unasked: Option<u32>,
}

/// What was asked of all endpoints.
struct Answers<T> {
	/// The answers, each with the number of its endpoint.
	said: Vec<(usize, T)>,
	/// Why the others do not answer.
	failed: Vec<ChainError>,
}

impl<T> Answers<T> {
	/// Why no endpoint answers, if none does.
	fn failure(&self) -> Option<&ChainError> {
		self.failed.first().filter(|_| self.said.is_empty())
	}
}

impl RpcChain {
	/// The nodes behind `urls`, of which `agreeing` (at least 1, at most all) have to say the same
	/// of a window before it is believed. There has to be at least one.
	pub fn new(urls: Vec<String>, agreeing: usize, metrics: Arc<Metrics>) -> Self {
		Self::of(urls.into_iter().map(Endpoint::new).collect(), agreeing, metrics)
	}

	/// Nodes of a test's making, each with its URL.
	#[cfg(feature = "fakes")]
	pub fn scripted(
		nodes: Vec<(String, RpcClient)>,
		agreeing: usize,
		metrics: Arc<Metrics>,
	) -> Self {
		let endpoints = nodes.into_iter().map(|(url, node)| Endpoint::scripted(url, node));
		Self::of(endpoints.collect(), agreeing, metrics)
	}

	fn of(endpoints: Vec<Endpoint>, agreeing: usize, metrics: Arc<Metrics>) -> Self {
		let required = agreeing.clamp(1, endpoints.len().max(1));
		if required < agreeing {
			warn!(
				target: "client::chain", agreeing_endpoints = agreeing, endpoints = endpoints.len(),
				"fewer endpoints than have to agree: {required} is enough; add some to `chain.endpoints`"
			);
		}
		Self {
			agreeing: required,
			endpoints: endpoints.into_iter().map(Arc::new).collect(),
			current: AtomicUsize::new(0),
			is_twin_named: AtomicBool::new(false),
			genesis: Mutex::default(),
			heads: Mutex::default(),
			envelope: Mutex::default(),
			unread: Unread::new(metrics.clone()),
			metrics,
		}
	}

	/// What a device has earned and has not been paid.
	pub async fn rewards(
		&self,
		device: DeviceId,
		at: At,
	) -> Result<RewardsInfo<AccountId>, ChainError> {
		self.call(methods::REWARDS, device, at).await
	}

	/// A network's work in a closed epoch; `None` if it had none.
	pub async fn network_epoch(
		&self,
		network: NetworkId,
		epoch: EpochIndex,
		at: At,
	) -> Result<Option<NetworkEpochInfo>, ChainError> {
		self.call(methods::NETWORK_EPOCH, (network, epoch), at).await
	}

	/// By what the payouts of a network are computed; `None` if it cannot be read.
	pub async fn payout_terms(
		&self,
		network: NetworkId,
		at: At,
	) -> Result<Option<PayoutTerms>, ChainError> {
		self.call(methods::PAYOUT_TERMS, network, at).await
	}

	/// What an owner set aside behind its devices of a network; `None` if there is no such network,
	/// or if the chain cannot read it.
	pub async fn provision(
		&self,
		owner: AccountId,
		network: NetworkId,
		at: At,
	) -> Result<Option<ProvisionInfo<AccountId>>, ChainError> {
		self.call(methods::PROVISION, (owner, network), at).await
	}

	/// The clock of rewards; `None` before the first block with a time.
	pub async fn epoch(&self, at: At) -> Result<Option<EpochInfo>, ChainError> {
		self.call(methods::EPOCH, (), at).await
	}

	/// What the chain knows of the price of GRM; `None` if it cannot read it.
	pub async fn price(&self, at: At) -> Result<Option<PriceInfo>, ChainError> {
		self.call(methods::PRICE, (), at).await
	}

	/// The number that the next registration of an account has to sign.
	pub async fn onboarding_nonce(&self, account: AccountId, at: At) -> Result<u32, ChainError> {
		self.call(methods::ONBOARDING_NONCE, account, at).await
	}

	/// Calls a runtime API and decodes its answer.
	pub(super) async fn call<T: Decode>(
		&self,
		api: &str,
		arguments: impl Encode,
		at: At,
	) -> Result<T, ChainError> {
		self.call_with(api, api_params(api, &arguments.encode(), at)).await
	}

	async fn call_with<T: Decode>(&self, api: &str, params: RpcParams) -> Result<T, ChainError> {
		let answered = self.request("state_call", params).await;
		let answer = answered.and_then(|HexBytes(bytes)| {
			decode(api, &bytes).map_err(|reason| self.endpoint(0).incompatible(reason))
		});
		self.unread.note(api, answer.as_ref().err());
		answer
	}

	/// The runtime at the best block. That it cannot be read is no error, but what is asked for.
	pub async fn runtime(&self) -> Result<Runtime, ChainError> {
		let RuntimeVersion { spec: spec_version, .. } = self.version().await?;
		match self.envelope().await {
			Ok(_) => Ok(Runtime { spec_version, fault: None }),
			Err(ChainError::Incompatible { reason, .. }) => {
				Ok(Runtime { spec_version, fault: Some(reason) })
			}
			Err(error) => Err(error),
		}
	}

	async fn version(&self) -> Result<RuntimeVersion, ChainError> {
		let version: Version = self.request("state_getRuntimeVersion", RpcParams::new()).await?;
		Ok(RuntimeVersion { spec: version.spec_version, transaction: version.transaction_version })
	}

	/// Whether the witness is drawn for the beaconer's challenge in the window, as one node says.
	pub async fn is_drawn(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
		witness: DeviceId,
		at: At,
	) -> Result<bool, ChainError> {
		self.call(methods::IS_DRAWN, (window, beaconer, witness), at).await
	}

	/// The last finalized block.
	pub async fn finalized(&self) -> Result<BlockRef, ChainError> {
		let HexHash(hash) = self.request("chain_getFinalizedHead", RpcParams::new()).await?;
		let header: Header = self.request("chain_getHeader", rpc_params![to_hex(&hash)]).await?;
		Ok(BlockRef { number: header.number.0, hash })
	}

	/// The number of the best block.
	pub async fn best_number(&self) -> Result<u32, ChainError> {
		let header: Header = self.request("chain_getHeader", RpcParams::new()).await?;
		Ok(header.number.0)
	}

	/// The URL of the endpoint that answers now. It may hold a key: show [`Self::endpoint_name`].
	pub fn url(&self) -> &str {
		&self.endpoint(0).url
	}

	/// The endpoint that answers now, as logs and errors name it.
	pub fn endpoint_name(&self) -> &str {
		&self.endpoint(0).name
	}

	/// The endpoint `offset` places after the one that answers now.
	fn endpoint(&self, offset: usize) -> &Endpoint {
		let current = self.current.load(Ordering::Relaxed);
		&self.endpoints[(current + offset) % self.endpoints.len()]
	}

	/// Asks the endpoint that answers now, and the others in turn when it fails.
	async fn request<T: DeserializeOwned>(
		&self,
		method: &str,
		params: RpcParams,
	) -> Result<T, ChainError> {
		let mut last = None;
		for index in self.order() {
			match self.endpoints[index].request(method, params.clone()).await {
				Ok(answer) => {
					self.settle_on(index);
					return Ok(answer);
				}
				Err(error) => {
					self.metrics.chain_errors.increment();
					debug!(target: "client::chain", %error);
					last = Some(error);
				}
			}
		}
		Err(last.unwrap_or_else(|| ChainError::Unreachable {
			endpoint: "no endpoint".to_owned(),
			reason: "`chain.endpoints` is empty".to_owned(),
		}))
	}

	/// The endpoints in the order in which they are asked: from the one that answers now on, and
	/// those last that were caught lying.
	fn order(&self) -> Vec<usize> {
		let (start, length) = (self.current.load(Ordering::Relaxed), self.endpoints.len());
		let mut order: Vec<usize> = (start..start + length).map(|it| it % length).collect();
		order.sort_by_key(|index| self.endpoints[*index].is_suspect());
		order
	}

	fn settle_on(&self, index: usize) {
		if self.current.swap(index, Ordering::Relaxed) != index {
			self.metrics.chain_failovers.increment();
			warn!(target: "client::chain", endpoint = %self.endpoints[index].name, "changed over");
		}
	}

	/// Refuses an endpoint that serves another chain than those that agree.
	async fn expect_same_chain(&self, endpoint: &Endpoint) -> Result<(), ChainError> {
		let genesis = self.genesis().await?;
		match endpoint.introduction().await?.genesis == genesis {
			true => Ok(()),
			false => Err(ChainError::OtherChain(endpoint.name.clone())),
		}
	}

	async fn subscribe_to_any(&self) -> Result<HeadStream, ChainError> {
		let mut last = None;
		for index in self.order() {
			match self.subscribe(index).await {
				Ok(stream) => {
					self.settle_on(index);
					return Ok(stream);
				}
				Err(error) => {
					self.metrics.chain_errors.increment();
					// The follower reports what passes by waiting, and not at every attempt.
					match error.is_retryable() {
						true => debug!(target: "client::chain", %error),
						false => warn!(target: "client::chain", %error),
					}
					last = Some(error);
				}
			}
		}
		Err(last.unwrap_or_else(|| self.endpoint(0).not_ready("no endpoint was tried")))
	}

	async fn subscribe(&self, index: usize) -> Result<HeadStream, ChainError> {
		let endpoint = &self.endpoints[index];
		let health: Health = endpoint.request("system_health", RpcParams::new()).await?;
		if health.is_syncing {
			return Err(endpoint.not_ready("the node is still catching up with the chain"));
		}
		self.expect_same_chain(endpoint).await?;
		let best =
			endpoint.subscribe("chain_subscribeNewHeads", "chain_unsubscribeNewHeads").await?;
		let finalized = endpoint
			.subscribe("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads")
			.await?;
		let header: Header = endpoint.request("chain_getHeader", RpcParams::new()).await?;
		let HexHash(hash) = endpoint.request("chain_getFinalizedHead", RpcParams::new()).await?;
		let finalized_header: Header =
			endpoint.request("chain_getHeader", rpc_params![to_hex(&hash)]).await?;
		let heads = Heads {
			best: header.number.0,
			finalized: BlockRef { number: finalized_header.number.0, hash },
		};
		Ok(HeadStream { endpoint: index, best, finalized, heads, unasked: None })
	}

	/// Asks all endpoints the same at once, until enough of them have answered; then the others
	/// have as long as `objection` says.
	async fn ask_all<T, F>(
		&self,
		question: impl Fn(Arc<Endpoint>) -> F + Send,
		is_enough: impl Fn(&[(usize, T)]) -> bool + Send,
		objection: Duration,
	) -> Answers<T>
	where
		T: Send + 'static,
		F: Future<Output = Result<T, ChainError>> + Send + 'static,
	{
		let mut asked = JoinSet::new();
		for (index, endpoint) in self.endpoints.iter().enumerate() {
			let answer = question(endpoint.clone());
			asked.spawn(async move { (index, answer.await) });
		}
		let mut answers = Answers { said: Vec::new(), failed: Vec::new() };
		let mut deadline = Instant::now() + PATIENCE;
		let mut has_enough = false;
		while let Ok(Some(joined)) = timeout_at(deadline, asked.join_next()).await {
			match joined {
				Ok((index, Ok(answer))) => answers.said.push((index, answer)),
				Ok((_, Err(error))) => {
					self.metrics.chain_errors.increment();
					debug!(target: "client::chain", %error);
					answers.failed.push(error);
				}
				Err(error) => debug!(target: "client::chain", %error, "a question was not asked"),
			}
			if !has_enough && is_enough(&answers.said) {
				has_enough = true;
				deadline = deadline.min(Instant::now() + objection);
			}
		}
		// The others go on, so that what takes long, such as a connection, is there the next time.
		asked.detach_all();
		answers.said.sort_by_key(|(index, _)| *index);
		answers
	}

	/// What as many nodes as are required answer alike; else any answer that ends nothing, since it
	/// does the least harm. `first` is what one of them says, and is enough if it ends nothing.
	async fn confirmed<T>(
		&self,
		(api, params): (&'static str, RpcParams),
		at: At,
		first: T,
		ends: impl Fn(&T) -> bool + Send,
	) -> Result<T, ChainError>
	where
		T: Decode + Clone + PartialEq + Send + Sync + 'static,
	{
		match self.agreeing == 1 || !ends(&first) {
			true => Ok(first),
			false => self.alike((api, params), at, ends).await,
		}
	}

	/// What as many nodes as are required answer alike; else any answer that ends nothing.
	async fn alike<T>(
		&self,
		(api, params): (&'static str, RpcParams),
		at: At,
		ends: impl Fn(&T) -> bool + Send,
	) -> Result<T, ChainError>
	where
		T: Decode + Clone + PartialEq + Send + Sync + 'static,
	{
		let answers = self.ask_alike::<T>(api, &params).await;
		if let Some(answer) = most(&answers.said, self.agreeing) {
			// After different best blocks, different answers are true.
			if at != At::Best {
				self.suspect_others(&answers.said, answer, api);
			}
			return Ok(answer.clone());
		}
		match answers.said.iter().find(|(_, (_, answer))| !ends(answer)) {
			Some((_, (_, answer))) => Ok(answer.clone()),
			None => Err(self.too_few(&answers, |_| "another answer, or the same node".to_owned())),
		}
	}

	/// The hash of a block as enough nodes name it, and the endpoints that name another.
	async fn confirmed_hash(&self, number: u32) -> Result<(Hash, Vec<usize>), ChainError> {
		let required = self.agreeing;
		let question = |endpoint: Arc<Endpoint>| async move {
			let node = endpoint.introduction().await?.node;
			let hash: Option<HexHash> =
				endpoint.request("chain_getBlockHash", rpc_params![number]).await?;
			let HexHash(hash) = hash.ok_or_else(|| endpoint.not_ready("it has no such block"))?;
			Ok::<_, ChainError>((node, hash))
		};
		let is_enough = |said: &[(usize, (NodeId, Hash))]| most(said, required).is_some();
		let answers = self.ask_all(question, is_enough, Duration::ZERO).await;
		let Some(hash) = most(&answers.said, required) else {
			return Err(self.too_few(&answers, |(_, hash)| {
				format!("block {number} has hash {}", to_hex(hash))
			}));
		};
		let others = answers.said.iter().filter(|(_, (_, other))| other != hash);
		Ok((*hash, others.map(|(index, _)| *index).collect()))
	}

	/// What as many nodes as are required answer alike, whatever it is.
	async fn call_alike<T>(
		&self,
		api: &'static str,
		arguments: impl Encode,
		at: At,
	) -> Result<T, ChainError>
	where
		T: Decode + Clone + PartialEq + Send + Sync + 'static,
	{
		let params = api_params(api, &arguments.encode(), at);
		match self.agreeing {
			1 => self.call_with(api, params).await,
			_ => self.alike((api, params), at, |_| true).await,
		}
	}

	/// Calls a runtime API of all endpoints, until as many nodes as are required answer alike.
	async fn ask_alike<T>(&self, api: &'static str, params: &RpcParams) -> Answers<(NodeId, T)>
	where
		T: Decode + PartialEq + Send + 'static,
	{
		let required = self.agreeing;
		let question = |endpoint: Arc<Endpoint>| {
			let params = params.clone();
			async move {
				let node = endpoint.introduction().await?.node;
				Ok::<_, ChainError>((node, endpoint.call::<T>(api, params).await?))
			}
		};
		let is_enough = |said: &[(usize, (NodeId, T))]| most(said, required).is_some();
		let answers = self.ask_all(question, is_enough, Duration::ZERO).await;
		self.unread.note(api, answers.failure());
		answers
	}

	/// Names the endpoints that answer otherwise than as many nodes as are required.
	fn suspect_others<T: PartialEq>(&self, said: &[(usize, (NodeId, T))], answer: &T, api: &str) {
		for (index, _) in said.iter().filter(|(_, (_, other))| other != answer) {
			self.suspect(*index, Suspicion::Answer, api);
		}
	}

	/// Names an endpoint that contradicts those that agree, and turns to another.
	fn suspect(&self, index: usize, suspicion: Suspicion, about: &str) {
		let endpoint = &self.endpoints[index];
		if endpoint.suspect(suspicion) {
			self.metrics.endpoints_contradicting.increment();
			warn!(
				target: "client::chain", endpoint = %endpoint.name, about,
				"contradicts the endpoints that agree: do not trust it"
			);
		}
		if self.current.load(Ordering::Relaxed) == index
			&& let Some(next) = self.order().into_iter().find(|other| *other != index)
		{
			self.settle_on(next);
		}
	}

	fn too_few<T>(&self, answers: &Answers<T>, describe: impl Fn(&T) -> String) -> ChainError {
		let said = answers.said.iter().map(|(index, answer)| {
			format!("{} says {}", self.endpoints[*index].name, describe(answer))
		});
		let failed = answers.failed.iter().map(ChainError::to_string);
		ChainError::TooFew {
			required: self.agreeing,
			said: said.chain(failed).collect::<Vec<_>>().join("; "),
		}
	}

	/// Says once that two endpoints are one node, and of one without its own name that it may
	/// be one with another.
	fn name_twins(&self, nodes: &[(usize, NodeId)]) {
		for (place, (one, node)) in nodes.iter().enumerate() {
			if self.agreeing > 1 && self.endpoints[*one].is_newly_nameless(node) {
				warn!(
					target: "client::chain", endpoint = %self.endpoints[*one].name,
					"the node does not say who it is (system_localPeerId) and counts as one by its URL: see \
					 that no other endpoint leads to it"
				);
			}
			let twin = nodes.iter().skip(place + 1).find(|(_, other)| other == node);
			if let Some((other, _)) = twin
				&& !self.is_twin_named.swap(true, Ordering::Relaxed)
			{
				warn!(
					target: "client::chain", one = %self.endpoints[*one].name,
					other = %self.endpoints[*other].name, %node,
					"two endpoints are one node, which counts once: name nodes that different people run"
				);
			}
		}
	}

	/// The envelope of the present runtime.
	async fn envelope(&self) -> Result<Arc<Envelope>, ChainError> {
		let envelope = self.present_envelope().await;
		self.unread.note(OWN_TRANSACTIONS, envelope.as_ref().err());
		envelope
	}

	/// Metadata is decoded once per runtime version.
	async fn present_envelope(&self) -> Result<Arc<Envelope>, ChainError> {
		let version = self.version().await?;
		let mut cached = self.envelope.lock().await;
		if let Some(envelope) = cached.as_ref().filter(|envelope| envelope.version == version) {
			return Ok(envelope.clone());
		}
		let genesis = self.genesis().await?;
		let incompatible = |reason: String| self.endpoint(0).incompatible(reason);
		let metadata = self
			.call::<Option<Vec<u8>>>("Metadata_metadata_at_version", 16u32, At::Best)
			.await?
			.ok_or_else(|| incompatible("it has no metadata of version 16".to_owned()))?;
		let metadata =
			Metadata::decode_from(&metadata).map_err(|error| incompatible(error.to_string()))?;
		let envelope = Arc::new(Envelope::new(metadata, version, genesis).map_err(incompatible)?);
		*cached = Some(envelope.clone());
		Ok(envelope)
	}
}

/// What an endpoint says of the chain of this genesis.
async fn word(endpoint: &Endpoint, genesis: Hash) -> Result<Word, ChainError> {
	let introduction = endpoint.introduction().await?;
	if introduction.genesis != genesis {
		return Err(ChainError::OtherChain(endpoint.name.clone()));
	}
	let HexHash(hash) = endpoint.request("chain_getFinalizedHead", RpcParams::new()).await?;
	let header: Option<Header> =
		endpoint.request("chain_getHeader", rpc_params![to_hex(&hash)]).await?;
	let header = header.ok_or_else(|| endpoint.not_ready("it has no such block"))?;
	let best: Header = endpoint.request("chain_getHeader", RpcParams::new()).await?;
	let window =
		endpoint.call(methods::WINDOW, api_params(methods::WINDOW, &[], At::Block(hash))).await?;
	Ok(Word {
		node: introduction.node,
		best: best.number.0,
		finalized: BlockRef { number: header.number.0, hash },
		window,
	})
}

/// The parameters by which a runtime API is called.
fn api_params(api: &str, arguments: &[u8], at: At) -> RpcParams {
	match at {
		At::Best => rpc_params![api, to_hex(arguments)],
		At::Block(hash) => rpc_params![api, to_hex(arguments), to_hex(&hash)],
	}
}

impl HeadStream {
	/// Waits until the heads differ. Of those that were reported by then the last count, so that a
	/// client that was kept waiting is up to date at once.
	async fn advance(&mut self, endpoint: &Endpoint) -> Result<(), ChainError> {
		self.next(endpoint).await?;
		for _ in 1..REPORTED_MAX {
			match at_once(self.next(endpoint)).await {
				Some(reported) => reported?,
				None => break,
			}
		}
		if let Some(number) = self.unasked {
			let hash: Option<HexHash> =
				endpoint.request("chain_getBlockHash", rpc_params![number]).await?;
			let HexHash(hash) = hash.ok_or_else(|| endpoint.not_ready("it has no such block"))?;
			self.unasked = None;
			self.heads.finalized = BlockRef { number, hash };
		}
		Ok(())
	}

	/// Waits for what the node reports next.
	async fn next(&mut self, endpoint: &Endpoint) -> Result<(), ChainError> {
		let gone = || endpoint.not_ready("the subscription to its heads ended");
		let broken = |error: subxt::rpcs::Error| endpoint.not_ready(error.to_string());
		tokio::select! {
			header = self.best.next() => {
				self.heads.best = header.ok_or_else(gone)?.map_err(broken)?.number.0;
			},
			header = self.finalized.next() => {
				self.unasked = Some(header.ok_or_else(gone)?.map_err(broken)?.number.0);
			},
		}
		Ok(())
	}
}

/// What is there without waiting, if anything is.
async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
	let mut future = pin!(future);
	poll_fn(|context| {
		Poll::Ready(match future.as_mut().poll(context) {
			Poll::Ready(found) => Some(found),
			Poll::Pending => None,
		})
	})
	.await
}

#[async_trait]
impl Chain for RpcChain {
	async fn genesis(&self) -> Result<Hash, ChainError> {
		let mut genesis = self.genesis.lock().await;
		if let Some(hash) = *genesis {
			return Ok(hash);
		}
		let required = self.agreeing;
		let question = |endpoint: Arc<Endpoint>| async move {
			let introduction = endpoint.introduction().await?;
			Ok::<_, ChainError>((introduction.node, introduction.genesis))
		};
		let is_enough = |said: &[(usize, (NodeId, Hash))]| most(said, required).is_some();
		let answers = self.ask_all(question, is_enough, OBJECTION).await;
		let nodes: Vec<(usize, NodeId)> =
			answers.said.iter().map(|(index, (node, _))| (*index, node.clone())).collect();
		self.name_twins(&nodes);
		let is_twin = |node: &NodeId| nodes.iter().filter(|(_, it)| it == node).count() > 1;
		match most(&answers.said, required) {
			Some(hash) => Ok(*genesis.insert(*hash)),
			None => Err(match answers.failed.first() {
				Some(error) if answers.said.is_empty() => error.clone(),
				_ => self.too_few(&answers, |(node, hash)| match is_twin(node) {
					true => format!(
						"genesis {}, but it is node {node}, which is named twice and counts once",
						to_hex(hash)
					),
					false => format!("genesis {}", to_hex(hash)),
				}),
			}),
		}
	}

	async fn next_heads(&self) -> Result<Heads, ChainError> {
		let mut guard = self.heads.lock().await;
		let Some(stream) = guard.as_mut() else {
			let stream = guard.insert(self.subscribe_to_any().await?);
			return Ok(stream.heads);
		};
		let endpoint = &self.endpoints[stream.endpoint];
		let before = stream.heads;
		let deadline = Instant::now() + SILENCE_MAX;
		while stream.heads == before {
			let error = match timeout_at(deadline, stream.advance(endpoint)).await {
				Ok(Ok(())) => continue,
				Ok(Err(error)) => error,
				Err(_) => endpoint.not_ready(format!("no new block for {SILENCE_MAX:?}")),
			};
			// The next call subscribes again, beginning with another endpoint.
			self.current.store((stream.endpoint + 1) % self.endpoints.len(), Ordering::Relaxed);
			*guard = None;
			return Err(error);
		}
		Ok(stream.heads)
	}

	async fn agreed(&self) -> Result<Agreed, ChainError> {
		let (genesis, required) = (self.genesis().await?, self.agreeing);
		let question = |endpoint: Arc<Endpoint>| async move { word(&endpoint, genesis).await };
		let is_enough = |said: &[(usize, Word)]| Tally::of(said, required).agreed.is_some();
		let answers = self.ask_all(question, is_enough, OBJECTION).await;
		self.unread.note(methods::WINDOW, answers.failure());
		let nodes = answers.said.iter().map(|(index, word)| (*index, word.node.clone()));
		self.name_twins(&nodes.collect::<Vec<_>>());
		let Tally { agreed, agreeing, mut contradicting, split } =
			Tally::of(&answers.said, required);
		// Each word has a hash, which is so far that of one endpoint alone.
		let agreed = match agreed {
			Some(mut agreed) if required > 1 => {
				let number = agreed.heads.finalized.number;
				match self.confirmed_hash(number).await {
					Ok((hash, others)) => {
						let is_other = |index: usize, finalized: &BlockRef| {
							(finalized.number == number && finalized.hash != hash)
								|| (finalized.number >= number && others.contains(&index))
						};
						let liars = answers.said.iter().filter_map(|(index, word)| {
							is_other(*index, &word.finalized).then_some((*index, FINALIZED_BLOCK))
						});
						contradicting.extend(liars);
						agreed.heads.finalized.hash = hash;
						Ok(Some(agreed))
					}
					Err(error) => Err(error),
				}
			}
			agreed => Ok(agreed),
		};
		let caught: Vec<usize> = contradicting.iter().map(|(index, _)| *index).collect();
		let is_caught = |stream: &mut HeadStream| caught.contains(&stream.endpoint);
		drop(self.heads.lock().await.take_if(is_caught));
		for (index, about) in contradicting {
			self.suspect(index, Suspicion::Window, about);
		}
		for index in agreeing.iter().filter(|index| !caught.contains(index)) {
			let endpoint = &self.endpoints[*index];
			if agreed.is_ok() && endpoint.rehabilitate() {
				info!(target: "client::chain", endpoint = %endpoint.name, "agrees with the others again");
			}
		}
		agreed?.ok_or_else(|| match (split, answers.failed.first()) {
			(Some((one, other, about)), _) => {
				self.metrics.endpoints_contradicting.increment();
				let name = |index: usize| self.endpoints[index].name.clone();
				ChainError::Contradicted { one: name(one), other: name(other), about }
			}
			(None, Some(error)) if answers.said.is_empty() => error.clone(),
			(None, _) => self.too_few(&answers, |word| {
				format!("window {} at block {}", word.window.index, word.finalized.number)
			}),
		})
	}

	async fn window(&self, at: At) -> Result<WindowInfo, ChainError> {
		self.call(methods::WINDOW, (), at).await
	}

	async fn device_by_key(&self, key: SessionKey, at: At) -> Result<Option<DeviceId>, ChainError> {
		self.call_alike(methods::DEVICE_BY_KEY, key, at).await
	}

	async fn device(
		&self,
		id: DeviceId,
		at: At,
	) -> Result<Option<DeviceInfo<AccountId>>, ChainError> {
		self.call_alike(methods::DEVICE, id, at).await
	}

	async fn region_plan(
		&self,
		network: NetworkId,
		region: RegionId,
		at: At,
	) -> Result<Option<RegionPlan>, ChainError> {
		self.call_alike(methods::REGION_PLAN, (network, region), at).await
	}

	async fn challenge(
		&self,
		device: DeviceId,
		window: WindowIndex,
		at: At,
	) -> Result<Option<ChallengeInfo>, ChainError> {
		let params = api_params(methods::CHALLENGE, &(device, window).encode(), at);
		let first = self.call_with(methods::CHALLENGE, params.clone()).await?;
		self.confirmed((methods::CHALLENGE, params), at, first, Option::<ChallengeInfo>::is_none)
			.await
	}

	async fn members(&self, network: NetworkId, cell: Cell, at: At) -> Result<u32, ChainError> {
		let params = api_params(methods::CELL, &(network, cell).encode(), at);
		let answers = self.ask_alike::<CellInfo>(methods::CELL, &params).await;
		if let Some(info) = most(&answers.said, self.agreeing) {
			self.suspect_others(&answers.said, info, methods::CELL);
			return Ok(info.members);
		}
		let least = answers.said.iter().map(|(_, (_, info))| info.members).min();
		let nodes = count(answers.said.iter().map(|(_, (node, _))| node));
		least.filter(|_| nodes >= self.agreeing).ok_or_else(|| {
			self.too_few(&answers, |(_, info)| format!("{} devices in the cell", info.members))
		})
	}

	async fn is_beacon_genuine(
		&self,
		device: DeviceId,
		window: WindowIndex,
		signature: &Signature,
		at: At,
	) -> Result<bool, ChainError> {
		let api = methods::IS_BEACON_GENUINE;
		let params = api_params(api, &(device, window, signature).encode(), at);
		let first = self.call_with::<bool>(api, params.clone()).await?;
		self.confirmed((api, params), at, first, |is_genuine: &bool| !*is_genuine).await
	}

	async fn witnesses(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
		at: At,
	) -> Result<Vec<DeviceId>, ChainError> {
		self.call(methods::WITNESSES, (window, beaconer), at).await
	}

	async fn activity(&self, device: DeviceId, at: At) -> Result<Option<ActivityInfo>, ChainError> {
		self.call(methods::ACTIVITY, device, at).await
	}

	async fn block_hash(&self, number: u32) -> Result<Option<Hash>, ChainError> {
		let hash: Option<HexHash> = self.request("chain_getBlockHash", rpc_params![number]).await?;
		Ok(hash.map(|hash| hash.0))
	}

	async fn extrinsics(&self, block: Hash) -> Result<Vec<Vec<u8>>, ChainError> {
		let block: Option<SignedBlock> =
			self.request("chain_getBlock", rpc_params![to_hex(&block)]).await?;
		let block = block.ok_or_else(|| self.endpoint(0).not_ready("it has no such block"))?;
		Ok(block.into_extrinsics())
	}

	async fn check(
		&self,
		report: &EncodedReport,
		at: At,
	) -> Result<Result<(), Code<Refusal>>, ChainError> {
		let api = report.series.check_api;
		let params = api_params(api, &report.bytes, at);
		let first = self.call_with(api, params.clone()).await?;
		self.confirmed((api, params), at, first, Result::<(), Code<Refusal>>::is_err).await
	}

	async fn distrust(&self, source: Source, about: &str) {
		match source {
			Source::Heads => {
				if let Some(stream) = self.heads.lock().await.take() {
					self.suspect(stream.endpoint, Suspicion::Window, about);
				}
			}
			Source::Answers => {
				let current = self.current.load(Ordering::Relaxed);
				self.suspect(current, Suspicion::Answer, about);
			}
		}
	}

	async fn refresh_heads(&self) {
		drop(self.heads.lock().await.take());
	}

	fn endpoints(&self) -> usize {
		self.endpoints.len()
	}

	async fn collector(&self, endpoint: usize) -> Result<CollectorIndex, ChainError> {
		self.endpoint(endpoint).collector().await
	}

	async fn hand_in(&self, report: &EncodedReport, endpoint: usize) -> Result<(), ChainError> {
		let params = rpc_params![report.series.number, to_hex(&report.bytes)];
		self.endpoint(endpoint)
			.request::<serde_json::Value>("groma_submitReport", params)
			.await
			.map(drop)
	}

	async fn submit_own(&self, report: &EncodedReport) -> Result<(), ChainError> {
		let transaction = self.envelope().await?.wrap(report);
		let params = rpc_params![to_hex(&transaction)];
		self.request::<HexHash>("author_submitExtrinsic", params).await.map(drop)
	}
}
