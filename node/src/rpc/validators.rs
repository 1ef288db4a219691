//! Eras, their sets, and those who validate.

use groma_core::{
	EraIndex,
	api::{EraInfo, EraSetInfo, KeyKind, OffenceId, SessionKeyInfo, SlashPage, ValidatorInfo},
	protocol::LIST_LENGTH_MAX,
	words::SessionKey,
};
use groma_runtime_api::ValidatorsApi as _;
use jsonrpsee::{
	core::{RpcResult, async_trait},
	proc_macros::rpc,
};

use super::reads::Reads;
use crate::types::{AccountId, BlockHash};

/// The methods. `at` is the hash of a block; the best one if it is absent.
#[rpc(server, namespace = "groma")]
pub(crate) trait ValidatorsApi {
	/// The clock of eras, and what elections go by; null if the clock cannot be read.
	#[method(name = "era", blocking)]
	fn era(&self, at: Option<BlockHash>) -> RpcResult<Option<EraInfo>>;

	/// The set of an era, or of the active one, from a place on; null if the era is forgotten or is
	/// not elected yet, or if its set or the clock cannot be read.
	#[method(name = "validators", blocking)]
	fn validators(
		&self,
		era: Option<EraIndex>,
		from: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<Option<EraSetInfo<AccountId>>>;

	/// What there is to know of an account as a validator.
	#[method(name = "validator", blocking)]
	fn validator(
		&self,
		account: AccountId,
		at: Option<BlockHash>,
	) -> RpcResult<ValidatorInfo<AccountId>>;

	/// Slashes that wait or were cancelled, from the offence after `after` on, or from the first.
	#[method(name = "pendingSlashes", blocking)]
	fn pending_slashes(
		&self,
		after: Option<OffenceId<AccountId>>,
		at: Option<BlockHash>,
	) -> RpcResult<SlashPage<AccountId>>;

	/// Whose a session key of a validator is, and was; null if what says so cannot be read.
	#[method(name = "sessionKey", blocking)]
	fn session_key(
		&self,
		kind: KeyKind,
		key: SessionKey,
		at: Option<BlockHash>,
	) -> RpcResult<Option<SessionKeyInfo<AccountId>>>;
}

#[async_trait]
impl ValidatorsApiServer for Reads {
	fn era(&self, at: Option<BlockHash>) -> RpcResult<Option<EraInfo>> {
		self.ask(at, |api, at| api.era(at))
	}

	fn validators(
		&self,
		era: Option<EraIndex>,
		from: Option<u32>,
		limit: Option<u32>,
		at: Option<BlockHash>,
	) -> RpcResult<Option<EraSetInfo<AccountId>>> {
		let (from, limit) = (from.unwrap_or(0), limit.unwrap_or(LIST_LENGTH_MAX));
		self.ask(at, |api, at| api.validators(at, era, from, limit))
	}

	fn validator(
		&self,
		account: AccountId,
		at: Option<BlockHash>,
	) -> RpcResult<ValidatorInfo<AccountId>> {
		self.ask(at, |api, at| api.validator(at, account))
	}

	fn pending_slashes(
		&self,
		after: Option<OffenceId<AccountId>>,
		at: Option<BlockHash>,
	) -> RpcResult<SlashPage<AccountId>> {
		self.ask(at, |api, at| api.pending_slashes(at, after))
	}

	fn session_key(
		&self,
		kind: KeyKind,
		key: SessionKey,
		at: Option<BlockHash>,
	) -> RpcResult<Option<SessionKeyInfo<AccountId>>> {
		self.ask(at, |api, at| api.session_key(at, kind, key))
	}
}
