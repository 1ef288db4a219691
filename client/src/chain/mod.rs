//! The chain as the actors see it: heads, windows, challenges, and where reports go.

mod agreement;
mod credits;
mod endpoint;
mod envelope;
pub(crate) mod routes;
mod rpc;
mod unread;
mod wire;

use async_trait::async_trait;
use groma_core::{
	CollectorIndex, DeviceId, NetworkId, RegionId, WindowIndex,
	api::{ActivityInfo, ChallengeInfo, Code, DeviceInfo, Refusal, WindowInfo},
	place::Cell,
	region::RegionPlan,
	words::{Hash, SessionKey, Signature},
};

use crate::report::EncodedReport;

pub(crate) use agreement::contradiction;
pub use credits::VoucherAnswers;
pub(crate) use endpoint::reason_of;
pub use routes::Listed;
pub use rpc::{RpcChain, Runtime};
/// An account: 32 bytes, for people and in JSON its SS58 address.
pub use subxt::utils::AccountId32 as AccountId;

/// A block by number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockRef {
	/// Its number.
	pub number: u32,
	/// Its hash.
	pub hash: Hash,
}

/// How far the chain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heads {
	/// Number of the best block.
	pub best: u32,
	/// The last finalized block.
	pub finalized: BlockRef,
}

/// The state that a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
	/// After the best block of whichever endpoint answers.
	Best,
	/// After this block.
	Block(Hash),
}

/// What as many nodes as are required say of the chain, each for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
	/// The window of their last finalized blocks.
	pub window: WindowInfo,
	/// The highest blocks that so many of them have.
	pub heads: Heads,
}

/// Of what an endpoint is the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
	/// Of the heads.
	Heads,
	/// Of answers to questions that are asked of one endpoint.
	Answers,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
	/// No endpoint can be reached.
	#[error("{endpoint} cannot be reached ({reason}); check `chain.endpoints` and the network")]
	Unreachable {
		/// Which endpoint was tried last.
		endpoint: String,
		/// What the connection says.
		reason: String,
	},
	/// The node does not answer in time, or is still catching up.
	#[error("{endpoint} is not ready: {reason}")]
	NotReady {
		/// Which endpoint.
		endpoint: String,
		/// In what way.
		reason: String,
	},
	/// The node refuses the request.
	#[error("{endpoint} refuses {method}: {reason}")]
	Refused {
		/// Which endpoint.
		endpoint: String,
		/// Which JSON-RPC method.
		method: String,
		/// What the node says.
		reason: String,
	},
	/// The runtime speaks another language than this build.
	#[error(
		"{endpoint} runs a chain that this build does not understand ({reason}): update this program"
	)]
	Incompatible {
		/// Which endpoint.
		endpoint: String,
		/// What was not understood.
		reason: String,
	},
	/// An endpoint says what cannot be.
	#[error("an endpoint names a window that cannot be ({0}): do not trust it")]
	Implausible(String),
	/// The window that endpoints agree on lies before one that they agreed on in an earlier run.
	#[error(
		"endpoints are in window {window}, and were in window {known} before: if they are still catching up, \
		 wait; if not, correct `chain.endpoints`, or move the store away if the chain began again from its \
		 genesis"
	)]
	Earlier {
		/// The window now.
		window: WindowIndex,
		/// The window then.
		known: WindowIndex,
	},
	/// What endpoints agree on contradicts what they agreed on before.
	#[error(
		"endpoints contradict {0} that was agreed on before: correct `chain.endpoints`; if the chain began \
		 again from its genesis, move the store away"
	)]
	Rewritten(&'static str),
	/// Endpoints contradict each other, and too few others decide which of them lies.
	#[error("{one} and {other} contradict each other about {about}: remove the one that lies")]
	Contradicted {
		/// One of them.
		one: String,
		/// The other.
		other: String,
		/// What they contradict each other about.
		about: &'static str,
	},
	/// Fewer nodes than are required say the same.
	#[error("{required} nodes have to agree ({said}); check `chain.endpoints` and the network")]
	TooFew {
		/// How many are required.
		required: usize,
		/// What each of them says.
		said: String,
	},
	/// A node has not finalized any block of the window: what it does not know is no answer.
	#[error(
		"the node has finalized block {finalized}, but the window begins with block {first_block}"
	)]
	Behind {
		/// Number of its last finalized block.
		finalized: u32,
		/// The first block of the window.
		first_block: u32,
	},
	/// The endpoint serves another chain than before.
	#[error(
		"{0} serves another chain than the first endpoint that answered: correct `chain.endpoints`"
	)]
	OtherChain(String),
	/// The pages of a list cannot be those of one list.
	#[error("the pages that {endpoint} answers to {list} do not belong together: {reason}")]
	UnfitPages {
		/// Which endpoint.
		endpoint: String,
		/// Which list, as the runtime API names it.
		list: &'static str,
		/// In what way.
		reason: &'static str,
	},
}

