//! What no account may call, however the call is wrapped: batches, proxies and multisigs filter
//! what they carry one by one. The Root origin is not filtered.
//!
//! Safe mode and pauses of single calls stop all but what `governance::safety` lists.

use frame_support::traits::Contains;

use crate::{RuntimeCall, SafeMode, TxPause, governance::agendas::may_be_enacted};

/// The filter of all calls.
pub struct CallFilter;

impl Contains<RuntimeCall> for CallFilter {
	fn contains(call: &RuntimeCall) -> bool {
		match call {
			// `Validators.leave` takes its place, which asks who calls.
			RuntimeCall::Session(pallet_session::Call::purge_keys {}) => false,
			// It burns past the books: who wants GRM to be gone can buy credits.
			RuntimeCall::Balances(pallet_balances::Call::burn { .. }) => false,
			// It pays past the meter on what leaves the treasury: `spend` does not.
			RuntimeCall::Treasury(pallet_treasury::Call::spend_local { .. }) => false,
			// It takes of what the receiver may have voted with: unvested GRM does not vote.
			RuntimeCall::Vesting(pallet_vesting::Call::vested_transfer { .. }) => false,
			// The scheduler would never make the call: better no one votes for it.
			RuntimeCall::Referenda(pallet_referenda::Call::submit { proposal, .. })
			| RuntimeCall::FellowshipReferenda(pallet_referenda::Call::submit {
				proposal, ..
			}) if !may_be_enacted(proposal) => false,
			_ => SafeMode::contains(call) && TxPause::contains(call),
		}
	}
}
