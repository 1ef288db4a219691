//! What comes of a submission.

use groma_core::api::{Code, Refusal, StatementRank};
use serde::Serialize;
use sp_api::ApiError;

/// Whether the next block would take a report, and how it ranks among those about its subject, if
/// reports of its series are ranked; or why not.
pub(crate) type Verdict = Result<Option<StatementRank>, Code<Refusal>>;

/// What came of the submission of a report that is in the pool now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
	/// It is new.
	Accepted,
	/// It was there already.
	Known,
}

/// Why a report is not in the pool.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Rejection {
	/// There is no such series.
	#[error("`series`: there is no series {number}; this node takes {known}")]
	UnknownSeries {
		/// The number.
		number: u32,
		/// The series that there are.
		known: String,
	},
	/// The bytes are not the encoding of one report of the series.
	#[error(
		"`bytes` is not the encoding of a {series}, which takes up to {bytes_max} bytes: {why}"
	)]
	Malformed {
		/// The name of the series.
		series: &'static str,
		/// The most bytes of one of its reports.
		bytes_max: usize,
		/// What is wrong, with the field of the report.
		why: String,
	},
	/// The chain would not take it.
	#[error("the chain refuses it. {}", .0.explanation())]
	Refused(Code<Refusal>),
	/// Its author said something else about the same device and window.
	#[error("the pool holds another {0} of the same device about the same device and window")]
	Contradiction(&'static str),
	/// The pool holds as many of its author as it takes.
	#[error("the pool holds as many {0}s of this device as it takes in a window")]
	QuotaReached(&'static str),
	/// The pool holds as many about its subject as it takes, all of which the chain ranks before
	/// it.
	#[error(
		"the pool holds as many {0}s about this device and window as it takes, all of which the chain \
		 ranks before it: no node keeps it"
	)]
	Outranked(&'static str),
	/// As many reports as may wait do wait to be checked.
	#[error(
		"too many reports wait for the node to check them: submit it again in a second, or to another \
		 node"
	)]
	Busy,
	/// The pool is full.
	#[error("the pool has no room for another {0} of this window: submit it to another node")]
	Full(&'static str),
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
	/// The name by which a client distinguishes it from the others.
	pub(crate) fn name(&self) -> &'static str {
		match self {
			Self::UnknownSeries { .. } => "unknownSeries",
			Self::Malformed { .. } => "malformed",
			Self::Refused(refusal) => refusal.name(),
			Self::Contradiction(_) => "contradiction",
			Self::QuotaReached(_) => "quotaReached",
			Self::Outranked(_) => "outranked",
			Self::Busy => "busy",
			Self::Full(_) => "poolFull",
			Self::NotChecked(_) => "notChecked",
		}
	}
}