impl ChainError {
	/// Whether the same question may be answered later or elsewhere.
	pub fn is_retryable(&self) -> bool {
		!matches!(self, Self::Incompatible { .. } | Self::OtherChain(_))
	}
}

/// What the actors ask the chain and submit to it.
#[async_trait]
pub trait Chain: Send + Sync {
	/// The hash of block 0.
	async fn genesis(&self) -> Result<Hash, ChainError>;

	/// The heads, as soon as they differ from those of the call before. Asked by one caller at a
	/// time.
	async fn next_heads(&self) -> Result<Heads, ChainError>;

	/// The window of a block.
	async fn window(&self, at: At) -> Result<WindowInfo, ChainError>;

	/// The device with this session key, by as many nodes as are required.
	async fn device_by_key(&self, key: SessionKey, at: At) -> Result<Option<DeviceId>, ChainError>;

	/// The device of this name, by as many nodes as are required.
	async fn device(
		&self,
		id: DeviceId,
		at: At,
	) -> Result<Option<DeviceInfo<AccountId>>, ChainError>;

	/// The plan of a region in a network, by as many nodes as are required.
	async fn region_plan(
		&self,
		network: NetworkId,
		region: RegionId,
		at: At,
	) -> Result<Option<RegionPlan>, ChainError>;

	/// What as many nodes as are required say of the window and the heads. The log names an
	/// endpoint that contradicts them.
	async fn agreed(&self) -> Result<Agreed, ChainError>;

	/// The challenge of a device in a window. That it has none counts only if as many nodes as are
	/// required say so.
	async fn challenge(
		&self,
		device: DeviceId,
		window: WindowIndex,
		at: At,
	) -> Result<Option<ChallengeInfo>, ChainError>;

	/// How many counted devices of a network are in a cell of the draw's resolution, by as many
	/// nodes as are required. If they do not agree, it is the least that one of them says.
	async fn members(&self, network: NetworkId, cell: Cell, at: At) -> Result<u32, ChainError>;

	/// Whether the device was challenged in the window and the signature is that of its key of that
	/// window, which is not banned, over the beacon: what the chain asks of either signature of a
	/// double beacon. That it is not genuine counts only if as many nodes as are required say so.
	async fn is_beacon_genuine(
		&self,
		device: DeviceId,
		window: WindowIndex,
		signature: &Signature,
		at: At,
	) -> Result<bool, ChainError>;

	/// Who has stated about a challenge that is not settled yet.
	async fn witnesses(
		&self,
		window: WindowIndex,
		beaconer: DeviceId,
		at: At,
	) -> Result<Vec<DeviceId>, ChainError>;

	/// What a device did; `None` if it never took part.
	async fn activity(&self, device: DeviceId, at: At) -> Result<Option<ActivityInfo>, ChainError>;

	/// The hash of a block of the best chain.
	async fn block_hash(&self, number: u32) -> Result<Option<Hash>, ChainError>;

	/// The extrinsics of a block, as they are encoded.
	async fn extrinsics(&self, block: Hash) -> Result<Vec<Vec<u8>>, ChainError>;

	/// Whether a report would be taken in the next block. That it would not counts only if as many
	/// nodes as are required say so.
	async fn check(
		&self,
		report: &EncodedReport,
		at: At,
	) -> Result<Result<(), Code<Refusal>>, ChainError>;

	/// Turns to another endpoint, because of what one says about something. The log names it.
	async fn distrust(&self, _source: Source, _about: &str) {}

	/// Has the next heads be asked for again, since those that were reported are old.
	async fn refresh_heads(&self) {}

	/// How many endpoints there are to hand reports to, at least 1.
	fn endpoints(&self) -> usize;

	/// The index of the collector of an endpoint, counted from the one that answers now; 0 if it
	/// has none that is registered.
	async fn collector(&self, endpoint: usize) -> Result<CollectorIndex, ChainError>;

	/// Gives a report to the pool of an endpoint, counted from the one that answers now.
	async fn hand_in(&self, report: &EncodedReport, endpoint: usize) -> Result<(), ChainError>;

	/// Submits a report as an authorized transaction of the device itself.
	async fn submit_own(&self, report: &EncodedReport) -> Result<(), ChainError>;
}
