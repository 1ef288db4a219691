//! Endpoints that speak JSON-RPC about a [`FakeChain`], each of which may lie.

use std::{
	future::pending,
	sync::{Arc, Mutex},
};

use codec::{Decode, Encode};
use futures::stream::{StreamExt, unfold};
use groma_core::{
	DeviceId, NetworkId, RegionId, WindowIndex,
	api::{CellInfo, ChallengeInfo, WindowInfo, methods},
	place::Cell,
	statement::{REVEALS, Report, Reveal, STATEMENTS, Statement},
	words::{SessionKey, Signature},
};
use serde_json::{Value, json};
use subxt::rpcs::{
	Error, UserError,
	client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClient, RpcClientT},
};

use super::{
	chain::FakeChain,
	world::{BLOCKS, GENESIS, hash},
};
use crate::{
	chain::{At, Chain, ChainError, Heads, RpcChain},
	metrics::Metrics,
	report::EncodedReport,
};

/// What a node says that is not so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
	/// Its window has this number.
	Index(WindowIndex),
	/// Its window lasts so many blocks.
	Length(u32),
	/// Its window has another seed.
	Seed,
	/// Its window challenges no device.
	Thresholds,
	/// No device is challenged.
	NoChallenge,
	/// There is no device and no region, and no beacon is genuine.
	NoDevice,
	/// Challenges have other ids.
	OtherChallenge,
	/// Cells are so full that no witness is drawn.
	Draw,
	/// It is so many blocks further than the chain.
	Ahead(u32),
	/// Its last finalized block has a hash that no other node knows.
	Hash,
	/// It is so many blocks behind the chain.
	Behind(u32),
	/// It has made and finalized no block after this one.
	Stuck(u32),
	/// It reports no head after this one, though it answers that there are some.
	Late(u32),
	/// What it is given is on chain already.
	Known,
	/// Its answers are of a later runtime, and have more at their end.
	Longer,
	/// Its answers are of a later runtime, and cannot be read.
	Unreadable,
}

/// A node of a [`FakeChain`]. Its clones are the same node.
#[derive(Clone)]
pub struct FakeNode(Arc<Inner>);

struct Inner {
	truth: Arc<FakeChain>,
	/// Its number as an endpoint, by which the chain's script knows it.
	number: usize,
	script: Mutex<NodeScript>,
}

/// What a [`FakeNode`] does.
#[derive(Clone, Debug)]
struct NodeScript {
	peer: String,
	lie: Option<Lie>,
	is_offline: bool,
	/// It takes questions and does not answer.
	is_silent: bool,
	/// It does not say who it is.
	is_nameless: bool,
}

/// Three nodes of a chain and a client of theirs, of whom two have to agree.
pub fn three_nodes(
	truth: &Arc<FakeChain>,
	metrics: &Arc<Metrics>,
) -> ([FakeNode; 3], Arc<RpcChain>) {
	let nodes = [0, 1, 2].map(|number| FakeNode::new(truth, number));
	let endpoints = nodes.iter().map(|node| (node.url(), RpcClient::new(node.clone())));
	let chain = RpcChain::scripted(endpoints.collect(), 2, metrics.clone());
	(nodes, Arc::new(chain))
}

impl FakeNode {
	/// An honest node.
	pub fn new(truth: &Arc<FakeChain>, number: usize) -> Self {
		let script = NodeScript {
			peer: format!("node-{number}"),
			lie: None,
			is_offline: false,
			is_silent: false,
			is_nameless: false,
		};
		Self(Arc::new(Inner { truth: truth.clone(), number, script: Mutex::new(script) }))
	}

	/// Under which URL it is found.
	pub fn url(&self) -> String {
		format!("wss://node-{}.example.org", self.0.number)
	}

	/// Has it lie from now on, or no longer.
	pub fn lie(&self, lie: Option<Lie>) {
		self.change(|script| script.lie = lie);
	}

