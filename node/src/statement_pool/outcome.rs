//! What comes of a submission.

use groma_core::api::Refusal;
use serde::Serialize;
use sp_api::ApiError;

/// What came of something that was handed in and is in the pool now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
	/// It is new.
	Accepted,
	/// The same was there already.
	Known,
}

/// Why something that was handed in is not in the pool.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Rejection {
	/// The bytes are not what they should be.
	#[error("these bytes are not the encoding of a {0}")]
	Malformed(&'static str),
	/// The chain would not take it.
	#[error("the chain refuses it. {}", .0.explanation())]
	Refused(Refusal),
	/// The witness said something else about the same beacon.
	#[error("another statement of this witness about this beacon is in the pool")]
	Contradiction,
	/// The witness has its share of the pool.
	#[error("the pool holds as many statements of this witness as it takes in a window")]
	QuotaReached,
	/// The pool is full.
	#[error("the pool is full: hand it to another node, or later")]
	Full,
	/// The chain could not be asked.
	#[error("the node could not check it: {0}")]
	NotChecked(#[from] ApiError),
}

impl Outcome {
	/// The name under which metrics count it.
	pub(super) fn name(self) -> &'static str {
		match self {
			Self::Accepted => "accepted",
			Self::Known => "known",
		}
	}
}

impl Rejection {
	/// The name by which a client tells it from the others.
	pub(crate) fn name(&self) -> &'static str {
		match self {
			Self::Malformed(_) => "malformed",
			Self::Refused(refusal) => refusal.name(),
			Self::Contradiction => "contradiction",
			Self::QuotaReached => "quotaReached",
			Self::Full => "poolFull",
			Self::NotChecked(_) => "notChecked",
		}
	}
}
