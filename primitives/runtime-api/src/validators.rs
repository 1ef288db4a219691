//! Eras and validators.

use codec::Codec;
use groma_core::{
	EraIndex,
	api::{EraInfo, EraSetInfo, KeyKind, OffenceId, SessionKeyInfo, SlashPage, ValidatorInfo},
	words::SessionKey,
};

sp_api::decl_runtime_apis! {
	/// Eras, their sets, and those who validate.
	#[api_version(1)]
	pub trait ValidatorsApi<AccountId> where AccountId: Codec {
		/// The clock of eras, and what elections go by; `None` if the clock cannot be read.
		fn era() -> Option<EraInfo>;
		/// The set of an era, or of the active one, from a place on: `limit` members (1 to 256;
		/// other numbers count as the nearest). `None` if the era is forgotten or is not elected
		/// yet, or if its set or the clock cannot be read.
		fn validators(
			era: Option<EraIndex>,
			from: u32,
			limit: u32,
		) -> Option<EraSetInfo<AccountId>>;
		/// What there is to know of an account as a validator.
		fn validator(account: AccountId) -> ValidatorInfo<AccountId>;
		/// Slashes that wait or were cancelled, from the offence after `after` on, or from the
		/// first: of at most [`groma_core::protocol::PAGE_LENGTH_MAX`] offences, in no particular
		/// order. Of those some may have been paid, so that a page can have fewer slashes.
		fn pending_slashes(after: Option<OffenceId<AccountId>>) -> SlashPage<AccountId>;
		/// Whose a session key of a validator is, and was; `None` if something that says so cannot
		/// be read.
		fn session_key(kind: KeyKind, key: SessionKey) -> Option<SessionKeyInfo<AccountId>>;
	}
}