	/// Has it answer nothing from now on, or again.
	pub fn set_offline(&self, is_offline: bool) {
		self.change(|script| script.is_offline = is_offline);
	}

	/// Has it take questions and answer none of them from now on, or answer again.
	pub fn set_silent(&self, is_silent: bool) {
		self.change(|script| script.is_silent = is_silent);
	}

	/// Has it refuse to say who it is.
	pub fn set_nameless(&self) {
		self.change(|script| script.is_nameless = true);
	}

	/// Gives it the identity of another node.
	pub fn be(&self, other: &Self) {
		let peer = other.script().peer;
		self.change(|script| script.peer = peer);
	}

	fn change(&self, change: impl FnOnce(&mut NodeScript)) {
		change(&mut self.0.script.lock().expect("no test panics here"));
	}

	fn script(&self) -> NodeScript {
		self.0.script.lock().expect("no test panics here").clone()
	}

	/// The heads that it makes of those of the chain.
	fn heads(&self, mut heads: Heads) -> Heads {
		match self.script().lie {
			Some(Lie::Ahead(blocks)) => {
				heads.best += blocks;
				heads.finalized.number += blocks;
				heads.finalized.hash = hash(heads.finalized.number);
			}
			Some(Lie::Behind(blocks)) => {
				heads.best -= blocks;
				heads.finalized.number -= blocks;
				heads.finalized.hash = hash(heads.finalized.number);
			}
			Some(Lie::Stuck(block)) => {
				heads.best = heads.best.min(block);
				heads.finalized.number = heads.finalized.number.min(block);
				heads.finalized.hash = hash(heads.finalized.number);
			}
			Some(Lie::Hash) => heads.finalized.hash[31] ^= 0xFF,
			_ => {}
		}
		heads
	}

	fn present(&self) -> Heads {
		self.heads(*self.0.truth.watch_heads().borrow())
	}

	async fn answer(&self, method: &str, params: &[Value]) -> Result<Value, Error> {
		let NodeScript { is_offline, is_silent, is_nameless, .. } = self.script();
		if is_offline {
			return Err(Error::Client("the node is off\nWARN a line of its own".into()));
		}
		if is_silent {
			pending::<()>().await;
		}
		let heads = self.present();
		Ok(match method {
			"system_localPeerId" if is_nameless => {
				return Err(UserError::method_not_found().into());
			}
			"system_health" => json!({ "peers": 3, "isSyncing": false, "shouldHavePeers": true }),
			"system_localPeerId" => self.script().peer.into(),
			"chain_getFinalizedHead" => hexadecimal(&heads.finalized.hash).into(),
			"chain_getBlockHash" => match params.first().and_then(Value::as_u64) {
				Some(0) => hexadecimal(&GENESIS).into(),
				Some(number) if number <= u64::from(heads.best) => {
					hexadecimal(&hash(number as u32)).into()
				}
				_ => Value::Null,
			},
			"chain_getHeader" => match params.first() {
				Some(block) => header(number_of(&bytes(block)?)),
				None => header(heads.best),
			},
			"state_call" => {
				let api = params.first().and_then(Value::as_str).unwrap_or_default();
				let arguments = params.get(1).map_or(Ok(Vec::new()), bytes)?;
				let at = match params.get(2) {
					Some(block) => self.known(&bytes(block)?, heads)?,
					None => At::Block(hash(heads.best)),
				};
				let mut answer = self.call(api, &arguments, at).await?;
				match self.script().lie {
					Some(Lie::Longer) => answer.extend([0xEE; 9]),
					Some(Lie::Unreadable) => answer.clear(),
					_ => {}
				}
				hexadecimal(&answer).into()
			}
			"groma_collector" => {
				match self.0.truth.collector(self.0.number).await.map_err(failed)? {
					0 => Value::Null,
					index => json!({ "account": "fake", "index": index, "owed": "0" }),
				}
			}
			"groma_submitReport" => match params.first().and_then(Value::as_u64) {
				Some(series) if series == u64::from(STATEMENTS) => {
					self.take::<Statement>(params).await?
				}
				Some(series) if series == u64::from(REVEALS) => self.take::<Reveal>(params).await?,
				_ => return Err(refusal("there is no such series")),
			},
			_ => return Err(UserError::method_not_found().into()),
		})
	}

