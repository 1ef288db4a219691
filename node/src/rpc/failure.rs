//! Errors of the methods: a code for programs, a sentence for people.

use groma_core::api::{ClaimRefusal, Code};
use jsonrpsee::types::ErrorObjectOwned;
use sp_api::ApiError;

use crate::report_pool::Rejection;

/// The runtime could not answer, for instance because the state of that block is pruned.
const NOT_ANSWERED: i32 = 7001;
/// A parameter is out of its range.
const BAD_PARAMETER: i32 = 7002;
/// A report is not taken into the pool; `data` names the reason.
const REJECTED: i32 = 7003;
/// The node has too much to do to check a report. It may be submitted again.
const BUSY: i32 = 7004;
/// No voucher of a channel can be claimed; `data` names the reason.
const NOT_CLAIMABLE: i32 = 7005;

/// The runtime could not answer.
pub(super) fn not_answered(error: ApiError) -> ErrorObjectOwned {
	let message = format!("the runtime could not answer: {error}");
	ErrorObjectOwned::owned(NOT_ANSWERED, message, None::<()>)
}

/// A parameter is out of its range.
pub(super) fn bad_parameter(message: impl Into<String>) -> ErrorObjectOwned {
	ErrorObjectOwned::owned(BAD_PARAMETER, message, None::<()>)
}

/// A report is not taken into the pool.
pub(super) fn rejected(rejection: Rejection) -> ErrorObjectOwned {
	let code = if matches!(rejection, Rejection::Busy) { BUSY } else { REJECTED };
	ErrorObjectOwned::owned(code, rejection.to_string(), Some(rejection.name()))
}

/// No voucher of a channel can be claimed.
pub(super) fn not_claimable(refusal: Code<ClaimRefusal>) -> ErrorObjectOwned {
	ErrorObjectOwned::owned(NOT_CLAIMABLE, refusal.explanation(), Some(refusal))
}
