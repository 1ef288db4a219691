//! One node behind one URL: connected when it is needed, left alone for a while after it failed.

use std::{
	sync::atomic::{AtomicBool, AtomicU8, Ordering},
	time::Duration,
};

use codec::Decode;
use groma_core::{CollectorIndex, words::Hash};
use serde::de::DeserializeOwned;
use subxt::rpcs::{
	Error as RpcError, UserError,
	client::{RpcClient, RpcParams, RpcSubscription, rpc_params},
};
use tokio::{
	sync::Mutex,
	time::{Instant, timeout},
};
use tracing::{debug, info};

use super::{
	ChainError,
	agreement::NodeId,
	wire::{Collector, HexBytes, HexHash, decode},
};
use crate::{endpoints, said::said};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// How long the index of a node's collector is believed before it is asked for again.
const COLLECTOR_KNOWN_FOR: Duration = Duration::from_secs(60);
/// JSON-RPC's code of a method that a server does not have.
const METHOD_NOT_FOUND: i32 = -32_601;
/// The longest name of a node, in bytes.
const NODE_ID_LENGTH_MAX: usize = 128;

pub(super) struct Endpoint {
	/// Where it is. It may hold a key, and is not shown.
	pub(super) url: String,
	/// The same as logs and errors name it.
	pub(super) name: String,
	connection: Mutex<Connection>,
	/// The index of its collector, and when it said so.
	collector: Mutex<Option<(Instant, CollectorIndex)>>,
	/// Whether the log says that the node does not name itself.
	is_nameless_said: AtomicBool,
	/// The number of a [`Suspicion`].
	suspicion: AtomicU8,
	#[cfg(feature = "fakes")]
	scripted: Option<RpcClient>,
}

#[derive(Default)]
struct Connection {
	client: Option<RpcClient>,
	/// How many connections there were, by which a request knows its own.
	number: u64,
	/// What the node behind it says of itself.
	introduction: Option<Introduction>,
	/// When the next attempt may be made, and how long to wait after that one fails.
	retry: Option<(Instant, Duration)>,
}

/// What a node says of itself.
#[derive(Clone, Debug)]
pub(super) struct Introduction {
	pub(super) node: NodeId,
	/// The hash of its block 0.
	pub(super) genesis: Hash,
}

/// What an endpoint was caught at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Suspicion {
	/// Nothing.
	None = 0,
	/// Its window or its heads, which are asked for all the time: it can become better.
	Window = 1,
	/// Another answer.
	Answer = 2,
}

impl Endpoint {
	pub(super) fn new(url: String) -> Self {
		Self {
			name: endpoints::shown(&url),
			url,
			connection: Mutex::default(),
			collector: Mutex::default(),
			is_nameless_said: AtomicBool::new(false),
			suspicion: AtomicU8::new(Suspicion::None as u8),
			#[cfg(feature = "fakes")]
			scripted: None,
		}
	}

	/// An endpoint whose connection is `client`.
	#[cfg(feature = "fakes")]
	pub(super) fn scripted(url: String, client: RpcClient) -> Self {
		Self { scripted: Some(client), ..Self::new(url) }
	}

	/// Whether it was caught.
	pub(super) fn is_suspect(&self) -> bool {
		self.suspicion.load(Ordering::Relaxed) != Suspicion::None as u8
	}

	/// Records that it was caught. Whether that is new.
	pub(super) fn suspect(&self, suspicion: Suspicion) -> bool {
		self.suspicion.fetch_max(suspicion as u8, Ordering::Relaxed) < suspicion as u8
	}

	/// Records that its window is that of the others. Whether it was not before.
	pub(super) fn rehabilitate(&self) -> bool {
		let (caught, clear) = (Suspicion::Window as u8, Suspicion::None as u8);
		let order = Ordering::Relaxed;
		self.suspicion.compare_exchange(caught, clear, order, order).is_ok()
	}

