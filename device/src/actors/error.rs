//! Why an actor puts its work off.

use groma_client::{chain::ChainError, store::StoreError};

/// Why an actor puts its work off.
#[derive(Debug, thiserror::Error)]
pub(super) enum ActorError {
	/// The chain does not answer, or not as it should.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The store cannot be used.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The endpoint that answers does not have a block that is finalized.
	#[error(
		"the endpoint has no block {0}, which is finalized: it is behind the chain, or has lost blocks; if \
		 that lasts, take it out of `chain.endpoints`"
	)]
	NoBlock(u32),
	/// The chain asks for a transmission that this build cannot make.
	#[error("the chain asks for a modulation that is not LoRa's: update groma-device")]
	UnknownModulation,
}
