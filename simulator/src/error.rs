//! Why a simulation ends before its time, or does not begin.

use std::io;

use groma_client::{chain::ChainError, owner::OwnerError, store::StoreError};
use groma_device::server::ServerError;

use crate::{behaviour::Behaviour, field::FieldError, market::MarketError, owners::OwnersError};

/// Why a simulation ends before its time, or does not begin.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
	/// There is no such field.
	#[error(transparent)]
	Field(#[from] FieldError),
	/// The chain does not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// An account cannot be used.
	#[error(transparent)]
	Owner(#[from] OwnerError),
	/// The devices do not get on chain.
	#[error(transparent)]
	Owners(#[from] OwnersError),
	/// A customer does not get on.
	#[error(transparent)]
	Market(#[from] MarketError),
	/// The client's store cannot be used.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The client failed.
	#[error(transparent)]
	Server(#[from] ServerError),
	/// A socket cannot be opened.
	#[error("a socket on loopback cannot be opened: {0}")]
	Socket(#[from] io::Error),
	/// The node's blocks cannot be read.
	#[error("the node's finalized blocks cannot be read: {0}")]
	Blocks(String),
	/// The books of the supply cannot be read.
	#[error("the chain cannot read its books; see the runbook of state that does not decode")]
	Books,
	/// The summary cannot be written as JSON.
	#[error("the summary cannot be written as JSON: {0}")]
	Json(#[from] serde_json::Error),
	/// A part of the simulation ended without being asked to.
	#[error("a part of the simulation failed; report the lines before this one")]
	Failed,
	/// Not everything was paid in time.
	#[error("not everything was paid within {minutes} minutes: {reason}")]
	Unpaid {
		/// How long it was waited for.
		minutes: u64,
		/// How far the way to a payment was covered.
		reason: String,
	},
	/// A cheat earned.
	#[error("{0} earned, which the rules should prevent: this is a bug of the chain")]
	CheatEarned(Behaviour),
}