	/// A block, if the node has it.
	fn known(&self, block: &[u8], heads: Heads) -> Result<At, Error> {
		let number = number_of(block);
		let has_hash = block == hash(number) || block == heads.finalized.hash;
		match has_hash && number <= heads.best {
			true => Ok(At::Block(hash(number))),
			false => Err(refusal("UnknownBlock: State already discarded or never there")),
		}
	}

	/// Takes a report into its pool.
	async fn take<R: Report>(&self, params: &[Value]) -> Result<Value, Error>
	where
		EncodedReport: From<R>,
	{
		let report =
			EncodedReport::from(decode::<R>(&params.get(1).map_or(Ok(Vec::new()), bytes)?)?);
		self.0.truth.hand_in(&report, self.0.number).await.map_err(failed)?;
		Ok("accepted".into())
	}

	async fn call(&self, api: &str, arguments: &[u8], at: At) -> Result<Vec<u8>, Error> {
		let (truth, lie) = (&self.0.truth, self.script().lie);
		Ok(match api {
			methods::WINDOW => self.window(truth.window(at).await.map_err(failed)?).encode(),
			methods::CHALLENGE => {
				let (device, index) = decode::<(DeviceId, WindowIndex)>(arguments)?;
				let challenge = truth.challenge(device, index, at).await.map_err(failed)?;
				match lie {
					Some(Lie::NoChallenge) => None,
					Some(Lie::OtherChallenge) => {
						challenge.map(|challenge| ChallengeInfo { id: [0xEE; 32], ..challenge })
					}
					_ => challenge,
				}
				.encode()
			}
			methods::CELL => {
				let (network, cell) = decode::<(NetworkId, Cell)>(arguments)?;
				let members = truth.members(network, cell, at).await.map_err(failed)?;
				let members = if lie == Some(Lie::Draw) { u32::MAX } else { members };
				CellInfo { cell, arrived: 0, admitted: 0, members }.encode()
			}
			methods::CHECK_STATEMENT => self.check::<Statement>(arguments, at).await?,
			methods::CHECK_REVEAL => self.check::<Reveal>(arguments, at).await?,
			methods::IS_BEACON_GENUINE => {
				let (device, index, signature) =
					decode::<(DeviceId, WindowIndex, Signature)>(arguments)?;
				let genuine = truth.is_beacon_genuine(device, index, &signature, at).await;
				(genuine.map_err(failed)? && lie != Some(Lie::NoDevice)).encode()
			}
			methods::WITNESSES => {
				let (index, device) = decode::<(WindowIndex, DeviceId)>(arguments)?;
				truth.witnesses(index, device, at).await.map_err(failed)?.encode()
			}
			methods::ACTIVITY => {
				let device = decode::<DeviceId>(arguments)?;
				truth.activity(device, at).await.map_err(failed)?.encode()
			}
			methods::DEVICE_BY_KEY => {
				let key = decode::<SessionKey>(arguments)?;
				let found = truth.device_by_key(key, at).await.map_err(failed)?;
				found.filter(|_| lie != Some(Lie::NoDevice)).encode()
			}
			methods::DEVICE => {
				let device = decode::<DeviceId>(arguments)?;
				let found = truth.device(device, at).await.map_err(failed)?;
				found.filter(|_| lie != Some(Lie::NoDevice)).encode()
			}
			methods::REGION_PLAN => {
				let (network, region) = decode::<(NetworkId, RegionId)>(arguments)?;
				let found = truth.region_plan(network, region, at).await.map_err(failed)?;
				found.filter(|_| lie != Some(Lie::NoDevice)).encode()
			}
			_ => return Err(refusal("Exported method is not found")),
		})
	}

