//! The chain over JSON-RPC: reads by `state_call`, which every node and light client serves.

use std::{
	sync::{
		Arc,
		atomic::{AtomicUsize, Ordering},
	},
	time::Duration,
};

use async_trait::async_trait;
use codec::{Decode, Encode};
use groma_core::{
	DeviceId, NetworkId, RegionId, WindowIndex,
	api::{ActivityInfo, ChallengeInfo, DeviceInfo, EpochInfo, Refusal, RewardsInfo, WindowInfo},
	region::RegionPlan,
	words::{Hash, SessionKey, Signature},
};
use serde::de::DeserializeOwned;
use subxt::{
	metadata::Metadata,
	rpcs::client::{RpcParams, RpcSubscription, rpc_params},
};
use tokio::{sync::Mutex, time::timeout};
use tracing::{debug, warn};

use super::{
	AccountId, Agreement, At, BlockRef, Chain, ChainError, Heads,
	agreement::{Count, Word},
	endpoint::Endpoint,
	envelope::{Envelope, RuntimeVersion},
	wire::{Header, Health, HexBytes, HexHash, SignedBlock, Version, decode, to_hex},
};
use crate::{metrics::Metrics, report::EncodedReport};

const WINDOW_API: &str = "CoverageApi_window";
/// A node that reports no new head for so long is left for another.
const SILENCE_MAX: Duration = Duration::from_secs(90);

/// Several nodes of one chain. Questions go to the one that answers; when it fails, to the next.
pub struct RpcChain {
	endpoints: Vec<Endpoint>,
	agreeing: usize,
	/// The endpoint that answered last.
	current: AtomicUsize,
	genesis: Mutex<Option<Hash>>,
	heads: Mutex<Option<HeadStream>>,
	envelope: Mutex<Option<Arc<Envelope>>>,
	metrics: Arc<Metrics>,
}

struct HeadStream {
	endpoint: usize,
	best: RpcSubscription<Header>,
	finalized: RpcSubscription<Header>,
	heads: Heads,
}

impl RpcChain {
	/// The nodes behind `urls`, of which `agreeing` (at least 1, at most all) have to name the same
	/// finalized block before anything is revealed. There has to be at least one.
	pub fn new(urls: Vec<String>, agreeing: usize, metrics: Arc<Metrics>) -> Self {
		let required = agreeing.clamp(1, urls.len().max(1));
		if required < agreeing {
			warn!(
				target: "device::chain", agreeing_endpoints = agreeing, endpoints = urls.len(),
				"fewer endpoints than have to agree: {required} is enough; add some to `chain.endpoints`"
			);
		}
		Self {
			agreeing: required,
			endpoints: urls.into_iter().map(Endpoint::new).collect(),
			current: AtomicUsize::new(0),
			genesis: Mutex::default(),
			heads: Mutex::default(),
			envelope: Mutex::default(),
			metrics,
		}
	}

	/// What a device has earned and has not been paid.
	pub async fn rewards(
		&self,
		device: DeviceId,
		at: At,
	) -> Result<RewardsInfo<AccountId>, ChainError> {
		self.call("RewardsApi_rewards", device, at).await
	}

	/// The clock of rewards; `None` before the first block with a time.
	pub async fn epoch(&self, at: At) -> Result<Option<EpochInfo>, ChainError> {
		self.call("RewardsApi_epoch", (), at).await
	}

	/// The number that the next registration of an account has to sign.
	pub async fn onboarding_nonce(&self, account: AccountId, at: At) -> Result<u32, ChainError> {
		self.call("RegistryApi_onboarding_nonce", account, at).await
	}

	/// Calls a runtime API and decodes its answer.
	async fn call<T: Decode>(
		&self,
		api: &str,
		arguments: impl Encode,
		at: At,
	) -> Result<T, ChainError> {
		self.call_with(api, api_params(api, &arguments.encode(), at)).await
	}