	/// Who the node is, asked once per connection.
	pub(super) async fn introduction(&self) -> Result<Introduction, ChainError> {
		if let Some(introduction) = self.connection.lock().await.introduction.clone() {
			return Ok(introduction);
		}
		let node = self.node().await?;
		let HexHash(genesis) = self.request("chain_getBlockHash", rpc_params![0]).await?;
		let introduction = Introduction { node, genesis };
		let mut connection = self.connection.lock().await;
		if connection.client.is_some() {
			connection.introduction = Some(introduction.clone());
		}
		Ok(introduction)
	}

	/// The index of the node's collector; 0 if it has none that is registered, or cannot say.
	pub(super) async fn collector(&self) -> Result<CollectorIndex, ChainError> {
		let mut known = self.collector.lock().await;
		if let Some((asked_at, index)) = *known
			&& asked_at.elapsed() < COLLECTOR_KNOWN_FOR
		{
			return Ok(index);
		}
		let answer = self.request::<Option<Collector>>("groma_collector", RpcParams::new()).await;
		let index = match answer {
			Ok(collector) => collector.map_or(0, |collector| collector.index),
			Err(ChainError::Refused { .. } | ChainError::Incompatible { .. }) => 0,
			Err(error) => return Err(error),
		};
		*known = Some((Instant::now(), index));
		Ok(index)
	}

	/// By which the node is counted. One that does not name itself, as some services that allow few
	/// methods, is counted by its URL.
	async fn node(&self) -> Result<NodeId, ChainError> {
		match self.request::<String>("system_localPeerId", RpcParams::new()).await {
			Ok(node) if node.len() > NODE_ID_LENGTH_MAX => {
				Err(self.incompatible("system_localPeerId answers a text that is too long"))
			}
			Ok(node) => Ok(said(&node).into()),
			Err(ChainError::Refused { .. }) => Ok(self.url.as_str().into()),
			Err(error) => Err(error),
		}
	}

	/// Whether `node`, which is what it introduced itself as, is its URL, and that is new.
	pub(super) fn is_newly_nameless(&self, node: &NodeId) -> bool {
		**node == *self.url && !self.is_nameless_said.swap(true, Ordering::Relaxed)
	}

	/// Calls a runtime API and decodes its answer.
	pub(super) async fn call<T: Decode>(
		&self,
		api: &str,
		params: RpcParams,
	) -> Result<T, ChainError> {
		let HexBytes(bytes) = self.request("state_call", params).await?;
		decode(api, &bytes).map_err(|reason| self.incompatible(reason))
	}

	/// Asks the node.
	pub(super) async fn request<T: DeserializeOwned>(
		&self,
		method: &str,
		params: RpcParams,
	) -> Result<T, ChainError> {
		let (client, number) = self.client().await?;
		match timeout(REQUEST_TIMEOUT, client.request(method, params)).await {
			Ok(Ok(answer)) => Ok(answer),
			Ok(Err(error)) => Err(self.failed(method, error, number).await),
			Err(_) => {
				self.disconnect(number).await;
				Err(self.not_ready(format!("{method} took longer than {REQUEST_TIMEOUT:?}")))
			}
		}
	}

	/// Subscribes to the headers that `method` reports.
	pub(super) async fn subscribe<T: DeserializeOwned>(
		&self,
		method: &str,
		cancel: &str,
	) -> Result<RpcSubscription<T>, ChainError> {
		let (client, number) = self.client().await?;
		match timeout(REQUEST_TIMEOUT, client.subscribe(method, RpcParams::new(), cancel)).await {
			Ok(Ok(subscription)) => Ok(subscription),
			Ok(Err(error)) => Err(self.failed(method, error, number).await),
			Err(_) => {
				self.disconnect(number).await;
				Err(self.not_ready(format!("{method} took longer than {REQUEST_TIMEOUT:?}")))
			}
		}
	}