	async fn check<R: Report>(&self, arguments: &[u8], at: At) -> Result<Vec<u8>, Error>
	where
		EncodedReport: From<R>,
	{
		let report = EncodedReport::from(decode::<R>(arguments)?);
		if self.script().lie == Some(Lie::Known) {
			return Ok(Err::<(), _>(groma_core::api::Refusal::AlreadyKnown).encode());
		}
		Ok(self.0.truth.check(&report, at).await.map_err(failed)?.encode())
	}

	fn window(&self, truth: WindowInfo) -> WindowInfo {
		match self.script().lie {
			Some(Lie::Index(index)) => WindowInfo { index, ..truth },
			Some(Lie::Length(blocks)) => {
				let duration_ms = truth.duration_ms / u64::from(BLOCKS) * u64::from(blocks);
				WindowInfo { blocks, duration_ms, ..truth }
			}
			Some(Lie::Seed) => WindowInfo { seed: [0xEE; 32], ..truth },
			Some(Lie::Thresholds) => WindowInfo { thresholds: Vec::new(), ..truth },
			_ => truth,
		}
	}
}

impl RpcClientT for FakeNode {
	fn request_raw<'a>(
		&'a self,
		method: &'a str,
		params: Option<Box<RawValue>>,
	) -> RawRpcFuture<'a, Box<RawValue>> {
		Box::pin(async move {
			let params: Vec<Value> = match params {
				Some(params) => serde_json::from_str(params.get()).map_err(Error::Serialization)?,
				None => Vec::new(),
			};
			raw(&self.answer(method, &params).await?)
		})
	}

	fn subscribe_raw<'a>(
		&'a self,
		sub: &'a str,
		_params: Option<Box<RawValue>>,
		_unsub: &'a str,
	) -> RawRpcFuture<'a, RawRpcSubscription> {
		Box::pin(async move {
			if self.script().is_offline {
				return Err(Error::Client("the node is off".into()));
			}
			let is_finalized = sub == "chain_subscribeFinalizedHeads";
			let start = (self.clone(), self.0.truth.watch_heads());
			let stream = unfold(start, move |(node, mut heads)| async move {
				heads.changed().await.ok()?;
				let mut shown = node.heads(*heads.borrow_and_update());
				if let Some(Lie::Late(block)) = node.script().lie {
					shown.best = shown.best.min(block);
					shown.finalized.number = shown.finalized.number.min(block);
				}
				let number = if is_finalized { shown.finalized.number } else { shown.best };
				Some((raw(&header(number)), (node, heads)))
			});
			Ok(RawRpcSubscription { stream: stream.boxed(), id: None })
		})
	}
}

fn raw(value: &Value) -> Result<Box<RawValue>, Error> {
	RawValue::from_string(value.to_string()).map_err(Error::Deserialization)
}

fn header(number: u32) -> Value {
	json!({ "number": format!("0x{number:x}") })
}

/// The number that a hash of the test's chain names.
fn number_of(hash: &[u8]) -> u32 {
	let mut number = [0; 4];
	number.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
	u32::from_le_bytes(number)
}

fn hexadecimal(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}

fn bytes(value: &Value) -> Result<Vec<u8>, Error> {
	let digits = value.as_str().unwrap_or_default().trim_start_matches("0x");
	hex::decode(digits).map_err(|_| refusal("not hexadecimal"))
}

fn decode<T: Decode>(bytes: &[u8]) -> Result<T, Error> {
	T::decode(&mut &bytes[..]).map_err(|error| refusal(&error.to_string()))
}

fn failed(error: ChainError) -> Error {
	refusal(&error.to_string())
}

fn refusal(message: &str) -> Error {
	UserError { code: 4003, message: message.to_owned(), data: None }.into()
}