	async fn call_with<T: Decode>(&self, api: &str, params: RpcParams) -> Result<T, ChainError> {
		let HexBytes(bytes) = self.request("state_call", params).await?;
		decode(api, &bytes).map_err(|reason| self.endpoint(0).incompatible(reason))
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

	/// The URL of the endpoint that answers now.
	pub fn url(&self) -> &str {
		&self.endpoint(0).url
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
		let start = self.current.load(Ordering::Relaxed);
		let mut last = None;
		for offset in 0..self.endpoints.len() {
			let index = (start + offset) % self.endpoints.len();
			match self.endpoints[index].request(method, params.clone()).await {
				Ok(answer) => {
					self.settle_on(index);
					return Ok(answer);
				}
				Err(error) => {
					self.metrics.chain_errors.increment();
					debug!(target: "device::chain", %error);
					last = Some(error);
				}
			}
		}
		Err(last.unwrap_or_else(|| ChainError::Unreachable {
			endpoint: "no endpoint".to_owned(),
			reason: "`chain.endpoints` is empty".to_owned(),
		}))
	}

	fn settle_on(&self, index: usize) {
		if self.current.swap(index, Ordering::Relaxed) != index {
			self.metrics.chain_failovers.increment();
			warn!(target: "device::chain", endpoint = %self.endpoints[index].url, "changed over");
		}
	}

	/// Refuses an endpoint that serves another chain than the first that answered.
	async fn expect_same_chain(&self, endpoint: &Endpoint) -> Result<(), ChainError> {
		let HexHash(genesis) = endpoint.request("chain_getBlockHash", rpc_params![0]).await?;
		match *self.genesis.lock().await.get_or_insert(genesis) == genesis {
			true => Ok(()),
			false => Err(ChainError::OtherChain(endpoint.url.clone())),
		}
	}

	async fn subscribe_to_any(&self) -> Result<HeadStream, ChainError> {
		let start = self.current.load(Ordering::Relaxed);
		let mut last = None;
		for offset in 0..self.endpoints.len() {
			let index = (start + offset) % self.endpoints.len();
			match self.subscribe(index).await {
				Ok(stream) => {
					self.settle_on(index);
					return Ok(stream);
				}
				Err(error) => {
					self.metrics.chain_errors.increment();
					// The follower reports what passes by waiting, and not at every attempt.
					match error.is_retryable() {
						true => debug!(target: "device::chain", %error),
						false => warn!(target: "device::chain", %error),
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
		Ok(HeadStream { endpoint: index, best, finalized, heads })
	}

	/// What an endpoint says of itself: its window, and the hash of a block if it has finalized it.
	async fn word(endpoint: &Endpoint, last_block: u32) -> Result<Word, ChainError> {
		let HexHash(head) = endpoint.request("chain_getFinalizedHead", RpcParams::new()).await?;
		let header: Header =
			endpoint.request("chain_getHeader", rpc_params![to_hex(&head)]).await?;
		let params = rpc_params![WINDOW_API, "0x", to_hex(&head)];
		let HexBytes(window) = endpoint.request("state_call", params).await?;
		let window: WindowInfo =
			decode(WINDOW_API, &window).map_err(|reason| endpoint.incompatible(reason))?;
		if header.number.0 < last_block {
			return Ok(Word::new(&window, None));
		}
		let hash: Option<HexHash> =
			endpoint.request("chain_getBlockHash", rpc_params![last_block]).await?;
		Ok(Word::new(&window, hash.map(|hash| hash.0)))
	}

	/// The envelope of the present runtime. Metadata is decoded once per runtime version.
	async fn envelope(&self) -> Result<Arc<Envelope>, ChainError> {
		let version: Version = self.request("state_getRuntimeVersion", RpcParams::new()).await?;
		let version =
			RuntimeVersion { spec: version.spec_version, transaction: version.transaction_version };
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

/// The parameters by which a runtime API is called.
fn api_params(api: &str, arguments: &[u8], at: At) -> RpcParams {
	match at {
		At::Best => rpc_params![api, to_hex(arguments)],
		At::Block(hash) => rpc_params![api, to_hex(arguments), to_hex(&hash)],
	}
}

impl HeadStream {
	/// Waits until the heads differ.
	async fn advance(&mut self, endpoint: &Endpoint) -> Result<(), ChainError> {
		let gone = || endpoint.not_ready("the subscription to its heads ended");
		let broken = |error: subxt::rpcs::Error| endpoint.not_ready(error.to_string());
		tokio::select! {
			header = self.best.next() => {
				self.heads.best = header.ok_or_else(gone)?.map_err(broken)?.number.0;
			},
			header = self.finalized.next() => {
				let number = header.ok_or_else(gone)?.map_err(broken)?.number.0;
				let HexHash(hash) =
					endpoint.request("chain_getBlockHash", rpc_params![number]).await?;
				self.heads.finalized = BlockRef { number, hash };
			},
		}
		Ok(())
	}
}

#[async_trait]
impl Chain for RpcChain {
	async fn genesis(&self) -> Result<Hash, ChainError> {
		let mut genesis = self.genesis.lock().await;
		if let Some(hash) = *genesis {
			return Ok(hash);
		}
		let HexHash(hash) = self.request("chain_getBlockHash", rpc_params![0]).await?;
		*genesis = Some(hash);
		Ok(hash)
	}

	async fn next_heads(&self) -> Result<Heads, ChainError> {
		let mut guard = self.heads.lock().await;
		let Some(stream) = guard.as_mut() else {
			let stream = guard.insert(self.subscribe_to_any().await?);
			return Ok(stream.heads);
		};
		let endpoint = &self.endpoints[stream.endpoint];
		let before = stream.heads;
		while stream.heads == before {
			let error = match timeout(SILENCE_MAX, stream.advance(endpoint)).await {
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

	async fn window(&self, at: At) -> Result<WindowInfo, ChainError> {
		self.call(WINDOW_API, (), at).await
	}

	async fn device_by_key(&self, key: SessionKey, at: At) -> Result<Option<DeviceId>, ChainError> {
		self.call("RegistryApi_device_by_key", key, at).await
	}

	async fn device(
		&self,
		id: DeviceId,
		at: At,
	) -> Result<Option<DeviceInfo<AccountId>>, ChainError> {
		self.call("RegistryApi_device", id, at).await
	}

	async fn region_plan(
		&self,
		network: NetworkId,
		region: RegionId,
		at: At,
	) -> Result<Option<RegionPlan>, ChainError> {
		self.call("RegistryApi_region_plan", (network, region), at).await
	}

	async fn challenge(
		&self,
		device: DeviceId,
		window: WindowIndex,
		at: At,
	) -> Result<Option<ChallengeInfo>, ChainError> {
		self.call("CoverageApi_challenge", (device, window), at).await
	}

	async fn is_drawn(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
		witness: DeviceId,
		at: At,
	) -> Result<bool, ChainError> {
		self.call("CoverageApi_is_drawn", (window, beaconer, witness), at).await
	}

	async fn is_beacon_genuine(
		&self,
		device: DeviceId,
		window: WindowIndex,
		signature: &Signature,
		at: At,
	) -> Result<bool, ChainError> {
		self.call("CoverageApi_is_beacon_genuine", (device, window, signature), at).await
	}

	async fn witnesses(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
		at: At,
	) -> Result<Vec<DeviceId>, ChainError> {
		self.call("CoverageApi_witnesses", (window, beaconer), at).await
	}

	async fn activity(&self, device: DeviceId, at: At) -> Result<Option<ActivityInfo>, ChainError> {
		self.call("CoverageApi_activity", device, at).await
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
	) -> Result<Result<(), Refusal>, ChainError> {
		let params = api_params(report.series.check_api, &report.bytes, at);
		self.call_with(report.series.check_api, params).await
	}

	async fn agreement(
		&self,
		window: WindowIndex,
		last_block: u32,
	) -> Result<Agreement, ChainError> {
		let mut count = Count::new(window, last_block, self.agreeing);
		for offset in 0..self.endpoints.len() {
			match Self::word(self.endpoint(offset), last_block).await {
				Ok(word) => match count.add(word) {
					Agreement::Pending => {}
					decided => return Ok(decided),
				},
				Err(error) => debug!(target: "device::chain", %error),
			}
		}
		Ok(Agreement::Pending)
	}

	async fn change_over(&self) {
		*self.heads.lock().await = None;
		let next = self.current.load(Ordering::Relaxed).wrapping_add(1) % self.endpoints.len();
		self.settle_on(next);
	}

	fn endpoints(&self) -> usize {
		self.endpoints.len()
	}

	async fn hand_in(&self, report: &EncodedReport, endpoint: usize) -> Result<(), ChainError> {
		let params = rpc_params![to_hex(&report.bytes)];
		let method = report.series.method;
		self.endpoint(endpoint).request::<serde_json::Value>(method, params).await.map(drop)
	}

	async fn submit_own(&self, report: &EncodedReport) -> Result<(), ChainError> {
		let transaction = self.envelope().await?.wrap(report);
		let params = rpc_params![to_hex(&transaction)];
		self.request::<HexHash>("author_submitExtrinsic", params).await.map(drop)
	}
}