	/// Drops the connection of this number, unless there is a later one: the next question makes a
	/// new one, after a pause.
	async fn disconnect(&self, number: u64) {
		let mut connection = self.connection.lock().await;
		if connection.number == number && connection.client.take().is_some() {
			connection.introduction = None;
			connection.retry = Some((Instant::now() + BACKOFF_MIN, BACKOFF_MIN));
		}
	}

	pub(super) fn not_ready(&self, reason: impl AsRef<str>) -> ChainError {
		ChainError::NotReady { endpoint: self.name.clone(), reason: self.words(reason.as_ref()) }
	}

	pub(super) fn incompatible(&self, reason: impl AsRef<str>) -> ChainError {
		ChainError::Incompatible {
			endpoint: self.name.clone(),
			reason: self.words(reason.as_ref()),
		}
	}

	/// What the node or its connection says, without the URL.
	fn words(&self, reason: &str) -> String {
		match self.url == self.name {
			true => said(reason),
			false => said(&reason.replace(&self.url, &self.name)),
		}
	}

	/// A connection, and its number.
	async fn client(&self) -> Result<(RpcClient, u64), ChainError> {
		let mut connection = self.connection.lock().await;
		if let Some(client) = &connection.client {
			return Ok((client.clone(), connection.number));
		}
		let pause = match connection.retry {
			Some((moment, _)) if Instant::now() < moment => {
				return Err(self.unreachable("waiting before the next attempt"));
			}
			Some((_, pause)) => pause,
			None => BACKOFF_MIN,
		};
		let reason = match timeout(CONNECT_TIMEOUT, self.connect()).await {
			Ok(Ok(client)) => {
				info!(target: "client::chain", endpoint = %self.name, "connected");
				let number = connection.number.wrapping_add(1);
				*connection =
					Connection { client: Some(client.clone()), number, ..Connection::default() };
				return Ok((client, number));
			}
			Ok(Err(error)) => error.to_string(),
			Err(_) => format!("no answer within {CONNECT_TIMEOUT:?}"),
		};
		// Up to a quarter more, so that the devices of a restarted node do not all return at once.
		let wait = pause.mul_f64(1.0 + rand::random::<f64>() / 4.0);
		connection.retry = Some((Instant::now() + wait, (pause * 2).min(BACKOFF_MAX)));
		let error = self.unreachable(reason);
		debug!(target: "client::chain", ?wait, %error, "not connected");
		Err(error)
	}

	async fn connect(&self) -> Result<RpcClient, RpcError> {
		#[cfg(feature = "fakes")]
		if let Some(client) = &self.scripted {
			return Ok(client.clone());
		}
		RpcClient::from_insecure_url(&self.url).await
	}

	/// What it means that a request over the connection of this number failed.
	async fn failed(&self, method: &str, error: RpcError, number: u64) -> ChainError {
		let refused = |reason: &str| ChainError::Refused {
			endpoint: self.name.clone(),
			method: method.to_owned(),
			reason: self.words(reason),
		};
		match error {
			RpcError::User(error) if error.code == METHOD_NOT_FOUND => {
				refused("the node does not have this method")
			}
			RpcError::User(error) if error.message.contains("Exported method") => {
				self.incompatible(error.message)
			}
			RpcError::User(error) => refused(&reason_of(error)),
			RpcError::Deserialization(error) => {
				self.incompatible(format!("{method} answers {error}"))
			}
			error => {
				self.disconnect(number).await;
				self.unreachable(error.to_string())
			}
		}
	}

	fn unreachable(&self, reason: impl AsRef<str>) -> ChainError {
		ChainError::Unreachable { endpoint: self.name.clone(), reason: self.words(reason.as_ref()) }
	}
}

/// Why a node refuses a request, in its own words.
pub(crate) fn reason_of(error: UserError) -> String {
	said(&match error.data {
		Some(data) => format!("{}: {data}", error.message),
		None => error.message,
	})
}
